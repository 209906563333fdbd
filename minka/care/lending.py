"""Signs that a card is lent, in the settlements of a person or a till (K8, T9).

| sign | what is seen |
|---|---|
| two_places | two uses further apart than anybody travels in the time between |
| many_patients | several visits of one person at one provider within half an hour |
| velocity | more settlements in a day or a week than a sick person has |
| night | settlements without a bed in several nights of a week |
| many_cards | many people's cards at one till within minutes |

A sign is a reason to look and no proof: a person decides. Each is raised once a day for its person
or till, by a key made of facts, so that the same journal read twice raises nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from math import isqrt

from minka.kit.clock import CHINA
from minka.law.lending import LendingRules

DAY, WEEK = timedelta(days=1), timedelta(days=7)
LOOKED_BACK = WEEK + timedelta(hours=1)
"""How much of a person's past the signs need."""
INPATIENT = 4
_MOST_REFS = 20


class Sign(StrEnum):
    """What was seen."""

    TWO_PLACES = "two_places"
    MANY_PATIENTS = "many_patients"
    VELOCITY = "velocity"
    NIGHT = "night"
    MANY_CARDS = "many_cards"


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a provider is, in millionths of a degree."""

    latitude_e6: int
    longitude_e6: int


@dataclass(frozen=True, slots=True)
class Use:
    """One settlement with a card, as the journal has it."""

    ref: str
    person_id: int
    at: datetime
    provider_no: int
    kind: str
    """``hospital`` or ``pharmacy``."""
    visit_no: int
    basis: int
    spot: Spot | None = None
    till: str = ""
    """Empty where the provider does not name its tills."""
    card_id: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """One sign: whose, where, from when to when, and the facts that a reviewer reads."""

    sign: Sign
    person_id: int
    """0 for a till."""
    provider_no: int
    card_id: int
    from_at: datetime
    until_at: datetime
    key: str
    refs: tuple[str, ...]
    facts: Mapping[str, int] = field(hash=False)


_METRES_PER_DEGREE = 111_195


def distance_m(one: Spot, other: Spot) -> int:
    """Metres between two spots, on the plane of their mean latitude; within 1 % in a province."""
    north = abs(one.latitude_e6 - other.latitude_e6) * _METRES_PER_DEGREE // 1_000_000
    degrees = abs(one.latitude_e6 + other.latitude_e6) // 2_000_000
    cosine_e4 = 10_000 * (32_400 - 4 * degrees**2) // (32_400 + degrees**2)
    east = abs(one.longitude_e6 - other.longitude_e6) * _METRES_PER_DEGREE // 1_000_000
    return isqrt(north**2 + (east * cosine_e4 // 10_000) ** 2)


def signs_of_person(uses: Iterable[Use], rules: LendingRules) -> list[Seen]:
    """Every sign in one person's uses, one a day for each kind, in the order of time."""
    mine = sorted(uses, key=lambda use: (use.at, use.ref))
    found = (
        *_two_places(mine, rules),
        *_many_patients(mine, rules),
        *_velocity(mine, rules),
        *_night(mine, rules),
    )
    return _once(found)


def signs_of_till(uses: Iterable[Use], rules: LendingRules) -> list[Seen]:
    """Every sign in one provider's uses: many people's cards at one till within minutes.

    A hospital that does not name its tills says nothing by the number of its patients.
    """
    known = [use for use in uses if use.till or use.kind == "pharmacy"]
    found: list[Seen] = []
    for till in sorted({(use.provider_no, use.till) for use in known}):
        mine = [use for use in known if (use.provider_no, use.till) == till]
        found += _many_cards(sorted(mine, key=lambda use: (use.at, use.ref)), rules)
    return _once(found)


def _once(found: Iterable[Seen]) -> list[Seen]:
    kept: dict[tuple[int, str], Seen] = {}
    for each in sorted(found, key=lambda seen: (seen.until_at, seen.key)):
        kept.setdefault((each.person_id, each.key), each)
    return list(kept.values())


def _day(at: datetime) -> date:
    return at.astimezone(CHINA).date()


def _seen(sign: Sign, uses: Sequence[Use], /, **facts: int) -> Seen:
    """A sign that its last use completes."""
    last = uses[-1]
    whole = sign in (Sign.TWO_PLACES, Sign.VELOCITY, Sign.NIGHT)
    where = "" if whole else f":{last.provider_no}:{last.till}"
    return Seen(
        sign=sign,
        person_id=0 if sign is Sign.MANY_CARDS else last.person_id,
        provider_no=last.provider_no,
        card_id=0 if sign is Sign.MANY_CARDS else last.card_id,
        from_at=uses[0].at,
        until_at=last.at,
        key=f"{sign}:{_day(last.at)}{where}",
        refs=tuple(use.ref for use in uses[-_MOST_REFS:]),
        facts=facts,
    )


def _two_places(uses: Sequence[Use], rules: LendingRules) -> Iterator[Seen]:
    placed = [use for use in uses if use.spot is not None]
    for before, after in pairwise(placed):
        assert before.spot is not None, "filtered above"
        assert after.spot is not None, "filtered above"
        metres = distance_m(before.spot, after.spot) - rules.slack_m
        between = (after.at - before.at) // timedelta(seconds=1)
        if metres > 0 and metres * 3_600 > rules.speed_km_h * 1_000 * between:
            whole = metres + rules.slack_m
            yield _seen(Sign.TWO_PLACES, (before, after), metres=whole, seconds=between)


def _rolling(uses: Sequence[Use], length: timedelta) -> Iterator[Sequence[Use]]:
    """For each use the uses that end with it and lie within the length."""
    first = 0
    for last, use in enumerate(uses):
        while use.at - uses[first].at > length:
            first += 1
        yield uses[first : last + 1]


def _many_patients(uses: Sequence[Use], rules: LendingRules) -> Iterator[Seen]:
    length = timedelta(minutes=rules.patient_minutes)
    for provider_no in sorted({use.provider_no for use in uses}):
        visits = [u for u in uses if u.provider_no == provider_no and u.visit_no]
        for group in _rolling(visits, length):
            count = len({use.visit_no for use in group})
            if count >= rules.patient_visits:
                yield _seen(Sign.MANY_PATIENTS, group, visits=count)


def _velocity(uses: Sequence[Use], rules: LendingRules) -> Iterator[Seen]:
    for length, most in ((DAY, rules.day_uses), (WEEK, rules.week_uses)):
        for group in _rolling(uses, length):
            if len(group) >= most:
                hours = length // timedelta(hours=1)
                yield _seen(Sign.VELOCITY, group, uses=len(group), hours=hours)


def _night(uses: Sequence[Use], rules: LendingRules) -> Iterator[Seen]:
    late = [u for u in uses if u.basis != INPATIENT and _at_night(u.at, rules)]
    for group in _rolling(late, WEEK):
        nights = len({_day(use.at - timedelta(hours=rules.night_until)) for use in group})
        if len(group) >= rules.night_uses and nights >= rules.nights:
            yield _seen(Sign.NIGHT, group, uses=len(group), nights=nights)


def _at_night(at: datetime, rules: LendingRules) -> int:
    hour = at.astimezone(CHINA).hour
    return int(hour >= rules.night_from or hour < rules.night_until)


def _many_cards(uses: Sequence[Use], rules: LendingRules) -> Iterator[Seen]:
    for group in _rolling(uses, timedelta(seconds=rules.till_seconds)):
        if len(group) < rules.till_cards:
            continue
        cards = len({use.person_id for use in group})
        if cards >= rules.till_cards:
            yield _seen(Sign.MANY_CARDS, group, cards=cards)
