"""The employer's clerk: report a card lost for own staff only, and the letter of proof."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from minka.desk.act import Answer
from minka.desk.look import receipted
from minka.desk.loss import ReportLoss, report_loss
from minka.desk.papers import IssueDocument, issue_document
from minka.desk.preview import LossForm, loss_form
from minka.doors.office import office
from minka.doors.web.accounts import StaffRequest
from minka.doors.web.parts import Cell, Column, Row, Table, Tag, Tone, Wrong
from minka.doors.web.printed import as_pdf, case_sheet
from minka.doors.web.staff import banking, shown
from minka.doors.web.staff.forms import LONGEST, number_of, text_field
from minka.doors.web.staff.menu import Nav
from minka.doors.web.staff.who import Who, for_roles, fresh_key, language, page, said
from minka.kit.clock import china_text
from minka.kit.identity import mask_name, mask_number
from minka.kit.secret import Clear
from minka.law.papers import leaves
from minka.store.connection import Row as Found
from minka.store.connection import rows

CLERKS = ("employer_clerk",)
HOME = "/staff/employer/"
CHANNEL, ACTOR = "employer_online", "employer_clerk"
DRAFT = "employer_draft"
LETTERS = ("employer_letter", "employer_letter_stamped")
NAV = (Nav(label=gettext_lazy("单位经办"), url=HOME, roles=CLERKS),)


class StaffForm(forms.Form):
    """Exactly the facts that the rule asks of an employer's clerk."""

    def __init__(self, facts: Sequence[str], data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        for fact in dict.fromkeys(("id_number", *facts)):
            name = said("fact", fact)
            wrong = _("请填写%(what)s。") % {"what": name}
            self.fields[fact] = text_field(name, wrong, longest=LONGEST.get(fact, 40))

    def clean_id_number(self) -> str:
        """The number in normal form."""
        return number_of(self.cleaned_data["id_number"])


class LetterForm(StaffForm):
    """Whom the letter of proof is about."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(("id_number",), data, prefix="letter")


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*CLERKS)
def home(request: StaffRequest, who: Who) -> HttpResponse:
    """Whose card is lost; and everything this employer has reported or certified."""
    asked = _asked(who)
    if request.method != "POST" or asked is None:
        return _home(request, who, StaffForm(asked.facts if asked else ()))
    form = StaffForm(asked.facts, request.POST)
    if not form.is_valid():
        return _home(request, who, form, status=422)
    facts = dict(form.cleaned_data)
    request.session[DRAFT] = {"facts": facts, "key": fresh_key(who.role)}
    return HttpResponseRedirect(f"{HOME}check/")


def _asked(who: Who) -> LossForm | None:
    return loss_form(office(), who.region, CHANNEL, actor=ACTOR)


def _home(
    request: StaffRequest,
    who: Who,
    form: forms.Form,
    *,
    letter: LetterForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "asked": _asked(who),
        "ways": [said("channel", kind) for kind in who.law().channels()],
        "letter": letter or (LetterForm() if needs_letter(who) else None),
        "reports": _reports(who),
        "letters": _letters(who),
        "key": fresh_key(who.role),
    }
    return page(request, who, "employer/home", context, status=status)


def needs_letter(who: Who) -> str:
    """``yes`` where the city's rules ask for an employer's letter (R5-01)."""
    trees = [e.value("papers_self") for e in who.law().entries("loss")]
    kinds = {leaf.kind for tree in trees if tree is not None for leaf in leaves(tree)}
    return "yes" if kinds & set(LETTERS) else ""


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*CLERKS)
def check(request: StaffRequest, who: Who) -> HttpResponse:
    """The answers, what will follow and when; the person is told at the registered telephone."""
    draft, asked = request.session.get(DRAFT), _asked(who)
    if draft is None or asked is None:
        return HttpResponseRedirect(HOME)
    wrong: list[Wrong] = []
    if request.method == "POST":
        answer = _report(who, draft)
        if answer.accepted:
            return _done(request, str(answer.facts["receipt"]))
        if answer.code in ("loss.already_lost", "loss.already_formal"):
            messages.warning(request, answer.say(language()))
            request.session.pop(DRAFT)
            return HttpResponseRedirect(HOME)
        wrong = [Wrong(message=answer.say(language()))]
        request.session[DRAFT] = {**draft, "key": fresh_key(who.role)}
    context = {
        "rows": [_shown(name, value) for name, value in draft["facts"].items()],
        "points": _points(asked),
        "wrong_list": wrong,
    }
    return page(request, who, "employer/check", context, status=422 if wrong else 200)


def _done(request: StaffRequest, receipt: str) -> HttpResponse:
    request.session.pop(DRAFT)
    return HttpResponseRedirect(f"{HOME}report/{receipt}/")


def _report(who: Who, draft: dict[str, Any]) -> Answer:
    stated = {name: Clear(str(value)) for name, value in draft["facts"].items()}
    number = stated.pop("id_number")
    command = ReportLoss(
        region=who.region,
        channel=CHANNEL,
        number=number,
        stated=stated,
        actor=ACTOR,
        employer_id=who.employer_id,
    )
    return report_loss(office(), who.request(draft["key"]), command)


def _shown(name: str, value: str) -> Row:
    masked = {"id_number": mask_number, "name": mask_name}.get(name, str)
    return Row(label=said("fact", name), value=masked(value), change_url=HOME)


def _points(asked: LossForm) -> list[str]:
    points = [_("社保功能：提交后立即停用"), _("银行账户：同时通知银行止付")]
    if asked.lapses_at is not None:
        points.append(_("没有办正式挂失则恢复使用：%s") % china_text(asked.lapses_at))
    else:
        points.append(_("不会自动恢复；本人找回后要到窗口撤销"))
    return [*points, _("短信会发到本人登记的手机，不是经办人的手机")]


@require_safe
@for_roles(*CLERKS)
def report(request: StaffRequest, who: Who, code: str) -> HttpResponse:
    """A report of this employer: number, both stops apart, and its paper."""
    found = _own_report(who, code)
    view = next(
        (v for v in found.file.cards if v.card.card_id == (found.report or {}).get("card_id")), None
    )
    context = {
        "found": found,
        "name_mask": found.file.person.name_mask,
        "number_mask": found.file.person.number_mask,
        "lines": shown.lines(found.file, about=found.code),
        "panel": shown.status(view) if view else None,
        "pending": shown.is_pending(found.file),
    }
    return page(request, who, "employer/report", context)


@require_safe
@for_roles(*CLERKS)
def paper(request: StaffRequest, who: Who, code: str) -> HttpResponse:
    """The loss receipt as PDF."""
    found = _own_report(who, code)
    return as_pdf(case_sheet(request, who.law(), found), found.code)


def _own_report(who: Who, code: str) -> Any:
    found = receipted(office(), code)
    mine = found is not None and found.file.person.employer_id == who.employer_id
    if found is None or not mine or found.kind != "loss" or not who.employer_id:
        raise Http404
    if found.report is None or found.report["actor"] != ACTOR:
        raise Http404
    return found


@require_POST
@for_roles(*CLERKS)
def letter(request: StaffRequest, who: Who) -> HttpResponse:
    """Issue the letter of proof that the medical office stamps and the bank takes (R5-01)."""
    form, asked = LetterForm(request.POST), _asked(who)
    blank = StaffForm(asked.facts if asked else ())
    if not needs_letter(who):
        raise Http404
    if not form.is_valid():
        return _home(request, who, blank, letter=form, status=422)
    command = IssueDocument(
        kind="employer_letter",
        number=Clear(form.cleaned_data["id_number"]),
        issued_by=who.employer_name,
        employer_id=who.employer_id,
    )
    key = str(request.POST.get("key") or "") or fresh_key(who.role)
    answer = issue_document(office(), who.request(key), command)
    if not answer.accepted:
        form.add_error("id_number", answer.say(language()))
        return _home(request, who, blank, letter=form, status=422)
    messages.success(request, _("证明信已开具：%s。请本人拿到医保处盖章。") % answer.facts["code"])
    return HttpResponseRedirect(HOME)


@require_safe
@for_roles(*CLERKS)
def letter_paper(request: StaffRequest, who: Who, code: str) -> HttpResponse:
    """The letter of proof as PDF."""
    found = receipted(office(), code)
    if found is None or found.file.person.employer_id != who.employer_id or not who.employer_id:
        raise Http404
    document = next((d for d in banking.documents_of(found.file) if d["code"] == code), None)
    if document is None or document["kind"] != "employer_letter":
        raise Http404
    return as_pdf(banking.notice_sheet(request, who, found.file, document), code)


def _reports(who: Who) -> Table:
    found = _of_employer(who, "staffroom.reports_of_employer")
    columns = [_("受理时间"), _("受理编号"), _("姓名"), _("证件号码"), _("状态")]
    return Table(
        caption=_("本单位的挂失"),
        columns=[Column(title=title) for title in columns],
        rows=[
            (
                Cell(at=each["accepted_at"]),
                Cell(text=each["receipt"], url=f"{HOME}report/{each['receipt']}/"),
                each["name_mask"],
                each["number_mask"],
                Cell(tag=_report_tag(each)),
            )
            for each in found
        ],
        empty=_("本单位还没有挂失记录。"),
    )


def _report_tag(found: Found) -> Tag:
    if found["withdrawn_at"] is not None:
        return Tag(text=_("已撤销"), tone=Tone.GOOD)
    if found["confirmed_at"] is None:
        return Tag(text=_("待确认"), tone=Tone.WAIT)
    return Tag(text=_("已停用"), tone=Tone.SHUT)


def _letters(who: Who) -> Table:
    found = _of_employer(who, "staffroom.letters_of_employer") if needs_letter(who) else []
    columns = [_("开具时间"), _("单据编号"), _("姓名"), _("证件号码"), _("状态")]
    return Table(
        caption=_("本单位开具的证明信"),
        columns=[Column(title=title) for title in columns],
        rows=[
            (
                Cell(at=each["issued_at"]),
                Cell(text=each["code"], url=f"{HOME}letter/{each['code']}/"),
                each["name_mask"],
                each["number_mask"],
                Cell(tag=letter_tag(each)),
            )
            for each in found
        ],
    )


def letter_tag(found: Found) -> Tag:
    """How far a letter has come."""
    if found["used_at"] is not None:
        return Tag(text=_("已使用"), tone=Tone.SHUT)
    if found["stamped_at"] is not None:
        return Tag(text=_("已盖章"), tone=Tone.GOOD)
    return Tag(text=_("待盖章"), tone=Tone.WAIT)


def _of_employer(who: Who, query: str) -> list[Found]:
    if not who.employer_id:
        return []
    with office().register.act() as connection:
        return rows(connection, query, employer_id=who.employer_id)


urlpatterns = [
    path("employer/", home, name="staff_employer"),
    path("employer/check/", check, name="staff_employer_check"),
    path("employer/report/<slug:code>/", report, name="staff_employer_report"),
    path("employer/report/<slug:code>/paper/", paper, name="staff_employer_paper"),
    path("employer/letter/", letter, name="staff_employer_letter"),
    path("employer/letter/<slug:code>/", letter_paper, name="staff_employer_letter_paper"),
]
