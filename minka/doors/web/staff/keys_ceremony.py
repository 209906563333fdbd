"""Ceremonies: a custodian enters his own part, the witness compares, the record is printed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from minka.desk.act import Answer
from minka.desk.approval import Propose, propose
from minka.desk.keys_ceremony import (
    CloseCeremony,
    ComparePart,
    EnterPart,
    close_ceremony,
    compare_part,
    enter_part,
    record_in,
)
from minka.desk.keys_look import CeremonyView, ceremonies
from minka.desk.keys_look import ceremony as look
from minka.desk.keys_words import DUTY_NAMES
from minka.doors.office import office
from minka.doors.papers.ceremony import ceremony_record
from minka.doors.web.accounts import StaffRequest
from minka.doors.web.parts import Cell, Column, Row, Table, Tag, Text, Tone, Wrong
from minka.doors.web.printed import as_pdf
from minka.doors.web.staff.keys_forms import CompareForm, PartForm
from minka.doors.web.staff.menu import Nav
from minka.doors.web.staff.who import Who, for_roles, fresh_key, language, page, say
from minka.keys.ceremony import OPEN, CeremonyState
from minka.keys.spoken import grouped
from minka.keys.wording import PURPOSES, STEPS
from minka.kit.secret import Clear

EVERY = ("key_custodian", "key_keeper", "security_administrator", "auditor")
HOME = "/staff/ceremonies/"
NAV = (Nav(label=gettext_lazy("密钥仪式"), url=HOME, roles=EVERY),)


@require_safe
@for_roles(*EVERY)
def listed(request: StaffRequest, who: Who) -> HttpResponse:
    """Every ceremony; a custodian sees those he stands in."""
    found = ceremonies(office(), who.staff_number)
    mine = [each for each in found if each["mine"] or who.role != "key_custodian"]
    lines: list[list[Cell | Text]] = [
        [
            Cell(text=str(each["ceremony_no"]), url=f"{HOME}{each['ceremony_no']}/"),
            f"{each['name']} v{each['version']}",
            f"{each['entered']} / {each['parts']}",
            Cell(at=each["opened_at"]),
            say(STEPS[CeremonyState(each["how"])]) if each["how"] else _("进行中"),
        ]
        for each in mine
    ]
    titles = (_("仪式编号"), _("密钥"), _("已录入分量"), _("开始时间"), _("状态"))
    columns = [Column(title=title) for title in titles]
    empty = _("没有您参加的密钥仪式。")
    table = Table(caption=_("密钥仪式"), columns=columns, rows=lines, empty=empty)
    return page(request, who, "keys/ceremonies", {"table": table})


@sensitive_post_parameters("part")
@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*EVERY)
def one(request: StaffRequest, who: Who, ceremony_no: int) -> HttpResponse:
    """One ceremony as its people see it: each has his own step and nobody another's."""
    view = _view(who, ceremony_no)
    wrong: list[Wrong] = []
    forms = _forms(request, who, view)
    if request.method == "POST":
        answer = _act(request, who, view, forms)
        if answer is not None and answer.accepted:
            _tell(request, answer)
            return HttpResponseRedirect(f"{HOME}{ceremony_no}/")
        wrong = [Wrong(message=answer.say(language()))] if answer is not None else []
    context = {
        "view": view,
        "state": _state(view),
        "rows": _rows(view),
        "people": _people(view),
        "parts": _parts(view),
        "key": fresh_key("c"),
        "wrong_list": wrong,
        **forms,
        **_mine(who, view),
    }
    bad = request.method == "POST"
    return page(request, who, "keys/ceremony", context, status=422 if bad else 200)


def _view(who: Who, ceremony_no: int) -> CeremonyView:
    view = look(office(), ceremony_no)
    if view is None or (who.role == "key_custodian" and who.staff_number not in _staff(view)):
        raise Http404
    return view


def _staff(view: CeremonyView) -> list[str]:
    return [each["staff_number"] for each in view.people]


def _mine(who: Who, view: CeremonyView) -> dict[str, Any]:
    """What this member of staff may do now."""
    state, me = view.held.ceremony.state, who.staff_number
    is_open = state in OPEN
    witness = is_open and me == view.held.planned.witness
    entering = state in (CeremonyState.SIGNED, CeremonyState.ENTERING)
    custodian = me in view.held.planned.custodians
    return {
        "may_enter": entering and custodian and me not in view.held.ceremony.entered,
        "entered": custodian and me in view.held.ceremony.entered,
        "may_close": witness and state is CeremonyState.COMPARED,
        "may_abandon": witness,
        "may_import": entering and who.role == "key_keeper" and view.held.ceremony.is_complete,
        "may_print": who.role != "key_custodian",
    }


def _forms(request: StaffRequest, who: Who, view: CeremonyView) -> dict[str, Any]:
    """The forms of this page, the one that was sent filled in; a part is never drawn again."""
    do = str(request.POST.get("do", "")) if request.method == "POST" else ""
    sent = str(request.POST.get("number", ""))
    seen = set(view.held.comparisons)
    open_parts = [each["part"] for each in view.parts if each["part"] not in seen]
    if view.held.found["key_no"] and 0 not in seen:
        open_parts.append(0)
    compares = [
        CompareForm(part, request.POST if do == "compare" and sent == str(part) else None)
        for part in open_parts
        if who.staff_number == view.held.planned.witness and view.held.ceremony.state in OPEN
    ]
    form = PartForm(request.POST if do == "enter" else None)
    return {"part_form": form, "compares": compares, "form": form if do == "enter" else None}


