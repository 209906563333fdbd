"""The lane of visits: registrations, changes, charges and purchases in batches of different people.

Like a lane of settlements: one batch in flight, whatever waits is the next; a batch is read in one
round trip, decided in memory, and written by compare-and-set on the people's coverage in one
commit. What somebody moved meanwhile, a loss report before all, is read and decided again. It has a
line of its own, so that money does not wait for it, nor anybody who reports a loss.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from struct import error

import psycopg
import structlog

from minka.desk.care_book import CareBook
from minka.desk.office import Office
from minka.desk.settle_rows import keys_of
from minka.desk.settle_rows import refused as refusals
from minka.desk.settle_rows import written as settlements
from minka.desk.settle_think import Kept, Move, Unnumbered
from minka.desk.visit_buy import Bought
from minka.desk.visit_buy import think as think_purchase
from minka.desk.visit_job import BUSY, UNKNOWN, Heard, Purchase, VisitJob
from minka.desk.visit_read import Found, Reading
from minka.desk.visit_rows import Answered, Written, alone, written
from minka.desk.visit_terms import Shelf, Unread
from minka.desk.visit_think import Case, think
from minka.store.hot.arrays import instant
from minka.store.hot.line import Line, LineBroken, StatementRefused, Step
from minka.store.hot.statements import SETTINGS, STATEMENTS
from minka.store.queries import query

BATCH = 64
TRIES = 50
BUGS = (ArithmeticError, AssertionError, LookupError, TypeError, ValueError, psycopg.Error, error)
"""One message that nobody foresaw must not stop the lane: its batch goes on one by one."""
_OWN = "keys clock visits lines items people tokens write alone"
_SHARED = (b"coverage", b"known", b"settled", b"refuse")
log = structlog.get_logger("minka.visits")

Numbering = Callable[[str], Awaitable[None]]
"""Gives a rule version its number in the book."""


def _statements() -> dict[bytes, bytes]:
    own = {n.encode(): query(f"visit_lane.{n}").as_string(None).encode() for n in _OWN.split()}
    return own | {n: STATEMENTS[n] for n in _SHARED} | {b"settle": STATEMENTS[b"write"]}


class VisitLane:
    """One connection, and the messages about visits whose turn it is on it."""

    def __init__(
        self,
        url: str,
        office: Office,
        book: Callable[[], CareBook],
        number: Numbering,
        *,
        most: int = 2000,
    ) -> None:
        self._url, self._office, self._book, self._number = url, office, book, number
        self._most, self._shelf = most, Shelf()
        self._waiting: deque[VisitJob] = deque()
        self._busy = asyncio.Event()
        self._line: Line | None = None
        self._task: asyncio.Task[None] | None = None
        self._writing = 0

    def start(self) -> None:
        """Begin to take what waits."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Take nothing further; what waits is answered busy, for nothing was booked."""
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        _tell_all(self._waiting, BUSY)
        if self._line:
            self._line.close()

    def put(self, job: VisitJob) -> None:
        """Take a message, or answer at once that too many wait: busy, nothing booked."""
        if len(self._waiting) >= self._most:
            job.tell(BUSY)
        else:
            self._waiting.append(job)
            self._busy.set()

    async def _run(self) -> None:
        while True:
            if not self._waiting:
                self._busy.clear()
                await self._busy.wait()
            await asyncio.sleep(0)  # what came in the same turn of the loop belongs to the batch
            batch = self._take()
            try:
                await self._whole_or_single(batch)
            except LineBroken as fault:
                log.warning("line_broken", fault=str(fault)[:200])
                await self._broken(batch)

    async def _whole_or_single(self, batch: Sequence[VisitJob]) -> None:
        try:
            await self.do(batch)
        except (StatementRefused, *BUGS) as fault:
            log.warning("batch_refused", fault=type(fault).__name__, jobs=len(batch))
            await self._one_by_one(batch)

    def _take(self) -> list[VisitJob]:
        """What waits, each person and each key once; the second waits for the next batch."""
        batch: list[VisitJob] = []
        later: list[VisitJob] = []
        seen: set[int | tuple[int, int]] = set()
        while self._waiting and len(batch) < BATCH:
            job = self._waiting.popleft()
            if job.heard is not None:
                continue
            if job.message.person_id in seen or job.key in seen:
                later.append(job)
            else:
                seen |= {job.message.person_id, job.key}
                batch.append(job)
        self._waiting.extendleft(reversed(later))
        return batch

    async def do(self, batch: Sequence[VisitJob]) -> None:
        """Read, decide and write a batch; every message is answered or goes back into the lane."""
        self._writing = 0
        line = self._line or self._connect()
        fence = self._office.fence()
        reading = Reading(batch, self._office.keys, self._shelf)
        found = await reading.run(line, None if fence is None else instant(fence))
        thoughts = await self._think(batch, found)
        stands: set[tuple[int, int]] = set()
        for steps in (_money(thoughts), _plain(thoughts)):
            self._writing |= len(steps)
            for result in await line.run(steps) if steps else ():
                stands |= keys_of(result)
        self._tell(thoughts, stands)

    async def _think(
        self, batch: Sequence[VisitJob], found: Sequence[Found]
    ) -> list[tuple[VisitJob, Bought]]:
        thoughts = []
        for job, each in zip(batch, found, strict=True):
            case = Case(job, each, self._book(), self._shelf, self._office.keys)
            try:
                thoughts.append((job, _thought(case)))
            except Unread:
                self._again(job)
            except Unnumbered as missing:
                await self._number(missing.args[0])
                self._again(job)
        return thoughts

    def _tell(
        self, thoughts: Iterable[tuple[VisitJob, Bought]], stands: set[tuple[int, int]]
    ) -> None:
        for job, bought in thoughts:
            if (bought.thought.written or bought.money) is None or job.key in stands:
                job.tell(bought.thought.heard)
            else:
                self._again(job)

    def _again(self, job: VisitJob) -> None:
        """Somebody moved what it stands on: read and decide again, ahead of the others."""
        job.tries += 1
        if job.tries > TRIES:
            job.tell(BUSY)
        else:
            self._waiting.appendleft(job)

    async def _one_by_one(self, batch: Sequence[VisitJob]) -> None:
        for job in batch:
            if job.heard is not None:
                continue
            try:
                await self.do([job])
            except (StatementRefused, *BUGS) as fault:
                log.error("message_failed", fault=str(fault)[:60], infno=job.message.infno)
                job.tell(UNKNOWN)

    async def _broken(self, batch: Sequence[VisitJob]) -> None:
        """The line broke: while writing, nobody can say what stands until it is asked again."""
        if self._line is not None:
            self._line.close()
            self._line = None
        _tell_all(batch, UNKNOWN if self._writing else BUSY)
        _tell_all(self._waiting, BUSY)
        self._waiting.clear()
        await asyncio.sleep(0.2)

    def _connect(self) -> Line:
        self._line = Line(self._url, _statements(), SETTINGS)
        return self._line


