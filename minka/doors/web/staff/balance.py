"""An account at a desk: asked by telephone (G3), at bank and office (G4), printed (G6).

The figure is shown only after the person was identified: by the caller's facts at the hotline, by
the ID card at a counter. Every look and every paper is on record, and the holder can see it.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from minka.desk.act import Answer
from minka.desk.dispute import OpenDispute, last_moment, open_dispute
from minka.desk.look import PersonFile, file_of_person
from minka.desk.rules import hotline_of
from minka.desk.serve import ServeVisitor, serve_visitor
from minka.desk.statement import (
    IssueStatement,
    ShowAccount,
    issue_statement,
    record_papers,
    record_rule,
    show_account,
)
from minka.doors.office import office
from minka.doors.web import movements
from minka.doors.web.accounts import StaffRequest
from minka.doors.web.parts import Wrong
from minka.doors.web.staff import banking, checklist
from minka.doors.web.staff.cases import Case, open_case, the_case
from minka.doors.web.staff.forms import NumberForm
from minka.doors.web.staff.menu import Nav
from minka.doors.web.staff.question_form import QuestionForm
from minka.doors.web.staff.who import Who, for_roles, fresh_key, language, page
from minka.kit.clock import china_text
from minka.kit.fen import yuan
from minka.kit.secret import Clear

HOME = "/staff/balance/"
COUNTERS = ("bank_clerk", "medical_staff", "counter_clerk")
SEERS = ("hotline_agent", *COUNTERS)
NAV = (Nav(label=gettext_lazy("余额与对账单"), url=HOME, roles=COUNTERS),)
IDENTIFIED = ("number", "ticket", "queue")
"""How a case must have been opened before money is named; a receipt's number is no proof."""
CHANNELS = {"hotline_agent": "hotline", "bank_clerk": "bank_counter"}
KINDS = ("pdf", "large")


class PapersForm(forms.Form):
    """The papers that the rule asks for before the record is printed (R5-07), as ticked."""

    def __init__(self, who: Who, data: Any = None) -> None:
        super().__init__(data)
        self.tree = record_papers(who.law())
        self.needs = checklist.needs(self.tree)
        for need in self.needs:
            self.fields |= checklist.fields(need)


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*COUNTERS)
def find(request: StaffRequest, who: Who) -> HttpResponse:
    """The visitor's ID card opens the account."""
    form = NumberForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        number = Clear(str(form.cleaned_data["id_number"]))
        asked = ServeVisitor(who.region, number, bank_id=who.bank_id)
        answer = serve_visitor(office(), who.request(), asked)
        if answer.accepted:
            case = open_case(request, int(answer.facts["person"]), "number")
            return HttpResponseRedirect(f"{HOME}{case.handle}/")
        form.add_error("id_number", answer.say(language()))
    status = 422 if form.is_bound else 200
    return page(request, who, "balance/find", {"form": form}, status=status)


@require_safe
@for_roles(*SEERS)
def show(request: StaffRequest, who: Who, handle: str) -> HttpResponse:
    """The figure with its instant, the movements, and what may be printed."""
    case, file = _identified(request, who, handle)
    return _show(request, who, case, file)


def _identified(request: StaffRequest, who: Who, handle: str) -> tuple[Case, PersonFile]:
    """The case and its person; one that was opened without identifying anyone does not exist."""
    case = the_case(request, handle)
    file = file_of_person(office(), case.person_id)
    served = file is not None and banking.is_served(who, file)
    if file is None or not served or case.by not in IDENTIFIED:
        raise Http404
    return case, file


def _show(
    request: StaffRequest,
    who: Who,
    case: Case,
    file: PersonFile,
    *,
    wrong: str = "",
    missing: list[str] | None = None,
) -> HttpResponse:
    command = ShowAccount(who.region, person_id=case.person_id)
    seen = show_account(office(), who.request(), command)
    form, days = movements.period(request.GET, file.at)
    listed = movements.listed(case.person_id, days) if seen.accepted else []
    rule, view = record_rule(who.law()), file.in_hand()
    context = {
        "case": case,
        "file": file,
        "form": form,
        "days": days,
        "seen": _figure(seen) if seen.accepted else None,
        "none": "" if seen.accepted else seen.say(language()),
        "table": movements.table(
            listed, lambda ref: reverse("staff_balance_use", args=[case.handle, ref])
        ),
        "printable": who.role in COUNTERS and seen.accepted,
        "papers": PapersForm(who),
        "missing": missing or [],
        "rule": rule.id if rule else "",
        "lends": bool(view and view.card.bank_id),
        "spoken": who.role == "hotline_agent",
        "back": _back(who, case),
        "key": fresh_key("b"),
        "wrong_list": [Wrong(message=wrong)] if wrong else [],
    }
    bad = bool(wrong) or bool(form.errors)
    return page(request, who, "balance/show", context, status=422 if bad else 200)


