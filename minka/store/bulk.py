"""A whole register written and read in chunks: one transaction, one entry of progress each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from psycopg.rows import tuple_row

from minka.cards.card import LIFE, AtLapse, Move, Status
from minka.store.bulk_lines import (
    NULL,
    CardLine,
    PersonLine,
    array_of,
    big_field,
    big_fields,
    byte_field,
    copy_in,
    count,
    instant_field,
    int_field,
    text_field,
)
from minka.store.connection import Connection, Row, do, insert, row, rows, the_row
from minka.store.queries import query

WAYS: Mapping[Status, tuple[Move, ...]] = {
    Status.ORDERED: (Move.ORDER,),
    Status.MADE: (Move.ORDER, Move.MAKE),
    Status.READY: (Move.ORDER, Move.MAKE, Move.STOCK),
    Status.SEALED: (Move.ORDER, Move.MAKE, Move.STOCK, Move.COLLECT),
    Status.ACTIVE: (Move.ORDER, Move.MAKE, Move.STOCK, Move.COLLECT, Move.ACTIVATE),
    Status.CANCELLED: (
        *(Move.ORDER, Move.MAKE, Move.STOCK, Move.COLLECT, Move.ACTIVATE),
        Move.CANCEL,
    ),
    Status.DESTROYED: (Move.ORDER, Move.MAKE, Move.STOCK, Move.DESTROY),
}
"""The moves that lead a card of another register to where it stands."""

SEALED_COLUMNS = (
    *("number_index", "region", "number_sealed", "number_mask", "name_sealed", "name_index"),
    *("name_mask", "phone_sealed", "phone_mask", "member_number", "employer_id", "born_on"),
    *("photo_code", "state"),
)
"""What a worker writes of a person; number, guardian and instant are added when he is taken."""

PERSON_COLUMNS = ("person_id", "guardian_id", "registered_at", *SEALED_COLUMNS)
READ_CARD_COLUMNS = ("card_number", "bank_id", "pan_mask", "status", "made_at", "expires_on")
"""What a worker writes of a card; whose it is and what follows from that are added."""

CARD_COLUMNS = (
    *("person_id", "card_id", "replaces_id", "last_at", "kind", "region"),
    *READ_CARD_COLUMNS,
)
OWNED, STANDS, SAID = (
    ("person_id", "block_id", "card_id"),
    ("from_at", "until_at", "bank_until_at"),
    ("force", "at_lapse", "cause"),
)
BLOCK_COLUMNS = (*OWNED, *STANDS, *SAID)
ROW_COLUMNS = ("run_id", "line", "outcome", "person_id", "card_id", "code", "facts")
MOVE_COLUMNS = ("person_id", "card_id", "seq", "at", "move", "status", "cause")


@dataclass(frozen=True, slots=True)
class Run:
    """One file coming in."""

    run_id: int
    chunk_rows: int
    started_at: datetime
    ended_at: datetime | None
    rows: int = 0
    """Rows that were in when this was read."""

    @property
    def cause(self) -> str:
        """What the facts of this run name as their cause."""
        return f"import:{self.run_id}"


@dataclass(frozen=True, slots=True)
class Opening:
    """What a run is about, before it has a number; ``file_index`` is keyed, never a plain hash."""

    kind: str
    file_index: bytes
    mapping: str
    region: str
    by: str
    chunk_rows: int


class RowEnd(NamedTuple):
    """What became of one row of a file."""

    line: int
    outcome: str
    person_id: int = 0
    card_id: int = 0
    code: str = ""
    facts: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ChunkEnd:
    """A chunk as it is recorded beside its rows."""

    seq: int
    first_line: int
    last_line: int
    counts: Mapping[str, int]
    content_index: bytes


def patient(connection: Connection) -> None:
    """For this transaction: longer patience, and plans that stay right while tables grow."""
    the_row(connection, "bulk.patience")


def one_at_a_time(connection: Connection, name: str) -> None:
    """Wait for anyone who is at the same chunk or the same file."""
    do(connection, "bulk.one_at_a_time", name=name)


def last_run(connection: Connection, file_index: bytes) -> Run | None:
    """The newest run of a file's content, ended or not."""
    found = row(connection, "bulk.last_run", file_index=file_index)
    return Run(**found) if found else None


def begin(connection: Connection, opening: Opening, at: datetime) -> Run:
    """Write a new run down."""
    found = the_row(
        connection,
        "bulk.begin",
        kind=opening.kind,
        file_index=opening.file_index,
        mapping=opening.mapping,
        region=opening.region,
        at=at,
        by=opening.by,
        chunk_rows=opening.chunk_rows,
    )
    return Run(found["run_id"], opening.chunk_rows, at, None)


