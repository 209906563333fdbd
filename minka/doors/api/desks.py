"""The two ways to the register: one for everything, one that only loss reports may use (T19)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from threading import BoundedSemaphore

from minka.desk.office import Office
from minka.doors.office import LawShelf, office
from minka.store.cluster import database_url
from minka.store.connection import Register

RESERVED = 4
"""Connections that wait for loss reports alone, in each process."""
LOSS_WAIT_MS = 700
"""How long a loss report waits for a connection: the answer "away" comes within a second."""
AT_ONCE = 12
"""Requests other than loss reports that may be under way in a process; more are told to wait.

The server needs at least ``AT_ONCE + RESERVED`` threads, so that loss reports always find one.
"""


@dataclass(frozen=True, slots=True)
class Desks:
    """Where a request is carried out."""

    everyday: Office
    loss: Office


@cache
def opened() -> Desks:
    """The desks of this process; tests put others in this function's place."""
    everyday = office()
    register = Register(database_url(), size=RESERVED, wait_ms=LOSS_WAIT_MS)
    loss = replace(everyday, register=register, book=LawShelf(register).book)
    return Desks(everyday, loss)


RESERVED_FOR = ("/api/v1/loss-reports", "/api/v1/card-freezes", "/api/health")
"""Addresses that go the reserved way: they stop a card, or ask whether we can."""


def is_reserved(path: str) -> bool:
    """Whether an address goes the reserved way."""
    return path.startswith(RESERVED_FOR)


def at_desk(path: str) -> Office:
    """The office an address is carried out in."""
    return opened().loss if is_reserved(path) else opened().everyday


under_way = BoundedSemaphore(AT_ONCE)
"""Places for requests that are no loss reports."""
