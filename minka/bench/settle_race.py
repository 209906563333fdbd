"""Races a loss report against settlements of the same card over HTTP or 8583 (P1, P2).

For each card seven clients leave one barrier and wait a little: six up to 6 ms before they settle
a bill each with the card, and one up to twice what settlements took on the card before, whatever
the machine, before he reports it lost at the desk. Meanwhile another process settles other people's
bills as fast as it can. What must come out, on every card:

* no stored settlement whose instant lies at or after the instant from which the card is stopped;
* no settlement that was sent after the reporter had his answer and was settled all the same.
"""

from __future__ import annotations

import random
import secrets
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from statistics import median
from typing import Any

import psycopg

from minka.bench import load_city
from minka.bench.crowd import Holder
from minka.bench.load import BUSY, OTHER, REFUSED, SETTLED, Load, Order, load
from minka.bench.load_city import FACES, Town
from minka.bench.load_messages import Till, first_second, msg_no
from minka.bench.meter import spread
from minka.bench.pos_city import add_terminals, give_pin, terminals
from minka.bench.scratch import scratch_cluster, scratch_office
from minka.bench.settle_callers import (
    BILLS_EACH,
    PIN,
    SINCE,
    USERS,
    Caller,
    HospitalCaller,
    TerminalCaller,
    bills_of,
)
from minka.bench.settle_checks import check
from minka.bench.settle_switch import Switch, free_ports, sign_in, switch
from minka.cipher.field import SoftFieldKeys
from minka.client.identity import Identity
from minka.desk.act import Request
from minka.desk.loss import ReportLoss, report_loss
from minka.desk.office import Office
from minka.doors.host.keys import Terminal
from minka.kit.clock import wall
from minka.store.connection import Register
from minka.store.pins import PinKey
from minka.wire.iso8583.dialect import names

LATEST_START_MS = 6
FEWEST, A_CARD = 2_000, 40
"""People of the town: at least so many, and so many for each card."""
LOAD_CONNECTIONS, LOAD_DEPTH = 16, 4


class Over(StrEnum):
    """By which door the settlements come."""

    HTTP = "http"
    """Bills of hospitals, by the insurance interface."""
    HOST = "host"
    """Purchases with a PIN at card terminals, by ISO 8583."""


class Design(StrEnum):
    """The build that races."""

    SAFE = "safe"
    """The register as it is."""
    DEAF = "deaf"
    """Wrong on purpose: a block does not reach the row that settlements are decided on."""


_WRONG = {Design.DEAF: "alter table block disable trigger coverage_follows"}


@dataclass(slots=True)
class SettleRace:
    """What the race counted; ``broken`` must be nought."""

    over: Over
    design: Design
    cards: int = 0
    tried: int = 0
    settled: int = 0
    refused: int = 0
    busy: int = 0
    unknown: int = 0
    reports: int = 0
    settled_after_ack: int = 0
    load_settled: int = 0
    load_per_s: int = 0
    report_ms_p50: str = ""
    report_ms_p99: str = ""
    milliseconds: int = 0
    checked: dict[str, int] = field(default_factory=dict)

    @property
    def broken(self) -> int:
        """How often what must never happen happened."""
        wrong = sum(count for name, count in self.checked.items() if name != "stored")
        return self.settled_after_ack + wrong

    def as_json(self) -> dict[str, Any]:
        """The report of ``minka race --over http --json``."""
        return asdict(self)


@dataclass(slots=True)
class _Round:
    """What the clients of one card saw."""

    person: int
    acked_ns: int = 0
    report_ns: int = 0
    sent: list[tuple[int, int]] = field(default_factory=list)
    """When each settlement was sent, and what came of it."""
    took_ns: list[int] = field(default_factory=list)
    """How long each took; the next card's report comes within twice the middle of them."""

    def latest_report_s(self) -> float:
        """So late that on the next card some settlements stand before the report and some not."""
        return 2 * median(self.took_ns) / 10**9 if self.took_ns else LATEST_START_MS / 1000


