"""Kills the database or the server under load, again and again, and counts what was lost (P3, P6).

Six clients run errands under keys of their own and remember every answer. At a random moment
everything is killed with signal 9, started again, and each client sends the errand whose outcome it
does not know again. Then the register is compared with what was promised.
"""

from __future__ import annotations

import os
import random
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

import psycopg
from psycopg.rows import dict_row

from minka.bench.crowd import open_place, settle, shared_out
from minka.bench.errands import (
    PLACE_KIND,
    REGION,
    BrokenOffError,
    Client,
    Errand,
    Told,
    Window,
    carry_out,
    told,
)
from minka.bench.race import Line
from minka.bench.scratch import scratch_cluster, scratch_office
from minka.bench.web_target import web
from minka.bench.window import FarWindow
from minka.store.cluster import Cluster, running, start
from minka.store.connection import RegisterAway

CLIENTS = 6
HOLDERS = 60
EARLIEST_MS, LATEST_MS = 50, 500


class What(StrEnum):
    """What is killed."""

    DATABASE = "database"
    """The postmaster and every backend."""
    SERVER = "server"
    """A small process that takes the errands; the database goes on."""
    WEB = "web"
    """The web door itself with its workers, and clients over HTTP; the database goes on."""


@dataclass(slots=True)
class Losses:
    """The outcome of a run; all but the first four must be nought."""

    what: What
    cycles: int = 0
    acknowledged: int = 0
    resent: int = 0
    lost: int = 0
    """Acknowledged answers that the register no longer knows, or knows otherwise."""
    duplicated: int = 0
    """Facts beyond one for each accepted request."""
    half_written: int = 0
    """Facts, blocks, confirmations or audit events without their fellows."""
    wrong: list[str] = field(default_factory=list)
    milliseconds: int = 0

    @property
    def broken(self) -> int:
        """How often what must never happen happened."""
        return self.lost + self.duplicated + self.half_written + len(self.wrong)

    def as_json(self) -> dict[str, Any]:
        """The report of ``minka kill --json``."""
        return asdict(self)


class Target(Protocol):
    """Something that serves errands and can be killed."""

    prefix: str
    """What the door sets before a client's key."""

    def window(self) -> Window:
        """A new window to take errands to."""

    def kill(self) -> None:
        """Kill it without warning."""

    def revive(self) -> None:
        """Start it again; ready when this returns."""

    def url(self) -> str:
        """The register's address."""


class NearWindow:
    """A desk in this process over one connection to the database."""

    def __init__(self, url: str, secret: bytes) -> None:
        self._line = Line(url, lambda: None)
        self._office = scratch_office(self._line, secret)

    def take(self, errand: Errand) -> Told:
        """See ``errands.Window.take``."""
        try:
            return told(carry_out(self._office, errand))
        except RegisterAway as fault:
            raise BrokenOffError from fault

    def close(self) -> None:
        """See ``errands.Window.close``."""
        with suppress(psycopg.Error):
            self._line.close()


@dataclass(slots=True)
class Database:
    """The database as the target: clients work at desks of their own."""

    cluster: Cluster
    secret: bytes
    settings: Mapping[str, str]
    prefix: str = ""

    def window(self) -> Window:
        """See ``Target.window``."""
        return NearWindow(self.cluster.url(), self.secret)

    def kill(self) -> None:
        """Kill the postmaster and every process it has."""
        master = self.cluster.pid()
        for pid in [master, *_children(master)]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def revive(self) -> None:
        """See ``Target.revive``."""
        while running(self.cluster.folder) is not None:
            time.sleep(0.01)
        self.cluster = start(self.cluster.folder, settings=self.settings)

    def url(self) -> str:
        """See ``Target.url``."""
        return self.cluster.url()


