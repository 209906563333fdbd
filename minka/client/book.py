"""The day book: what the hospital booked, its totals for 3201, and the comparison at night."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from itertools import groupby
from typing import Any

from minka.client.log import OutboundLog
from minka.kit.fen import yuan
from minka.kit.words import Words

NAMES = ("insutype", "clr_type", "clr_optins")


@dataclass(frozen=True, slots=True)
class Line:
    """A settlement (positive) or a refund (negative) on the platform's day, amounts in fen."""

    setl_id: str
    mdtrt_id: str
    psn_no: str
    total_fen: int
    fund_fen: int
    account_fen: int
    msgid: str = ""
    cash_fen: int = 0
    of_setl_id: str = ""
    group: tuple[str, str, str] = field(default=("", "", ""))

    def columns(self) -> tuple[str, ...]:
        """The seven columns of the 3202 upload."""
        amounts = (yuan(each) for each in (self.total_fen, self.fund_fen, self.account_fen))
        return (self.setl_id, self.mdtrt_id, self.psn_no, *amounts, "1" if self.of_setl_id else "0")


class Cause(Enum):
    """How two books differ (section 7), and what cures it."""

    ONLY_THEIRS = Words(
        "平台多：平台有，本院没有。按报文冲正或补记。",
        "平台多：平台有，本院沒有。按報文沖正或補記。",
        "Only theirs: reverse the message it came from, or book it late.",
    )
    ONLY_OURS = Words(
        "本院多：本院有，平台没有。本院作废，重新结算或退款给病人。",
        "本院多：本院有，平台沒有。本院作廢，重新結算或退款給病人。",
        "Only ours: void it here, then settle again or pay the patient back.",
    )
    DIFFERS = Words(
        "金额不一致。保留两边记录，由人核对。",
        "金額不一致。保留兩邊紀錄，由人核對。",
        "The amounts differ: keep both records, a person decides.",
    )
    REFUNDED_THERE = Words(
        "平台已退费，本院没有退。补记退费。",
        "平台已退費，本院沒有退。補記退費。",
        "Refunded there and not here: book the refund.",
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference of a day."""

    cause: Cause
    setl_id: str
    ours: Line | None = None
    theirs: Line | None = None


class DayBook:
    """What was booked, day by day; its lines are written with the success they belong to."""

    def __init__(self, log: OutboundLog) -> None:
        self._log = log

    def lines(self, day: str) -> list[Line]:
        """The lines of a day (``yyyy-mm-dd``, the platform's own)."""
        return [
            Line(
                *(row["setl_id"], row["mdtrt_id"], row["psn_no"], row["total_fen"]),
                *(row["fund_fen"], row["account_fen"], row["msgid"], row["cash_fen"]),
                *(row["of_setl_id"], tuple(row[name] for name in NAMES)),
            )
            for row in self._log.booked(day)
        ]

    def totals(self, day: str) -> list[dict[str, Any]]:
        """What 3201 asks for, per scheme, clearing kind and agency; refunds are included."""
        ordered = sorted(self.lines(day), key=lambda line: line.group)
        return [
            _total(day, group, list(lines))
            for group, lines in groupby(ordered, key=lambda line: line.group)
        ]

    def compare(self, day: str, theirs: Iterable[Line]) -> list[Difference]:
        """Our lines beside the platform's, by settlement; empty when the books are equal."""
        ours = {line.setl_id: line for line in self.lines(day)}
        other = {line.setl_id: line for line in theirs}
        return list(_differences(ours, other))


def _total(day: str, group: tuple[str, str, str], lines: list[Line]) -> dict[str, Any]:
    insutype, clr_type, optins = group
    return {
        "insutype": insutype,
        "clr_type": clr_type,
        "setl_optins": optins,
        "stmt_begndate": day,
        "stmt_enddate": day,
        "medfee_sumamt": yuan(sum(line.total_fen for line in lines)),
        "fund_pay_sumamt": yuan(sum(line.fund_fen for line in lines)),
        "acct_pay": yuan(sum(line.account_fen for line in lines)),
        "fixmedins_setl_cnt": str(len(lines)),
        "refd_setl_flag": "1",
    }


def _differences(ours: dict[str, Line], theirs: dict[str, Line]) -> Iterator[Difference]:
    for setl_id in sorted(ours.keys() | theirs.keys()):
        mine, other = ours.get(setl_id), theirs.get(setl_id)
        if mine is None and other is not None:
            undone = other.of_setl_id in ours
            cause = Cause.REFUNDED_THERE if undone else Cause.ONLY_THEIRS
            yield Difference(cause, setl_id, None, other)
        elif other is None:
            yield Difference(Cause.ONLY_OURS, setl_id, mine)
        elif mine is not None and _amounts(mine) != _amounts(other):
            yield Difference(Cause.DIFFERS, setl_id, mine, other)


def _amounts(line: Line) -> tuple[int, int, int]:
    return line.total_fen, line.fund_fen, line.account_fen
