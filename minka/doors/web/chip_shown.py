"""A card's chip beside the file as pages draw it: the same lines at counter, terminal and home."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from minka.desk import chip_mask
from minka.desk.chip_compare import Cure, Difference, Line, differing
from minka.desk.chip_look import SideBySide
from minka.desk.chip_money import BalanceLine
from minka.doors.web.parts import Row, Tag, Tone
from minka.kit.clock import china_text
from minka.kit.fen import yuan
from minka.kit.words import Words

_TONES = {
    Difference.SAME: Tone.GOOD,
    Difference.OTHERWISE: Tone.GOOD,
    Difference.OLDER: Tone.WAIT,
    Difference.MISSING: Tone.WAIT,
    Difference.TORN: Tone.BAD,
    Difference.KEY: Tone.BAD,
    Difference.NEWER: Tone.BAD,
    Difference.ONLY_CARD: Tone.WAIT,
    Difference.OWN: Tone.PLAIN,
    Difference.CLOSED: Tone.PLAIN,
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One item of parts/chip_lines.html: both sides with their days, and what is to be done."""

    name: str
    item: str
    card: str
    card_day: date | None
    file: str
    file_day: date | None
    tag: Tag
    why: str
    cure: str
    raw: str
    """The bytes on the card in hexadecimal; only how many there are where they name somebody."""


@dataclass(frozen=True, slots=True)
class Group:
    """The items of one application of the card."""

    label: str
    lines: list[Shown]


def groups(lines: Sequence[Line]) -> list[Group]:
    """The lines with nothing to cure by application, in the card's order."""
    found: dict[str, list[Shown]] = {}
    for line in lines:
        if line.cure is not Cure.NONE:
            continue
        found.setdefault(line.place.file.application, []).append(_shown(line))
    return [Group(_label(name), shown) for name, shown in found.items()]


def wrong(lines: Sequence[Line]) -> list[Group]:
    """The lines that name a difference somebody should cure, in one group; or none."""
    found = [_shown(line) for line in differing(lines)]
    return [Group(_("不一致的"), found)] if found else []


def _shown(line: Line) -> Shown:
    tongue = _tongue()
    cured = line.cure is Cure.NONE
    return Shown(
        name=line.place.name(tongue),
        item=f"{line.place.address}" + (f" [{line.nth}]" if line.nth > 1 else ""),
        card=chip_mask.said(line.on_card, tongue) if line.on_card else "",
        card_day=line.card_day,
        file=chip_mask.said(line.on_file, tongue) if line.on_file else "",
        file_day=line.file_day,
        tag=Tag(text=_short(line.difference), tone=_TONES[line.difference]),
        why="" if cured else say(line.difference.value),
        cure="" if cured else say(line.cure.value),
        raw=chip_mask.hidden_raw(line.on_card) if line.on_card else "",
    )


def _short(difference: Difference) -> str:
    same = difference in (Difference.SAME, Difference.OTHERWISE)
    if same:
        return _("一致")
    if difference is Difference.OWN:
        return _("卡自身")
    if difference is Difference.ONLY_CARD:
        return _("只在卡内")
    return _("未读") if difference is Difference.CLOSED else _("不一致")


def _label(application: str) -> str:
    return {
        "SSSE": _("持卡人与卡"),
        "DF01": _("公共信息"),
        "DF02": _("就业"),
        "DF03": _("社会保险"),
        "DF04": _("医疗保险"),
        "DF07": _("人事人才"),
    }.get(application, application)


def facts(seen: SideBySide) -> list[Row]:
    """Whose card, when the card was read and where, when the file was looked at."""
    reading = seen.reading
    rows = [
        Row(label=_("持卡人"), value=f"{seen.person.name_mask} {seen.person.number_mask}"),
        Row(label=_("卡号"), value=seen.card_mask),
        Row(label=_("登记查询时间"), value=china_text(seen.at)),
    ]
    if reading is not None:
        rows[2:2] = [
            Row(label=_("读卡时间"), value=china_text(reading.at)),
            Row(label=_("读卡终端"), value=reading.terminal),
            Row(label=_("芯片认证"), value=_proof(reading.proof)),
        ]
    return rows


def _proof(proof: str) -> str:
    return _("通过") if proof == "proved" else _("没有认证：不能据此办理业务")


def waiting(seen: SideBySide) -> list[str]:
    """The names of what waits to be written."""
    return [each.place.name(_tongue()) for each in seen.waiting]


def money(lines: Sequence[BalanceLine]) -> list[Row]:
    """Why the card's balance is not the account's, line by line."""
    return [
        Row(
            label=say(each.part.value) + (f" {china_text(each.at)}" if each.at else ""),
            value=yuan(each.amount_fen),
        )
        for each in lines
    ]


def say(words: Words) -> str:
    """Words in the language of the page."""
    return words.say(_tongue())


def _tongue() -> str:
    return get_language() or "zh-hans"
