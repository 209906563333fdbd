"""A file on its way into the register: chunk by chunk, each one commit, once and only once.

The numbers of the chunks that are in stand beside their rows in the register. So a run that was
killed goes on where it stopped, two runs of one file take turns, and nothing is written twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any

from psycopg.errors import UniqueViolation

from minka.desk.office import Office
from minka.doors.files import mapping
from minka.doors.files.agencies import Agencies, read_place
from minka.doors.files.cards import Cards, read_card
from minka.doors.files.cells import Plan
from minka.doors.files.intake import CONTENT, Decided, Intake, ReadChunk, read_chunk
from minka.doors.files.mapping import Dialect
from minka.doors.files.persons import Persons, read_person
from minka.doors.files.refusals import FileFault, FileRefusal
from minka.doors.files.source import RawRow, Table, open_table
from minka.doors.files.workers import Crew, chunked
from minka.kit.clock import china_text
from minka.kit.secret import Clear
from minka.store import bulk, cards, journal
from minka.store.bulk import ChunkEnd, Opening, RowEnd, Run
from minka.store.connection import Connection, RegisterAway

CHUNK_ROWS = 5000
TRIES = 5
READERS = {"persons": read_person, "cards": read_card, "agencies": read_place}


class Mode(Enum):
    """What an import may do."""

    REAL = "real"
    RESUME = "resume"
    DRY = "dry"


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for: a file of one kind of rows, how it is written, and by whom."""

    kind: str
    path: Path
    mapping: str = ""
    """A name, a file, or empty for the first of our own that fits."""
    region: str = ""
    mode: Mode = Mode.REAL
    actor: str = "cli"
    chunk_rows: int = CHUNK_ROWS


@dataclass(slots=True)
class Arrival:
    """What became of a file."""

    order: Order
    table: Table
    dialect: Dialect
    run: Run | None
    """None for a dry run."""
    counts: Counter[str] = field(default_factory=Counter)
    """Rows of the whole run by outcome; ``warned`` beside them."""
    added_now: int = 0
    """Rows this command added; less than ``counts`` after a resume."""
    refused: list[RowEnd] = field(default_factory=list)
    ignored: tuple[str, ...] = ()
    """Columns the mapping does not read."""

    @property
    def rows(self) -> int:
        """Rows with an end."""
        return sum(self.counts[name] for name in ("added", "known", "repeated", "refused"))


Advance = Callable[[int], None]
"""Told how many more rows have an end."""


def bring_in(
    office: Office, order: Order, crew: Crew, *, advance: Advance = lambda _: None
) -> Arrival:
    """Bring a file in. Faults: ``FileFault`` for the file, ``RegisterAway`` mapped to one."""
    table = open_table(order.path)
    chosen = _dialect(order, table)
    plan = _plan(office, order, table, chosen)
    run = None if order.mode is Mode.DRY else _run(office, order, table, chosen)
    arrival = Arrival(order, table, chosen, run, ignored=_ignored(table, chosen))
    work = _Work(office, arrival, _intake(office, plan), crew, plan, advance)
    try:
        work.all_chunks()
    except RegisterAway:
        raise FileFault(FileRefusal.AWAY, rows=arrival.rows) from None
    except BrokenProcessPool:
        raise FileFault(FileRefusal.WORKER_GONE, rows=arrival.rows) from None
    return arrival


@dataclass(slots=True)
class _Work:
    office: Office
    arrival: Arrival
    intake: Intake
    crew: Crew
    plan: Plan
    advance: Advance
    done: set[int] = field(default_factory=set)

    def all_chunks(self) -> None:
        """Every chunk that is not in yet, in the order of the file; then the end of the run."""
        run = self.arrival.run
        if run is not None:
            with self.office.register.act() as connection:
                self.done = bulk.chunks_done(connection, run)
        task = partial(_read, self.plan, self.arrival.order.kind)
        for chunk in self.crew.each(task, self._waiting()):
            ends = self._dry(chunk) if run is None else self._real(run, chunk)
            self.arrival.counts.update(_counts(ends))
            self.advance(len(ends))
        if run is not None:
            self._end(run)

    def _waiting(self) -> Iterator[tuple[int, Sequence[RawRow]]]:
        rows = self.arrival.run.chunk_rows if self.arrival.run else self.arrival.order.chunk_rows
        for seq, chunk in chunked(self.arrival.table.rows(), rows):
            if seq in self.done:
                self.advance(len(chunk))
            else:
                yield seq, chunk

    def _dry(self, chunk: ReadChunk) -> list[RowEnd]:
        with self.office.register.act() as connection:
            bulk.patient(connection)
            at = cards.now(connection, self.office.fence())
            decided = self.intake.decide(connection, 0, chunk, at)
            connection.rollback()
        self.intake.remember(decided)
        self.arrival.refused += [end for end in decided.ends if end.outcome == "refused"]
        return _all_ends(decided)

    def _real(self, run: Run, chunk: ReadChunk) -> list[RowEnd]:
        """A chunk in one commit, tried again when somebody else wrote one of its rows."""
        for left in reversed(range(TRIES)):
            try:
                return self._commit(run, chunk)
            except (UniqueViolation, RegisterAway):
                if not left:
                    raise
        raise AssertionError("a chunk is committed or its fault is raised")

    def _commit(self, run: Run, chunk: ReadChunk) -> list[RowEnd]:
        with self.office.register.act() as connection:
            bulk.patient(connection)
            bulk.one_at_a_time(connection, f"{run.run_id} {chunk.seq}")
            if bulk.is_done(connection, run, chunk.seq):
                return []
            at = cards.now(connection, self.office.fence())
            decided = self.intake.decide(connection, run.run_id, chunk, at)
            added = self.intake.write(connection, run, decided, at) if decided.new else []
            ends = sorted([*decided.ends, *added], key=lambda end: end.line)
            self._record(connection, run, (chunk, ends), at)
        self.arrival.added_now += len(added)
        return ends

    def _record(
        self, connection: Connection, run: Run, taken: tuple[ReadChunk, list[RowEnd]], at: Any
    ) -> None:
        chunk, ends = taken
        counts = _counts(ends)
        closed = ChunkEnd(chunk.seq, chunk.first_line, chunk.last_line, counts, chunk.content_index)
        bulk.record(connection, run, closed, ends, at=at)
        event = {
            "run": run.run_id,
            "kind": self.arrival.order.kind,
            "chunk": chunk.seq,
            "lines": [chunk.first_line, chunk.last_line],
            "content": chunk.content_index.hex(),
            **counts,
        }
        journal.audit(connection, "import", self.arrival.order.actor, event, at=at)

    def _end(self, run: Run) -> None:
        with self.office.register.act() as connection:
            bulk.patient(connection)
            at = cards.now(connection, self.office.fence())
            totals = bulk.end(connection, run, at=at)
            self.arrival.refused = bulk.refusals(connection, run)
        self.arrival.counts = Counter({name: totals[name] for name in _NAMES})