@dataclass(slots=True)
class _Beside:
    """The load beside the race, and what it settled."""

    running: Load
    first: int
    town: Town
    settled: set[int] = field(default_factory=set)
    per_s: int = 0

    def ended(self) -> None:
        """Wait for its end."""
        tally = self.running.result()
        self.settled, self.per_s = tally.settled_bills(), tally.per_s()

    def keys(self) -> list[tuple[int, int]]:
        """The keys of everything it was told is settled."""
        return [
            (msg_no(bill, self.first), load_city.provider_of(bill, self.town))
            for bill in self.settled
        ]


@dataclass(slots=True)
class _Field:
    """Where the race is run."""

    switch: Switch
    tills: Sequence[Till]
    town: Town
    register: Register
    secret: bytes
    chance: random.Random
    home: Path
    host_port: int
    terminals: list[Terminal] = field(default_factory=list)
    first: int = field(default_factory=lambda: first_second(wall()))

    def caller(self, rounds: Sequence[_Round], nth: int) -> Caller:
        """One of the clients that settle."""
        if self.host_port > 0:
            keys = scratch_office(self.register, self.secret).keys
            return TerminalCaller(self.terminals[nth], self.host_port, keys, self.home)
        people = [each.person for each in rounds]
        bills = {person: bills_of(person, self.town)[nth] for person in people}
        return HospitalCaller(self.switch.port, self.tills, bills, (self.town, self.first))

    def open_tills(self, cards: int) -> None:
        """The terminals of the hospitals, and a PIN on every card that races."""
        self.terminals = terminals(self.register, SINCE)
        keys = scratch_office(self.register, self.secret).keys
        for person in range(1, cards + 1):
            give_pin(self.register, keys, PinKey(person, person), PIN)


def race_settling(
    cards: int,
    over: Over = Over.HTTP,
    *,
    design: Design = Design.SAFE,
    seed: int = 0,
    url: str = "",
) -> SettleRace:
    """Race so many cards, at most as many as there are faces in the town.

    ``url`` names a fresh register of the caller's; without one a cluster is made for the race.
    """
    assert cards < FACES, "only people with a name of their own can report"
    raced, began = SettleRace(over, design, cards), time.monotonic_ns()
    if url:
        _race(raced, url, seed)
    else:
        with scratch_cluster({"max_connections": "120"}) as cluster:
            _race(raced, cluster.url(), seed)
    raced.milliseconds = (time.monotonic_ns() - began) // 1_000_000
    return raced


def _race(raced: SettleRace, url: str, seed: int) -> None:
    people = max(FEWEST, raced.cards * A_CARD)
    town = Town(people, people * BILLS_EACH, areas=2, blocked_e4=0)
    secret, identity = secrets.token_bytes(32), Identity.new()
    keys = SoftFieldKeys(secret)
    hospitals = load_city.found(url, keys, town, public_key=identity.public_key)
    if raced.design in _WRONG:
        with psycopg.connect(url, autocommit=True) as owner:
            owner.execute(_WRONG[raced.design].encode())
    add_terminals(url, SINCE)
    register = Register(url, size=4, wait_s=10)
    host_port = free_ports(len(names())) if raced.over is Over.HOST else -1
    chance = random.Random(seed or None)
    with (
        tempfile.TemporaryDirectory(prefix="minka-race-") as home,
        switch(url, secret, home=Path(home), host_port=host_port) as running,
    ):
        tills = sign_in(running.url, hospitals, identity, load_city.SECRET)
        scene = _Field(running, tills, town, register, secret, chance, Path(home), host_port)
        if raced.over is Over.HOST:
            scene.open_tills(raced.cards)
        with _full_load(scene, raced.cards) as beside:
            rounds = _raced(scene, raced.cards)
            beside.ended()
    register.close()
    _count(raced, rounds)
    raced.load_settled, raced.load_per_s = len(beside.settled), beside.per_s
    raced.checked = check(url, beside.keys()).as_json()


