"""The auditor's page: who looked at whom, who did what, and what was changed in reference data."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.admin.models import LogEntry
from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from minka.desk.look import receipted
from minka.doors.office import office
from minka.doors.web.accounts import StaffRequest
from minka.doors.web.parts import Cell, Column, Table, Tag, Text, Tone
from minka.doors.web.staff.forms import QUIET
from minka.doors.web.staff.menu import Nav
from minka.doors.web.staff.who import Who, for_roles, page
from minka.kit.clock import CHINA
from minka.store import cards
from minka.store.connection import Row, rows

AUDITORS = ("auditor",)
HOME = "/staff/audit/"
PAGE = 50
MOST_DAYS = 92
NAV = (Nav(label=gettext_lazy("审计"), url=HOME, roles=AUDITORS),)
ACTS: dict[str, Text] = {
    "ReportLoss": gettext_lazy("挂失"),
    "LoseAndReplace": gettext_lazy("挂失并补卡"),
    "ConfirmReport": gettext_lazy("确认挂失"),
    "WithdrawLoss": gettext_lazy("撤销挂失"),
    "FreezeCard": gettext_lazy("暂停或恢复使用"),
    "ApplyReplacement": gettext_lazy("补卡"),
    "PayFee": gettext_lazy("收费"),
    "AdvanceCard": gettext_lazy("制卡、入库"),
    "CollectCard": gettext_lazy("领卡"),
    "ActivateCard": gettext_lazy("启用"),
    "IssueDocument": gettext_lazy("开具单据"),
    "StampDocument": gettext_lazy("盖章"),
    "OpenFile": gettext_lazy("打开档案"),
    "ServeVisitor": gettext_lazy("打开档案"),
    "Reveal": gettext_lazy("显示个人信息"),
    "CheckCaller": gettext_lazy("核对来电人"),
    "Propose": gettext_lazy("提出双人事项"),
    "Approve": gettext_lazy("批准双人事项"),
    "LoadNotice": gettext_lazy("载入节假日通知"),
    "CallStaff": gettext_lazy("呼叫工作人员"),
}


class AuditForm(forms.Form):
    """From when until when, by whom, what, and about whose case."""

    since = forms.DateField(
        label=gettext_lazy("从"), widget=forms.DateInput(attrs={"type": "date"}), required=False
    )
    until = forms.DateField(
        label=gettext_lazy("到"), widget=forms.DateInput(attrs={"type": "date"}), required=False
    )
    actor = forms.CharField(label=gettext_lazy("工号"), max_length=40, required=False)
    act = forms.ChoiceField(label=gettext_lazy("做了什么"), required=False)
    receipt = forms.CharField(
        label=gettext_lazy("受理编号（看谁查过、办过这个人）"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs=dict(QUIET)),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        known = [("", _("全部")), *ACTS.items()]
        self.fields["act"] = forms.ChoiceField(label=_("做了什么"), choices=known, required=False)


@require_safe
@for_roles(*AUDITORS)
def audit(request: StaffRequest, who: Who) -> HttpResponse:
    """The audit events of the city, the latest first; a page at a time, masked."""
    form = AuditForm(request.GET or None)
    given = form.cleaned_data if form.is_bound and form.is_valid() else {}
    skip = _skip(request.GET.get("skip", ""))
    person_id = _person(who, str(given.get("receipt") or ""))
    if given.get("receipt") and not person_id:
        form.add_error("receipt", _("没有查到这个编号。"))
    found = [] if form.errors else _events(who, given, person_id, skip)
    query = request.GET.copy()
    context = {
        "form": form,
        "table": _table(found[:PAGE]),
        "changes": _changes() if not request.GET else None,
        "older": _older(query, skip) if len(found) > PAGE else "",
    }
    bad = form.is_bound and bool(form.errors)
    return page(request, who, "back_office/audit", context, status=422 if bad else 200)


def _older(query: Any, skip: int) -> str:
    query["skip"] = str(skip + PAGE)
    return f"{HOME}?{query.urlencode()}"


def _skip(text: str) -> int:
    return min(int(text), 10_000) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _person(who: Who, receipt: str) -> int:
    found = receipted(office(), receipt) if receipt else None
    ours = found is not None and found.file.person.region == who.region
    return int(found.file.person.person_id) if found and ours else 0


def _events(who: Who, given: dict[str, Any], person_id: int, skip: int) -> list[Row]:
    with office().register.act() as connection:
        now = cards.now(connection, office().fence()).astimezone(CHINA)
        last = given.get("until") or now.date()
        first = given.get("since") or last - timedelta(days=7)
        first = max(first, last - timedelta(days=MOST_DAYS))
        return rows(
            connection,
            "staffroom.audit_events",
            since=datetime.combine(first, time(), CHINA),
            until=datetime.combine(last + timedelta(days=1), time(), CHINA),
            actor=str(given.get("actor") or ""),
            act=str(given.get("act") or ""),
            person_id=person_id,
            region=who.region,
            most=PAGE + 1,
            skip=skip,
        )


def _table(found: list[Row]) -> Table:
    titles = [_("时间"), _("工号或来源"), _("做了什么"), _("关于"), _("渠道"), _("结果")]
    return Table(
        caption=_("谁看过、谁办过"),
        columns=[Column(title=title) for title in titles],
        rows=[
            (
                Cell(at=each["at"]),
                each["actor"],
                str(ACTS.get(each["act"], each["act"])),
                each["number_mask"] or "—",
                each["origin"] or "—",
                Cell(tag=_result(each)),
            )
            for each in found
        ],
        empty=_("没有符合条件的记录。"),
    )


def _result(found: Row) -> Tag:
    if found["refused"]:
        return Tag(text=_("未办理：%s") % found["refused"], tone=Tone.WAIT)
    return Tag(text=_("已办"), tone=Tone.GOOD)


def _changes() -> Table:
    """The latest changes of reference data, from the back office's own log."""
    kinds = {1: _("新增"), 2: _("修改"), 3: _("删除")}
    entries = LogEntry.objects.select_related("user", "content_type").order_by("-action_time")[:20]
    titles = [_("时间"), _("账号"), _("做了什么"), _("数据")]
    return Table(
        caption=_("基础数据的改动"),
        columns=[Column(title=title) for title in titles],
        rows=[
            (
                Cell(at=each.action_time),
                each.user.get_username(),
                kinds.get(each.action_flag, ""),
                f"{each.content_type or ''} {each.object_repr}",
            )
            for each in entries
        ],
        empty=_("基础数据没有改动。"),
    )


urlpatterns = [path("audit/", audit, name="staff_audit")]
