"""Signs of lending: each by itself, and over a generated month of a city (K8, T9)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import pytest

from minka.care.lending import Sign, Spot, Use, distance_m, signs_of_person, signs_of_till
from minka.kit.clock import CHINA
from minka.law.lending import parse, read
from tests.claim.fraud_set import CENTRE, Month, generated, moved

DAY = date(2026, 3, 1)
RULES = read().on("R6", DAY)
NOON = datetime(2026, 3, 2, 12, tzinfo=CHINA)


def use(number: int, minutes: int = 0, **more: object) -> Use:
    """A use some minutes after noon, at one hospital unless it says otherwise."""
    plain = Use(f"{number:026d}", 1, NOON + timedelta(minutes=minutes), 7, "hospital", 0, 1)
    return replace(plain, **more)  # type: ignore[arg-type]


def kinds(uses: list[Use]) -> list[Sign]:
    """The signs in some uses."""
    return [seen.sign for seen in signs_of_person(uses, RULES)]


@pytest.mark.parametrize(
    ("north_m", "minutes", "expected"),
    [
        (4_900, 0, []),
        (10_000, 0, [Sign.TWO_PLACES]),
        (40_000, 10, [Sign.TWO_PLACES]),
        (40_000, 20, []),
        (300_000, 120, [Sign.TWO_PLACES]),
        (300_000, 180, []),
    ],
)
def test_two_places_at_once(north_m: int, minutes: int, expected: list[Sign]) -> None:
    """K8: nobody travels faster than the rule says; a street away says nothing."""
    away = moved(CENTRE, north_m, 0)
    uses = [use(1, spot=CENTRE), use(2, minutes, spot=away, provider_no=8)]
    assert kinds(uses) == expected


def test_the_same_place_and_an_unknown_place_say_nothing() -> None:
    """K8: without a place there is no distance."""
    assert kinds([use(1, spot=CENTRE), use(2, spot=CENTRE)]) == []
    assert kinds([use(1), use(2, spot=moved(CENTRE, 90_000, 0), provider_no=8)]) == []


@pytest.mark.parametrize(
    ("one", "other", "metres"),
    [
        (Spot(31_000_000, 118_000_000), Spot(32_000_000, 118_000_000), 111_195),
        (Spot(31_000_000, 118_000_000), Spot(31_000_000, 119_000_000), 95_312),
        (Spot(45_000_000, 126_000_000), Spot(45_000_000, 127_000_000), 78_627),
        (Spot(31_000_000, 118_000_000), Spot(31_000_000, 118_000_000), 0),
    ],
)
def test_distance_on_whole_numbers(one: Spot, other: Spot, metres: int) -> None:
    """Within one per cent of the great circle."""
    assert abs(distance_m(one, other) - metres) <= metres // 100


def test_several_patients_on_one_card() -> None:
    """K8: four visits in half an hour at one provider; three, or one visit of four bills, not."""
    visits = [use(n, 10 * n, visit_no=n) for n in range(1, 5)]
    assert kinds(visits) == [Sign.MANY_PATIENTS]
    assert kinds(visits[:3]) == []
    assert kinds([use(n, n, visit_no=9) for n in range(1, 5)]) == []
    assert kinds([use(n, 15 * n, visit_no=n) for n in range(1, 5)]) == []


def test_more_settlements_than_a_sick_person_has() -> None:
    """T9: by the day and by the week."""
    assert kinds([use(n, 60 * n) for n in range(9)]) == [Sign.VELOCITY]
    assert kinds([use(n, 60 * n) for n in range(8)]) == []
    daily = [use(n, 60 * 24 * (n // 4) + 60 * (n % 4)) for n in range(24)]
    assert kinds(daily) == [Sign.VELOCITY]


def test_night_after_night() -> None:
    """T9: four settlements in three nights; a night in hospital is none."""
    nights = [use(n, 60 * 24 * n + 60 * 12, kind="pharmacy", basis=3) for n in range(4)]
    assert kinds(nights) == [Sign.NIGHT]
    assert kinds([replace(each, basis=4) for each in nights]) == []
    assert kinds([use(n, 60 * 12 + n) for n in range(4)]) == []


def test_many_cards_at_one_till() -> None:
    """T9: twelve people's cards within three minutes; a hospital without named tills is passed."""
    queue = [
        use(n, person_id=n, at=NOON + timedelta(seconds=10 * n), kind="pharmacy") for n in range(12)
    ]
    assert [seen.sign for seen in signs_of_till(queue, RULES)] == [Sign.MANY_CARDS]
    assert signs_of_till(queue, RULES)[0].person_id == 0
    assert signs_of_till(queue[:11], RULES) == []
    assert signs_of_till([replace(q, person_id=1) for q in queue], RULES) == []
    assert signs_of_till([replace(q, kind="hospital") for q in queue], RULES) == []
    named = [replace(q, kind="hospital", till="3") for q in queue]
    assert [seen.sign for seen in signs_of_till(named, RULES)] == [Sign.MANY_CARDS]


