"""The reading of a batch of visits: one round trip, coverage first.

Coverage is read before all else that belongs to a person, and the version of the reference data
before the catalogue: what is committed later than that moves the one or the other, so that nothing
is written on what was read too early.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from psycopg.pq.abc import PGresult

from minka.care.decide import Credential
from minka.care.entry import Entry
from minka.care.state import Coverage, Earlier
from minka.cipher.field import FieldKeys
from minka.desk.settle_rows import coverages, earlier, entries
from minka.desk.visit import TOKEN, Showing
from minka.desk.visit_job import Cancel, Change, Purchase, Upload, VisitJob
from minka.desk.visit_terms import Item, Place, Shelf, place_of
from minka.store.connection import Row
from minka.store.hot.arrays import BYTEA, eight, eights, row_of, strings
from minka.store.hot.line import Line, Step
from minka.store.people import number_index

_FOUR_SECONDS = 4_000_000
_TWO, _FOUR = row_of(2).unpack, row_of(4).unpack


class Said(NamedTuple):
    """What was answered under a key before; an empty answer is a tombstone."""

    content_hash: bytes
    answer: bytes


class Someone(NamedTuple):
    """What a visit shows of a person, still sealed, and the index of the number."""

    number_sealed: bytes
    name_mask: str
    number_mask: str
    born_on: str
    number_index: bytes
    chip: bytes
    """The identification code of the chip in the person's card; empty when it was never met."""


@dataclass(slots=True)
class Found:
    """What was found for one message of a batch."""

    now: int
    coverage: Coverage | None = None
    said: Said | None = None
    kind: int = 0
    """Of a row of the journal under the same key."""
    entry: Entry | None = None
    """That row, for a purchase."""
    visit: Row | None = None
    steps: list[Row] = field(default_factory=list)
    uploads: list[Row] = field(default_factory=list)
    earlier: list[Earlier] = field(default_factory=list)
    someone: Someone | None = None
    token: tuple[int, int] = (0, 0)
    """Whom a token stands for, and until when."""
    visit_no: int = 0
    fee_nos: Sequence[int] = ()


