"""A demo terminal: keeps the hot list by itself and refuses listed cards without a network.

``python -m minka.bench.terminal --port 8103 --web URL --region R1 --house KEY``. It fetches the
whole list of the API once and then ``/changes?since=N``; ``/ask?card=…`` asks it, ``/state`` shows
how it stands.

Its rules: only lists with the house's signature; never back to an older version; a gap means the
whole list anew; a list older than its policy allows ends its right to decide alone; an entry with
an end is let go only while its time is sound, that is, counted from a signed instant not too long
ago.
"""

from __future__ import annotations

import argparse
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import httpx

from minka.bench.server import Asked, Party, Reply, Server, json_reply, page
from minka.doors.outbox.signing import HEADER, BadSignature, verify
from minka.kit.clock import china_text


class Word(StrEnum):
    """What a terminal says of a card without asking anyone."""

    REFUSED_LISTED = "refused_listed"
    REFUSED_NO_RIGHT = "refused_no_right"
    """Its list is too old, or it never had one: it must ask on line."""
    MAY_TAKE = "may_take"


class Refusal(Exception):
    """Why a list was not taken over."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How long a terminal may decide alone."""

    longest_age: timedelta = timedelta(hours=24)


@dataclass(slots=True)
class HotlistKeeper:
    """One region's list as a terminal holds it."""

    region: str
    house: str
    policy: Policy = field(default_factory=Policy)
    monotonic: Callable[[], float] = time.monotonic
    version: int = -1
    entries: dict[str, datetime | None] = field(default_factory=dict)
    at: datetime | None = None
    """The signed instant of the newest list."""
    _read_at: float = 0.0

    def take(self, content: bytes, signature: str) -> None:
        """Take a whole list or changes over; ``Refusal`` leaves everything as it was."""
        try:
            verify(self.house, content, signature)
        except BadSignature as fault:
            raise Refusal(str(fault)) from fault
        said = json.loads(content)
        at = datetime.fromisoformat(said["at"])
        if said["region"] != self.region:
            raise Refusal("the list is of another region")
        if self.at is not None and at < self.at:
            raise Refusal("the list is older than this one")
        if said["kind"] == "whole":
            self._take_whole(said)
        else:
            self._take_changes(said)
        self.at, self._read_at = at, self.monotonic()

    def _take_whole(self, said: Mapping[str, Any]) -> None:
        if said["version"] < self.version:
            raise Refusal("the list goes back")
        self.entries = {each["card"]: _instant(each["until"]) for each in said["entries"]}
        self.version = said["version"]

    def _take_changes(self, said: Mapping[str, Any]) -> None:
        numbers = [each["version"] for each in said["changes"]]
        expected = list(range(self.version + 1, self.version + 1 + len(numbers)))
        if self.version < 0 or said["since"] != self.version or numbers != expected:
            raise Refusal("the changes do not follow on this list")
        for each in said["changes"]:
            if each["entry"] == "add":
                self.entries[each["card"]] = _instant(each["until"])
            else:
                self.entries.pop(each["card"], None)
        self.version += len(numbers)

    def age(self) -> timedelta | None:
        """How long ago the house said this; None before the first list."""
        if self.at is None:
            return None
        return timedelta(seconds=self.monotonic() - self._read_at)

    def now(self) -> datetime | None:
        """Sound time: counted from the last signed instant; None in doubt."""
        age = self.age()
        if age is None or self.at is None or age > self.policy.longest_age:
            return None
        return self.at + age

    def listed(self, card: str) -> int:
        """One when the card is to be refused; an ended entry only counts as ended on sound time."""
        if card not in self.entries:
            return 0
        until, now = self.entries[card], self.now()
        return int(until is None or now is None or now < until)

    def ask(self, card: str) -> Word:
        """What becomes of a card when nobody else can be asked."""
        if self.listed(card):
            return Word.REFUSED_LISTED
        return Word.MAY_TAKE if self.now() is not None else Word.REFUSED_NO_RIGHT


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


@dataclass(frozen=True, slots=True)
class Source:
    """Where lists come from, and the token that opens them."""

    web: str
    token: str = field(default="", repr=False)
    every_s: float = 1.0

    def address(self, region: str) -> str:
        """The address of a region's list at the API."""
        return f"{self.web.rstrip('/')}/api/v1/hotlists/{region}"


