"""P15: a loss report needs the register and nothing else, whoever else is away."""

from __future__ import annotations

import itertools
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime

import pytest

from minka.bench import bank, sms
from minka.bench.server import Fault
from minka.bench.terminal import HotlistKeeper
from minka.cards.card import Standing
from minka.cipher.field import SoftFieldKeys, digest
from minka.desk.look_stops import Side, StopLine, StopState, both_stopped, stops
from minka.desk.office import Office
from minka.doors.outbox.hotlist import whole_list
from minka.doors.outbox.signing import HouseKey
from minka.doors.outbox.worker import Lane, work_lanes
from minka.law.book import Book
from minka.store import cards
from minka.store.cluster import Cluster, create_database, drop_database
from minka.store.connection import Register
from minka.store.journal import canonical
from tests.outbox.outside import Outside, ask, open_bank, phone_of, report, resident

PARTIES = ("bank", "sms", "sequencer", "witness", "terminal")
LONGEST_S = 3.0
WITHIN_S = 8.0


@pytest.fixture(scope="module")
def shared(
    cluster: Cluster,
    template: str,
    book: Book,
    keys: SoftFieldKeys,
    key: HouseKey,
) -> Iterator[Outside]:
    """One register and one set of parties for all combinations; each has its own resident."""
    name = f"t_{secrets.token_hex(6)}"
    create_database(cluster.url("postgres"), name, template=template)
    register = Register(cluster.url(name), size=16, wait_s=5)
    office = Office(register=register, book=lambda: book, keys=keys)
    parties = Outside(
        office, key, cluster.url(name), bank.serve(house=key.public), sms.serve(house=key.public)
    )
    open_bank(cluster.url(name), "BANK1", parties.bank.endpoint)
    yield parties
    parties.close()
    register.close()
    drop_database(cluster.url("postgres"), name)


@contextmanager
def working(office: Office, lanes: list[Lane]) -> Iterator[None]:
    """The outbox worker, as it runs in the city."""
    enough = threading.Event()
    worker = threading.Thread(target=work_lanes, args=(office, enough, lanes))
    worker.start()
    try:
        yield
    finally:
        enough.set()
        worker.join(timeout=20)
        assert not worker.is_alive()


def eventually(holds: Callable[[], object]) -> bool:
    """Whether something comes to hold within a few seconds."""
    until = time.monotonic() + WITHIN_S
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.02)
    return False


def witnessed(outside: Outside, person_id: int) -> int:
    """What an audit witness that reads the events counts; 0 when one was changed."""
    found = ask(
        outside.url,
        "select content, hash from audit_event where person_id = %s and act = 'ReportLoss'",
        (person_id,),
    )
    return sum(digest(canonical(each["content"])) == bytes(each["hash"]) for each in found)


@pytest.mark.parametrize("absent", list(itertools.product((0, 1), repeat=len(PARTIES))))
def test_a_report_is_taken_whoever_is_away(shared: Outside, absent: tuple[int, ...]) -> None:
    """P15, A2: taken at once and stopped; whoever is there is told, nobody delays it."""
    away = {name for name, gone in zip(PARTIES, absent, strict=True) if gone}
    outside, office = shared, shared.office
    someone = resident(office)
    outside.bank.party.faults.switch(Fault.DOWN if "bank" in away else Fault.NONE)
    outside.sms.party.faults.switch(Fault.DOWN if "sms" in away else Fault.NONE)
    lanes = [lane for lane in outside.lanes if lane.name != "hotlist" or "sequencer" not in away]
    held = HotlistKeeper("R1", outside.key.public)

    def told() -> bool:
        lines = read(outside, someone.person_id, someone.card_id)
        bank = any(line.side is Side.BANK and line.state is StopState.DONE for line in lines)
        texts = bool(outside.sms.centre.inbox(phone_of(office, someone)))
        return bank == ("bank" not in away) and texts == ("sms" not in away) and listed()

    def listed() -> bool:
        if "terminal" in away:
            return True
        held.take(*whole_list(office, outside.key, "R1"))
        return held.listed(someone.card_number) == int("sequencer" not in away)

    with ExitStack() as stack:
        stack.enter_context(working(office, lanes))
        began = time.monotonic()
        answer = report(office, someone)
        took = time.monotonic() - began
        assert took < LONGEST_S
        at = datetime.fromisoformat(answer.facts["stopped_at"])
        with office.register.act() as connection:
            standing = cards.standing(connection, someone.person_id, someone.card_id, at)
        assert standing is Standing.PROVISIONAL_LOSS
        assert eventually(told)
    block = read(outside, someone.person_id, someone.card_id)
    assert both_stopped(block, block[0].block_id) == int("bank" not in away)
    if "witness" not in away:
        assert witnessed(outside, someone.person_id) == 1


def read(outside: Outside, person_id: int, card_id: int) -> list[StopLine]:
    """The lines of a card's stops."""
    with outside.office.register.act() as connection:
        return stops(connection, person_id, card_id)
