"""One raw connection driven by asyncio: prepared statements in pipeline mode, binary both ways."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import psycopg
from psycopg import pq
from psycopg.conninfo import make_conninfo
from psycopg.pq.abc import PGconn, PGresult

Step: TypeAlias = tuple[bytes, Sequence[bytes | None]]
"""The name of a prepared statement and its parameters in binary form."""

STANDS_STILL_S = 20
"""Seconds after which a server that says nothing is given up."""
_GOOD = (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK)


class LineBroken(Exception):
    """The connection broke: what was being written may or may not stand."""


class StatementRefused(Exception):
    """The database refused a statement; nothing of the batch stands. ``state`` is its SQLSTATE."""

    def __init__(self, state: str, text: str) -> None:
        super().__init__(f"{state}: {text}")
        self.state = state


class Line:
    """A connection of one lane; one batch is on it at a time, and each batch is one transaction."""

    def __init__(
        self, url: str, statements: Mapping[bytes, bytes], settings: Sequence[bytes] = ()
    ) -> None:
        self._conn: PGconn = pq.PGconn.connect(_patient(url))
        if self._conn.status != pq.ConnStatus.OK:
            raise LineBroken("the register cannot be reached")
        for setting in settings:
            _sure(self._conn.exec_(setting))
        for name, statement in statements.items():
            _sure(self._conn.prepare(name, statement))
        self._conn.nonblocking = 1
        self._conn.enter_pipeline_mode()
        self._loop = asyncio.get_running_loop()
        self._socket = self._conn.socket
        self._loop.add_reader(self._socket, self._readable)
        self._results: list[PGresult] = []
        self._done: asyncio.Future[list[PGresult]] | None = None

    def close(self) -> None:
        """Give the connection back."""
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        self._conn.finish()
        self._fail(LineBroken("the line was closed"))

    async def run(self, steps: Sequence[Step]) -> list[PGresult]:
        """Send every step in one go as one transaction; their results in order."""
        conn = self._conn
        done: asyncio.Future[list[PGresult]] = self._loop.create_future()
        self._done, self._results = done, []
        try:
            for name, values in steps:
                conn.send_query_prepared(name, values, (1,) * len(values), 1)
            conn.pipeline_sync()
            self._flush()
        except psycopg.Error as fault:
            self._fail(LineBroken(type(fault).__name__))
        try:
            results = await asyncio.wait_for(done, STANDS_STILL_S)
        except TimeoutError:
            raise LineBroken("the register stands still") from None
        for result in results:
            if result.status not in _GOOD:
                raise _refusal(results)
        return results

    def _flush(self) -> None:
        if self._conn.flush():
            self._loop.add_writer(self._socket, self._writable)

    def _writable(self) -> None:
        try:
            if not self._conn.flush():
                self._loop.remove_writer(self._socket)
        except psycopg.Error as fault:
            self._fail(LineBroken(type(fault).__name__))

    def _readable(self) -> None:
        conn = self._conn
        try:
            conn.consume_input()
            while self._done is not None and not conn.is_busy():
                result = conn.get_result()
                if result is None:
                    continue
                if result.status == pq.ExecStatus.PIPELINE_SYNC:
                    self._finish()
                    return
                self._results.append(result)
        except psycopg.Error as fault:
            self._loop.remove_reader(self._socket)
            self._fail(LineBroken(type(fault).__name__))

    def _finish(self) -> None:
        done, self._done = self._done, None
        if done is not None and not done.done():
            done.set_result(self._results)

    def _fail(self, fault: Exception) -> None:
        done, self._done = self._done, None
        if done is not None and not done.done():
            done.set_exception(fault)


def _patient(url: str) -> bytes:
    """The address with a limit to how long a connection may take."""
    return make_conninfo(url, connect_timeout=2, tcp_user_timeout=5000).encode()


def _refusal(results: Sequence[PGresult]) -> StatementRefused:
    for result in results:
        if result.status == pq.ExecStatus.FATAL_ERROR:
            state = result.error_field(pq.DiagnosticField.SQLSTATE) or b""
            text = result.error_field(pq.DiagnosticField.MESSAGE_PRIMARY) or b""
            return StatementRefused(state.decode(), text.decode(errors="replace")[:200])
    return StatementRefused("", "the batch was given up")


def _sure(result: PGresult) -> None:
    if result.status not in _GOOD:
        raise LineBroken(result.error_message.decode(errors="replace")[:300])
