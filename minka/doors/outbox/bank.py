"""Bank stops: the bank of a card is asked to stop or resume, and its own instant is written down.

The letter: ``key`` (the same at every try), ``order`` (``stop`` or ``resume``), ``card_number``,
``receipt``, ``force``, ``until_at``, ``ordered_at``, ``sent_at``; signed in ``Minka-Signature``.
The answer: ``key``, ``effect`` (``stopped`` or ``resumed``), ``at`` (ISO 8601 with its zone) and
``reference``. The same key must get the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from minka.doors.outbox.meaning import card_now
from minka.doors.outbox.message import DELIVERED, Message, Outcome, Rejected, dropped
from minka.doors.outbox.post import post
from minka.doors.outbox.signing import HouseKey
from minka.store.connection import Connection, do, row

EFFECTS = {"stop": "stopped", "resume": "resumed"}
LONGEST_REFERENCE = 64


@dataclass(frozen=True, slots=True)
class BankDoor:
    """Delivers ``bank.stop`` and ``bank.resume``."""

    line: httpx.Client
    key: HouseKey

    def __call__(self, connection: Connection, message: Message, now: datetime) -> Outcome:
        """Ask the bank and write down when it did it; drop what the register no longer wants."""
        order = message.topic.partition(".")[2]
        if order not in EFFECTS:
            raise Rejected(f"unknown topic {message.topic}")
        why = _lost_meaning(connection, message, order, now)
        if why:
            return dropped(why)
        bank = row(connection, "reference.bank", id=message.receiver)
        if bank is None:
            raise Rejected("the bank is not on file")
        letter = _letter(message, order, now)
        said = post(self.line, bank["endpoint"], letter, self.key)
        at, reference = _confirmation(said, message, order)
        do(
            connection,
            "cards.confirm_side",
            person_id=message.person_id,
            block_id=message.block_id,
            side="bank",
            effect=order,
            at=at,
            reference=reference,
        )
        return DELIVERED


def _lost_meaning(connection: Connection, message: Message, order: str, now: datetime) -> str:
    card = card_now(connection, message.person_id, message.card_id, now)
    if card is None:
        raise Rejected("the card is not on file")
    if order == "stop":
        return "" if card.bank_should_stop() else "the stop has ended"
    if card.bank_should_stop():
        return "the card is stopped for another reason"
    stop = card.stop(message.block_id)
    early = stop is not None and stop.ended_at is not None and stop.ended_at <= message.due_at
    lapsed = message.body.get("how") == "lapsed"
    return "the stop was ended before its time" if lapsed and early else ""


def _letter(message: Message, order: str, now: datetime) -> Mapping[str, object]:
    body = message.body
    return {
        "key": message.key,
        "order": order,
        "card_number": body["card_number"],
        "receipt": body.get("receipt", ""),
        "force": body.get("force", ""),
        "until_at": body.get("until_at"),
        "ordered_at": message.created_at.isoformat(),
        "sent_at": now.isoformat(),
    }


def _confirmation(said: Mapping[str, Any], message: Message, order: str) -> tuple[datetime, str]:
    if said.get("key") != message.key or said.get("effect") != EFFECTS[order]:
        raise Rejected("the answer is to another order")
    try:
        at = datetime.fromisoformat(str(said.get("at")))
    except ValueError:
        raise Rejected("the answer has no instant") from None
    if at.tzinfo is None:
        raise Rejected("the answer's instant has no zone")
    return at, str(said.get("reference") or "")[:LONGEST_REFERENCE]
