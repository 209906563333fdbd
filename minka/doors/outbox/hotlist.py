"""The hot list (停用名单): a gapless numbered list of changes per region, served signed.

A message of the outbox only says "look again": the sequencer compares what the list says of the
card with what the register says now, and appends at most one change. So a message that comes late,
twice or in the wrong order does no harm. Entries carry ``until``: a terminal may take the card
again by itself then, if its time is sound. Dead cards stay on for ever.

What a terminal gets (JSON, UTF-8; instants in ISO 8601), each with its signature:

    the whole list:  kind "whole", region, version, at, entries [{card, until}]
    the changes:     kind "deltas", region, since, version, latest, at,
                     changes [{version, card, entry "add" or "remove", until, at}]
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from minka.desk.office import Office
from minka.doors.outbox.meaning import card_now
from minka.doors.outbox.message import DELIVERED, Message, Outcome, Rejected, dropped
from minka.doors.outbox.signing import HouseKey
from minka.store import cards
from minka.store.connection import Connection, Row, do, row, rows, the_row
from minka.store.journal import canonical

MOST = 2000
"""Changes in one answer; a terminal that is further behind asks again."""


@dataclass(frozen=True, slots=True)
class HotlistDoor:
    """Delivers ``hotlist.…``: the sequencer, one at a time in each region."""

    def __call__(self, connection: Connection, message: Message, now: datetime) -> Outcome:
        """Bring the list's word on one card up to the register's."""
        card = card_now(connection, message.person_id, message.card_id, now)
        if card is None:
            raise Rejected("the card is not on file")
        do(connection, "outbox.lock_list", region=card.region)
        card = card_now(connection, message.person_id, message.card_id, now)
        assert card is not None, "a card on file stays on file"
        named = {"region": card.region, "card_number": card.card_number}
        last = row(connection, "outbox.listed", **named)
        said = (last["entry"], last["until_at"]) if last else ("remove", None)
        wanted = ("add", card.listed_until()) if card.listed() else ("remove", None)
        if said == wanted:
            return dropped("the list says so already")
        the_row(
            connection,
            "outbox.add_change",
            **named,
            entry=wanted[0],
            until_at=wanted[1],
            at=now,
            outbox_id=message.outbox_id,
        )
        return DELIVERED


class Signed(NamedTuple):
    """A content and the house's signature over exactly these bytes."""

    content: bytes
    signature: str


def whole_list(office: Office, key: HouseKey, region: str) -> Signed:
    """Every card of a region that terminals must refuse now; ``KeyError`` for an unknown region."""
    _known(office, region)
    with office.register.act() as connection:
        now = cards.now(connection, office.fence())
        version: int = the_row(connection, "outbox.version", region=region)["version"]
        listed = rows(connection, "outbox.whole_list", region=region, version=version, now=now)
    return _signed(
        key,
        {
            "kind": "whole",
            "region": region,
            "version": version,
            "at": now.isoformat(),
            "entries": [
                {"card": each["card_number"], "until": _iso(each["until_at"])} for each in listed
            ],
        },
    )


def deltas(office: Office, key: HouseKey, region: str, since: int) -> Signed:
    """The changes after a version, at most ``MOST``; ``KeyError`` for an unknown region."""
    _known(office, region)
    with office.register.act() as connection:
        now = cards.now(connection, office.fence())
        latest: int = the_row(connection, "outbox.version", region=region)["version"]
        found = rows(connection, "outbox.changes", region=region, since=since, most=MOST)
    version: int = found[-1]["version"] if found else min(since, latest)
    return _signed(
        key,
        {
            "kind": "deltas",
            "region": region,
            "since": since,
            "version": version,
            "latest": max(latest, version),
            "at": now.isoformat(),
            "changes": [_change(each) for each in found],
        },
    )


def _known(office: Office, region: str) -> None:
    if region not in office.book().regions:
        raise KeyError(region)


def _change(found: Row) -> dict[str, object]:
    return {
        "version": found["version"],
        "card": found["card_number"],
        "entry": found["entry"],
        "until": _iso(found["until_at"]),
        "at": found["at"].isoformat(),
    }


def _signed(key: HouseKey, content: dict[str, object]) -> Signed:
    body = canonical(content)
    return Signed(body, key.sign(body))


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
