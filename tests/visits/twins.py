"""Twins: of two people who are alike, one is served message by message, the other in batches."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from minka.care.decide import Ask, Credential
from minka.care.plan import VisitKind
from minka.care.split import AccountUse
from minka.desk import charges, visit
from minka.desk.care_book import CareBook, Provider, number_rule, read_book
from minka.desk.catalogue import Charge
from minka.desk.office import Office
from minka.desk.settle_job import Job, Task
from minka.desk.settle_lane import Lane
from minka.desk.visit import OUTPATIENT, Opening, Showing
from minka.desk.visit_act import Facts, Message, Work, once
from minka.desk.visit_job import Asked, Cancel, Change, Heard, Upload, VisitJob
from minka.desk.visit_lane import VisitLane
from minka.kit.clock import CHINA
from minka.kit.outcome import Refused
from minka.kit.secret import Clear
from tests.insurance.hall import CLINIC, HOSPITAL, ITEMS, SCHEME, Patient

FIRST = 202611220900000000
TODAY = datetime.now(CHINA).date()
CODES = (*(code for code, _, _ in ITEMS), "OLD1", "NONE")


@dataclass
class Twin:
    """One of two: the person, the visits in their order, and what was said before."""

    who: Patient
    side: int = 0
    """Whose messages have numbers of their own: a key has one effect, whoever it is about."""
    visits: list[int] = field(default_factory=list)
    said: list[tuple[Message, Asked]] = field(default_factory=list)

    def visit_no(self, nth: int) -> int:
        """The nth visit; a number nobody has when there is none."""
        return self.visits[nth] if nth < len(self.visits) else 10**15


Make = Callable[[Twin], tuple[Message, Asked]]
"""Makes one message for either twin, the same but for whose it is."""


@dataclass
class Script:
    """Random messages, each for both of two twins."""

    chance: random.Random
    book: CareBook
    serial: int

    def key(self) -> int:
        """A fresh number of a message."""
        self.serial += 1
        return self.serial

    def next(self, twin: Twin) -> Make:
        """The next message, one in six a repetition, one in twelve with another content."""
        turn = self.chance.random()
        if twin.said and turn < 0.25:
            nth, other = self.chance.randrange(len(twin.said)), turn < 0.08
            return lambda one: _again(one, nth, other=int(other))
        kinds = (self.open, self.open, self.change, self.cancel, self.upload, self.upload)
        return self.chance.choice(kinds)()

    def provider(self) -> Provider:
        """Mostly the hospital."""
        return self.book.providers[self.chance.choice((HOSPITAL, HOSPITAL, HOSPITAL, CLINIC))]

    def open(self) -> Make:
        """2201, sometimes with something else in the hand or on the wrong day."""
        key, provider, chance = self.key(), self.provider(), self.chance
        credential, wrong = chance.choice((1, 2, 3, 3, 3)), chance.random() < 0.2
        scheme = chance.choice((SCHEME, SCHEME, SCHEME, 390))
        begun = datetime.now(CHINA) - timedelta(days=chance.choice((0, 0, 0, 400 * 12)))

        def make(twin: Twin) -> tuple[Message, Asked]:
            shown = Clear("nobody's" if wrong else _shown(twin.who, credential))
            opening = Opening(
                VisitKind.OUTPATIENT, 11, scheme, begun, f"O{key}", Showing(credential, shown), {}
            )
            return _message(key, provider, twin, 2201), opening

        return make

    def change(self) -> Make:
        """2203."""
        key, nth, provider = self.key(), self.chance.randrange(3), self.provider()
        med_type, basis = self.chance.choice(((11, 1), (13, 1), (14, 2)))
        return lambda twin: (
            _message(key, provider, twin, 2203),
            Change(twin.visit_no(nth), med_type, basis, {"dise_codg": "M1"}),
        )

    def cancel(self) -> Make:
        """2202."""
        key, nth, provider = self.key(), self.chance.randrange(6), self.provider()
        return lambda twin: (
            _message(key, provider, twin, 2202),
            Cancel(twin.visit_no(nth), OUTPATIENT),
        )

    def upload(self) -> Make:
        """2204 with up to five lines, now and then wrong, doubled, or a return."""
        key, nth, provider = self.key(), self.chance.randrange(3), self.provider()
        lines = [self.line() for _ in range(self.chance.randint(1, 5))]
        return lambda twin: (
            _message(key, provider, twin, 2204),
            Upload(twin.visit_no(nth), lines, OUTPATIENT),
        )

    def line(self) -> Charge:
        """One line."""
        chance = self.chance
        returns = chance.random() < 0.12
        units, fen = chance.randint(1, 3), chance.choice((100, 10_000, 17_350))
        sign = -1 if returns else 1
        off = chance.choice((0, 0, 0, 0, 0, 0, 0, 0, 0, 777))
        return Charge(
            f"L{chance.randrange(60)}",
            chance.choices(CODES, (6, 6, 6, 6, 1, 1))[0],
            TODAY + timedelta(days=chance.choices((0, -3, 2), (20, 10, 1))[0]),
            sign * units * fen + off,
            sign * units * 10_000,
            fen * 10_000,
            chance.choice(("B1", "B1", "B2")),
            chance.choices(("", "M1"), (9, 1))[0],
            f"L{chance.randrange(60)}" if returns else "",
        )


def _shown(who: Patient, credential: int) -> str:
    return {1: who.token, 2: who.who.number.reveal(), 3: who.who.card_number}[credential]


def _message(key: int, provider: Provider, twin: Twin, infno: int) -> Message:
    content = key.to_bytes(16, "big")
    return Message(key + twin.side * 10**9, provider, twin.who.who.person_id, infno, content, "1")


def _again(twin: Twin, nth: int, *, other: int) -> tuple[Message, Asked]:
    message, asked = twin.said[nth]
    if not other:
        return message, asked
    changed = Message(
        message.msg_no, message.provider, message.person_id, message.infno, b"x" * 16, "1"
    )
    return changed, asked


def work_of(asked: Asked) -> Work:
    """The same as an act by itself."""
    if isinstance(asked, Opening):
        return visit.register(asked)
    if isinstance(asked, Change):
        return visit.change(asked.visit_no, asked.med_type, asked.basis, asked.details)
    if isinstance(asked, Cancel):
        return visit.cancel(asked.visit_no, asked.bases)
    assert isinstance(asked, Upload)
    return charges.upload(asked.visit_no, asked.charges, asked.bases)


@dataclass
class Counter:
    """Both ways to serve a message."""

    url: str
    office: Office
    book: CareBook = field(default_factory=CareBook)

    def __post_init__(self) -> None:
        with self.office.register.act() as connection:
            self.book = read_book(connection, self.book)

    async def number(self, ref: str) -> None:
        """Give a rule version its number."""
        with self.office.register.act() as connection:
            self.book.rules.update(number_rule(connection, ref))

    def by_itself(self, message: Message, asked: Asked) -> Facts | Refused:
        """One act in one transaction on a connection of its own."""
        return once(self.office, self.book, message, work_of(asked))

    async def in_batches(self, said: Sequence[tuple[Message, Asked]]) -> list[Heard]:
        """All of them at once through a lane."""
        lane = VisitLane(self.url, self.office, lambda: self.book, self.number)
        lane.start()
        loop = asyncio.get_running_loop()
        waiting: list[asyncio.Future[Heard]] = [loop.create_future() for _ in said]
        for (message, asked), heard in zip(said, waiting, strict=True):
            lane.put(VisitJob(message, asked, heard.set_result))
        try:
            return [await asyncio.wait_for(each, 30) for each in waiting]
        finally:
            await lane.stop()

    async def settle(self, twins: Sequence[Twin], key: int) -> None:
        """Settle the first visit of each, as far as it can be settled."""
        lane = Lane(self.url, lambda: self.book, self.number)
        lane.start()
        jobs = [self._bill(twin, key) for twin in twins if twin.visits]
        for job in jobs:
            lane.put(job)
        for job in jobs:
            with suppress(TimeoutError):
                await asyncio.wait_for(job.answer, 30)
        await lane.stop()

    def _bill(self, twin: Twin, key: int) -> Job:
        total = (
            "select coalesce(sum(total), 0)::bigint as total from fee_upload where visit_no = %s"
        )
        with self.office.register.act() as connection:
            found = connection.execute(total, (twin.visits[0],)).fetchone()
        assert found is not None
        card = twin.who.who.card_number.encode()
        ask = Ask(Credential.CARD, card, found["total"], None, AccountUse.YES, SCHEME)
        person = twin.who.who.person_id
        key += twin.side * 10**9
        return Job(Task.SETTLE, key, HOSPITAL, person, 2207, ask, visit_no=twin.visits[0])


def plain(said: Facts | Refused | Heard, twin: Twin) -> Any:
    """An answer with the twin's own numbers taken out."""
    if isinstance(said, Heard):
        said = said.refused or said.facts
    if isinstance(said, Refused):
        return said.reason.code, neutral(dict(said.facts), twin)
    return "done", neutral(dict(said), twin)


