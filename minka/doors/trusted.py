"""Trusted time for this process: agreed on at the start, the monotonic clock afterwards.

Sources: this machine's wall clock; the database server's clock, when that is another machine; the
time servers named in ``MINKA_TIME_SERVERS``; and the mark that was written down last. In a real
city (``MINKA_TIME_STRICT=1``) three must agree, or time holds; a bench believes the clock it has.
While time holds the sources are asked again every minute; while it does not, the mark is written.
"""

from __future__ import annotations

import os
import socket
import struct
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from minka.kit.clock import THREE, TOLERANCE, Fence, Mark, agree, monotonic_ns, wall
from minka.store.connection import Register, RegisterAway

_NTP_EPOCH = datetime(1900, 1, 1, tzinfo=UTC)
_MINUTE_NS = 60 * 10**9


class TrustedTime:
    """The fence of a process; a thread of its own keeps it, so that no act ever waits for it."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._fence = trusted_time(register)
        self._looked_ns = monotonic_ns()
        self._lock = threading.Lock()

    def bound(self) -> datetime | None:
        """The instant beyond which no act of this process reaches."""
        reading = monotonic_ns()
        if reading - self._looked_ns > _MINUTE_NS and self._lock.acquire(blocking=False):
            self._looked_ns = reading
            threading.Thread(target=self._keep, daemon=True).start()
        return self._fence.now(reading) + TOLERANCE

    def slack(self) -> timedelta:
        """How much longer a block that begins now must stand, for time may truly be later."""
        return self._fence.slack

    def holds(self) -> str:
        """Why time holds; empty when it is trusted."""
        return self._fence.holds

    def _keep(self) -> None:
        """Ask the sources again while time holds; else write the mark."""
        try:
            if self._fence.holds:
                self._fence = trusted_time(self._register)
            mark_time(self._register, self._fence)
        finally:
            self._lock.release()


def trusted_time(register: Register) -> Fence:
    """The fence of this moment; it holds when the sources do not agree."""
    reading = monotonic_ns()
    seen = _of_the_register(register, reading)
    sources = [wall(), *seen.clocks, *_of_servers()]
    strict = os.environ.get("MINKA_TIME_STRICT") == "1"
    fence = agree(sources, reading, mark=seen.mark, quorum=THREE if strict else 1)
    mark_time(register, fence)
    return fence


def mark_time(register: Register, fence: Fence) -> None:
    """Write down where trusted time stands, for the next start to compare with."""
    if fence.holds:
        return
    reading = monotonic_ns()
    with suppress(RegisterAway), register.act() as connection:
        connection.execute(
            "insert into time_mark (at, boot_id, boot_ns) values (%s, %s, %s)"
            " on conflict (one) do update set at = excluded.at, boot_id = excluded.boot_id,"
            " boot_ns = excluded.boot_ns where time_mark.at < excluded.at",
            (fence.now(reading), _boot_id(), reading),
        )


class _Seen(NamedTuple):
    """What the register knows of time."""

    clocks: list[datetime]
    """Its server's clock, unless that is this machine's own, which is asked already."""
    mark: Mark | None


_ASKED = """
select clock_timestamp() as clock, inet_server_addr() is distinct from inet_client_addr() as apart,
    t.at, t.boot_id, t.boot_ns
from (select) as here left join time_mark t on true
"""


def _of_the_register(register: Register, reading_ns: int) -> _Seen:
    with suppress(RegisterAway), register.act() as connection:
        found = connection.execute(_ASKED).fetchone()
        assert found is not None, "one row is always given"
        clocks = [found["clock"]] if found["apart"] else []
        if found["at"] is None:
            return _Seen(clocks, None)
        ours = found["boot_id"] == _boot_id() != "" and reading_ns >= found["boot_ns"]
        counted = timedelta(microseconds=(reading_ns - found["boot_ns"]) // 1000) if ours else None
        return _Seen(clocks, Mark(found["at"], counted))
    return _Seen([], None)


def _of_servers() -> list[datetime]:
    names = os.environ.get("MINKA_TIME_SERVERS", "").split()
    return [at for name in names if (at := ask_server(name)) is not None]


def ask_server(address: str) -> datetime | None:
    """The time of an SNTP server (RFC 4330), ``host`` or ``host:port``; None without an answer."""
    host, _, port = address.partition(":")
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.settimeout(1)
        line.sendto(b"\x1b" + bytes(47), (host, int(port or 123)))
        answer = line.recv(48)
        seconds, fraction = struct.unpack("!II", answer[40:48])
        return _NTP_EPOCH + timedelta(seconds=seconds, microseconds=fraction * 10**6 >> 32)
    return None


def _boot_id() -> str:
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    return ""