_NAMES = ("added", "known", "repeated", "refused", "warned")


def _read(plan: Plan, kind: str, keys: Any, numbered: tuple[int, Sequence[RawRow]]) -> ReadChunk:
    """A chunk read in a worker."""
    return read_chunk(plan, keys, READERS[kind], numbered)


def _all_ends(decided: Decided) -> list[RowEnd]:
    """The ends of a dry chunk; a new draft counts as added."""
    return [*decided.ends, *(RowEnd(e.line, "added", code=e.warning) for e in decided.new)]


def _counts(ends: Sequence[RowEnd]) -> dict[str, int]:
    found = Counter([end.outcome for end in ends])
    warned = sum([1 for end in ends if end.code and end.outcome == "added"])
    return {**{name: found[name] for name in _NAMES}, "warned": warned}


def _dialect(order: Order, table: Table) -> Dialect:
    if not order.mapping:
        chosen = mapping.fitting(order.kind, table.head)
    else:
        chosen = mapping.dialect(order.kind, order.mapping)
    if chosen.missing(table.head):
        raise mapping.lacking(chosen, table.head)
    seen: set[str] = set()
    read = _read_columns(chosen)
    for name in map(mapping.plain, table.head):
        if name in seen and name in read:
            raise FileFault(FileRefusal.TWICE, column=name)
        seen.add(name)
    return chosen


def _read_columns(chosen: Dialect) -> set[str]:
    fields = {mapping.plain(n) for names in chosen.part.fields.values() for n in names}
    return fields | {mapping.plain(codes.column) for codes in chosen.part.codes}


def _ignored(table: Table, chosen: Dialect) -> tuple[str, ...]:
    used = {*chosen.columns(table.head).values(), *(c.at for c in chosen.codes(table.head))}
    return tuple(name for at, name in enumerate(table.head) if at not in used and name.strip())


def _plan(office: Office, order: Order, table: Table, chosen: Dialect) -> Plan:
    with office.register.act() as connection:
        at = cards.now(connection, office.fence())
    laws = [office.law(region, at) for region in office.book().regions]
    known: Mapping[str, str] = {law.id: law.id for law in laws}
    codes = {law.administrative_code: law.id for law in laws if law.administrative_code}
    region = {**codes, **known}.get(order.region, "") if order.region else ""
    if order.region and not region:
        raise FileFault(FileRefusal.NO_REGION, region=order.region, known=", ".join(known))
    columns = chosen.columns(table.head)
    return Plan(
        kind=order.kind,
        head=table.head,
        columns=columns,
        codes=chosen.codes(table.head),
        defaults=dict(chosen.part.defaults),
        regions={**codes, **known},
        card_kinds={law.id: law.card_kind for law in laws},
        region=region,
        column_names={name: table.head[at].strip() for name, at in columns.items()},
    )


def _intake(office: Office, plan: Plan) -> Intake:
    if plan.kind == "persons":
        return Persons(plan)
    with office.register.act() as connection:
        banks = bulk.banks(connection)
    return Cards(plan, banks) if plan.kind == "cards" else Agencies(plan, banks)


def _run(office: Office, order: Order, table: Table, chosen: Dialect) -> Run:
    """The run of a file: the one that was begun, or a new one. Faults: begun, and not resumed."""
    told = f"{order.kind}\x1f{order.region}\x1f{chosen.part!r}\x1f{table.digest.hex()}"
    file_index = office.keys.index(CONTENT, Clear(told))
    opening = Opening(
        kind=order.kind,
        file_index=file_index,
        mapping=chosen.name,
        region=order.region,
        by=order.actor,
        chunk_rows=order.chunk_rows,
    )
    with office.register.act() as connection:
        bulk.patient(connection)
        bulk.one_at_a_time(connection, file_index.hex())
        last = bulk.last_run(connection, file_index)
        if last is not None and order.mode is Mode.RESUME:
            return last
        if last is not None and last.ended_at is None:
            begun = china_text(last.started_at)
            raise FileFault(FileRefusal.BEGUN, started=begun, rows=last.rows)
        return bulk.begin(connection, opening, cards.now(connection, office.fence()))
