"""A lane: one writer for a share of the people, one batch in flight, whatever waits is the next.

A batch is read in one round trip, decided in memory, and written by one compare-and-set statement
in one commit; nothing is decided on a row that somebody moved meanwhile: such a request is read and
decided again. One person is in a batch once. A batch the register refuses is written one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import structlog

from minka.care.entry import Entry
from minka.desk.care_book import CareBook
from minka.desk.lane import Key, Numbering, OneWriter
from minka.desk.settle_job import Job, Outcome, Verdict
from minka.desk.settle_read import Read, read_batch
from minka.desk.settle_rows import Now, keys_of, refused, written
from minka.desk.settle_think import Kept, Move, Thought, Unnumbered, think
from minka.store.hot.line import StatementRefused, Step
from minka.store.hot.statements import STATEMENTS

BUSY, UNKNOWN = Outcome(Verdict.BUSY), Outcome(Verdict.UNKNOWN)
log = structlog.get_logger("minka.lane")


class Lane(OneWriter[Job, Outcome]):
    """One connection and the people whose turn it is on it."""

    busy, unknown = BUSY, UNKNOWN
    most_at_once = 128

    def __init__(
        self,
        url: str,
        book: Callable[[], CareBook],
        number: Numbering,
        *,
        fence: Callable[[], int | None] = lambda: None,
        most: int = 2000,
    ) -> None:
        super().__init__(url, book, number, most)
        self._fence = fence

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

    do = settle

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

    def _named(self, jobs: Sequence[Job]) -> Sequence[tuple[Job, int, int | Key]]:
        return [
            (j, j.person_id, (j.msg_no, j.origin_no) if j.msg_no else j.person_id) for j in jobs
        ]

    def _statements(self) -> Mapping[bytes, bytes]:
        return STATEMENTS

    def _say_failed(self, fault: Exception, jobs: int) -> None:
        if isinstance(fault, StatementRefused):
            log.warning("batch_refused", state=fault.state, jobs=jobs)
        else:
            log.error("batch_failed", bug=type(fault).__name__, jobs=jobs, exc_info=fault)

    def _say_gone(self, fault: Exception, job: Job) -> None:
        log.error("request_failed", fault=str(fault)[:100], infno=job.infno)


def _person(move: tuple[Entry, Now]) -> int:
    return move[0].person_id
