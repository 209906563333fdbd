"""The counter desk: the queue, the visitor's case in the middle, and the paper beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from minka.cards.card import Status
from minka.desk import screen
from minka.desk.act import Answer
from minka.desk.caller import OpenFile, open_file
from minka.desk.collect import AdvanceCard, PayFee, advance_card, pay_fee
from minka.desk.look import PersonFile, file_of_person, receipted
from minka.desk.photo import photo_on_file
from minka.desk.queue import HALLS, CallNext, call_next, ticket_name, waiting_at
from minka.desk.reveal import Reveal, reveal
from minka.doors.office import office
from minka.doors.papers.press import press
from minka.doors.web.accounts import StaffRequest
from minka.doors.web.parts import Wrong
from minka.doors.web.staff import preview, shown
from minka.doors.web.staff.cases import Case, keep, open_case, the_case
from minka.doors.web.staff.deed_words import titles
from minka.doors.web.staff.deeds import OFFERED, Deed, deeds
from minka.doors.web.staff.forms import NumberForm, ReceiptForm
from minka.doors.web.staff.menu import Nav
from minka.doors.web.staff.who import Who, for_roles, fresh_key, language, page, say
from minka.kit.clock import china_text
from minka.kit.fen import yuan
from minka.kit.secret import Clear

HOME = "/staff/counter/"
CLERKS = ("counter_clerk",)
NAV = (Nav(label=gettext_lazy("窗口"), url=HOME, roles=CLERKS),)
MEANS = (
    ("cash", gettext_lazy("现金")),
    ("qr", gettext_lazy("扫码")),
    ("card", gettext_lazy("刷卡")),
)
FIRST = ("lose", "employer", "collect", "activate", "withdraw", "replace", "pre")
"""Acts that a visitor most likely came for, offered with a key of their own."""


@require_safe
@for_roles(*CLERKS)
def home(request: StaffRequest, who: Who) -> HttpResponse:
    """Nobody's case is open: read a card, scan a slip, or call the next visitor."""
    return _home(request, who)


def _home(request: StaffRequest, who: Who, **context: Any) -> HttpResponse:
    whole = {
        "form_number": NumberForm(prefix="n"),
        "form_receipt": ReceiptForm(prefix="r"),
        **beside(who),
        **context,
    }
    return page(request, who, "counter/home", whole, status=422 if "wrong_list" in context else 200)


def beside(who: Who) -> dict[str, Any]:
    """The left column: who waits in the hall, which cards wait here, what waits for a word."""
    ready = screen.at_place(office(), who.place_id, (Status.READY,))
    waits = screen.unconfirmed(office(), who.region, who.role)
    hall = waiting_at(office(), who.place_id) if who.place_kind in HALLS else None
    return {
        "ready": ready,
        "unconfirmed": waits,
        "hall": hall,
        "hall_minutes": hall.longest_wait_s // 60 if hall else 0,
        "key": fresh_key("q"),
    }


@require_POST
@for_roles(*CLERKS)
def find(request: StaffRequest, who: Who) -> HttpResponse:
    """Open a case by the number that was read, or by a receipt or slip that was scanned."""
    if "r-receipt" in request.POST:
        return _by_receipt(request, who)
    form = NumberForm(request.POST, prefix="n")
    if not form.is_valid():
        return _home(request, who, form_number=form, wrong_list=_wrongs(form))
    number = Clear(str(form.cleaned_data["id_number"]))
    answer = open_file(office(), who.request(), OpenFile(who.region, number))
    if not answer.accepted:
        wrong = [Wrong(message=answer.say(language()), field_id="id_n-id_number")]
        return _home(request, who, form_number=form, wrong_list=wrong)
    return to_case(open_case(request, int(answer.facts["person"]), "number"))


def _by_receipt(request: StaffRequest, who: Who) -> HttpResponse:
    form = ReceiptForm(request.POST, prefix="r")
    if not form.is_valid():
        return _home(request, who, form_receipt=form, wrong_list=_wrongs(form))
    found = receipted(office(), str(form.cleaned_data["receipt"]))
    if found is None or found.file.person.region != who.region or found.kind == "document":
        sentence = _("没有查到这个编号。请核对，或读证件查询。")
        wrong = [Wrong(message=sentence, field_id="id_r-receipt")]
        return _home(request, who, form_receipt=form, wrong_list=wrong)
    person_id = found.file.person.person_id
    open_file(office(), who.request(), OpenFile(who.region, found.file.person.number))
    case = open_case(request, person_id, "receipt", receipt=found.code)
    slip = found.kind == "slip" and found.application is not None
    collectable = slip and found.application and found.application.status is Status.READY
    return HttpResponseRedirect(f"{HOME}{case.handle}/collect/") if collectable else to_case(case)