def _act(
    request: StaffRequest, who: Who, view: CeremonyView, forms: dict[str, Any]
) -> Answer | None:
    """What a button does; None when its form is not filled in rightly."""
    number = view.held.found["ceremony_no"]
    do = request.POST.get("do")
    asked = who.request(str(request.POST.get("key") or "") or fresh_key("c"))
    if do == "enter":
        form: PartForm = forms["part_form"]
        if not form.is_valid():
            return None
        part = Clear(form.cleaned_data["part"])
        return enter_part(office(), asked, EnterPart(number), part)
    if do == "compare":
        filled = next((each for each in forms["compares"] if each.is_bound), None)
        if filled is None or not filled.is_valid():
            return None
        check = filled.cleaned_data["check_value"]
        return compare_part(office(), asked, ComparePart(number, filled.part, check))
    if do in ("closed", "abandoned"):
        return close_ceremony(office(), asked, CloseCeremony(number, str(do)))
    if do == "import":
        return propose(office(), asked, Propose("import_key", {"ceremony_no": str(number)}))
    raise Http404


def _tell(request: StaffRequest, answer: Answer) -> None:
    facts = answer.facts
    if "verdict" in facts:
        if facts["verdict"] == "same":
            messages.success(request, _("校验值相符，已记下。"))
        else:
            messages.error(request, _("校验值不符，已记下。请终止仪式并报告。"))
    elif "check_value" in facts:
        aloud = grouped(bytes.fromhex(facts["check_value"]), language())
        told = _("分量已送进加密机。请念给见证人：%(check)s（%(aloud)s）")
        messages.success(request, told % {"check": facts["check_value"], "aloud": aloud})
    elif "how" in facts:
        messages.success(request, _("仪式已办结。请打印记录，由在场各方签名。"))
    else:
        messages.success(request, _("已提出，等另一位同事批准。"))


def _state(view: CeremonyView) -> Tag:
    state = view.held.ceremony.state
    tones = {CeremonyState.CLOSED: Tone.GOOD, CeremonyState.ABANDONED: Tone.BAD}
    return Tag(text=say(STEPS[state]), tone=tones.get(state, Tone.WAIT))


def _rows(view: CeremonyView) -> list[Row]:
    found, plan = view.held.found, view.held.planned.plan
    check = found["check_value"] or ""
    aloud = f" · {grouped(bytes.fromhex(check), language())}" if check else ""
    hashed = bytes.fromhex(view.signed["content_hash"])
    return [
        Row(label=_("密钥"), value=f"{found['name']} v{found['version']} {found['algorithm']}"),
        Row(label=_("用途"), value=say(PURPOSES[plan.purpose])),
        Row(label=_("分量数"), value=str(found["parts"])),
        Row(label=_("方案摘要（逐词念出）"), value=grouped(hashed, language())),
        Row(label=_("密钥校验值"), value=f"{check}{aloud}"),
    ]


def _people(view: CeremonyView) -> Table:
    lines: list[list[Cell | Text]] = [
        [say(DUTY_NAMES[each["duty"]]), each["staff_number"]] for each in view.people
    ]
    columns = [Column(title=_("职责")), Column(title=_("工号"))]
    return Table(caption=_("参加的人"), columns=columns, rows=lines, empty="—")


def _parts(view: CeremonyView) -> Table:
    """Who entered which part and what the witness found; a part's words are read, not the part."""
    found = view.held.comparisons
    words = {"same": _("相符"), "differs": _("不符"), None: _("还没核对")}
    tones = {"same": Tone.GOOD, "differs": Tone.BAD, None: Tone.WAIT}
    lines: list[list[Cell | Text]] = [
        [
            str(each["part"]),
            each["staff_number"],
            Cell(at=each["entered_at"]),
            each["check_value"],
            Cell(tag=_verdict(words, tones, found.get(each["part"]))),
        ]
        for each in view.parts
    ]
    titles = (_("分量号"), _("分管人"), _("录入时间"), _("校验值"), _("见证人核对"))
    columns = [Column(title=title) for title in titles]
    empty = _("还没有录入分量。")
    return Table(caption=_("已录入的分量"), columns=columns, rows=lines, empty=empty)


def _verdict(words: dict[Any, str], tones: dict[Any, Tone], verdict: str | None) -> Tag:
    return Tag(text=words[verdict], tone=tones[verdict])


@require_safe
@for_roles("key_keeper", "security_administrator", "auditor")
def record(request: StaffRequest, who: Who, ceremony_no: int) -> HttpResponse:
    """The record to print and to sign."""
    view = _view(who, ceremony_no)
    with office().register.act() as connection:
        found = record_in(connection, ceremony_no)
    sheet = ceremony_record(view, found, say(who.law().names), language())
    return as_pdf(sheet, f"ceremony-{ceremony_no}")


urlpatterns = [
    path("ceremonies/", listed, name="staff_ceremonies"),
    path("ceremonies/<int:ceremony_no>/", one, name="staff_ceremony"),
    path("ceremonies/<int:ceremony_no>/record.pdf", record, name="staff_ceremony_record"),
]
