"""The registered terminals, read from the register and looked up again when one is not known."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from minka.doors.host.keys import Terminal
from minka.kit.clock import CHINA, wall
from minka.store.connection import Register, RegisterAway, rows

LOOK_AGAIN_S = 30
"""A terminal that was taken out of use is refused after twice this time at the latest (T12)."""


@dataclass
class TerminalShelf:
    """The terminals in use today; ``find`` is what ``TerminalKeys`` asks."""

    register: Register
    clock: Callable[[], datetime] = wall
    _read_at: float = field(default=-1e9, repr=False)
    _known: dict[str, Terminal] = field(default_factory=dict, repr=False)

    def find(self, terminal_id: str) -> Terminal | None:
        """The terminal, or None; it never waits for the register once it was read."""
        if time.monotonic() - self._read_at > LOOK_AGAIN_S:
            first, self._read_at = self._read_at < 0, time.monotonic()
            if first:
                self._look()
            else:
                threading.Thread(target=self._look, daemon=True).start()
        return self._known.get(terminal_id)

    def _look(self) -> None:
        """Read anew; an unreachable register leaves what was read last."""
        with suppress(RegisterAway):
            self._known = self._read()

    def _read(self) -> dict[str, Terminal]:
        day = self.clock().astimezone(CHINA).date()
        with self.register.act() as connection:
            found = rows(connection, "terminal.in_use", day=day)
        return {
            each["terminal_id"]: Terminal(
                each["terminal_id"], each["fixmedins_code"], each["terminal_no"]
            )
            for each in found
        }
