"""Kills the switch, or the database under it, while bills are settled at full load (P3, P6).

After every crash the hospitals send again what they have no answer to, under the same keys, until
each has one. Then the journal is held against every answer: what was acknowledged stands once, what
stayed open is resolved, the books sum to zero and agree with the balances.
"""

from __future__ import annotations

import os
import random
import secrets
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import psycopg

from minka.bench import load_city, settle_switch
from minka.bench.load import REFUSED, SETTLED, Order, Tally, drive
from minka.bench.load_city import Town
from minka.bench.load_messages import Till, first_second, msg_no
from minka.bench.meter import children
from minka.bench.scratch import scratch_cluster
from minka.bench.settle_checks import Checked, check
from minka.bench.settle_switch import Switch, sign_in
from minka.cipher.field import SoftFieldKeys
from minka.client.identity import Identity
from minka.kit.clock import wall
from minka.store.cluster import Cluster, running, start

EARLIEST_MS, LATEST_MS = 100, 700
A_CYCLE = 4_000
"""Bills sent in a cycle at most."""
TRIES = 60
_AGAIN_S = 0.25

Key = tuple[int, int]


class Struck(StrEnum):
    """What is killed."""

    SWITCH = "switch"
    DATABASE = "switch-database"
    """The postmaster and every backend under a switch that goes on."""


