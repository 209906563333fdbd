"""Who settles in the race: a hospital over HTTP, or a card terminal over ISO 8583."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Protocol

from minka.bench import load_city
from minka.bench.load import OTHER, REFUSED, SETTLED, answer_end, end_of
from minka.bench.load_city import Town
from minka.bench.load_messages import Till, make
from minka.bench.pos import Line, Pos
from minka.cipher.field import FieldKeys
from minka.doors.host.keys import Terminal, soft_keys
from minka.kit.secret import Clear
from minka.wire.iso8583.dialect import names, read

USERS = 6
"""Clients that settle with one card."""
BILLS_EACH = USERS + 1
PIN, A_YUAN = Clear("940183"), 100
DIALECT, SINCE = "summit", date(load_city.YEAR, 1, 1)


def bills_of(person: int, town: Town) -> list[int]:
    """The bills of a person of the race's town, the earliest first; never nought."""
    back = pow(load_city.STRIDE, -1, town.people)
    first = (person - 1) * back % town.people
    every = range(first, first + town.people * (BILLS_EACH + 1), town.people)
    return [bill for bill in every if bill > 0]


class Caller(Protocol):
    """Somebody who settles with a person's card and waits for the answer."""

    def ask(self, person: int) -> int:
        """What came of it, as the load counts it."""

    def close(self) -> None:
        """Hang up."""


class HospitalCaller:
    """A connection that sends one bill of each person; ``run`` is the town and the first second."""

    def __init__(
        self, port: int, tills: Sequence[Till], bills: Mapping[int, int], run: tuple[Town, int]
    ) -> None:
        by_bill = {
            each.bill: each.raw for each in make(tills, run[0], bills.values(), first=run[1])
        }
        self._messages = {person: by_bill[bill] for person, bill in bills.items()}
        self._line = socket.create_connection(("127.0.0.1", port), 30)
        self._line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, person: int) -> int:
        """See ``Caller.ask``."""
        self._line.sendall(self._messages[person])
        came = b""
        while not answer_end(came, 0):
            part = self._line.recv(65_536)
            if not part:
                return OTHER
            came += part
        return end_of(came)

    def close(self) -> None:
        """See ``Caller.close``."""
        self._line.close()


class TerminalCaller:
    """A card terminal, signed on; it asks for one yuan at a time."""

    def __init__(self, terminal: Terminal, host_port: int, keys: FieldKeys, home: Path) -> None:
        self._loop = asyncio.new_event_loop()
        held = soft_keys(home, keys, {terminal.terminal_id: terminal}.get)
        line = Line("127.0.0.1", host_port + names().index(DIALECT), read(DIALECT))
        self._pos = Pos(line, terminal, held.master_key(terminal.terminal_id), patience_ms=20_000)
        signed = self._loop.run_until_complete(self._pos.sign_on())
        assert signed == "00", f"the terminal could not sign on: {signed}"

    def ask(self, person: int) -> int:
        """See ``Caller.ask``."""
        asked = self._pos.purchase(load_city.card_number(person), PIN, A_YUAN)
        slip = self._loop.run_until_complete(asked)
        return {"approved": SETTLED, "refused": REFUSED}.get(slip.ending, OTHER)

    def close(self) -> None:
        """See ``Caller.close``."""
        self._loop.run_until_complete(self._pos.line.close())
        self._loop.close()
