"""The one expense of a loss period that is paid back: which loss, which time, which bill (R6-08).

A loss case is one loss of one card. It is opened by a loss report in force, or by an application to
replace a damaged card; a further report belongs to it until the card is back in the holder's hand:

| what closes it | at |
|---|---|
| the replacement was handed over | its instant |
| the report was withdrawn: the card was found | its instant |
| the report lapsed, and the card was used again | the use |
| the last report lapsed, and nothing else happened | the lapse; a further report opens it again |

Of all expenses known in the time of a case the latest is paid, once (P19). Everything is computed
from facts with their instants, so it comes out alike whenever it is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from minka.care.claim_refusals import ClaimRefusal
from minka.kit.clock import CHINA, china_text
from minka.kit.outcome import Accepted, Refused
from minka.law.papers import NOTHING, Papers
from minka.law.period import Period, Unit
from minka.law.region import Entry, RegionLaw


class Begins(StrEnum):
    """With what the loss period begins."""

    LAST_USE = "last_use"
    STOPPED = "stopped"


class DatedBy(StrEnum):
    """Which date of an expense counts."""

    PAYMENT = "payment"
    TREATMENT = "treatment"


@dataclass(frozen=True, slots=True)
class ClaimTerms:
    """What the law of the day says about the expense of a loss period; amounts in fen."""

    rule_ref: str
    reasons: tuple[str, ...]
    begins: Begins
    before: timedelta
    dated_by: DatedBy
    count: int
    two_people_from: int | None
    papers: Papers
    assumed: tuple[str, ...] = ()


SILENT_BEFORE = timedelta(0)
"""Where a rule names no start, the period begins when the card was stopped."""


def claim_entry(law: RegionLaw) -> Entry | None:
    """The rule of claims of a region, or None."""
    return next((e for e in law.entries("claim") if e.value("reimbursement")), None)


def claim_terms(entry: Entry) -> ClaimTerms:
    """The terms of a rule of claims; where it is silent the narrow reading holds."""
    period, signing = entry.value("loss_period"), entry.value("signing")
    return ClaimTerms(
        rule_ref=entry.ref,
        reasons=tuple(entry.value("reasons") or ()),
        begins=Begins(period.begins) if period else Begins.STOPPED,
        before=_stretch(period.before) if period and period.before else SILENT_BEFORE,
        dated_by=DatedBy(period.dated_by) if period else DatedBy.PAYMENT,
        count=entry.value("reimbursement").count,
        two_people_from=signing.two_people_from_fen if signing else None,
        papers=entry.value("papers_self") or NOTHING,
        assumed=tuple(name for name, leaf in entry.leaves.items() if leaf.marked),
    )


def _stretch(period: Period) -> timedelta:
    hours = {Unit.HOUR: 1, Unit.DAY: 24}
    return timedelta(hours=period.value * hours.get(period.unit, 0))


@dataclass(frozen=True, slots=True)
class Opening:
    """A report in force, or an application to replace a damaged card."""

    fact_id: int
    receipt: str
    card_id: int
    reason: str
    at: datetime
    until_at: datetime | None = None
    """When the stop ends by itself."""
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LossCase:
    """One loss of one card; the first opening's number is its own."""

    case_id: int
    receipt: str
    card_id: int
    reason: str
    stopped_at: datetime
    ended_at: datetime | None
    """When the holder has a card again, known ahead for a lapse; None while nothing ends it."""


def cases_of(
    openings: Iterable[Opening], uses: Collection[datetime], exchanged_at: datetime | None
) -> tuple[LossCase, ...]:
    """The loss cases of one card, oldest first.

    ``uses`` are the instants at which the card was used and worked; ``exchanged_at`` is when its
    replacement was handed over.
    """
    found: list[list[Opening]] = []
    for each in sorted(openings, key=lambda o: (o.at, o.fact_id)):
        if found and _same_loss(found[-1], each, uses):
            found[-1].append(each)
        else:
            found.append([each])
    return tuple(_case(group, uses, exchanged_at) for group in found)


def _same_loss(group: Sequence[Opening], later: Opening, uses: Collection[datetime]) -> int:
    """One when the card was not back in the holder's hand between two reports."""
    back = _back(group, uses)
    return int(back is None or back > later.at)


def _back(group: Sequence[Opening], uses: Collection[datetime]) -> datetime | None:
    """When a card of these reports was back in hand: found, or used after the last stop ended."""
    found = [o.withdrawn_at for o in group if o.withdrawn_at is not None]
    lapses = [o.until_at for o in group]
    known = [lapse for lapse in lapses if lapse is not None]
    used = [use for use in uses if len(known) == len(lapses) and use >= max(known)]
    return min([*found, *used], default=None)


def _case(
    group: Sequence[Opening], uses: Collection[datetime], exchanged_at: datetime | None
) -> LossCase:
    first = group[0]
    lapses = [o.until_at for o in group]
    known = [lapse for lapse in lapses if lapse is not None]
    lapse = max(known) if len(known) == len(lapses) else None
    ends = [_back(group, uses), lapse, exchanged_at]
    ended = min((end for end in ends if end is not None and end > first.at), default=None)
    return LossCase(first.fact_id, first.receipt, first.card_id, first.reason, first.at, ended)


