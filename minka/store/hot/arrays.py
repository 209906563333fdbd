"""Arrays of PostgreSQL in its binary form, built and read whole.

An array is: dimensions, a null flag, the type's OID, length and lower bound; then length and value
of every element (src/include/utils/array.h). Instants are microseconds since 2000-01-01 UTC.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import chain
from struct import Struct

INT8, TEXT, BYTEA, TIMESTAMPTZ = 20, 25, 17, 1184
FOREVER = (1 << 63) - 1
"""The instant and the day ``infinity``."""
NEVER = -(1 << 63)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_DAY_ONE = date(2000, 1, 1)
_HEAD = Struct(">5i")
_LENGTH = Struct(">i")
_MATRIX = Struct(">7i")


def eights(values: Sequence[int], oid: int = INT8) -> bytes:
    """Integers of eight bytes, or instants."""
    count = len(values)
    if not count:
        return _HEAD.pack(0, 0, oid, 0, 1)[:12]
    return _HEAD.pack(1, 0, oid, count, 1) + _cells(values)


def matrix(rows: Sequence[Sequence[int]]) -> bytes:
    """Rows of integers of eight bytes, all of one length and at least one, as one array."""
    return _MATRIX.pack(2, 0, INT8, len(rows), 1, len(rows[0]), 1) + _cells(
        list(chain.from_iterable(rows))
    )


def _cells(values: Sequence[int]) -> bytes:
    """Each value with its length in front: laid out a byte of all at a time, which C does."""
    numbers = array("q", values)
    if sys.byteorder == "little":
        numbers.byteswap()
    raw = numbers.tobytes()
    cells = bytearray(b"\0\0\0\x08\0\0\0\0\0\0\0\0" * len(values))
    for place in range(8):
        cells[4 + place :: 12] = raw[place::8]
    return bytes(cells)


def strings(values: Sequence[bytes], oid: int = TEXT) -> bytes:
    """Texts or byte strings."""
    count = len(values)
    if not count:
        return _HEAD.pack(0, 0, oid, 0, 1)[:12]
    pack = _LENGTH.pack
    parts = [_HEAD.pack(1, 0, oid, count, 1)]
    for value in values:
        parts.append(pack(len(value)))
        parts.append(value)
    return b"".join(parts)


@cache
def row_of(count: int) -> Struct:
    """Reads an array of so many integers of eight bytes: lengths are skipped."""
    return Struct(">20x" + "4xq" * count)


eight = Struct(">q")
"""One integer of eight bytes, or one instant."""


def instant(at: datetime) -> int:
    """An instant as microseconds since 2000."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def moment(microseconds: int) -> datetime:
    """The instant so many microseconds after 2000."""
    return _EPOCH + timedelta(microseconds=microseconds)


def day_number(on: date) -> int:
    """A day as the number of days since 2000."""
    return (on - _DAY_ONE).days


def day(number: int) -> date:
    """The day so many days after 2000-01-01."""
    return _DAY_ONE + timedelta(days=number)
