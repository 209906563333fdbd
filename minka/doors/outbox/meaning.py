"""What the register says of a card at the moment a message about it goes out.

A message may wait for days: a bank is away, or a lapse lies ahead. So each one is asked again:

| message | goes out when | else |
|---|---|---|
| bank.stop | a stop of the bank part stands, or the card is dead | dropped |
| bank.resume | no stop of the bank part stands and the card lives | dropped |
| notice.lapses_soon | this stop stands, and nothing will hold the card longer | dropped |
| notice.lapsed | this stop ended by its time and by nothing else, as its rule says | dropped |
| hotlist.* | the list says otherwise than the register | dropped |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from minka.store.connection import Connection, Row, row, rows

DEAD = ("cancelled", "destroyed")


@dataclass(frozen=True, slots=True)
class Stop:
    """One interval in which a card is stopped, with the bank's own end of it."""

    block_id: int
    force: str
    from_at: datetime
    until_at: datetime | None
    bank_until_at: datetime | None
    at_lapse: str
    cause: str = ""
    ended_at: datetime | None = None

    def stands_at(self, now: datetime) -> int:
        """One while the social side is stopped by it."""
        return self._stands(self.until_at, now)

    def bank_stands_at(self, now: datetime) -> int:
        """One while the bank side is stopped by it."""
        return self._stands(self.bank_until_at or self.until_at, now)

    def _stands(self, until: datetime | None, now: datetime) -> int:
        ended = self.ended_at is not None and now >= self.ended_at
        return int(self.from_at <= now and not ended and (until is None or now < until))

    def lapsed_by(self, now: datetime) -> int:
        """One when its time ran out and nobody had ended it before."""
        if self.until_at is None or now < self.until_at:
            return 0
        return int(self.ended_at is None or self.ended_at >= self.until_at)


@dataclass(frozen=True, slots=True)
class CardNow:
    """A card and all its stops at one instant."""

    card_number: str
    region: str
    kind: str
    bank_id: str
    standing: str
    status: str
    dead_at: datetime | None
    stops: Sequence[Stop]
    now: datetime

    def stop(self, block_id: int) -> Stop | None:
        """One of its stops, or None."""
        return next((each for each in self.stops if each.block_id == block_id), None)

    @property
    def dead(self) -> int:
        """One when it never comes back: cancelled, destroyed, or lapsed with cancellation."""
        lapsed = any(s.at_lapse == "cancel" and s.lapsed_by(self.now) for s in self.stops)
        return int(self.status in DEAD or lapsed)

    def bank_should_stop(self) -> int:
        """One while the bank must not pay."""
        return int(bool(self.dead) or any(s.bank_stands_at(self.now) for s in self.stops))

    def listed(self) -> int:
        """One while terminals must refuse it."""
        return int(bool(self.dead) or any(s.stands_at(self.now) for s in self.stops))

    def listed_until(self) -> datetime | None:
        """When terminals may take it again by themselves; None when never by themselves."""
        standing = [s for s in self.stops if s.stands_at(self.now)]
        ends = [s.until_at if s.at_lapse == "release" else None for s in standing]
        known = [end for end in ends if end is not None]
        return max(known) if known and len(known) == len(ends) and not self.dead else None

    def lapses_soon(self, stop: Stop) -> int:
        """One when this stop is what will end the card's being stopped, and has not ended yet."""
        if not stop.stands_at(self.now) or stop.until_at is None or self.dead:
            return 0
        others = [s for s in self.stops if s.block_id != stop.block_id and s.stands_at(self.now)]
        return int(all(s.until_at is not None and s.until_at <= stop.until_at for s in others))

    def lapsed(self, stop: Stop) -> int:
        """One when this stop ran out and did what its rule says: released or cancelled the card."""
        if not stop.lapsed_by(self.now):
            return 0
        if stop.at_lapse == "release":
            return int(self.standing == "usable")
        assert stop.until_at is not None, "a stop that lapsed had an end"
        formal = any(s.force == "formal" and s.stands_at(stop.until_at) for s in self.stops)
        died_before = self.dead_at is not None and self.dead_at < stop.until_at
        return int(not formal and not died_before)


def card_now(connection: Connection, person_id: int, card_id: int, now: datetime) -> CardNow | None:
    """The card of a message as it stands, or None when the message is about none."""
    place = {"person_id": person_id, "card_id": card_id}
    found = row(connection, "outbox.card", **place, now=now)
    if found is None:
        return None
    stops = [_stop(each) for each in rows(connection, "outbox.blocks", **place)]
    return CardNow(**{**found, "bank_id": found["bank_id"] or ""}, stops=stops, now=now)


def _stop(found: Row) -> Stop:
    return Stop(**found)
