"""What every lane does: whatever waits is the next batch, and everybody is told how it went.

One batch is in flight. A batch the register refuses, or that a bug stops, is done one by one. What
somebody moved meanwhile goes back into the lane ahead of the others. Of a line that broke while a
batch was written nobody knows what stands: the batch is told so, and the others that they may try
again. What a batch is, and how it is read, decided and written, each kind of lane says itself.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from struct import error
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

import psycopg

from minka.desk.care_book import CareBook
from minka.store.hot.line import Line, LineBroken, StatementRefused
from minka.store.hot.statements import SETTINGS

BUGS = (ArithmeticError, AssertionError, LookupError, TypeError, ValueError, psycopg.Error, error)
"""One request that nobody foresaw must not stop the lane: its batch goes on one by one."""
TRIES = 50

Key: TypeAlias = tuple[int, int]
"""The number of a message and of its origin."""
Numbering = Callable[[str], Awaitable[None]]
"""Gives a rule version its number in the book."""


class Waiting(Protocol):
    """A request on its way through a lane."""

    tries: int

    @property
    def answered(self) -> bool:
        """Whether it has its answer."""

    def tell(self, answer: Any, /) -> None:
        """Give the answer; a second one is not heard."""


W = TypeVar("W", bound=Waiting)
A = TypeVar("A")


class OneWriter(ABC, Generic[W, A]):
    """One connection, the requests ``W`` whose turn it is on it, and their answers ``A``."""

    busy: A
    """The answer of which nothing was booked: it may be asked again."""
    unknown: A
    """The answer when nobody can say what stands: it can be asked again under the same key."""
    most_at_once: int
    """Requests of one batch."""
    takes_a_turn: bool = False
    """Whether what comes in the same turn of the loop still belongs to the batch."""

    def __init__(
        self, url: str, book: Callable[[], CareBook], number: Numbering, most: int
    ) -> None:
        self._url, self._book, self._number, self._most = url, book, number, most
        self._waiting: deque[W] = deque()
        self._busy = asyncio.Event()
        self._line: Line | None = None
        self._task: asyncio.Task[None] | None = None
        self._writing = 0

    @abstractmethod
    async def do(self, batch: Sequence[W]) -> None:
        """Read, decide and write a batch; every request is answered or goes back into the lane.

        ``_writing`` is nought until something was sent that may stand.
        """

    @abstractmethod
    def _named(self, jobs: Sequence[W]) -> Sequence[tuple[W, int, int | Key]]:
        """Each request with its person and its key, which no other of the batch may name.

        A request without a key gives its person twice; one that needs no turn is left out.
        """

    @abstractmethod
    def _statements(self) -> Mapping[bytes, bytes]:
        """The statements of its line."""

    @abstractmethod
    def _say_failed(self, fault: Exception, jobs: int) -> None:
        """Log a batch that is done one by one now."""

    @abstractmethod
    def _say_gone(self, fault: Exception, job: W) -> None:
        """Log a request that failed by itself."""

    def _say_broken(self, fault: LineBroken) -> None:
        """Log a line that broke; a lane may have no word for it."""

    def start(self) -> None:
        """Begin to take what waits."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Answer nobody further; what waits is answered busy, for nothing was booked."""
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self._answer_all(self._waiting, self.busy)
        if self._line:
            self._line.close()

    def put(self, job: W) -> None:
        """Take a request, or answer at once that too many wait: busy, nothing booked."""
        if len(self._waiting) >= self._most:
            job.tell(self.busy)
        else:
            self._waiting.append(job)
            self._busy.set()

    async def _run(self) -> None:
        while True:
            if not self._waiting:
                self._busy.clear()
                await self._busy.wait()
            if self.takes_a_turn:
                await asyncio.sleep(0)
            batch = self._take()
            try:
                await self._whole_or_single(batch)
            except LineBroken as fault:
                self._say_broken(fault)
                await self._broken(batch)

    async def _whole_or_single(self, batch: Sequence[W]) -> None:
        try:
            await self.do(batch)
        except (StatementRefused, *BUGS) as fault:
            self._say_failed(fault, len(batch))
            await self._one_by_one(batch)

    def _take(self) -> list[W]:
        """What waits, each person and each key once; the second waits for the next batch."""
        batch: list[W] = []
        later: list[W] = []
        seen: set[int | Key] = set()
        while self._waiting and (room := self.most_at_once - len(batch)):
            first = [self._waiting.popleft() for _ in range(min(room, len(self._waiting)))]
            for job, person, key in self._named(first):
                if person in seen or key in seen:
                    later.append(job)
                else:
                    seen.add(person)
                    seen.add(key)
                    batch.append(job)
        self._waiting.extendleft(reversed(later))
        return batch

    def _again(self, job: W) -> None:
        """Somebody moved what it stands on: read and decide again, ahead of the others."""
        job.tries += 1
        if job.tries > TRIES:
            job.tell(self.busy)
        else:
            self._waiting.appendleft(job)

    async def _one_by_one(self, batch: Sequence[W]) -> None:
        for job in batch:
            if job.answered:
                continue
            try:
                await self.do([job])
            except (StatementRefused, *BUGS) as fault:
                self._say_gone(fault, job)
                job.tell(self.unknown)

    async def _broken(self, batch: Sequence[W]) -> None:
        """The line broke: while writing, nobody can say what stands until it is asked again."""
        if self._line is not None:
            self._line.close()
            self._line = None
        self._answer_all(batch, self.unknown if self._writing else self.busy)
        self._answer_all(self._waiting, self.busy)
        self._waiting.clear()
        await asyncio.sleep(0.2)

    def _connect(self) -> Line:
        self._line = Line(self._url, self._statements(), SETTINGS)
        return self._line

    def _answer_all(self, jobs: Iterable[W], answer: A) -> None:
        for job in jobs:
            job.tell(answer)
