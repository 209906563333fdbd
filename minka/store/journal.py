"""Requests answered once and for ever, the audit event of every act, and messages to be sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg.types.json import Jsonb

from minka.cipher.field import digest
from minka.store.connection import Connection, Row, do, insert, row


@dataclass(frozen=True, slots=True)
class Entry:
    """A request as it is remembered: its key, what it was about, and the hash of its content."""

    request_key: str
    origin: str
    act: str
    content_hash: bytes


def canonical(content: Mapping[str, object]) -> bytes:
    """The one spelling of a content, for hashing: sorted keys, no spaces, UTF-8."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def claim(connection: Connection, request_key: str) -> Row | None:
    """Wait for anyone with the same key, then the stored request with its answer, or None."""
    do(connection, "journal.claim", request_key=request_key)
    return row(connection, "journal.answered", request_key=request_key)


def record(
    connection: Connection,
    entry: Entry,
    answer: Mapping[str, object],
    *,
    person_id: int,
    fence: datetime | None,
) -> None:
    """Remember a request and its answer, for ever."""
    insert(
        connection,
        "journal.record",
        {
            "request_key": entry.request_key,
            "person_id": person_id,
            "origin": entry.origin,
            "act": entry.act,
            "content_hash": entry.content_hash,
            "fence": fence,
            "answer": Jsonb(dict(answer)),
        },
    )


def audit(
    connection: Connection,
    act: str,
    actor: str,
    content: Mapping[str, object],
    *,
    at: datetime,
) -> str:
    """Write the audit event of an act in the act's own commit; the hash in hex is its receipt.

    ``content`` carries ``person_id`` and never a clear identity number or name.
    """
    event = {**content, "act": act, "actor": actor, "at": at.isoformat()}
    fingerprint = digest(canonical(event))
    insert(
        connection,
        "journal.audit",
        {
            "person_id": content.get("person_id", 0),
            "at": at,
            "act": act,
            "actor": actor,
            "content": Jsonb(event),
            "hash": fingerprint,
        },
    )
    return fingerprint.hex()


def send(
    connection: Connection,
    topic: str,
    body: Mapping[str, object],
    *,
    card: tuple[int, int],
    at: datetime,
    after: timedelta = timedelta(0),
) -> None:
    """Put a message to another organisation into the outbox, in the act's own commit."""
    insert(
        connection,
        "journal.send",
        {
            "person_id": card[0],
            "card_id": card[1],
            "topic": topic,
            "body": Jsonb(dict(body)),
            "at": at,
            "next_at": at + after,
        },
    )