def _thought(case: Case) -> Bought:
    asked = case.job.asked
    return think_purchase(case, asked) if isinstance(asked, Purchase) else Bought(think(case))


def _money(thoughts: Iterable[tuple[VisitJob, Bought]]) -> list[Step]:
    """Settlements of purchases, then their visits and lines: one commit, rows by person."""
    bought = [each for _, each in thoughts if isinstance(each.money, Move)]
    if not bought:
        return []
    bought.sort(key=lambda each: each.money.entry.person_id if each.money else 0)
    moves = [(m.entry, m.now) for each in bought if isinstance(m := each.money, Move)]
    rows = [w for each in bought if isinstance(w := each.thought.written, Written)]
    return [(b"settle", settlements(moves)), (b"write", written(rows))]


def _plain(thoughts: Iterable[tuple[VisitJob, Bought]]) -> list[Step]:
    """Everything else, in one commit, rows by person: nobody waits for another in a circle."""
    rows = [
        w
        for _, each in thoughts
        if isinstance(w := each.thought.written, Written) and each.money is None
    ]
    rows.sort(key=lambda each: each.answered.person_id)
    kept = [each.money.entry for _, each in thoughts if isinstance(each.money, Kept)]
    nobodies = [w for _, each in thoughts if isinstance(w := each.thought.written, Answered)]
    steps: list[Step] = [(b"write", written(rows))] if rows else []
    if kept:
        steps.append((b"refuse", refusals(kept)))
    if nobodies:
        steps.append((b"alone", alone(nobodies)))
    return steps


def _tell_all(jobs: Iterable[VisitJob], heard: Heard) -> None:
    for job in jobs:
        job.tell(heard)
