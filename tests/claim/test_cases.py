"""Loss cases, their time and the latest expense, against a second way to find them (H5, P19)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from minka.care.claim_refusals import ClaimRefusal
from minka.care.reimburse import (
    Begins,
    ClaimTerms,
    DatedBy,
    Expense,
    Known,
    LossCase,
    Opening,
    Paid,
    Source,
    Window,
    cases_of,
    claim_entry,
    claim_terms,
    judge,
    latest,
    window,
)
from minka.kit.clock import CHINA
from minka.kit.outcome import Accepted, Refused
from minka.law.book import Book
from minka.law.papers import NOTHING

START = datetime(2026, 3, 2, 8, tzinfo=CHINA)
TERMS = ClaimTerms(
    rule_ref="R6-08@2021-01-22#test",
    reasons=("lost", "stolen", "damaged"),
    begins=Begins.LAST_USE,
    before=timedelta(days=30),
    dated_by=DatedBy.PAYMENT,
    count=1,
    two_people_from=100_000,
    papers=NOTHING,
)


def hour(count: int) -> datetime:
    """An instant so many hours after the start of the world."""
    return START + timedelta(hours=count)


@dataclass(frozen=True, slots=True)
class World:
    """The life of one card, and what was spent meanwhile; each instant stands once."""

    openings: tuple[Opening, ...]
    uses: tuple[datetime, ...]
    exchanged_at: datetime | None
    expenses: tuple[Expense, ...]
    known_from: dict[str, int] = field(hash=False)
    """From which claim on an expense is known."""


def invented(seed: int) -> World:
    """A seeded world of at most forty days."""
    rnd = random.Random(seed)
    free = rnd.sample(range(1, 40 * 24), 40)
    openings = tuple(
        _opening(rnd, number, hour(at)) for number, at in enumerate(free[: rnd.randint(0, 4)], 1)
    )
    uses = tuple(hour(at) for at in free[10 : 10 + rnd.randint(0, 4)])
    exchanged = hour(41 * 24) if rnd.random() < 0.4 else None
    expenses = tuple(_expense(rnd, n, hour(at)) for n, at in enumerate(free[20:28], 1))
    known_from = {each.key: rnd.choice((0, 0, 0, 3, 6)) for each in expenses}
    return World(openings, uses, exchanged, expenses, known_from)


def _opening(rnd: random.Random, number: int, at: datetime) -> Opening:
    until = at + timedelta(minutes=rnd.randint(61, 12_000)) if rnd.random() < 0.7 else None
    found = None
    if rnd.random() < 0.3:
        found = at + timedelta(minutes=rnd.randint(1, 59) + 60 * rnd.randint(0, 40))
    return Opening(number, f"G-{number}", 1, "lost", at, until, found)


def _expense(rnd: random.Random, number: int, at: datetime) -> Expense:
    exact = at if rnd.random() < 0.5 else None
    day = at.astimezone(CHINA).date()
    total = rnd.choice((0, 100, 5_000))
    return Expense(f"x{number}", 7, "示例医院", day, total, Source.STATED, exact)


def streamed(world: World) -> dict[int, list[int]]:
    """The cases found by walking through the events in order: first opening -> its openings."""
    events: list[tuple[datetime, str, Opening | None]] = [(at, "use", None) for at in world.uses]
    for each in world.openings:
        events.append((each.at, "report", each))
        if each.withdrawn_at:
            events.append((each.withdrawn_at, "found", each))
    cases: dict[int, list[int]] = {}
    current: list[Opening] = []
    for at, what, opening in sorted(events, key=lambda e: e[0]):
        if what == "report" and opening is not None:
            current = [*current, opening]
            cases.setdefault(current[0].fact_id, []).append(opening.fact_id)
        elif (what == "found" and opening in current) or (
            what == "use" and all(o.until_at and o.until_at <= at for o in current)
        ):
            current = []
    return cases


def worlds(count: int, first: int = 0) -> Iterator[World]:
    """So many seeded worlds."""
    return (invented(seed) for seed in range(first, first + count))


def check(world: World) -> int:
    """Hold every promise of P19 in one world; gives how many payments it had."""
    made = cases_of(world.openings, world.uses, world.exchanged_at)
    assert [c.case_id for c in made] == list(streamed(world))
    payments = 0
    for case in made:
        time = window(case, TERMS, world.uses)
        assert time.since <= case.stopped_at
        assert time.until is None or time.until > case.stopped_at
        assert not any(time.since < use <= case.stopped_at for use in world.uses)
        payments += _claimed(world, case, time)
    return payments


def _claimed(world: World, case: LossCase, time: Window) -> int:
    """Claim every expense in the order of the list, twice; pay what is accepted."""
    paid: list[Expense] = []
    for turn, expense in enumerate((*world.expenses, *world.expenses)):
        known = [e for e in world.expenses if world.known_from[e.key] <= turn or e is expense]
        receipt = Paid("P-1", START) if paid else None
        answer = judge(expense, TERMS, Known(case, time, known, receipt, designated=1, covered=1))
        later = [
            e for e in known if e.total_fen and time.takes(e.day, e.at) and e.later_than(expense)
        ]
        if isinstance(answer, Accepted):
            assert time.takes(expense.day, expense.at)
            assert later == [], "the latest known expense is the one that is paid"
            paid.append(expense)
        elif answer.reason is ClaimRefusal.LATER_EXPENSE:
            assert later
            assert not paid
    assert len(paid) <= 1, "one loss case gives at most one reimbursement"
    return len(paid)


def test_generated_cases_give_at_most_one_payment_of_the_latest_expense() -> None:
    """P19, H5: 2,000 generated worlds; some pay and some do not, or the test shows nothing."""
    payments = [check(world) for world in worlds(2_000)]
    assert sum(payments) > 500
    assert payments.count(0) > 200


@pytest.mark.nightly
def test_a_hundred_thousand_generated_cases() -> None:
    """P19 at the length the safety page asks for."""
    assert sum(check(world) for world in worlds(100_000, first=10_000)) > 10_000


def report(number: int, at: int, until: int | None = None, found: int | None = None) -> Opening:
    """A report by the hour."""
    ends = (hour(until) if until else None, hour(found) if found else None)
    return Opening(number, f"G-{number}", 1, "lost", hour(at), *ends)


@pytest.mark.parametrize(
    ("openings", "uses", "expected"),
    [
        ([report(1, 10)], [], [(1, None)]),
        ([report(1, 10, 34)], [], [(1, 34)]),
        ([report(1, 10, 34), report(2, 20)], [], [(1, None)]),
        ([report(1, 10, 34), report(2, 50, 74)], [], [(1, 74)]),
        ([report(1, 10, 34), report(2, 50, 74)], [40], [(1, 34), (2, 74)]),
        ([report(1, 10, 34), report(2, 50, 74)], [20], [(1, 74)]),
        ([report(1, 10, 34, 12), report(2, 50)], [], [(1, 12), (2, None)]),
        ([report(1, 10, None, 12), report(2, 50)], [], [(1, 12), (2, None)]),
    ],
)
def test_where_one_loss_ends_and_another_begins(
    openings: list[Opening], uses: list[int], expected: list[tuple[int, int | None]]
) -> None:
    """H5: a report that lapsed while the card stayed away is the same loss."""
    found = cases_of(openings, [hour(use) for use in uses], None)
    wanted = [(number, hour(end) if end else None) for number, end in expected]
    assert [(c.case_id, c.ended_at) for c in found] == wanted


def test_the_new_card_ends_the_loss() -> None:
    """H5: from the moment it is handed over the holder has a card."""
    assert cases_of([report(1, 10)], [], hour(60))[0].ended_at == hour(60)


@pytest.mark.parametrize(
    ("terms", "uses", "since"),
    [
        (TERMS, [], START + timedelta(hours=800 - 720)),
        (TERMS, [500], hour(500)),
        (TERMS, [10], START + timedelta(hours=800 - 720)),
        (replace(TERMS, begins=Begins.STOPPED), [500], hour(800)),
    ],
)
def test_when_the_loss_period_begins(terms: ClaimTerms, uses: list[int], since: datetime) -> None:
    """O6-7 as assumed: with the last use, thirty days at most; or with the report."""
    used = [hour(use) for use in uses]
    case = cases_of([report(1, 800)], used, None)[0]
    assert window(case, terms, used).since == since


def test_the_rule_of_claims_is_the_regions(book: Book) -> None:
    """R6-08: once, marked as assumed where the text is silent; no other region has it."""
    entry = claim_entry(book.on("R6", START.date()))
    assert entry is not None
    terms = claim_terms(entry)
    assert (terms.count, terms.begins, terms.two_people_from) == (1, Begins.LAST_USE, 100_000)
    assert {"loss_period", "signing", "reasons"} <= set(terms.assumed)
    assert "reimbursement" not in terms.assumed
    assert claim_entry(book.on("R1", START.date())) is None


def spent(key: str, at: int, total: int = 100) -> Expense:
    """An expense by the hour."""
    day = hour(at).astimezone(CHINA).date()
    return Expense(key, 7, "示例医院", day, total, Source.STATED, hour(at))


CASE = LossCase(1, "G-1", 1, "lost", hour(10), hour(100))
TIME = Window(hour(10), hour(100))
GOOD = Known(CASE, TIME, (), designated=1, covered=1)


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        (Known(None), ClaimRefusal.NO_LOSS_CASE),
        (replace(GOOD, case=replace(CASE, reason="full")), ClaimRefusal.REASON_NOT_CLAIMED),
        (replace(GOOD, paid=Paid("P-1", START)), ClaimRefusal.ALREADY_REIMBURSED),
        (replace(GOOD, pending="E-1"), ClaimRefusal.CLAIM_PENDING),
        (replace(GOOD, designated=0), ClaimRefusal.PROVIDER_NOT_DESIGNATED),
        (replace(GOOD, covered=0), ClaimRefusal.NOT_COVERED_THEN),
        (replace(GOOD, window=Window(hour(60), None)), ClaimRefusal.OUTSIDE_LOSS_PERIOD),
        (replace(GOOD, settled=1), ClaimRefusal.SETTLED_WITH_INSURANCE),
        (replace(GOOD, invoice_paid=1), ClaimRefusal.INVOICE_PAID),
        (replace(GOOD, expenses=(spent("b", 51),)), ClaimRefusal.LATER_EXPENSE),
        (replace(GOOD, expenses=(spent("b", 49), spent("c", 101))), None),
        (replace(GOOD, expenses=(spent("b", 51, 0),)), None),
    ],
)
def test_the_refusals_in_their_order(known: Known, reason: ClaimRefusal | None) -> None:
    """H5: every refusal has its fact; an attempt without an amount is no expense."""
    answer = judge(spent("a", 50), TERMS, known)
    assert (answer.reason if isinstance(answer, Refused) else None) is reason


def test_of_equal_days_the_instant_decides() -> None:
    """O6-6: where only the day is known, none of that day is later than another."""
    known = [spent("a", 50), spent("b", 52), replace(spent("c", 51), at=None)]
    found = latest(known, TIME)
    assert found is not None
    assert found.key == "b"
    assert not known[2].later_than(known[1])
    assert not known[1].later_than(known[2])
