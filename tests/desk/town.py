"""A handful of invented people, cards and places for the tests of the acts."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from minka.cards.card import Card, Move, Status
from minka.cards.number import card_number
from minka.desk.act import Request
from minka.desk.office import Office
from minka.kit.identity import check_character
from minka.kit.secret import Clear
from minka.people.person import PersonId
from minka.store import cards, people
from minka.store.connection import Connection, the_row
from minka.store.people import NewPerson


@dataclass(frozen=True, slots=True)
class Resident:
    """An invented person with an active card."""

    person_id: PersonId
    card_id: int
    number: Clear
    name: Clear
    card_number: str


def invented_number(serial: int, born: str = "19850310") -> str:
    """A citizen number with a valid check digit, in an area that no place has (999 numbers)."""
    first = f"110000{born}{serial % 1000:03d}"
    return first + check_character(first)


_serial = iter(range(1, 1000))


def settle_in(
    office: Office, region: str = "R1", *, bank_id: str = "", kind: str = "social_security_card"
) -> Resident:
    """Register a person and give him an active card."""
    serial = next(_serial)
    number, name = Clear(invented_number(serial)), Clear(f"试{serial}某")
    with office.register.act() as connection:
        person_id = people.add(
            connection,
            office.keys,
            NewPerson(
                region,
                number,
                name,
                phone=Clear("13800000000"),
                member_number="M1",
                photo_code="PHOTO1",
            ),
        )
        card = give_card(connection, person_id, region, kind=kind, bank_id=bank_id)
    return Resident(person_id, card.card_id, number, name, card.card_number)


def give_card(
    connection: Connection, person_id: int, region: str, *, kind: str, bank_id: str = ""
) -> Card:
    """Order a card and walk it to its active life."""
    card_id = the_row(connection, "cards.card_id")["id"]
    card = Card(
        person_id, card_id, kind, region, card_number("T", card_id), Status.ORDERED, (), bank_id
    )
    at = cards.now(connection, None)
    cards.order(connection, card, at=at, cause="town")
    for move in (Move.MAKE, Move.STOCK, Move.COLLECT, Move.ACTIVATE):
        found = cards.load(connection, person_id, card_id)
        assert found is not None
        cards.move(connection, found, move, at=at, cause="town")
    return card


def request(role: str = "", *, key: str = "", origin: str = "test") -> Request:
    """A fresh request."""
    return Request(key or secrets.token_hex(8), origin, actor="tester", role=role)