@dataclass(slots=True)
class Server:
    """A server process as the target; the database under it lives on."""

    database_url: str
    secret: bytes
    prefix: str = ""
    _process: subprocess.Popen[str] | None = None
    _port: int = 0

    def window(self) -> Window:
        """See ``Target.window``."""
        return FarWindow(self._port)

    def kill(self) -> None:
        """Kill the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()

    def revive(self) -> None:
        """See ``Target.revive``."""
        words = [sys.executable, "-m", "minka.bench.window", self.database_url]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(self.secret.hex() + "\n")
        self._process.stdin.flush()
        self._port = int(self._process.stdout.readline())

    def url(self) -> str:
        """See ``Target.url``."""
        return self.database_url


def kill(
    what: What,
    cycles: int,
    *,
    seed: int = 0,
    settings: Mapping[str, str] | None = None,
    tell: Callable[[int], object] = int,
) -> Losses:
    """Kill so many times on a cluster of its own; ``tell`` hears the number of each cycle done.

    ``settings`` are PostgreSQL's: with those of a careless operator the run must find losses.
    """
    chance, losses = random.Random(seed or None), Losses(what)
    began, secret = time.monotonic_ns(), secrets.token_bytes(32)
    with scratch_cluster(settings) as cluster, _target(what, cluster, (secret, settings)) as target:
        clients = _clients(cluster.url(), secret)
        for cycle in range(cycles):
            _crash_under_load(target, clients, chance)
            target.revive()
            _settle_unknown(target, clients)
            _compare(target, clients, losses)
            losses.cycles += 1
            tell(cycle + 1)
    losses.resent = sum(client.resent for client in clients)
    losses.wrong = [word for client in clients for word in client.wrong]
    losses.milliseconds = (time.monotonic_ns() - began) // 1_000_000
    return losses


@contextmanager
def _target(
    what: What, cluster: Cluster, how: tuple[bytes, Mapping[str, str] | None]
) -> Iterator[Target]:
    secret, settings = how
    if what is What.DATABASE:
        yield Database(cluster, secret, settings or {})
        return
    if what is What.WEB:
        with web(cluster.url(), secret) as door:
            yield door
        return
    server = Server(cluster.url(), secret)
    server.revive()
    try:
        yield server
    finally:
        server.kill()


def _clients(url: str, secret: bytes) -> list[Client]:
    line = Line(url, lambda: None)
    crowd = settle(scratch_office(line, secret), REGION, HOLDERS)
    line.close()
    with psycopg.connect(url) as owner:
        open_place(owner, REGION, PLACE_KIND)
    return [Client(share) for share in shared_out(crowd, CLIENTS)]


def _crash_under_load(target: Target, clients: Sequence[Client], chance: random.Random) -> None:
    windows = [target.window() for _ in clients]
    threads = [
        threading.Thread(target=client.work, args=(window,))
        for client, window in zip(clients, windows, strict=True)
    ]
    for thread in threads:
        thread.start()
    time.sleep(chance.uniform(EARLIEST_MS, LATEST_MS) / 1000)
    target.kill()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), "a client did not notice the crash"
    for window in windows:
        window.close()


def _settle_unknown(target: Target, clients: Sequence[Client]) -> None:
    for client in clients:
        with _opened(target) as window:
            client.settle_unknown(window)


def _opened(target: Target) -> AbstractContextManager[Window]:
    @contextmanager
    def opened() -> Iterator[Window]:
        window = target.window()
        try:
            yield window
        finally:
            window.close()

    return opened()


_STORED = "select request_key, answer from request where request_key = any(%s)"
_EXTRA = """
with answered as (
    select act, answer ->> 'verdict' as verdict, answer -> 'facts' ->> 'receipt' as receipt,
        (answer -> 'facts' ->> 'use_id')::bigint as use_id
    from request
)
select
  (select count(*) from loss_report) - (select count(*) from answered a
     join loss_report r on r.receipt = a.receipt
     where a.act = 'ReportLoss' and a.verdict = 'accepted') as reports,
  (select count(*) from loss_withdrawal) - (select count(*) from answered
     where act = 'WithdrawLoss' and verdict = 'accepted') as withdrawals,
  (select count(*) from card_use) - (select count(*) from answered a
     join card_use u using (use_id) where a.act = 'UseCard' and a.verdict = 'accepted') as uses,
  (select count(*) from card_refusal) - (select count(*) from answered a
     join card_refusal u using (use_id) where a.act = 'UseCard' and a.verdict = 'refused')
     as refusals
"""
_HALVES = """
select
  (select count(*) from loss_report) - (select count(*) from loss_confirmation) as confirmations,
  (select count(*) from loss_report) - (select count(*) from block) as blocks,
  (select count(*) from loss_withdrawal) - (select count(*) from block_end) as ends,
  (select count(*) from request) - (select count(*) from audit_event) as audits,
  (select count(*) from outbox) - (select count(*) from outbox_state) as messages,
  (select count(*) from card_drift) as drift
"""


def _compare(target: Target, clients: Sequence[Client], losses: Losses) -> None:
    """Hold what was promised since the last crash against what is stored."""
    told = [pair for client in clients for pair in client.acknowledged.items()]
    promised = {target.prefix + key: each for key, each in told}
    with psycopg.connect(target.url(), row_factory=dict_row) as reader:
        rows = reader.execute(_STORED, (list(promised),)).fetchall()
        extra = reader.execute(_EXTRA).fetchone()
        halves = reader.execute(_HALVES).fetchone()
    stored = {row["request_key"]: _told(row["answer"]) for row in rows}
    losses.acknowledged += len(promised)
    losses.lost += sum(not _kept(stored.get(key), each) for key, each in promised.items())
    losses.duplicated += sum(abs(count) for count in (extra or {}).values())
    losses.half_written += sum(abs(count) for count in (halves or {}).values())
    for client in clients:
        client.acknowledged.clear()


def _kept(stored: Told | None, promised: Told) -> bool:
    """Whether what was promised is what is stored; not every refusal tells its number."""
    if stored is None or stored.code != promised.code:
        return False
    return promised.mark in ("", stored.mark)


def _told(stored: dict[str, Any]) -> Told:
    facts = stored["facts"]
    return Told(stored["code"], str(facts.get("receipt") or facts.get("use_id") or ""))


def _children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []
