"""Demo city A once more, slowly and in decimals, written from section 6 alone.

Its values are typed from section 6.4 of the interface reference, not read from the law's files.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

D = Decimal
CENT = D("0.01")
NOTHING = D(0)
Line = tuple[str, Decimal, Decimal | None, Decimal]
"""Class, amount, limit of the line, first share."""


def cents(amount: Decimal) -> Decimal:
    """Half-up to two places."""
    return amount.quantize(CENT, ROUND_HALF_UP)


@dataclass
class Year:
    """What a person used of a year."""

    outpatient_deductible: Decimal = NOTHING
    outpatient_fund: Decimal = NOTHING
    admissions: int = 0
    paid: Decimal = NOTHING
    borne: Decimal = NOTHING


@dataclass(frozen=True)
class Person:
    """Whose bill: scheme, type, level of the provider, day of care."""

    scheme: int
    psn_type: int
    level: int
    day: date

    @property
    def retired(self) -> bool:
        """Whether the person's type is 12."""
        return self.psn_type == 12


def line_parts(line: Line) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """Own pay, over the limit, first share, in scope (6.1, steps 1 to 4)."""
    cls, amount, limit, share = line
    if cls == "丙":
        return amount, D(0), D(0), D(0)
    over = D(0) if limit is None or amount <= limit else amount - limit
    first = cents((amount - over) * share) if cls == "乙" else D(0)
    return D(0), over, first, amount - over - first


def brackets(person: Person) -> list[tuple[Decimal, Decimal, Decimal]]:
    """From, to, ratio of the fund in an admission; the last is the large-sum layer's."""
    if person.scheme == 390:
        return [(D(0), D("Infinity"), D({1: "0.80", 2: "0.78", 3: "0.75"}[person.level]))]
    ratios = {1: "0.90 0.95 0.97", 2: "0.87 0.92 0.97", 3: "0.85 0.90 0.95"}[person.level]
    edges = [D(e) for e in (0, 30_000, 40_000, 100_000, 500_000)]
    found = zip(edges, edges[1:], [*map(D, ratios.split()), D("0.85")], strict=False)
    share = D("0.6") if person.retired else D(1)
    return [(low, high, 1 - share * (1 - ratio)) for low, high, ratio in found]


def stay_funds(person: Person, scope: Decimal, first: Decimal) -> list[Decimal]:
    """What each bracket pays of a whole admission, the deductible inside the first."""
    paid = []
    for low, high, ratio in brackets(person):
        inside = max(D(0), min(high, scope) - max(low, first))
        paid.append(cents(inside * ratio))
    return paid


def inpatient(person: Person, scope: Decimal, year: Year) -> dict[str, Decimal]:
    """A whole admission in one bill."""
    if person.scheme == 390:
        opening = {1: D(300), 2: D(800), 3: D(1300)}[person.level]
    else:
        opening = D(1300) if year.admissions == 0 else D(650)
    opening = min(opening, scope)
    paid = stay_funds(person, scope, opening)
    pool, large = (
        (sum(paid, D(0)), D(0)) if person.scheme == 390 else (sum(paid[:3], D(0)), paid[3])
    )
    cap = D(250_000) if person.scheme == 390 else D(500_000)
    left = max(D(0), cap - year.paid)
    pool = min(pool, left)
    large = min(large, left - pool)
    return {"deductible": opening, "pool": pool, "large": large}


def outpatient(person: Person, scope: Decimal, year: Year) -> dict[str, Decimal]:
    """One outpatient bill: deductible of the year, ratio, cap or point of the year."""
    if person.scheme == 390:
        opening, ratio = D({1: 100}.get(person.level, 550)), D({1: "0.55"}.get(person.level, "0.5"))
        point, above = D(5000), D(0)
    else:
        opening = D(1300) if person.retired else D(1800)
        ratio = D("0.9") if person.level == 1 else D("0.85") if person.retired else D("0.7")
        point, above = D(20_000), D(0)
        if person.day >= date(2023, 1, 1):
            above = D("0.8") if person.retired else D("0.6")
    opening = min(scope, max(D(0), opening - year.outpatient_deductible))
    rest, left = scope - opening, max(D(0), point - year.outpatient_fund)
    below = min(cents(rest * ratio), left)
    pool = below
    if cents(rest * ratio) > left:
        pool += cents((rest - cents(left / ratio)) * above)
    return {"deductible": opening, "pool": pool, "large": D(0)}


def serious(borne_before: Decimal, borne: Decimal) -> Decimal:
    """Residents: of what the person bore in the year, 60 % from 30 404 to 50 000, then 70 %."""

    def upto(total: Decimal) -> Decimal:
        low, mid = D(30_404), D(50_000)
        part = cents(max(D(0), min(total, mid) - low) * D("0.6"))
        return part + cents(max(D(0), total - mid) * D("0.7"))

    return upto(borne_before + borne) - upto(borne_before)


def settle(
    person: Person, kind: str, lines: list[Line], year: Year, account: Decimal
) -> dict[str, Decimal]:
    """All amounts of one bill by name."""
    own, over, first, scope = (
        sum(part, D(0)) for part in zip(*map(line_parts, lines), strict=True)
    )
    made = (inpatient if kind == "inpatient" else outpatient)(person, scope, year)
    borne = scope - made["pool"] - made["large"]
    made["serious"] = serious(year.borne, borne) if person.scheme == 390 else D(0)
    total = own + over + first + scope
    made["person"] = total - made["pool"] - made["large"] - made["serious"]
    made["account"] = min(account, made["person"])
    made["cash"] = made["person"] - made["account"]
    return {
        **made,
        "total": total,
        "own_pay": own,
        "over_limit": over,
        "first": first,
        "scope": scope,
    }