def _wrongs(form: Any) -> list[Wrong]:
    return [
        Wrong(message=str(message), field_id=field.auto_id)
        for field in form
        for message in field.errors
    ]


@require_POST
@for_roles(*CLERKS)
def call(request: StaffRequest, who: Who) -> HttpResponse:
    """Call the next ticket; if it was taken with an identity card, the visitor's case opens."""
    key = str(request.POST.get("key") or "") or fresh_key("q")
    answer = call_next(office(), who.request(key), CallNext(who.place_id))
    if not answer.accepted:
        return _home(request, who, wrong_list=[Wrong(message=answer.say(language()))])
    ticket = ticket_name(str(answer.facts["business"]), int(answer.facts["number"]))
    messages.success(request, _("已叫号：%s") % ticket)
    person_id = int(answer.facts["person_id"])
    file = file_of_person(office(), person_id) if person_id else None
    if file is None or file.person.region != who.region:
        return HttpResponseRedirect(HOME)
    return to_case(open_case(request, person_id, "ticket", ticket=ticket))


def to_case(case: Case) -> HttpResponse:
    """To the overview of a case."""
    return HttpResponseRedirect(f"{HOME}{case.handle}/")


@require_safe
@for_roles(*CLERKS)
def show(request: StaffRequest, who: Who, handle: str) -> HttpResponse:
    """The visitor's case: person, card, acts, the running replacement, and its papers."""
    return overview(request, who, the_case(request, handle))


def overview(
    request: StaffRequest, who: Who, case: Case, *, wrong: Answer | None = None
) -> HttpResponse:
    """The case as it stands, with a refusal on top if there is one."""
    file = the_file(case)
    named = titles()
    offered = [(deed, why, named[deed.code]) for deed, why in open_deeds(who, file)]
    context = {
        **of_the_case(who, case, file),
        "deeds": offered,
        "closed": _closed(offered),
        "first_open": next((d.code for d, why, _t in offered if not why and d.code in FIRST), ""),
        "drawn": _papers(request, who, case, file),
        "wrong_list": [Wrong(message=wrong.say(language()))] if wrong else [],
    }
    return page(request, who, "counter/case", context, status=422 if wrong else 200)


def _closed(offered: list[tuple[Deed, str, str]]) -> dict[str, str]:
    """The names of the acts that are closed now, under the sentence that says why."""
    found: dict[str, str] = {}
    for _deed, why, title in offered:
        if why:
            found[why] = "、".join((found[why], title)) if why in found else title
    return found


def _papers(request: StaffRequest, who: Who, case: Case, file: PersonFile) -> list[preview.Drawn]:
    """What can be printed in this case: of the present act first, then of the running one."""
    codes = dict.fromkeys((case.receipt, *case.also, _latest(file)))
    drawn = [each for code in codes for each in preview.after(request, who, code)]
    return list({(each.kind, each.sheet.number): each for each in drawn}.values())


def the_file(case: Case) -> PersonFile:
    """The file of a case."""
    file = file_of_person(office(), case.person_id)
    if file is None:
        raise Http404
    return file


def _latest(file: PersonFile) -> str:
    running = file.running()
    return running.receipt if running else ""


def of_the_case(who: Who, case: Case, file: PersonFile) -> dict[str, Any]:
    """What every page of a case shows: bar, masked facts, standing, the running replacement."""
    view, running = file.in_hand(), file.running()
    found: dict[str, Any] = {
        **beside(who),
        "case": case,
        "file": file,
        "view": view,
        "facts": shown.facts(file),
        "running": running,
        "means": MEANS,
        "key": fresh_key("c"),
    }
    if view is not None:
        found |= {
            "stops": shown.stops(view),
            "panel": shown.status(view),
            "standing_tag": say(view.plain.name),
            "standing_tone": shown.TONES.get(view.standing, ""),
        }
    if running is not None:
        here = running.collect_at == who.place_id
        spot = screen.made_here(office(), case.person_id, running.application_id)
        found |= {
            "steps": shown.ladder(running),
            "fee": yuan(running.fee_fen),
            "promised_day": china_text(running.promised_at)[:10] if running.promised_at else "",
            "collect_place": screen.place_name(office(), running.collect_at, language()),
            "make": "instant" if spot and running.status is Status.ORDERED and here else "",
            "stock": running.status is Status.MADE and here,
        }
    return found


def open_deeds(who: Who, file: PersonFile) -> list[tuple[Deed, str]]:
    """Each act the law knows here, with the sentence of why it is closed now, if it is."""
    closed = shown.reasons(file)
    found = []
    for code, deed in deeds(who, file).items():
        why = closed.get(OFFERED[code], "")
        if code == "lose":
            why = why or closed.get("apply", "")
        found.append((deed, why))
    return found


