"""Races a loss report against uses of the same card, on real connections (safety, section 2).

For each card seven clients leave one barrier and wait 0 to 6 ms: six try a settlement-like use, one
reports the card lost. What must come out, on every card and under every clock:

* no stored use whose instant lies at or after the instant from which the report refuses uses;
* no use whose commit began after the reporter had his answer.

The builds ``now`` and ``raw`` are wrong on purpose: the race has to catch them.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import secrets
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from multiprocessing.connection import Connection as Pipe
from typing import Any

import psycopg
from psycopg.rows import dict_row

from minka.bench.crowd import Holder, settle, shared_out
from minka.bench.scratch import scratch_cluster, scratch_office, scratch_register
from minka.bench.stepping import faketime_words, false_time, stepped_shift
from minka.desk.act import Answer, Request
from minka.desk.loss import ReportLoss, report_loss
from minka.desk.use import UseCard, use_card
from minka.store.connection import Connection, Register, RegisterAway

USERS = 6
LATEST_START_MS = 6
LATEST_COMMIT_MS = 4
REGION = "R1"


class Design(StrEnum):
    """The build that races."""

    SAFE = "safe"
    """The register as it is: the card's own clock."""
    NOW = "now"
    """Wrong: the card is locked, but its instant is the start of the transaction."""
    RAW = "raw"
    """Wrong: the server's clock is read after the lock, and never held back."""


class Clock(StrEnum):
    """What happens to the server's clock meanwhile."""

    STEADY = "steady"
    STEPS = "steps"
    """The register's shift jumps by up to three seconds every three milliseconds."""
    FAKETIME = "faketime"
    """The same done to the whole server by libfaketime, on a cluster of its own."""


_TICK = """
create or replace function
    card_tick(p_person bigint, p_card bigint, p_fence timestamptz default null)
returns timestamptz language sql volatile as $$
    update card set last_at = last_at where person_id = p_person and card_id = p_card;
    select {instant}
$$
"""
WRONG_BUILDS = {
    Design.NOW: _TICK.format(instant="now() + shift from clock_shift"),
    Design.RAW: _TICK.format(instant="register_now(p_fence)"),
}

_MOVED_BACK = """
select
  (select count(*) from card_use u join block b using (person_id, card_id)
   where u.auth_at >= b.from_at) as used,
  (select count(*) from card_refusal r join block b using (person_id, card_id)
   where r.at < b.from_at) as refused,
  (select count(*) from card_use) as stored
"""


@dataclass(slots=True)
class Tally:
    """What one lane of the race counted; lanes add up."""

    tried: int = 0
    approved: int = 0
    refused: int = 0
    reports: int = 0
    unknown: int = 0
    committed_after_ack: int = 0

    def add(self, other: Tally) -> None:
        """Add another lane's counts."""
        for name, count in asdict(other).items():
            setattr(self, name, getattr(self, name) + count)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The whole race: its counts, and the two that must be nought."""

    design: Design
    clock: Clock
    cards: int
    tally: Tally
    used_at_or_after_effective: int
    refused_before_effective: int
    stored: int
    milliseconds: int

    @property
    def broken(self) -> int:
        """How often what must never happen happened."""
        lost = abs(self.stored - self.tally.approved) if not self.tally.unknown else 0
        return (
            self.used_at_or_after_effective
            + self.tally.committed_after_ack
            + self.refused_before_effective
            + lost
        )

    def as_json(self) -> dict[str, Any]:
        """The report of ``minka race --json``."""
        return {
            "design": self.design.value,
            "clock": self.clock.value,
            "cards": self.cards,
            **asdict(self.tally),
            "used_at_or_after_effective": self.used_at_or_after_effective,
            "refused_before_effective": self.refused_before_effective,
            "stored": self.stored,
            "milliseconds": self.milliseconds,
        }


class Line(Register):
    """One client's own connection; it waits before it commits and notes when it began to."""

    def __init__(self, url: str, wait: Callable[[], None]) -> None:
        self._wire: Connection = psycopg.connect(url, autocommit=True, row_factory=dict_row)
        self._wire.execute("set role minka_desk")
        self._wait = wait
        self.commit_began_ns = 0

    @contextmanager
    def act(self) -> Iterator[Connection]:
        """One transaction, held open a little longer than the work takes."""
        try:
            with self._wire.transaction():
                yield self._wire
                self._wait()
                self.commit_began_ns = time.monotonic_ns()
        except psycopg.OperationalError as fault:
            raise RegisterAway("the register broke off") from fault

    def close(self) -> None:
        """Hang up."""
        self._wire.close()


@dataclass(slots=True)
class _Round:
    """What the clients of one card saw: the ack of the report, and each use's commit."""

    acked_ns: int = 0
    uses: list[tuple[Answer, int]] = field(default_factory=list)
    unknown: int = 0


