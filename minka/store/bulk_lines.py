"""Rows as PostgreSQL's binary COPY takes them, made in one go: a million rows pass here.

The form is that of the PostgreSQL manual, "COPY, binary format": a field is its length in four
bytes and its bytes, an absent one the length -1; a row is its number of fields and the fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from struct import Struct
from typing import NamedTuple

from psycopg import sql

from minka.cards.card import Status
from minka.store.connection import Connection

_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TAIL = b"\xff\xff"

_length = Struct(">i").pack
_count = Struct(">h").pack
_eight = Struct(">iq").pack
_eights = Struct(">iqiq").pack
_four = Struct(">ii").pack
_LENGTHS = tuple(_length(n) for n in range(256))
_DAY_ZERO = date(2000, 1, 1)
_ZERO = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

NULL = _length(-1)
"""An absent field."""


class PersonLine(NamedTuple):
    """A person to be registered."""

    person_id: int
    number_index: bytes
    guardian_id: int | None
    sealed: bytes
    """The fields of ``bulk.SEALED_COLUMNS``, written."""


class CardLine(NamedTuple):
    """A card to be registered."""

    person_id: int
    card_id: int
    replaces_id: int | None
    card_number: str
    status: Status
    kind: str
    region: str
    written: bytes
    """The fields of ``bulk.READ_CARD_COLUMNS``, written."""


def byte_field(value: bytes | None) -> bytes:
    """A bytea or already encoded field."""
    if value is None:
        return NULL
    size = len(value)
    return (_LENGTHS[size] if size < 256 else _length(size)) + value


def text_field(text: str | None) -> bytes:
    """A text field."""
    return NULL if text is None else byte_field(text.encode())


def big_field(number: int | None) -> bytes:
    """A bigint field."""
    return NULL if number is None else _eight(8, number)


def big_fields(first: int, second: int) -> bytes:
    """Two bigint fields."""
    return _eights(8, first, 8, second)


def int_field(number: int) -> bytes:
    """An integer field."""
    return _four(4, number)


def day_field(day: date | None) -> bytes:
    """A date field: days since 2000."""
    return NULL if day is None else _four(4, (day - _DAY_ZERO).days)


def instant_field(instant: datetime | None) -> bytes:
    """A timestamptz field: microseconds since 2000 in UTC."""
    return NULL if instant is None else _eight(8, (instant - _ZERO) // _MICROSECOND)


def count(fields: int) -> bytes:
    """What a row of so many fields begins with."""
    return _count(fields)


def fields(written: bytes) -> list[bytes | None]:
    """The fields that were written one behind the other."""
    found: list[bytes | None] = []
    at = 0
    while at < len(written):
        size = int.from_bytes(written[at : at + 4], signed=True)
        at += 4
        found.append(None if size < 0 else written[at : at + size])
        at += max(size, 0)
    return found


def array_of(keys: Iterable[bytes]) -> str:
    """Keyed indexes as the text of a bytea array: quicker than one parameter by one."""
    return "{" + ",".join([f'"\\\\x{key.hex()}"' for key in keys]) + "}"


def copy_in(
    connection: Connection, table: str, columns: Sequence[str], lines: Iterable[bytes]
) -> None:
    """Write whole rows, each with its count of fields in front."""
    into = sql.SQL("copy {} ({}) from stdin (format binary)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor().copy(into) as copy:
        copy.write(b"".join((_HEAD, *lines, _TAIL)))
