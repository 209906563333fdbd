"""What becomes of one request of a batch, from what was read; it touches nothing.

The order: a key that was answered gets its answer again; then the questions of the task; then the
new journal row with the new state of the coverage, or a refusal that is kept under the key too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from minka.cards.pin_refusals import PinRefusal
from minka.cards.refusals import UseRefusal
from minka.care.decide import (
    Ask,
    Credential,
    Kind,
    asked_of,
    may_settle,
    may_show,
    same_bill,
    used,
)
from minka.care.entry import Entry, undo
from minka.care.refusals import CareRefusal
from minka.care.split import AccountUse, split
from minka.care.state import Coverage, Outstanding, outstanding
from minka.care.trace import encode
from minka.desk.care_book import CareBook, Provider
from minka.desk.refusals import DeskRefusal
from minka.desk.settle_job import Job, Outcome, Task, Verdict
from minka.desk.settle_read import Read
from minka.desk.settle_rows import Now
from minka.kit.outcome import Reason
from minka.law.benefits import NoBenefits
from minka.store.hot.arrays import day_number, moment


class Move(NamedTuple):
    """A row that moves money, and the coverage after it."""

    entry: Entry
    now: Now


class Kept(NamedTuple):
    """A row that moves nothing and is kept, so that its key has an answer: refusal or tombstone."""

    entry: Entry


class Unnumbered(Exception):
    """A rule version has no number yet; ``args[0]`` is its reference."""


class Thought(NamedTuple):
    """What is to be written for a job and what is answered once that stands."""

    key: tuple[int, int]
    what: Move | Kept | Outcome
    outcome: Outcome


Said: TypeAlias = Reason | Move | Kept | Outcome


@dataclass(slots=True)
class Case:
    """A job with what was found for it."""

    job: Job
    read: Read
    place: int
    book: CareBook
    provider: Provider | None


def think(job: Job, read: Read, place: int, book: CareBook) -> Thought:
    """One job of a batch; ``Unnumbered`` when its rule version must be numbered first."""
    key = (job.msg_no, job.origin_no)
    known = read.known.get(place)
    visit = read.visit.get(place)
    shown = visit.shown if visit else b""
    if known is not None:
        again = _again(job, known)._replace(shown=shown)
        return Thought(key, again, again)
    if read.said.get(place, job.content_hash) != job.content_hash:
        other = _no(DeskRefusal.KEY_REUSED)
        return Thought(key, other, other)
    case = Case(job, read, place, book, book.providers.get(job.provider_no or job.origin_no))
    said = _TASKS[job.task](case, read.coverage.get(place))
    if isinstance(said, Move):
        return Thought(key, said, Outcome(Verdict.DONE, said.entry, shown=shown))
    if isinstance(said, Kept):
        stone = said.entry
        return Thought((stone.msg_no, stone.origin_no), said, Outcome(Verdict.DONE, stone))
    if isinstance(said, Outcome):
        said = said._replace(shown=shown)
        return Thought(key, said, said)
    outcome = _no(said)
    if job.task is Task.PREVIEW:
        return Thought(key, outcome, outcome)
    row = _row(job, read.coverage.get(place), kind=Kind.REFUSAL, at=read.now)
    return Thought(key, Kept(row._replace(reason=said.code.encode())), outcome)


def _again(job: Job, known: Entry) -> Outcome:
    """The answer a key was given before."""
    if known.kind == Kind.TOMBSTONE:
        return _no(CareRefusal.REVERSED)
    if known.content_hash != job.content_hash:
        return _no(DeskRefusal.KEY_REUSED)
    if known.kind == Kind.REFUSAL:
        code = known.reason.decode()
        return Outcome(Verdict.REFUSED, None, REASONS.get(code), code)
    return Outcome(Verdict.DONE, known)


def _no(reason: Reason) -> Outcome:
    return Outcome(Verdict.REFUSED, None, reason, reason.code)


def _settle(case: Case, coverage: Coverage | None) -> Said:
    """A bill of a registered visit."""
    job, read, place = case.job, case.read, case.place
    visit = read.visit.get(place)
    closed = asked_of(visit, job.person_id, job.origin_no)
    if closed is not None or coverage is None or visit is None:
        return closed or CareRefusal.VISIT_UNKNOWN
    if visit.basis not in _BASES.get(job.infno, ()):
        return CareRefusal.SCHEME_WRONG
    before = read.earlier.get(place, ())
    due = outstanding(read.uploads.get(place, ()), before, job.batch)
    if due is None:
        return CareRefusal.ALREADY_SETTLED if before else CareRefusal.NOTHING_DUE
    return _bill(case, coverage, due, basis=visit.basis, bound_card=visit.card_id)


def _quote(case: Case, coverage: Coverage | None) -> Said:
    """What a bill would cost: of a registered visit, or of lines that came with the question."""
    due = case.job.due
    if due is None:
        return _settle(case, coverage)
    if coverage is None:
        return CareRefusal.VISIT_UNKNOWN
    return _bill(case, coverage, due, basis=case.job.basis, bound_card=0)


def _bill(case: Case, coverage: Coverage, due: Outstanding, *, basis: int, bound_card: int) -> Said:
    job, provider = case.job, case.provider
    if provider is None:
        return CareRefusal.NOT_DESIGNATED
    if not due.bill.sound:
        return CareRefusal.RETURNS_EXCEED
    if not due.bill.total:
        return CareRefusal.NOTHING_DUE
    at = max(case.read.now, coverage.last_at + 1)
    wrong = (
        may_settle(coverage, provider.contracts, on=due.served_on, at=at)
        or _shown(case, coverage, at, bound_card)
        or (CareRefusal.SCHEME_WRONG if job.ask.scheme != coverage.scheme else None)
        or same_bill(job.ask, due.bill)
    )
    return wrong or _split(case, coverage, due, basis=basis, at=at)


def _split(case: Case, coverage: Coverage, due: Outstanding, *, basis: int, at: int) -> Said:
    job, provider = case.job, case.provider
    assert provider is not None
    try:
        plan, ref, year = case.book.plan(coverage, due.served_on, level=provider.level, basis=basis)
    except NoBenefits:
        return CareRefusal.SCHEME_WRONG
    rule_no = case.book.rules.get(ref)
    if rule_no is None:
        raise Unnumbered(ref)
    if year < coverage.year:
        return CareRefusal.YEAR_CLOSED
    before, free = used(coverage, due, year), coverage.available(at)
    parts = split(plan, due.bill, before, account_fen=free, use_account=job.ask.use_account)
    after = parts.after
    entry = Entry._make(
        (
            *(job.msg_no, job.origin_no, job.person_id, job.visit_no, due.bill_no, due.fee_upto),
            *(coverage.card_id, 0, 0, provider.provider_no, coverage.area, rule_no, job.infno),
            *(Kind.SETTLEMENT, basis, coverage.scheme, job.ask.credential, year, due.round, 0),
            *(int(plan.pooled), after.admissions - before.admissions, *due.bill),
            *parts[:10],
            *(parts.cash, coverage.balance - parts.account, at),
            *(b"", encode(parts.trace), job.content_hash),
        )
    )
    if job.task is Task.PREVIEW:
        return Outcome(Verdict.DONE, entry)
    now = (coverage.last_at, coverage.prev_msg_no, coverage.prev_origin_no, year)
    return Move(entry, Now(*now, *after[:6], after.own_scope))


def _shown(case: Case, coverage: Coverage, at: int, bound_card: int) -> Reason | None:
    ask = case.job.ask
    if ask.credential == Credential.CARD:
        return may_show(coverage, ask, at, bound_card)
    if case.job.number_index != case.read.number.get(case.place):
        return CareRefusal.CREDENTIAL_WRONG
    return None


def _purchase(case: Case, coverage: Coverage | None) -> Said:
    """A payment at a till from the individual account alone; the PIN was verified before."""
    job, provider = case.job, case.provider
    if provider is None:
        return CareRefusal.NOT_DESIGNATED
    if coverage is None:
        return CareRefusal.CARD_UNKNOWN
    at, amount = max(case.read.now, coverage.last_at + 1), job.ask.total
    on = job.served_on or day_number(moment(at).date())
    wrong = may_settle(coverage, provider.contracts, on=on, at=at) or may_show(
        coverage, job.ask, at
    )
    if wrong is None and coverage.available(at) < amount:
        wrong = CareRefusal.ACCOUNT_SHORT
    if wrong is not None:
        return wrong
    entry = _row(job, coverage, kind=Kind.SETTLEMENT, at=at)._replace(
        year=moment(at).year,
        total=amount,
        own_pay=amount,
        account=amount,
        balance=coverage.balance - amount,
    )
    return Move(entry, _unmoved(coverage))


def _refund(case: Case, coverage: Coverage | None) -> Said:
    """Money back after a known settlement; it asks for no card, so a lost card is no hindrance."""
    job, of = case.job, case.read.original.get(case.place)
    if (
        of is None
        or coverage is None
        or of.kind != Kind.SETTLEMENT
        or (of.person_id, of.origin_no) != (job.person_id, job.origin_no)
        or (job.visit_no and of.visit_no != job.visit_no)
    ):
        return CareRefusal.SETTLEMENT_UNKNOWN
    if _stands_undone(case):
        return CareRefusal.ALREADY_UNDONE
    return _back(case, coverage, of, Kind.REFUND)


def _reverse(case: Case, coverage: Coverage | None) -> Said:
    """Make a message whose outcome its sender does not know have no effect, now or ever."""
    job, of = case.job, case.read.original.get(case.place)
    if of is None:
        stone = _row(job, coverage, kind=Kind.TOMBSTONE, at=case.read.now)
        return Kept(stone._replace(msg_no=job.of_msg_no, origin_no=job.of_origin_no))
    if of.person_id not in (0, job.person_id):
        return CareRefusal.SETTLEMENT_UNKNOWN
    if of.kind >= Kind.REFUSAL or coverage is None or _stands_undone(case):
        return Outcome(Verdict.DONE, of)
    return _back(case, coverage, of, Kind.REVERSAL)


def _refuse(case: Case, _coverage: Coverage | None) -> Said:
    """What was refused before it came here."""
    assert case.job.reason is not None, "a refusal has its reason"
    return case.job.reason


def _stands_undone(case: Case) -> int:
    """How many undoings of the original were not undone themselves: none or one."""
    return sum(not each.undone for each in case.read.undone.get(case.place, ()))


def _back(case: Case, coverage: Coverage, of: Entry, kind: Kind) -> Move | Reason:
    job, nth = case.job, len(case.read.undone.get(case.place, ()))
    key = (job.msg_no, job.origin_no)
    entry = undo(of, msg_no=key[0], origin_no=key[1], kind=kind, infno=job.infno, nth=nth)
    balance = coverage.balance - entry.account
    if balance < 0:
        return CareRefusal.ACCOUNT_SHORT
    at = max(case.read.now, coverage.last_at + 1)
    entry = entry._replace(balance=balance, at=at, content_hash=job.content_hash)
    return Move(entry, _moved_back(coverage, entry))


def _moved_back(coverage: Coverage, entry: Entry) -> Now:
    """The accumulators are sums over the year's rows; this row takes its part out of them again."""
    if entry.year != coverage.year:
        return _unmoved(coverage)
    outside, pooled = int(1 <= entry.basis <= 3), entry.pooled
    return Now(
        *(coverage.last_at, coverage.prev_msg_no, coverage.prev_origin_no, coverage.year),
        coverage.op_deductible + outside * entry.deductible,
        coverage.op_scope + (1 - pooled) * entry.in_scope,
        coverage.op_fund + (1 - pooled) * entry.pool,
        coverage.admissions + entry.admission,
        coverage.pool_paid + pooled * entry.pool,
        coverage.large_paid + pooled * entry.large,
        coverage.own_scope + entry.in_scope - entry.pool - entry.large,
    )


