"""Where stories are played: a furnished register for each, copied from one template."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import psycopg
from psycopg.rows import dict_row

from minka.bench.story_cast import furnish
from minka.bench.story_doors import DeskDoor, Door
from minka.cipher.field import SoftFieldKeys
from minka.desk.office import Office
from minka.law.book import Book
from minka.store.cluster import create_database, drop_database
from minka.store.connection import Register

DOORS = ("desk", "api")
FURNISHED_FOR = date(2026, 11, 22)
"""The day whose law says which kinds of place there are."""


@dataclass(frozen=True, slots=True)
class House:
    """A server with a furnished template on it."""

    url: str
    """The address of any database of the server."""
    template: str
    book: Book

    @contextmanager
    def stage(self, door: str = "desk") -> Iterator[tuple[Office, Door]]:
        """An office on a fresh register, and a door to it: ``desk`` or ``api``."""
        assert door in DOORS, door
        with self.office() as (office, url):
            if door == "desk":
                yield office, DeskDoor(office)
                return
            from minka.bench.story_api import api_door

            with api_door(office, url) as way:
                yield office, way

    @contextmanager
    def office(self) -> Iterator[tuple[Office, str]]:
        """An office on a fresh furnished register and its address, thrown away afterwards."""
        name = f"story_{secrets.token_hex(6)}"
        create_database(self.url, name, template=self.template)
        register = Register(database_of(self.url, name), size=4, wait_s=5)
        keys = SoftFieldKeys(b"field secret of a story, thrown away with it")
        try:
            office = Office(register=register, book=lambda: self.book, keys=keys)
            yield office, database_of(self.url, name)
        finally:
            register.close()
            drop_database(self.url, name)


@contextmanager
def furnished(url: str, migrated: str, book: Book) -> Iterator[House]:
    """A house on a server that has a migrated template."""
    name = f"furnished_{secrets.token_hex(6)}"
    create_database(url, name, template=migrated)
    laws = [book.on(region, FURNISHED_FOR) for region in book.regions]
    try:
        with psycopg.connect(database_of(url, name), row_factory=dict_row) as connection:
            furnish(connection, laws)
        yield House(url, name, book)
    finally:
        drop_database(url, name)


def database_of(url: str, name: str) -> str:
    """The address of another database of the same server."""
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    parts = {key: str(value) for key, value in conninfo_to_dict(url).items()}
    return make_conninfo("", **{**parts, "dbname": name})