def _figure(seen: Answer) -> dict[str, str]:
    """The figure as it is shown and read out."""
    facts = seen.facts
    return {
        "balance": yuan(facts["balance_fen"]),
        "held": yuan(facts["held_fen"]) if facts["held_fen"] else "",
        "as_of": china_text(movements.instant_of(facts["as_of"])),
        "exact": facts["as_of"],
    }


def _back(who: Who, case: Case) -> str:
    """To the desk that the case was opened at."""
    desks = {"hotline_agent": "hotline", "bank_clerk": "bank", "counter_clerk": "counter"}
    desk = desks.get(who.role)
    return f"/staff/{desk}/{case.handle}/" if desk else HOME


@require_POST
@for_roles(*COUNTERS)
def statement(request: StaffRequest, who: Who, handle: str) -> HttpResponse:
    """Print the record, once the papers of the rule were seen (R5-07)."""
    case, file = _identified(request, who, handle)
    form, days = movements.period(request.POST, file.at)
    kind, papers = str(request.POST.get("kind", "")), PapersForm(who, request.POST)
    if kind not in KINDS or not papers.is_valid() or (form.is_bound and not form.is_valid()):
        return _show(request, who, case, file, wrong=_("请选择日期和要打印的样式。"))
    seen = checklist.shown(papers.needs, papers.cleaned_data)
    command = IssueStatement(
        region=who.region,
        since=days.since,
        until=days.until,
        channel=CHANNELS.get(who.role, "counter"),
        person_id=case.person_id,
        papers=seen,
    )
    key = f"{request.POST.get('key') or fresh_key('b')}:{kind}"
    answer = issue_statement(office(), who.request(key), command)
    if not answer.accepted:
        lacking = checklist.lacking(papers.tree, seen, ())[0]
        wrong = answer.say(language())
        return _show(request, who, case, file, wrong=wrong, missing=lacking)
    return movements.paper(request, who.law(), file, answer, kind=kind)


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*SEERS)
def use(request: StaffRequest, who: Who, handle: str, ref: str) -> HttpResponse:
    """One transaction, and the question about it that the holder asks here (G7, R5-08)."""
    case, file = _identified(request, who, handle)
    found = movements.use_of(case.person_id, ref, hotline_of(who.law()))
    if found is None:
        raise Http404
    form = QuestionForm(request.POST if request.method == "POST" else None)
    wrong, taken = "", None
    if form.is_valid():
        taken = _asked(request, who, (case, ref), form)
        wrong = "" if taken.accepted else taken.say(language())
    context = {
        "case": case,
        "file": file,
        "use": found,
        "form": form,
        "taken": taken if taken and taken.accepted else None,
        "promised": _promised(taken) if taken and taken.accepted else "",
        "back": f"{HOME}{handle}/",
        "key": fresh_key("q"),
        "wrong_list": [Wrong(message=wrong)] if wrong else [],
    }
    bad = bool(wrong) or bool(form.errors)
    return page(request, who, "balance/use", context, status=422 if bad else 200)


def _asked(request: StaffRequest, who: Who, about: tuple[Case, str], form: QuestionForm) -> Answer:
    case, ref = about
    given = form.cleaned_data
    command = OpenDispute(
        region=who.region,
        person_id=case.person_id,
        ref=ref,
        reason=given["reason"],
        words=Clear(given["words"]),
        channel=CHANNELS.get(who.role, "counter"),
    )
    key = str(request.POST.get("key") or "") or fresh_key("q")
    return open_dispute(office(), who.request(key), command)


def _promised(taken: Answer) -> str:
    """By when the holder has an answer, to be read out."""
    at = taken.facts["promise_at"]
    last = last_moment(movements.instant_of(at)) if at else None
    return china_text(last) if last else ""


urlpatterns = [
    path("balance/", find, name="staff_balance"),
    path("balance/<str:handle>/", show, name="staff_balance_show"),
    path("balance/<str:handle>/statement/", statement, name="staff_balance_statement"),
    path("balance/<str:handle>/use/<slug:ref>/", use, name="staff_balance_use"),
]
