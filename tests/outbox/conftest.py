"""A fresh register for every test, and the demo parties outside the house."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from minka.bench import bank, sms
from minka.cipher.field import SoftFieldKeys
from minka.desk.office import Office
from minka.doors.outbox.signing import HouseKey, house_key
from minka.law.book import Book
from minka.store.cluster import Cluster, create_database, drop_database
from minka.store.connection import Register
from tests.outbox.outside import Outside, open_bank


@pytest.fixture
def database_url(cluster: Cluster, template: str) -> Iterator[str]:
    """The URL of a fresh migrated database, of this test alone."""
    name = f"t_{secrets.token_hex(6)}"
    create_database(cluster.url("postgres"), name, template=template)
    yield cluster.url(name)
    drop_database(cluster.url("postgres"), name)


@pytest.fixture
def office(database_url: str, book: Book, keys: SoftFieldKeys) -> Iterator[Office]:
    """An office on a fresh register, without a fence."""
    register = Register(database_url, size=16, wait_s=5)
    yield Office(register=register, book=lambda: book, keys=keys)
    register.close()


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> HouseKey:
    """The key pair of the house."""
    return house_key(tmp_path_factory.mktemp("home"))


@pytest.fixture
def outside(office: Office, database_url: str, key: HouseKey) -> Iterator[Outside]:
    """A demo bank ``BANK1`` and an SMS centre that trust the house's key."""
    demo_bank = bank.serve(house=key.public)
    demo_sms = sms.serve(house=key.public)
    open_bank(database_url, "BANK1", demo_bank.endpoint)
    party = Outside(office, key, database_url, demo_bank, demo_sms)
    yield party
    party.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home."""
    return tmp_path
