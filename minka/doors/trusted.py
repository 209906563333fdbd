"""Trusted time for this process: three sources at the start, the monotonic clock afterwards.

Sources: the database server's clock, this machine's wall clock, and the mark that was written down
last (its instant plus what the monotonic clock has counted since, if the machine was not restarted),
or the time servers named in ``MINKA_TIME_SERVERS``. Without a third source two that agree will do
on a bench; in a real city (``MINKA_TIME_STRICT=1``) nothing lapses until a third agrees.
"""

from __future__ import annotations

import os
import socket
import struct
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from minka.kit.clock import Fence, agree, monotonic_ns, wall
from minka.store.connection import Register, RegisterAway

_NTP_EPOCH = datetime(1900, 1, 1, tzinfo=UTC)


def trusted_time(register: Register) -> Fence:
    """The fence of this process; it holds when the sources do not agree."""
    reading = monotonic_ns()
    sources = [wall(), *_of_the_register(register, reading), *_of_servers()]
    if len(sources) == 2 and os.environ.get("MINKA_TIME_STRICT") != "1":
        sources.append(min(sources))
    return agree(sources, reading)


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


def _of_the_register(register: Register, reading_ns: int) -> list[datetime]:
    with suppress(RegisterAway), register.act() as connection:
        clock = connection.execute("select clock_timestamp() as at").fetchone()
        mark = connection.execute("select at, boot_id, boot_ns from time_mark").fetchone()
        found = [clock["at"]] if clock else []
        if mark and mark["boot_id"] == _boot_id():
            counted = timedelta(microseconds=(reading_ns - mark["boot_ns"]) // 1000)
            found.append(mark["at"] + counted)
        return found
    return []


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
