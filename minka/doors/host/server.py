"""Lines from terminals and their concentrators: frames in, answers out, in any order they come."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import structlog

from minka.doors.host.flight import Flight
from minka.doors.host.keys import TerminalKeys
from minka.doors.host.ledger import Ledger
from minka.doors.host.teller import PATIENCE_S, Teller
from minka.wire.iso8583.dialect import Dialect
from minka.wire.iso8583.faults import MessageFault
from minka.wire.iso8583.frame import Deframer, framed

log = structlog.get_logger("minka.host")

MOST_ON_A_LINE = 64
"""Requests open on one line; then it is not read on until some are answered."""
MOST_LINES = 4000
HALF_FRAME_S = 20
"""A message that stays half this long ends its line."""


class Line(asyncio.Protocol):
    """One TCP connection; it may carry one terminal or a concentrator's thousand."""

    def __init__(self, teller: Teller, lines: set[Line]) -> None:
        self._teller, self._lines = teller, lines
        self._deframer = Deframer(teller.codec.dialect)
        self._transport: asyncio.Transport | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A line opens; one too many is closed at once."""
        self._transport = transport = cast("asyncio.Transport", transport)  # uvloop's is no heir
        if len(self._lines) >= MOST_LINES:
            transport.abort()
        self._lines.add(self)

    def data_received(self, data: bytes) -> None:
        """Every whole message gets a task of its own, so that none waits for another."""
        try:
            whole = self._deframer.feed(data)
        except MessageFault as fault:
            log.warning("host.line_broken", fault=fault.code)
            self.close()
            return
        for body in whole:
            task = asyncio.get_running_loop().create_task(self._answer(body))
            self._tasks.add(task)
            task.add_done_callback(self._answered)
        if len(self._tasks) >= MOST_ON_A_LINE and self._transport is not None:
            self._transport.pause_reading()
        self._watch_half()

    async def _answer(self, body: bytes) -> None:
        answer = await self._teller.answer(body)
        if answer is not None and self._transport is not None:
            self._transport.write(framed(self._teller.codec.dialect, answer))

    def _answered(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        fault = None if task.cancelled() else task.exception()
        if fault is not None:
            log.error("host.answer_broke", fault=type(fault).__name__)
        if len(self._tasks) < MOST_ON_A_LINE and self._transport is not None:
            self._transport.resume_reading()

    def _watch_half(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        if self._deframer.waiting:
            self._watch = asyncio.get_running_loop().call_later(HALF_FRAME_S, self.close)

    def close(self) -> None:
        """End the line once what was answered is sent."""
        if self._transport is not None:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """The other side is gone; what was asked goes on and is answered to its repeat."""
        self._transport = None
        self._lines.discard(self)
        if self._watch is not None:
            self._watch.cancel()


@dataclass
class HostDoor:
    """The open door: where each dialect is spoken, and how to shut it."""

    ports: Mapping[str, int]
    servers: Sequence[asyncio.Server] = field(repr=False)
    lines: set[Line] = field(repr=False)

    async def close(self) -> None:
        """Take no more lines and end those there are."""
        for server in self.servers:
            server.close()
        for line in tuple(self.lines):
            line.close()
        for server in self.servers:
            await server.wait_closed()


async def serve(
    ledger: Ledger,
    dialects: Sequence[Dialect],
    keys: TerminalKeys,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    flight: Flight | None = None,
    patience_s: int = PATIENCE_S,
    region: str = "",
    tls: ssl.SSLContext | None = None,
) -> HostDoor:
    """Open the door: each dialect on a port of its own, from ``port`` upwards, or any with 0.

    ``flight`` bounds what is open at once; ``region`` names the law of PINs for balances. With
    ``tls`` every line shows a certificate.
    """
    loop, lines = asyncio.get_running_loop(), set[Line]()
    shared = flight or Flight()
    servers, ports = [], dict[str, int]()
    for place, dialect in enumerate(dialects):
        teller = Teller(ledger, dialect, keys, flight=shared, patience_s=patience_s, region=region)
        server = await loop.create_server(
            lambda teller=teller: Line(teller, lines),
            host,
            port + place if port else 0,
            ssl=tls,
        )
        servers.append(server)
        ports[dialect.name] = server.sockets[0].getsockname()[1]
    return HostDoor(ports, servers, lines)
