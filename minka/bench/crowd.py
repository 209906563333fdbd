"""A crowd of invented card holders, registered at once, for races and crashes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import psycopg

from minka.cards.card import Move, Status
from minka.cards.number import card_number
from minka.desk.office import Office
from minka.kit.identity import check_character
from minka.kit.secret import Clear
from minka.store import cards, people
from minka.store.connection import Connection
from minka.store.people import NewPerson, sealed_row
from minka.store.queries import query

AREA = "110000"
"""The code of a whole municipality, in which no person is registered."""

_PER_DAY = 999
_LIFE = (
    (Move.ORDER, Status.ORDERED),
    (Move.MAKE, Status.MADE),
    (Move.STOCK, Status.READY),
    (Move.COLLECT, Status.SEALED),
    (Move.ACTIVATE, Status.ACTIVE),
)


@dataclass(frozen=True, slots=True)
class Holder:
    """An invented person with an active card; the serial says everything about him."""

    serial: int

    @property
    def number(self) -> Clear:
        """A citizen number with a valid check character."""
        day, turn = divmod(self.serial, _PER_DAY)
        born = date(1950, 1, 1) + timedelta(days=day)
        first = f"{AREA}{born:%Y%m%d}{turn + 1:03d}"
        return Clear(first + check_character(first))

    @property
    def name(self) -> Clear:
        """A name nobody bears."""
        return Clear(f"试{self.serial}某")

    @property
    def person_id(self) -> int:
        """The number in a register where the crowd came first."""
        return 1 + self.serial

    @property
    def card_id(self) -> int:
        """The card's number in a register where the crowd came first."""
        return 1 + self.serial

    @property
    def card_number(self) -> str:
        """The number printed on the card."""
        return card_number("R", self.serial)


_PLACE = """
insert into place (place_id, region, kind, name, name_en, district, address, phone, hours, services,
    directions)
values (%s, %s, %s, '试验网点', '', '', '', '', '', '', '')
"""


def open_place(owner: psycopg.Connection[Any], region: str, kind: str) -> str:
    """A place of a kind in a region, and its number; written in the owner's role."""
    place_id = f"{region}-{kind}"[:20]
    owner.execute(_PLACE, (place_id, region, kind))
    return place_id


def settle(office: Office, region: str, count: int) -> list[Holder]:
    """Register so many holders with active cards in a fresh register; serials count from nought."""
    crowd = [Holder(serial) for serial in range(count)]
    with office.register.act() as connection:
        for name in ("person_id_seq", "card_id_seq"):
            connection.execute("select nextval(%s) from generate_series(1, %s)", (name, count))
        at = cards.now(connection, office.fence())
        _people(connection, office, crowd, region)
        _cards(connection, crowd, region, at)
    return crowd


def _person(holder: Holder, region: str) -> NewPerson:
    return NewPerson(region, holder.number, holder.name, photo_code="P1")


def _people(connection: Connection, office: Office, crowd: Sequence[Holder], region: str) -> None:
    rows = [
        sealed_row(
            office.keys,
            NewPerson(region, each.number, each.name, photo_code="PHOTO1"),
            each.person_id,
        )
        for each in crowd
    ]
    registered = [
        {"index": people.number_index(office.keys, each.number), "person_id": each.person_id}
        for each in crowd
    ]
    with connection.cursor() as cursor:
        cursor.executemany(query("people.register_number"), registered)
        cursor.executemany(query("people.insert"), rows)


def _cards(connection: Connection, crowd: Sequence[Holder], region: str, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(query("cards.insert"), [_card(each, region, at) for each in crowd])
        cursor.executemany(query("cards.register_number"), [_named(each) for each in crowd])
        for move, status in _LIFE:
            step = {"move": move, "status": status, "at": at, "cause": "crowd"}
            cursor.executemany(query("cards.add_move"), [{**_named(e), **step} for e in crowd])


def _named(holder: Holder) -> dict[str, Any]:
    return {
        "person_id": holder.person_id,
        "card_id": holder.card_id,
        "card_number": holder.card_number,
    }


def _card(holder: Holder, region: str, at: datetime) -> dict[str, Any]:
    return {
        **_named(holder),
        "kind": "social_security_card",
        "region": region,
        "bank_id": None,
        "pan_mask": None,
        "status": Status.ACTIVE,
        "at": at,
        "replaces_id": None,
        "expires_on": None,
    }


def shared_out(crowd: Sequence[Holder], hands: int) -> Iterator[list[Holder]]:
    """The crowd dealt out to so many hands, each holder to one."""
    for hand in range(hands):
        yield list(crowd[hand::hands])
