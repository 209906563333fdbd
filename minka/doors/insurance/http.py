"""HTTP/1.1 for one kind of request: a POST with a JSON body, answered in the order it came."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import httptools

from minka.wire.insurance.registry import LARGEST_FILE

WANTED = {
    name.encode(): name
    for name in (
        "x-tif-paasid x-tif-timestamp x-tif-nonce x-tif-signature x-minka-session x-minka-mac"
        " x-minka-signature apikey"
    ).split()
}
IDLE_S = 75
LARGEST_HEAD = 16_384

_STATUS = {
    200: b"200 OK",
    400: b"400 Bad Request",
    404: b"404 Not Found",
    405: b"405 Method Not Allowed",
    401: b"401 Unauthorized",
    500: b"500 Internal Server Error",
    413: b"413 Content Too Large",
    503: b"503 Service Unavailable",
}
_HEAD = (
    b"HTTP/1.1 %s\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: %d\r\n%s\r\n"
)


@dataclass(slots=True, eq=False)
class Request:
    """One request as it came, and the place its answer has in the connection's order."""

    headers: dict[str, str]
    body: bytes
    reply: Callable[[bytes, bytes, int], None]
    """Takes the answer's body, its further header lines (each with its line end), its status."""


Receive = Callable[[Request], None]


class Connection(asyncio.Protocol):
    """A client's connection; requests may be sent ahead, answers go out in their order."""

    def __init__(self, receive: Receive, path: bytes, open_now: set[Connection]) -> None:
        self._receive, self._path, self._open = receive, path, open_now
        self._parser = httptools.HttpRequestParser(self)
        self._slots: deque[list[bytes]] = deque()
        self._transport: asyncio.Transport | None = None
        self._whole = 0
        self._begin()

    def _begin(self) -> None:
        self._headers: dict[str, str] = {}
        self._parts: list[bytes] = []
        self._size = 0
        self._url = b""
        self._head = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client came."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by descent
        self._open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """A client went; what it asked is done all the same."""
        self._transport = None
        self._open.discard(self)

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        whole = self._whole
        try:
            self._parser.feed_data(data)
            if self._head >= 0 and self._whole == whole:  # one head, and not all of it is here
                self._head += len(data)
                if self._head > LARGEST_HEAD:
                    self._refuse(413)
        except httptools.HttpParserUpgrade:
            self._refuse(400)
        except httptools.HttpParserError:
            self._refuse(400)

    def on_url(self, url: bytes) -> None:
        """The parser met (a part of) the path."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """The parser met a header."""
        wanted = WANTED.get(name) or WANTED.get(name.lower())
        if wanted is not None:
            self._headers[wanted] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """The parser met the end of the head."""
        self._head = -1

    def on_body(self, body: bytes) -> None:
        """The parser met a part of the body."""
        self._size += len(body)
        if self._size > LARGEST_FILE:
            self._refuse(413)
        else:
            self._parts.append(body)

    def on_message_complete(self) -> None:
        """A whole request stands."""
        url, method = self._url, self._parser.get_method()
        headers, body = self._headers, b"".join(self._parts)
        self._whole += 1
        self._begin()
        if self._transport is None or self._transport.is_closing():
            return
        slot: list[bytes] = []
        self._slots.append(slot)
        if url.partition(b"?")[0] != self._path:
            self._put(slot, _whole(404, b""))
        elif method != b"POST":
            self._put(slot, _whole(405, b"", b"allow: POST\r\n"))
        else:
            self._receive(Request(headers, body, lambda *said: self._put(slot, _said(*said))))

    def _put(self, slot: list[bytes], whole: bytes) -> None:
        slot.append(whole)
        ready: list[bytes] = []
        while self._slots and self._slots[0]:
            ready += self._slots.popleft()
        if ready and self._transport is not None:
            self._transport.write(b"".join(ready))

    def _refuse(self, status: int) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(_whole(status, b"", b"connection: close\r\n"))
            self._transport.close()


def _said(body: bytes, more: bytes, status: int) -> bytes:
    return _whole(status, body, more)


def _whole(status: int, body: bytes, more: bytes = b"") -> bytes:
    return _HEAD % (_STATUS[status], len(body), more) + body
