"""What every kind of row has in common on its way in: read by a worker, decided, written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from minka.cipher.field import FieldKeys
from minka.doors.files.cells import Cells, Plan, read_cells
from minka.doors.files.refusals import RowFault, RowRefusal
from minka.doors.files.source import RawRow
from minka.kit.secret import Clear
from minka.store.bulk import RowEnd, Run
from minka.store.connection import Connection

CONTENT = "import"
"""The domain of the keyed indexes of files and chunks."""

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReadChunk:
    """A chunk as a worker gives it back: nothing in it is clear personal text."""

    seq: int
    first_line: int
    last_line: int
    content_index: bytes
    drafts: Sequence[Any] = field(repr=False)
    refused: Sequence[RowEnd] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Decided:
    """What will become of every row of a chunk, and the drafts that are new."""

    ends: list[RowEnd]
    new: list[Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Seen:
    """Something the register, or an earlier row, has already; ``line`` 0 for the register."""

    line: int
    tell: Callable[[], Values] = field(repr=False)
    """What it says, by our field names; asked only when it is met again."""


class Intake(Protocol):
    """One kind of row on its way into the register."""

    def decide(
        self, connection: Connection, run_id: int, chunk: ReadChunk, at: datetime
    ) -> Decided:
        """What becomes of every row, read against the register; writes nothing."""

    def remember(self, decided: Decided) -> None:
        """Keep what a dry run would have written, for the chunks after it."""

    def write(
        self, connection: Connection, run: Run, decided: Decided, at: datetime
    ) -> list[RowEnd]:
        """Write the new rows; gives the ends of those rows, with their numbers."""


Reader = Callable[[Cells, FieldKeys, int], Any]


def read_chunk(
    plan: Plan, keys: FieldKeys, reader: Reader, numbered: tuple[int, Sequence[RawRow]]
) -> ReadChunk:
    """Read and seal the rows of a chunk; a row that cannot be read is refused, never the chunk."""
    seq, raw = numbered
    drafts, refused = [], []
    for line, cells in raw:
        try:
            drafts.append(reader(read_cells(plan, cells), keys, line))
        except RowFault as wrong:
            refused.append(refusal(line, wrong.reason, **wrong.facts))
    content = "\x1e".join("\x1f".join(cells) for _, cells in raw)
    return ReadChunk(
        seq, raw[0][0], raw[-1][0], keys.index(CONTENT, Clear(content)), drafts, refused
    )


def refusal(line: int, reason: RowRefusal, /, **facts: Any) -> RowEnd:
    """The end of a row that is refused."""
    return RowEnd(line, "refused", code=reason.name.lower(), facts=facts or None)


def again(line: int, given: Values, seen: Seen, plan: Plan) -> RowEnd:
    """The end of a row that is there already: the same content, or a conflict.

    What the row leaves empty says nothing and differs from nothing.
    """
    has = seen.tell()
    differs = [name for name, value in given.items() if value is not None and has[name] != value]
    if seen.line:
        where = {"line": seen.line}
        return (
            refusal(line, RowRefusal.REPEATED, **where)
            if differs
            else RowEnd(line, "repeated", facts=where)
        )
    if differs:
        named = ", ".join(plan.called(name) for name in differs)
        return refusal(line, RowRefusal.REGISTER_DIFFERS, fields=named)
    return RowEnd(line, "known")
