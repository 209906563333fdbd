"""One person's benefits at one kind of visit, reduced to the few integers a split needs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, IntFlag
from functools import lru_cache

from minka.law.benefit_leaves import BRACKETS, SERIOUS
from minka.law.benefits import Benefits, NoBenefits

WHOLE = 10_000
"""All of it, in ten-thousandths."""
BOUNDLESS = 10**15
"""Ten thousand thousand million yuan: where no limit is set."""


class VisitKind(IntEnum):
    """The kinds of visit that benefits tell apart."""

    OUTPATIENT = 1
    CHRONIC = 2
    """Outpatient care of a listed chronic disease (门诊慢特病)."""
    PHARMACY = 3
    INPATIENT = 4


class Extra(IntFlag):
    """Layers that only some people have, beside their scheme."""

    NONE = 0
    CIVIL = 1
    ENTERPRISE = 2
    ASSISTANCE = 4


Brackets = tuple[tuple[int, int, int, str], ...]
"""Stretches of in-scope fen: from, to, what the fund pays of it, and the code in the trace."""
Tiers = tuple[tuple[int, int, str], ...]
"""Stretches of a year: up to where, what the fund pays, and the code in the trace."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The integers of one (benefits, scheme, person type, level, kind); fen and ten-thousandths."""

    ref: str
    kind: VisitKind
    round_add: int
    """5000 rounds half-up, 0 rounds down: ``(amount x ratio + round_add) // 10000``."""
    counts_account: bool
    """Whether the fund sum shown to providers includes the individual account."""
    account_pays_all: bool
    """Whether the account pays beyond the catalogue too."""
    pooled: bool
    """Whether it moves the pool's accumulators rather than the outpatient ones."""
    deductible: int
    later_deductible: int
    """From the second admission of a year."""
    by_scope: bool
    """Whether a yearly tier is counted in in-scope fees rather than in what the fund paid."""
    tiers: Tiers
    """Of visits without a bed, counted through the year."""
    brackets: Brackets
    """Of one admission, from zero; the deductible lies in the first."""
    large: Brackets
    large_after_cap: int
    """The ratio for what the pool no longer pays because of its cap; 0 when nothing takes over."""
    pool_cap: int
    large_cap: int
    total_cap: int
    serious: Brackets
    """Of the in-scope amount that the person bore in the year."""
    civil: int
    enterprise: int
    assistance: int
    layered: bool
    """Whether anything pays after pool and large-sum layer."""

    @property
    def ratio_e4(self) -> int:
        """The fund's share in the first bracket or tier (``pool_prop_selfpay``)."""
        return self.brackets[0][2] if self.brackets else self.tiers[0][1]


@dataclass(frozen=True, slots=True)
class _Asker:
    """Asks the law for one person at one place."""

    law: Benefits
    scheme: int
    group: str
    level: int

    def get(self, name: str) -> int | None:
        return self.law.number(self.scheme, name, group=self.group, level=self.level)

    def number(self, name: str, otherwise: int) -> int:
        found = self.get(name)
        return otherwise if found is None else found

    def choice(self, name: str) -> str:
        return self.law.choice(f"{self.scheme}.{name}", self.group)


