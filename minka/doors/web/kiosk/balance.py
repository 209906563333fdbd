"""The balance at a terminal: the ID card is tapped, the figure stands there with its instant."""

from __future__ import annotations

import secrets

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from minka.desk.act import Request
from minka.desk.statement import ShowAccount, show_account
from minka.doors.office import office
from minka.doors.web import movements
from minka.doors.web.citizen.lost import language
from minka.doors.web.kiosk.lost import holder
from minka.doors.web.kiosk.terminal import Stand, at_terminal, page
from minka.kit.fen import yuan

MOST = 3
"""Movements that stand on the screen of a public place."""


@at_terminal
@require_http_methods(["GET", "HEAD", "POST"])
def balance(request: HttpRequest, stand: Stand) -> HttpResponse:
    """The holder's balance and the last movements; a typed number opens nothing (G4)."""
    file = holder(request, stand)
    if isinstance(file, HttpResponse):
        return file
    asked = Request(
        key=f"kiosk-{secrets.token_urlsafe(18)}", origin="kiosk", actor=stand.terminal.kiosk_id
    )
    command = ShowAccount(stand.region, person_id=file.person.person_id)
    seen = show_account(office(), asked, command)
    if not seen.accepted:
        return page(request, stand, "refused", {"why": seen.say(language(request))}, status=422)
    _form, days = movements.period({}, file.at)
    listed = movements.listed(file.person.person_id, days)[:MOST]
    context = {
        "person": file.person,
        "balance": yuan(seen.facts["balance_fen"]),
        "as_of": movements.instant_of(seen.facts["as_of"]),
        "lines": movements.lines(listed, str),
        "lends": seen.facts["has_bank"] == "yes",
    }
    return page(request, stand, "balance", context)
