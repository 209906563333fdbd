"""Signs that a card is lent: looked into, decided, and settlement suspended by two (K8, T9)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from minka.desk.act import Answer
from minka.desk.approval import Propose, propose
from minka.desk.lending import GROUNDS, SIGNS, VERDICTS, JudgeSign, judge_sign, sign, signs
from minka.desk.preview import now
from minka.doors.office import office
from minka.doors.web.accounts import StaffRequest
from minka.doors.web.parts import Cell, Column, Row, Table, Tag, Text, Tone, Wrong
from minka.doors.web.staff.menu import Nav
from minka.doors.web.staff.who import Who, for_roles, fresh_key, language, page, say
from minka.kit.clock import CHINA, china_text
from minka.law.lending import read
from minka.store.connection import Row as Found

ROLES = ("medical_staff", "reviewer")
HOME = "/staff/lending/"
NAV = (Nav(label=gettext_lazy("用卡异常"), url=HOME, roles=ROLES),)


class VerdictForm(forms.Form):
    """What came of looking into it."""

    verdict = forms.ChoiceField(
        label=gettext_lazy("结论"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择结论。")},
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("依据"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择依据。")},
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        for name, known in (("verdict", VERDICTS), ("reason", GROUNDS)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField), "declared above"
            field.choices = [(code, say(words)) for code, words in known.items()]


@require_safe
@for_roles(*ROLES)
def queue(request: StaffRequest, who: Who) -> HttpResponse:
    """The signs of the city, the newest first, open ones marked."""
    rows: list[list[Cell | Text]] = [
        [
            Cell(text=each["receipt"], url=f"{HOME}{each['receipt']}/"),
            say(SIGNS[each["kind"]]),
            f"{each['name_mask']} {each['number_mask']}" if each["person_id"] else "—",
            each["provider_name"],
            Cell(at=each["until_at"]),
            Cell(tag=_tag(each)),
        ]
        for each in signs(office(), who.region)
    ]
    columns = [
        Column(title=_("编号")),
        Column(title=_("线索")),
        Column(title=_("持卡人")),
        Column(title=_("机构")),
        Column(title=_("发生时间")),
        Column(title=_("进度")),
    ]
    table = Table(
        caption=_("用卡异常线索"), columns=columns, rows=rows, empty=_("没有用卡异常线索。")
    )
    return page(request, who, "lending/queue", {"table": table})


def _tag(found: Found) -> Tag:
    if found["verdict"] is None:
        return Tag(text=_("待核实"), tone=Tone.WAIT)
    tone = Tone.BAD if found["verdict"] == "confirmed" else Tone.PLAIN
    return Tag(text=say(VERDICTS[found["verdict"]]), tone=tone)


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*ROLES)
def show(request: StaffRequest, who: Who, code: str) -> HttpResponse:
    """One sign with its facts; a verdict, or what two people may do after it."""
    found = sign(office(), code)
    if found is None or found["region"] != who.region:
        raise Http404
    act = str(request.POST.get("do", "")) if request.method == "POST" else ""
    form = VerdictForm(request.POST if act == "decide" else None)
    wrong = ""
    if act:
        answer = _act(act, request, who, (found, form))
        if answer is not None and answer.accepted:
            messages.success(
                request, _("已记录。") if act == "decide" else _("已提出，等另一位同事批准。")
            )
            return HttpResponseRedirect(f"{HOME}{found['receipt']}/")
        wrong = answer.say(language()) if answer is not None else ""
    context = _context(found, form)
    context |= {"key": fresh_key("w"), "wrong_list": [Wrong(message=wrong)] if wrong else []}
    return page(request, who, "lending/show", context, status=422 if act else 200)


def _act(
    act: str, request: StaffRequest, who: Who, shown: tuple[Found, VerdictForm]
) -> Answer | None:
    found, form = shown
    receipt, given = found["receipt"], request.POST
    asked = who.request(str(given.get("key") or "") or fresh_key("w"))
    if act == "decide":
        if not form.is_valid():
            return None
        decision = form.cleaned_data
        command = JudgeSign(receipt, decision["verdict"], decision["reason"])
        return judge_sign(office(), asked, command)
    if act == "suspend":
        content = {"receipt": receipt, "months": str(given.get("months", ""))[:4]}
        return propose(office(), asked, Propose("suspend_settlement", content))
    if act == "resume":
        content = {"receipt": receipt, "reason": "review"}
        return propose(office(), asked, Propose("resume_settlement", content))
    raise Http404


def _context(found: Found, form: VerdictForm) -> dict[str, Any]:
    at = now(office())
    law = read().suspension(at.astimezone(CHINA).date())
    standing = (
        found["suspended_until"] is not None
        and found["lifted_at"] is None
        and found["suspended_until"] > at
    )
    confirmed = found["verdict"] == "confirmed" and found["person_id"]
    return {
        "found": found,
        "what": say(SIGNS[found["kind"]]),
        "tag": _tag(found),
        "rows": _rows(found),
        "refs": found["facts"].get("refs", []),
        "form": form if found["verdict"] is None else None,
        "months": range(law.least_months, law.most_months + 1)
        if confirmed and found["suspended_until"] is None
        else (),
        "cite": say(law.cite),
        "standing": standing,
    }


def _rows(found: Found) -> list[Row]:
    rows = [
        Row(label=_("机构"), value=f"{found['provider_name']} {found['fixmedins_code']}"),
        Row(label=_("从"), value=china_text(found["from_at"])),
        Row(label=_("到"), value=china_text(found["until_at"])),
        *(
            Row(label=_facts()[name], value=str(value))
            for name, value in found["facts"].items()
            if name in _facts()
        ),
        Row(label=_("规则版本"), value=found["rule_ref"]),
    ]
    if found["person_id"]:
        masked = f"{found['name_mask']} {found['number_mask']}"
        rows.insert(0, Row(label=_("持卡人"), value=masked))
    if found["verdict"]:
        rows += [
            Row(label=_("依据"), value=say(GROUNDS[found["verdict_reason"]])),
            Row(label=_("核实人"), value=found["decided_by"]),
        ]
    if found["suspended_until"]:
        rows.append(Row(label=_("结算暂停至"), value=china_text(found["suspended_until"])))
    if found["lifted_at"]:
        rows.append(Row(label=_("提前恢复"), value=china_text(found["lifted_at"])))
    return rows


def _facts() -> dict[str, str]:
    return {
        "metres": _("两地相距（米）"),
        "seconds": _("间隔（秒）"),
        "visits": _("就诊次数"),
        "uses": _("结算次数"),
        "hours": _("在几小时内"),
        "nights": _("几个夜晚"),
        "cards": _("几个人的卡"),
    }


urlpatterns = [
    path("lending/", queue, name="staff_lending"),
    path("lending/<slug:code>/", show, name="staff_sign"),
]