class Terminal(Party):
    """A terminal with its list, and how it fetches it."""

    name = "demo-terminal"

    def __init__(self, keeper: HotlistKeeper, source: Source | None = None) -> None:
        """Without a source it only knows what it is given."""
        super().__init__()
        self.keeper = keeper
        self.source = source or Source("", every_s=3600)
        self.last_fault = ""
        bearer = {"Authorization": f"Bearer {self.source.token}"} if self.source.token else {}
        self._line = httpx.Client(timeout=3, trust_env=False, headers=bearer)
        self._enough = threading.Event()
        self._lock = threading.Lock()

    def fetch(self) -> int:
        """Bring the list up to date; the version held afterwards."""
        with self._lock:
            keeper = self.keeper
            if keeper.version < 0:
                self._get("")
            while keeper.version < self._follow():
                pass
            return keeper.version

    def _follow(self) -> int:
        """The next changes, or the whole list where they do not fit; the newest version known."""
        try:
            return self._get(f"/changes?since={self.keeper.version}")
        except Refusal:
            return self._get("")

    def _get(self, what: str) -> int:
        answer = self._line.get(self.source.address(self.keeper.region) + what)
        answer.raise_for_status()
        self.keeper.take(answer.content, answer.headers.get(HEADER, ""))
        said = answer.json()
        return int(said.get("latest", said["version"]))

    def keep_up(self) -> None:
        """Fetch again and again until told to stop; faults leave the old list to grow old."""
        while not self._enough.is_set():
            try:
                self.fetch()
                self.last_fault = ""
            except (httpx.HTTPError, Refusal, ValueError, KeyError) as fault:
                self.last_fault = f"{type(fault).__name__}: {fault}".partition("\n")[0]
            self._enough.wait(self.source.every_s)

    def enough(self) -> None:
        """Stop fetching."""
        self._enough.set()

    def letter(self, asked: Asked) -> Reply:
        """A terminal takes no letters."""
        return json_reply({"error": f"nothing is sent to {asked.path} of a terminal"}, 404)

    def show(self, asked: Asked) -> Reply:
        """A word on one card, or the whole list."""
        if asked.path == "/ask":
            return json_reply({"word": self.keeper.ask(asked.words.get("card", ""))})
        keeper = self.keeper
        age = keeper.age()
        if asked.path == "/state":
            return json_reply(
                {
                    "region": keeper.region,
                    "version": keeper.version,
                    "age_s": int(age.total_seconds()) if age is not None else None,
                    "cards": len(keeper.entries),
                    "fault": self.last_fault,
                }
            )
        lines = [(c, china_text(u) if u else "—") for c, u in sorted(keeper.entries.items())]
        title = f"示例终端 Demo terminal · {keeper.region} · 第{keeper.version}版"
        return page(title, ("卡号 card", "到 until"), lines, self.faults)


class TerminalServer(Server):
    """A demo terminal that listens and keeps its list up to date."""

    def __init__(self, terminal: Terminal, port: int = 0) -> None:
        super().__init__(terminal, port)
        self.terminal = terminal
        self._keeping = threading.Thread(target=terminal.keep_up, daemon=True)
        if terminal.source.web:
            self._keeping.start()

    def stop(self) -> None:
        """Stop fetching and close the door."""
        self.terminal.enough()
        if self._keeping.is_alive():
            self._keeping.join(timeout=5)
        super().stop()


def serve(
    port: int = 0, *, source: Source | None = None, region: str = "R1", house: str = ""
) -> TerminalServer:
    """Start a demo terminal on loopback; ``house`` is the public key it trusts."""
    return TerminalServer(Terminal(HotlistKeeper(region, house), source), port)


def main() -> None:
    """Run a demo terminal until interrupted."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, default=8103)
    options.add_argument("--web", required=True, help="address of the web")
    options.add_argument("--token-file", type=Path, help="file with the token of the API")
    options.add_argument("--region", default="R1")
    options.add_argument("--house", required=True, help="public key of the house")
    given = options.parse_args()
    token = given.token_file.read_text("ascii").strip() if given.token_file else ""
    source = Source(given.web, token)
    serve(given.port, source=source, region=given.region, house=given.house).wait()


if __name__ == "__main__":
    main()