@contextmanager
def _full_load(scene: _Field, cards: int) -> Iterator[_Beside]:
    """Everybody else's bills, as fast as they are taken; begun when the block begins."""
    bills = range(1, scene.town.bills)
    others = [bill for bill in bills if load_city.holder_of(bill, scene.town) > cards]
    order = Order(
        "127.0.0.1",
        scene.switch.port,
        scene.tills,
        scene.town,
        others,
        scene.first,
        connections=LOAD_CONNECTIONS,
        depth=LOAD_DEPTH,
        stop_after_s=max(2, cards * 25 // 1000),
    )
    with load(order) as running:
        running.go()
        yield _Beside(running, scene.first, scene.town)


def _raced(scene: _Field, cards: int) -> list[_Round]:
    """Card after card; the clients keep their connections."""
    rounds = [_Round(person) for person in range(1, cards + 1)]
    barrier = threading.Barrier(USERS + 1)
    threads = [
        threading.Thread(target=_settling, args=(scene, rounds, barrier, place))
        for place in range(USERS)
    ]
    threads.append(threading.Thread(target=_reporting, args=(scene, rounds, barrier)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(len(each.sent) == USERS for each in rounds), "a client of the race broke off"
    return rounds


def _settling(
    scene: _Field, rounds: Sequence[_Round], barrier: threading.Barrier, place: int
) -> None:
    chance = random.Random(scene.chance.random())
    with _all_or_none(barrier):
        caller = scene.caller(rounds, place)
        for each in rounds:
            barrier.wait(60)
            time.sleep(chance.uniform(0, LATEST_START_MS) / 1000)
            sent = time.monotonic_ns()
            each.sent.append((sent, caller.ask(each.person)))
            each.took_ns.append(time.monotonic_ns() - sent)
    caller.close()


def _reporting(scene: _Field, rounds: Sequence[_Round], barrier: threading.Barrier) -> None:
    office, chance = (
        scratch_office(scene.register, scene.secret),
        random.Random(scene.chance.random()),
    )
    with _all_or_none(barrier):
        before = _Round(0)
        for each in rounds:
            barrier.wait(60)
            time.sleep(chance.uniform(0, max(LATEST_START_MS / 1000, before.latest_report_s())))
            before, began = each, time.monotonic_ns()
            _report(office, each.person)
            each.acked_ns = time.monotonic_ns()
            each.report_ns = each.acked_ns - began


def _report(office: Office, person: int) -> None:
    holder = Holder(person)
    command = ReportLoss("R1", "hotline", holder.number, {"name": holder.name})
    answer = report_loss(office, Request(secrets.token_hex(12), "race"), command)
    assert answer.accepted, f"a report of the race was refused: {answer.code}"


@contextmanager
def _all_or_none(barrier: threading.Barrier) -> Iterator[None]:
    """Let go of the others when one client fails; they would wait for ever."""
    done = 0
    try:
        yield
        done = 1
    finally:
        if not done:
            barrier.abort()


def _count(raced: SettleRace, rounds: Sequence[_Round]) -> None:
    ends = [end for each in rounds for _, end in each.sent]
    raced.tried, raced.settled = len(ends), ends.count(SETTLED)
    raced.refused, raced.busy = ends.count(REFUSED), ends.count(BUSY)
    raced.unknown = ends.count(OTHER)
    raced.reports = sum(each.acked_ns > 0 for each in rounds)
    raced.settled_after_ack = sum(
        end == SETTLED and sent > each.acked_ns > 0 for each in rounds for sent, end in each.sent
    )
    times = spread([each.report_ns // 1000 for each in rounds])
    raced.report_ms_p50, raced.report_ms_p99 = times.get("p50", ""), times.get("p99", "")
