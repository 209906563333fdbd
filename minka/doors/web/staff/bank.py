"""The bank's desk: the next visitor, a loss with its notice, a new card in the same visit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from minka.desk.act import Answer
from minka.desk.look import PersonFile, file_of_person, receipted
from minka.desk.queue import HALLS, CallNext, TakeTicket, call_next, take_ticket, waiting_at
from minka.desk.serve import ServeVisitor, serve_visitor
from minka.doors.office import office
from minka.doors.web.accounts import StaffRequest
from minka.doors.web.parts import Wrong
from minka.doors.web.printed import CASES, as_pdf, case_sheet
from minka.doors.web.staff import banking, shown
from minka.doors.web.staff.banking import BankForm, CollectForm, Visit
from minka.doors.web.staff.cases import Case, keep, open_case, the_case
from minka.doors.web.staff.forms import NumberForm
from minka.doors.web.staff.menu import Nav
from minka.doors.web.staff.who import Who, for_roles, fresh_key, language, page
from minka.kit.secret import Clear
from minka.store.models import Place

CLERKS = ("bank_clerk",)
HOME = "/staff/bank/"
NAV = (Nav(label=gettext_lazy("银行窗口"), url=HOME, roles=CLERKS),)


class HallForm(forms.Form):
    """Which hall's queue."""

    place_id = forms.ChoiceField(label=gettext_lazy("大厅"))

    def __init__(self, who: Who, data: Any = None) -> None:
        super().__init__(data)
        found = Place.objects.filter(region=who.region, bank_id=who.bank_id or None)
        own = [(p.place_id, p.name) for p in found if p.kind in HALLS and who.bank_id]
        own.sort(key=lambda place: place[0] != who.place_id)
        self.halls = own
        self.fields["place_id"] = forms.ChoiceField(label=_("大厅"), choices=own)


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*CLERKS)
def desk(request: StaffRequest, who: Who) -> HttpResponse:
    """The queue, the visitor's number, and the stops that wait for this bank."""
    if request.method != "POST":
        return _desk(request, who, NumberForm())
    form = NumberForm(request.POST)
    if not form.is_valid():
        return _desk(request, who, form, status=422)
    number = Clear(form.cleaned_data["id_number"])
    asked = ServeVisitor(who.region, number, bank_id=who.bank_id)
    answer = serve_visitor(office(), who.request(), asked)
    if not answer.accepted:
        form.add_error("id_number", answer.say(language()))
        return _desk(request, who, form, status=422)
    case = open_case(request, int(answer.facts["person"]), "number")
    return HttpResponseRedirect(f"{HOME}{case.handle}/")


def _desk(
    request: StaffRequest, who: Who, form: NumberForm, *, wrong: str = "", status: int = 200
) -> HttpResponse:
    halls = HallForm(who)
    queue = waiting_at(office(), halls.halls[0][0]) if halls.halls else None
    context = {
        "form": form,
        "halls": halls,
        "queue": queue,
        "stops": banking.stops_waiting(who),
        "wrong_list": [Wrong(message=wrong)] if wrong else [],
    }
    return page(request, who, "bank/desk", context, status=status)