def neutral(value: Any, twin: Twin) -> Any:
    """JSON with the numbers of the person and of the visits replaced by their place."""
    text = json.dumps(value, sort_keys=True, default=str)
    for place, number in enumerate(twin.visits):
        text = text.replace(f'"{number}"', f'"visit {place}"')
    person = twin.who.who.person_id
    return text.replace(f'"psn_no": "{person}"', '"who"').replace(f'"person_id": {person}', '"who"')


FACTS = {
    "visits": "select basis, med_type, scheme, credential, provider_no, ipt_otp_no, begun_at,"
    " details, card_id > 0 as bound, (string_to_array(shown, '|'))[4:] as shown"
    " from visit where person_id = %(person_id)s order by visit_no",
    "steps": "select seq, step, details, dense_rank() over (order by visit_no) as visit"
    " from visit_step where person_id = %(person_id)s order by visit_no, seq",
    "uploads": "select batch, served_on, counters, total, own_pay, over_limit, self_first,"
    " in_scope, lines, dense_rank() over (order by visit_no) as visit"
    " from fee_upload where person_id = %(person_id)s order by fee_no",
    "messages": "select origin_no, infno, content_hash,"
    " convert_from(answer, 'UTF8')::jsonb as answer"
    " from message where person_id = %(person_id)s order by msg_no",
    "audit": "select act, actor, content - 'message' as content from audit_event"
    " where person_id = %(person_id)s and act like 'insurance.%%' order by content ->> 'message'",
}
"""What of a twin stands in the register."""


def standing(office: Office, twin: Twin) -> dict[str, Any]:
    """All of it, with the twin's own numbers taken out."""
    person = {"person_id": twin.who.who.person_id}
    with office.register.act() as connection:
        return {
            name: neutral(connection.execute(words.encode(), person).fetchall(), twin)
            for name, words in FACTS.items()
        }
