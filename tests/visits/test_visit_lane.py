"""Batches answer and write what the act by itself answers and writes (P6, I8; the issue, 5)."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from minka.cipher.field import digest
from minka.client.identity import Identity
from minka.desk.office import Office
from minka.desk.settle_job import Verdict
from minka.desk.verify import verify
from minka.desk.visit import shown_of
from minka.desk.visit_job import BUSY, Heard, VisitJob
from minka.desk.visit_lane import VisitLane
from minka.desk.visit_look import covered
from minka.kit.outcome import Refused
from minka.store.journal import canonical
from tests.aside import aside
from tests.insurance.hall import found_city, insure, lose_card
from tests.visits.twins import FIRST, Counter, Script, Twin, plain, standing


@pytest.fixture(scope="module")
def counter(office: Office, database_url: str) -> Counter:
    """A city in which both ways are open."""
    found_city(office, Identity.new())
    with psycopg.connect(database_url) as owner:  # so that no visit has a person's number
        owner.execute("select setval('visit_no_seq', 1000000000)")
    return Counter(database_url, office)


def remember(twin: Twin, said: Any, message: Any, asked: Any) -> None:
    """What a twin keeps of an answer: the visit's number, and the message for a repetition."""
    facts = said.facts if isinstance(said, Heard) else said
    if not isinstance(facts, Refused) and "mdtrt_id" in facts:
        number = int(facts["mdtrt_id"])
        if number not in twin.visits:
            twin.visits.append(number)
    twin.said.append((message, asked))


def play(counter: Counter, seed: int, pairs: int, rounds: int) -> list[tuple[Twin, Twin]]:
    """Random messages to pairs of twins, one by itself and one in batches; equal answers."""
    office, script = counter.office, Script(random.Random(seed), counter.book, FIRST + seed * 10**6)
    twins = [(Twin(insure(office)), Twin(insure(office), side=1)) for _ in range(pairs)]
    for nth in range(rounds):
        makes = [script.next(alone) for alone, _ in twins]
        batch = [make(other) for make, (_, other) in zip(makes, twins, strict=True)]
        heard = aside(counter.in_batches(batch))
        for make, (alone, other), hears, sent in zip(makes, twins, heard, batch, strict=True):
            message, asked = make(alone)
            said = counter.by_itself(message, asked)
            remember(alone, said, message, asked)
            remember(other, hears, *sent)
            assert hears.verdict in (Verdict.DONE, Verdict.REFUSED)
            assert plain(hears, other) == plain(said, alone), asked
        if nth == rounds // 2:
            for pair in twins[: pairs // 3]:
                aside(counter.settle(pair, script.key()))
            for pair in twins[-pairs // 4 :]:
                for twin in pair:
                    lose_card(office, twin.who)
    return twins


@pytest.mark.parametrize("seed", [1, 2])
def test_twins_are_served_alike(counter: Counter, seed: int) -> None:
    """Every answer, visit, step, line, stored answer and audit event is the same (P6, I8)."""
    twins = play(counter, seed, pairs=14, rounds=24)
    for alone, other in twins:
        assert standing(counter.office, other) == standing(counter.office, alone)
    assert verify(counter.office.register).differences == 0


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(10, 22))
def test_many_twins_are_served_alike(counter: Counter, seed: int) -> None:
    """The same over longer lives."""
    for alone, other in play(counter, seed, pairs=14, rounds=60):
        assert standing(counter.office, other) == standing(counter.office, alone)


def test_what_a_visit_shows_and_the_audit_hash(counter: Counter) -> None:
    """Masks, sex and birthday are the person's own; the event's hash is of its content (I6, I8)."""
    twin, script = (
        Twin(insure(counter.office)),
        Script(random.Random(3), counter.book, FIRST + 30**7),
    )
    while not twin.visits:
        message, asked = script.open()(twin)
        (heard,) = aside(counter.in_batches([(message, asked)]))
        remember(twin, heard, message, asked)
    with counter.office.register.act() as connection:
        found = connection.execute(
            "select shown from visit where visit_no = %s", (twin.visits[0],)
        ).fetchone()
        coverage = counter_coverage(counter, twin)
        want = shown_of(connection, counter.office.keys, coverage, 11)
        events = connection.execute(
            "select content, hash from audit_event where person_id = %s and act = 'insurance.2201'",
            (twin.who.who.person_id,),
        ).fetchall()
    assert found is not None
    assert found["shown"] == want
    assert events
    assert all(bytes(each["hash"]) == digest(canonical(each["content"])) for each in events)


def counter_coverage(counter: Counter, twin: Twin) -> Any:
    """The person's coverage as it stands."""
    with counter.office.register.act() as connection:
        return covered(connection, counter.office, twin.who.who.person_id)


def test_one_person_and_one_key_once_in_a_batch(counter: Counter) -> None:
    """Twenty copies of one message and twenty others of the same person: one effect each (P6)."""
    twin, script = (
        Twin(insure(counter.office)),
        Script(random.Random(4), counter.book, FIRST + 40**7),
    )
    one = script.open()(twin)
    others = [script.open()(twin) for _ in range(20)]
    heard = aside(counter.in_batches([one, *others, *[one] * 19]))
    assert len({repr(heard[0])} | {repr(each) for each in heard[21:]}) == 1
    done = [each for each in heard[:21] if each.verdict is Verdict.DONE]
    with counter.office.register.act() as connection:
        found = connection.execute(
            "select count(*) as n, count(distinct visit_no) as visits from visit"
            " where person_id = %s",
            (twin.who.who.person_id,),
        ).fetchone()
    assert found is not None
    assert found["n"] == found["visits"] == len(done)


def test_too_many_are_told_busy_and_nothing_is_written(counter: Counter) -> None:
    """A full lane answers at once: busy, nothing booked (the issue, 5)."""
    twin, script = (
        Twin(insure(counter.office)),
        Script(random.Random(5), counter.book, FIRST + 50**7),
    )
    heard: list[Heard] = []

    async def crowd(put: Callable[[VisitJob], None]) -> None:
        for _ in range(5):
            put(VisitJob(*script.open()(twin), heard.append))

    async def run() -> None:
        lane = VisitLane(counter.url, counter.office, lambda: counter.book, counter.number, most=2)
        await crowd(lane.put)
        await lane.stop()

    aside(run())
    assert heard == [BUSY] * 5
    with counter.office.register.act() as connection:
        found = connection.execute(
            "select count(*) as n from message where person_id = %s", (twin.who.who.person_id,)
        ).fetchone()
    assert found == {"n": 0}
