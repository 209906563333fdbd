"""The worked examples of section 6.3, and the points of 6.4 where a rule turns (D2)."""

from __future__ import annotations

from datetime import date

import pytest

from minka.care.bill import Bill, add_up
from minka.care.invariants import check
from minka.care.lines import LineClass, split_line
from minka.care.plan import BOUNDLESS, Extra, VisitKind
from minka.care.split import AccountUse, Split, Used, split
from minka.law.benefits import NoBenefits
from tests.care.bills import N, in_scope, pay, the_plan

YUAN = 100
LAST, FIRST = date(2022, 12, 31), date(2023, 1, 1)
INPATIENT, OUTPATIENT = VisitKind.INPATIENT, VisitKind.OUTPATIENT
A_BILL = add_up(
    [
        split_line(30_000 * YUAN, LineClass.A),
        split_line(17_000 * YUAN, LineClass.B, 1_000, limit_fen=15_000 * YUAN),
        split_line(3_000 * YUAN, LineClass.C),
    ]
)


def test_example_a() -> None:
    """6.3 A: a bill of 50 000 at level 3, first admission; D2: each share of the receipt."""
    assert Bill(5_000_000, 300_000, 200_000, 150_000, 4_350_000) == A_BILL
    the = the_plan()
    made = pay(the, A_BILL, account=5_000 * YUAN)
    check(made, A_BILL, the)
    assert (made.deductible, made.pool, made.fund) == (130_000, 3_672_000, 3_672_000)
    assert (made.person_part, made.account, made.cash) == (1_328_000, 500_000, 828_000)
    assert [(s.of_fen, s.ratio_e4, s.amount_fen) for s in made.trace[1:]] == [
        (2_870_000, 8_500, 2_439_500),
        (1_000_000, 9_000, 900_000),
        (350_000, 9_500, 332_500),
    ]
    assert made.after == Used(
        admissions=1,
        pool_paid=3_672_000,
        visit_scope=4_350_000,
        visit_deductible=130_000,
        own_scope=678_000,
    )


def test_an_account_that_is_not_asked_pays_nothing() -> None:
    """6.1, step 9: only when ``acct_used_flag`` is 1."""
    made = split(the_plan(), A_BILL, Used(), account_fen=10**9, use_account=N)
    assert (made.account, made.cash) == (0, 1_328_000)


def test_the_family_pays_after_the_persons_own_account() -> None:
    """6.2, invariant 3, with ``acct_mulaid_pay``."""
    made = split(
        the_plan(), A_BILL, Used(), account_fen=1_000, use_account=AccountUse.YES, mutual_fen=2_000
    )
    assert (made.account, made.mutual_aid, made.cash) == (1_000, 2_000, 1_325_000)


def test_a_bill_of_nothing() -> None:
    """Zero in, zero out, no step, and it does not count as an admission."""
    made = pay(the_plan(), Bill(0, 0, 0, 0, 0), account=100)
    assert made[:12] == (0,) * 12
    assert made.trace == ()
    assert made.after == Used()


def test_a_bill_outside_the_catalogue_is_the_persons() -> None:
    """丙 alone: no fund pays, no deductible is used, no admission counts."""
    made = pay(the_plan(), Bill(900, 900, 0, 0, 0), account=100)
    assert (made.fund, made.account, made.cash, made.after) == (0, 100, 800, Used())


@pytest.mark.parametrize(
    ("psn_type", "admissions", "level", "expected"),
    [
        (11, 0, 3, [(130_000, 10_000), (870_000, 8_500)]),
        (11, 1, 3, [(65_000, 10_000), (935_000, 8_500)]),
        (11, 7, 1, [(65_000, 10_000), (935_000, 9_000)]),
        (11, 0, 2, [(130_000, 10_000), (870_000, 8_700)]),
        (12, 0, 3, [(130_000, 10_000), (870_000, 9_100)]),
        (12, 0, 1, [(130_000, 10_000), (870_000, 9_400)]),
        (12, 0, 2, [(130_000, 10_000), (870_000, 9_220)]),
    ],
)
def test_deductible_and_first_bracket(
    psn_type: int, admissions: int, level: int, expected: list[tuple[int, int]]
) -> None:
    """6.4: 1 300, later 650; 90/87/85 %; a retired person bears 60 % of the share."""
    made = pay(
        the_plan(psn_type=psn_type, level=level), in_scope(10**6), Used(admissions=admissions)
    )
    assert [(s.of_fen, s.ratio_e4) for s in made.trace] == expected


