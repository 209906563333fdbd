"""What a run costs: processor time by process, journal and disk bytes, how long an fsync takes."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

_TICKS = os.sysconf("SC_CLK_TCK")
SAFE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
"""Without these a rate says nothing: what is answered would not be on the disk."""
_TOLD = (*SAFE, "server_version", "shared_buffers", "max_wal_size", "wal_compression")
BENCH_SETTINGS: Mapping[str, str] = {
    **SAFE,
    "shared_buffers": "2GB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "15min",
    "max_connections": "120",
}
"""The same for both sides of every comparison."""


def safe_settings(url: str) -> dict[str, str]:
    """The settings that matter; ``AssertionError`` when the server does not keep what it says."""
    with psycopg.connect(url, row_factory=dict_row) as connection:
        found = connection.execute(
            "select name, current_setting(name) as setting from pg_settings where name = any(%s)",
            (list(_TOLD),),
        ).fetchall()
    told = {row["name"]: row["setting"] for row in found}
    wrong = {name: told[name] for name, value in SAFE.items() if told[name] != value}
    assert not wrong, f"not a durable server: {wrong}"
    return told


def fsync_micros(folder: Path, times: int = 200) -> list[int]:
    """Microseconds of writing eight kilobytes and making them durable, sorted."""
    path = folder / "fsync-probe"
    block, found = os.urandom(8192), []
    with path.open("wb", buffering=0) as file:
        for _ in range(times):
            began = time.monotonic_ns()
            file.write(block)
            os.fdatasync(file.fileno())
            found.append((time.monotonic_ns() - began) // 1000)
    path.unlink()
    return sorted(found)


def spread(micros: Sequence[int]) -> dict[str, str]:
    """Percentiles by nearest rank and the longest, in milliseconds with two decimals."""
    if not micros:
        return {}
    ranked = sorted(micros)
    places = {"p50": 500, "p99": 990, "p999": 999, "max": 1000}
    return {
        name: f"{ranked[(len(ranked) * share + 999) // 1000 - 1] / 1000:.2f}"
        for name, share in places.items()
    }


def cpu_micros(pid: int) -> int:
    """Microseconds of processor time of a process and of its children that have ended."""
    with suppress(FileNotFoundError, ProcessLookupError):
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) * 1_000_000 // _TICKS
    return 0


def children(pid: int) -> list[int]:
    """The living children of a process, whichever of its threads started them."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError):
            found += map(int, (task / "children").read_text("ascii").split())
    return found


def tree_micros(pid: int) -> int:
    """Processor time of a process with all its living children, such as PostgreSQL."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return cpu_micros(pid) + sum(map(cpu_micros, children(pid)))
    return 0


@dataclass(frozen=True, slots=True)
class Reading:
    """The meters at one moment."""

    nanoseconds: int
    postgres: int
    others: Mapping[str, int]
    wal: int
    disk: int


@dataclass(slots=True)
class Meter:
    """Reads the meters of one database and of some processes beside it."""

    url: str
    postmaster: int
    processes: Mapping[str, int]

    def read(self) -> Reading:
        """Now."""
        with psycopg.connect(self.url) as connection:
            found = connection.execute(
                "select pg_current_wal_lsn() - '0/0'::pg_lsn, pg_database_size(current_database())"
            ).fetchone()
        assert found is not None
        return Reading(
            time.monotonic_ns(),
            tree_micros(self.postmaster),
            {name: tree_micros(pid) for name, pid in self.processes.items()},
            int(found[0]),
            int(found[1]),
        )


def cost(before: Reading, after: Reading, acts: int) -> dict[str, Any]:
    """What one act cost between two readings: microseconds by process, journal and disk bytes."""
    acts = max(acts, 1)
    micros = {"postgres_us": (after.postgres - before.postgres) // acts}
    for name, since in before.others.items():
        micros[f"{name}_us"] = (after.others[name] - since) // acts
    wal, disk = after.wal - before.wal, after.disk - before.disk
    return {**micros, "wal_bytes": wal // acts, "disk_bytes": disk // acts}
