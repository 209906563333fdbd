"""Registrations in batches against loss reports at the same instant (P1, P2; the race of A)."""

from __future__ import annotations

import asyncio
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from minka.care.plan import VisitKind
from minka.client.identity import Identity
from minka.desk.office import Office
from minka.desk.settle_job import Verdict
from minka.desk.visit import Opening, Showing
from minka.desk.visit_act import Message
from minka.desk.visit_job import Heard, VisitJob
from minka.desk.visit_lane import VisitLane
from minka.kit.clock import CHINA
from minka.kit.secret import Clear
from tests.insurance.hall import HOSPITAL, SCHEME, Patient, found_city, insure, lose_card
from tests.visits.twins import FIRST, Counter

PEOPLE, EACH = 24, 12


@pytest.fixture(scope="module")
def counter(office: Office, database_url: str) -> Counter:
    """A city whose lane runs."""
    found_city(office, Identity.new())
    return Counter(database_url, office)


def opening(counter: Counter, who: Patient, serial: int) -> tuple[Message, Opening]:
    """2201 by card."""
    message = Message(
        FIRST + serial, counter.book.providers[HOSPITAL], who.who.person_id, 2201, b"x", "1"
    )
    shown = Showing(3, Clear(who.who.card_number))
    begun = datetime.now(CHINA)
    return message, Opening(VisitKind.OUTPATIENT, 11, SCHEME, begun, f"O{serial}", shown, {})


async def till(counter: Counter, people: list[Patient]) -> dict[int, list[Verdict]]:
    """Each person registers again and again while each reports the card lost at some instant."""
    lane = VisitLane(counter.url, counter.office, lambda: counter.book, counter.number)
    lane.start()
    loop, chance = asyncio.get_running_loop(), random.Random(7)
    answers: dict[int, list[Verdict]] = {who.who.person_id: [] for who in people}

    async def one(place: int, who: Patient, desks: ThreadPoolExecutor) -> None:
        report = chance.randrange(1, EACH - 1)
        lost = None
        for nth in range(EACH):
            if nth == report:
                lost = loop.run_in_executor(desks, lose_card, counter.office, who)
            heard: asyncio.Future[Heard] = loop.create_future()
            said = opening(counter, who, place * EACH + nth)
            lane.put(VisitJob(*said, heard.set_result))
            answers[who.who.person_id].append((await asyncio.wait_for(heard, 30)).verdict)
            if nth >= report and chance.random() < 0.5:
                await asyncio.sleep(0.01)
        assert lost is not None
        await lost
        heard = loop.create_future()
        lane.put(VisitJob(*opening(counter, who, 10**6 + place), heard.set_result))
        last = await asyncio.wait_for(heard, 30)
        assert last.verdict is Verdict.REFUSED, "the report was answered before this was asked"

    with ThreadPoolExecutor(4) as desks:
        await asyncio.gather(*(one(place, who, desks) for place, who in enumerate(people)))
    await lane.stop()
    return answers


def test_no_visit_on_a_card_that_is_lost(counter: Counter) -> None:
    """What is opened on a card is opened before its loss takes effect (P1), none after the answer.

    Every refusal stays one for the person: no later one is accepted (P2).
    """
    people = [insure(counter.office) for _ in range(PEOPLE)]
    with ThreadPoolExecutor(1) as hand:
        answers = hand.submit(asyncio.run, till(counter, people)).result(60)
    late = (
        "select count(*) as n from visit v join block b using (person_id, card_id)"
        " where v.at >= b.from_at and v.card_id > 0"
    )
    with counter.office.register.act() as connection:
        found = connection.execute(late).fetchone()
    assert found == {"n": 0}
    both = 0
    for said in answers.values():
        first = next((n for n, each in enumerate(said) if each is Verdict.REFUSED), len(said))
        assert set(said[:first]) <= {Verdict.DONE}
        assert set(said[first:]) <= {Verdict.REFUSED}
        both += int(0 < first < len(said))
    assert both > PEOPLE // 3, "registrations stood on both sides of many reports"
