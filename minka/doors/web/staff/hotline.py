"""The hotline console: verify the caller by the law's facts, stop the card, read out the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from minka.cards.card import Standing
from minka.desk import screen, wording
from minka.desk.act import Answer
from minka.desk.caller import FURTHER, CheckCaller, OpenFile, check_caller, open_file
from minka.desk.look import ApplicationView, PersonFile, file_of_person, receipted
from minka.desk.loss import ReportLoss, report_loss
from minka.desk.preview import loss_form, withdraw_form
from minka.desk.withdraw import WithdrawLoss, withdraw_loss
from minka.doors.office import office
from minka.doors.web.accounts import StaffRequest
from minka.doors.web.parts import Wrong
from minka.doors.web.staff import readout, shown
from minka.doors.web.staff.cases import Case, keep, open_case, the_case
from minka.doors.web.staff.forms import CallerForm, ReceiptForm
from minka.doors.web.staff.menu import Nav
from minka.doors.web.staff.who import Who, for_roles, fresh_key, language, page, said, say
from minka.kit.clock import china_text
from minka.law.papers import NOTHING

CHANNEL = "hotline"
HOME = "/staff/hotline/"
AGENTS = ("hotline_agent",)
NAV = (Nav(label=gettext_lazy("当前来电"), url=HOME, roles=AGENTS),)
STANDING = ("loss.already_lost", "loss.already_formal")


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*AGENTS)
def console(request: StaffRequest, who: Who) -> HttpResponse:
    """One screen for a call: facts on the left, the card in the middle, its story on the right."""
    asked = loss_form(office(), who.region, CHANNEL)
    if asked is None:
        ways = [said("channel", kind) for kind in who.law().channels()]
        return page(request, who, "hotline/none", {"ways": ways})
    if request.method != "POST":
        return draw(request, who, {"form": CallerForm(asked.facts, asked.reasons)})
    form = CallerForm(asked.facts, asked.reasons, request.POST)
    if not form.is_valid():
        return draw(request, who, {"form": form}, status=422)
    if request.POST.get("do") in ("report", "stop_first"):
        return _report(request, who, form)
    return _check(request, who, form)


def _check(request: StaffRequest, who: Who, form: CallerForm) -> HttpResponse:
    """Compare what the caller says; only then is the file shown and the button alive."""
    stated = form.stated()
    command = CheckCaller(who.region, CHANNEL, form.number(), stated)
    caller = str(form.cleaned_data.get("phone") or "")
    answer = check_caller(office(), who.request(caller=caller), command)
    marks: Mapping[str, str] = answer.facts.get("facts", {})
    if not answer.accepted:
        wrong = [Wrong(message=answer.say(language()), field_id="id_id_number")]
        return draw(request, who, {"form": form, "marks": marks, "wrong_list": wrong}, status=422)
    case = _opened(request, int(answer.facts["person"]), marks)
    return draw(request, who, {"form": form, "marks": marks, "case": case})


def _opened(request: StaffRequest, person_id: int, marks: Mapping[str, str]) -> Case:
    matched = tuple(name for name, mark in marks.items() if mark == "matched")
    differs = tuple(name for name, mark in marks.items() if mark == "differs")
    return open_case(request, person_id, "number", matched=matched, differs=differs)


def _report(request: StaffRequest, who: Who, form: CallerForm) -> HttpResponse:
    """Stop the card; the desk verifies the facts of the rule itself, whatever the screen showed."""
    asked = loss_form(office(), who.region, CHANNEL)
    assert asked is not None, "a region with a hotline has its rule"
    reason = str(form.cleaned_data.get("reason") or asked.reasons[0])
    stated = {k: v for k, v in form.stated().items() if k not in FURTHER or k in asked.facts}
    command = ReportLoss(who.region, CHANNEL, form.number(), stated, reason=reason)
    key = str(request.POST.get("key") or "") or fresh_key(who.role)
    caller = str(form.cleaned_data.get("phone") or "")
    answer = report_loss(office(), who.request(key, caller=caller), command)
    code = str(answer.facts.get("receipt") or "")
    found = receipted(office(), code) if code else None
    if answer.accepted and found is not None:
        marks = dict.fromkeys(asked.facts, "matched")
        case = _opened(request, found.file.person.person_id, marks)
        return _to_case(request, keep_receipt(request, case, code))
    return _not_taken(request, who, form, answer)


def _not_taken(request: StaffRequest, who: Who, form: CallerForm, answer: Answer) -> HttpResponse:
    """A refusal; where a report stands already, its case is opened instead of a second one."""
    wrong = [Wrong(message=answer.say(language()))]
    context: dict[str, Any] = {"form": form, "wrong_list": wrong}
    found = receipted(office(), str(answer.facts.get("receipt") or ""))
    if answer.code in STANDING and found is not None:
        case = open_case(request, found.file.person.person_id, "receipt", receipt=found.code)
        context["case"] = case
    return draw(request, who, context, status=422)


def keep_receipt(request: StaffRequest, case: Case, code: str) -> Case:
    """Remember what was made in a case."""
    return keep(request, replace(case, receipt=code))


def _to_case(request: StaffRequest, case: Case) -> HttpResponse:
    return HttpResponseRedirect(f"{HOME}{case.handle}/")


@require_safe
@for_roles(*AGENTS)
def show(request: StaffRequest, who: Who, handle: str) -> HttpResponse:
    """A case that was opened in this session, after a report or by its receipt."""
    return draw(request, who, {"case": the_case(request, handle)})


@require_POST
@for_roles(*AGENTS)
def by_receipt(request: StaffRequest, who: Who) -> HttpResponse:
    """A question about a report or an application: its number opens the case, masked."""
    form = ReceiptForm(request.POST, prefix="status")
    if form.is_valid():
        found = receipted(office(), str(form.cleaned_data["receipt"]))
        if found is not None and found.file.person.region == who.region:
            person_id = found.file.person.person_id
            open_file(office(), who.request(), OpenFile(who.region, found.file.person.number))
            return _to_case(request, open_case(request, person_id, "receipt", receipt=found.code))
        form.add_error("receipt", _("没有查到这个编号。请核对后再试。"))
    asked = loss_form(office(), who.region, CHANNEL)
    facts, reasons = (asked.facts, asked.reasons) if asked else ((), ())
    wrong = [Wrong(message=str(e), field_id="id_status-receipt") for e in form.errors["receipt"]]
    context = {"form": CallerForm(facts, reasons), "status_form": form, "wrong_list": wrong}
    return draw(request, who, context, status=422)


@require_POST
@for_roles(*AGENTS)
def withdraw(request: StaffRequest, who: Who, handle: str) -> HttpResponse:
    """The caller found the card: done where the rule takes it by telephone, else sent on."""
    case = the_case(request, handle)
    file = file_of_person(office(), case.person_id)
    if file is None or case.by != "number":
        wrong = [Wrong(message=_("请先核对来电人的信息，再办理。"))]
        return draw(request, who, {"case": case, "wrong_list": wrong}, status=422)
    key = str(request.POST.get("key") or "") or fresh_key(who.role)
    command = WithdrawLoss(who.region, CHANNEL, file.person.number)
    answer = withdraw_loss(office(), who.request(key), command)
    if answer.accepted:
        return _to_case(request, keep_receipt(request, case, str(answer.facts["receipt"])))
    wrong = [Wrong(message=answer.say(language()))]
    context = {"case": case, "wrong_list": wrong, "routes": routes(who)}
    return draw(request, who, context, status=422)


@require_safe
@for_roles(*AGENTS)
def story(request: StaffRequest, who: Who, handle: str) -> HttpResponse:
    """The timeline and both stops as they stand now, for the screen to fetch while one waits."""
    case = the_case(request, handle)
    return page(request, who, "hotline/story", _of_the_file(who, case))


def draw(
    request: StaffRequest, who: Who, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """The console, whole or the part that changes."""
    case: Case | None = context.get("case")
    entry = who.law().loss(channel=CHANNEL)
    whole = {
        "marks": {},
        "status_form": ReceiptForm(prefix="status"),
        "opening": readout.opening(who.law(), entry) if entry else [],
        "key": fresh_key(who.role),
        **(_of_the_file(who, case) if case else {}),
        **context,
    }
    whole["asked"] = _asked(whole)
    part = request.headers.get("HX-Request") == "true"
    response = page(request, who, "hotline/part" if part else "hotline/console", whole)
    response.status_code = status
    if part and case and status == 200:
        response.headers["HX-Push-Url"] = f"{HOME}{case.handle}/" if case.receipt else HOME
    return response


def _asked(context: Mapping[str, Any]) -> list[tuple[Any, str, str]]:
    """Each field of the caller's form with what the register says of it: kind, mark."""
    form = context.get("form")
    if not isinstance(form, CallerForm):
        return []
    marks = context["marks"]
    kinds = dict.fromkeys(form.required, "rule") | {"reason": "rule"}
    return [(field, kinds.get(field.name, "more"), marks.get(field.name, "")) for field in form]


