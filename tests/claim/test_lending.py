"""Signs raised from the journal, looked into, and settlement suspended by two (K8, T9, P12)."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import psycopg
import pytest

from minka.desk.act import Answer
from minka.desk.approval import Approve, Propose, approve, propose
from minka.desk.lending import (
    JudgeSign,
    judge_sign,
    months_after,
    sign,
    signs,
    suspended_until,
    warnings_of,
)
from minka.desk.lending_watch import FIRST, Followed, follow
from minka.desk.office import Office
from minka.kit.clock import CHINA
from tests.claim.ward import HOSPITAL, PHARMACY, ask, build, insured, settled
from tests.desk.staff import by
from tests.desk.town import Resident


@pytest.fixture(scope="module", autouse=True)
def _ward(database_url: str) -> None:
    build(database_url)
    with psycopg.connect(database_url) as connection:
        for name, latitude in (("H", "31.000000"), ("P", "31.500000")):
            connection.execute(
                "insert into place (place_id, region, kind, name, name_en, district, address,"
                " phone, hours, services, directions, latitude, longitude)"
                " values (%s, 'R6', 'hospital', '示例', '', '', '', '', '', '', '', %s, 118)",
                (name, latitude),
            )
        connection.execute("update provider set place_id = 'H' where provider_no = %s", (HOSPITAL,))
        connection.execute("update provider set place_id = 'P' where provider_no = %s", (PHARMACY,))


@pytest.fixture(autouse=True)
def _read_so_far(office: Office) -> Iterator[None]:
    """Each test begins with a journal that was read to its end."""
    caught_up(office)
    yield
    caught_up(office)


def caught_up(office: Office) -> Followed:
    """Follow until there is nothing left; gives all that was seen."""
    settlements = raised = 0
    while True:
        step = follow(office, behind=timedelta(0), step=timedelta(hours=1))
        settlements, raised = settlements + step.settlements, raised + step.signs
        if step.caught_up:
            return Followed(settlements, raised, 1)


def now() -> datetime:
    """The present, in whole seconds."""
    return datetime.now(CHINA).replace(microsecond=0) + timedelta(milliseconds=500)


def rewound(url: str) -> None:
    """The watermark set back, as a restored register would have it."""
    with psycopg.connect(url) as connection:
        connection.execute("update lending_watermark set at = '-infinity'")


def lent(office: Office, url: str) -> tuple[Resident, str]:
    """A person whose card was used 55 km apart within a minute, and the sign's receipt."""
    someone = insured(office)
    at = datetime.now(CHINA) - timedelta(minutes=2)
    settled(url, someone, at)
    settled(url, someone, at + timedelta(minutes=1), PHARMACY)
    rewound(url)
    assert caught_up(office).signs == 1
    found = next(s for s in signs(office, "R6") if s["person_id"] == someone.person_id)
    receipt: str = found["receipt"]
    return someone, receipt


def decided(office: Office, receipt: str, verdict: str = "confirmed") -> Answer:
    """A verdict of the medical office."""
    command = JudgeSign(receipt, verdict, "other_patient")
    return judge_sign(office, by("medical", "medical_staff"), command)


def two_sign(office: Office, name: str, **content: str) -> Answer:
    """Proposed by one, approved by another."""
    first = propose(office, by("medical", "medical_staff"), Propose(name, content))
    if not first.accepted:
        return first
    signature = Approve(first.facts["act_id"], first.facts["content_hash"])
    return approve(office, by("reviewer", "reviewer"), signature)


def test_a_sign_is_raised_once_and_its_holder_is_warned(office: Office, database_url: str) -> None:
    """K8: from the journal, in the follower's commit; read again, it raises nothing again."""
    someone, receipt = lent(office, database_url)
    found = sign(office, receipt)
    assert found is not None
    assert (found["kind"], found["provider_no"]) == ("two_places", PHARMACY)
    assert abs(found["facts"]["metres"] - 55_597) < 600
    assert len(found["facts"]["refs"]) == 2
    rewound(database_url)
    again = caught_up(office)
    assert (again.settlements >= 2, again.signs) == (True, 0)
    told = ask(
        database_url,
        "select body from outbox where person_id = %s and topic = 'notice.lending'",
        someone.person_id,
    )
    assert [t["body"]["receipt"] for t in told] == [receipt]
    assert [w.receipt for w in warnings_of(office, someone.person_id)] == [receipt]


def test_what_was_reversed_is_no_use(office: Office, database_url: str) -> None:
    """K8: a settlement whose outcome was unknown and which was undone says nothing."""
    someone = insured(office)
    at = datetime.now(CHINA) - timedelta(minutes=2)
    settled(database_url, someone, at)
    away = settled(database_url, someone, at + timedelta(minutes=1), PHARMACY)
    back = {"of_msg_no": away, "of_origin_no": PHARMACY, "kind": 3, "total": -100}
    parts = {"own_pay": -100, "cash": -100}
    settled(database_url, someone, at + timedelta(seconds=61), PHARMACY, **back, **parts)
    rewound(database_url)
    caught_up(office)
    assert warnings_of(office, someone.person_id) == []


def test_the_follower_reads_each_settlement_once(office: Office, database_url: str) -> None:
    """K8: the watermark moves with what was read; a day at most is read at the beginning."""
    someone = insured(office)
    settled(database_url, someone, datetime.now(CHINA) - FIRST - timedelta(hours=1))
    settled(database_url, someone, datetime.now(CHINA))
    assert caught_up(office).settlements == 1
    assert caught_up(office).settlements == 0