def test_retired_share_in_every_bracket() -> None:
    """6.4: bracket by bracket 91, 94, 97 %, and 91 % of the large-sum layer."""
    made = pay(the_plan(psn_type=12), in_scope(20_000_000))
    assert [s.ratio_e4 for s in made.trace] == [10_000, 9_100, 9_400, 9_700, 9_100]
    assert made.large == 9_100_000


def test_brackets_do_not_go_on_from_an_earlier_admission() -> None:
    """6.1: they are counted from zero on the one admission; only the deductible is smaller."""
    first = pay(the_plan(), in_scope(5_000_000))
    second = pay(
        the_plan(), in_scope(5_000_000), first.after._replace(visit_scope=0, visit_deductible=0)
    )
    assert second.pool - first.pool == 65_000 * 85 // 100
    assert second.after.admissions == 2


def test_the_large_sum_layer_begins_and_ends_on_the_fen() -> None:
    """6.4: 40 000-100 000 at 95 %, 100 000-500 000 at 85 %, nothing above."""
    at, above = (pay(the_plan(), in_scope(scope)) for scope in (10_000_000, 10_000_001))
    assert (at.large, at.pool) == (0, 9_039_500)
    assert (above.large, above.pool) == (1, 9_039_500)
    ends = pay(the_plan(), in_scope(50_000_000))
    more = pay(the_plan(), in_scope(50_000_100))
    assert ends.large == more.large == 34_000_000
    assert more.trace[-1] == ("uncovered", 100, 0, 0)


def test_the_cap_of_the_year_is_met_exactly() -> None:
    """6.4: pool and large-sum layer together pay 500 000 a year and not a fen more."""
    the, bill = the_plan(), in_scope(1_130_000)
    paid = 1_000_000 * 85 // 100
    for before, expected in (
        (50_000_000 - paid - 1, paid),
        (50_000_000 - paid, paid),
        (50_000_000 - paid + 1, paid - 1),
        (50_000_000, 0),
    ):
        made = pay(the, bill, Used(pool_paid=before))
        check(made, bill, the)
        assert made.pool == expected
        assert made.after.pool_paid <= 50_000_000


def outpatient(day: date, fund: int, scope: int = 100_000, psn_type: int = 11) -> Split:
    """A bill after the deductible of the year is used."""
    the = the_plan(310, psn_type, 3, OUTPATIENT, day=day)
    used = Used(op_deductible=180_000, op_fund=fund)
    made = pay(the, in_scope(scope), used)
    check(made, in_scope(scope), the)
    return made


def test_the_outpatient_cap_ends_with_2022() -> None:
    """6.4: 20 000 a year to 2022-12-31; from 2023-01-01 no cap, above it 60 % and 80 %."""
    assert outpatient(LAST, 2_000_000).pool == 0
    assert outpatient(LAST, 1_999_999).pool == 1
    assert outpatient(FIRST, 2_000_000).pool == 60_000
    assert outpatient(FIRST, 2_000_000, psn_type=12).pool == 80_000
    assert outpatient(FIRST, 2_000_000 - 70_000).pool == 70_000
    crossing = outpatient(FIRST, 2_000_000 - 35_000)
    assert [tuple(s)[1:] for s in crossing.trace] == [
        (50_000, 7_000, 35_000),
        (50_000, 6_000, 30_000),
    ]


@pytest.mark.parametrize(
    ("psn_type", "level", "age", "deductible", "ratio"),
    [
        (11, 3, 0, 180_000, 7_000),
        (11, 1, 0, 180_000, 9_000),
        (12, 3, 69, 130_000, 8_500),
        (12, 3, 70, 130_000, 9_000),
        (12, 1, 0, 130_000, 9_000),
        (11, 3, 70, 180_000, 7_000),
    ],
)
def test_outpatient_values(
    psn_type: int, level: int, age: int, deductible: int, ratio: int
) -> None:
    """6.4: deductible of the year and ratio by person, level and age."""
    the = the_plan(310, psn_type, level, OUTPATIENT, age=age)
    assert (the.deductible, the.ratio_e4) == (deductible, ratio)


