"""The lane of visits: registrations, changes, charges and purchases in batches of different people.

Like a lane of settlements: one batch in flight, whatever waits is the next; a batch is read in one
round trip, decided in memory, and written by compare-and-set on the people's coverage in one
commit. What somebody moved meanwhile, a loss report before all, is read and decided again. It has a
line of its own, so that money does not wait for it, nor anybody who reports a loss.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import structlog

from minka.desk.care_book import CareBook
from minka.desk.lane import Key, Numbering, OneWriter
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
from minka.store.hot.line import LineBroken, Step
from minka.store.hot.statements import STATEMENTS
from minka.store.queries import query

_OWN = "keys clock visits lines items people tokens write alone"
_SHARED = (b"coverage", b"known", b"settled", b"refuse")
log = structlog.get_logger("minka.visits")


class VisitLane(OneWriter[VisitJob, Heard]):
    """One connection, and the messages about visits whose turn it is on it."""

    busy, unknown = BUSY, UNKNOWN
    most_at_once = 64
    takes_a_turn = True

    def __init__(
        self,
        url: str,
        office: Office,
        book: Callable[[], CareBook],
        number: Numbering,
        *,
        most: int = 2000,
    ) -> None:
        super().__init__(url, book, number, most)
        self._office, self._shelf = office, Shelf()

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

    def _named(self, jobs: Sequence[VisitJob]) -> Sequence[tuple[VisitJob, int, int | Key]]:
        return [(j, j.message.person_id, j.key) for j in jobs if not j.answered]

    def _statements(self) -> Mapping[bytes, bytes]:
        own = {n.encode(): query(f"visit_lane.{n}").as_string(None).encode() for n in _OWN.split()}
        return own | {n: STATEMENTS[n] for n in _SHARED} | {b"settle": STATEMENTS[b"write"]}

    def _say_failed(self, fault: Exception, jobs: int) -> None:
        log.warning("batch_refused", fault=type(fault).__name__, jobs=jobs)

    def _say_gone(self, fault: Exception, job: VisitJob) -> None:
        log.error("message_failed", fault=str(fault)[:60], infno=job.message.infno)

    def _say_broken(self, fault: LineBroken) -> None:
        log.warning("line_broken", fault=str(fault)[:200])


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
