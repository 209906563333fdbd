"""How quickly a loss report is answered while cards are in use, beside pgbench on the same server.

One cluster of its own, fsync and synchronous_commit on. Four clients use cards as fast as they are
answered; four others report cards lost. The ratio to pgbench's TPC-B, taken before and after in the
same run, is what can be compared between machines; milliseconds alone cannot.
"""

from __future__ import annotations

import re
import secrets
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from minka.bench.crowd import Holder, settle
from minka.bench.scratch import scratch_cluster, scratch_office
from minka.desk.act import Request
from minka.desk.loss import ReportLoss, report_loss
from minka.desk.office import Office
from minka.desk.use import UseCard, use_card
from minka.store.cluster import Cluster, create_database
from minka.store.connection import Register
from minka.store.postgres import find_programs, server_account

REPORTERS = USERS = 4
PGBENCH_CLIENTS = 8


@dataclass(slots=True)
class Times:
    """Milliseconds of every answer, as integers of microseconds."""

    micros: list[int] = field(default_factory=list)

    def percentile_ms(self, percent: int) -> str:
        """A percentile in milliseconds with one decimal."""
        cut = quantiles(self.micros, n=100)[percent - 1] if len(self.micros) > 1 else 0
        return f"{cut / 1000:.1f}"


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run saw."""

    reports: int
    reports_per_s: str
    p50_ms: str
    p99_ms: str
    uses_per_s: str
    pgbench_tps: str
    ratio: str
    """Acts a second, reports and uses together, over pgbench's TPC-B a second."""

    def as_json(self) -> dict[str, Any]:
        """The figures by name."""
        return asdict(self)


def measure_loss(cards: int) -> Measured:
    """Report so many cards lost under the load of uses, each card once."""
    with scratch_cluster() as cluster:
        before = pgbench(cluster, 5)
        register = Register(cluster.url(), size=REPORTERS + USERS + 2, wait_s=10)
        office = scratch_office(register, secrets.token_bytes(32))
        crowd = settle(office, "R1", cards * 2)
        times, uses, took = _load(office, crowd[:cards], crowd[cards:])
        register.close()
        tps = median((before, pgbench(cluster, 5)))
    reports = len(times.micros)
    return Measured(
        reports=reports,
        reports_per_s=f"{reports * 10**9 / took:.0f}",
        p50_ms=times.percentile_ms(50),
        p99_ms=times.percentile_ms(99),
        uses_per_s=f"{uses * 10**9 / took:.0f}",
        pgbench_tps=f"{tps:.0f}",
        ratio=f"{(reports + uses) * 10**9 / took / tps:.2f}",
    )


def _load(office: Office, lost: Sequence[Holder], used: Sequence[Holder]) -> tuple[Times, int, int]:
    times, counted, over = Times(), [0] * USERS, threading.Event()

    def report(lane: int) -> None:
        for holder in lost[lane::REPORTERS]:
            began = time.monotonic_ns()
            command = ReportLoss("R1", "hotline", holder.number, {"name": holder.name})
            answer = report_loss(office, _fresh("hotline"), command)
            assert answer.accepted, answer.code
            times.micros.append((time.monotonic_ns() - began) // 1000)

    def use(lane: int) -> None:
        for holder in cycle(used[lane::USERS]):
            if over.is_set():
                return
            use_card(office, _fresh("pos"), UseCard(100, "H1", holder.card_number))
            counted[lane] += 1

    began = time.monotonic_ns()
    users = _lanes(use, USERS)
    for each in _lanes(report, REPORTERS):
        each.join()
    took = time.monotonic_ns() - began
    over.set()
    for each in users:
        each.join()
    return times, sum(counted), took


def _lanes(work: Callable[[int], None], count: int) -> list[threading.Thread]:
    lanes = [threading.Thread(target=work, args=(lane,)) for lane in range(count)]
    for lane in lanes:
        lane.start()
    return lanes


def _fresh(origin: str) -> Request:
    return Request(secrets.token_hex(12), origin, actor="bench", role="hotline_agent")


def pgbench(cluster: Cluster, seconds: int) -> int:
    """Transactions a second of pgbench's TPC-B on the same server; ``AssertionError`` without."""
    name = f"pgbench_{secrets.token_hex(4)}"
    create_database(cluster.url("postgres"), name)
    program = str(Path(find_programs(server_account(), major=None).bindir) / "pgbench")
    url = cluster.url(name)
    subprocess.run([program, "-i", "-q", "-s", "5", url], check=True, capture_output=True)
    run = [program, "-c", str(PGBENCH_CLIENTS), "-j", "2", "-T", str(seconds), url]
    told = subprocess.run(run, check=True, capture_output=True, text=True).stdout
    found = re.search(r"tps = (\d+)", told)
    assert found is not None, told
    return int(found.group(1))
