"""The WebSocket ports: one reader of messages for each dialect, and the pushes of our own form."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from minka.devices.pcsc_reader import Change
from minka.doors.reader import own
from minka.doors.reader.codes import Code, Stop, sentence
from minka.doors.reader.dialects import (
    START,
    BadRequest,
    biz_answer,
    biz_asked,
    biz_refusal,
    function_answer,
    function_asked,
    message,
)
from minka.doors.reader.driver import Outcome
from minka.doors.reader.gate import Gate, Way
from minka.doors.reader.hsm import VaultServices
from minka.doors.reader.hub import Caller, Hub
from minka.doors.reader.pinpad import Ask
from minka.doors.reader.terminal import Terminal

Meet = Callable[[ServerConnection], Awaitable[None]]


def guard(gate: Gate) -> Callable[[ServerConnection, Request], Response | None]:
    """Refuses the handshake of whoever may not come in."""

    def check(connection: ServerConnection, request: Request) -> Response | None:
        raw = list(request.headers.raw_items())
        found = {name.lower(): value for name, value in raw}
        verdict = gate.verdict(found, Way.SOCKET)
        if verdict.is_in and len(found) == len(raw):
            return None
        return connection.respond(HTTPStatus.FORBIDDEN, verdict.value + "\n")

    return check


class Sockets:
    """What happens on the three WebSocket ports."""

    def __init__(self, hub: Hub, services: VaultServices | None) -> None:
        self._hub, self._services = hub, services
        self._watchers: set[ServerConnection] = set()

    def meet(self, answer: Callable[[Caller, dict[str, Any]], Awaitable[str]]) -> Meet:
        """A dialect's port: messages are answered one after another, in their order."""

        async def talk(connection: ServerConnection) -> None:
            caller = self._hub.caller()
            try:
                async for text in connection:
                    await connection.send(await self._answered(answer, caller, text))
            except ConnectionClosed:
                pass
            finally:
                await self._hub.leave(caller)

        return talk

    async def _answered(
        self,
        answer: Callable[[Caller, dict[str, Any]], Awaitable[str]],
        caller: Caller,
        text: str | bytes,
    ) -> str:
        try:
            return await answer(caller, message(text))
        except BadRequest:
            return json.dumps({"ok": False, "code": -14, "words": sentence(-14)})

    async def biz(self, caller: Caller, request: dict[str, Any]) -> str:
        """One message of the bizcode dialect."""
        settings = self._hub.terminal.settings
        if str(request.get("bizcode", "")) == START:
            return biz_answer(request, Code.DONE, settings.device_number)
        try:
            asked = biz_asked(request, settings)
        except Stop as stop:
            return biz_refusal(request, stop)
        done = await self._hub.call(caller, asked.function, *asked.arguments, pad=asked.pad)
        return biz_answer(request, done.code, done.out)

    async def function(self, caller: Caller, request: dict[str, Any]) -> str:
        """One message of the function dialect, in either of its two forms."""
        settings = self._hub.terminal.settings
        try:
            asked = function_asked(request, settings)
        except Stop as stop:
            return function_answer(request, Outcome(stop.code), settings)
        done = await self._hub.call(caller, asked.function, *asked.arguments)
        return function_answer(request, done, settings)

    async def own(self, connection: ServerConnection) -> None:
        """The port of our own form: a PIN may come while a function waits for it."""
        caller, screen = self._hub.caller(), _Screen(connection)
        tasks: set[asyncio.Task[None]] = set()
        try:
            async for text in connection:
                if screen.takes(text):
                    continue
                task = asyncio.ensure_future(self._own(connection, caller, screen, text))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
        except ConnectionClosed:
            pass
        finally:
            self._watchers.discard(connection)
            if self._hub.screen is screen:
                self._hub.screen = None
            screen.end()
            await self._hub.leave(caller)

    async def _own(
        self, connection: ServerConnection, caller: Caller, screen: _Screen, text: str | bytes
    ) -> None:
        said: dict[str, Any]
        request: dict[str, Any] = {}
        try:
            request = message(text)
            said = await self._act(connection, caller, screen, request)
        except (BadRequest, Stop):
            said = _verdict(Outcome(Code.WRONG_ARGUMENT))
        if "id" in request:
            said["id"] = request["id"]
        if "lang" in request:
            said["words"] = sentence(said["code"], str(request["lang"]))
        try:
            await connection.send(json.dumps(said, ensure_ascii=False))
        except ConnectionClosed:
            return

    async def _act(
        self,
        connection: ServerConnection,
        caller: Caller,
        screen: _Screen,
        request: dict[str, Any],
    ) -> dict[str, Any]:
        match request.get("act"):
            case "list":
                return await self._list(caller)
            case "read":
                return await self.read(caller, request)
            case "call":
                return await self._call(caller, request)
            case "watch":
                self._watchers.add(connection)
                return _verdict(Outcome(Code.DONE))
            case "pad":
                self._hub.screen = screen
                return _verdict(Outcome(Code.DONE))
            case _:
                return _verdict(Outcome(Code.NOT_SUPPORTED))

    async def _list(self, caller: Caller) -> dict[str, Any]:
        def look(_: Caller, terminal: Terminal) -> Outcome:
            readers = terminal.readers
            lines = (f"{int(readers.present(name))}{name}" for name in readers.names())
            return Outcome(Code.DONE, "\n".join(lines))

        done = await self._hub.do(caller, "list", look)
        lines = done.out.splitlines()
        found = [{"name": line[1:], "card": line[0] == "1"} for line in lines]
        return _verdict(done) | {"readers": found}

    async def read(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """The act ``read``: the card by name, masked unless clear text is asked and let."""
        kind = str(request.get("kind", self._hub.terminal.settings.default_kind))
        files = str(request.get("files", ""))

        def act(caller: Caller, terminal: Terminal) -> Outcome:
            caller.driver.terminal = terminal
            return own.whole(caller.driver, self._services, kind, files)

        done = await self._hub.do(caller, "read", act)
        found = own.card(done.out.partition("\n")[0])
        clear = self._clear(request)
        shown = found if clear else own.masked(found)
        return _verdict(done) | own.read_answer(done, files if clear else "", shown=shown)

    def _clear(self, request: dict[str, Any]) -> bool:
        return request.get("clear") is True and self._hub.terminal.settings.clear == "asked"

    async def _call(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        listed = request.get("arguments", [])
        if not isinstance(listed, list):
            raise BadRequest
        name = str(request.get("function", ""))
        if name.startswith("ICC_"):
            return _verdict(Outcome(Code.NOT_SUPPORTED))
        done = await self._hub.call(caller, name, *map(str, listed))
        if self._clear(request):
            return _verdict(done) | {"out": done.out}
        return _verdict(done)

    async def tell(self, change: Change) -> None:
        """Sends an event to every page that watches."""
        said = {"event": change.happening.value, "reader": change.reader}
        for connection in tuple(self._watchers):
            try:
                await connection.send(json.dumps(said, ensure_ascii=False))
            except ConnectionClosed:
                self._watchers.discard(connection)


def _verdict(outcome: Outcome) -> dict[str, Any]:
    code = int(outcome.code)
    return {"ok": code == 0, "code": code, "words": sentence(code)}


class _Screen:
    """The PIN pad a page shows: a question goes out, an answer comes in by its number."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection
        self._open: dict[int, asyncio.Future[str | None]] = {}
        self._count = 0

    async def ask(self, ask: Ask) -> str | None:
        """The digits entered on the page, None when it cancels or goes away."""
        self._count += 1
        number = self._count
        answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._open[number] = answer
        said = {"ask": number, "title": ask.title, "fewest": ask.fewest, "most": ask.most}
        try:
            await self._connection.send(json.dumps(said, ensure_ascii=False))
            return await answer
        except ConnectionClosed:
            return None
        finally:
            del self._open[number]

    def takes(self, text: str | bytes) -> bool:
        """Whether a message was a PIN."""
        try:
            found = message(text)
        except BadRequest:
            return False
        if found.get("act") != "pin":
            return False
        waits = self._open.get(found.get("id", 0)) if isinstance(found.get("id"), int) else None
        if waits is not None and not waits.done():
            pin = found.get("pin")
            waits.set_result(pin if isinstance(pin, str) else None)
        return True

    def end(self) -> None:
        """The page went away: whoever waits is told that it was cancelled."""
        for waits in self._open.values():
            if not waits.done():
                waits.set_result(None)
