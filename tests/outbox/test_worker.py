"""The hands at work: latency, hands that die, a register that goes, and the key of the house."""

from __future__ import annotations

import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from minka.bench.server import Fault
from minka.desk.office import Office
from minka.doors.outbox.signing import BadSignature, house_key, verify
from minka.doors.outbox.worker import Lane, Pace, Rests, deliver_next, work_lanes
from minka.store.connection import Register
from tests.outbox.outside import Outside, phone_of, report, resident, states


@contextmanager
def working(office: Office, lanes: tuple[Lane, ...]) -> Iterator[None]:
    """The worker, running."""
    enough = threading.Event()
    worker = threading.Thread(target=work_lanes, args=(office, enough, lanes))
    worker.start()
    try:
        yield
    finally:
        enough.set()
        worker.join(timeout=20)
        assert not worker.is_alive()


def test_an_idle_worker_delivers_within_a_moment(outside: Outside) -> None:
    """Bank, text and hot list within a second of the report on a busy machine."""
    someone = resident(outside.office)
    with working(outside.office, outside.lanes):
        time.sleep(0.3)
        report(outside.office, someone)
        until = time.monotonic() + 3
        while time.monotonic() < until:
            open_ones = [s for s in states(outside.url, someone) if s["done_at"] is None]
            if len(open_ones) == 3:
                break
            time.sleep(0.01)
    planned = sorted(s["topic"] for s in states(outside.url, someone) if s["done_at"] is None)
    assert planned == ["bank.resume", "notice.lapsed", "notice.lapses_soon"]


def test_many_hands_send_nothing_twice(outside: Outside) -> None:
    """Two hands and more on one lane: each message goes out once, all of them go out."""
    people = [resident(outside.office) for _ in range(15)]
    for someone in people:
        report(outside.office, someone)
    lanes = tuple(Lane(lane.name, lane.deliver, 4, lane.pace, lane.rests) for lane in outside.lanes)
    with working(outside.office, lanes):
        until = time.monotonic() + 15
        while time.monotonic() < until and len(outside.bank.bank.given) < 15:
            time.sleep(0.05)
        while time.monotonic() < until and len(outside.sms.centre.given) < 15:
            time.sleep(0.05)
    assert set(outside.bank.bank.given.values()) == {1}
    assert set(outside.sms.centre.given.values()) == {1}
    assert len(outside.bank.bank.given) == len(outside.sms.centre.given) == 15


def test_a_hand_that_dies_in_the_middle_lets_go_of_its_message(outside: Outside) -> None:
    """The bank did it, the worker died before its commit: done again under the same key."""
    someone = resident(outside.office)
    report(outside.office, someone)
    lane = outside.lane("bank")

    def die(connection: object, message: object, now: object) -> object:
        lane.deliver(connection, message, now)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deliver_next(outside.office, Lane("bank", die))  # type: ignore[arg-type]
    (state,) = states(outside.url, someone, "bank.stop")
    assert (state["done_at"], state["tries"]) == (None, 0)
    outside.deliver("bank")
    assert len(outside.bank.bank.orders) == 1
    assert set(outside.bank.bank.given.values()) == {2}


def test_hands_outlive_a_register_that_is_away(office: Office, outside: Outside) -> None:
    """Without a register the hands wait; they go on when it is there and end when told."""
    someone = resident(office)
    report(office, someone)
    nowhere = replace(office, register=Register("postgresql://nobody@127.0.0.1:9/x", wait_s=1))
    enough = threading.Event()
    worker = threading.Thread(target=work_lanes, args=(nowhere, enough, outside.lanes))
    worker.start()
    time.sleep(2.5)
    assert sum(name.name.startswith("outbox-") for name in threading.enumerate()) == 4
    enough.set()
    worker.join(timeout=20)
    assert not worker.is_alive()
    nowhere.register.close()
    with working(office, outside.lanes):
        until = time.monotonic() + 5
        while time.monotonic() < until and not outside.bank.bank.orders:
            time.sleep(0.02)
    assert [order for _, order, _ in outside.bank.bank.orders] == ["stop"]


def test_waits_double_up_to_the_longest() -> None:
    """Exponential back-off, never for ever longer."""
    pace = Pace(timedelta(seconds=1), timedelta(seconds=30))
    waits = [pace.wait(tries).total_seconds() for tries in (0, 1, 2, 3, 4, 5, 6, 10_000)]
    assert waits == [1, 2, 4, 8, 16, 30, 30, 30]


def test_a_resting_bank_does_not_hold_the_hands(outside: Outside) -> None:
    """One bank is away; the messages of another go out first and at once."""
    from tests.outbox.outside import open_bank

    open_bank(outside.url, "BANK9", "http://127.0.0.1:9/orders")
    for _ in range(5):
        report(outside.office, resident(outside.office, bank_id="BANK9"))
    someone = resident(outside.office)
    report(outside.office, someone)
    lane = outside.lane("bank")
    resting = Lane("bank", lane.deliver, 1, lane.pace, Rests(first_s=60))
    tries = 0
    while deliver_next(outside.office, resting):
        tries += 1
    assert tries == 2
    assert someone.card_number in outside.bank.bank.accounts
    resting.rests.back("BANK9")
    assert resting.rests.names() == []


def test_what_comes_later_of_one_card_waits_for_what_comes_first(outside: Outside) -> None:
    """Texts about one card keep their order; another card's go past."""
    first, second = resident(outside.office), resident(outside.office)
    report(outside.office, first, "R1")
    outside.sms.party.faults.switch(Fault.DOWN, 1)
    slow = Pace(timedelta(hours=1), timedelta(hours=1))
    lane = outside.lane("notice")
    patient = Lane("notice", lane.deliver, 1, slow, Rests(first_s=0))
    deliver_next(outside.office, patient)
    report(outside.office, second)
    while deliver_next(outside.office, patient):
        pass
    assert outside.sms.centre.inbox(phone_of(outside.office, first)) == []
    assert len(outside.sms.centre.inbox(phone_of(outside.office, second))) == 1


def test_the_house_key_is_made_once_and_for_its_owner_alone(home: Path) -> None:
    """One pair per home, mode 0600; it does not print."""
    key = house_key(home)
    again = house_key(home)
    assert key == again
    path = home / "signing_key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    secret = path.read_text("ascii").split()[1]
    assert secret not in repr(key)
    signature = key.sign(b"content")
    verify(key.public, b"content", signature)
    for wrong in (b"Content", b""):
        with pytest.raises(BadSignature):
            verify(key.public, wrong, signature)
    with pytest.raises(BadSignature):
        verify(house_key(home / "other").public, b"content", signature)
    with pytest.raises(BadSignature):
        verify(key.public, b"content", "not base64 !")