def _unmoved(coverage: Coverage) -> Now:
    head = (coverage.last_at, coverage.prev_msg_no, coverage.prev_origin_no)
    return Now(*head, *coverage[10:18])


def _row(job: Job, coverage: Coverage | None, *, kind: Kind, at: int) -> Entry:
    """A row without amounts."""
    area, scheme, card = 0, 0, 0
    if coverage is not None:
        area, scheme, card = coverage.area, coverage.scheme, coverage.card_id
    head = (job.msg_no, job.origin_no, job.person_id, job.visit_no, 0, 0, card, 0, 0)
    about = (
        job.provider_no or job.origin_no,
        area,
        0,
        job.infno,
        kind,
        0,
        scheme,
        job.ask.credential,
    )
    balance = coverage.balance if coverage is not None else 0
    return Entry._make((*head, *about, *([0] * 21), balance, at, b"", b"", job.content_hash))


REASONS: dict[str, Reason] = {
    each.code: each for room in (CareRefusal, UseRefusal, DeskRefusal, PinRefusal) for each in room
}
"""Every reason a lane keeps, by its code."""

_BASES = {2206: (1, 2), 2207: (1, 2), 2102: (3,), 2303: (4,), 2304: (4,)}
"""Which kinds of visit a transaction settles: a stay as a whole, other visits batch by batch."""

_TASKS: dict[Task, Callable[[Case, Coverage | None], Said]] = {
    Task.SETTLE: _settle,
    Task.PREVIEW: _quote,
    Task.PURCHASE: _purchase,
    Task.REFUND: _refund,
    Task.REVERSE: _reverse,
    Task.REFUSE: _refuse,
}
NO_ASK = Ask(Credential.NONE, b"", 0, None, AccountUse.NO, 0)
"""Of a refund or a reversal, which ask for nothing but an undoing."""
