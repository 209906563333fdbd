"""A register of invented people with cards, as large as wanted, written as csv in a moment.

Numbers are unique, carry valid check characters and lie in area codes that no place has; names
that try every screen are among them. One file serves `minka import persons` and `import cards`.

``python -m minka.bench.register_file FILE 1000000`` writes one; ``aac`` behind it, in those words.
"""

from __future__ import annotations

import csv
import random
import sys
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

from minka.bench.people import GIVEN, RARE, SURNAMES, area_of, invented_number
from minka.cards.number import card_number

HEAD = (
    *("number", "name", "phone", "member_number", "state", "region", "card_number", "status"),
    *("issued_on", "expires_on", "lost"),
)
"""Minka's own names, people's and cards' in one head."""

AAC_HEAD = (
    *("AAC002", "AAC003", "MOBILE", "AAC001", "AAC058", "AAB301", "AAZ500", "AAZ502"),
    *("AAZ161", "AAZ162", "AAZ163"),
)
"""The same in the words of the card centres."""

CITIES: Mapping[str, str] = {"R1": "990100", "R2": "990300", "R3": "990400", "R6": "990700"}
"""Invented cities by their administrative codes."""

_FIRST_DAY = date(1930, 1, 1)
_DAYS = 32_000
_PER_DAY = 999
MOST = _DAYS * _PER_DAY * len(CITIES)


def write_register(path: Path, people: int, *, seed: int = 7, dialect: str = "minka") -> None:
    """Write a csv of so many people with one card each; ``dialect`` is ``minka`` or ``aac``."""
    assert people <= min(MOST, 10_000_000), "there are not so many invented numbers"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD if dialect == "minka" else AAC_HEAD)
        writer.writerows(rows(people, seed=seed, dialect=dialect))


def rows(people: int, *, seed: int = 7, dialect: str = "minka") -> Iterator[tuple[str, ...]]:
    """The rows, the same ones from the same seed."""
    rnd = random.Random(seed)
    cities = [*CITIES.items()]
    in_words = _minka if dialect == "minka" else _aac
    for serial in range(people):
        region, code = cities[serial % len(cities)]
        nth = serial // len(cities)
        born = _FIRST_DAY + timedelta(days=nth % _DAYS)
        number = invented_number(area_of(code), f"{born:%Y%m%d}", 1 + nth // _DAYS)
        yield in_words((number, _name(rnd), serial, region, code), rnd.randrange(1000))


def _name(rnd: random.Random) -> str:
    if rnd.randrange(500) == 0:
        return rnd.choice(RARE)
    return rnd.choice(SURNAMES) + "".join(rnd.choices(GIVEN, k=1 + rnd.randrange(2)))


_Invented = tuple[str, str, int, str, str]
_Parts = tuple[str, str, str]


def _state(dice: int) -> _Parts:
    """Of a thousand cards some 900 active, 60 sealed, 10 each way lost, 20 cancelled."""
    if dice < 900:
        return "1", "active", ""
    if dice < 960:
        return "0", "sealed", ""
    if dice < 970:
        return "2", "active", "formal"
    if dice < 980:
        return "4", "active", "provisional"
    return "9", "cancelled", ""


def _minka(person: _Invented, dice: int) -> tuple[str, ...]:
    number, name, serial, region, _ = person
    _, status, lost = _state(dice)
    issued = f"{2012 + serial % 12}-{1 + serial % 12:02d}-{1 + serial % 28:02d}"
    until = f"{2036 + serial % 4}-01-01"
    told = (number, name, _phone(serial), f"{serial:010d}", "insured", region)
    return (*told, card_number("N", serial), status, issued, until, lost)


def _aac(person: _Invented, dice: int) -> tuple[str, ...]:
    number, name, serial, _, code = person
    issued = f"{2012 + serial % 12}{1 + serial % 12:02d}{1 + serial % 28:02d}"
    told = (number, name, _phone(serial), f"{serial:010d}", "01", code)
    return (
        *told,
        card_number("N", serial),
        _state(dice)[0],
        issued,
        f"{2036 + serial % 4}0101",
        "2",
    )


def _phone(serial: int) -> str:
    return f"1380000{serial % 10_000:04d}"


if __name__ == "__main__":
    write_register(Path(sys.argv[1]), int(sys.argv[2]), dialect="".join(sys.argv[3:]) or "minka")
