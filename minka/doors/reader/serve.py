"""The reader service: three WebSocket ports and one HTTP port of this machine, over one terminal.

``serve`` runs until it is cancelled; ``Service`` is the same for those who start and end it
themselves (tests, the demo city). It listens on loopback alone, whatever the settings say.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import OrderedDict
from contextlib import AsyncExitStack, suppress
from http import HTTPStatus
from typing import Any

import websockets.asyncio.server as ws

from minka.devices.pcsc_reader import Change, ReaderGone, Readers
from minka.doors.reader.codes import Code
from minka.doors.reader.driver import Outcome
from minka.doors.reader.forms import HEX
from minka.doors.reader.gate import Verdict, gate
from minka.doors.reader.hsm import VaultServices
from minka.doors.reader.http import HttpDoor, Reply, Request
from minka.doors.reader.hub import Caller, Hub
from minka.doors.reader.pinpad import NoPad, PinPad
from minka.doors.reader.settings import ReaderSettings
from minka.doors.reader.sockets import Meet, Sockets, guard
from minka.doors.reader.terminal import Terminal

LOOPBACK = "127.0.0.1"
MOST_MESSAGE = 256 * 1024
MOST_PROGRAMS = 64
"""How many programs' states are kept; the longest silent goes first."""

quiet = logging.getLogger("minka.reader.socket")
quiet.setLevel(logging.WARNING)  # websockets would write frames, and so PINs, at DEBUG


class Service:
    """The service under way; ``ports`` says where, by name."""

    def __init__(
        self,
        readers: Readers,
        settings: ReaderSettings,
        *,
        pad: PinPad | None = None,
        services: VaultServices | None = None,
    ) -> None:
        self.settings, self._readers, self._services = settings, readers, services
        self._terminal = Terminal(settings, readers, pad or NoPad())
        self._stack = AsyncExitStack()
        self._programs: OrderedDict[str, Caller] = OrderedDict()
        self._listeners: list[ws.Server | asyncio.Server] = []
        self.ports: dict[str, int] = {}

    async def __aenter__(self) -> Service:
        self.hub = Hub(self._terminal)
        self.sockets = Sockets(self.hub, self._services)
        self._stack.push_async_callback(self.hub.close)
        s = self.settings
        await self._socket("own", s.own_port, self.sockets.own)
        await self._socket("bizcode", s.bizcode_port, self.sockets.meet(self.sockets.biz))
        await self._socket("function", s.function_port, self.sockets.meet(self.sockets.function))
        await self._http()
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._watch, args=(loop,), daemon=True).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._readers.close()
        await self._stack.aclose()

    def listeners(self) -> list[ws.Server | asyncio.Server]:
        """The servers that listen, for whoever checks where."""
        return list(self._listeners)

    async def _socket(self, name: str, port: int, meet: Meet) -> None:
        found: list[Any] = []

        def check(connection: ws.ServerConnection, request: Any) -> Any:
            return guard(gate(self.settings, found[0]))(connection, request)

        server = await ws.serve(
            meet,
            LOOPBACK,
            port,
            process_request=check,
            compression=None,
            max_size=MOST_MESSAGE,
            logger=quiet,
            server_header=None,
        )
        found.append(server.sockets[0].getsockname()[1])
        self.ports[name] = found[0]
        self._listeners.append(server)
        self._stack.push_async_callback(_closed, server)

    async def _http(self) -> None:
        found: list[HttpDoor] = []

        async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await found[0].meet(reader, writer)

        server = await asyncio.start_server(meet, LOOPBACK, self.settings.http_port)
        self.ports["http"] = server.sockets[0].getsockname()[1]
        found.append(HttpDoor(gate(self.settings, self.ports["http"]), self._answer))
        self._listeners.append(server)
        self._stack.push_async_callback(_closed, server)

    async def _answer(self, request: Request, verdict: Verdict) -> Reply:
        if request.path == "/readCard" and request.method in ("GET", "POST"):
            return await self._read_card(request)
        if request.path.startswith("/driver/") and request.method == "POST":
            if verdict is not Verdict.PROGRAM:
                return Reply(HTTPStatus.FORBIDDEN)
            return await self._driver(request)
        return Reply(HTTPStatus.NOT_FOUND, '{"ok": false}')

    async def _read_card(self, request: Request) -> Reply:
        """The basic reading, clear as the known service gives it to its own page."""
        import json

        kind = request.query.get("iType", self.settings.default_kind)
        caller = self.hub.caller()
        said = await self.sockets.read(caller, {"kind": kind, "clear": True})
        await self.hub.leave(caller)
        return Reply(HTTPStatus.OK, json.dumps(said, ensure_ascii=False))

    async def _driver(self, request: Request) -> Reply:
        name = request.path.removeprefix("/driver/")
        caller = self._program(request.headers.get("x-minka-client", ""))
        try:
            lines = request.body.decode("ascii").split("\n")[:-1]
            arguments = [bytes.fromhex(_hex(line)).decode("gbk") for line in lines]
        except ValueError:
            return _lines(Outcome(Code.NOT_LAWFUL))
        outcome = await self.hub.call(caller, name, *arguments)
        if caller not in self._programs.values():
            await self.hub.leave(caller)
        return _lines(outcome)

    def _program(self, name: str) -> Caller:
        """A program's own state, by the name it gives itself; without one, a new one each time."""
        if not name:
            return self.hub.caller()
        caller = self._programs.pop(name, None) or self.hub.caller()
        self._programs[name] = caller
        while len(self._programs) > MOST_PROGRAMS:
            _, gone = self._programs.popitem(last=False)
            task = asyncio.ensure_future(self.hub.leave(gone))
            self._stack.push_async_callback(_awaited, task)
        return caller

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Passes the readers' events on, from a thread of its own."""
        with suppress(ReaderGone, RuntimeError):
            for change in self._readers.changes():
                asyncio.run_coroutine_threadsafe(self._tell(change), loop)

    async def _tell(self, change: Change) -> None:
        await self.sockets.tell(change)


async def _awaited(task: asyncio.Future[None]) -> None:
    await task


def _hex(line: str) -> str:
    if not HEX.fullmatch(line):
        raise ValueError
    return line


def _lines(outcome: Outcome) -> Reply:
    out = outcome.out.encode("gbk", "replace").hex().upper()
    return Reply(HTTPStatus.OK, f"{int(outcome.code)}\n{out}\n", "text/plain; charset=us-ascii")


async def _closed(server: ws.Server | asyncio.Server) -> None:
    server.close()
    await server.wait_closed()


async def serve(
    readers: Readers,
    settings: ReaderSettings,
    *,
    pad: PinPad | None = None,
    services: VaultServices | None = None,
) -> None:
    """Serves until it is cancelled."""
    async with Service(readers, settings, pad=pad, services=services):
        await asyncio.Event().wait()
