"""A suspension of a person's online settlement, felt at the settlement itself (T9, P12)."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from minka.bench import load_city
from minka.care.refusals import CareRefusal
from minka.cipher.field import SoftFieldKeys
from minka.desk.act import Answer
from minka.desk.approval import Approve, Propose, approve, propose
from minka.desk.lending import JudgeSign, judge_sign
from minka.desk.office import Office
from minka.desk.settle_job import Verdict
from minka.kit.codes import code
from tests.claim.ward import ask
from tests.desk.staff import by, hire
from tests.settle.lanes import Counter, counter
from tests.settle.test_lane import TOWN, made, one

RECEIPT = code("W", b"sign1")


@pytest.fixture(scope="module")
def window(database_url: str, office: Office, keys: SoftFieldKeys) -> Iterator[Counter]:
    """A settlement window on a fresh town, with staff of its region."""
    with counter(database_url, office, keys, TOWN) as found:
        region = ask(database_url, "select region from person limit 1")[0]["region"]
        hire(database_url, "medical", "medical_staff", region)
        hire(database_url, "reviewer", "reviewer", region)
        yield found


def two_sign(office: Office, name: str, **content: str) -> Answer:
    """Proposed by one, approved by another."""
    proposed = Propose(name, {"receipt": RECEIPT, **content})
    first = propose(office, by("medical", "medical_staff"), proposed)
    assert first.accepted, first
    signature = Approve(first.facts["act_id"], first.facts["content_hash"])
    return approve(office, by("reviewer", "reviewer"), signature)


def seen(url: str, person_id: int, provider_no: int) -> None:
    """A sign of lending in the register, as the follower writes it."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "insert into lending_sign select person_id, nextval('fact_id_seq'), 'velocity', 'k',"
            " %s, %s, 0, region, clock_timestamp(), clock_timestamp(), clock_timestamp(), 'x', '{}'"
            " from person where person_id = %s",
            (RECEIPT, provider_no, person_id),
        )


def test_a_suspended_person_settles_nothing_online(
    window: Counter, office: Office, database_url: str
) -> None:
    """T9: refused by name from the approval on, whatever he shows; lifted, he settles again."""
    bills: dict[int, list[int]] = {}
    for bill in range(1, 401):
        person = load_city.holder_of(bill, TOWN)
        if not load_city.is_blocked(person, TOWN):
            bills.setdefault(person, []).append(bill)
    person, mine = next((p, found) for p, found in bills.items() if found)
    job = made(window, mine[0])
    seen(database_url, person, job.origin_no)
    verdict = JudgeSign(RECEIPT, "confirmed", "resold")
    assert judge_sign(office, by("medical", "medical_staff"), verdict).accepted
    assert two_sign(office, "suspend_settlement", months="3").accepted
    assert one(window, job).reason is CareRefusal.SUSPENDED
    assert two_sign(office, "resume_settlement", reason="objection upheld").accepted
    again = one(window, made(window, mine[0]))
    assert again.verdict is Verdict.DONE, again.code
