"""The settlement process: lanes over the register, the insurance door, the host door.

``minka switch`` runs it. It is not Django: one event loop, the register behind raw connections, a
few threads for what is no settlement. It ends cleanly on SIGTERM: what was answered stands, what
waited is answered busy, for nothing of it was booked.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from minka.desk.care_book import number_rule, read_book
from minka.desk.office import Office
from minka.desk.settle_lane import Lane
from minka.desk.visit_lane import VisitLane
from minka.doors import settings
from minka.doors.host.keys import soft_keys
from minka.doors.host.server import HostDoor
from minka.doors.host.server import serve as serve_host
from minka.doors.host.terminals import TerminalShelf
from minka.doors.insurance import asking, charging, pharmacy, reconciling, settling, sign, visiting
from minka.doors.insurance.batched import Batched
from minka.doors.insurance.core import Core
from minka.doors.insurance.http import Connection
from minka.doors.insurance.sessions import Sessions
from minka.doors.insurance.shared import Shared, alone
from minka.doors.insurance.till import Books
from minka.doors.insurance.workers import Workers, reserve
from minka.store.connection import RegisterAway
from minka.store.hot.arrays import instant
from minka.wire.iso8583.dialect import names
from minka.wire.iso8583.dialect import read as dialect

PATH = b"/insurance"
LANES = 2
"""Of a switch with one worker; one each where there are more, which makes the batches larger."""
LOOK_AGAIN_S = 1
ROOMS = (sign, settling, visiting, charging, pharmacy, asking, reconciling)
MOST_WAITING = 1500
"""Requests that may wait in a lane; at ten thousand a second that is a sixth of a second."""

log = structlog.get_logger("minka.switch")


@dataclass(frozen=True, slots=True)
class Places:
    """Where the doors listen; port 0 takes any, and ``host_port`` -1 leaves the host door shut."""

    host: str = "127.0.0.1"
    port: int = 8087
    host_port: int = 8583
    workers: int = 1


class Switch:
    """Lanes, doors, and what keeps them up to date."""

    def __init__(
        self, office: Office, url: str, places: Places, shared: Shared | None = None
    ) -> None:
        self.office, self.url, self.places = office, url, places
        shared = shared or alone()
        self.core = Core(office, Sessions(office.keys, shared), serial=shared.me)
        self.core.look = self._look_now
        self.open: set[Connection] = set()
        self._servers: list[asyncio.Server] = []
        self._looking: asyncio.Task[None] | None = None
        self._look_task: asyncio.Future[None] | None = None
        self._host: HostDoor | None = None
        self._visits: VisitLane | None = None

    async def start(self) -> int:
        """Open the lanes and the doors; gives the insurance door's port."""
        await self.core.by_hand(self._look)
        for _ in range(LANES if self.places.workers == 1 else 1):
            lane = Lane(
                self.url, lambda: self.core.book, self._number, fence=self._fence, most=MOST_WAITING
            )
            lane.start()
            self.core.lanes.append(lane)
        for room in ROOMS:
            self.core.handlers.update(room.HANDLERS)
        self._visits = VisitLane(
            self.url, self.office, lambda: self.core.book, self._number, most=MOST_WAITING
        )
        self._visits.start()
        self.core.handlers.update(Batched(self._visits).handlers())
        loop = asyncio.get_running_loop()
        made: Callable[[], Connection] = lambda: Connection(self.core.receive, PATH, self.open)  # noqa: E731
        server = await loop.create_server(
            made,
            self.places.host,
            self.places.port,
            backlog=1024,
            reuse_port=self.places.workers > 1,
        )
        self._servers.append(server)
        self._looking = loop.create_task(self._look_again())
        if self.places.host_port >= 0:
            self._host = await self._open_host()
        return int(server.sockets[0].getsockname()[1])

    async def _open_host(self) -> HostDoor:
        """The door of card terminals: each dialect on a port of its own."""
        shelf = TerminalShelf(self.office.register)
        keys = soft_keys(settings.current().home, self.office.keys, shelf.find)
        dialects = [dialect(name) for name in names()]
        places = self.places
        return await serve_host(
            Books(self.core), dialects, keys, host=places.host, port=places.host_port
        )

    async def stop(self) -> None:
        """Close the doors, then the lanes."""
        if self._host is not None:
            await self._host.close()
        for server in self._servers:
            server.close()
        if self._looking:
            self._looking.cancel()
        for lane in self.core.lanes:
            await lane.stop()
        if self._visits:
            await self._visits.stop()
        self.core.hands.shutdown(cancel_futures=True)

    def _look(self) -> None:
        """Bring reference data and sessions up to the register."""
        with self.office.register.act() as connection:
            self.core.book = read_book(connection, self.core.book)
            self.core.sessions.read(connection)

    async def _look_now(self) -> None:
        """Look, or wait for the look that is under way."""
        if self._look_task is None or self._look_task.done():
            self._look_task = asyncio.ensure_future(self.core.by_hand(self._look))
        with suppress(RegisterAway):
            await asyncio.shield(self._look_task)

    async def _look_again(self) -> None:
        while True:
            await asyncio.sleep(LOOK_AGAIN_S)
            await self._look_now()

    async def _number(self, ref: str) -> None:
        def add() -> dict[str, int]:
            with self.office.register.act() as connection:
                return number_rule(connection, ref)

        self.core.book.rules.update(await self.core.by_hand(add))

    def _fence(self) -> int | None:
        fence: datetime | None = self.office.fence()
        return None if fence is None else instant(fence)


async def run(
    office: Office, url: str, places: Places, ready: Callable[[int], None], *, shared: Shared
) -> None:
    """Serve until SIGTERM or SIGINT."""
    switch = Switch(office, url, places, shared)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, ended.set)
    if shared.me:
        loop.add_reader(0, os._exit, 1)  # the first worker is gone: nobody may serve without it
    port = await switch.start()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    ready(port)
    await ended.wait()
    await switch.stop()


async def _run_all(office: Office, url: str, places: Places, ready: Callable[[int], None]) -> None:
    """The first worker with the others beside it, on one port."""
    held = reserve(places.host, places.port)
    port = int(held.getsockname()[1])
    environment = os.environ | {"MINKA_DATABASE_URL": url}
    others = Workers(places.workers, [places.host, str(port)], environment)
    try:
        await others.start()
        held.close()
        places = replace(places, port=port)
        shared = Shared(others.fd, workers=places.workers)
        await run(office, url, places, ready, shared=shared)
    finally:
        await others.stop()


def serve(
    office: Office,
    url: str,
    places: Places,
    ready: Callable[[int], None],
    *,
    shared: Shared | None = None,
) -> None:
    """Run the switch on uvloop: all its workers, or the one that ``shared`` is for."""
    import uvloop

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,  # lines of code, never what stood in variables
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    )
    sys.setswitchinterval(0.001)
    if shared is None and places.workers > 1:
        uvloop.run(_run_all(office, url, places, ready))
    else:
        uvloop.run(run(office, url, places, ready, shared=shared or alone()))
