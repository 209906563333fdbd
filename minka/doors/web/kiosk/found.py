"""I found it, or I need a new one: done here where the rule allows, else where, with what, when."""

from __future__ import annotations

import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from minka.desk import wording
from minka.desk.act import Request
from minka.desk.preview import ReplaceForm, replace_form, withdraw_form
from minka.desk.withdraw import WithdrawLoss, withdraw_loss
from minka.doors.office import office
from minka.doors.papers import sheets
from minka.doors.papers.press import Sheet
from minka.doors.web.citizen.city import day_text, said, say
from minka.doors.web.citizen.lost import language
from minka.doors.web.kiosk import reader
from minka.doors.web.kiosk.lost import own, tap
from minka.doors.web.kiosk.terminal import Stand, at_terminal, page
from minka.doors.web.printed import as_pdf, letterhead
from minka.kit.fen import yuan
from minka.kit.secret import Clear
from minka.loss.terms import WithdrawTerms

KEY = "found_key"


@at_terminal
@require_http_methods(["GET", "HEAD", "POST"])
def found_it(request: HttpRequest, stand: Stand) -> HttpResponse:
    """Withdraw a report: where and with what; at the terminal only by a rule that says so."""
    terms = withdraw_form(office(), stand.region, "kiosk")
    if terms is None or "kiosk" not in terms.channels:
        return page(request, stand, "found", _where(terms))
    if request.method != "POST":
        return tap(request, stand)
    reading = reader.take(request, stand)
    file = reader.person(stand, reading) if reading else None
    if reading is None or file is None:
        wrong = _("没有查到这个人在本市的卡。请核对证件，或呼叫工作人员。")
        return tap(request, stand, wrong=wrong)
    reader.keep(request, reading)
    request.session[KEY] = f"kiosk-{secrets.token_urlsafe(18)}"
    return HttpResponseRedirect("/kiosk/found/card/")


def _where(terms: WithdrawTerms | None) -> dict[str, Any]:
    if terms is None:
        return {"terms": None}
    places = terms.places.kinds if terms.places else ()
    return {
        "terms": terms,
        "places": [said("place", kind) for kind in places],
        "channels": [said("channel", kind) for kind in terms.channels],
        "papers": [say(each["words"]) for each in wording.items(terms.papers)],
    }


@at_terminal
@require_http_methods(["GET", "HEAD", "POST"])
def card(request: HttpRequest, stand: Stand) -> HttpResponse:
    """The found card is put into the reader; what is read from it decides."""
    reading, key = reader.kept(request), request.session.get(KEY)
    file = reader.person(stand, reading) if reading else None
    view = file.in_hand() if file else None
    if reading is None or not key or file is None or view is None:
        return HttpResponseRedirect("/kiosk/found/")
    demo = view.card.card_number if reader.demo_readers() else ""
    if request.method != "POST":
        return page(request, stand, "found_card", {"number_mask": view.number_mask, "demo": demo})
    read = demo if request.POST.get("demo") else request.POST.get("card", "").strip()
    command = WithdrawLoss(
        region=stand.region,
        channel="kiosk",
        number=Clear(reading.number),
        place_id=stand.terminal.place_id,
        papers=reading.papers(),
        found_card_number=read,
    )
    kiosk = stand.terminal.kiosk_id
    asked = Request(key=key, origin="kiosk", actor=kiosk, caller=Clear(kiosk))
    answer = withdraw_loss(office(), asked, command)
    request.session[KEY] = f"kiosk-{secrets.token_urlsafe(18)}"
    if not answer.accepted:
        return page(request, stand, "refused", {"why": answer.say(language(request))}, status=422)
    own(request, answer.facts["receipt"])
    return HttpResponseRedirect(f"/kiosk/slip/{answer.facts['receipt']}/?new=1")


@at_terminal
@require_safe
def replace(request: HttpRequest, stand: Stand) -> HttpResponse:
    """A new card: made at counters, so this says where, with what, by when and at what price."""
    form = replacement_here(stand)
    if form is None:
        return page(request, stand, "replace", {"form": None})
    places = form.terms.places.kinds if form.terms.places else ()
    shown = {
        "form": form,
        "places": [said("place", kind) for kind in places],
        "papers": _papers(form),
        "day": day_text(form.promised_at) if form.promised_at else "",
        "on_the_spot": "yes" if form.terms.on_the_spot() else "",
        "fee": yuan(form.fee_fen) if form.fee_fen else "",
        "here": "yes" if stand.terminal.kind in places else "",
    }
    return page(request, stand, "replace", shown)


def replacement_here(stand: Stand) -> ReplaceForm | None:
    """The form of a replacement where the terminal stands, else of any place in the city."""
    here = replace_form(office(), stand.region, place=stand.terminal.kind)
    return here or replace_form(office(), stand.region)


def _papers(form: ReplaceForm) -> list[str]:
    return [say(each["words"]) for each in wording.items(form.terms.papers)]


@at_terminal
@require_safe
def checklist(request: HttpRequest, stand: Stand) -> HttpResponse:
    """Everything to bring, on one sheet."""
    form = replacement_here(stand)
    if form is None:
        return HttpResponseRedirect("/kiosk/replace/")
    return as_pdf(_checklist(request, stand, form), "checklist")


def _checklist(request: HttpRequest, stand: Stand, form: ReplaceForm) -> Sheet:
    head = letterhead(request, stand.city.law)
    return sheets.one_time_notice(head, _("补卡要带的材料"), _papers(form), ())
