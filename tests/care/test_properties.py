"""What holds of every split, whatever the bill: the invariants of 6.2 and more (I6, X39, P7)."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from minka.care.bill import Bill
from minka.care.invariants import check
from minka.care.plan import Plan, VisitKind
from minka.care.split import Used, mirror
from minka.care.trace import Step, decode, encode
from tests.care.bills import any_bill, any_plan, any_used, fen, in_scope, pay, the_plan

REGIONS = ("demo-city-A", "demo-city-B")
One = Callable[[Random, str], None]


def holds(random: Random, region: str) -> None:
    """Invariants 1 to 6; a stored trace comes back; nothing is booked beyond a cap."""
    the = any_plan(random, region)
    bill, used = any_bill(random), any_used(random, the)
    made = pay(the, bill, used, fen(random))
    check(made, bill, the)
    assert decode(encode(made.trace)) == made.trace
    assert min(made.after) >= 0
    assert made.after.pool_paid <= max(the.pool_cap, used.pool_paid)
    assert made.after.large_paid <= max(the.large_cap, used.large_paid)
    total = used.pool_paid + used.large_paid
    assert made.after.pool_paid + made.after.large_paid <= max(the.total_cap, total)
    if not the.by_scope and the.tiers:
        assert made.after.op_fund <= max(the.tiers[-1][0], used.op_fund)


def goes_back(random: Random, region: str) -> None:
    """Invariant 7: a refund nets to nothing and restores the accumulators."""
    the = any_plan(random, region)
    bill, before = any_bill(random), any_used(random, the)
    made = pay(the, bill, before, fen(random))
    between = pay(the, any_bill(random), made.after).after
    back = mirror(made, before, between)
    check(back, bill.negated(), the)
    assert [a + b for a, b in zip(made[:12], back[:12], strict=True)] == [0] * 12
    moved = [a - b for a, b in zip(made.after, before, strict=True)]
    assert [a - b for a, b in zip(between, back.after, strict=True)] == moved
    assert mirror(made, before, made.after).after == before


def grows(random: Random, region: str) -> None:
    """Monotone: a fen more of a bill never makes any side pay a fen less."""
    the = any_plan(random, region)
    used, scope = any_used(random, the), fen(random, 60_000_000)
    less, more = (
        pay(the, in_scope(s), used) for s in (scope, scope + random.choice((1, 7, 10_000)))
    )
    assert more.fund >= less.fund
    assert more.person_part >= less.person_part
    assert more.deductible >= less.deductible


def billed_in_parts(random: Random, region: str) -> None:
    """A stay billed in two or three parts costs each side what it costs in one bill.

    In B a cap hands over to the next layer bill by bill, so each part may shift a fen.
    """
    the = any_plan(random, region, VisitKind.INPATIENT)
    used = any_used(random, the)
    parts = [fen(random, 30_000_000) for _ in range(random.randint(2, 3))]
    whole = pay(the, in_scope(sum(parts)), used)
    sums, now = [0] * 7, used
    for part in parts:
        made = pay(the, in_scope(part), now)
        check(made, in_scope(part), the)
        sums, now = [a + b for a, b in zip(sums, made[:7], strict=True)], made.after
    apart = max(abs(a - b) for a, b in zip(sums, whole[:7], strict=True))
    assert apart <= (3 if region == "demo-city-B" else 0)
    assert now.visit_scope == whole.after.visit_scope
    assert now.admissions == whole.after.admissions
    if region == "demo-city-A":
        assert now == whole.after


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("one", [holds, goes_back, grows, billed_in_parts])
def test_of_generated_bills(one: One, region: str) -> None:
    """P7 and I6: it holds of 500 bills in each city."""
    random = Random(310)
    for _ in range(500):
        one(random, region)


@pytest.mark.nightly
@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("one", [holds, goes_back, grows, billed_in_parts])
def test_of_a_hundred_thousand_bills(one: One, region: str) -> None:
    """P7 and I6: it holds of 100 000 bills in each city."""
    random = Random(390)
    for _ in range(100_000):
        one(random, region)


@pytest.mark.parametrize("around", [130_000, 3_000_000, 4_000_000, 10_000_000, 50_000_000])
def test_each_edge_is_crossed_fen_by_fen(around: int) -> None:
    """Around every edge of the table each further fen is paid by exactly one side."""
    the = the_plan()
    last = pay(the, in_scope(around - 51))
    for scope in range(around - 50, around + 50):
        made = pay(the, in_scope(scope))
        check(made, in_scope(scope), the)
        assert made.fund - last.fund in (0, 1)
        assert made.fund - last.fund + made.person_part - last.person_part == 1
        last = made


def test_a_first_part_outside_the_catalogue_does_not_use_up_the_first_admission() -> None:
    """The deductible of 1 300 is still the first's when in-scope fees come with the second part."""
    the: Plan = the_plan()
    first = pay(the, Bill(500, 500, 0, 0, 0), Used())
    second = pay(the, in_scope(1_000_000), first.after)
    third = pay(the, in_scope(1_000_000), second.after)
    assert (first.deductible, second.deductible, third.deductible) == (0, 130_000, 0)
    assert third.after.admissions == 1
    assert [tuple(step)[1:] for step in third.trace] == [
        (1_870_000, 8_500, 1_589_500),
        (-870_000, 8_500, -739_500),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda made: made._replace(pool=made.pool + 1, cash=made.cash - 1),
        lambda made: made._replace(cash=made.cash + 1),
        lambda made: made._replace(trace=made.trace[1:]),
        lambda made: made._replace(
            trace=(*made.trace[:-1], Step("bracket_3", 350_000, 9_500, 332_501))
        ),
        lambda made: made._replace(account=-1, cash=made.cash + made.account + 1),
    ],
)
def test_the_check_sees_what_is_wrong(wrong: Callable[..., object]) -> None:
    """The assertions can fail: each kind of wrong split is found (X39: a trace that is true)."""
    the, bill = the_plan(), in_scope(4_350_000)
    made = pay(the, bill, account=500)
    check(made, bill, the)
    with pytest.raises(AssertionError):
        check(wrong(made), bill, the)  # type: ignore[arg-type]


def test_an_unsound_bill_is_a_bug() -> None:
    """The desk asks ``Bill.sound`` first; a bill below zero never reaches a person."""
    for bill in (Bill(-1, 0, 0, 0, -1), Bill(5, 0, 0, -5, 10), Bill(5, 1, 1, 1, 1)):
        assert not bill.sound
    with pytest.raises(AssertionError):
        pay(the_plan(), Bill(-1, 0, 0, 0, -1))
