"""Rows of a lane's batch: read from binary results, written as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from psycopg.pq.abc import PGresult

from minka.care.entry import NUMBERS, Entry, numbers_of
from minka.care.state import Coverage, Earlier, Upload, Visit
from minka.store.hot.arrays import (
    BYTEA,
    TEXT,
    TIMESTAMPTZ,
    eight,
    eights,
    matrix,
    row_of,
    strings,
)

_COVERAGE = row_of(20)
_INSTANTS = row_of(5)
_VISIT = row_of(9)
_UPLOAD = row_of(7)
_EARLIER = row_of(7)
_ENTRY = row_of(NUMBERS)
_UNDOING = row_of(6)
_EIGHT = eight.unpack


class Now(NamedTuple):
    """The new state of the coverage row after an entry, and the version it was read at."""

    seen: int
    prev_msg_no: int
    prev_origin_no: int
    year: int
    op_deductible: int
    op_scope: int
    op_fund: int
    admissions: int
    pool_paid: int
    large_paid: int
    own_scope: int


class Undoing(NamedTuple):
    """What undid an entry; ``undone`` counts what in turn undid that."""

    kind: int
    msg_no: int
    origin_no: int
    person_id: int
    nth: int
    undone: int


def coverages(result: PGresult) -> dict[int, Coverage]:
    """By place in the batch, counted from one."""
    value, found = result.get_value, {}
    for row in range(result.ntuples):
        numbers = _COVERAGE.unpack(value(row, 1) or b"")
        instants = _INSTANTS.unpack(value(row, 2) or b"")
        found[_EIGHT(value(row, 0) or b"")[0]] = Coverage._make(
            (*numbers, *instants, value(row, 3) or b"")
        )
    return found


def visits(result: PGresult) -> dict[int, Visit]:
    """By place in the batch."""
    value = result.get_value
    return {
        _EIGHT(value(row, 0) or b"")[0]: Visit._make(
            (*_VISIT.unpack(value(row, 1) or b""), value(row, 2) or b"")
        )
        for row in range(result.ntuples)
    }


def uploads(result: PGresult) -> dict[int, list[Upload]]:
    """By place in the batch, in order of upload."""
    value = result.get_value
    found: dict[int, list[Upload]] = {}
    for row in range(result.ntuples):
        numbers = _UPLOAD.unpack(value(row, 1) or b"")
        upload = Upload._make((*numbers, value(row, 2) or b""))
        found.setdefault(_EIGHT(value(row, 0) or b"")[0], []).append(upload)
    return found


def earlier(result: PGresult) -> dict[int, list[Earlier]]:
    """By place in the batch."""
    value = result.get_value
    found: dict[int, list[Earlier]] = {}
    for row in range(result.ntuples):
        one = Earlier._make(_EARLIER.unpack(value(row, 1) or b""))
        found.setdefault(_EIGHT(value(row, 0) or b"")[0], []).append(one)
    return found


def entries(result: PGresult) -> dict[int, Entry]:
    """Rows that stand under the asked keys, by place in the batch."""
    value, found = result.get_value, {}
    for row in range(result.ntuples):
        found[_EIGHT(value(row, 0) or b"")[0]] = Entry._make(
            (
                *_ENTRY.unpack(value(row, 1) or b""),
                *_EIGHT(value(row, 2) or b""),
                value(row, 3) or b"",
                value(row, 4) or b"",
                value(row, 5) or b"",
            )
        )
    return found


def undoings(result: PGresult) -> dict[int, list[Undoing]]:
    """What undid the asked entries, by place in the batch."""
    value = result.get_value
    found: dict[int, list[Undoing]] = {}
    for row in range(result.ntuples):
        one = Undoing._make(_UNDOING.unpack(value(row, 1) or b""))
        found.setdefault(_EIGHT(value(row, 0) or b"")[0], []).append(one)
    return found


def keys_of(result: PGresult) -> set[tuple[int, int]]:
    """The keys of the rows that were written."""
    value = result.get_value
    return {
        (_EIGHT(value(row, 0) or b"")[0], _EIGHT(value(row, 1) or b"")[0])
        for row in range(result.ntuples)
    }


def written(moves: Sequence[tuple[Entry, Now]]) -> list[bytes]:
    """The parameters of the query ``write``."""
    return [
        matrix([(*numbers_of(entry), *now[1:]) for entry, now in moves]),
        eights([entry.at for entry, _ in moves], TIMESTAMPTZ),
        eights([now.seen for _, now in moves], TIMESTAMPTZ),
        strings([entry.trace for entry, _ in moves], BYTEA),
        strings([entry.content_hash for entry, _ in moves], BYTEA),
    ]


_REFUSED = (
    "person_id visit_no card_id origin_no provider_no area infno kind scheme credential".split()
)


def refused(rows: Sequence[Entry]) -> list[bytes]:
    """The parameters of the query ``refuse``."""
    return [
        eights([each.msg_no for each in rows]),
        eights([each.at for each in rows], TIMESTAMPTZ),
        *(eights([getattr(each, name) for each in rows]) for name in _REFUSED),
        strings([each.reason for each in rows], TEXT),
        strings([each.trace for each in rows], BYTEA),
        strings([each.content_hash for each in rows], BYTEA),
    ]
