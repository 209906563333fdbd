"""The card's way to its place: the factory marks cards made, the place books them in."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from minka.cards.card import Status
from minka.cards.number import mask
from minka.cards.words import PROGRESS
from minka.desk.collect import AdvanceCard, advance_card
from minka.doors.office import office
from minka.doors.web.accounts import StaffRequest
from minka.doors.web.parts import Wrong
from minka.doors.web.staff.menu import Nav
from minka.doors.web.staff.who import Who, for_roles, fresh_key, language, page, say
from minka.kit.codes import read_code
from minka.store.connection import Row, rows

MAKERS = ("factory",)
POINTS = ("counter_clerk", "bank_clerk")
MOST_AT_ONCE = 500
NAV = (
    Nav(label=gettext_lazy("待制卡"), url="/staff/factory/", roles=MAKERS),
    Nav(label=gettext_lazy("新卡入库"), url="/staff/stock/", roles=POINTS),
)


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*MAKERS)
def factory(request: StaffRequest, who: Who) -> HttpResponse:
    """Cards to be made, the earliest promise first; ticked or scanned ones are marked made."""
    return _batch(request, who, _to_make, ("make", "/staff/factory/"))


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*POINTS)
def stock(request: StaffRequest, who: Who) -> HttpResponse:
    """Made cards that are meant for this place; ticked or scanned ones are booked in."""
    return _batch(request, who, _on_the_way, ("stock", "/staff/stock/"))


def _batch(
    request: StaffRequest, who: Who, listing: Callable[[Who], list[Row]], what: tuple[str, str]
) -> HttpResponse:
    move, home = what
    wrong: list[Wrong] = []
    if request.method == "POST":
        wrong = _advance(request, who, {each["receipt"] for each in listing(who)}, move)
        if not wrong:
            return HttpResponseRedirect(home)
    context = {
        "listed": [_shown(each) for each in listing(who)],
        "move": move,
        "key": fresh_key(who.role),
        "wrong_list": wrong,
        "has_place": bool(who.place_id) or move == "make",
    }
    return page(request, who, "factory/batch", context, status=422 if wrong else 200)


def _advance(request: StaffRequest, who: Who, mine: Collection[str], move: str) -> list[Wrong]:
    """Move each card that was chosen; every one stands for itself, and each failure is named."""
    chosen = [*request.POST.getlist("receipt"), *_scanned(request.POST.get("scanned", ""))]
    key = str(request.POST.get("key") or "") or fresh_key(who.role)
    wrong, done = [], 0
    for code in list(dict.fromkeys(chosen))[:MOST_AT_ONCE]:
        if code not in mine:
            wrong.append(Wrong(message=_("%s：不在这张清单上，没有办理。") % code))
            continue
        answer = advance_card(office(), who.request(f"{key}:{code}"), AdvanceCard(code, move))
        if answer.accepted:
            done += 1
        else:
            wrong.append(Wrong(message=f"{code}：{answer.say(language())}"))
    if done:
        messages.success(request, _("已办 %(n)s 张。") % {"n": done})
    return wrong if chosen else [Wrong(message=_("请勾选或扫描要办的卡。"))]


def _scanned(text: str) -> list[str]:
    """Codes from a scanner, one a line; an unreadable one is kept to be named in the answer."""
    words = [word for word in re.split(r"[\s,;，；]+", text) if word]
    return [read_code(word.rstrip("/").rpartition("/")[2]) or word[:40] for word in words]


def _to_make(who: Who) -> list[Row]:
    with office().register.act() as connection:
        statuses = [Status.ORDERED.value]
        found = rows(connection, "issue.to_make", regions=[who.region], statuses=statuses)
    return sorted(found, key=lambda each: (each["promised_at"] is None, each["promised_at"]))


def _on_the_way(who: Who) -> list[Row]:
    if not who.place_id:
        return []
    with office().register.act() as connection:
        place = {"place_id": who.place_id, "statuses": [Status.MADE.value]}
        return rows(connection, "issue.at_place", **place)


def _shown(found: Row) -> dict[str, Any]:
    return {
        "receipt": found["receipt"],
        "card": mask(found["card_number"]),
        "accepted_at": found["accepted_at"],
        "promised_at": found["promised_at"],
        "collect_at": found.get("collect_at", ""),
        "status": say(PROGRESS[Status(found["status"])].name),
    }


urlpatterns = [
    path("factory/", factory, name="staff_factory"),
    path("stock/", stock, name="staff_stock"),
]
