"""An institution asks how a card stands at an instant; that it asked is on record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from minka.cards.card import Standing
from minka.desk.act import Answer, Desk, Request, act
from minka.desk.office import Office
from minka.store import cards
from minka.store.connection import row


@dataclass(frozen=True, slots=True)
class AskStanding:
    """How a card stood at an instant; None is now, a later instant is now too."""

    card_number: str
    at: datetime | None = None


def ask_standing(office: Office, request: Request, command: AskStanding) -> Answer:
    """The standing of a card, ``unknown`` for one that is not on file; asked once under a key."""
    return act(office, request, command, lambda desk: _standing(desk, command))


def _standing(desk: Desk, command: AskStanding) -> Mapping[str, Any]:
    asked_at = desk.now()
    at = min(command.at or asked_at, asked_at)
    standing = Standing.UNKNOWN
    found = row(desk.connection, "cards.by_number", card_number=command.card_number)
    if found is not None:
        desk.person_id = found["person_id"]
        standing = cards.standing(desk.connection, found["person_id"], found["card_id"], at)
    desk.audit({"standing": standing, "asked_for": at}, asked_at)
    return {"standing": standing, "at": at, "asked_at": asked_at}
