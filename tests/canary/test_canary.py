"""Nothing of what is planted is found anywhere in a city that lived, and a leak would be (P13)."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from minka.law.book import Book
from tests.canary.city import Lived, checkpoint, lived, places
from tests.canary.plants import Plants, plant
from tests.canary.scanner import Found, Scanner

CLEAN = (
    "database and its log",
    "dump",
    "process log",
    "web home and log",
    "hospital wire",
    "hospital's own log",
    "web wire",
    "web answers inside TLS",
    "vault folder",
    "vault log",
    "vault wire",
)
LEAST = {
    "database and its log": 20_000_000,
    "dump": 50_000,
    "hospital wire": 50_000,
    "hospital's own log": 20_000,
    "web wire": 20_000,
    "web answers inside TLS": 5_000,
    "vault folder": 500,
    "vault wire": 50_000,
}
"""Bytes that each place has at the least: an empty place would prove nothing."""


@dataclass
class Scanned:
    """A city, what was planted in it, and the scanner of all of that."""

    plants: Plants
    trace: Lived
    scanner: Scanner

    def found(self, place: str) -> list[Found]:
        """What is found in a place."""
        parts = places(self.trace)[place]
        return [each for name, content in parts for each in self.scanner.scan(name, content)]


def _scanned(folder: Path, book: Book, plants: Plants, *, acts: int) -> Iterator[Scanned]:
    with lived(folder, book, plants, acts=acts) as trace:
        yield Scanned(plants, trace, Scanner([*plants.canaries(), *trace.more], folder))


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory, book: Book) -> Iterator[Scanned]:
    """A city of 400 people and 10,000 keys, with a few acts at each door."""
    yield from _scanned(tmp_path_factory.mktemp("canary"), book, plant(400), acts=12)


def _told(found: list[Found]) -> Counter[tuple[str, str, str]]:
    return Counter((each.place, each.kind, each.form) for each in found)


@pytest.mark.parametrize("place", CLEAN)
def test_nothing_planted_is_found(city: Scanned, place: str) -> None:
    """P13, T20: no number, name, telephone, key, component, share or PIN, in no form."""
    parts = places(city.trace)[place]
    assert sum(len(content) for _, content in parts) >= LEAST.get(place, 0)
    assert _told(city.found(place)) == {}


def test_the_city_truly_lived(city: Scanned) -> None:
    """P13: the acts were done, and the database's own log did write every value down."""
    assert city.trace.acts == {"settlements": 12, "loss reports": 12, "keys": 20}
    keys = sum(each.kind == "card key" for each in city.trace.more)
    assert keys + len(city.plants.people) >= 10_000
    everything = b"".join(content for _, content in places(city.trace)["database and its log"])
    assert b"Parameters: $1 = " in everything or b"parameters: $1 = " in everything
    assert b"loss_report" in everything


def test_the_hospital_is_told_of_its_own_patients_alone(city: Scanned) -> None:
    """P13, P17: inside TLS the interface gives number and name of whom the hospital asked about
    (1101, by the standard); of nobody else, and nothing else of anybody."""
    found = city.found("hospital answers inside TLS")
    asked = {text for each in city.trace.asked_about for text in (each.number, each.name)}
    assert {each.kind for each in found} == {"number", "name"}
    assert {each.canary.text for each in found} == asked


def test_a_leak_would_be_found(city: Scanned, tmp_path: Path) -> None:
    """P13: one number, name, telephone, key and PIN, leaked on purpose, each in another place."""
    person, pin = city.plants.people[-1], city.plants.pins[-1]
    (root, *_), (component, _) = city.plants.roots(), city.plants.components[-1]
    with psycopg.connect(city.trace.url, autocommit=True) as connection:
        connection.execute("create table leak (a text, b bytea)")
        connection.execute("insert into leak values (%s, %s)", (person.name, root))
        checkpoint(city.trace)
    leaked = _told(city.found("dump"))
    assert {(kind, form) for _, kind, form in leaked} >= {("name", "utf-8"), ("root", "bytes hex")}
    in_files = city.found("database and its log")
    assert {each.kind for each in in_files} == {"name", "root"}
    assert {Path(each.place).parent.name for each in in_files} >= {"pg_wal"}
    assert any(Path(each.place).name.endswith(".log") for each in in_files)
    for name, content in (
        ("vault folder", component),
        ("web home and log", base64.b64encode(b"{" + person.number.encode() + b"}")),
        ("process log", person.phone.encode("gbk")),
        ("vault log", pin.encode("utf-16")),
    ):
        assert _told(city.found(name)) == {}
        place = city.trace.files[name]
        target = place / "leaked" if place.is_dir() else place
        with target.open("ab") as file:
            file.write(b"..." + content)
        assert len({each.kind for each in city.found(name)}) == 1
    for name in ("web wire", "vault wire", "hospital wire", "web answers inside TLS"):
        city.trace.bytes[name] += pin.encode()
        assert {each.kind for each in city.found(name)} == {"pin"}


@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_ten_thousand_of_each(tmp_path: Path, book: Book) -> None:
    """P13: 10^4 people and 10^5 keys, a hundred acts at each door, everywhere at once."""
    for city in _scanned(tmp_path, book, plant(10_000, keys=200, pins=100), acts=100):
        for place in CLEAN:
            assert _told(city.found(place)) == {}, place
