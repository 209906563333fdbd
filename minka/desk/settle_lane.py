"""A lane: one writer for a share of the people, one batch in flight, whatever waits is the next.

A batch is read in one round trip, decided in memory, and written by one compare-and-set statement
in one commit; nothing is decided on a row that somebody moved meanwhile: such a request is read and
decided again. One person is in a batch once. A batch the register refuses is written one by one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from struct import error

import psycopg
import structlog

from minka.care.entry import Entry
from minka.desk.care_book import CareBook
from minka.desk.settle_job import Job, Outcome, Verdict
from minka.desk.settle_read import Read, read_batch
from minka.desk.settle_rows import Now, keys_of, refused, written
from minka.desk.settle_think import Kept, Move, Thought, Unnumbered, think
from minka.store.hot.line import Line, LineBroken, StatementRefused, Step
from minka.store.hot.statements import SETTINGS, STATEMENTS

BUGS = (ArithmeticError, AssertionError, LookupError, TypeError, ValueError, psycopg.Error, error)
"""One request that nobody foresaw must not stop the writer: its batch goes on one by one."""
BATCH = 128
TRIES = 50
BUSY, UNKNOWN = Outcome(Verdict.BUSY), Outcome(Verdict.UNKNOWN)
log = structlog.get_logger("minka.lane")

Numbering = Callable[[str], Awaitable[None]]
"""Gives a rule version its number in the book."""


class Lane:
    """One connection and the people whose turn it is on it."""

    def __init__(
        self,
        url: str,
        book: Callable[[], CareBook],
        number: Numbering,
        *,
        fence: Callable[[], int | None] = lambda: None,
        most: int = 2000,
    ) -> None:
        self._url, self._book, self._number = url, book, number
        self._fence, self._most = fence, most
        self._waiting: deque[Job] = deque()
        self._busy = asyncio.Event()
        self._line: Line | None = None
        self._task: asyncio.Task[None] | None = None
        self._writing = 0

    def start(self) -> None:
        """Begin to take what waits."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Answer nobody further; what waits is answered busy, for nothing was booked."""
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        _answer_all(self._waiting, BUSY)
        if self._line:
            self._line.close()

    def put(self, job: Job) -> None:
        """Take a request, or answer at once that too many wait: busy, nothing booked."""
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
            batch = self._take()
            try:
                await self._whole_or_single(batch)
            except LineBroken:
                await self._broken(batch)

    async def _whole_or_single(self, batch: Sequence[Job]) -> None:
        try:
            await self.settle(batch)
        except StatementRefused as fault:
            log.warning("batch_refused", state=fault.state, jobs=len(batch))
            await self._one_by_one(batch)
        except BUGS as bug:
            log.error("batch_failed", bug=type(bug).__name__, jobs=len(batch), exc_info=True)
            await self._one_by_one(batch)

    def _take(self) -> list[Job]:
        """What waits, each person and each key once; the second waits for the next batch."""
        batch: list[Job] = []
        later: list[Job] = []
        seen: set[int | tuple[int, int]] = set()
        while self._waiting and len(batch) < BATCH:
            job = self._waiting.popleft()
            key = (job.msg_no, job.origin_no) if job.msg_no else job.person_id
            if job.person_id in seen or key in seen:
                later.append(job)
            else:
                seen.add(job.person_id)
                seen.add(key)
                batch.append(job)
        self._waiting.extendleft(reversed(later))
        return batch

    async def settle(self, batch: Sequence[Job]) -> None:
        """Read, decide and write a batch; every job gets its answer or goes back into the lane."""
        self._writing = 0
        line = self._line or self._connect()
        read = await read_batch(line, batch, self._fence())
        thoughts = await self._think(batch, read)
        moves = [(w.entry, w.now) for _, t in thoughts if isinstance(w := t.what, Move)]
        moves.sort(key=_person)  # every batch of every process locks people in one order
        kept = [w.entry for _, t in thoughts if isinstance(w := t.what, Kept)]
        steps: list[Step] = []
        if moves:
            steps.append((b"write", written(moves)))
        if kept:
            steps.append((b"refuse", refused(kept)))
        stands: set[tuple[int, int]] = set()
        self._writing = len(steps)
        for result in await line.run(steps) if steps else ():
            stands |= keys_of(result)
        self._tell(thoughts, stands)

    async def _think(self, batch: Sequence[Job], read: Read) -> list[tuple[Job, Thought]]:
        book, thoughts = self._book(), []
        for place, job in enumerate(batch, 1):
            try:
                thoughts.append((job, think(job, read, place, book)))
            except Unnumbered as missing:
                await self._number(missing.args[0])
                self._again(job)
        return thoughts

    def _tell(self, thoughts: Iterable[tuple[Job, Thought]], stands: set[tuple[int, int]]) -> None:
        for job, thought in thoughts:
            if isinstance(thought.what, Outcome):
                outcome = thought.what
            elif thought.key in stands:
                outcome = thought.outcome
            else:
                self._again(job)
                continue
            job.tell(outcome)

    def _again(self, job: Job) -> None:
        """Somebody moved the row since it was read: read and decide again, ahead of the others."""
        job.tries += 1
        if job.tries > TRIES:
            job.tell(BUSY)
        else:
            self._waiting.appendleft(job)

    async def _one_by_one(self, batch: Sequence[Job]) -> None:
        for job in batch:
            if job.outcome is not None:
                continue
            try:
                await self.settle([job])
            except (StatementRefused, *BUGS) as fault:
                log.error("request_failed", fault=str(fault)[:100], infno=job.infno)
                job.tell(UNKNOWN)

    async def _broken(self, batch: Sequence[Job]) -> None:
        """The line broke: while writing, nobody can say what stands until it is asked again."""
        if self._line is not None:
            self._line.close()
            self._line = None
        _answer_all(batch, UNKNOWN if self._writing else BUSY)
        _answer_all(self._waiting, BUSY)
        self._waiting.clear()
        await asyncio.sleep(0.2)

    def _connect(self) -> Line:
        self._line = Line(self._url, STATEMENTS, SETTINGS)
        return self._line


def _person(move: tuple[Entry, Now]) -> int:
    return move[0].person_id


def _answer_all(jobs: Iterable[Job], outcome: Outcome) -> None:
    for job in jobs:
        job.tell(outcome)