class Reading:
    """The steps of one reading, and what takes each result in."""

    def __init__(self, jobs: Sequence[VisitJob], keys: FieldKeys, shelf: Shelf) -> None:
        self.jobs, self._keys, self._shelf = jobs, keys, shelf
        self.found = [Found(0) for _ in jobs]
        self._steps: list[Step] = []
        self._takers: list[Callable[[PGresult], None]] = []

    async def run(self, line: Line, fence: int | None) -> list[Found]:
        """Everything the batch is decided from, in the order of its messages."""
        self._plan(fence)
        for take, result in zip(self._takers, await line.run(self._steps), strict=True):
            take(result)
        return self.found

    def _ask(self, take: Callable[[PGresult], None], name: bytes, *values: bytes) -> None:
        self._steps.append((name, values))
        self._takers.append(take)

    def _plan(self, fence: int | None) -> None:
        jobs = self.jobs
        keys = [eights([job.key[place] for job in jobs]) for place in (0, 1)]
        self._ask(self._coverage, b"coverage", eights([job.message.person_id for job in jobs]))
        self._ask(self._keyed, b"keys", *keys)
        if any(isinstance(job.asked, Purchase) for job in jobs):
            self._ask(self._entries, b"known", *keys)
        self._plan_clock(fence)
        self._plan_visits()
        self._plan_openings()
        self._plan_lines()

    def _plan_clock(self, fence: int | None) -> None:
        opened = self._places(lambda job: job.opening is not None)
        batches = [len({each.batch for each in job.charges}) for job in self.jobs]

        def take(result: PGresult) -> None:
            self._clock(result, fence)
            for at, visit_no in zip(opened, _numbers(octets(result, 0, 3)), strict=True):
                self.found[at].visit_no = visit_no
            fee_nos = iter(_numbers(octets(result, 0, 4)))
            for each, count in zip(self.found, batches, strict=True):
                each.fee_nos = [next(fee_nos) for _ in range(count)]

        self._ask(take, b"clock", eight.pack(len(opened)), eight.pack(sum(batches)))

    def _plan_visits(self) -> None:
        named = self._places(lambda job: bool(job.visit_no))
        if named:
            self._ask(lambda result: self._visits(result, named), b"visits", self._visit_nos(named))
        settled = self._places(lambda job: isinstance(job.asked, Change | Cancel))
        if settled:
            numbers = self._visit_nos(settled)
            self._ask(lambda result: self._earlier(result, settled), b"settled", numbers)
        adding = self._places(lambda job: isinstance(job.asked, Upload))
        if adding:
            self._ask(lambda result: self._lines(result, adding), b"lines", self._visit_nos(adding))

    def _plan_openings(self) -> None:
        opened = self._places(lambda job: job.opening is not None)
        if opened:
            people = eights([self.jobs[at].message.person_id for at in opened])
            self._ask(lambda result: self._people(result, opened), b"people", people)
        tokens = self._places(lambda job: _token(job) is not None)
        if tokens:
            shown = [_token(self.jobs[at]) for at in tokens]
            indexes = [self._keys.index(TOKEN, each.number) for each in shown if each]
            packed = strings(indexes, BYTEA)
            self._ask(lambda result: self._tokens(result, tokens), b"tokens", packed)

    def _plan_lines(self) -> None:
        asked = (
            place_of(charge, job.message.provider)
            for job in self.jobs
            for charge in job.charges
            if not charge.first
        )
        missing = self._shelf.missing(asked)
        if missing:
            areas, codes, days, levels = zip(*missing, strict=True)
            packed = (eights(areas), strings([code.encode() for code in codes]))
            more = (eights(days), eights(levels))
            self._ask(lambda result: self._items(result, missing), b"items", *packed, *more)

    def _visit_nos(self, places: Sequence[int]) -> bytes:
        return eights([self.jobs[at].visit_no for at in places])

    def _places(self, wanted: Callable[[VisitJob], bool]) -> list[int]:
        return [at for at, job in enumerate(self.jobs) if wanted(job)]

    def _clock(self, result: PGresult, fence: int | None) -> None:
        clock = number(result, 0, 0)
        if fence is not None:
            clock = max(min(clock, fence), fence - _FOUR_SECONDS)
        for each in self.found:
            each.now = clock + number(result, 0, 1)
        self._shelf.at_version(number(result, 0, 2))

    def _coverage(self, result: PGresult) -> None:
        for place, each in coverages(result).items():
            self.found[place - 1].coverage = each

    def _keyed(self, result: PGresult) -> None:
        for row in range(result.ntuples):
            found = self.found[number(result, row, 0) - 1]
            if result.get_value(row, 1) is not None:
                found.said = Said(octets(result, row, 1), octets(result, row, 2))
            found.kind = number(result, row, 3) if result.get_value(row, 3) else 0

    def _entries(self, result: PGresult) -> None:
        for place, each in entries(result).items():
            self.found[place - 1].entry = each

    def _visits(self, result: PGresult, named: list[int]) -> None:
        for row, at in _placed(result, named):
            found = _FOUR(octets(result, row, 1))
            self.found[at].visit = {
                "visit_no": self.jobs[at].visit_no,
                **dict(zip(("person_id", "provider_no", "basis", "med_type"), found, strict=True)),
            }
            steps = json.loads(octets(result, row, 2) or b"[]")
            self.found[at].steps = [{"step": step, "details": said} for step, said in steps]

    def _earlier(self, result: PGresult, named: list[int]) -> None:
        for place, each in earlier(result).items():
            self.found[named[place - 1]].earlier = each

    def _people(self, result: PGresult, opened: list[int]) -> None:
        for row, at in _placed(result, opened):
            texts = (text(result, row, 2), text(result, row, 3), text(result, row, 4))
            sealed, last = octets(result, row, 1), (octets(result, row, 5), octets(result, row, 6))
            self.found[at].someone = Someone(sealed, *texts, *last)

    def _tokens(self, result: PGresult, tokens: list[int]) -> None:
        for row, at in _placed(result, tokens):
            self.found[at].token = number(result, row, 1), number(result, row, 2)

    def _lines(self, result: PGresult, adding: list[int]) -> None:
        for row, at in _placed(result, adding):
            fee_no, counters = _TWO(octets(result, row, 1))
            lines: list[dict[str, Any]] = json.loads(octets(result, row, 3))
            self.found[at].uploads.append(
                {
                    "fee_no": fee_no,
                    "counters": counters,
                    "batch": text(result, row, 2),
                    "lines": lines,
                }
            )

    def _items(self, result: PGresult, missing: list[Place]) -> None:
        read: dict[Place, Item | None] = dict.fromkeys(missing)
        for row, at in _placed(result, range(len(missing))):
            limit = number(result, row, 3)
            ratios = dict(divmod(each, 100_000) for each in _numbers(octets(result, row, 4)))
            read[missing[at]] = Item(
                number(result, row, 1), text(result, row, 2), None if limit < 0 else limit, ratios
            )
        self._shelf.keep(read)


def _token(job: VisitJob) -> Showing | None:
    opening = job.opening
    shown = opening.showing if opening else None
    return shown if shown and shown.credential == Credential.TOKEN else None


def _placed(result: PGresult, named: Sequence[int]) -> Iterable[tuple[int, int]]:
    """Each row of a result, and where in the batch its message stands."""
    for row in range(result.ntuples):
        yield row, named[number(result, row, 0) - 1]


def number(result: PGresult, row: int, column: int) -> int:
    """An integer of eight bytes, or an instant."""
    found: int = eight.unpack(result.get_value(row, column) or b"")[0]
    return found


def octets(result: PGresult, row: int, column: int) -> bytes:
    """Bytes."""
    return result.get_value(row, column) or b""


def text(result: PGresult, row: int, column: int) -> str:
    """A text."""
    return octets(result, row, column).decode()


def _numbers(packed: bytes) -> Sequence[int]:
    """An array of integers of any length; its number of dimensions stands first."""
    if not packed[3]:
        return ()
    return row_of(int.from_bytes(packed[12:16], "big")).unpack(packed)


def whose(keys: FieldKeys, showing: Showing, found: Found, at: int) -> int:
    """The person a credential names, of those that were read; nought for anybody else."""
    coverage, someone = found.coverage, found.someone
    if showing.credential == Credential.TOKEN:
        return found.token[0] if at < found.token[1] else 0
    if coverage is None or someone is None:
        return 0
    same = number_index(keys, showing.number) == someone.number_index
    return coverage.person_id if same else 0
