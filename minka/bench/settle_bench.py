"""`minka bench settle` and `minka bench engine`: settlements a second beside pgbench's TPC-B.

One cluster of its own with fsync, synchronous_commit and full_page_writes on. Each round measures
pgbench first and settlements after it, so that a slow minute of the machine hurts both; the ratio
of a round is what can be compared between machines. The load stands on the same processors.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from statistics import median
from typing import Any

import psycopg

from minka.bench import load_city
from minka.bench.load import BUSY, OTHER, REFUSED, SETTLED, Order, Tally, load
from minka.bench.load_city import Town
from minka.bench.load_messages import Till, first_second, msg_no
from minka.bench.meter import BENCH_SETTINGS, Meter, cost, fsync_micros, safe_settings, spread
from minka.bench.pgbench import CLIENTS, Yardstick
from minka.bench.scratch import scratch_cluster
from minka.bench.settle_checks import check
from minka.bench.settle_engine import BATCHES, Engine, Ran, open_book
from minka.bench.settle_switch import Switch, sign_in, switch
from minka.cipher.field import SoftFieldKeys
from minka.client.identity import Identity
from minka.kit.clock import wall
from minka.store.cluster import Cluster

Tell = Callable[[str], object]
WARM_S = 2
CITIES = 4


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured, and how long."""

    people: int = 200_000
    rounds: int = 3
    seconds: int = 4
    """Of each measurement within a round."""
    connections: int = 64
    depth: int = 4
    at_most_per_s: int = 25_000
    """How many messages are made ahead for a second of a closed loop."""

    def bills(self, measurements: int) -> int:
        """Bills that suffice for so many measurements at the highest rate."""
        return self.at_most_per_s * (self.seconds + 1) * measurements


@dataclass(slots=True)
class Stage:
    """A town on a cluster of its own, with pgbench beside it."""

    cluster: Cluster
    town: Town
    secret: bytes
    identity: Identity
    yardstick: Yardstick
    report: dict[str, Any] = field(default_factory=dict)

    def tps(self) -> int:
        """The best of the numbers of clients, each by the median of its rounds."""
        return max(int(median(rounds)) for rounds in self.yardstick.tps.values())


@contextmanager
def stage(town: Town, tell: Tell) -> Iterator[Stage]:
    """Set everything up; what the machine and the server are goes into the report first."""
    with scratch_cluster(BENCH_SETTINGS) as cluster:
        secret, identity = secrets.token_bytes(32), Identity.new()
        told: dict[str, Any] = {
            "settings": safe_settings(cluster.url()),
            "fsync_ms": spread(fsync_micros(cluster.folder)),
        }
        tell(f"settings {told['settings']} · fsync ms {told['fsync_ms']}")
        keys = SoftFieldKeys(secret)
        load_city.found(cluster.url(), keys, town, public_key=identity.public_key)
        tell(f"a town of {town.people} people with {town.bills} bills")
        yardstick = Yardstick(cluster)
        yardstick.open()
        yield Stage(cluster, town, secret, identity, yardstick, told)


def _ratio(ours: float, theirs: float) -> str:
    return f"{ours / max(theirs, 1):.2f}"


def measure_engine(plan: Plan, tell: Tell) -> dict[str, Any]:
    """The desk without a door, at every batch size; for one city and for several."""
    a_run = (plan.seconds + 1) * plan.at_most_per_s // 2
    bills = a_run * (1 + plan.rounds * (len(BATCHES) + 1 + CITIES))
    with stage(Town(plan.people, bills, areas=CITIES), tell) as scene:
        engine = Engine(scene.cluster.url(), scene.town, open_book(scene.cluster.url(), scene.town))
        most = plan.seconds * plan.at_most_per_s // 2
        engine.run(64, WARM_S, most=most)
        best, runs, cities = _engine_rounds(plan, scene, engine, tell)
        scene.report["checked"] = check(scene.cluster.url(), engine.told).as_json()
    by_batch = {str(size): _engine_line(each, best) for size, each in runs.items()}
    line = max(by_batch.values(), key=lambda each: float(each["ratio"]))
    return {
        "settlements_per_s": line["per_s"],
        "pgbench_tps": int(median(best)),
        "ratio": line["ratio"],
        "one_city_to_many": f"{median(cities):.2f}",
        "batches": by_batch,
        "pgbench": {str(clients): scene.yardstick.tps[clients] for clients in CLIENTS},
        **scene.report,
    }


