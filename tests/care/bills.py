"""Bills made up for tests, by a seeded generator."""

from __future__ import annotations

from datetime import date
from random import Random

from minka.care.bill import Bill
from minka.care.plan import Extra, Plan, VisitKind, plan
from minka.care.split import AccountUse, Split, Used, split
from minka.law.benefits import benefits

DAYS = (date(2021, 6, 1), date(2022, 12, 31), date(2023, 1, 1), date(2024, 7, 1), date(2026, 5, 4))
TYPES = ((310, 11), (310, 12), (390, 14), (390, 15), (390, 16))
Y, N = AccountUse.YES, AccountUse.NO


def the_plan(
    scheme: int = 310,
    psn_type: int = 11,
    level: int = 3,
    kind: VisitKind = VisitKind.INPATIENT,
    *,
    day: date = DAYS[-1],
    region: str = "demo-city-A",
    extras: Extra = Extra.NONE,
    age: int = 0,
) -> Plan:
    """The plan of a person at a visit; without words an admission of a worker at level 3."""
    return plan(
        benefits(region, day),
        scheme=scheme,
        psn_type=psn_type,
        level=level,
        kind=kind,
        extras=extras,
        age=age,
    )


def any_plan(random: Random, region: str, *kinds: VisitKind) -> Plan:
    """A plan of a region: any person, level, day, of these kinds or of all."""
    scheme, psn_type = random.choice(TYPES)
    return the_plan(
        scheme,
        psn_type,
        random.randint(1, 3),
        random.choice(kinds or tuple(VisitKind)),
        day=random.choice(DAYS),
        region=region,
        extras=Extra(random.choice((0, 0, 1, 2, 3, 4, 7))),
    )


def fen(random: Random, top: int = 10**9) -> int:
    """An amount: small as often as large, sometimes nothing."""
    size = random.choice((0, 10, 1_000, 100_000, 5_000_000, 20_000_000, top))
    return random.randint(0, min(size, top))


def in_scope(scope: int) -> Bill:
    """A bill that is in scope altogether."""
    return Bill(scope, 0, 0, 0, scope)


def any_bill(random: Random) -> Bill:
    """A bill of any parts."""
    parts = (fen(random, 10**6), fen(random, 10**6), fen(random, 10**6), fen(random, 10**8))
    return Bill(sum(parts), *parts)


def any_used(random: Random, the: Plan) -> Used:
    """Accumulators as a year could have left them, no stay running."""
    return Used(
        op_deductible=random.choice((0, random.randint(0, the.deductible), the.deductible)),
        op_scope=fen(random, 10**7),
        op_fund=random.choice((0, fen(random, 4_000_000), 2_000_000, 500_000, 1_999_999)),
        admissions=random.randint(0, 3),
        pool_paid=random.choice((0, fen(random, 60_000_000), 49_999_999, 8_000_000)),
        large_paid=random.choice((0, 0, fen(random, 30_000_000))),
        own_scope=random.choice((0, fen(random, 20_000_000), 3_040_400)),
    )


def pay(the: Plan, bill: Bill, used: Used | None = None, account: int = 0) -> Split:
    """The split, from the account as far as it goes."""
    return split(the, bill, used or Used(), account_fen=account, use_account=Y)