def chunks_done(connection: Connection, run: Run) -> set[int]:
    """The numbers of the chunks that are in."""
    return {each["seq"] for each in rows(connection, "bulk.chunks", run_id=run.run_id)}


def is_done(connection: Connection, run: Run, seq: int) -> int:
    """One when a chunk is in."""
    return int(row(connection, "bulk.chunk", run_id=run.run_id, seq=seq) is not None)


def record(
    connection: Connection, run: Run, chunk: ChunkEnd, ends: Sequence[RowEnd], *, at: datetime
) -> None:
    """Write down what became of every row of a chunk, and that the chunk is in."""
    of_run = count(len(ROW_COLUMNS)) + big_field(run.run_id)
    said = {word: text_field(word) for word in {w for e in ends for w in (e.outcome, e.code)}}
    lines = [
        of_run
        + int_field(e.line)
        + said[e.outcome]
        + big_fields(e.person_id, e.card_id)
        + said[e.code]
        + (byte_field(b"\x01" + json.dumps(e.facts).encode()) if e.facts else NULL)
        for e in ends
    ]
    copy_in(connection, "import_row", ROW_COLUMNS, lines)
    insert(
        connection,
        "bulk.add_chunk",
        {
            "run_id": run.run_id,
            "seq": chunk.seq,
            "first_line": chunk.first_line,
            "last_line": chunk.last_line,
            "content_index": chunk.content_index,
            "at": at,
            **chunk.counts,
        },
    )


def end(connection: Connection, run: Run, *, at: datetime) -> Row:
    """Close a run; the totals of all its chunks."""
    totals = the_row(connection, "bulk.totals", run_id=run.run_id)
    seen = totals["added"] + totals["known"] + totals["repeated"] + totals["refused"]
    do(connection, "bulk.end", run_id=run.run_id, at=at, rows=seen)
    return totals


def refusals(connection: Connection, run: Run) -> list[RowEnd]:
    """Every refused row of a run, in the order of the file."""
    found = rows(connection, "bulk.refusals", run_id=run.run_id)
    return [RowEnd(r["line"], "refused", code=r["code"], facts=r["facts"] or {}) for r in found]


def people(connection: Connection, run_id: int, indexes: Sequence[bytes]) -> dict[bytes, Row]:
    """The registered people among some citizen numbers, with the line of this run they came in."""
    found = rows(connection, "bulk.people", run_id=run_id, indexes=array_of(indexes))
    return {bytes(each["number_index"]): each for each in found}


class Holder(NamedTuple):
    """Whom a citizen number belongs to."""

    number_index: bytes
    person_id: int
    region: str
    name_index: bytes


def holders(connection: Connection, indexes: Sequence[bytes]) -> dict[bytes, Holder]:
    """Who some citizen numbers belong to."""
    with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
        found = cursor.execute(query("bulk.holders"), {"indexes": array_of(indexes)})
        return {each[0]: Holder(*each) for each in found}


def cards(
    connection: Connection, run_id: int, numbers: Sequence[str], at: datetime
) -> dict[str, Row]:
    """The registered cards among some card numbers, with the stops in force on them."""
    found = rows(connection, "bulk.cards", run_id=run_id, numbers=list(numbers), at=at)
    return {each["card_number"]: each for each in found}


def cards_of(connection: Connection, person_ids: Sequence[int]) -> list[Row]:
    """The cards some people have already."""
    listed = "{" + ",".join(map(str, person_ids)) + "}"
    return rows(connection, "bulk.cards_of", person_ids=listed)


def places(connection: Connection, run_id: int, ids: Sequence[str]) -> dict[str, Row]:
    """The places among some place numbers."""
    found = rows(connection, "bulk.places", run_id=run_id, ids=list(ids))
    return {each["place_id"]: each for each in found}


def employers(connection: Connection, ids: Sequence[str]) -> set[str]:
    """The known employers among some employer numbers."""
    return {each["employer_id"] for each in rows(connection, "bulk.employers", ids=list(ids))}


def banks(connection: Connection) -> frozenset[str]:
    """The number of every bank."""
    return frozenset(each["bank_id"] for each in rows(connection, "bulk.banks"))


def new_ids(connection: Connection, which: str, many: int) -> list[int]:
    """Fresh numbers in rising order; ``which`` is ``person``, ``card`` or ``fact``."""
    ids: list[int] = the_row(connection, f"bulk.{which}_ids", many=many)["ids"]
    return ids


