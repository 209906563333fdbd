"""The hands that empty the outbox: one lane each for banks, texts and the hot list.

Each message is taken under its own row lock, delivered, and marked in the same transaction; a hand
that dies lets go of it and another sends it again under the same key. Messages of one lane about
one card go out in the order in which they fell due. A receiver that is away is tried for ever, ever
more slowly; a message whose answer cannot be used is set aside after some tries, and the rest
flows.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import psycopg
import structlog
from prometheus_client import Counter

from minka.desk.office import Office
from minka.doors.outbox.message import Away, Deliver, Message, Outcome, Rejected, message_of
from minka.store import cards
from minka.store.connection import Connection, RegisterAway, do, row

IDLE_S = 0.15
AWAY_S = 0.5
LONGEST_REST_S = 5

log = structlog.get_logger("minka.outbox")
SENT = Counter("minka_outbox_messages", "Messages that left the outbox", ["lane", "end"])
FAULTS = Counter("minka_outbox_faults", "Tries that failed", ["lane", "fault"])


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast to try again, and when to give a message up."""

    first: timedelta = timedelta(seconds=1)
    longest: timedelta = timedelta(seconds=30)
    tries: int = 8

    def wait(self, tries: int) -> timedelta:
        """The pause after so many tries: doubled each time, up to the longest."""
        return min(self.first * (1 << min(tries, 30)), self.longest)


@dataclass(slots=True)
class Rests:
    """Receivers that were away a moment ago, so that one dead bank does not hold every hand."""

    first_s: float = AWAY_S
    _until: dict[str, tuple[float, int]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def names(self) -> list[str]:
        """Who is not to be asked now."""
        with self._lock:
            reading = time.monotonic()
            return [name for name, (until, _) in self._until.items() if until > reading]

    def away(self, name: str) -> None:
        """Leave a receiver alone for a while, longer each time."""
        with self._lock:
            times = self._until.get(name, (0.0, 0))[1]
            rest = min(self.first_s * 2**times, LONGEST_REST_S)
            self._until[name] = (time.monotonic() + rest, min(times + 1, 10))

    def back(self, name: str) -> None:
        """A receiver answered."""
        with self._lock:
            self._until.pop(name, None)


@dataclass(slots=True)
class Lane:
    """One kind of receiver: its messages, how they are delivered, and by how many hands."""

    name: str
    deliver: Deliver
    hands: int = 1
    pace: Pace = field(default_factory=Pace)
    rests: Rests = field(default_factory=Rests)


def until_signalled() -> threading.Event:
    """An event that SIGINT and SIGTERM set."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def work_lanes(office: Office, stop: threading.Event, lanes: Sequence[Lane]) -> None:
    """Deliver until told to stop; comes back when every hand has laid down its message."""
    hands = [
        threading.Thread(target=_work, args=(office, stop, lane), name=f"outbox-{lane.name}-{n}")
        for lane in lanes
        for n in range(lane.hands)
    ]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()


def _work(office: Office, stop: threading.Event, lane: Lane) -> None:
    while not stop.is_set():
        try:
            pause = 0.0 if deliver_next(office, lane) else IDLE_S
        except RegisterAway:
            pause = AWAY_S
        except Exception as fault:
            log.error("outbox hand stumbled", lane=lane.name, fault=type(fault).__name__)
            pause = AWAY_S
        stop.wait(pause)


def deliver_next(office: Office, lane: Lane) -> int:
    """Deliver the next message of a lane that is due; 1 when there was one, 0 when none."""
    with office.register.act() as connection:
        now = cards.now(connection, office.fence())
        resting = lane.rests.names()
        found = row(connection, "outbox.head", lane=lane.name, now=now, resting=resting)
        if found is None:
            return 0
        message = message_of(found)
        try:
            with connection.transaction():
                outcome = lane.deliver(connection, message, now)
        except psycopg.OperationalError:
            raise
        except Away as fault:
            lane.rests.away(message.receiver)
            _again(connection, lane, message, now, fault=fault)
        except Exception as fault:
            _again(connection, lane, message, now, fault=fault)
        else:
            lane.rests.back(message.receiver)
            _finish(connection, lane, message, outcome)
    return 1


def _finish(connection: Connection, lane: Lane, message: Message, outcome: Outcome) -> None:
    at = cards.now(connection, None)
    place = {"outbox_id": message.outbox_id, "person_id": message.person_id}
    do(connection, "outbox.finish", **place, now=at, note=outcome.note)
    SENT.labels(lane.name, outcome.end.value).inc()
    log.info("sent", outbox_id=message.outbox_id, topic=message.topic, end=outcome.end.value)


def _again(
    connection: Connection, lane: Lane, message: Message, now: datetime, *, fault: Exception
) -> None:
    """Put a message back for a later try, or aside after too many answers of no use."""
    known = isinstance(fault, Away | Rejected)
    said = str(fault) if known else f"fault: {type(fault).__name__}"
    rejected = 0 if isinstance(fault, Away) else 1
    aside = message.rejections + rejected >= lane.pace.tries and bool(rejected)
    do(
        connection,
        "outbox.retry",
        outbox_id=message.outbox_id,
        person_id=message.person_id,
        rejections=rejected,
        next_at=now + lane.pace.wait(message.tries),
        fault=said,
        now=now,
        quarantined_at=now if aside else None,
    )
    kind = "away" if isinstance(fault, Away) else "rejected"
    FAULTS.labels(lane.name, kind).inc()
    level = log.error if aside else log.warning
    what = "set aside" if aside else "not sent"
    level(what, outbox_id=message.outbox_id, topic=message.topic, fault=said)
