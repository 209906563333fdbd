"""Report a card lost at a terminal in four touches: tile, ID card, confirm, print."""

from __future__ import annotations

import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from minka.cards.card import AtLapse, Standing
from minka.desk.act import Request
from minka.desk.look import CardView, PersonFile, receipted
from minka.desk.loss import ReportLoss, report_loss
from minka.desk.preview import LossForm, loss_form
from minka.doors.office import office
from minka.doors.web.citizen.case import face, lines, panel
from minka.doors.web.citizen.city import said
from minka.doors.web.citizen.lost import language, ways
from minka.doors.web.kiosk import reader
from minka.doors.web.kiosk.reader import Reading
from minka.doors.web.kiosk.terminal import Stand, at_terminal, page
from minka.doors.web.parts import CardFace, Wrong
from minka.kit.clock import china_text
from minka.kit.identity import mask_number
from minka.kit.secret import Clear
from minka.loss.refusals import LossRefusal

KEY = "lost_key"
OWN = "own"
"""Receipts whose papers this visit may print."""


@at_terminal
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, stand: Stand) -> HttpResponse:
    """Tap the ID card; a terminal where the rule allows no report says so before it is tapped."""
    asked = loss_form(office(), stand.region, "kiosk")
    if asked is None:
        return page(request, stand, "no_way", {"ways": ways(stand.city)})
    barred = barrier(request, stand)
    if barred:
        return page(request, stand, "barred", barred)
    if request.method != "POST":
        return tap(request, stand, typed=reader.typable(asked))
    reading = reader.take(request, stand)
    if reading is None:
        return tap(request, stand, typed=reader.typable(asked), wrong=_unread())
    if reading.how != "read" and reader.typable(asked) != "yes":
        return page(request, stand, "needs_card", {"papers": asked.papers_words.say(_tag(request))})
    reader.keep(request, reading)
    request.session[KEY] = f"kiosk-{secrets.token_urlsafe(18)}"
    return HttpResponseRedirect("/kiosk/lost/check/")


def tap(
    request: HttpRequest,
    stand: Stand,
    *,
    typed: str = "",
    asks_receipt: str = "",
    wrong: str = "",
) -> HttpResponse:
    """The page that waits for an ID card."""
    shown: dict[str, Any] = {
        "cards": reader.demo_cards(stand),
        "asks_receipt": asks_receipt,
        "pad": typed or reader.demo_readers(),
        "wrong_list": [Wrong(message=wrong)] if wrong else [],
    }
    return page(request, stand, "tap", shown, status=422 if wrong else 200)


def holder(request: HttpRequest, stand: Stand) -> PersonFile | HttpResponse:
    """The file of whoever tapped his own ID card, or the page that waits for it.

    A number that was only typed opens nothing.
    """
    if request.method != "POST":
        return tap(request, stand)
    reading = reader.take(request, stand)
    file = reader.person(stand, reading) if reading else None
    wrong = _("没有读到本人的身份证。请刷身份证，或呼叫工作人员。")
    return file or tap(request, stand, wrong=wrong)


def barrier(request: HttpRequest, stand: Stand) -> dict[str, str]:
    """Why a terminal that stands here may take no report, with the rule's words; or nothing."""
    law, terminal = stand.city.law, stand.terminal
    kind, level = terminal.kind, terminal.hospital_class
    if law.loss(channel="kiosk", place=kind, place_class=level) is not None:
        return {}
    rule = law.loss(channel="kiosk", place=kind)
    if rule is None:
        places = "、".join(said("channel", kind) for kind in law.channels())
        return {"why": LossRefusal.NO_SUCH_CHANNEL.words.say(_tag(request), channels=places)}
    least = rule.value("place").class_min
    words = LossRefusal.KIOSK_CLASS.words
    why = words.say(_tag(request), class_min=least, hotline=stand.city.hotline)
    return {"why": why, "cite": rule.leaf("place").cite, "rule": rule.id}


@at_terminal
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, stand: Stand) -> HttpResponse:
    """Is it this card: masked, with what will happen and when; the last touch stops the card."""
    reading, key = reader.kept(request), request.session.get(KEY)
    asked = loss_form(office(), stand.region, "kiosk")
    if reading is None or not key or asked is None:
        return HttpResponseRedirect("/kiosk/lost/")
    if request.method == "POST":
        return _report(request, stand, reading, asked)
    file = reader.person(stand, reading)
    if file is None and reading.how == "read":
        return page(request, stand, "unknown", {"why": _unknown(request, stand)})
    view = file.in_hand() if file else None
    if view is not None and view.standing is not Standing.USABLE:
        return page(request, stand, "stopped", _of_stopped(request, stand, view))
    return page(request, stand, "check", _of_check(request, stand, asked, (reading, file, view)))


