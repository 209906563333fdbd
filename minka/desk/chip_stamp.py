"""What a terminal does with a stopped card when it meets one, and its word that it did (X31).

| standing | replaced | order |
|---|---|---|
| formally lost, cancelled | yes | block the application on the chip |
| formally lost | no | refuse: the new card may still fail, and the holder may need the old files |
| reported provisionally, frozen, not active, expired | any | refuse |

A block on the chip has no way back (card-chip §21), so only a card whose successor lives gets one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from minka.cards.card import Standing
from minka.cards.number import mask
from minka.desk.act import Answer, Desk, Request, act
from minka.desk.chip_refusals import ChipRefusal
from minka.desk.chip_write import InReader, this_card
from minka.desk.office import Office
from minka.desk.rules import turn
from minka.store import cards
from minka.store.connection import insert, row, the_row

FOR_GOOD = frozenset({Standing.FORMAL_LOSS, Standing.CANCELLED})


class Order(StrEnum):
    """What a terminal is told to do with a card."""

    NONE = "none"
    REFUSE = "refuse"
    BLOCK_APPLICATION = "block_application"


@dataclass(frozen=True, slots=True)
class MeetCard:
    """A terminal with a line has a card before it and asks what to do."""

    card_number: str
    card: InReader


@dataclass(frozen=True, slots=True)
class StampCard:
    """A terminal says what it did to a stopped card."""

    card_number: str
    card: InReader
    result: str
    """``refused``, ``blocked``, ``was_blocked`` or ``failed``."""


def order_for(standing: Standing, replaced: int) -> Order:
    """What is done with a card of a standing; ``replaced`` is one when its successor lives."""
    if standing is Standing.USABLE:
        return Order.NONE
    return Order.BLOCK_APPLICATION if standing in FOR_GOOD and replaced else Order.REFUSE


def meet_card(office: Office, request: Request, command: MeetCard) -> Answer:
    """Say what a terminal is to do with the card before it. Refusals: UNKNOWN_CARD.

    A chip that was not proven is never blocked: somebody might bring a copy of a living card.
    """
    return act(office, request, command, lambda desk: _meet(desk, command))


def stamp_card(office: Office, request: Request, command: StampCard) -> Answer:
    """Keep what a terminal did.

    Refusals: UNKNOWN_CARD; UNPROVED, NOT_THIS_CARD for a block that was not ordered of this card.
    """
    assert command.result in ("refused", "blocked", "was_blocked", "failed"), command.result
    return act(office, request, command, lambda desk: _stamp(desk, command))


def _order(desk: Desk, card_number: str, card: InReader) -> dict[str, Any]:
    known = row(desk.connection, "cards.by_number", card_number=card_number)
    if known is None:
        raise turn(ChipRefusal.UNKNOWN_CARD)
    desk.person_id, card_id = known["person_id"], known["card_id"]
    at = desk.tick(card_id)
    held = {"person_id": desk.person_id, "card_id": card_id}
    standing = cards.standing(desk.connection, desk.person_id, card_id, at)
    replaced = int(the_row(desk.connection, "chip.successor", **held)["replaced"])
    told = order_for(standing, replaced)
    chip = row(desk.connection, "chip.of_card", **held)
    same = chip is not None and bytes(chip["id_code"]) == card.id_code
    if told is Order.BLOCK_APPLICATION and not (card.proof == "proved" and same):
        told = Order.REFUSE
    return {"card_id": card_id, "at": at, "standing": standing, "told": told}


def _meet(desk: Desk, command: MeetCard) -> Mapping[str, Any]:
    told = _order(desk, command.card_number, command.card)
    facts = {**told, "card": mask(command.card_number), "terminal": command.card.terminal}
    return {**facts, "audit": desk.audit(facts, told["at"])}


def _stamp(desk: Desk, command: StampCard) -> Mapping[str, Any]:
    told = _order(desk, command.card_number, command.card)
    if command.result == "blocked":
        this_card(desk, told["card_id"], command.card)
        if told["told"] is not Order.BLOCK_APPLICATION:
            raise turn(ChipRefusal.NOT_THIS_CARD, card=mask(command.card_number))
    kept = {
        "person_id": desk.person_id,
        "stamp_id": desk.fact_id(),
        "card_id": told["card_id"],
        "at": told["at"],
        "standing": told["standing"].value,
        "told": Order.REFUSE.value if told["told"] is Order.NONE else told["told"].value,
        "result": command.result,
        "terminal": command.card.terminal,
        "operator": desk.request.actor,
    }
    insert(desk.connection, "chip.add_stamp", kept)
    facts = {**kept, "card": mask(command.card_number)}
    return {**facts, "audit": desk.audit(facts, told["at"])}
