"""A stop that came with a card from another register: its interval here, and who must know.

The holder is not told of a stop that he knows; the hot list and the bank are, and at its end
everybody is, as with a stop of our own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from minka.cards.card import AtLapse, Force
from minka.desk.stops import NOTICE_BEFORE_LAPSE
from minka.doors.files.cells import Cells
from minka.doors.files.refusals import RowRefusal
from minka.store import bulk, journal
from minka.store.connection import Connection, Row

NOT_LOST = "none"
"""What a row says of a card that is not lost; a row that is silent about a freeze says nothing."""


class Stopped(NamedTuple):
    """The stops a row gives; instants without a text are None."""

    lost: str | None = None
    lost_from: datetime | None = None
    lost_until: datetime | None = None
    lost_at_lapse: str | None = None
    bank_until: datetime | None = None
    frozen_from: datetime | None = None

    def values(self) -> dict[str, Any]:
        """What the row says, by our field names, for comparing."""
        return {
            "lost": self.lost or NOT_LOST,
            "lost_from": self.lost_from,
            "lost_until": self.lost_until,
            "lost_at_lapse": self.lost_at_lapse,
            "bank_until": self.bank_until,
            "frozen_from": self.frozen_from,
        }

    def wrong_at(self, at: datetime) -> RowRefusal | None:
        """What keeps the stops from standing at an instant."""
        begins = [each for each in (self.lost_from, self.frozen_from) if each]
        if any(each > at for each in begins):
            return RowRefusal.STOP_AHEAD
        if self.lost_until is not None and self.lost_until <= at:
            return RowRefusal.STOP_OVER
        return None


def read_stop(cells: Cells) -> Stopped | None:
    """The stops of a row. Only a provisional loss can have an end; without one it stays open."""
    lost, frozen = cells.text("lost"), cells.instant("frozen_from")
    if not lost:
        return Stopped(frozen_from=frozen) if frozen else None
    if lost == Force.FORMAL:
        return Stopped(lost, cells.instant("lost_from"), frozen_from=frozen)
    if lost != Force.PROVISIONAL:
        raise cells.refusal(RowRefusal.CODE, "lost")
    lapse = cells.text("lost_at_lapse") or None
    until = cells.last_instant("lost_until")
    if lapse not in (None, AtLapse.RELEASE, AtLapse.CANCEL):
        raise cells.refusal(RowRefusal.CODE, "lost_at_lapse")
    return Stopped(
        lost=lost,
        lost_from=cells.instant("lost_from"),
        lost_until=until,
        lost_at_lapse=lapse if until else None,
        bank_until=cells.last_instant("bank_until"),
        frozen_from=frozen,
    )


def put(
    connection: Connection,
    stopped: Sequence[tuple[Stopped, Row]],
    *,
    at: datetime,
    cause: str,
) -> None:
    """Stop the cards in the register and tell whom it concerns, all in the chunk's commit."""
    wanted = [(block, card) for stop, card in stopped for block in _blocks(stop, at)]
    ids = bulk.new_ids(connection, "fact", len(wanted))
    numbered = [
        ({**block, "block_id": i, "cause": cause, **_owner(card)}, card)
        for (block, card), i in zip(wanted, ids, strict=True)
    ]
    bulk.add_blocks(connection, [block for block, _ in numbered])
    for block, card in numbered:
        _tell(connection, block, card, at)


def _blocks(stop: Stopped, at: datetime) -> list[Row]:
    blocks = []
    if stop.lost:
        blocks.append(
            {
                "force": stop.lost,
                "from_at": stop.lost_from or at,
                "until_at": stop.lost_until,
                "bank_until_at": stop.bank_until,
                "at_lapse": bulk.lapse_of(stop.lost_until, stop.lost_at_lapse or "").value,
            }
        )
    if stop.frozen_from:
        blocks.append(
            {
                "force": Force.FROZEN.value,
                "from_at": stop.frozen_from,
                "until_at": None,
                "bank_until_at": None,
                "at_lapse": AtLapse.NONE.value,
            }
        )
    return blocks


def _owner(card: Row) -> Row:
    return {"person_id": card["person_id"], "card_id": card["card_id"]}


def _tell(connection: Connection, block: Row, card: Row, at: datetime) -> None:
    """The messages of ``desk.stops`` for a stop that stands already."""
    told = {"block_id": block["block_id"], "force": block["force"], "receipt": block["cause"]}
    numbered = {**told, "card_number": card["card_number"], "region": card["region"]}
    ends = {"until_at": _iso(block["until_at"])}
    _send(connection, "hotlist.add", {**numbered, **ends}, card=card, at=at)
    if card["bank_id"]:
        bank = {"bank_id": card["bank_id"], "until_at": _iso(block["bank_until_at"])}
        _send(connection, "bank.stop", {**numbered, **bank}, card=card, at=at)
    until = block["until_at"]
    if until is None:
        return
    lapses = {**told, **ends, "at_lapse": block["at_lapse"]}
    soon = max(until - NOTICE_BEFORE_LAPSE - at, timedelta(0))
    _send(connection, "notice.lapses_soon", lapses, card=card, at=at, after=soon)
    _send(connection, "notice.lapsed", lapses, card=card, at=at, after=until - at)
    if card["bank_id"] and block["at_lapse"] == AtLapse.RELEASE:
        back = {**numbered, "bank_id": card["bank_id"], "how": "lapsed"}
        after = max((block["bank_until_at"] or until) - at, timedelta(0))
        _send(connection, "bank.resume", back, card=card, at=at, after=after)


def _send(
    connection: Connection,
    topic: str,
    body: dict[str, Any],
    *,
    card: Row,
    at: datetime,
    after: timedelta = timedelta(0),
) -> None:
    owner = (card["person_id"], card["card_id"])
    journal.send(connection, topic, body, card=owner, at=at, after=after)


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
