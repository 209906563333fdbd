"""Tables of the account's page besides the movements: refusals, questions, and who looked."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from minka.desk.account_seen import Look, RefusedUse, reason_said
from minka.desk.dispute import Dispute
from minka.doors.web.citizen.city import City, say
from minka.doors.web.movements import question_tag
from minka.doors.web.parts import Cell, Column, Table


def refused_table(found: Sequence[RefusedUse], city: City) -> Table:
    """Attempts that were refused; each can be objected to as well."""
    here, language = f"/{city.id}/account/use/", get_language() or "zh-hans"
    return Table(
        caption=_("被拒绝的用卡"),
        columns=[
            Column(title=_("时间")),
            Column(title=_("医院、药店")),
            Column(title=_("拒绝原因")),
            Column(title=_("不是本人？")),
        ],
        rows=[
            [
                Cell(at=each.at),
                each.provider_name or "—",
                reason_said(each.reason, language, city.hotline),
                Cell(text=_("不是我"), url=f"{here}{each.ref}/?reason=not_me#question"),
            ]
            for each in found
        ],
        empty=_("这段时间没有被拒绝的用卡。"),
    )


def questions_table(found: Sequence[Dispute], city: City) -> Table:
    """The holder's questions and how far they are."""
    return Table(
        caption=_("我提出的疑问"),
        columns=[
            Column(title=_("受理编号")),
            Column(title=_("疑问")),
            Column(title=_("最迟答复")),
            Column(title=_("进度")),
        ],
        rows=[
            [
                Cell(text=each.code, url=f"/{city.id}/question/{each.code}/"),
                say(each.reason_words),
                Cell(at=each.last_moment) if each.last_moment else "—",
                Cell(tag=question_tag(each, city.at)),
            ]
            for each in found
        ],
        empty=_("没有提出过疑问。点明细里的项目就可以提出。"),
    )


def looks_table(found: Sequence[Look]) -> Table:
    """Who looked at the holder's data."""
    return Table(
        caption=_("谁查看过我的资料"),
        columns=[Column(title=_("时间")), Column(title=_("在哪里")), Column(title=_("做了什么"))],
        rows=[[Cell(at=each.at), say(each.where), say(each.what)] for each in found],
        empty=_("这段时间没有人查看过您的资料。"),
    )