def _engine_rounds(
    plan: Plan, scene: Stage, engine: Engine, tell: Tell
) -> tuple[list[int], dict[int, list[tuple[Ran, dict[str, Any]]]], list[float]]:
    meter = Meter(scene.cluster.url(), scene.cluster.pid(), {})
    best: list[int] = []
    runs: dict[int, list[tuple[Ran, dict[str, Any]]]] = {size: [] for size in BATCHES}
    cities: list[float] = []
    most = plan.seconds * plan.at_most_per_s // 2
    for turn in range(plan.rounds):
        best.append(scene.yardstick.rounds(plan.seconds))
        tell(f"round {turn + 1}: pgbench {best[-1]}")
        for size in BATCHES:
            before = meter.read()
            ran = engine.run(size, plan.seconds, most=most)
            runs[size].append((ran, cost(before, meter.read(), ran.settled)))
            tell(f"round {turn + 1}: batches of {size}: {ran.per_s} settlements/s")
        many = engine.run(64, plan.seconds, most=most)
        one = engine.run(64, plan.seconds, most=most, only_area=load_city.FIRST_AREA)
        cities.append(one.per_s / max(many.per_s, 1))
        tell(f"round {turn + 1}: one city {one.per_s}, {CITIES} cities {many.per_s}")
    return best, runs, cities


