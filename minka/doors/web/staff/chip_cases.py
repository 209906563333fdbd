"""Purchases without a line that somebody must look into, each with owner and day (T10, P8)."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from minka.desk.chip_case import POSTS, REVIEWER, VERDICTS, EndCase, cases, end_case, said
from minka.desk.chip_device import KINDS, STATES, devices
from minka.desk.chip_offline_rules import MEDICAL, SECURITY
from minka.doors.office import office
from minka.doors.web.accounts import StaffRequest
from minka.doors.web.parts import Align, Cell, Column, Row, Table, Tag, Text, Tone, Wrong
from minka.doors.web.staff.menu import Nav
from minka.doors.web.staff.who import Who, for_roles, fresh_key, language, page, say
from minka.kit.clock import china_text
from minka.kit.fen import yuan
from minka.store.connection import Row as Found

ROLES = (MEDICAL, SECURITY, REVIEWER)
HOME = "/staff/offline/"
NAV = (Nav(label=gettext_lazy("脱网消费"), url=HOME, roles=ROLES),)


@require_safe
@for_roles(*ROLES)
def queue(request: StaffRequest, who: Who) -> HttpResponse:
    """What waits for somebody, by its day; and the terminals it came from."""
    columns = [
        Column(title=_("编号")),
        Column(title=_("问题")),
        Column(title=_("持卡人")),
        Column(title=_("金额"), align=Align.RIGHT),
        Column(title=_("负责")),
        Column(title=_("最迟")),
        Column(title=_("进度")),
    ]
    rows = [_row(each) for each in cases(office(), who.region)]
    table = Table(
        caption=_("待核实的脱网消费"), columns=columns, rows=rows, empty=_("没有待核实的脱网消费。")
    )
    return page(request, who, "chip/cases", {"table": table, "devices": _devices(who)})


def _row(each: Found) -> list[Cell | Text]:
    who = f"{each['name_mask']} {each['number_mask']}" if each["person_id"] else "—"
    return [
        Cell(text=str(each["case_id"]), url=f"{HOME}{each['case_id']}/"),
        say(said(each["kind"])),
        who,
        yuan(each["total_fen"]),
        say(POSTS[each["owner"]]),
        Cell(at=each["due_at"]),
        Cell(tag=_tag(each)),
    ]


def _tag(each: Found) -> Tag:
    if each["ended_at"] is None:
        return Tag(text=_("待核实"), tone=Tone.WAIT)
    return Tag(text=say(VERDICTS[each["verdict"]]), tone=Tone.PLAIN)


def _devices(who: Who) -> Table:
    columns = [
        Column(title=_("设备编号")),
        Column(title=_("种类")),
        Column(title=_("状态")),
        Column(title=_("所在")),
        Column(title=_("归属")),
        Column(title=_("密钥组")),
        Column(title=_("停用名单版本")),
    ]
    rows: list[list[Cell | Text]] = [
        [
            each["device_no"],
            say(KINDS[each["kind"]]),
            say(STATES[each["state"]]),
            each["place_id"],
            each["owner"],
            each["key_set"],
            str(each["list_version"]) if each["list_version"] is not None else "—",
        ]
        for each in devices(office(), who.region)
    ]
    return Table(
        caption=_("登记的终端和读卡器"), columns=columns, rows=rows, empty=_("还没有登记设备。")
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*ROLES)
def show(request: StaffRequest, who: Who, case_id: int) -> HttpResponse:
    """One case with its facts, and the end that its owner gives it."""
    found = next((c for c in cases(office(), who.region) if c["case_id"] == case_id), None)
    if found is None:
        raise Http404
    wrong = ""
    if request.method == "POST":
        verdict = str(request.POST.get("verdict", ""))
        reason = str(request.POST.get("reason", "")).strip()[:200]
        if verdict in VERDICTS and reason:
            command = EndCase(who.region, case_id, verdict, reason)
            answer = end_case(office(), who.request(str(request.POST.get("key", ""))), command)
            if answer.accepted:
                messages.success(request, _("已记录。"))
                return HttpResponseRedirect(HOME)
            wrong = answer.say(language())
        else:
            wrong = _("请选择结论并写明理由。")
    mine = who.role in (found["owner"], REVIEWER) and found["ended_at"] is None
    allowed = ("paid",) if who.role == REVIEWER else ("refused", "explained")
    context = {
        "what": say(said(found["kind"])),
        "tag": _tag(found),
        "rows": _facts(found),
        "verdicts": [(code, say(VERDICTS[code])) for code in allowed] if mine else [],
        "key": fresh_key("o"),
        "wrong_list": [Wrong(message=wrong, field_id="reason")] if wrong else [],
    }
    return page(request, who, "chip/case", context, status=422 if wrong else 200)


def _facts(found: Found) -> list[Row]:
    rows = [
        Row(label=_("终端编号"), value=found["device_no"]),
        Row(label=_("卡内交易序号"), value=str(found["card_seq"])),
        Row(label=_("终端说的时间"), value=china_text(found["claimed_at"])),
        Row(label=_("金额（元）"), value=yuan(found["total_fen"])),
        Row(label=_("负责"), value=say(POSTS[found["owner"]])),
        Row(label=_("最迟"), value=china_text(found["due_at"])),
    ]
    missing = found["facts"].get("missing")
    if missing:
        rows.append(Row(label=_("没有见到的序号"), value=" ".join(map(str, missing))))
    if found["ended_at"]:
        rows.append(Row(label=_("结论"), value=say(VERDICTS[found["verdict"]])))
        rows.append(Row(label=_("理由"), value=found["reason"]))
    return rows


urlpatterns = [
    path("offline/", queue, name="staff_offline"),
    path("offline/<int:case_id>/", show, name="staff_offline_case"),
]
