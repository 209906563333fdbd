"""The office as the doors open it: register, law book, field keys and fenced time."""

from __future__ import annotations

import os
import secrets
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

from minka.cipher.field import SoftFieldKeys
from minka.desk.office import Office
from minka.doors import settings
from minka.doors.trusted import TrustedTime
from minka.doors.vault import refuse_stand_in, the_custody, the_vault, vault_id
from minka.law.book import Book, read
from minka.store.cluster import database_url
from minka.store.connection import Register, RegisterAway, rows

NOTICES_EVERY_S = 60


@cache
def office() -> Office:
    """The one office of this process, opened on first use; ``StandInUsed`` in production."""
    refuse_stand_in()
    register = Register(database_url(), wait_s=1)
    clock = TrustedTime(register)
    return Office(
        register=register,
        book=LawShelf(register).book,
        keys=field_keys(settings.current().home),
        fence=clock.bound,
        slack=clock.slack,
        vault=the_vault,
        custody=the_custody,
        vault_id=vault_id(),
    )


def field_keys(home: Path) -> SoftFieldKeys:
    """The keys that seal personal fields: ``MINKA_FIELD_SECRET`` in hex, or a file of mode 0600.

    Losing the secret loses every name and number in the register: it is backed up apart from it.
    """
    given = os.environ.get("MINKA_FIELD_SECRET")
    if given:
        return SoftFieldKeys(bytes.fromhex(given))
    path = home / "field_secret"
    with suppress(FileExistsError):
        settings.write_once(path, secrets.token_hex(32))
    return SoftFieldKeys(bytes.fromhex(path.read_text("ascii")))


@dataclass
class LawShelf:
    """The law book with the holiday notices that were loaded into the register."""

    register: Register
    _read_at: float = field(default=-1e9, repr=False)
    _book: Book | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def book(self) -> Book:
        """The book; notices are looked up again now and then, and never stop a report."""
        with self._lock:
            if self._book is None:
                self._book = read()
            if time.monotonic() - self._read_at > NOTICES_EVERY_S:
                self._read_at = time.monotonic()
                self._book = with_notices(self._book, self.register)
            return self._book


def with_notices(book: Book, register: Register) -> Book:
    """The book with every published year that stands in the register."""
    years: dict[int, tuple[set[date], set[date]]] = {}
    with suppress(RegisterAway), register.act() as connection:
        for each in rows(connection, "reference.holidays"):
            off, extra = years.setdefault(each["day"].year, (set(), set()))
            (off if each["kind"] == "off" else extra).add(each["day"])
    for year, (off, extra) in sorted(years.items()):
        book = book.with_year(year, off, extra)
    return book
