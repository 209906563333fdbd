"""A finished card read before it is handed over: face and chip are one, byte for byte (C1).

What the factory prints is the order's record: name, sex and number of the person on file. The check
is an act of its own, before the collection; where the city's rule asks for it, a card without an
equal reading is not handed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from minka.cards.card import Card
from minka.desk.act import Answer, Desk, Request, act
from minka.desk.chip_items import place_of
from minka.desk.chip_look import identity_on_file
from minka.desk.chip_read import KeepReading, kept_reading, unpacked
from minka.desk.chip_refusals import ChipRefusal
from minka.desk.office import Office
from minka.desk.rules import turn
from minka.kit.clock import CHINA
from minka.kit.words import Words
from minka.law.chip import ChipLaw, read
from minka.people.person import Person
from minka.store import cards, people
from minka.store.connection import Connection, insert, row

PRINTED = ("SSSEEF06.08", "SSSEEF06.09", "SSSEEF06.4E", "SSSEEF06.0A", "SSSEEF05.07")
"""What the face bears too: number, name in two pieces, sex, card number."""


@dataclass(frozen=True, slots=True)
class CheckCard:
    """The card that is about to be handed over was read back."""

    reading: KeepReading


def check_card(office: Office, request: Request, command: CheckCard) -> Answer:
    """Compare a card's chip with what is printed on it, and keep the verdict.

    Accepted with ``verdict`` ``equal`` or ``differs`` and the names of what differs. Refusals:
    those of ``keep_reading``; UNPROVED also where the chip could not be tried.
    """
    return act(office, request, command, lambda desk: _check(desk, command))


def _check(desk: Desk, command: CheckCard) -> Mapping[str, Any]:
    if command.reading.card.proof != "proved":
        raise turn(ChipRefusal.UNPROVED)
    kept = kept_reading(desk, command.reading)
    person = people.load(desk.connection, desk.keys, desk.person_id)
    card = cards.load(desk.connection, desk.person_id, kept["card_id"])
    assert person is not None, "a card has a holder"
    assert card is not None, "a reading has a card"
    differing = different(person, card, command.reading)
    at: datetime = kept["at"]
    checked = {
        "person_id": desk.person_id,
        "check_id": desk.fact_id(),
        "card_id": kept["card_id"],
        "reading_id": kept["reading_id"],
        "at": at,
        "verdict": "differs" if differing else "equal",
        "differing": differing,
        "operator": desk.request.actor,
    }
    insert(desk.connection, "chip.add_check", checked)
    facts = {name: checked[name] for name in ("check_id", "card_id", "at", "verdict", "differing")}
    named = {"fields": [names_of(each) for each in differing], "card": kept["card"]}
    named["person_id"] = desk.person_id
    return {**facts, **named, "audit": desk.audit(facts, at)}


def different(person: Person, card: Card, reading: KeepReading) -> list[str]:
    """The printed items whose bytes on the chip are others, or which were not read."""
    wanted = {each.item: each.raw for each in identity_on_file(person, card)}
    found = {f.item: f.raw for f in unpacked(reading.content) if f.nth == 1}
    return [item for item in PRINTED if item not in wanted or found.get(item) != wanted[item]]


def names_of(item: str) -> Words:
    """An item's name for a sentence."""
    place = place_of(item)
    return Words(place.item.name_zh, place.item.name_zh, place.item.name_en)


def required(region: str, day: date, law: ChipLaw | None = None) -> int:
    """One when no card of a region may be handed over unread on a day; the default is 0."""
    try:
        return (law or read()).on(region, day).handover_reading
    except LookupError:
        return 0


def require_checked(desk: Desk, card: Card, region: str, at: datetime) -> None:
    """Refuse a collection before an equal reading, where the region's rule asks for one.

    A reading that differs stops the collection everywhere, whether the rule asks for one or not.
    """
    last = last_check(desk.connection, card)
    if last is not None and last[0] == "differs":
        fields = [names_of(each) for each in last[1]]
        raise turn(ChipRefusal.READ_DIFFERENT, fields=joined(fields))
    if last is None and required(region, at.astimezone(CHINA).date()):
        raise turn(ChipRefusal.UNREAD)


def joined(names: list[Words]) -> Words:
    """Names one after another, in each language."""
    return Words(
        "、".join(each.zh_hans for each in names),
        "、".join(each.zh_hant for each in names),
        ", ".join(each.en for each in names),
    )


def last_check(connection: Connection, card: Card) -> tuple[str, list[str]] | None:
    """The verdict of a card's newest check and what differed; None when it was never read."""
    held = {"person_id": card.person_id, "card_id": card.card_id}
    found = row(connection, "chip.last_check", **held)
    return (found["verdict"], list(found["differing"])) if found else None