@dataclass(frozen=True, slots=True)
class Window:
    """The time in which an expense counts: from, and until, None while it still runs."""

    since: datetime
    until: datetime | None

    def takes(self, day: date, at: datetime | None) -> int:
        """One when an expense of a day lies in it; by the instant where that is known."""
        if at is not None:
            return int(self.since <= at and (self.until is None or at < self.until))
        last = _day(self.until) if self.until else date.max
        return int(_day(self.since) <= day <= last)


def window(case: LossCase, terms: ClaimTerms, uses: Collection[datetime]) -> Window:
    """The loss period of a case, bound to facts: a card that was used was not lost."""
    if terms.begins is Begins.STOPPED:
        return Window(case.stopped_at, case.ended_at)
    earliest = case.stopped_at - terms.before
    used = [use for use in uses if earliest < use <= case.stopped_at]
    return Window(max(used, default=earliest), case.ended_at)


def _day(at: datetime) -> date:
    return at.astimezone(CHINA).date()


class Source(StrEnum):
    """Where an expense is known from."""

    RECORD = "record"
    """Charges that a provider uploaded and nobody settled: they were paid in cash."""
    REFUSED = "refused"
    """A settlement that was refused."""
    STATED = "stated"
    """An invoice that the holder brought."""


@dataclass(frozen=True, slots=True)
class Expense:
    """One expense; ``day`` is the date that counts, ``at`` its instant where it is known."""

    key: str
    """Who knows it by what: a visit's number, or a provider and his invoice's number."""
    provider_no: int
    provider_name: str
    day: date
    total_fen: int
    source: Source
    at: datetime | None = None
    visit_no: int = 0
    invoice_no: str = ""

    def later_than(self, other: Expense) -> int:
        """One when it is surely the later of two: by day, and by instant where both have one."""
        if self.day != other.day:
            return int(self.day > other.day)
        return int(self.at is not None and other.at is not None and self.at > other.at)


@dataclass(frozen=True, slots=True)
class Paid:
    """The reimbursement that a case already had."""

    receipt: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """What the register knows of a case when a claim is judged."""

    case: LossCase | None
    window: Window | None = None
    expenses: Sequence[Expense] = ()
    """Every known expense of the window, the claimed one or not."""
    paid: Paid | None = None
    pending: str = ""
    """The receipt of an open claim for the very same expense."""
    designated: int = 0
    covered: int = 0
    settled: int = 0
    """One when the visit was settled with the insurance."""
    invoice_paid: int = 0


def judge(claimed: Expense, terms: ClaimTerms, known: Known) -> Accepted[Expense] | Refused:
    """Whether this expense is the one that is paid back; ``ClaimRefusal`` in order."""
    if known.case is None or known.window is None:
        return Refused(ClaimRefusal.NO_LOSS_CASE)
    if terms.reasons and known.case.reason not in terms.reasons:
        facts = {"reason": known.case.reason, "reasons": terms.reasons}
        return Refused(ClaimRefusal.REASON_NOT_CLAIMED, facts)
    if known.paid is not None:
        facts = {"receipt": known.paid.receipt, "at": china_text(known.paid.at)}
        return Refused(ClaimRefusal.ALREADY_REIMBURSED, facts)
    if known.pending:
        return Refused(ClaimRefusal.CLAIM_PENDING, {"receipt": known.pending})
    return _judge_expense(claimed, known.window, known)


def _judge_expense(claimed: Expense, time: Window, known: Known) -> Accepted[Expense] | Refused:
    place = {"provider": claimed.provider_name, "day": claimed.day.isoformat()}
    if not known.designated:
        return Refused(ClaimRefusal.PROVIDER_NOT_DESIGNATED, place)
    if not known.covered:
        return Refused(ClaimRefusal.NOT_COVERED_THEN, place)
    if not time.takes(claimed.day, claimed.at):
        until = china_text(time.until) if time.until else "…"
        facts = {"since": china_text(time.since), "until": until}
        return Refused(ClaimRefusal.OUTSIDE_LOSS_PERIOD, facts)
    if known.settled:
        return Refused(ClaimRefusal.SETTLED_WITH_INSURANCE)
    if known.invoice_paid:
        return Refused(ClaimRefusal.INVOICE_PAID)
    later = latest((e for e in known.expenses if e.later_than(claimed)), time)
    if later is not None and later.key != claimed.key:
        facts = {"provider": later.provider_name, "day": later.day.isoformat()}
        return Refused(ClaimRefusal.LATER_EXPENSE, facts)
    return Accepted(claimed)


def latest(expenses: Iterable[Expense], time: Window) -> Expense | None:
    """The latest of the expenses that lie in the time, or None; of equals the first.

    An attempt that is known without an amount is no expense.
    """
    found: Expense | None = None
    for each in expenses:
        counts = each.total_fen > 0 and time.takes(each.day, each.at)
        if counts and (found is None or each.later_than(found)):
            found = each
    return found


def same_expense(stated: Expense, recorded: Iterable[Expense]) -> Expense:
    """A stated invoice as the record of the same provider, day and amount, where there is one."""
    for each in recorded:
        same = (each.provider_no, each.day, each.total_fen)
        if each.visit_no and same == (stated.provider_no, stated.day, stated.total_fen):
            return replace(each, invoice_no=stated.invoice_no)
    return stated
