"""An empty register for each test that asks, and workers' keys."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from minka.cipher.field import SoftFieldKeys
from minka.desk.office import Office
from minka.doors.files.workers import Crew
from minka.law.book import Book
from minka.store.cluster import Cluster, create_database, drop_database
from minka.store.connection import Register

SECRET = b"field secret of the tests, 32 bytes"

NewOffice = Callable[[], Office]


@pytest.fixture
def new_office(cluster: Cluster, template: str, book: Book) -> Iterator[NewOffice]:
    """Opens an office on an empty register as often as it is called."""
    made: list[tuple[str, Register]] = []

    def opened() -> Office:
        name = f"t_{secrets.token_hex(6)}"
        create_database(cluster.url("postgres"), name, template=template)
        register = Register(cluster.url(name), size=4, wait_s=10)
        made.append((name, register))
        return Office(register=register, book=lambda: book, keys=SoftFieldKeys(SECRET))

    yield opened
    for name, register in made:
        register.close()
        drop_database(cluster.url("postgres"), name)


@pytest.fixture
def empty(new_office: NewOffice) -> Office:
    """An office on an empty register."""
    return new_office()


@pytest.fixture
def crew() -> Crew:
    """This process alone."""
    return Crew(partial(SoftFieldKeys, SECRET))


@pytest.fixture
def two_workers() -> Crew:
    """Two processes beside this one."""
    return Crew(partial(SoftFieldKeys, SECRET), workers=2)
