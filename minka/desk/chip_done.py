"""What a post does to a card's PIN with the vault's keys: put on record before it is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from minka.cards.number import mask
from minka.desk.act import Answer, Desk, Request, act
from minka.desk.chip_refusals import ChipRefusal
from minka.desk.chip_write import InReader, this_card
from minka.desk.office import Office
from minka.desk.refusals import DeskRefusal
from minka.desk.rules import turn
from minka.store.connection import row

POSTS = ("counter_clerk", "bank_clerk", "reviewer")
"""Posts that may unblock or set a card's PIN, once the holder has shown who he is."""
WHAT = ("pin_unblocked", "pin_reset")


@dataclass(frozen=True, slots=True)
class DoneAtCard:
    """A post is about to use a key that opens a card's PIN."""

    card_number: str
    card: InReader
    what: str
    """``pin_unblocked`` or ``pin_reset``."""


def done_at_card(office: Office, request: Request, command: DoneAtCard) -> Answer:
    """Put it on record. Refusals: NOT_ALLOWED, UNKNOWN_CARD, UNPROVED, NOT_THIS_CARD."""
    assert command.what in WHAT, command.what
    return act(office, request, command, lambda desk: _note(desk, command))


def _note(desk: Desk, command: DoneAtCard) -> Mapping[str, Any]:
    if desk.request.role not in POSTS:
        raise turn(DeskRefusal.NOT_ALLOWED)
    known = row(desk.connection, "cards.by_number", card_number=command.card_number)
    if known is None:
        raise turn(ChipRefusal.UNKNOWN_CARD)
    desk.person_id = known["person_id"]
    at = desk.tick(known["card_id"])
    this_card(desk, known["card_id"], command.card)
    facts = {"card": mask(command.card_number), "what": command.what, "at": at}
    told = {**facts, "card_id": known["card_id"], "terminal": command.card.terminal}
    return {**facts, "audit": desk.audit(told, at)}
