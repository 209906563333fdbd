"""A provider's days beside ours: totals (3201), and line by line (3202), from the journal alone.

What was reversed is in nobody's books, so it is in no total. Each line of a file is compared by its
number; what only we hold carries the number of the message it came from, so that the provider can
have exactly that one reversed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from minka.care.decide import Kind
from minka.kit.clock import CHINA
from minka.store.connection import Connection, rows

BASES: Mapping[str, tuple[int, ...]] = {"11": (1, 2), "21": (4,), "41": (3,), "": (1, 2, 3, 4)}
"""The kinds of visit of a clearing category (清算类别); every other one holds nothing."""


class Refunds(Enum):
    """Whether the totals of a provider count its refunds."""

    INCLUDED = (int(Kind.SETTLEMENT), int(Kind.REFUND))
    EXCLUDED = (int(Kind.SETTLEMENT),)


class FundCounts(Enum):
    """Whether an area's sum of funds counts the individual account, too (section 6.2)."""

    ALONE = 0
    WITH_ACCOUNT = 1


class Result(Enum):
    """How two books compare (stmt_rslt)."""

    BALANCED = "000000"
    OURS_MORE = "000101"
    THEIRS_MORE = "000102"
    DIFFERS = "000103"


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose days, and which part of them; nought or an empty text asks for all."""

    provider_no: int
    begins: date
    ends: date
    refunds: Refunds
    fund_counts: FundCounts = FundCounts.ALONE
    clr_type: str = ""
    scheme: int = 0
    area: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """A settlement or refund, amounts in fen; a refund's are negative."""

    setl_id: str
    visit_no: str
    person_id: str
    total: int
    fund: int
    account: int
    cash: int = 0
    msg_no: int = 0
    is_refund: int = 0

    @property
    def amounts(self) -> tuple[int, int, int]:
        """What is compared."""
        return self.total, self.fund, self.account


@dataclass(frozen=True, slots=True)
class Sums:
    """What days add up to, in fen."""

    total: int
    fund: int
    account: int
    count: int


@dataclass(frozen=True, slots=True)
class Compared:
    """One line of either side; ``ours`` is None where only the provider holds it."""

    result: Result
    line: Held
    ours: Held | None


def held(connection: Connection, asked: Asked) -> list[Held]:
    """What we hold of these days, in the order of the messages."""
    since = datetime(asked.begins.year, asked.begins.month, asked.begins.day, tzinfo=CHINA)
    until = datetime.combine(asked.ends + timedelta(days=1), since.timetz())
    found = rows(
        connection,
        "reconcile.held",
        provider_no=asked.provider_no,
        since=since,
        until=until,
        kinds=list(asked.refunds.value),
        bases=list(BASES.get(asked.clr_type, ())),
        scheme=asked.scheme,
        area=asked.area,
    )
    return [
        Held(
            f"{each['msg_no']:018d}{each['origin_no']:08d}",
            str(each["visit_no"]),
            str(each["person_id"]),
            each["total"],
            each["fund"] + each["account"] * asked.fund_counts.value,
            *(each["account"], each["cash"], each["msg_no"]),
            int(each["kind"] == Kind.REFUND),
        )
        for each in found
    ]


def added(lines: Iterable[Held]) -> Sums:
    """The sums of lines."""
    each = list(lines)
    total, fund, account = (sum(one.amounts[place] for one in each) for place in range(3))
    return Sums(total, fund, account, len(each))


def beside(theirs: Sums, ours: Sums) -> Result:
    """How totals compare: first by how many, then by how much."""
    if theirs == ours:
        return Result.BALANCED
    if theirs.count != ours.count:
        return Result.OURS_MORE if ours.count > theirs.count else Result.THEIRS_MORE
    return Result.DIFFERS


def compared(theirs: Sequence[Held], ours: Sequence[Held]) -> Iterator[Compared]:
    """Every line of either side once: those of the provider first, then what only we hold."""
    known = {each.setl_id: each for each in ours}
    for line in theirs:
        mine = known.pop(line.setl_id, None)
        if mine is None:
            yield Compared(Result.THEIRS_MORE, line, None)
        else:
            same = mine.amounts == line.amounts
            yield Compared(Result.BALANCED if same else Result.DIFFERS, mine, mine)
    for mine in known.values():
        yield Compared(Result.OURS_MORE, mine, mine)