def test_a_deductible_is_used_up_through_the_year() -> None:
    """6.1, step 5: two bills of 1 000 meet the 1 800 together."""
    the = the_plan(kind=OUTPATIENT)
    one = pay(the, in_scope(100_000))
    two = pay(the, in_scope(100_000), one.after)
    assert (one.deductible, two.deductible, two.pool) == (100_000, 80_000, 14_000)
    assert (two.after.op_deductible, two.after.op_scope, two.after.op_fund) == (
        180_000,
        200_000,
        14_000,
    )


def test_a_pharmacy_shares_the_outpatient_year_and_a_chronic_disease_the_pools() -> None:
    """One deductible for visits and pharmacies; chronic care counts against the pool's cap."""
    bought = pay(the_plan(kind=VisitKind.PHARMACY), in_scope(200_000))
    assert (bought.deductible, bought.pool, bought.after.op_fund) == (180_000, 14_000, 14_000)
    chronic = pay(the_plan(kind=VisitKind.CHRONIC), in_scope(200_000), bought.after)
    assert (chronic.deductible, chronic.pool) == (0, 170_000)
    assert (chronic.after.pool_paid, chronic.after.op_fund) == (170_000, 14_000)


def test_residents() -> None:
    """6.4: 100/550 and 55/50 % to 5 000; 300/800/1 300 and 80/78/75 % to 250 000."""
    for level, opening, ratio in ((1, 10_000, 5_500), (2, 55_000, 5_000), (3, 55_000, 5_000)):
        the = the_plan(390, 15, level, OUTPATIENT)
        assert (the.deductible, the.tiers) == (opening, ((500_000, ratio, "outpatient"),))
    for level, opening, ratio in ((1, 30_000, 8_000), (2, 80_000, 7_800), (3, 130_000, 7_500)):
        the = the_plan(390, 14, level)
        assert (the.deductible, the.brackets[0][:3]) == (opening, (0, BOUNDLESS, ratio))
        assert the.pool_cap == 25_000_000


def test_serious_illness_counts_what_the_person_bore_in_the_year() -> None:
    """6.4: from 30 404 at 60 % to 50 000, then 70 %; the year goes on from bill to bill."""
    the = the_plan(390, 16, 3)
    bill = in_scope(20_000_000)
    made = pay(the, bill)
    check(made, bill, the)
    borne = 20_000_000 - made.pool
    assert made.serious == (5_000_000 - 3_040_400) * 60 // 100 + (borne - 5_000_000) * 70 // 100
    again = pay(the, in_scope(1_000_000), made.after._replace(visit_scope=0, visit_deductible=0))
    assert again.serious == (1_000_000 - again.pool) * 70 // 100


def test_the_other_city_is_data() -> None:
    """B: rounds down, its pool's cap hands over to the large-sum layer, civil servants get half."""
    the = the_plan(310, 11, 3, region="demo-city-B", extras=Extra.CIVIL)
    bill = in_scope(2_000_001)
    made = pay(the, bill, Used(pool_paid=8_000_000 - 800_000))
    check(made, bill, the)
    assert made.deductible == 90_000
    first, second = (1_000_000 - 90_000) * 80 // 100, 1_000_001 * 8_750 // 10_000
    assert (first, second) == (728_000, 875_000)
    covered = 910_000 + -(-(800_000 - first) * 10_000 // 8_750)
    assert made.pool == 800_000
    assert made.large == (2_000_001 - 90_000 - covered) * 8_250 // 10_000
    assert made.civil == (2_000_001 - made.pool - made.large) * 5_000 // 10_000


def test_an_account_for_the_catalogue_only() -> None:
    """B: the account does not pay what is outside the catalogue or over a limit."""
    the = the_plan(310, 11, 1, OUTPATIENT, region="demo-city-B")
    made = pay(the, Bill(1_000, 300, 200, 100, 400), account=10_000)
    assert (made.account, made.cash) == (500, 500)
    assert the.counts_account


def test_who_has_no_plan() -> None:
    """A scheme, a person type or a level that the law does not know is said so."""
    for scheme, psn_type, level in ((320, 11, 1), (310, 14, 1), (310, 11, 4)):
        with pytest.raises(NoBenefits):
            the_plan(scheme, psn_type, level)