def test_a_sign_is_raised_once_a_day() -> None:
    """K8: a journal read again, or further on the same day, gives the same key."""
    uses = [use(n, 20 * n) for n in range(14)]
    first, again = signs_of_person(uses[:10], RULES), signs_of_person(uses, RULES)
    assert [seen.key for seen in first] == [seen.key for seen in again] == ["velocity:2026-03-02"]


@dataclass(frozen=True, slots=True)
class Score:
    """How well the signs find what was lent."""

    lent: int
    found: int
    honest: int
    alarms: int
    tills: int
    tills_found: int
    till_alarms: int


def scored(month: Month, people: int) -> Score:
    """Every person and every till of a month looked at once."""
    of_person: dict[int, list[Use]] = defaultdict(list)
    of_till: dict[int, list[Use]] = defaultdict(list)
    for each in month.uses:
        of_person[each.person_id].append(each)
        of_till[each.provider_no].append(each)
    flagged = {p: kinds(uses) for p, uses in of_person.items()}
    tills = {t for t, uses in of_till.items() if signs_of_till(uses, RULES)}
    bothered = sum(bool(flagged.get(person)) for person in range(1, people + 1))
    return Score(
        lent=len(month.lent),
        found=sum(sign in flagged.get(person, []) for person, sign in month.lent.items()),
        honest=people,
        alarms=bothered,
        tills=len(month.tills),
        tills_found=len(tills & month.tills),
        till_alarms=len(tills - month.tills),
    )


def holds(score: Score) -> None:
    """The goal of the safety page."""
    assert score.lent > 0
    assert score.found * 100 >= score.lent * 95, score
    assert score.tills_found * 100 >= score.tills * 95, score
    assert score.alarms * 1_000 <= score.honest, score
    assert score.till_alarms == 0, score


@pytest.mark.parametrize("seed", [1, 2])
def test_recall_and_alarms_over_a_generated_month(seed: int) -> None:
    """T9, K8: at least 95 % of lent cards are seen, at most 0.1 % of honest people are bothered."""
    people = 6_000
    holds(scored(generated(seed, people, 100), people))


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(10, 14))
def test_recall_and_alarms_over_large_months(seed: int) -> None:
    """T9 over 4 months of 40,000 people."""
    people = 40_000
    holds(scored(generated(seed, people, 400), people))


def test_thresholds_are_data_and_marked_as_assumed() -> None:
    """T9: nothing of a threshold stands in code; a city writes its own and it is no longer ours."""
    assert len(RULES.assumed) == 12
    text = "signs: {}\nsuspension: {}\n"
    with pytest.raises((KeyError, ValueError)):
        parse(text)
    with pytest.raises(LookupError):
        read().on("R6", date(2020, 1, 1))
    law = read()
    own = {"velocity.day_uses": {date(2021, 5, 1): 5}}
    other = replace(law, cities={"R6": own}).on("R6", DAY)
    assert (other.day_uses, "velocity.day_uses" in other.assumed) == (5, False)
    assert replace(law, cities={"R6": own}).on("R1", DAY).day_uses == 9


def test_the_length_of_a_suspension_is_the_laws() -> None:
    """T9: three to twelve months since 1 May 2021, none before."""
    found = read().suspension(DAY)
    assert (found.least_months, found.most_months) == (3, 12)
    assert "735" in found.cite.en
    with pytest.raises(LookupError):
        read().suspension(date(2021, 4, 30))
