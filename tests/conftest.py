"""A real PostgreSQL for every test that asks: one cluster a run, one fresh database a module."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from minka.cipher.field import SoftFieldKeys
from minka.desk.office import Office
from minka.law.book import Book, read
from minka.store.cluster import Cluster, create_database, discard, drop_database, start
from minka.store.connection import Register

TEMPLATE = "minka_template"


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster of this run's own; ``MINKA_PG_BINDIR`` chooses which PostgreSQL."""
    folder = tmp_path_factory.mktemp("cluster")
    running = start(folder, settings={"fsync": "off"})
    yield running
    discard(folder)


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> str:
    """A migrated database that every fresh one is copied from."""
    create_database(cluster.url("postgres"), TEMPLATE)
    script = "import sys; from minka.doors.schema import migrate; migrate(sys.argv[1])"
    subprocess.run([sys.executable, "-c", script, cluster.url(TEMPLATE)], check=True)
    return TEMPLATE


@pytest.fixture(scope="module")
def database_url(cluster: Cluster, template: str) -> Iterator[str]:
    """The URL of a fresh migrated database."""
    name = f"t_{secrets.token_hex(6)}"
    create_database(cluster.url("postgres"), name, template=template)
    yield cluster.url(name)
    drop_database(cluster.url("postgres"), name)


@pytest.fixture(scope="session")
def book() -> Book:
    """The law book of Minka's own rule files."""
    return read()


@pytest.fixture(scope="session")
def keys() -> SoftFieldKeys:
    """Field keys for tests."""
    return SoftFieldKeys(b"field secret of the tests, 32 bytes")


@pytest.fixture(scope="module")
def office(database_url: str, book: Book, keys: SoftFieldKeys) -> Iterator[Office]:
    """An office on a fresh register, without a fence."""
    register = Register(database_url, size=16, wait_s=5)
    yield Office(register=register, book=lambda: book, keys=keys)
    register.close()


@pytest.fixture(scope="session")
def project() -> Path:
    """The root of the checkout."""
    return Path(__file__).parent.parent


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minka.doors.web.settings")
# A browser driven in the same worker leaves its event loop running; tests use no async views.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
