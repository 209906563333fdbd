"""The split against the slow oracle in decimals, year after year of one person (D2, I6)."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import pytest

from minka.care.bill import add_up
from minka.care.invariants import check
from minka.care.lines import LineClass, split_line
from minka.care.plan import VisitKind
from minka.care.split import Used
from tests.care import oracle
from tests.care.bills import DAYS, TYPES, fen, pay, the_plan

CLASSES = {"甲": LineClass.A, "乙": LineClass.B, "丙": LineClass.C}
KINDS = {"inpatient": VisitKind.INPATIENT, "outpatient": VisitKind.OUTPATIENT}


def yuan(amount: int) -> Decimal:
    """Fen as the oracle counts."""
    return Decimal(amount) / 100


def any_lines(random: Random, top: int) -> list[tuple[str, int, int | None, int]]:
    """Class, amount, limit, ratio of one to five lines."""
    found = []
    for _ in range(random.randint(1, 5)):
        amount = fen(random, top)
        limit = random.choice((None, fen(random, top), amount, max(0, amount - 1)))
        ratio = random.choice((0, 500, 1_000, 2_000, 3_333, random.randint(0, 10_000)))
        found.append((random.choice("甲甲乙乙丙"), amount, limit, ratio))
    return found


def one_year(random: Random) -> int:
    """Some bills of one person in one year, both ways; returns how many."""
    scheme, psn_type = random.choice(TYPES)
    day = random.choice(DAYS)
    year, used, count = oracle.Year(), Used(), random.randint(1, 6)
    for _ in range(count):
        level, kind = random.randint(1, 3), random.choice(list(KINDS))
        lines = any_lines(random, 40_000_000 if kind == "inpatient" else 2_000_000)
        account = fen(random, 10**6)
        bill = add_up(
            split_line(amount, CLASSES[c], ratio, limit_fen=limit)
            for c, amount, limit, ratio in lines
        )
        the = the_plan(scheme, psn_type, level, KINDS[kind], day=day)
        made = pay(the, bill, used, account)
        check(made, bill, the)
        told = oracle.settle(
            oracle.Person(scheme, psn_type, level, day),
            kind,
            [
                (c, yuan(amount), None if limit is None else yuan(limit), Decimal(ratio) / 10_000)
                for c, amount, limit, ratio in lines
            ],
            year,
            yuan(account),
        )
        ours = {
            "total": bill.total,
            "own_pay": bill.own_pay,
            "over_limit": bill.over_limit,
            "first": bill.self_pay_first,
            "scope": bill.in_scope,
            "deductible": made.deductible,
            "pool": made.pool,
            "large": made.large,
            "serious": made.serious,
            "person": made.person_part,
            "account": made.account,
            "cash": made.cash,
        }
        assert {name: yuan(amount) for name, amount in ours.items()} == told, (the, lines, used)
        used = made.after._replace(visit_scope=0, visit_deductible=0)
        _go_on(year, kind, told)
    return count


def _go_on(year: oracle.Year, kind: str, told: dict[str, Decimal]) -> None:
    year.borne += told["scope"] - told["pool"] - told["large"]
    if kind == "inpatient":
        year.admissions += 1 if told["scope"] else 0
        year.paid += told["pool"] + told["large"]
    else:
        year.outpatient_deductible += told["deductible"]
        year.outpatient_fund += told["pool"]


def test_two_computations_agree() -> None:
    """D2: every share of 2 000 bills is what the slow computation says."""
    random, done = Random(20260504), 0
    while done < 2_000:
        done += one_year(random)


@pytest.mark.nightly
def test_two_computations_agree_all_night() -> None:
    """D2: the same of 100 000 bills."""
    random, done = Random(6), 0
    while done < 100_000:
        done += one_year(random)
