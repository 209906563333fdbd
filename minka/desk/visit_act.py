"""One act of a provider about a visit: its key, its one commit, its one answer.

The order of every act: the key is claimed; a key that was answered gets its answer again; the
person's coverage row is locked and its clock moves on, which makes a settlement that was read
before decide again; then the work; then the answer is kept under the key, with the audit event, in
the same commit. Refusals are kept too, so that a message has one answer for ever (P6): who has
corrected something sends a new message.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

from psycopg.types.json import Jsonb

from minka.care.refusals import CareRefusal
from minka.care.state import Coverage
from minka.cipher.field import digest
from minka.desk.act import Turned
from minka.desk.care_book import CareBook, Provider
from minka.desk.office import Office
from minka.desk.refusals import DeskRefusal
from minka.desk.visit_refusals import VisitRefusal
from minka.kit.outcome import Reason, Refused
from minka.store import journal
from minka.store.connection import Connection, Row, do, insert, row, rows
from minka.store.hot.arrays import FOREVER, NEVER

Facts: TypeAlias = Mapping[str, Any]
"""What an answer says, as plain JSON; numbers of people and cards are never in it in clear."""

REASONS: Mapping[str, Reason] = {
    each.code: each for room in (VisitRefusal, CareRefusal, DeskRefusal) for each in room
}
"""Every reason an act about a visit keeps, by its code."""


@dataclass(frozen=True, slots=True)
class Message:
    """A provider's message: its key, what it is about, and what the key is bound to."""

    msg_no: int
    provider: Provider
    person_id: int
    infno: int
    content_hash: bytes
    opter: str = ""

    @property
    def origin_no(self) -> int:
        """Whose message it is; with its number, its key."""
        return self.provider.provider_no


@dataclass(frozen=True, slots=True)
class Scene:
    """An act in progress: the open transaction, the locked person, and the instant it stands at."""

    office: Office
    book: CareBook
    connection: Connection
    message: Message
    coverage: Coverage
    at: datetime


Work: TypeAlias = Callable[[Scene], Facts]
"""Asks everything first and writes last: a refusal raised halfway would leave nothing undone."""


def turned(reason: Reason, **facts: Any) -> Turned:
    """A refusal to raise."""
    return Turned(Refused(reason, facts))


def once(office: Office, book: CareBook, message: Message, work: Work) -> Facts | Refused:
    """Do an act once and keep its answer. ``RegisterAway``: nobody knows; the key can be asked."""
    with office.register.act() as connection:
        known = claim(connection, message)
        if known is not None:
            return known
        found = row(connection, "visit.take", person_id=message.person_id, fence=office.fence())
        if found is None:
            return keep(connection, message, Refused(VisitRefusal.NO_SUCH_PERSON), None)
        at = found.pop("at")
        scene = Scene(office, book, connection, message, coverage_of(found), at)
        try:
            said: Facts | Refused = work(scene)
        except Turned as turn:
            said = turn.refused
        return keep(connection, message, said, at)


def claim(connection: Connection, message: Message) -> Facts | Refused | None:
    """Wait for whoever has the same key; the answer it was given, or None."""
    key = {"msg_no": message.msg_no, "origin_no": message.origin_no}
    do(connection, "visit.claim", **key)
    known = row(connection, "visit.known", **key)
    if known is None:
        return None
    if known["is_stone"]:
        return Refused(CareRefusal.REVERSED)
    if bytes(known["content_hash"]) != message.content_hash or known["answer"] is None:
        return Refused(DeskRefusal.KEY_REUSED)
    return answer_of(bytes(known["answer"]))


def answer_of(kept_answer: bytes) -> Facts | Refused:
    """An answer as it was kept under its key."""
    kept: dict[str, Any] = json.loads(kept_answer)
    code = kept.get("refused")
    if code is None:
        done: Facts = kept["done"]
        return done
    return Refused(REASONS[code], kept["facts"])


def keep(
    connection: Connection, message: Message, said: Facts | Refused, at: datetime | None
) -> Facts | Refused:
    """Keep an answer under the key, with its audit event, in the act's own commit."""
    if isinstance(said, Refused):
        kept: dict[str, Any] = {"refused": said.reason.code, "facts": dict(said.facts)}
    else:
        kept = {"done": said}
    answer = json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode()
    act, actor, event = audit_of(message, outcome=kept.get("refused", "done"))
    insert(
        connection,
        "visit.keep",
        {
            "msg_no": message.msg_no,
            "origin_no": message.origin_no,
            "person_id": message.person_id,
            "infno": message.infno,
            "content_hash": message.content_hash,
            "at": at,
            "answer": answer,
            "act": act,
            "actor": actor,
            "event": Jsonb(event),
            "hash": digest(journal.canonical(event)),
        },
    )
    return answer_of(answer)


def audit_of(message: Message, **facts: str) -> tuple[str, str, dict[str, Any]]:
    """Who asked what of whom, and what became of it: act, actor and content of the audit event."""
    act = f"insurance.{message.infno}"
    actor = f"{message.provider.fixmedins_code}:{message.opter}"
    key = f"{message.msg_no:018d}{message.origin_no:08d}"
    content = {"person_id": message.person_id, "message": key, "act": act, "actor": actor}
    return act, actor, {**content, **facts}


def coverage_of(found: Row) -> Coverage:
    """A row of the query ``take`` or ``look``, its instants in microseconds since 2000."""
    made = {name: _micros(found[name]) for name in _INSTANTS}
    return Coverage(**{**found, **made, "card_number": found["card_number"].encode()})


_INSTANTS = ("last_at", "open_from", "open_until", "suspended_until", "held_until")


def _micros(epoch: Decimal) -> int:
    """Exact microseconds since 2000 of seconds since 1970, which may be boundless."""
    if epoch.is_infinite():
        return FOREVER if epoch > 0 else NEVER
    return int(epoch * 1_000_000) - 946_684_800_000_000


def audited_look(connection: Connection, message: Message, at: datetime, fields: str) -> None:
    """Write down that a provider was shown somebody's fields."""
    act, actor, event = audit_of(message, looked_at=fields)
    journal.audit(connection, act, actor, event, at=at)


def steps_of(connection: Connection, visit_no: int) -> list[Row]:
    """What happened to a visit since it was registered, in order."""
    return rows(connection, "visit.steps", visit_no=visit_no)
