"""The two ways to the register: one for everything, one that only loss reports may use (T19)."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from threading import BoundedSemaphore, Lock

from minka.desk.office import Office
from minka.doors.office import LawShelf, office
from minka.kit.clock import monotonic_ns
from minka.store.cluster import database_url
from minka.store.connection import Register, RegisterAway

RESERVED = 4
"""Connections that wait for loss reports alone, in each process."""
LOSS_WAIT_MS = 500
"""How long a loss report waits for a connection: the answer "away" comes within a second."""
PULSE_MS = 50
"""A word of the register counts for so long."""
AT_ONCE = 12
"""Requests other than loss reports that may be under way in a process; more are told to wait.

The server needs at least ``AT_ONCE + RESERVED`` threads, so that loss reports always find one.
"""


@dataclass(frozen=True, slots=True)
class Desks:
    """Where a request is carried out."""

    everyday: Office
    loss: Office
    pulse: Register
    """One connection that only asks whether the register lives."""


@cache
def opened() -> Desks:
    """The desks of this process; tests put others in this function's place."""
    everyday = office()
    register = Register(database_url(), size=RESERVED, wait_ms=LOSS_WAIT_MS)
    loss = replace(everyday, register=register, book=LawShelf(register).book)
    pulse = Register(database_url(), size=1, wait_ms=LOSS_WAIT_MS)
    return Desks(everyday, loss, pulse)


RESERVED_FOR = ("/api/v1/loss-reports", "/api/v1/card-freezes", "/api/health")
"""Addresses that go the reserved way: they stop a card, or ask whether we can."""


def is_reserved(path: str) -> bool:
    """Whether an address goes the reserved way."""
    return path.startswith(RESERVED_FOR)


def at_desk(path: str) -> Office:
    """The office an address is carried out in."""
    return opened().loss if is_reserved(path) else opened().everyday


class Pulse:
    """Whether the register answers, asked by a thread of its own and not oftener than is useful.

    A register that is gone is noticed by whoever wants a connection; one that only stands still
    would hold a request for ever, so nobody waits for its word longer than ``LOSS_WAIT_MS``.
    """

    def __init__(self) -> None:
        self._asker = ThreadPoolExecutor(1, thread_name_prefix="minka-pulse")
        self._lock = Lock()
        self._asked: tuple[int, Future[None]] | None = None

    def feel(self) -> None:
        """Nothing when the register answers in time; else ``RegisterAway``."""
        try:
            self._latest().result(timeout=LOSS_WAIT_MS / 1000)
        except TimeoutError:
            raise RegisterAway("the register does not answer") from None

    def _latest(self) -> Future[None]:
        with self._lock:
            now = monotonic_ns()
            fresh = self._asked is not None and now - self._asked[0] < PULSE_MS * 10**6
            waiting = self._asked is not None and not self._asked[1].done()
            if self._asked is None or not (fresh or waiting):
                self._asked = (now, self._asker.submit(_ask))
            return self._asked[1]


def _ask() -> None:
    with opened().pulse.act():
        pass  # taking a connection asks it whether it lives


pulse = Pulse()
under_way = BoundedSemaphore(AT_ONCE)
"""Places for requests that are no loss reports."""
