"""The invented people: the same ones each time, well formed, and nobody who exists."""

from __future__ import annotations

from datetime import date

import pytest

from minka.bench.people import HOW_MANY, RARE, Invented, invent
from minka.bench.places import has_kiosk, kinds_of, places
from minka.bench.staff import posts
from minka.kit.identity import birth_date, fault
from minka.law.book import Book

DAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def everyone(book: Book) -> list[Invented]:
    """All people of all regions."""
    codes = {region: book.on(region, DAY).administrative_code for region in book.regions}
    return list(invent(codes))


def test_the_same_seed_gives_the_same_people(book: Book, everyone: list[Invented]) -> None:
    """A demo looks the same on every machine."""
    codes = {region: book.on(region, DAY).administrative_code for region in book.regions}
    again = [person.number.reveal() for person in invent(codes)]
    assert again == [person.number.reveal() for person in everyone]
    assert len(everyone) == sum(HOW_MANY.values()) >= 300


def test_numbers_are_well_formed_unique_and_of_no_real_place(everyone: list[Invented]) -> None:
    """Valid check characters in areas that no place has."""
    numbers = [person.number.reveal() for person in everyone]
    assert {fault(number) for number in numbers} == {None}
    assert len(set(numbers)) == len(numbers)
    assert {number[:4] for number in numbers} == {"1199"}
    assert len({person.phone.reveal() for person in everyone}) == len(everyone)
    assert all(person.phone.reveal().startswith("1380000") for person in everyone)


def test_rare_names_minors_and_guardians_are_among_them(everyone: list[Invented]) -> None:
    """Extensions A to F, a middle dot, Latin letters; a minor's guardian is of age and known."""
    names = [person.name.reveal() for person in everyone]
    assert set(RARE) <= set(names)
    blocks = {ord(c) >> 12 for name in names for c in name}
    assert {0x3, 0x4, 0x20, 0x2A, 0x2B, 0x2C} <= blocks
    minors = [person for person in everyone if person.guardian]
    assert len(minors) >= 5
    for minor in minors:
        guardian = next(
            p for p in everyone if p.region == minor.region and p.serial == minor.guardian
        )
        born, older = birth_date(minor.number.reveal()), birth_date(guardian.number.reveal())
        assert born is not None
        assert older is not None
        assert older.year < born.year


def test_every_kind_of_place_the_law_names_is_there(book: Book) -> None:
    """L1, A5: what a visitor needs to know of each place, and hospitals of three classes."""
    for region in book.regions:
        law = book.on(region, DAY)
        found = list(places(law))
        assert {place.kind for place in found} == set(kinds_of(law))
        assert len({place.place_id for place in found}) == len(found)
        assert all(len(place.place_id) <= 18 for place in found)
        for place in found:
            assert place.address
            assert place.hours
            assert place.services
            assert place.directions
            assert place.longitude
            assert place.latitude
        hospitals = [place for place in found if place.kind == "hospital"]
        assert [place.hospital_class for place in hospitals] == [1, 2, 3]
        assert all(has_kiosk(place) for place in hospitals)


def test_every_region_has_the_staff_its_rules_need(book: Book) -> None:
    """One log-in for each role; two reviewers, since no approval is one person's."""
    for region in book.regions:
        found = list(posts(book.on(region, DAY)))
        assert len({post.login for post in found}) == len(found)
        roles = [post.role for post in found]
        assert roles.count("reviewer") == 2
        assert {"hotline_agent", "bank_clerk", "employer_clerk", "factory", "auditor"} <= set(roles)
