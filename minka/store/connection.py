"""The way to the register: a pool of connections that act in the desk's role."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, TypeAlias

import psycopg
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout

from minka.store.queries import query

Connection: TypeAlias = psycopg.Connection[DictRow]
Row: TypeAlias = dict[str, Any]


class RegisterAway(Exception):
    """The register cannot be reached or broke off; what was asked may or may not have been done."""


_A_DEAD_LINE = {
    "tcp_user_timeout": 5000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}
"""A line that is cut without a word is noticed after seconds, not after a quarter of an hour."""


CHECK_S, LOSS_ACT_S, ACT_S = 1, 5, 30
"""Seconds after which a server that stands still is given up: a check, a loss report, any act."""


class Register:
    """The register of one database; opens connections when first asked."""

    def __init__(
        self, url: str, *, size: int = 8, wait_s: int = 1, wait_ms: int | None = None
    ) -> None:
        self._url = url
        self._within_s = ACT_S if wait_ms is None else LOSS_ACT_S
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            url,
            min_size=0,
            max_size=size,
            open=False,
            timeout=wait_s if wait_ms is None else wait_ms / 1000,
            configure=_as_desk,
            check=_alive,
            kwargs={"row_factory": dict_row, "connect_timeout": max(2, wait_s), **_A_DEAD_LINE},
        )

    @contextmanager
    def act(self) -> Iterator[Connection]:
        """One transaction at READ COMMITTED; ``RegisterAway`` when the database is not there."""
        try:
            if self._pool.closed:
                self._pool.open(wait=False)
            with self._pool.connection() as connection, _bounded(connection, self._within_s):
                yield connection
        except (psycopg.OperationalError, PoolTimeout, PoolClosed) as fault:
            raise RegisterAway("the register cannot be reached") from fault

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """One reading of everything as it stands at one instant, for as long as it takes."""
        with psycopg.connect(self._url, row_factory=dict_row) as reader:
            _as_desk(reader)
            reader.execute("set statement_timeout = 0")
            reader.execute("set jit = off")
            reader.execute("set work_mem = '128MB'")
            reader.commit()
            reader.execute("set transaction isolation level repeatable read, read only")
            yield reader

    def close(self) -> None:
        """Give back every connection."""
        self._pool.close(timeout=2)


def _alive(connection: Connection) -> None:
    """Whether a pooled connection still answers; one that stands still counts as dead."""
    with _bounded(connection, CHECK_S):
        ConnectionPool.check_connection(connection)


@contextmanager
def _bounded(connection: Connection, seconds: int) -> Iterator[None]:
    """Cut the line of a connection that is not done in time: its user gets an error, no silence."""
    watch = threading.Timer(seconds, _cut, (connection,))
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()


def _cut(connection: Connection) -> None:
    with (
        suppress(OSError, psycopg.Error),
        socket.socket(fileno=os.dup(connection.fileno())) as line,
    ):
        line.shutdown(socket.SHUT_RDWR)


def _as_desk(connection: Connection) -> None:
    connection.execute("set role minka_desk")
    connection.execute("set statement_timeout = '15s'")
    connection.execute("set lock_timeout = '10s'")
    connection.commit()


def rows(connection: Connection, name: str, /, **values: object) -> list[Row]:
    """All rows of a named query."""
    return connection.execute(query(name), values).fetchall()


def row(connection: Connection, name: str, /, **values: object) -> Row | None:
    """The one row of a named query, or None."""
    return connection.execute(query(name), values).fetchone()


def the_row(connection: Connection, name: str, /, **values: object) -> Row:
    """The one row of a named query that always has one."""
    found = row(connection, name, **values)
    assert found is not None, f"{name} gave no row"
    return found


def do(connection: Connection, name: str, /, **values: object) -> int:
    """Carry out a named statement; the number of rows it touched."""
    return connection.execute(query(name), values).rowcount


def insert(connection: Connection, name: str, values: Mapping[str, object]) -> None:
    """Carry out a named insert from a mapping of its values."""
    connection.execute(query(name), dict(values))
