"""Small HTTP servers of the bench: loopback only, with faults that can be switched."""

from __future__ import annotations

import html
import json
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

LARGEST = 1 << 20


class Fault(StrEnum):
    """What a receiver can be told to do wrong."""

    NONE = "none"
    DOWN = "down"
    """Hangs up without a word, and does nothing."""
    SLOW = "slow"
    """Does it, but answers long after anyone waits."""
    ERROR = "error"
    """Answers 500 and does nothing."""
    LOST_REPLY = "lost_reply"
    """Does it and hangs up before the answer."""
    DUPLICATE = "duplicate"
    """Is given every letter twice by the line."""


@dataclass(slots=True)
class Faults:
    """The fault that is switched on, for so many letters or until it is switched off."""

    fault: Fault = Fault.NONE
    left: int = -1
    slow_s: float = 8.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def switch(self, fault: Fault, times: int = -1) -> None:
        """Switch a fault on, for a number of letters; -1 until it is switched off."""
        with self._lock:
            self.fault, self.left = fault, times

    def take(self) -> Fault:
        """The fault that meets the next letter."""
        with self._lock:
            if self.fault is Fault.NONE or self.left == 0:
                return Fault.NONE
            self.left -= 1 if self.left > 0 else 0
            return self.fault


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: what was asked for, with which words and what body."""

    method: str
    path: str
    words: Mapping[str, str]
    body: bytes
    headers: Mapping[str, str]

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; ``ValueError`` when it is none."""
        said = json.loads(self.body)
        if not isinstance(said, dict):
            raise TypeError("not a JSON object")
        return said

    def form(self) -> dict[str, str]:
        """The body of a form, or of a JSON object of texts."""
        if "json" in self.headers.get("content-type", ""):
            return {name: str(value) for name, value in self.json().items()}
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: its code, its body and its kind."""

    status: int = 200
    body: bytes = b""
    kind: str = "application/json; charset=utf-8"
    location: str = ""


def json_reply(content: Any, status: int = 200) -> Reply:
    """A JSON answer."""
    return Reply(status, json.dumps(content, ensure_ascii=False).encode())


class Party:
    """Someone outside the house who receives letters; subclasses say what they do with them."""

    name = "party"

    def __init__(self) -> None:
        self.faults = Faults()

    def letter(self, asked: Asked) -> Reply:
        """Do what a letter asks, once for each key."""
        raise NotImplementedError

    def show(self, asked: Asked) -> Reply:
        """What a visitor sees."""
        raise NotImplementedError

    def answer(self, asked: Asked) -> Reply | None:
        """The reply to any request, or None to hang up; a switched fault meets letters only."""
        if asked.path == "/faults" and asked.method == "POST":
            return self._switch(asked)
        if asked.method == "GET" or asked.path.startswith("/inbox"):
            return self.show(asked)
        fault = self.faults.take()
        if fault is Fault.DOWN:
            return None
        if fault is Fault.ERROR:
            return json_reply({"error": "switched on by the tester"}, 500)
        reply = self.letter(asked)
        if fault is Fault.DUPLICATE:
            reply = self.letter(asked)
        if fault is Fault.SLOW:
            time.sleep(self.faults.slow_s)
        return None if fault is Fault.LOST_REPLY else reply

    def _switch(self, asked: Asked) -> Reply:
        said = asked.form()
        try:
            self.faults.switch(Fault(said.get("fault", "none")), int(said.get("times", "-1")))
        except ValueError:
            return json_reply({"error": "no such fault", "faults": [*Fault]}, 400)
        return Reply(303, location="/")


class Server:
    """A party that listens on loopback; stop it when done."""

    def __init__(self, party: Party, port: int = 0) -> None:
        self.party = party
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler_of(party))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._serve, name=party.name, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        self._server.serve_forever(poll_interval=0.05)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def wait(self) -> None:
        """Stay until the server stops."""
        self._thread.join()

    def stop(self) -> None:
        """Close the door; the party keeps what it knows."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler_of(party: Party) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Reads one request, asks the party, writes one reply; logs nothing."""

        timeout = 20

        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not length.isdigit() or int(length) > LARGEST:
                self._write(json_reply({"error": "too large"}, 413))
                return
            self._answer(self.rfile.read(int(length)))

        def _answer(self, body: bytes) -> None:
            parts = urlsplit(self.path)
            words = {name: values[0] for name, values in parse_qs(parts.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, parts.path, words, body, headers)
            try:
                reply = party.answer(asked)
            except (ValueError, KeyError, TypeError):
                reply = json_reply({"error": "this letter cannot be read"}, 400)
            if reply is None:
                self.close_connection = True
                return
            self._write(reply)

        def _write(self, reply: Reply) -> None:
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.kind)
            self.send_header("Content-Length", str(len(reply.body)))
            if reply.location:
                self.send_header("Location", reply.location)
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *_: object) -> None:
            return

    return Handler


def page(title: str, heads: Sequence[str], lines: Sequence[Sequence[str]], faults: Faults) -> Reply:
    """A plain page: one table, and the switch for faults."""
    head = "".join(f"<th scope=col>{html.escape(each)}</th>" for each in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in line) + "</tr>"
        for line in lines
    )
    chosen = "".join(
        f"<option{' selected' if each is faults.fault else ''}>{each}</option>" for each in Fault
    )
    text = (
        f"<!doctype html><html lang=zh-Hans><meta charset=utf-8><title>{html.escape(title)}</title>"
        "<meta name=viewport content='width=device-width'><style>body{font:16px/1.5 sans-serif;"
        "margin:2rem;color:#111;background:#fff}td,th{text-align:left;padding:.3rem 1rem .3rem 0;"
        "vertical-align:top}select,button{font:inherit;min-height:44px}</style>"
        f"<main><h1>{html.escape(title)}</h1><form method=post action=/faults>"
        f"<label>故障 fault <select name=fault>{chosen}</select></label>"
        " <button>切换 switch</button>"
        f"</form><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></main>"
    )
    return Reply(200, text.encode(), "text/html; charset=utf-8")
