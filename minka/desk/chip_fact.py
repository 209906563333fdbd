"""What the file says that a card carries too: recorded by a post, then to be written (C2-C8).

The fact is what counts; the card follows at its next authorised contact. A newer fact about the
same item drops the older write that never reached the card.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from minka.cards.card import Card, Status
from minka.chip.values import ValueFault
from minka.desk.act import Answer, Desk, Request, act
from minka.desk.chip_items import (
    NoSuchItem,
    Place,
    made,
    may_carry_out,
    may_write,
    place_of,
)
from minka.desk.chip_refusals import ChipRefusal
from minka.desk.office import Office
from minka.desk.refusals import DeskRefusal
from minka.desk.rules import turn
from minka.kit.clock import CHINA
from minka.kit.secret import Clear
from minka.kit.words import Words
from minka.store import cards, people
from minka.store.connection import Row, insert, row, rows, the_row

SEALED = "chip"
"""The domain under which bytes of a chip are sealed."""


@dataclass(frozen=True, slots=True)
class RecordFact:
    """A post records what is true of a person, for the file and for his card."""

    person_id: int
    item: str
    """The address of the item: ``DF01EF07.29``."""
    values: Mapping[str, Clear]
    """By part; ``""`` for an item without parts."""
    true_on: date
    """The day on which it was true: contributions carry it, so that nobody takes them for today."""
    nth: int = 1
    """Which of several records of one item."""


def record_fact(office: Office, request: Request, command: RecordFact) -> Answer:
    """Record a fact and what must be written for it.

    Refusals, in order: NO_SUCH_ITEM, KEY_ITEM, NOT_ENTITLED, BAD_VALUE,
    ``DeskRefusal.UNKNOWN_RECEIPT`` for a person who is not there.
    """
    return act(office, request, command, lambda desk: _record(desk, command))


def _record(desk: Desk, command: RecordFact) -> Mapping[str, Any]:
    place, raw = _checked(desk, command)
    people.lock(desk.connection, command.person_id)
    if people.load(desk.connection, desk.keys, command.person_id) is None:
        raise turn(DeskRefusal.UNKNOWN_RECEIPT)
    desk.person_id = command.person_id
    card = cards.in_hand(cards.of_person(desk.connection, desk.person_id))
    waits = card is not None and card.status in (Status.ACTIVE, Status.SEALED)
    at = desk.tick(card.card_id) if card and waits else desk.now()
    fact = {
        "person_id": desk.person_id,
        "fact_id": desk.fact_id(),
        "item": place.address,
        "nth": 1 if place.appends else command.nth,
        "value": desk.keys.seal(SEALED, Clear(raw.hex())),
        "true_on": command.true_on,
        "at": at,
        "origin": desk.request.origin,
        "operator": desk.request.actor,
        "role": desk.request.role,
    }
    insert(desk.connection, "chip.add_fact", fact)
    write_id = to_write(desk, card, place, {**fact, "raw": raw}) if card and waits else None
    facts = {
        "fact_id": fact["fact_id"],
        "item": place.address,
        "true_on": command.true_on,
        "write_id": write_id,
    }
    return {**facts, "audit": desk.audit(facts, at)}


def _checked(desk: Desk, command: RecordFact) -> tuple[Place, bytes]:
    try:
        place = place_of(command.item)
    except NoSuchItem:
        raise turn(ChipRefusal.NO_SUCH_ITEM, item=command.item[:20]) from None
    named = {"item": name_of(place)}
    if place.is_key:
        raise turn(ChipRefusal.KEY_ITEM, **named)
    if place.file.write_key is None or not may_write(desk.request.role, place):
        raise turn(ChipRefusal.NOT_ENTITLED, **named)
    if not 1 <= command.nth <= place.item.repeat:
        raise turn(ChipRefusal.NO_SUCH_ITEM, item=command.item)
    today = desk.now().astimezone(CHINA).date()
    try:
        raw = made(place, command.values)
    except ValueFault:
        raise turn(ChipRefusal.BAD_VALUE, **named) from None
    if command.true_on > today:
        raise turn(ChipRefusal.BAD_VALUE, **named)
    return place, raw


def name_of(place: Place) -> Words:
    """The item's name in the standard, for a sentence."""
    return Words(place.item.name_zh, place.item.name_zh, place.item.name_en)


