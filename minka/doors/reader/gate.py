"""Who may speak with the service: pages that the operator named, and programs of this machine.

| request | let in when |
|---|---|
| any | its Host is one of the service's own names, at the service's own port (DNS rebinding) |
| with an Origin | the origin is one of the operator's pages, letter for letter; "null" never is |
| WebSocket without Origin | programs are let in: a browser always sends one |
| HTTP without Origin | programs are let in, and nothing in it tells of a browser |
| HTTP that acts, without Origin | besides, it carries ``X-Minka-Program``: no page can unasked |

A preflight is answered for named pages only, with leave to reach the private network (PNA).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit

from minka.doors.reader.settings import ReaderSettings


class Verdict(Enum):
    """Who asks, or why nobody is let in."""

    PAGE = "page"
    PROGRAM = "program"
    WRONG_NAME = "Host 不是本机服务名 · not a name of this service"
    WRONG_PAGE = "网页不在允许名单内 · this page's origin is not on the list"
    NOT_A_PROGRAM = "不接受没有来源的请求 · a request without origin is not accepted"

    @property
    def is_in(self) -> bool:
        """Whether the request goes on."""
        return self in (Verdict.PAGE, Verdict.PROGRAM)


class Way(Enum):
    """How a request comes in."""

    SOCKET = "socket"
    LOOK = "look"
    ACT = "act"


@dataclass(frozen=True, slots=True)
class Gate:
    """The rules for one port."""

    pages: frozenset[str]
    names: frozenset[str]
    port: int
    programs: str

    def verdict(self, headers: Mapping[str, str], way: Way) -> Verdict:
        """Who asks; header names in small letters."""
        if not self._named(headers.get("host", "")):
            return Verdict.WRONG_NAME
        origin = headers.get("origin")
        if origin is not None:
            return Verdict.PAGE if origin in self.pages else Verdict.WRONG_PAGE
        if self.programs != "open" or _from_a_browser(headers):
            return Verdict.NOT_A_PROGRAM
        if way is Way.ACT and "x-minka-program" not in headers:
            return Verdict.NOT_A_PROGRAM
        return Verdict.PROGRAM

    def _named(self, host: str) -> bool:
        try:
            parts = urlsplit(f"//{host}")
            port = parts.port
        except ValueError:
            return False
        name = host[: -len(f":{port}")] if port is not None else host
        return name.lower() in self.names and (port or 80) == self.port


def _from_a_browser(headers: Mapping[str, str]) -> bool:
    """Signs of a page that asks without saying whose it is (an image, a script, a frame)."""
    site = headers.get("sec-fetch-site", "none")
    return site != "none" or "referer" in headers or "cookie" in headers


def gate(settings: ReaderSettings, port: int) -> Gate:
    """The rules of the settings, for a port."""
    names = frozenset(name.lower() for name in settings.open_names)
    return Gate(frozenset(settings.open_pages), names, port, settings.programs)


def page_headers(origin: str) -> list[tuple[str, str]]:
    """What lets a page read an answer."""
    return [("Access-Control-Allow-Origin", origin), ("Vary", "Origin")]


def preflight_headers(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    """What lets a page ask at all."""
    found = [
        ("Access-Control-Allow-Methods", "GET, POST"),
        ("Access-Control-Allow-Headers", "Content-Type, X-Minka-Client"),
        ("Access-Control-Max-Age", "600"),
    ]
    if headers.get("access-control-request-private-network") == "true":
        found.append(("Access-Control-Allow-Private-Network", "true"))
    return found
