"""The reading of a batch: one round trip, coverage first.

Coverage is read before all else: whatever is committed later than that moves its version, so what
the other statements see can only be too new for the compare-and-set, never too old.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from psycopg.pq.abc import PGresult

from minka.care.entry import Entry
from minka.care.state import Coverage, Earlier, Upload, Visit
from minka.desk.settle_job import Job
from minka.desk.settle_rows import (
    Undoing,
    coverages,
    earlier,
    entries,
    undoings,
    uploads,
    visits,
)
from minka.store.hot.arrays import eight, eights
from minka.store.hot.line import Line, Step

_FOUR_SECONDS = 4_000_000


@dataclass(slots=True)
class Read:
    """What was found for a batch, by place in it counted from one; ``now`` in microseconds."""

    now: int = 0
    coverage: dict[int, Coverage] = field(default_factory=dict)
    known: dict[int, Entry] = field(default_factory=dict)
    said: dict[int, bytes] = field(default_factory=dict)
    """The content of a message that moved no money under the same key."""
    original: dict[int, Entry] = field(default_factory=dict)
    undone: dict[int, list[Undoing]] = field(default_factory=dict)
    visit: dict[int, Visit] = field(default_factory=dict)
    uploads: dict[int, list[Upload]] = field(default_factory=dict)
    earlier: dict[int, list[Earlier]] = field(default_factory=dict)
    number: dict[int, bytes] = field(default_factory=dict)


async def read_batch(line: Line, batch: Sequence[Job], fence: int | None) -> Read:
    """Everything the batch is decided from."""
    steps = _steps(batch)
    results = dict(zip((name for name, _ in steps), await line.run(steps), strict=True))
    found = Read(now=_now(results[b"clock"], fence))
    found.coverage = coverages(results[b"coverage"])
    found.known = entries(results[b"known"])
    found.said = _texts(results[b"said"])
    if b"undoings" in results:
        of = [place for place, job in enumerate(batch, 1) if job.of_msg_no]
        originals = entries(results[b"original"])
        undone = undoings(results[b"undoings"])
        found.original = {of[n - 1]: each for n, each in originals.items()}
        found.undone = {of[n - 1]: each for n, each in undone.items()}
    if b"visit" in results:
        found.visit = visits(results[b"visit"])
        found.uploads = uploads(results[b"uploads"])
        found.earlier = earlier(results[b"settled"])
    if b"numbers" in results:
        found.number = _texts(results[b"numbers"])
    return found


def _steps(batch: Sequence[Job]) -> list[Step]:
    keys = [eights([job.msg_no for job in batch]), eights([job.origin_no for job in batch])]
    people = eights([job.person_id for job in batch])
    steps: list[Step] = [
        (b"clock", ()),
        (b"coverage", (people,)),
        (b"known", keys),
        (b"said", keys),
    ]
    of = [job for job in batch if job.of_msg_no]
    if of:
        undo = [eights([j.of_msg_no for j in of]), eights([j.of_origin_no for j in of])]
        steps += [(b"original", undo), (b"undoings", undo)]
    if any(job.visit_no for job in batch):
        numbers = (eights([job.visit_no for job in batch]),)
        steps += [(b"visit", numbers), (b"uploads", numbers), (b"settled", numbers)]
    if any(job.number_index for job in batch):
        steps.append((b"numbers", (people,)))
    return steps


def _now(result: PGresult, fence: int | None) -> int:
    clock: int = eight.unpack(result.get_value(0, 0) or b"")[0]
    shift: int = eight.unpack(result.get_value(0, 1) or b"")[0]
    if fence is not None:
        clock = max(min(clock, fence), fence - _FOUR_SECONDS)
    return clock + shift


def _texts(result: PGresult) -> dict[int, bytes]:
    value = result.get_value
    return {
        eight.unpack(value(row, 0) or b"")[0]: value(row, 1) or b"" for row in range(result.ntuples)
    }
