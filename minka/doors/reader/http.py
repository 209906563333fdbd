"""HTTP on loopback: /readCard for pages, /driver/… for the C library, and nothing else.

| request | who | answer |
|---|---|---|
| GET or POST /readCard | named pages, programs | the basic reading as JSON, fields by name |
| POST /driver/<function> | programs | two lines: the code, and pOut in hex of GBK |
| OPTIONS | named pages | whether they may ask |

A body of /driver has one line an argument, each in hex of GBK bytes, so that no byte has to be
escaped in C. A request is one connection; heads over 8 KB and bodies over 256 KB end it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

import httptools

from minka.doors.reader.gate import Gate, Verdict, Way, page_headers, preflight_headers

MOST_HEAD = 8 * 1024
MOST_BODY = 256 * 1024
PATIENCE_S = 10.0


@dataclass(slots=True)
class Request:
    """One request, header names in small letters."""

    method: str = ""
    target: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    complete: bool = False
    size: int = 0

    def on_url(self, url: bytes) -> None:
        self.target += url.decode("latin-1")

    def on_header(self, name: bytes, value: bytes) -> None:
        key = name.decode("latin-1").lower()
        if key in self.headers:
            raise ValueError("a header twice")
        self.headers[key] = value.decode("latin-1")

    def on_body(self, piece: bytes) -> None:
        self.body += piece

    def on_message_complete(self) -> None:
        self.complete = True

    @property
    def path(self) -> str:
        """The path without the query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> Mapping[str, str]:
        """The first value of each name in the query."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.target).query).items()}


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to be sent."""

    status: HTTPStatus
    body: str = ""
    kind: str = "application/json; charset=utf-8"


Answerer = Callable[[Request, Verdict], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class HttpDoor:
    """The server's side of one port."""

    gate: Gate
    answer: Answerer

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                request = await _request(reader)
            if request is not None:
                writer.write(await self._answered(request))
                await writer.drain()
        except (OSError, TimeoutError, ValueError, httptools.HttpParserError):
            pass
        finally:
            writer.close()

    async def _answered(self, request: Request) -> bytes:
        acts = request.method == "POST"
        verdict = self.gate.verdict(request.headers, Way.ACT if acts else Way.LOOK)
        if not verdict.is_in:
            refusal = json.dumps({"ok": False, "words": verdict.value}, ensure_ascii=False)
            return _bytes(Reply(HTTPStatus.FORBIDDEN, refusal), [])
        origin = request.headers.get("origin")
        more = page_headers(origin) if origin else []
        if request.method == "OPTIONS":
            more += preflight_headers(request.headers)
            return _bytes(Reply(HTTPStatus.NO_CONTENT), more)
        return _bytes(await self.answer(request, verdict), more)


async def _request(reader: asyncio.StreamReader) -> Request | None:
    request = Request()
    parser = httptools.HttpRequestParser(request)
    while not request.complete:
        piece = await reader.read(16 * 1024)
        if not piece:
            return None
        request.size += len(piece)
        if request.size > MOST_HEAD + MOST_BODY or len(request.body) > MOST_BODY:
            return None
        parser.feed_data(piece)
    request.method = parser.get_method().decode("ascii")
    return request


def _bytes(reply: Reply, more: list[tuple[str, str]]) -> bytes:
    body = reply.body.encode("utf-8")
    headers = [
        ("Content-Type", reply.kind),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
        ("Connection", "close"),
        *more,
    ]
    head = f"HTTP/1.1 {reply.status.value} {reply.status.phrase}\r\n"
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return (head + lines + "\r\n").encode("latin-1") + body
