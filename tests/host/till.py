"""A host door with books in memory and a terminal at it, on this machine's own loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from minka.bench.pos import Line, Pos
from minka.cipher.field import SoftFieldKeys
from minka.doors.host.flight import Flight
from minka.doors.host.keys import SoftTerminalKeys, Terminal
from minka.doors.host.server import HostDoor, serve
from minka.doors.host.teller import PATIENCE_S
from minka.kit.secret import Clear
from minka.wire.iso8583.dialect import names, read
from tests.aside import aside
from tests.host.books import DESIGNATED, Books

PIN, WRONG = Clear("940183"), Clear("720495")
CARD = "T00000018"
FIELDS = SoftFieldKeys(b"field secret of the tests, 32 bytes")
TERMINALS = {
    each.terminal_id: each
    for each in (
        Terminal("10000001", DESIGNATED, 50_000_001),
        Terminal("10000002", DESIGNATED, 50_000_002),
        Terminal("20000001", "S88000100001", 50_000_003),
    )
}


def ticking() -> Callable[[], datetime]:
    """A clock of the terminal's own that goes on by a second at each look."""
    at = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)

    def look() -> datetime:
        nonlocal at
        at += timedelta(seconds=1)
        return at

    return look


@dataclass
class Till:
    """Everything a test needs of one door in one dialect."""

    books: Books
    keys: SoftTerminalKeys
    door: HostDoor
    port: int
    pos: Pos

    def another(self, terminal_id: str, **changes: str) -> Pos:
        """Another terminal at the same door; ``changes`` make it lie about itself."""
        terminal = TERMINALS.get(terminal_id, Terminal(terminal_id, DESIGNATED, 0))
        line = Line("127.0.0.1", self.port, self.pos.line.dialect)
        master = self.keys.master_key(terminal_id)
        return Pos(line, replace(terminal, **changes), master, ticking())  # type: ignore[arg-type]


@asynccontextmanager
async def till(
    name: str, most_open: int = 512, patience_s: int = PATIENCE_S
) -> AsyncIterator[Till]:
    """A door that speaks one dialect, and a terminal that has signed on."""
    dialect, books = read(name), Books(FIELDS, PIN)
    keys = SoftTerminalKeys(b"terminal secret of tests 32 bytes", FIELDS, TERMINALS.get)
    door = await serve(
        books, [dialect], keys, flight=Flight(most_open), patience_s=patience_s, region="R1"
    )
    port = door.ports[name]
    line = Line("127.0.0.1", port, dialect)
    terminal = TERMINALS["10000001"]
    pos = Pos(line, terminal, keys.master_key("10000001"), ticking(), patience_ms=2000)
    try:
        assert await pos.sign_on() == "00"
        yield Till(books, keys, door, port, pos)
    finally:
        await line.close()
        await door.close()


def at_a_till(work: Callable[[Till], Awaitable[None]], name: str = "summit", **bounds: int) -> None:
    """Run a test at a till of one dialect."""

    async def run() -> None:
        async with till(name, **bounds) as ready:
            await work(ready)

    aside(run())


EVERY_DIALECT = names()
