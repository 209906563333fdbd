"""Small words for asking the API in tests: a client, its token, its language, its answer."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg
from django.http import HttpResponse
from django.test import Client as Browser
from psycopg.rows import dict_row

from minka.kit.secret import Clear
from minka.store import api_clients
from minka.store.api_clients import Client


@dataclass(frozen=True, slots=True)
class Told:
    """An answer: its status, its body as JSON, and itself."""

    status: int
    body: Any
    raw: HttpResponse

    def __getitem__(self, name: str) -> Any:
        return self.body[name]

    @property
    def code(self) -> str:
        """The code of a problem; empty for a success."""
        return str(self.body.get("code", "")) if isinstance(self.body, dict) else ""


@dataclass(frozen=True, slots=True)
class Asking:
    """Asks as one client in one language."""

    token: str = ""
    language: str = "zh-hans"
    browser: Browser = field(default_factory=lambda: Browser(SERVER_NAME="localhost"))

    def as_(self, token: str) -> Asking:
        """The same with another token."""
        return replace(self, token=token)

    def in_(self, language: str) -> Asking:
        """The same in another language."""
        return replace(self, language=language)

    def post(self, path: str, body: Any = None, **fields: Any) -> Told:
        """POST JSON; a fresh key unless one is given."""
        content = {"request_key": key(), **fields} if body is None else body
        text = content if isinstance(content, (str, bytes)) else json.dumps(opened(content))
        return self.send("POST", path, text)

    def get(self, path: str, **query: Any) -> Told:
        """GET with a query."""
        response: Any = self.browser.get(f"/api{path}", query, headers=self.headers())
        return told(response)

    def send(
        self, method: str, path: str, content: str | bytes = b"", kind: str = "application/json"
    ) -> Told:
        """Any method with any bytes of any type."""
        response: Any = self.browser.generic(
            method, f"/api{path}", content, content_type=kind, headers=self.headers()
        )
        return told(response)

    def headers(self) -> dict[str, str]:
        """Language and token as headers."""
        spoken = {"Accept-Language": self.language}
        return spoken | ({"Authorization": f"Bearer {self.token}"} if self.token else {})


def told(response: HttpResponse) -> Told:
    """A response as it is looked at."""
    kind = response.headers.get("Content-Type", "")
    text = response.content
    body = json.loads(text) if "json" in kind and text else {}
    return Told(response.status_code, body, response)


def key() -> str:
    """A fresh request key."""
    return secrets.token_hex(12)


def opened(value: Any) -> Any:
    """Clear texts as they are sent."""
    if isinstance(value, Clear):
        return value.reveal()
    if isinstance(value, dict):
        return {name: opened(each) for name, each in value.items()}
    return [opened(each) for each in value] if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class Partners:
    """Enrols partners; gives their tokens."""

    url: str

    def enrol(self, *scopes: str, regions: str = "R1", **bound: str) -> str:
        """A new partner with scopes, regions and bindings; its token."""
        client = Client(
            f"p{secrets.token_hex(6)}", frozenset(scopes), frozenset(regions.split()), **bound
        )
        with psycopg.connect(self.url, row_factory=dict_row) as connection:
            return api_clients.add(connection, client)
