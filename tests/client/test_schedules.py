"""Random faults in random order: every timed-out settlement nets to zero or is booked twice (P9).

"Twice" is once on each side. The software dies and starts anew, a second one repairs meanwhile,
messages are lost, doubled, late, garbled and turned away; then the faults stop and all must agree.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest

from minka.bench.kit_platform import Gate, Platform
from minka.cipher.field import SoftFieldKeys
from minka.client import (
    Ask,
    Bill,
    By,
    Carried,
    Client,
    Credential,
    Identity,
    OutboundLog,
    Seal,
    Site,
    State,
    Success,
    Why,
    settled,
)
from minka.client.carrier import Sign
from minka.client.gateway import Session, headers
from minka.kit.clock import CHINA
from minka.kit.secret import Clear
from tests.client.ward import FIRST, line, visit_fields

IDENTITY = Identity.new()
KEYS = SoftFieldKeys(b"the outbound log's secret of the tests")
EVENTS = (
    *("lost_before", "lost_after", "late", "twice", "half", "empty", "middleware", "busy"),
    *("refused", "dies_before", "dies_after", "another_repairs", "slow"),
)
OPEN = (State.OPEN, State.REVERSING)


class Died(BaseException):
    """The software ended here, as by kill -9."""


class Wire:
    """A line to a platform in this process, on which anything may happen."""

    def __init__(self, platform: Platform, site: Site, chance: random.Random) -> None:
        self.platform, self.site, self.chance = platform, site, chance
        self.is_bad = False
        self.late: list[bytes] = []
        self.seen: set[bytes] = set()
        self.meanwhile: Callable[[], None] = lambda: None

    def close(self) -> None:
        """Nothing is held."""

    def deliver(self, body: bytes) -> Carried:
        """One honest delivery."""
        answer = self.platform.answer(headers(self.site, body, None), body)
        return Carried(answer.body, answer.status)

    def carry(self, body: bytes, _session: Session | None, _sign: Sign | None = None) -> Carried:
        """One delivery and its event."""
        is_first = body not in self.seen
        self.seen.add(body)
        if not self.is_bad or self.chance.random() < 0.4:
            return self.deliver(body)
        event = self.chance.choice(EVENTS)
        if event == "refused" and is_first and b'"infno": "2601"' not in body:
            return Carried('{"infcode": -1, "err_msg": "演练"}'.encode())
        return self._wrong(event, body)

    def _wrong(self, event: str, body: bytes) -> Carried:
        match event:
            case "lost_before":
                return Carried(fault=Why.TIME_OUT)
            case "late":
                self.late.append(body)
                return Carried(fault=Why.TIME_OUT)
            case "busy":
                return Carried('{"infcode": -1, "err_msg": "忙"}'.encode(), 503)
            case "dies_before":
                raise Died
        came = self.deliver(body)
        if event == "dies_after":
            raise Died
        if event == "another_repairs":
            self.meanwhile()
        if event == "twice":
            self.deliver(body)
        return {
            "lost_after": Carried(fault=Why.BROKEN),
            "half": Carried(came.body[: len(came.body) // 2]),
            "empty": Carried(b""),
            "middleware": Carried(b'{"code": 999, "message": "x", "data": null}'),
        }.get(event, came)


class World:
    """One hospital with two workstations on one log, and its platform."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.ask = self.chance.choice(list(Ask))
        self.now = datetime(2026, 5, 1, 9, tzinfo=CHINA)
        self.platform = Platform(Gate(public_key=IDENTITY.public_key))
        gate = self.platform.gate
        self.site = Site(
            *("http://nowhere", gate.code, "演示医院", "990100"),
            paasid=gate.paasid,
            secret=gate.secret,
            ask=self.ask,
            seal=Seal.NONE,
            patience_ms=1_000,
        )
        self.log = OutboundLog(":memory:", KEYS, clock=lambda: self.now)
        self.wire = Wire(self.platform, self.site, self.chance)
        self.desks = [
            Client(self.site, "", IDENTITY, carrier=self.wire, log=self.log) for _ in range(2)
        ]
        self.wire.meanwhile = self.repair_elsewhere
        card = self.platform.books.people[FIRST].card_number
        self.shown = Credential(By.CARD, Clear(card))
        self.bills: list[Bill] = []

    def repair_elsewhere(self) -> None:
        """Long enough after, the other workstation repairs while this one still waits."""
        self.now += timedelta(seconds=self.chance.choice([0, 10]))
        self.wire.is_bad = False
        self.desks[1].repair()
        self.wire.is_bad = True

    def open_bill(self) -> None:
        """A visit with a line, before anything goes wrong."""
        number = f"B{len(self.bills)}"
        desk = self.desks[0]
        found = desk.register(FIRST, self.shown, **visit_fields(number))
        assert isinstance(found, Success)
        mdtrt_id = found.output["data"]["mdtrt_id"]
        assert isinstance(desk.upload(FIRST, [line(number, mdtrt_id, 1_000)]), Success)
        self.bills.append(Bill(number, FIRST, mdtrt_id, self.shown, 1_000, batch=number))

    def step(self) -> None:
        """Somebody does something; perhaps the software dies of it."""
        desk, bill = self.chance.choice(self.desks), self.chance.choice(self.bills)
        self.now += timedelta(milliseconds=self.chance.choice([0, 300, 2_000, 9_000]))
        try:
            match self.chance.choice(["settle", "settle", "refund", "repair", "reverse", "late"]):
                case "settle":
                    quoted = desk.pre_settle(bill)
                    if isinstance(quoted, Success):
                        desk.settle(bill, quoted)
                case "refund":
                    self.refund(desk, bill)
                case "repair":
                    desk.repair()
                case "reverse":
                    self.reverse(desk, bill)
                case "late":
                    self.deliver_late()
        except Died:
            pass

    def refund(self, desk: Client, bill: Bill) -> None:
        """Take back what stands for a bill."""
        standing = self.log.standing(bill.number)
        if standing is not None and standing.state is State.SUCCESS:
            done = desk.outcome(standing.msgid)
            assert isinstance(done, Success)
            desk.refund(settled(done.output))

    def reverse(self, desk: Client, bill: Bill) -> None:
        """Give up what is unknown of a bill."""
        standing = self.log.standing(bill.number)
        if standing is not None and standing.state is State.OPEN:
            desk.reverse(standing.msgid)

    def deliver_late(self) -> None:
        """Something that lay in a queue arrives."""
        if self.wire.late:
            self.wire.deliver(self.wire.late.pop(self.chance.randrange(len(self.wire.late))))

    def calm(self) -> None:
        """The faults stop, the queues run empty, repair runs until nothing is open."""
        self.wire.is_bad = False
        if self.chance.random() < 0.5:
            self.empty_queues()
        for _ in range(5):
            self.now += timedelta(seconds=10)
            self.desks[0].repair()
        self.empty_queues()
        assert not [each for state in OPEN for each in self.log.in_state(state)]

    def empty_queues(self) -> None:
        """Whatever is late arrives."""
        while self.wire.late:
            self.deliver_late()

    def check(self) -> None:
        """Both books hold the same rows, each bill at most one settlement, and all is told."""
        books = self.platform.books
        day = books.now().strftime("%Y-%m-%d")
        for bill in self.bills:
            rows = [e for e in books.entries.values() if e.mdtrt_id == bill.mdtrt_id]
            live = [e for e in rows if e.kind == "settlement" and not e.undone]
            standing = self.log.standing(bill.number)
            assert len(live) <= 1
            assert sum(e.amounts["total"] for e in rows) == 1_000 * len(live)
            assert bool(live) == (standing is not None and standing.state is State.SUCCESS)
            assert [e.msgid for e in live] == ([standing.msgid] if live and standing else [])
        ours = {row.setl_id: row.total_fen for row in self.desks[0].book.lines(day)}
        reversed_ = {e.setl_id for e in books.entries.values() if e.kind == "reversal"}
        gone = {e.of_setl_id for e in books.entries.values() if e.kind == "reversal"}
        theirs = {
            setl_id: e.amounts["total"]
            for setl_id, e in books.entries.items()
            if setl_id not in reversed_ | gone
        }
        assert ours == theirs
        assert books.people[FIRST].balance_fen >= 0