def _of_the_file(who: Who, case: Case) -> dict[str, Any]:
    """Everything the middle and right columns show of a case."""
    file = file_of_person(office(), case.person_id)
    assert file is not None, "an opened case is about a registered person"
    view = file.in_hand()
    found = receipted(office(), case.receipt) if case.receipt else None
    known: dict[str, Any] = {
        "case": case,
        "file": file,
        "view": view,
        "facts": shown.facts(file),
        "lines": shown.lines(file),
        "pending": shown.is_pending(file),
        "offers": offers(who, file),
        "found": found if found and found.report else None,
        "application": found.application if found else None,
        "closing": readout.closing(who.law(), found) if found else [],
    }
    if found and found.application:
        known |= _of_the_application(found.application)
    return known | (_of_the_card(who, file) if view else {})


def _of_the_application(application: ApplicationView) -> dict[str, Any]:
    place = screen.place_name(office(), application.collect_at, language())
    return {
        "progress_name": say(application.plain.name),
        "progress_sentence": say(application.plain.sentence),
        "collect_place": place,
        "promised_day": china_text(application.promised_at)[:10] if application.promised_at else "",
    }


def _of_the_card(who: Who, file: PersonFile) -> dict[str, Any]:
    view, asked = file.in_hand(), loss_form(office(), who.region, CHANNEL)
    assert view is not None, "asked only with a card in hand"
    beside = screen.beside(office(), view.card, file.at)
    lost = view.standing in (Standing.PROVISIONAL_LOSS, Standing.FORMAL_LOSS)
    return {
        "stops": shown.stops(view),
        "panel": shown.status(view),
        "uses": shown.uses(beside),
        "beside": beside,
        "repeated": beside.next_is_suspicious,
        "consequences": readout.consequences(asked, view, beside.bank) if asked else [],
        "withdrawable": view.standing is Standing.PROVISIONAL_LOSS,
        "stoppable": not lost and view.standing is not Standing.CANCELLED,
        "standing_tag": say(view.plain.name),
        "standing_tone": shown.TONES.get(view.standing, ""),
    }


