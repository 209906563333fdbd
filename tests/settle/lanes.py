"""Lanes on a town's register for tests, driven from ordinary test functions."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import psycopg

from minka.bench import load_city
from minka.bench.load_city import Town
from minka.care.decide import Ask, Credential
from minka.care.split import AccountUse
from minka.cipher.field import FieldKeys
from minka.desk.care_book import CareBook, number_rule, read_book
from minka.desk.office import Office
from minka.desk.settle_job import Job, Outcome, Task
from minka.desk.settle_lane import Lane
from minka.desk.settle_think import NO_ASK
from tests.aside import aside

T = TypeVar("T")
FIRST = 202611220900000000


@dataclass(slots=True)
class Counter:
    """A settlement window on a town: makes jobs and waits for their answers."""

    url: str
    office: Office
    town: Town
    book: CareBook = field(default_factory=CareBook)
    serial: int = FIRST

    async def number(self, ref: str) -> None:
        """Give a rule version its number."""
        with self.office.register.act() as connection:
            self.book.rules.update(number_rule(connection, ref))

    def key(self) -> int:
        """A fresh message number."""
        self.serial += 1
        return self.serial

    def bill(self, bill: int, task: Task = Task.SETTLE, **other: Any) -> Job:
        """The settlement of a bill of the town."""
        person = load_city.holder_of(bill, self.town)
        total, *_ = load_city.bill_of(bill)
        card = load_city.card_number(person).encode()
        ask = Ask(Credential.CARD, card, total, None, AccountUse.YES, load_city.SCHEME)
        values = {
            "msg_no": self.key(),
            "origin_no": load_city.provider_of(bill, self.town),
            "person_id": person,
            "infno": 2207,
            "ask": ask,
            "visit_no": bill,
            "batch": b"B1",
            "content_hash": b"content of bill %d" % bill,
            **other,
        }
        return Job(task, **values)

    def undoing(self, of: Job, task: Task, **other: Any) -> Job:
        """A refund or reversal of a job."""
        values = {
            "msg_no": self.key(),
            "origin_no": of.origin_no,
            "person_id": of.person_id,
            "infno": 2208 if task is Task.REFUND else 2601,
            "ask": NO_ASK,
            "of_msg_no": of.msg_no,
            "of_origin_no": of.origin_no,
            "content_hash": b"undo",
            **other,
        }
        return Job(task, **values)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something in a loop of its own."""
        return aside(work)

    async def answers(self, jobs: Sequence[Job], lanes: int = 1) -> list[Outcome]:
        """Put jobs into lanes at once, and wait for every answer."""
        opened = [Lane(self.url, lambda: self.book, self.number) for _ in range(lanes)]
        for lane in opened:
            lane.start()
        try:
            for job in jobs:
                opened[job.person_id % lanes].put(job)
            return [await asyncio.wait_for(job.answer, 30) for job in jobs]
        finally:
            for lane in opened:
                await lane.stop()


@contextmanager
def counter(url: str, office: Office, keys: FieldKeys, town: Town) -> Iterator[Counter]:
    """A window on a fresh town."""
    load_city.found(url, keys, town)
    window = Counter(url, office, town)
    with office.register.act() as connection:
        window.book = read_book(connection, window.book)
    yield window


def value(url: str, statement: str) -> Any:
    """One value out of the register, in the owner's role."""
    with psycopg.connect(url) as owner:
        found = owner.execute(statement.encode()).fetchone()
    assert found is not None
    return found[0]
