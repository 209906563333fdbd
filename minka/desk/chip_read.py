"""A card's chip as a terminal read it: kept as a fact, with terminal and time (I5, L3).

A card is known by its number; its chip by the identification code it had when its keys were first
proven. A chip that fails its authentication is refused whatever stands in its files (K2, K5).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from minka.cards.number import mask
from minka.chip.contents import Field
from minka.cipher.field import FieldKeys, digest
from minka.desk.act import Answer, Desk, Request, act
from minka.desk.chip_fact import SEALED
from minka.desk.chip_items import NoSuchItem, Place, place_of, shown
from minka.desk.chip_refusals import ChipRefusal
from minka.desk.chip_write import InReader, register_chip
from minka.desk.office import Office
from minka.desk.rules import turn
from minka.kit.secret import Clear
from minka.store import people
from minka.store.connection import Row, insert, row
from minka.store.journal import canonical

FIRST, NEWEST = "1.0", "3.0"


@dataclass(frozen=True, slots=True)
class Found:
    """The bytes of one item on a card."""

    item: str
    """Its address."""
    nth: int
    raw: bytes


@dataclass(frozen=True, slots=True)
class KeepReading:
    """A terminal read a card."""

    card_number: str
    """As it stands on the chip."""
    card: InReader
    content: Clear
    """What was read, from ``packed``."""
    place_id: str = ""


@dataclass(frozen=True, slots=True)
class ChipReading:
    """A reading as it is on file."""

    person_id: int
    card_id: int
    card_mask: str
    at: datetime
    terminal: str
    place_id: str
    operator: str
    proof: str
    found: tuple[Found, ...]
    version: str = NEWEST
    """Of the specification the card was read by: the first had other items under some tags."""

    def raw(self, item: str, nth: int = 1) -> bytes | None:
        """The bytes of an item; None when it was not read."""
        return next((f.raw for f in self.found if (f.item, f.nth) == (item, nth)), None)

    def files(self) -> frozenset[str]:
        """The files of which something was read."""
        return frozenset(each.item.partition(".")[0] for each in self.found)


def packed(found: Sequence[Found], version: str = NEWEST) -> Clear:
    """What was read as one text, to be sealed."""
    listed = [[f.item, f.nth, f.raw.hex()] for f in found]
    return Clear(json.dumps({"version": version, "found": listed}))


def unpacked(content: Clear) -> tuple[Found, ...]:
    """The reverse of ``packed``."""
    listed = json.loads(content.reveal())["found"]
    return tuple(Found(item, nth, bytes.fromhex(raw)) for item, nth, raw in listed)


def found_of(fields: Sequence[Field]) -> tuple[Found, ...]:
    """What a reader gave, field by field."""
    return tuple(
        Found(f"{each.file.name}.{each.item.mark}", each.nth, each.reading.raw) for each in fields
    )


def said(found: Found, version: str = NEWEST) -> tuple[Place, Field] | None:
    """What an item says; None for one outside the standard."""
    try:
        place = place_of(found.item, version)
    except NoSuchItem:
        return None
    return place, shown(place, found.raw)


def keep_reading(office: Office, request: Request, command: KeepReading) -> Answer:
    """Put a reading on file.

    Refusals, in order: UNPROVED (the chip failed its authentication), UNKNOWN_CARD, NOT_THIS_CARD
    (another chip under this number). A chip whose algorithm cannot be tried here is kept as
    ``unproved``.
    """
    return act(office, request, command, lambda desk: kept_reading(desk, command))


def kept_reading(desk: Desk, command: KeepReading) -> Mapping[str, Any]:
    """A reading put on file inside another act; see ``keep_reading``."""
    if command.card.proof == "refused":
        raise turn(ChipRefusal.UNPROVED)
    known = row(desk.connection, "cards.by_number", card_number=command.card_number)
    if known is None:
        raise turn(ChipRefusal.UNKNOWN_CARD)
    people.lock(desk.connection, known["person_id"])
    desk.person_id, card_id = known["person_id"], known["card_id"]
    at = desk.tick(card_id)
    if command.card.proof == "proved":
        register_chip(desk, card_id, command.card, at)
    read = [[f.item, f.nth] for f in unpacked(command.content)]
    kept = {
        "person_id": desk.person_id,
        "reading_id": desk.fact_id(),
        "card_id": card_id,
        "at": at,
        "terminal": command.card.terminal,
        "place_id": command.place_id,
        "origin": desk.request.origin,
        "operator": desk.request.actor,
        "proof": "proved" if command.card.proof == "proved" else "unproved",
        "content": desk.keys.seal(SEALED, command.content),
        "digest": digest(canonical({"read": read, "content": _index(desk.keys, command)})),
    }
    insert(desk.connection, "chip.add_reading", kept)
    named = ("reading_id", "card_id", "terminal", "place_id", "proof")
    facts = {name: kept[name] for name in named} | {"at": at, "card": mask(command.card_number)}
    return {**facts, "person_id": desk.person_id, "audit": desk.audit(facts, at)}


def _index(keys: FieldKeys, command: KeepReading) -> str:
    return keys.index(SEALED, command.content).hex()


def last_reading(office: Office, person_id: int, card_id: int = 0) -> ChipReading | None:
    """The newest reading of a person's card (of any when none is named), or None."""
    with office.register.act() as connection:
        place = {"person_id": person_id, "card_id": card_id}
        found = row(connection, "chip.last_reading", **place)
    return _reading(found, office.keys) if found else None


def _reading(found: Row, keys: FieldKeys) -> ChipReading:
    plain = ("person_id", "card_id", "at", "terminal", "place_id", "operator", "proof")
    content = keys.unseal(SEALED, bytes(found["content"]))
    return ChipReading(
        **{name: found[name] for name in plain},
        card_mask=mask(found["card_number"]),
        found=unpacked(content),
        version=json.loads(content.reveal())["version"],
    )
