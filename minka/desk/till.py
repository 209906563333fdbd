"""What a card terminal asks besides money: the balance, and whether a PIN is right.

One key has one answer for ever, and one try of a PIN: the try, its counter and the answer are one
commit, so that a terminal that repeats a question is answered what it was answered, and a wrong PIN
is counted once (ledger of the host door, rules 1 and 2).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from minka.care.refusals import CareRefusal
from minka.cipher.field import digest
from minka.desk.act import Desk, Request
from minka.desk.office import Office
from minka.desk.pin import count_try
from minka.desk.refusals import DeskRefusal
from minka.kit.clock import CHINA
from minka.law.pins import pin_law
from minka.store import cards, journal
from minka.store.connection import Connection, do, insert, row
from minka.store.pins import PinKey

BALANCE, PURCHASE = 100, 200
"""``infno`` of a terminal's questions: the type of its message."""


@dataclass(frozen=True, slots=True)
class Question:
    """A terminal's question: its key, what the key is bound to, the card, and the PIN's value."""

    msg_no: int
    origin_no: int
    terminal: str
    content_hash: bytes
    card_number: str = field(repr=False)
    value: Callable[[str], bytes] | None = field(default=None, repr=False)
    """The verification value of what was typed, for a holder; None when no PIN was."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose card it is, and how it stands now."""

    person_id: int
    card_id: int
    region: str
    opens: int
    """One when the card may settle at this instant."""
    balance: int
    at: datetime
    known: int
    """One when a purchase of the key stands or was refused before."""


@dataclass(frozen=True, slots=True)
class Told:
    """The answer: empty for good news, else the code of a refusal; and the balance in fen."""

    code: str = ""
    balance_fen: int | None = None


def balance(office: Office, question: Question) -> Told:
    """The balance of a card's individual account; a stopped card tells nothing.

    Refusals: ``CareRefusal.CARD_UNKNOWN``, ``CARD_STOPPED``, those of a PIN, ``KEY_REUSED``.
    """
    with office.register.act() as connection:
        known = _known(connection, question)
        if known is not None:
            return known
        asked = Asked(connection, office, question, _holder(connection, office, question))
        return _keep(asked, BALANCE, _balance(asked))


def holder_of(office: Office, question: Question) -> Holder | None:
    """Whose card it is; None for a card nobody has."""
    with office.register.act() as connection:
        return _holder(connection, office, question)


def try_pin(office: Office, question: Question, holder: Holder) -> Told:
    """Try the PIN of a purchase; a refusal is kept, so that a repetition does not try it again."""
    with office.register.act() as connection:
        known = _known(connection, question)
        if known is not None:
            return known
        asked = Asked(connection, office, question, holder)
        told = _tried(asked)
        return _keep(asked, PURCHASE, told) if told.code else told


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in its open transaction."""

    connection: Connection
    office: Office
    question: Question
    holder: Holder | None


def _balance(asked: Asked) -> Told:
    holder = asked.holder
    if holder is None:
        return Told(CareRefusal.CARD_UNKNOWN.code)
    if not holder.opens:
        return Told(CareRefusal.CARD_STOPPED.code)
    wrong = _tried(asked)
    return wrong if wrong.code else Told(balance_fen=holder.balance)


def _tried(asked: Asked) -> Told:
    question, holder = asked.question, asked.holder
    if question.value is None or holder is None:
        return Told()
    key = PinKey(holder.person_id, holder.card_id)
    law = pin_law(holder.region, holder.at.astimezone(CHINA).date())
    name = f"till:{question.origin_no}:{question.msg_no}"
    request = Request(name, f"host:{question.terminal}")
    desk = Desk(asked.connection, asked.office, request, "TryPin", person_id=holder.person_id)
    refused = count_try(desk, key, question.value(key.holder), law, at=holder.at)
    return Told(refused.reason.code if refused else "")


def _holder(connection: Connection, office: Office, question: Question) -> Holder | None:
    key = {"msg_no": question.msg_no, "origin_no": question.origin_no}
    found = row(
        connection,
        "till.holder",
        card_number=question.card_number,
        fence=office.fence(),
        **key,
    )
    return Holder(**found) if found else None


def _known(connection: Connection, question: Question) -> Told | None:
    """Wait for whoever asks under the same key; the answer it was given."""
    key = {"msg_no": question.msg_no, "origin_no": question.origin_no}
    do(connection, "visit.claim", **key)
    known = row(connection, "till.answered", **key)
    if known is None:
        return None
    if bytes(known["content_hash"]) != question.content_hash:
        return Told(DeskRefusal.KEY_REUSED.code)
    return Told(**json.loads(bytes(known["answer"])))


def _keep(asked: Asked, infno: int, told: Told) -> Told:
    """The answer under its key, with its audit event, in the commit of the try."""
    question, holder = asked.question, asked.holder
    person_id = holder.person_id if holder else 0
    event: dict[str, Any] = {
        "person_id": person_id,
        "message": f"{question.msg_no:018d}{question.origin_no:08d}",
        "act": f"till.{infno}",
        "actor": f"host:{question.terminal}",
        "outcome": told.code or "done",
    }
    at = holder.at if holder else cards.now(asked.connection, asked.office.fence())
    kept = {
        "msg_no": question.msg_no,
        "origin_no": question.origin_no,
        "person_id": person_id,
        "infno": infno,
        "content_hash": question.content_hash,
        "at": at,
        "answer": json.dumps({"code": told.code, "balance_fen": told.balance_fen}).encode(),
        "act": event["act"],
        "actor": event["actor"],
        "event": Jsonb(event),
        "hash": digest(journal.canonical(event)),
    }
    insert(asked.connection, "visit.keep", kept)
    return told
