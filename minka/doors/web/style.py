"""The style page: every part in every state, for builders and for the browser tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from minka.doors.web.frame import Link
from minka.doors.web.parts import (
    Action,
    Align,
    CardFace,
    Cell,
    Column,
    Line,
    LineState,
    Method,
    Row,
    Status,
    Step,
    StepState,
    Table,
    Tag,
    Task,
    Tile,
    Tone,
    Weight,
)
from minka.kit.clock import CHINA


def _at(day: int, hour: int, minute: int = 32) -> datetime:
    return datetime(2026, 11, day, hour, minute, 4, tzinfo=CHINA)


class SampleForm(forms.Form):
    """A form with one field of each kind."""

    name = forms.CharField(label=gettext_lazy("姓名"))
    number = forms.CharField(
        label=gettext_lazy("社会保障号码"),
        help_text=gettext_lazy("就是身份证号码，18 位。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("发生了什么"),
        choices=[("lost", gettext_lazy("卡丢了")), ("stolen", gettext_lazy("卡被偷了"))],
        widget=forms.RadioSelect,
    )
    facts = forms.MultipleChoiceField(
        label=gettext_lazy("核对一致的内容"),
        choices=[("name", gettext_lazy("姓名一致")), ("employer", gettext_lazy("单位名称一致"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    place = forms.ChoiceField(
        label=gettext_lazy("领卡网点"),
        choices=[("1", gettext_lazy("城东服务网点"))],
        required=False,
    )
    note = forms.CharField(
        label=gettext_lazy("备注"), widget=forms.Textarea(attrs={"rows": 4}), required=False
    )


@require_safe
def show(request: HttpRequest, which: str = "") -> HttpResponse:
    """One of the style pages; it never touches the database."""
    found = _PAGES.get(which)
    if found is None:
        raise Http404
    template, context = found
    return render(request, template, context())


def _parts() -> dict[str, Any]:
    return {
        "lines": _lines(),
        "cards": _cards(),
        "statuses": _statuses(),
        "steps": _steps(),
        "rows": _rows(),
        "tasks": _tasks(),
        "table": _table(),
        "nothing": Table(caption=_("最近的结算"), columns=(), rows=(), empty=_("还没有结算记录。")),
        "page": Paginator(range(90), 10).page(3),
        "tiles": _tiles(),
        "points": _points(),
        "tags": [Tag(text=tone.value, tone=tone) for tone in Tone],
        "blank": SampleForm(prefix="blank"),
        "form": SampleForm({"name": "", "number": "3301"}),
    }


def _lines() -> list[Line]:
    again = Action(
        label=_("再试一次"),
        url="#",
        method=Method.POST,
        weight=Weight.SECONDARY,
        fields=(("n", "1"),),
    )
    return [
        Line(state=LineState.DONE, what=_("已受理"), at=_at(22, 15), who=_("网上办理")),
        Line(state=LineState.DONE, what=_("社保功能已停用"), at=_at(22, 15), who=_("社保登记系统")),
        Line(
            state=LineState.FAILED,
            what=_("银行账户止付"),
            at=_at(22, 15),
            who=_("示例银行"),
            note=_("银行侧未确认，我们继续重试；也可以直接拨打银行客服。"),
            retry=again,
        ),
        Line(state=LineState.PENDING, what=_("短信通知"), note=_("正在发送到登记的手机号码。")),
        Line(
            state=LineState.AHEAD,
            what=_("自动解挂"),
            at=_at(30, 15),
            note=_("在此之前没有办理正式挂失，卡片将恢复使用。"),
        ),
    ]


def _cards() -> list[CardFace]:
    shown = [
        (_("正常"), Tone.GOOD),
        (_("预挂失，可以解挂"), Tone.WAIT),
        (_("正式挂失，不能撤销"), Tone.SHUT),
        (_("待激活"), Tone.PLAIN),
    ]
    return [
        CardFace(
            name="张*",
            number="3301**********1234",
            city=_("示例市"),
            bank=_("示例银行"),
            stripe=word,
            tone=tone,
        )
        for word, tone in shown
    ]


def _statuses() -> list[Status]:
    return [
        Status(
            sentence=_("卡片已停用，等您决定是解挂还是补卡。"),
            tone=Tone.WAIT,
            who=_("您本人"),
            until=_at(30, 15),
            until_label=_("到期自动解挂"),
            action=Action(label=_("我找到卡了，办理解挂"), url="#"),
            code="loss.provisional",
        ),
        Status(
            sentence=_("卡片已正式挂失，不能再使用。"),
            tone=Tone.SHUT,
            who=_("您本人"),
            action=Action(label=_("申请补卡"), url="#", weight=Weight.SECONDARY),
            code="loss.formal",
        ),
        Status(sentence=_("新卡可以领取了。"), tone=Tone.GOOD, who=_("您本人"), code="collectable"),
        Status(
            sentence=_("新卡正在制作。"), who=_("制卡中心"), until=_at(28, 17, 0), code="produced"
        ),
        Status(
            sentence=_("照片不合格，需要重新提交。"), tone=Tone.BAD, who=_("您本人"), code="photo"
        ),
    ]


def _steps() -> list[Step]:
    return [
        Step(label=_("已受理"), state=StepState.DONE, at=_at(22, 15)),
        Step(label=_("制卡中"), state=StepState.DONE, at=_at(23, 9)),
        Step(label=_("在路上"), state=StepState.NOW, note=_("预计 2026-11-28 到达")),
        Step(label=_("可领取"), state=StepState.AHEAD),
        Step(label=_("已领取请激活"), state=StepState.AHEAD),
        Step(label=_("正常"), state=StepState.AHEAD),
    ]


def _rows() -> list[Row]:
    return [
        Row(label=_("姓名"), value="张*", change_url="#"),
        Row(label=_("社会保障号码"), value="3301**********1234", change_url="#"),
        Row(label=_("手机号码"), value="", change_url="#"),
        Row(label=_("受理编号"), value="GS261122-4306"),
    ]


def _tasks() -> list[Task]:
    return [
        Task(title=_("填写申请人"), state=StepState.DONE, label=_("已完成"), url="#"),
        Task(title=_("提交照片"), state=StepState.STUCK, label=_("需要改正"), url="#"),
        Task(title=_("选择领卡方式"), state=StepState.NOW, label=_("可以填写"), url="#"),
        Task(
            title=_("核对并提交"),
            state=StepState.AHEAD,
            label=_("还不能开始"),
            hint=_("完成上面各项之后"),
        ),
    ]


def _table() -> Table:
    columns = (
        Column(title=_("时间")),
        Column(title=_("机构")),
        Column(title=_("状态")),
        Column(title=_("金额（元）"), align=Align.RIGHT),
    )
    good = Cell(tag=Tag(text=_("已结算"), tone=Tone.GOOD))
    rows = (
        (Cell(at=_at(21, 9)), Cell(text=_("市第一医院"), url="#"), good, "126.50"),
        (Cell(at=_at(18, 17)), Cell(text=_("惠民药店"), url="#"), good, "38.00"),
        (
            Cell(at=_at(22, 16)),
            Cell(text=_("市第一医院"), url="#"),
            Cell(tag=Tag(text=_("已拒绝"), tone=Tone.SHUT)),
            "512.20",
        ),
    )
    return Table(caption=_("最近的结算"), columns=columns, rows=rows)


def _tiles() -> list[Tile]:
    return [
        Tile(
            title=_("卡丢了"),
            hint=_("马上停用，不用登录"),
            url="#",
            icon="lost",
            weight=Weight.DANGER,
        ),
        Tile(title=_("找到了"), hint=_("解除挂失，恢复使用"), url="#", icon="found"),
        Tile(title=_("补一张新卡"), hint=_("正式挂失并申请补卡"), url="#", icon="replace"),
        Tile(title=_("卡到哪了"), hint=_("查询办理进度"), url="#", icon="search"),
        Tile(title=_("去哪里办"), hint=_("查找服务网点"), url="#", icon="place"),
        Tile(title=_("帮别人办"), hint=_("家人、单位经办人"), url="#", icon="people"),
    ]


def _points() -> list[str]:
    return [
        _("社保功能：提交后立即停用"),
        _("银行账户：同时通知示例银行止付"),
        _("自动解挂：2026-11-30 15:32"),
    ]


def _staff() -> dict[str, Any]:
    links = [
        Link(_("当前来电"), "#", current=True),
        Link(_("我的待办"), "#"),
        Link(_("知识库"), "#"),
    ]
    named = {"staff_links": links, "staff_name": "0312", "staff_role": _("热线坐席")}
    return _parts() | named | {"card": _cards()[1], "status": _statuses()[0]}


def _kiosk() -> dict[str, Any]:
    return {"tiles": _tiles()}


_PAGES: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {
    "": ("style/parts.html", _parts),
    "staff": ("style/staff.html", _staff),
    "kiosk": ("style/kiosk.html", _kiosk),
    "home": ("style/home.html", _parts),
    "panel": ("style/panel.html", _parts),
}