@require_POST
@for_roles(*CLERKS)
def queue(request: StaffRequest, who: Who) -> HttpResponse:
    """Call the next visitor, or give a ticket; a ticket taken with an ID card opens its case."""
    halls = HallForm(who, request.POST)
    if not halls.is_valid():
        return _desk(request, who, NumberForm(), wrong=_("请选择大厅。"), status=422)
    place = halls.cleaned_data["place_id"]
    if request.POST.get("do") == "take":
        answer = take_ticket(office(), who.request(), TakeTicket(place))
        told = _("已发号：%s")
    else:
        answer = call_next(office(), who.request(), CallNext(place))
        told = _("已叫号：%s")
    if not answer.accepted:
        return _desk(request, who, NumberForm(), wrong=answer.say(language()), status=422)
    messages.success(request, told % answer.facts["ticket"])
    person_id = int(answer.facts.get("person_id") or 0)
    file = file_of_person(office(), person_id) if person_id else None
    if file is None or not banking.is_served(who, file):
        return HttpResponseRedirect(HOME)
    case = open_case(request, person_id, "ticket", ticket=str(answer.facts["ticket"]))
    return HttpResponseRedirect(f"{HOME}{case.handle}/")


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*CLERKS)
def visit(request: StaffRequest, who: Who, handle: str) -> HttpResponse:
    """One visitor: what stands, what the law lets this bank do, and its papers."""
    case, file = _opened(request, who, handle)
    found = banking.visit(who, file)
    sent = (request.POST, request.FILES) if request.POST.get("do") == "loss" else (None, None)
    form = BankForm(found, *sent)
    collecting = CollectForm(request.POST if request.POST.get("do") == "collect" else None)
    if request.method != "POST":
        return _visit(request, who, (case, file, found), (form, collecting))
    acts = {
        "loss": lambda: banking.lose(who, file, found, form),
        "notice": lambda: banking.issue_notice(who, file, found, _key(request, who)),
        "collect": lambda: banking.collect(who, file, collecting),
        "activate": lambda: banking.activate(who, file, _key(request, who)),
    }
    act = acts.get(str(request.POST.get("do")))
    if act is None:
        raise Http404
    answer = act()
    if answer is None or not answer.accepted:
        closed = _("这一步现在不能办。请看时间线和卡的状态。")
        told = answer.say(language()) if answer else "" if _faulty(form, collecting) else closed
        wrong = [Wrong(message=told)] if told else []
        missing = banking.missing(found, form) if answer else []
        return _visit(
            request, who, (case, file, found), (form, collecting), wrong=wrong, missing=missing
        )
    keep(request, replace(case, receipt=_receipt(answer)))
    messages.success(request, _("已办好。请打印单据交给持卡人。"))
    return HttpResponseRedirect(f"{HOME}{handle}/")


def _faulty(*bound: forms.Form) -> int:
    """One when a form itself says what is wrong."""
    return int(any(form.is_bound and form.errors for form in bound))


def _receipt(answer: Answer) -> str:
    facts = answer.facts.get("loss", answer.facts)
    return str(facts.get("receipt") or facts.get("code") or "")


def _key(request: StaffRequest, who: Who) -> str:
    return str(request.POST.get("key") or "") or fresh_key(who.role)


def _opened(request: StaffRequest, who: Who, handle: str) -> tuple[Case, PersonFile]:
    case = the_case(request, handle)
    file = file_of_person(office(), case.person_id)
    if file is None or not banking.is_served(who, file):
        raise Http404
    return case, file


def _visit(
    request: StaffRequest,
    who: Who,
    about: tuple[Case, PersonFile, Visit],
    forms_: tuple[BankForm, CollectForm],
    *,
    wrong: list[Wrong] | None = None,
    missing: list[str] | None = None,
) -> HttpResponse:
    case, file, found = about
    view = file.in_hand()
    context = {
        "case": case,
        "file": file,
        "visit": found,
        "form": forms_[0],
        "collecting": forms_[1],
        "facts": shown.facts(file),
        "stops": shown.stops(view) if view else [],
        "panel": shown.status(view) if view else None,
        "lines": shown.lines(file),
        "pending": shown.is_pending(file),
        "papers": banking.papers_of(file),
        "documents": banking.documents_of(file),
        "missing": missing or [],
        "key": fresh_key(who.role),
        "wrong_list": wrong or [],
    }
    bad = bool(wrong) or forms_[0].errors or forms_[1].errors
    return page(request, who, "bank/visit", context, status=422 if bad else 200)


@require_safe
@for_roles(*CLERKS)
def paper(request: StaffRequest, who: Who, handle: str, code: str) -> HttpResponse:
    """A paper of this visitor: loss receipt, acceptance, collection slip, or the bank's notice."""
    _case, file = _opened(request, who, handle)
    found = receipted(office(), code)
    if found is None or found.file.person.person_id != file.person.person_id:
        raise Http404
    if found.kind in CASES:
        return as_pdf(case_sheet(request, who.law(), found), found.code)
    document = next((d for d in banking.documents_of(file) if d["code"] == found.code), None)
    if document is None:
        raise Http404
    return as_pdf(banking.notice_sheet(request, who, file, document), found.code)


urlpatterns = [
    path("bank/", desk, name="staff_bank"),
    path("bank/queue/", queue, name="staff_bank_queue"),
    path("bank/<str:handle>/", visit, name="staff_bank_visit"),
    path("bank/<str:handle>/<slug:code>/", paper, name="staff_bank_paper"),
]
