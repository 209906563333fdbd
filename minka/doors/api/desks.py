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


under_way = BoundedSemaphore(AT_ONCE)
"""Places for requests that are no loss reports."""
