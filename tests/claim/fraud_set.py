"""A generated month of a city's settlements, with lent cards among them: seeded, all invented."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from minka.care.lending import Sign, Spot, Use
from minka.kit.clock import CHINA

START = datetime(2026, 3, 1, tzinfo=CHINA)
DAYS = 30
CENTRE = Spot(31_000_000, 118_000_000)
_DEGREE_M = 111_195


@dataclass(frozen=True, slots=True)
class Place:
    """One provider."""

    number: int
    kind: str
    spot: Spot


@dataclass(slots=True)
class Month:
    """What the journal holds, whose cards were lent, and which tills were used to empty cards."""

    uses: list[Use] = field(default_factory=list)
    lent: dict[int, Sign] = field(default_factory=dict)
    tills: set[int] = field(default_factory=set)
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 10**9)))

    def add(self, person: int, place: Place, at: datetime, **more: int) -> None:
        """One settlement, in a visit of its own unless it says otherwise."""
        number = next(self.numbers)
        visit = more.get("visit", number if place.kind == "hospital" else 0)
        self.uses.append(
            Use(
                ref=f"{number:026d}",
                person_id=person,
                at=at,
                provider_no=place.number,
                kind=place.kind,
                visit_no=visit,
                basis=more.get("basis", 1 if place.kind == "hospital" else 3),
                spot=place.spot,
                card_id=person,
            )
        )


def moved(spot: Spot, north_m: int, east_m: int) -> Spot:
    """A spot so many metres away; east at the latitude of the invented city."""
    east = east_m * 1_000_000 * 100 // (_DEGREE_M * 86)
    return Spot(spot.latitude_e6 + north_m * 1_000_000 // _DEGREE_M, spot.longitude_e6 + east)


def city(rnd: random.Random) -> list[Place]:
    """Sixty hospitals and 120 pharmacies in a town of 24 km and five towns around it."""
    towns = [
        moved(CENTRE, 45_000 * dy, 45_000 * dx) for dy, dx in ((0, 0), (1, 0), (-1, 0), (0, 1))
    ]
    made = []
    for number in range(1, 181):
        town = towns[0] if number % 3 else rnd.choice(towns[1:])
        spot = moved(town, rnd.randint(-12_000, 12_000), rnd.randint(-12_000, 12_000))
        made.append(Place(number, "hospital" if number <= 60 else "pharmacy", spot))
    return made


def when(rnd: random.Random, first: int = 8, last: int = 19) -> datetime:
    """An instant of the month at an hour of the day."""
    minutes = rnd.randint(first * 60, last * 60)
    return START + timedelta(days=rnd.randrange(DAYS - 8), minutes=minutes)


def _near(rnd: random.Random, places: list[Place], to: Place, kind: str) -> Place:
    here = [p for p in places if p.kind == kind]
    return min(rnd.sample(here, 6), key=lambda p: _apart(p.spot, to.spot))


def _apart(one: Spot, other: Spot) -> int:
    return abs(one.latitude_e6 - other.latitude_e6) + abs(one.longitude_e6 - other.longitude_e6)


def ordinary(rnd: random.Random, month: Month, places: list[Place], person: int) -> None:
    """A person's honest month: mostly healthy, some chronic, a few on dialysis, rare nights.

    Whoever is honest is in one place at a time: one way to the doctor a day, rarely a second one.
    """
    home = rnd.choice(places[:60])
    sick = rnd.random()
    count = rnd.randint(0, 2) if sick < 0.9 else rnd.randint(3, 7) if sick < 0.99 else 12
    days = sorted(rnd.sample(range(DAYS), count))
    for day in days:
        at = START + timedelta(days=day, minutes=rnd.randint(450, 720))
        at = _outing(rnd, month, places, (person, home, at))
        if rnd.random() < 0.03:
            _outing(rnd, month, places, (person, home, at + timedelta(hours=5)))
    if rnd.random() < 0.01:
        free = [day for day in range(DAYS) if day not in days and day - 1 not in days]
        night = START + timedelta(days=rnd.choice(free), hours=rnd.choice((0, 1, 2, 3)))
        for nth in range(rnd.randint(1, 3)):
            month.add(person, home, night + timedelta(minutes=40 * nth))


def _outing(
    rnd: random.Random, month: Month, places: list[Place], who: tuple[int, Place, datetime]
) -> datetime:
    """One way to a hospital, through up to five of its departments, and perhaps to a pharmacy."""
    person, home, at = who
    where = home if rnd.random() < 0.8 else _near(rnd, places, home, "hospital")
    month.add(person, where, at)
    for _ in range(rnd.choices((0, 1, 2, 3, 4), (600, 250, 120, 27, 3))[0]):
        at += timedelta(minutes=rnd.randint(15, 50))
        month.add(person, where, at)
    if rnd.random() < 0.4:
        shop = _near(rnd, places, where, "pharmacy")
        away = _apart(shop.spot, where.spot) * _DEGREE_M // 1_000_000
        at += timedelta(minutes=20 + away // 500 + rnd.randint(0, 60))
        month.add(person, shop, at)
    return at


def lent_far(rnd: random.Random, month: Month, places: list[Place], person: int) -> None:
    """The holder is treated at home while somebody else uses the card in another town."""
    home = rnd.choice([p for p in places[:60] if _apart(p.spot, CENTRE) < 250_000])
    far = rnd.choice([p for p in places if _apart(p.spot, home.spot) > 300_000])
    at = when(rnd)
    month.add(person, home, at)
    month.add(person, far, at + timedelta(minutes=rnd.randint(0, 12)))


def lent_family(rnd: random.Random, month: Month, places: list[Place], person: int) -> None:
    """Several patients are registered one after another with one card."""
    home, at = rnd.choice(places[:60]), when(rnd)
    for nth in range(rnd.randint(4, 8)):
        month.add(person, home, at + timedelta(minutes=nth * rnd.randint(2, 7)))


def lent_round(rnd: random.Random, month: Month, places: list[Place], person: int) -> None:
    """Medicine is bought with one card at shop after shop, to be sold again."""
    at = when(rnd, 8, 9)
    shops = [p for p in places[60:] if _apart(p.spot, CENTRE) < 200_000]
    for _ in range(rnd.randint(8, 16)):
        month.add(person, rnd.choice(shops), at)
        at += timedelta(minutes=rnd.randint(35, 60))


def lent_nights(rnd: random.Random, month: Month, places: list[Place], person: int) -> None:
    """A shop empties a card at night, night after night."""
    shop, first = rnd.choice(places[60:]), rnd.randrange(DAYS - 9)
    for nth in range(rnd.randint(4, 7)):
        hours = rnd.choice((23, 24, 25, 26))
        at = START + timedelta(days=first + nth, hours=hours, minutes=rnd.randrange(60))
        month.add(person, shop, at)


LENT: dict[Sign, Callable[[random.Random, Month, list[Place], int], None]] = {
    Sign.TWO_PLACES: lent_far,
    Sign.MANY_PATIENTS: lent_family,
    Sign.VELOCITY: lent_round,
    Sign.NIGHT: lent_nights,
}


def emptied(rnd: random.Random, month: Month, shop: Place, cards: int) -> None:
    """A shop that collected cards puts them through its till one after another."""
    at = when(rnd, 13, 15)
    for person in rnd.sample(range(1, cards), rnd.randint(16, 40)):
        month.add(person, shop, at)
        at += timedelta(seconds=rnd.randint(4, 11))
    month.tills.add(shop.number)


def queue(rnd: random.Random, month: Month, shop: Place) -> None:
    """The busiest honest till there is: one customer after another, five whole days."""
    passer_by = 10**6 * shop.number
    for day in range(5):
        at = START + timedelta(days=day, hours=8)
        while at.hour < 20:
            at += timedelta(seconds=25 + round(rnd.expovariate(1 / 20)))
            passer_by += 1
            month.add(passer_by, shop, at)


def generated(seed: int, people: int, lent: int) -> Month:
    """A month of so many honest people, and ``lent`` cards lent in each of the ways."""
    rnd = random.Random(seed)
    places, month = city(rnd), Month()
    for person in range(1, people + 1):
        ordinary(rnd, month, places, person)
    person = people
    for sign, way in LENT.items():
        for _ in range(lent):
            person += 1
            ordinary(rnd, month, places, person)
            way(rnd, month, places, person)
            month.lent[person] = sign
    shops = rnd.sample(places[60:], max(1, lent // 10) + 3)
    for shop in shops[3:]:
        emptied(rnd, month, shop, people)
    for shop in shops[:3]:
        queue(rnd, month, shop)
    return month