def run(seed: int) -> int:
    """One world from its seed; how many messages it took."""
    world = World(seed)
    for _ in range(world.chance.randint(1, 3)):
        world.open_bill()
    world.wire.is_bad = True
    for _ in range(world.chance.randint(3, 10)):
        world.step()
    world.calm()
    world.check()
    return len(world.wire.seen)


@pytest.mark.parametrize("part", range(10))
def test_a_thousand_schedules(part: int) -> None:
    """A hundred worlds in each part; a failing one is its seed."""
    for seed in range(part * 100, part * 100 + 100):
        assert run(seed) > 0, seed


@pytest.mark.nightly
@pytest.mark.parametrize("part", range(100))
def test_a_hundred_thousand_schedules(part: int) -> None:
    """The same by night with other seeds."""
    for seed in range(1_000_000 + part * 1_000, 1_000_000 + part * 1_000 + 1_000):
        assert run(seed) > 0, seed


def test_the_schedules_have_teeth(monkeypatch: pytest.MonkeyPatch) -> None:
    """A platform that forgets what it answered is caught: the check can fail."""
    monkeypatch.setattr(Platform, "_once", lambda self, *words: self._act(*words))
    failed = 0
    for seed in range(60):
        try:
            run(seed)
        except AssertionError:
            failed += 1
    assert failed > 0


def test_a_client_that_books_the_unknown_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that takes an unknown settlement for a refusal doubles or loses money."""
    from minka.client import Asked, Outcome, Refused, Unknown, judge, messenger

    def hasty(asked: Asked, came: Carried, _open: Sequence[str]) -> Outcome:
        found = judge(asked, came)
        return Refused(found.msgid, found.infno, "?") if isinstance(found, Unknown) else found

    monkeypatch.setattr(messenger, "judge", hasty)
    with pytest.raises(AssertionError):
        sum(run(seed) for seed in range(60))
