"""The desk without a door: settlements in batches of a given size, beside pgbench on one server.

Two lanes, each with its own connection and its own half of the people, as the switch has them. A
batch is what the switch would have found waiting; it is made before the clock starts.
"""

from __future__ import annotations

import asyncio
import gc
import hashlib
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice

import psycopg
from psycopg.rows import dict_row

from minka.bench import load_city
from minka.bench.load_city import Town
from minka.bench.load_messages import first_second, msg_no
from minka.care.bill import Bill
from minka.care.decide import Ask, Credential
from minka.care.split import AccountUse
from minka.desk.care_book import CareBook, number_rule, read_book
from minka.desk.settle_job import Job, Task, Verdict
from minka.desk.settle_lane import Lane
from minka.kit.clock import wall
from minka.law.benefits import benefits
from minka.store.hot.arrays import day

BATCHES = (1, 16, 64, 256, 1000)
LANES = 2
INFNO = 2207


@dataclass(slots=True)
class Ran:
    """What one run of one batch size did."""

    batch: int
    settled: int = 0
    refused: int = 0
    other: int = 0
    last_bill: int = 0
    nanoseconds: int = 0
    own_micros: int = 0
    """Processor time of this process: the desk's share."""
    micros: list[int] = field(default_factory=list)
    """How long each batch took."""
    told: list[tuple[int, int]] = field(default_factory=list)

    @property
    def per_s(self) -> int:
        """Settlements a second, refusals not counted."""
        return self.settled * 10**9 // max(self.nanoseconds, 1)


def open_book(url: str, town: Town) -> CareBook:
    """The reference data in memory, every rule version that will be needed with its number."""
    with psycopg.connect(url, row_factory=dict_row) as owner:
        book = read_book(owner, CareBook())
        served = owner.execute("select max(served_on) - '2000-01-01'::date as d from fee_upload")
        found = served.fetchone()
        assert found is not None
        for area in book.areas.values():
            ref = benefits(area.benefits, day(found["d"])).ref
            book.rules = number_rule(owner, ref)
    return book


def job_of(bill: int, town: Town, first: int) -> Job:
    """The settlement of a bill as a door would put it into a lane; needs a running loop."""
    person = load_city.holder_of(bill, town)
    total, *parts = load_city.bill_of(bill)
    key = msg_no(bill, first)
    ask = Ask(
        Credential.CARD,
        load_city.card_number(person).encode(),
        total,
        Bill(total, *parts),
        AccountUse.YES,
        load_city.SCHEME,
    )
    return Job(
        Task.SETTLE,
        key,
        load_city.provider_of(bill, town),
        person,
        INFNO,
        ask,
        visit_no=bill,
        batch=b"B1",
        content_hash=hashlib.sha256(b"%d" % key).digest(),
    )


@dataclass(slots=True)
class Engine:
    """Lanes on a town's register; bills are taken in order, each once."""

    url: str
    town: Town
    book: CareBook
    first: int = field(default_factory=lambda: first_second(wall()))
    next_bill: int = 1
    told: list[tuple[int, int]] = field(default_factory=list)

    def run(self, batch: int, seconds: int, *, most: int, only_area: int = 0) -> Ran:
        """Settle in batches for so many seconds, at most so many bills (of one area only)."""
        work = self._run(batch, seconds, self._bills(most, only_area))
        with ThreadPoolExecutor(1) as hand:  # whoever calls may have a loop of his own
            ran = hand.submit(asyncio.run, work).result()
        self.told += ran.told
        self.next_bill = max(self.next_bill, ran.last_bill + 1)
        return ran

    def _bills(self, most: int, only_area: int) -> list[int]:
        if not only_area:
            chosen = list(range(self.next_bill, min(self.next_bill + most, self.town.bills)))
        else:
            later = range(self.next_bill, self.town.bills)
            here = (bill for bill in later if self._area(bill) == only_area)
            chosen = list(islice(here, most))
        assert chosen, "the town has no bills left; make it larger"
        return chosen

    def _area(self, bill: int) -> int:
        return load_city.area_of(load_city.holder_of(bill, self.town), self.town)

    async def _run(self, batch: int, seconds: int, bills: Sequence[int]) -> Ran:
        ran = Ran(batch)
        jobs = [job_of(bill, self.town, self.first) for bill in bills]
        lanes = [Lane(self.url, lambda: self.book, _numbered) for _ in range(LANES)]
        shares = [[job for job in jobs if job.person_id % LANES == n] for n in range(LANES)]
        for lane, share in zip(lanes, shares, strict=True):
            await lane.settle(share[:1])  # connects before the clock starts
        gc.collect()
        gc.freeze()  # half a million jobs are not looked through again while the clock runs
        until = time.monotonic_ns() + seconds * 10**9
        began, own = time.monotonic_ns(), time.process_time_ns()
        await asyncio.gather(
            *(
                _settle_all(lane, batches(share[1:], batch), ran, until)
                for lane, share in zip(lanes, shares, strict=True)
            )
        )
        ran.nanoseconds = time.monotonic_ns() - began
        ran.own_micros = (time.process_time_ns() - own) // 1000
        for lane in lanes:
            await lane.stop()
        _count(ran, jobs)
        return ran


async def _numbered(ref: str) -> None:
    raise AssertionError(f"{ref} was numbered before the measurement")


def batches(jobs: Sequence[Job], size: int) -> Iterator[list[Job]]:
    """Batches of a size in which nobody is twice; who comes again waits for the next."""
    batch: dict[int, Job] = {}
    later: list[Job] = []
    for job in jobs:
        if job.person_id in batch:
            later.append(job)
            continue
        batch[job.person_id] = job
        if len(batch) == size:
            yield list(batch.values())
            batch = {}
            for waiting in later[:size]:
                batch.setdefault(waiting.person_id, waiting)
            later = [each for each in later if batch.get(each.person_id) is not each]


async def _settle_all(lane: Lane, work: Iterator[list[Job]], ran: Ran, until: int) -> None:
    for batch in work:
        began = time.monotonic_ns()
        if began > until:
            return
        await lane.settle(batch)
        ran.micros.append((time.monotonic_ns() - began) // 1000)


def _count(ran: Ran, jobs: Sequence[Job]) -> None:
    for job in jobs:
        if not job.answer.done():
            continue
        ran.last_bill = max(ran.last_bill, job.visit_no)
        match job.answer.result().verdict:
            case Verdict.DONE:
                ran.settled += 1
                ran.told.append((job.msg_no, job.origin_no))
            case Verdict.REFUSED:
                ran.refused += 1
            case _:
                ran.other += 1
