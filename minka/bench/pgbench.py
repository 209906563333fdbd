"""PostgreSQL's own pgbench as the yardstick: TPC-B on the same server, in the same run."""

from __future__ import annotations

import re
import secrets
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from minka.store.cluster import Cluster, create_database, drop_database
from minka.store.postgres import find_programs, server_account

CLIENTS = (8, 16, 32)
SCALE = 32
"""Branches; fewer than clients would make them wait for each other."""


@dataclass(slots=True)
class Yardstick:
    """One pgbench database; ``tps`` keeps every round by number of clients."""

    cluster: Cluster
    scale: int = SCALE
    tps: dict[int, list[int]] = field(default_factory=dict)
    _url: str = ""
    _name: str = ""

    def open(self) -> None:
        """Make and fill its database."""
        self._name = f"pgbench_{secrets.token_hex(4)}"
        create_database(self.cluster.url("postgres"), self._name)
        self._url = self.cluster.url(self._name)
        _told([program(), "-i", "-q", "-s", str(self.scale), self._url])

    def close(self) -> None:
        """Throw its database away."""
        drop_database(self.cluster.url("postgres"), self._name)

    def round(self, clients: int, seconds: int) -> int:
        """Transactions a second of one round of TPC-B."""
        told = _told([program(), *_load(clients, seconds), self._url])
        found = _tps(told)
        self.tps.setdefault(clients, []).append(found)
        return found

    def rounds(self, seconds: int) -> int:
        """One round for each number of clients; the best of them."""
        return max(self.round(clients, seconds) for clients in CLIENTS)

    def select_only(self, clients: int, seconds: int) -> int:
        """Reads of one row a second."""
        return _tps(_told([program(), "-S", "-M", "prepared", *_load(clients, seconds), self._url]))


def program() -> str:
    """Where pgbench is: beside the server's own programs."""
    return str(Path(find_programs(server_account(), major=None).bindir) / "pgbench")


def _load(clients: int, seconds: int) -> list[str]:
    return ["-n", "-c", str(clients), "-j", "2", "-T", str(seconds)]


def _told(words: list[str]) -> str:
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    return done.stdout


def _tps(told: str) -> int:
    found = re.search(r"tps = (\d+)", told)
    assert found is not None, told
    return int(found.group(1))
