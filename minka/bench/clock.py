"""The bench's turned clock: the register's own time, moved forward or set to an instant."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from minka.desk.office import Office
from minka.kit.clock import china_text
from minka.store import cards
from minka.store.connection import Connection

_TURN = re.compile(r"\+(\d{1,5})(d|h|m|s)")
_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


@dataclass(frozen=True, slots=True)
class Shown:
    """The clock as it stands."""

    now: datetime
    shift: timedelta

    def text(self) -> str:
        """The instant in China's time."""
        return china_text(self.now)


def is_bench() -> bool:
    """Whether the register is an embedded one, and so no city's."""
    return not os.environ.get("MINKA_DATABASE_URL")


def turn(office: Office, words: str) -> Shown:
    """``+10d``, ``+24h``, ``+30m``, ``+5s``, ``reset`` or ``show``; ``ValueError`` otherwise."""
    with office.register.act() as connection:
        if words == "reset":
            _shift(connection, timedelta(0))
        elif words != "show":
            _shift(connection, shift_of(connection) + _asked(words))
        return Shown(cards.now(connection, office.fence()), shift_of(connection))


def set_to(office: Office, instant: datetime) -> None:
    """Turn the clock so that it shows an instant now."""
    with office.register.act() as connection:
        shown = cards.now(connection, office.fence())
        _shift(connection, shift_of(connection) + (instant - shown))


def forward_to(office: Office, instant: datetime) -> None:
    """Turn the clock on to an instant; it never goes back."""
    with office.register.act() as connection:
        shown = cards.now(connection, office.fence())
        if instant > shown:
            _shift(connection, shift_of(connection) + (instant - shown))


def shift_of(connection: Connection) -> timedelta:
    """How far the clock is turned."""
    found = connection.execute("select shift from clock_shift").fetchone()
    assert found is not None, "the table has one row"
    shift: timedelta = found["shift"]
    return shift


def _asked(words: str) -> timedelta:
    match = _TURN.fullmatch(words)
    if match is None:
        raise ValueError(f"not a turn of the clock: {words!r}")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _shift(connection: Connection, shift: timedelta) -> None:
    connection.execute("update clock_shift set shift = %s", (shift,))