@require_POST
@for_roles(*CLERKS)
def pay(request: StaffRequest, who: Who, handle: str) -> HttpResponse:
    """Take the fee of the running replacement, once."""
    case, means = the_case(request, handle), str(request.POST.get("means", ""))
    receipt = str(request.POST.get("receipt", ""))
    if means not in dict(MEANS) or receipt not in receipts(case):
        raise Http404
    answer = pay_fee(office(), who.request(_key(request)), PayFee(receipt, means))
    return done(request, who, case, answer, sentence=_("已收费，收据 %(fee_receipt)s"))


@require_POST
@for_roles(*CLERKS)
def make(request: StaffRequest, who: Who, handle: str) -> HttpResponse:
    """A card made at this counter, or booked in as it arrives."""
    case, receipt = the_case(request, handle), str(request.POST.get("receipt", ""))
    move = str(request.POST.get("move", ""))
    running = the_file(case).running()
    here = running is not None and running.collect_at == who.place_id
    if move not in ("instant", "stock") or receipt not in receipts(case) or not here:
        raise Http404
    answer = advance_card(office(), who.request(_key(request)), AdvanceCard(receipt, move))
    return done(request, who, case, answer, sentence=_("新卡已到，可以领取"))


def receipts(case: Case) -> set[str]:
    """The receipts of a person's applications; nothing else is paid or made in his case."""
    return {each.receipt for each in the_file(case).applications}


def _key(request: StaffRequest) -> str:
    return str(request.POST.get("key") or "") or fresh_key("c")


def done(
    request: StaffRequest, who: Who, case: Case, answer: Answer, *, sentence: str
) -> HttpResponse:
    """Back to the case with what was done; a refusal is shown where the case is."""
    if not answer.accepted:
        return overview(request, who, case, wrong=answer)
    code = receipt_of(answer.facts)
    messages.success(request, sentence % answer.facts if "%(" in sentence else sentence)
    also = (code_of_loss,) if (code_of_loss := _loss_of(answer.facts)) else ()
    return to_case(keep(request, replace(case, receipt=code or case.receipt, also=also)))


def receipt_of(facts: Mapping[str, Any]) -> str:
    """The receipt to show after an act; of two, the replacement's."""
    inner = facts.get("replacement")
    return str((inner if isinstance(inner, Mapping) else facts).get("receipt") or "")


def _loss_of(facts: Mapping[str, Any]) -> str:
    inner = facts.get("loss")
    return str(inner.get("receipt") or "") if isinstance(inner, Mapping) else ""


@require_safe
@for_roles(*CLERKS)
def photo(request: StaffRequest, who: Who, handle: str) -> HttpResponse:
    """The photo on file, to compare with the visitor; each look is on record."""
    case = the_case(request, handle)
    answer = reveal(office(), who.request(), Reveal(case.person_id, "photo", "handover"))
    image = photo_on_file(office(), case.person_id) if answer.accepted else b""
    if not image:
        raise Http404
    kind = "image/png" if image.startswith(b"\x89PNG") else "image/jpeg"
    return HttpResponse(image, content_type=kind)


@require_safe
@for_roles(*CLERKS)
def pdf(request: StaffRequest, who: Who, *, handle: str, kind: str, code: str) -> HttpResponse:
    """One paper of a receipt of this case; it bears the name, so the look is on record."""
    case = the_case(request, handle)
    found = receipted(office(), code)
    if found is None or found.file.person.person_id != case.person_id:
        raise Http404
    entitled = preview.PAPERS.get(kind)
    if entitled is None or not entitled(found):
        raise Http404
    reveal(office(), who.request(), Reveal(case.person_id, "name", "paper"))
    return printed(preview.sheet_of(request, who, found, kind), f"{found.code}-{kind}")


def printed(sheet: Any, name: str) -> HttpResponse:
    """A sheet as PDF, shown in the browser."""
    response = HttpResponse(press(sheet), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response


urlpatterns = [
    path("counter/", home, name="counter"),
    path("counter/find/", find, name="counter_find"),
    path("counter/call/", call, name="counter_call"),
    path("counter/<str:handle>/", show, name="counter_case"),
    path("counter/<str:handle>/pay/", pay, name="counter_pay"),
    path("counter/<str:handle>/make/", make, name="counter_make"),
    path("counter/<str:handle>/photo/", photo, name="counter_photo"),
    path("counter/<str:handle>/pdf/<slug:kind>/<str:code>/", pdf, name="counter_pdf"),
]