@dataclass(slots=True)
class _Client:
    """One runner of a lane, with a connection and a random sequence of its own."""

    url: str
    secret: bytes
    seed: int
    barrier: threading.Barrier
    rounds: Sequence[tuple[Holder, _Round]]

    def run(self, act: Callable[[_Client, Holder, _Round, Line], None]) -> None:
        """Take part in every round."""
        chance = random.Random(self.seed)
        line = Line(self.url, lambda: time.sleep(chance.uniform(0, LATEST_COMMIT_MS) / 1000))
        done = 0
        try:
            for holder, seen in self.rounds:
                self.barrier.wait(60)
                time.sleep(chance.uniform(0, LATEST_START_MS) / 1000)
                try:
                    act(self, holder, seen, line)
                except RegisterAway:
                    seen.unknown += 1
            done = 1
        finally:
            line.close()
            if not done:  # the others would wait for ever
                self.barrier.abort()


def _use(client: _Client, holder: Holder, seen: _Round, line: Line) -> None:
    command = UseCard(100, "race", card_number=holder.card_number)
    office = scratch_office(line, client.secret)
    answer = use_card(office, Request(secrets.token_hex(12), "race"), command)
    seen.uses.append((answer, line.commit_began_ns))


def _report(client: _Client, holder: Holder, seen: _Round, line: Line) -> None:
    command = ReportLoss(REGION, "hotline", holder.number, {"name": holder.name})
    office = scratch_office(line, client.secret)
    answer = report_loss(office, Request(secrets.token_hex(12), "race"), command)
    assert answer.accepted, f"a report of the race was refused: {answer.code}"
    seen.acked_ns = time.monotonic_ns()


@dataclass(frozen=True, slots=True)
class Lane:
    """What a process of its own needs to race its share of the cards."""

    url: str
    secret: bytes
    seed: int
    serials: tuple[int, ...]


def run_lane(lane: Lane, back: Pipe) -> None:
    """Race every card of a lane, one after another; the counts go back through the pipe."""
    sys.setswitchinterval(0.0005)
    rounds = [(Holder(serial), _Round()) for serial in lane.serials]
    barrier = threading.Barrier(USERS + 1)
    threads = []
    for place in range(USERS + 1):
        client = _Client(lane.url, lane.secret, lane.seed * 100 + place, barrier, rounds)
        act = _use if place < USERS else _report
        threads.append(threading.Thread(target=client.run, args=(act,)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    back.send(asdict(_counted([seen for _, seen in rounds])))


def _counted(rounds: Sequence[_Round]) -> Tally:
    tally = Tally()
    for seen in rounds:
        paid = [began for answer, began in seen.uses if answer.accepted]
        tally.tried += USERS
        tally.approved += len(paid)
        tally.refused += len(seen.uses) - len(paid)
        tally.reports += int(seen.acked_ns > 0)
        tally.unknown += seen.unknown
        tally.committed_after_ack += sum(0 < seen.acked_ns < began for began in paid)
    return tally


def race(cards: int, design: Design, clock: Clock, *, lanes: int = 2, seed: int = 0) -> Outcome:
    """Race so many cards and count; the register is made for it and thrown away."""
    seed = seed or int.from_bytes(os.urandom(4), "big")
    with _register(clock) as (url, stepping):
        secret = secrets.token_bytes(32)
        crowd = _settled(url, secret, cards)
        if design in WRONG_BUILDS:
            with psycopg.connect(url, autocommit=True) as owner:
                owner.execute(WRONG_BUILDS[design].encode())
        began = time.monotonic_ns()
        with stepping():
            tally = _raced(
                [
                    Lane(url, secret, seed + turn, tuple(holder.serial for holder in share))
                    for turn, share in enumerate(shared_out(crowd, lanes))
                ]
            )
        took = (time.monotonic_ns() - began) // 1_000_000
        with psycopg.connect(url, row_factory=dict_row) as reader:
            found = reader.execute(_MOVED_BACK).fetchone()
    assert found is not None, "counts are always given"
    return Outcome(
        design, clock, cards, tally, found["used"], found["refused"], found["stored"], took
    )


@contextmanager
def _register(clock: Clock) -> Iterator[tuple[str, Callable[[], Any]]]:
    """A scratch register, and what steps its clock while the race runs."""
    if clock is Clock.FAKETIME:
        with (
            false_time() as stamp,
            scratch_cluster({}, faketime_words(stamp.path)) as cluster,
        ):
            yield cluster.url(), stamp.stepping
        return
    with scratch_register() as url:
        yield url, lambda: stepped_shift(url, every_ms=3 if clock is Clock.STEPS else 0)


def _settled(url: str, secret: bytes, cards: int) -> list[Holder]:
    line = Line(url, lambda: None)
    try:
        return settle(scratch_office(line, secret), REGION, cards)
    finally:
        line.close()


def _raced(lanes: Sequence[Lane]) -> Tally:
    spawn = multiprocessing.get_context("spawn")
    running = []
    for lane in lanes:
        here, there = spawn.Pipe(duplex=False)
        child = spawn.Process(target=run_lane, args=(lane, there))
        child.start()
        there.close()
        running.append((child, here))
    tally = Tally()
    for child, here in running:
        try:
            tally.add(Tally(**here.recv()))
        except EOFError:
            raise RuntimeError("a lane of the race broke off; see its error above") from None
        finally:
            child.join()
    return tally