@lru_cache(maxsize=16_384)
def plan(
    benefits: Benefits,
    *,
    scheme: int,
    psn_type: int,
    level: int,
    kind: int,
    age: int = 0,
    extras: int = Extra.NONE,
) -> Plan:
    """The plan of a person type (11, 12, 14, 15, 16) at a level (1 to 3) and kind of visit.

    ``age`` in years matters only where the law names an age; ``extras`` are the layers the person
    has. ``NoBenefits`` when the scheme, the person type or the kind is not in the city's law.
    """
    if level not in (1, 2, 3):
        raise NoBenefits(f"{benefits.region}: no level {level}")
    ask = _Asker(benefits, scheme, benefits.group(scheme, psn_type), level)
    visit = VisitKind(kind)
    stays = visit is VisitKind.INPATIENT
    pooled = stays or visit is VisitKind.CHRONIC
    serious = _serious(ask)
    paid = [_extra(ask, extras, each) for each in (Extra.CIVIL, Extra.ENTERPRISE, Extra.ASSISTANCE)]
    takes_over = pooled and ask.choice("large.begins") == "after_pool_cap"
    return Plan(
        ref=benefits.ref,
        kind=visit,
        round_add=5_000 if benefits.choice("city.rounding") == "half_up" else 0,
        counts_account=benefits.choice("city.fund_sum") == "with_account",
        account_pays_all=benefits.choice("city.account_pays") == "all",
        pooled=pooled,
        deductible=_deductible(ask, visit),
        later_deductible=ask.number("inpatient.deductible.later", 0) if stays else 0,
        by_scope=not pooled and ask.choice("outpatient.basis") == "in_scope",
        tiers=() if stays else _tiers(ask, visit, age),
        brackets=_brackets(ask) if stays else (),
        large=_large(ask) if stays else (),
        large_after_cap=_large_ratio(ask) if takes_over else 0,
        pool_cap=ask.number("cap.pool", BOUNDLESS) if pooled else BOUNDLESS,
        large_cap=ask.number("cap.large", BOUNDLESS) if pooled else BOUNDLESS,
        total_cap=ask.number("cap.total", BOUNDLESS) if pooled else BOUNDLESS,
        serious=serious,
        civil=paid[0],
        enterprise=paid[1],
        assistance=paid[2],
        layered=bool(serious) or any(paid),
    )


def _deductible(ask: _Asker, visit: VisitKind) -> int:
    if visit is VisitKind.INPATIENT:
        return ask.number("inpatient.deductible.first", 0)
    if visit is VisitKind.CHRONIC:
        return ask.number("chronic.deductible", 0)
    return ask.number("outpatient.deductible", 0)


def _tiers(ask: _Asker, visit: VisitKind, age: int) -> Tiers:
    code = visit.name.lower()
    ratio = ask.get(f"{code}.ratio")
    if ratio is None:
        raise NoBenefits(f"{ask.law.region}: scheme {ask.scheme} pays nothing for {code}")
    if visit is VisitKind.CHRONIC:
        return ((BOUNDLESS, ratio, code),)
    if visit is VisitKind.OUTPATIENT and age >= ask.number("outpatient.aged_from", BOUNDLESS):
        ratio = ask.number("outpatient.aged_ratio", ratio)
    cap = ask.number("outpatient.cap", BOUNDLESS)
    point = ask.get("outpatient.point")
    if point is None or point >= cap:
        return ((cap, ratio, code),)
    return ((point, ratio, code), (cap, ask.number("outpatient.above", 0), "above_point"))


def _brackets(ask: _Asker) -> Brackets:
    share = ask.number("inpatient.person_share", WHOLE)
    found, low = [], 0
    for n in BRACKETS:
        ratio = ask.get(f"inpatient.bracket_{n}.ratio")
        if ratio is None:
            break
        high = ask.number(f"inpatient.bracket_{n}.to", BOUNDLESS)
        found.append((low, high, _shared(ratio, share), f"bracket_{n}"))
        low = high
    return tuple(found)


def _large_ratio(ask: _Asker) -> int:
    return _shared(ask.number("large.ratio", 0), ask.number("large.person_share", WHOLE))


def _large(ask: _Asker) -> Brackets:
    if ask.choice("large.begins") != "at_point":
        return ()
    low, high = ask.number("large.from", 0), ask.number("large.to", BOUNDLESS)
    return ((low, high, _large_ratio(ask), "large"),)


def _shared(ratio_e4: int, person_share_e4: int) -> int:
    """The fund's ratio when the person bears only a part of the usual share (6.4, retired)."""
    return WHOLE - ((WHOLE - ratio_e4) * person_share_e4 + WHOLE // 2) // WHOLE


def _serious(ask: _Asker) -> Brackets:
    low = ask.get("serious.from")
    if low is None:
        return ()
    found = []
    for n in SERIOUS:
        ratio = ask.get(f"serious.bracket_{n}.ratio")
        if ratio is None:
            break
        high = ask.number(f"serious.bracket_{n}.to", BOUNDLESS)
        found.append((low, high, ratio, f"serious_{n}"))
        low = high
    return tuple(found)


def _extra(ask: _Asker, extras: int, layer: Extra) -> int:
    return ask.number(f"{layer.name.lower()}.ratio", 0) if extras & layer and layer.name else 0