def test_followers_do_not_read_side_by_side(office: Office, database_url: str) -> None:
    """K8: eight at once raise one sign."""
    someone = insured(office)
    at = datetime.now(CHINA) - timedelta(minutes=1)
    settled(database_url, someone, at)
    settled(database_url, someone, at + timedelta(seconds=20), PHARMACY)
    rewound(database_url)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: caught_up(office), range(8)))
    caught_up(office)
    assert len(warnings_of(office, someone.person_id)) == 1


def test_many_cards_at_a_till_are_a_sign_of_no_person(office: Office, database_url: str) -> None:
    """T9: the case is the till's; nobody is warned and nobody can be suspended by it."""
    people = [insured(office) for _ in range(12)]
    at = datetime.now(CHINA) - timedelta(minutes=3)
    for nth, someone in enumerate(people):
        settled(database_url, someone, at + timedelta(seconds=9 * nth), PHARMACY, visit_no=0)
    rewound(database_url)
    caught_up(office)
    found = [s for s in signs(office, "R6") if s["kind"] == "many_cards"]
    assert [(s["person_id"], s["facts"]["cards"]) for s in found] == [(0, 12)]
    assert warnings_of(office, people[0].person_id) == []
    refused = two_sign(office, "suspend_settlement", receipt=found[0]["receipt"], months="3")
    assert refused.code == "care.sign_of_a_till"


def test_one_verdict_for_a_sign(office: Office, database_url: str) -> None:
    """K8: by the medical office alone; a dismissed sign is no warning any more."""
    someone, receipt = lent(office, database_url)
    clerk = judge_sign(
        office, by("clerk", "counter_clerk"), JudgeSign(receipt, "confirmed", "resold")
    )
    assert clerk.code == "desk.not_allowed"
    assert decided(office, receipt, "dismissed").accepted
    again = decided(office, receipt)
    assert again.code == "care.sign_decided"
    assert "不属实" in again.say()
    assert "dismissed" in again.say("en")
    assert warnings_of(office, someone.person_id) == []
    refused = two_sign(office, "suspend_settlement", receipt=receipt, months="3")
    assert refused.code == "care.sign_not_confirmed"


@pytest.mark.parametrize("months", ["2", "13", "0", "-3", "three", "", "9999"])
def test_the_length_is_the_laws(office: Office, database_url: str, months: str) -> None:
    """T9: three to twelve months, with the article in the sentence."""
    _, receipt = lent(office, database_url)
    assert decided(office, receipt).accepted
    refused = two_sign(office, "suspend_settlement", receipt=receipt, months=months)
    assert refused.code == "care.suspension_length"
    assert "第735号" in refused.say()
    assert "3 to 12" in refused.say("en")


def test_two_people_suspend_a_person(office: Office, database_url: str) -> None:
    """T9, P12: until so many months later, in the coverage, by its facts, whatever the card."""
    someone, receipt = lent(office, database_url)
    assert decided(office, receipt).accepted
    first = propose(
        office,
        by("medical", "medical_staff"),
        Propose("suspend_settlement", {"receipt": receipt, "months": "3"}),
    )
    assert first.accepted, first
    assert suspended_until(office, someone.person_id) is None
    signature = Approve(first.facts["act_id"], first.facts["content_hash"])
    done = approve(office, by("reviewer", "reviewer"), signature)
    assert done.accepted, done
    until = suspended_until(office, someone.person_id)
    assert until == months_after(datetime.fromisoformat(done.facts["from_at"]), 3)
    held = ask(
        database_url, "select suspended_until from coverage where person_id = %s", someone.person_id
    )
    assert held[0]["suspended_until"] == until
    drift = ask(database_url, "select * from suspension_drift")
    assert drift == []
    again = two_sign(office, "suspend_settlement", receipt=receipt, months="6")
    assert again.code == "care.already_suspended"


def test_two_people_lift_a_suspension(office: Office, database_url: str) -> None:
    """T9: before its time, with a reason; there is nothing to lift twice."""
    someone, receipt = lent(office, database_url)
    assert decided(office, receipt).accepted
    assert two_sign(office, "suspend_settlement", receipt=receipt, months="12").accepted
    lifted = two_sign(office, "resume_settlement", receipt=receipt, reason="objection upheld")
    assert lifted.accepted, lifted
    assert suspended_until(office, someone.person_id) is None
    again = two_sign(office, "resume_settlement", receipt=receipt, reason="x")
    assert again.code == "care.not_suspended"
    assert ask(database_url, "select * from suspension_drift") == []


@pytest.mark.parametrize(
    ("begun", "months", "ends"),
    [
        ((2026, 1, 31), 3, (2026, 4, 30)),
        ((2026, 11, 30), 3, (2027, 2, 28)),
        ((2026, 3, 15), 12, (2027, 3, 15)),
        ((2027, 11, 30), 3, (2028, 2, 29)),
    ],
)
def test_months_are_months_of_the_calendar(
    begun: tuple[int, int, int], months: int, ends: tuple[int, int, int]
) -> None:
    """T9: the same day and time, or the month's last."""
    at = datetime(*begun, 10, 30, tzinfo=CHINA)
    assert months_after(at, months) == datetime(*ends, 10, 30, tzinfo=CHINA)