def _engine_line(runs: list[tuple[Ran, dict[str, Any]]], best: list[int]) -> dict[str, Any]:
    ratios = [ran.per_s / max(tps, 1) for (ran, _), tps in zip(runs, best, strict=True)]
    times = [micros for ran, _ in runs for micros in ran.micros]
    return {
        "per_s": int(median(ran.per_s for ran, _ in runs)),
        "ratio": f"{median(ratios):.2f}",
        "ratios": [f"{each:.2f}" for each in ratios],
        "desk_us": int(median(ran.own_micros // max(ran.settled, 1) for ran, _ in runs)),
        **{name: int(median(each[name] for _, each in runs)) for name in runs[0][1]},
        "batch_ms": spread(times),
        "refused": sum(ran.refused for ran, _ in runs),
        "other": sum(ran.other for ran, _ in runs),
    }


@dataclass(slots=True)
class Doors:
    """A switch on a stage with hospitals signed in, and what was acknowledged so far."""

    scene: Stage
    switch: Switch
    tills: list[Till]
    meter: Meter
    next_bill: int = 1
    told: list[tuple[int, int]] = field(default_factory=list)

    def run(
        self, plan: Plan, seconds: int, *, per_s: int = 0, during: Callable[[], None] | None = None
    ) -> Shot:
        """One run of the load: closed, or open at a rate; ``during`` happens in the middle."""
        most = (per_s or plan.at_most_per_s) * seconds
        bills = range(self.next_bill, min(self.next_bill + most, self.scene.town.bills))
        assert bills, "the town has no bills left; make it larger"
        order = Order(
            "127.0.0.1",
            self.switch.port,
            self.tills,
            self.scene.town,
            bills,
            first_second(wall()),
            connections=plan.connections,
            depth=plan.depth,
            per_s=per_s,
            stop_after_s=seconds,
        )
        with load(order) as running:
            before = self.meter.read()
            running.go()
            timer = threading.Timer(seconds / 2, during or _nothing)
            timer.start()
            tally = running.result()
            after = self.meter.read()
            timer.join()
        self.next_bill = max([self.next_bill, *tally.bills]) + 1
        self.told += [
            (msg_no(bill, order.first), load_city.provider_of(bill, self.scene.town))
            for bill in tally.settled_bills()
        ]
        settled = tally.count(SETTLED)
        generator = {"generator_us": tally.own_micros // max(settled, 1)}
        return Shot(tally, cost(before, after, settled) | generator)


@dataclass(frozen=True, slots=True)
class Shot:
    """One run of the load and what a settlement cost in it."""

    tally: Tally
    cost: dict[str, Any]


def _nothing() -> None:
    return


@contextmanager
def doors(scene: Stage, tell: Tell) -> Iterator[Doors]:
    """A switch over the stage's register, every hospital of the town signed in."""
    with switch(scene.cluster.url(), scene.secret) as running:
        hospitals = list(load_city.hospitals_of(scene.town))
        tills = sign_in(running.url, hospitals, scene.identity, load_city.SECRET)
        tell(f"{len(tills)} hospitals signed in")
        processes = {"switch": running.process.pid}
        meter = Meter(scene.cluster.url(), scene.cluster.pid(), processes)
        yield Doors(scene, running, tills, meter)


def measure_settle(plan: Plan, tell: Tell) -> dict[str, Any]:
    """Complete 2207 over HTTP: closed loop for the rate, open loop at 50 % and 80 % for latency."""
    bills = plan.bills(plan.rounds + 4)
    with stage(Town(plan.people, bills, areas=CITIES), tell) as scene:
        with doors(scene, tell) as open_doors:
            open_doors.run(plan, WARM_S)
            best, shots = _settle_rounds(plan, open_doors, tell)
            rate = int(median(shot.tally.per_s() for shot in shots))
            open_loops = {
                f"open_{share}": _line(
                    open_doors.run(plan, plan.seconds, per_s=max(rate * share // 100, 100))
                )
                for share in (50, 80)
            }
            scene.report["switch_lived"] = open_doors.switch.process.poll() is None
            told = open_doors.told
        scene.report["checked"] = check(scene.cluster.url(), told).as_json()
    return _settled_report(scene, best, shots) | open_loops | scene.report


def _settle_rounds(plan: Plan, open_doors: Doors, tell: Tell) -> tuple[list[int], list[Shot]]:
    """Rounds of both; a checkpoint falls into the middle of the last."""
    best, shots = [], []
    for turn in range(plan.rounds):
        best.append(open_doors.scene.yardstick.rounds(plan.seconds))
        tell(f"round {turn + 1}: pgbench {best[-1]}")
        last = turn == plan.rounds - 1
        url = open_doors.scene.cluster.url()
        during = partial(_checkpoint, url) if last else None
        shots.append(open_doors.run(plan, plan.seconds, during=during))
        tell(f"round {turn + 1}: settlements {_line(shots[-1])}")
    return best, shots


def _checkpoint(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("checkpoint")


def _line(shot: Shot) -> dict[str, Any]:
    tally = shot.tally
    return {
        "per_s": tally.per_s(),
        "ms": spread(tally.latencies()),
        **shot.cost,
        "refused": tally.count(REFUSED),
        "busy": tally.count(BUSY),
        "other": tally.count(OTHER),
        "unanswered": len(tally.came) - tally.answered,
        "proved": tally.proved,
        "forged": tally.forged,
        **({"strange": tally.strange} if tally.strange else {}),
    }


def _settled_report(scene: Stage, best: list[int], shots: list[Shot]) -> dict[str, Any]:
    ratios = [shot.tally.per_s() / max(tps, 1) for shot, tps in zip(shots, best, strict=True)]
    times = spread([micros for shot in shots for micros in shot.tally.latencies()])
    return {
        "settlements_per_s": int(median(shot.tally.per_s() for shot in shots)),
        "p50_ms": times.get("p50"),
        "p99_ms": times.get("p99"),
        "max_ms": times.get("max"),
        "pgbench_tps": int(median(best)),
        "ratio": f"{median(ratios):.2f}",
        "ratios": [f"{each:.2f}" for each in ratios],
        **{name: int(median(shot.cost[name] for shot in shots)) for name in shots[0].cost},
        "rounds": [_line(shot) for shot in shots],
        "pgbench": {str(clients): scene.yardstick.tps[clients] for clients in CLIENTS},
    }