def add_people(connection: Connection, lines: Sequence[PersonLine], *, at: datetime) -> None:
    """Register people. ``UniqueViolation`` when somebody else has just registered one of them."""
    two = count(2)
    registry = [
        two + byte_field(index) + big_field(person_id)
        for index, person_id in sorted((each[1], each[0]) for each in lines)
    ]
    copy_in(connection, "person_registry", ("number_index", "person_id"), registry)
    begins, now = count(len(PERSON_COLUMNS)), instant_field(at)
    copy_in(
        connection,
        "person",
        PERSON_COLUMNS,
        [begins + big_field(p) + big_field(g) + now + sealed for p, _, g, sealed in lines],
    )


def add_employer(connection: Connection, employer_id: str, region: str, name: str) -> None:
    """Note an employer of whom a file gives the name."""
    do(connection, "bulk.add_employer", employer_id=employer_id, region=region, name=name)


def add_cards(
    connection: Connection, lines: Sequence[CardLine], *, at: datetime, cause: str
) -> None:
    """Register cards with the life that led them where they stand.

    ``UniqueViolation`` when somebody else has just registered one of them.
    """
    three = count(3)
    registry = [
        three + text_field(number) + big_fields(person_id, card_id)
        for number, person_id, card_id in sorted((each[3], each[0], each[1]) for each in lines)
    ]
    copy_in(connection, "card_registry", ("card_number", "person_id", "card_id"), registry)
    begins, now = count(len(CARD_COLUMNS)), instant_field(at)
    said = {word: text_field(word) for word in {w for e in lines for w in (e.kind, e.region)}}
    cards = [
        begins
        + big_fields(e.person_id, e.card_id)
        + big_field(e.replaces_id)
        + now
        + said[e.kind]
        + said[e.region]
        + e.written
        for e in lines
    ]
    copy_in(connection, "card", CARD_COLUMNS, cards)
    copy_in(connection, "card_move", MOVE_COLUMNS, _moves(lines, at=at, cause=cause))


def _moves(lines: Sequence[CardLine], *, at: datetime, cause: str) -> list[bytes]:
    """The moves of every card; all but whose they are is the same for cards of one status."""
    steps: dict[Status, list[bytes]] = {}
    for status in WAYS:
        ends = [
            int_field(seq)
            + instant_field(at)
            + text_field(move.value)
            + text_field(reached.value)
            + text_field(cause)
            for seq, (move, reached) in enumerate(life_to(status), start=1)
        ]
        steps[status] = [b"", *ends]
    begins = count(len(MOVE_COLUMNS))
    return [(begins + big_fields(e[0], e[1])).join(steps[e.status]) for e in lines]


def life_to(status: Status) -> list[tuple[Move, Status]]:
    """The moves to a status and what each of them reaches, by the table of a card's life."""
    reached: Status | None = None
    steps = []
    for move in WAYS[status]:
        reached = LIFE[reached, move]
        steps.append((move, reached))
    return steps


def add_blocks(connection: Connection, block_rows: Sequence[Row]) -> None:
    """Stop cards for the intervals of some blocks; the register's own side stops at once."""
    begins = count(len(BLOCK_COLUMNS))
    blocks = [
        begins
        + b"".join(big_field(b[name]) for name in OWNED)
        + b"".join(instant_field(b[name]) for name in STANDS)
        + b"".join(text_field(b[name]) for name in SAID)
        for b in block_rows
    ]
    copy_in(connection, "block", BLOCK_COLUMNS, blocks)
    columns = ("person_id", "block_id", "side", "effect", "at", "reference")
    begins, stopped = count(len(columns)), text_field("social") + text_field("stop")
    stops = [
        begins
        + big_fields(b["person_id"], b["block_id"])
        + stopped
        + instant_field(b["from_at"])
        + text_field(b["cause"])
        for b in block_rows
    ]
    copy_in(connection, "stop_confirmation", columns, stops)


def lapse_of(until: datetime | None, wanted: str) -> AtLapse:
    """What an imported stop does at its end: nothing without one, else release unless it says."""
    if until is None:
        return AtLapse.NONE
    return AtLapse.CANCEL if wanted == AtLapse.CANCEL.value else AtLapse.RELEASE


def add_place(connection: Connection, place: Row) -> None:
    """Note a place."""
    insert(connection, "bulk.add_place", place)


def every(connection: Connection, which: str, /, **values: object) -> Iterator[Row]:
    """All rows of ``people``, ``cards`` or ``places``, streamed from a cursor of the server."""
    with connection.cursor(name="export") as cursor:
        cursor.itersize = 5000
        cursor.execute(query(f"bulk.all_{which}"), values)
        yield from cursor