def to_write(desk: Desk, card: Card, place: Place, fact: Mapping[str, Any]) -> int:
    """Put down what is to be written on a card whose row is locked; the number of the write."""
    held = {"person_id": card.person_id, "card_id": card.card_id}
    if not place.appends:
        _drop_older(desk, held, fact)
    hidden = Clear(fact["raw"].hex())
    write = {
        **held,
        "write_id": desk.fact_id(),
        "item": place.address,
        "nth": fact["nth"],
        "how": "append" if place.appends else "set",
        "value": desk.keys.seal(SEALED, hidden),
        "value_index": desk.keys.index(SEALED, hidden),
        "fact_id": fact["fact_id"],
        "since_at": fact["at"],
        "cause": "fact",
    }
    insert(desk.connection, "chip.add_write", write)
    return int(write["write_id"])


def _drop_older(desk: Desk, held: Mapping[str, int], fact: Mapping[str, Any]) -> None:
    """A write that never began gives way; one that may have reached the card is settled first."""
    for waiting in rows(desk.connection, "chip.pending", **held):
        same = (waiting["item"], waiting["nth"]) == (fact["item"], fact["nth"])
        if same and waiting["step"] in (None, "failed"):
            step = {"write_id": waiting["write_id"], "reason": "a newer fact"}
            add_step(desk, held, {**step, "step": "dropped", "at": fact["at"]})


def add_step(desk: Desk, held: Mapping[str, int], step: Mapping[str, Any]) -> int:
    """Append a step to a card's writes; its turn."""
    values = {
        "before_index": None,
        "found_index": None,
        "terminal": "",
        "reason": "",
        "operator": desk.request.actor,
        **held,
        **step,
    }
    return int(the_row(desk.connection, "chip.add_step", **values)["turn"])


@dataclass(frozen=True, slots=True)
class DropWrite:
    """A post takes a pending write back, with its reason."""

    person_id: int
    write_id: int
    reason: str


def drop_write(office: Office, request: Request, command: DropWrite) -> Answer:
    """Take a pending write back. Refusals: NO_SUCH_WRITE, NOT_ENTITLED, WRITE_ENDED."""
    return act(office, request, command, lambda desk: _drop(desk, command))


def _drop(desk: Desk, command: DropWrite) -> Mapping[str, Any]:
    found = waiting_write(desk, command.person_id, command.write_id)
    at: datetime = desk.tick(found["card_id"])
    held = {"person_id": desk.person_id, "card_id": found["card_id"]}
    step = {"write_id": command.write_id, "step": "dropped", "at": at, "reason": command.reason}
    add_step(desk, held, step)
    facts = {"write_id": command.write_id, "dropped_at": at, "reason": command.reason}
    return {**facts, "audit": desk.audit(facts, at)}


def waiting_write(desk: Desk, person_id: int, write_id: int) -> Row:
    """A write that has not ended, of a post that may do it; the person becomes the act's own."""
    people.lock(desk.connection, person_id)
    desk.person_id = person_id
    found = row(desk.connection, "chip.one_write", person_id=person_id, write_id=write_id)
    if found is None:
        raise turn(ChipRefusal.NO_SUCH_WRITE)
    place = place_of(found["item"])
    if not may_carry_out(desk.request.role, place):
        raise turn(ChipRefusal.NOT_ENTITLED, item=name_of(place))
    if found["ended"]:
        raise turn(ChipRefusal.WRITE_ENDED)
    return found