def offers(who: Who, file: PersonFile) -> list[shown.Offer]:
    """Which acts the law opens by telephone, which elsewhere, and why the others are closed."""
    closed, names, law = shown.reasons(file), shown.act_names(), who.law()
    formal = law.loss(channel="counter", force="formal")
    replace, back = law.replace(), withdraw_form(office(), who.region)
    ways = {
        "report_formal": formal.value("place") if formal else None,
        "apply": replace.value("place") if replace else None,
        "withdraw": back.places if back else None,
    }
    here = {"report_provisional": "here" if law.loss(channel=CHANNEL) else "elsewhere"}
    if back is not None and CHANNEL in back.channels and back.papers == NOTHING:
        here["withdraw"] = "here"
    found = []
    running = ("collect",) if file.running() else ()
    for act in ("report_provisional", "report_formal", "withdraw", "apply", *running):
        if act in closed:
            found.append(shown.Offer(label=names[act], state="closed", why=closed[act]))
            continue
        places = ways.get(act)
        where = "、".join(said("place", kind) for kind in places.kinds) if places else ""
        state = here.get(act, "elsewhere")
        found.append(shown.Offer(label=names[act], state=state, why=where))
    return found


def routes(who: Who) -> dict[str, Any]:
    """Where a report is taken back, with what, and the nearest such places."""
    terms = withdraw_form(office(), who.region)
    if terms is None:
        return {}
    kinds = terms.places.kinds if terms.places else ()
    return {
        "papers": say(wording.papers(terms.papers)),
        "places": [
            {"shown": each.say(language()), "place": each}
            for each in screen.places(office(), who.region, kinds)
        ],
    }


urlpatterns = [
    path("hotline/", console, name="hotline"),
    path("hotline/receipt/", by_receipt, name="hotline_receipt"),
    path("hotline/<str:handle>/", show, name="hotline_case"),
    path("hotline/<str:handle>/withdraw/", withdraw, name="hotline_withdraw"),
    path("hotline/<str:handle>/story/", story, name="hotline_story"),
]