@dataclass(slots=True)
class SettleLosses:
    """The outcome of a run; all but the first six must be nought."""

    what: Struck
    cycles: int = 0
    acknowledged: int = 0
    refused: int = 0
    resent: int = 0
    """Messages whose outcome was unknown and that were sent again."""
    milliseconds: int = 0
    lost: int = 0
    """Answers that the journal does not hold as they were given."""
    unresolved: int = 0
    """Messages that never got an answer, however often they were sent."""
    contradicted: int = 0
    """Keys in the journal that nobody sent."""
    checked: dict[str, int] = field(default_factory=dict)

    @property
    def broken(self) -> int:
        """How often what must never happen happened."""
        wrong = sum(n for name, n in self.checked.items() if name != "stored")
        return self.lost + self.unresolved + self.contradicted + wrong

    def as_json(self) -> dict[str, Any]:
        """The report of ``minka kill --what switch --json``."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class Scene:
    """A switch over a town, and what its hospitals were told so far."""

    cluster: Cluster
    switch: Switch
    town: Town
    secret: bytes
    home: Path
    tills: Sequence[Till] = ()
    next_bill: int = 1
    told: dict[Key, int] = field(default_factory=dict)
    """What came of every message, by key: SETTLED or REFUSED."""

    def kill(self, what: Struck) -> None:
        """Kill it without warning, and start it again."""
        if what is Struck.SWITCH:
            port = self.switch.port
            self.switch.kill()
            url = self.cluster.url()
            self.switch = settle_switch.start(url, self.secret, self.home, port=port)
            return
        master = self.cluster.pid()
        for pid in [master, *children(master)]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        while running(self.cluster.folder) is not None:
            time.sleep(0.01)
        self.cluster = start(self.cluster.folder)


def kill_settling(
    what: Struck, cycles: int, *, seed: int = 0, tell: Callable[[int], object] = int
) -> SettleLosses:
    """Kill so many times under load on a cluster of its own; ``tell`` hears each cycle done."""
    chance, losses, secret = (
        random.Random(seed or None),
        SettleLosses(what),
        secrets.token_bytes(32),
    )
    began, identity = time.monotonic_ns(), Identity.new()
    town = Town(people=5_000, bills=A_CYCLE * (cycles + 1), areas=2)
    with (
        scratch_cluster({"max_connections": "120"}) as cluster,
        tempfile.TemporaryDirectory(prefix="minka-switch-") as folder,
    ):
        keys = SoftFieldKeys(secret)
        hospitals = load_city.found(cluster.url(), keys, town, public_key=identity.public_key)
        first = settle_switch.start(cluster.url(), secret, Path(folder))
        scene = Scene(cluster, first, town, secret, Path(folder))
        try:
            scene.tills = sign_in(scene.switch.url, hospitals, identity, load_city.SECRET)
            for cycle in range(cycles):
                _cycle(scene, losses, chance)
                losses.cycles += 1
                tell(cycle + 1)
            losses.checked = _checked(scene).as_json()
        finally:
            scene.switch.kill()
    losses.milliseconds = (time.monotonic_ns() - began) // 1_000_000
    return losses


@dataclass(slots=True)
class _Made:
    """Hears when the messages of a load are made; they are sent at once."""

    event: threading.Event = field(default_factory=threading.Event)

    def send(self, _pid: int) -> None:
        """See ``load.Ready``."""
        self.event.set()

    def recv(self) -> None:
        """See ``load.Ready``."""


def _cycle(scene: Scene, losses: SettleLosses, chance: random.Random) -> None:
    bills = range(scene.next_bill, scene.next_bill + A_CYCLE)
    first = first_second(wall())
    tallies: list[Tally] = []
    order = _order(scene, bills, first)

    made = _Made()

    def drive_them() -> None:
        with suppress(OSError):  # killed before anything was sent
            tallies.append(drive(order, made))

    load = threading.Thread(target=drive_them)
    load.start()
    made.event.wait(60)
    time.sleep(chance.uniform(EARLIEST_MS, LATEST_MS) / 1000)
    scene.kill(losses.what)
    load.join(60)
    assert not load.is_alive(), "the load did not notice the crash"
    scene.next_bill += A_CYCLE
    if not tallies:
        return
    (tally,) = tallies
    sent = sorted(set(tally.bills))
    _learn(scene, tally, first)
    _resolve(scene, losses, sent, first)
    _compare(scene, losses, sent, first)


def _order(scene: Scene, bills: Sequence[int], first: int) -> Order:
    return Order(
        "127.0.0.1",
        scene.switch.port,
        scene.tills,
        scene.town,
        bills,
        first,
        connections=16,
        depth=4,
    )


def _key(scene: Scene, bill: int, first: int) -> Key:
    return msg_no(bill, first), load_city.provider_of(bill, scene.town)


def _learn(scene: Scene, tally: Tally, first: int) -> None:
    for bill, end in zip(tally.bills, tally.came, strict=True):
        if end in (SETTLED, REFUSED):
            key = _key(scene, bill, first)
            before = scene.told.setdefault(key, end)
            assert before == end, f"{key} was answered twice, and not alike"


def _resolve(scene: Scene, losses: SettleLosses, sent: Sequence[int], first: int) -> None:
    """Send what has no answer again, under the same keys, until everything has one."""
    for _ in range(TRIES):
        waiting = [bill for bill in sent if _key(scene, bill, first) not in scene.told]
        if not waiting:
            return
        losses.resent += len(waiting)
        with suppress(OSError):
            _learn(scene, drive(_order(scene, waiting, first)), first)
        time.sleep(_AGAIN_S)
    losses.unresolved += len([b for b in sent if _key(scene, b, first) not in scene.told])


def _compare(scene: Scene, losses: SettleLosses, sent: Sequence[int], first: int) -> None:
    """Hold every answer of the cycle against the journal."""
    promised = {key: scene.told[key] for b in sent if (key := _key(scene, b, first)) in scene.told}
    with psycopg.connect(scene.cluster.url()) as reader:
        found = reader.execute("select msg_no, origin_no, kind from settlement").fetchall()
    stored = {(msg, origin): SETTLED if kind == 1 else REFUSED for msg, origin, kind in found}
    losses.acknowledged += sum(end == SETTLED for end in promised.values())
    losses.refused += sum(end == REFUSED for end in promised.values())
    losses.lost += sum(stored.get(key) != end for key, end in promised.items())
    losses.contradicted += len(stored.keys() - scene.told.keys())


def _checked(scene: Scene) -> Checked:
    told = [key for key, end in scene.told.items() if end == SETTLED]
    return check(scene.cluster.url(), told)
