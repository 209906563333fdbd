"""A register to be thrown away: a database of its own, or a whole cluster of its own."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from minka.cipher.field import SoftFieldKeys
from minka.desk.office import Office
from minka.law.book import Book, read
from minka.store.cluster import Cluster, create_database, discard, drop_database, running, start
from minka.store.connection import Register

_MIGRATE = "import sys; from minka.doors.schema import migrate; migrate(sys.argv[1])"


@contextmanager
def scratch_register() -> Iterator[str]:
    """The URL of a fresh migrated register beside the city's own, or on a cluster of its own.

    Nothing in the city's own register is touched.
    """
    beside = _server_at_hand()
    if beside is None:
        with scratch_cluster() as cluster:
            yield cluster.url()
        return
    name = f"scratch_{secrets.token_hex(6)}"
    create_database(beside, name)
    url = _database_of(beside, name)
    try:
        migrate(url)
        yield url
    finally:
        drop_database(beside, name)


@contextmanager
def scratch_cluster(
    settings: Mapping[str, str] | None = None, environment: Mapping[str, str] | None = None
) -> Iterator[Cluster]:
    """A cluster of its own with a migrated register, deleted in the end.

    ``environment`` is what the server alone is started with.
    """
    parent = Path(tempfile.mkdtemp(prefix="minka-scratch-"))
    parent.chmod(0o711)
    folder = parent / "database"
    try:
        cluster = start(folder, settings=settings or {})
        migrate(cluster.url())
        if environment:
            cluster.stop()
            with _lent(environment):
                cluster = start(folder, settings=settings or {})
        yield cluster
    finally:
        discard(folder)
        parent.rmdir()


def scratch_office(register: Register, secret: bytes) -> Office:
    """An office over a scratch register; its clock is the server's own, without a fence."""
    return Office(register=register, book=the_book, keys=SoftFieldKeys(secret))


@cache
def the_book() -> Book:
    """The law book, read once in a process."""
    return read()


def migrate(url: str) -> None:
    """Make the tables, in a process of its own: this one may have Django set up already."""
    subprocess.run([sys.executable, "-c", _MIGRATE, url], check=True)


def _server_at_hand() -> str | None:
    given = os.environ.get("MINKA_DATABASE_URL")
    if given:
        return given
    folder = Path(os.environ.get("MINKA_HOME") or ".minka") / "database"
    cluster = running(folder) if folder.is_dir() else None
    return cluster.url() if cluster else None


def _database_of(url: str, name: str) -> str:
    address, _, words = url.partition("?")
    server = address.rpartition("/")[0]
    return f"{server}/{name}" + (f"?{words}" if words else "")


@contextmanager
def _lent(environment: Mapping[str, str]) -> Iterator[None]:
    """The environment with some words more, for as long as a child is started."""
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
