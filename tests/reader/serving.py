"""The service under way in a thread of its own, for tests that call it as others would."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from minka.devices.pcsc_reader import Readers
from minka.doors.reader.hsm import VaultServices
from minka.doors.reader.pinpad import PinPad
from minka.doors.reader.serve import Service
from minka.doors.reader.settings import ReaderSettings

PAGE = "https://his.test"
PATIENCE = 20


@dataclass(frozen=True, slots=True)
class Running:
    """Where the service is."""

    service: Service
    ports: dict[str, int]

    def socket(self, port: str, origin: str | None = PAGE) -> ClientConnection:
        """A WebSocket to one of the ports, from a page or (None) from a program."""
        url = f"ws://127.0.0.1:{self.ports[port]}/"
        named = None if origin is None else Origin(origin)
        return connect(url, origin=named, open_timeout=PATIENCE, legacy=True)

    def http(
        self, method: str, path: str, body: str = "", headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], str]:
        """Status, headers in small letters, and body."""
        line = HTTPConnection("127.0.0.1", self.ports["http"], timeout=PATIENCE)
        line.request(method, path, body or None, headers or {})
        answer = line.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        text = answer.read().decode("utf-8")
        line.close()
        return answer.status, found, text


def say(line: ClientConnection, **content: Any) -> Any:
    """One message, and the next one that comes."""
    line.send(json.dumps(content))
    return hear(line)


def hear(line: ClientConnection) -> Any:
    """The next message."""
    return json.loads(line.recv(timeout=PATIENCE))


def ask(line: ClientConnection, **content: Any) -> Any:
    """One message, and the answer to it; events that come between are passed over."""
    found = say(line, **content)
    while "event" in found:
        found = hear(line)
    return found


@contextmanager
def serving(
    readers: Readers,
    settings: ReaderSettings,
    *,
    pad: PinPad | None = None,
    services: VaultServices | None = None,
    pages: Sequence[str] = (PAGE,),
) -> Iterator[Running]:
    """The service on free ports until the end of the block."""
    free = dict.fromkeys(("own_port", "bizcode_port", "function_port", "http_port"), 0)
    settings = settings.model_copy(update={"open_pages": list(pages), **free})
    ready, over = threading.Event(), threading.Event()
    found: list[Running] = []
    loop = asyncio.new_event_loop()

    async def run() -> None:
        async with Service(readers, settings, pad=pad, services=services) as service:
            found.append(Running(service, dict(service.ports)))
            ready.set()
            while not over.is_set():
                await asyncio.sleep(0.01)

    def live() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(run())
        loop.close()

    thread = threading.Thread(target=live, daemon=True)
    thread.start()
    try:
        assert ready.wait(PATIENCE), "the service did not start"
        yield found[0]
    finally:
        over.set()
        thread.join(PATIENCE)
