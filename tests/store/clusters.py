"""Places and questions for the tests of our own PostgreSQL."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from minka.store import cluster as clusters
from minka.store.cluster import Cluster

ROOT = Path(__file__).resolve().parents[2]
AS_ROOT = os.geteuid() == 0


def mode(path: Path) -> int:
    """The permission bits of a path."""
    return stat.S_IMODE(path.stat().st_mode)


@contextmanager
def new_folder() -> Iterator[Path]:
    """A folder for a cluster below a new parent that everyone may pass; both are gone after."""
    parent = Path(tempfile.mkdtemp(prefix="minka-test-"))
    parent.chmod(0o711)
    try:
        yield parent / "database"
    finally:
        clusters.discard(parent / "database")
        parent.rmdir()


def query(url: str, words: str) -> list[tuple[object, ...]]:
    """The rows of one statement."""
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(words.encode()).fetchall()


def run(url: str, words: str) -> None:
    """Run a statement that answers nothing."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(words.encode())


def setting(cluster: Cluster, name: str) -> str:
    """One of the server's settings as it says itself."""
    return str(query(cluster.url(), f"SHOW {name}")[0][0])