def _of_check(
    request: HttpRequest,
    stand: Stand,
    asked: LossForm,
    who: tuple[Reading, PersonFile | None, CardView | None],
) -> dict[str, Any]:
    reading, file, view = who
    return {
        "face": _face(stand, file, view),
        "number_mask": mask_number(reading.number),
        "reasons": [(reason, said("reason", reason)) for reason in asked.reasons],
        "points": consequences(asked, view),
    }


def consequences(asked: LossForm, view: CardView | None) -> list[str]:
    """What will follow, every instant computed."""
    points = [_("社保功能：确认后立即停用")]
    if view is None or view.card.bank_id:
        points.append(_("银行账户：同时通知银行止付"))
    if asked.lapses_at is not None:
        cancel = _("到 %(at)s 没有处理，卡会被注销")
        release = _("到 %(at)s 没有办正式挂失，卡恢复使用")
        pattern = cancel if asked.at_lapse is AtLapse.CANCEL else release
        points.append(pattern % {"at": china_text(asked.lapses_at)})
    return points


def _face(stand: Stand, file: PersonFile | None, view: CardView | None) -> CardFace | None:
    if file is None or view is None:
        return None
    drawn = face(view, stand.city)
    return CardFace(
        name=file.person.name_mask,
        number=drawn.number,
        city=drawn.city,
        stripe=drawn.stripe,
        tone=drawn.tone,
    )


def _of_stopped(request: HttpRequest, stand: Stand, view: CardView) -> dict[str, Any]:
    receipt = view.block.cause if view.block else ""
    own(request, receipt)
    return {"panel": panel(view, stand.city), "receipt": receipt}


def _report(request: HttpRequest, stand: Stand, reading: Reading, asked: LossForm) -> HttpResponse:
    reason = request.POST.get("reason", "")
    command = ReportLoss(
        region=stand.region,
        channel="kiosk",
        number=Clear(reading.number),
        stated=reading.stated(),
        reason=reason if reason in asked.reasons else asked.reasons[0],
        kiosk_id=stand.terminal.kiosk_id,
        papers=reading.papers(),
    )
    answer = report_loss(office(), _request(request, stand), command)
    request.session[KEY] = f"kiosk-{secrets.token_urlsafe(18)}"
    receipt = str(answer.facts.get("receipt", ""))
    own(request, receipt)
    if answer.accepted or answer.code in ("loss.already_lost", "loss.already_formal"):
        new = "?new=1" if answer.accepted else ""
        return HttpResponseRedirect(f"/kiosk/slip/{receipt}/{new}")
    shown = {"why": answer.say(_tag(request))}
    return page(request, stand, "refused", shown, status=422)


def _request(request: HttpRequest, stand: Stand) -> Request:
    kiosk = stand.terminal.kiosk_id
    return Request(key=request.session[KEY], origin="kiosk", actor=kiosk, caller=Clear(kiosk))


def own(request: HttpRequest, receipt: str) -> None:
    """Let this visit see and print the papers of a receipt."""
    if receipt:
        request.session[OWN] = [*request.session.get(OWN, []), receipt][-30:]


@at_terminal
@require_safe
def slip(request: HttpRequest, stand: Stand, code: str) -> HttpResponse:
    """The slip: number, both stops apart with their instants, and the way to print it."""
    found = receipted(office(), code) if code in request.session.get(OWN, []) else None
    if found is None or found.file.person.region != stand.region:
        return HttpResponseRedirect("/kiosk/")
    told = lines(found)
    pending = any(each.state == "pending" for each in told)
    shown = {"found": found, "lines": told, "pending": pending, "new": request.GET.get("new")}
    return page(request, stand, "slip", shown)


def _unknown(request: HttpRequest, stand: Stand) -> str:
    words = LossRefusal.NOT_VERIFIED.words
    return words.say(_tag(request), hotline=stand.city.hotline)


def _unread() -> str:
    return _("没有读到身份证。请把身份证平放在读卡区，再试一次。")


def _tag(request: HttpRequest) -> str:
    return language(request)
