"""Acts of two people: P12, E14, H10."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg.errors import CheckViolation, ForeignKeyViolation, UniqueViolation

from minka.desk import approval
from minka.desk.act import Answer, Request
from minka.desk.apply import ApplyReplacement, apply_replacement
from minka.desk.approval import Approve, Propose, approve, propose
from minka.desk.collect import AdvanceCard, PayFee, advance_card, pay_fee
from minka.desk.loss import ReportLoss, report_loss
from minka.desk.office import Office
from minka.law.papers import ShownPaper
from tests.desk.staff import by, dismiss, hire
from tests.desk.town import Resident, request, settle_in

Row = Mapping[str, Any]


@pytest.fixture(scope="module", autouse=True)
def _staff(database_url: str) -> None:
    """Clerks and reviewers of two regions, and places to apply at."""
    for number in ("clerk", "clerk2"):
        hire(database_url, number, "counter_clerk")
    for number in ("reviewer", "reviewer2"):
        hire(database_url, number, "reviewer")
    hire(database_url, "agent", "hotline_agent")
    hire(database_url, "elsewhere", "reviewer", "R2")
    hire(database_url, "keys", "security_administrator", "R2")
    places = (("C6", "R6", "service_centre"), ("P1", "R1", "service_point"))
    with psycopg.connect(database_url) as connection:
        for place in places:
            connection.execute(
                "insert into place (place_id, region, kind, name, name_en, district, address,"
                " phone, hours, services, directions)"
                " values (%s, %s, %s, '示例', '', '', '', '', '', '', '')",
                place,
            )


@dataclass(frozen=True, slots=True)
class Case:
    """A resident with an application."""

    someone: Resident
    receipt: str


def applied(office: Office, region: str = "R6", place: str = "C6") -> Case:
    """A replacement applied for at the counter."""
    someone = settle_in(office, region)
    papers = (ShownPaper("resident_id"),)
    if region == "R1":
        command = ReportLoss(
            region,
            "counter",
            someone.number,
            {"name": someone.name},
            force="formal",
            place_id=place,
            papers=papers,
        )
        assert report_loss(office, request("counter_clerk"), command).accepted
    answer = apply_replacement(
        office,
        request("counter_clerk"),
        ApplyReplacement(
            region, "counter", someone.number, place, papers=papers, photo_code="PHOTO1"
        ),
    )
    assert answer.accepted, answer
    return Case(someone, answer.facts["receipt"])


def proposed(office: Office, name: str, who: str = "clerk", **content: str) -> Answer:
    """A proposal that is taken."""
    role = {"clerk": "counter_clerk", "agent": "hotline_agent"}.get(who, "reviewer")
    answer = propose(office, by(who, role), Propose(name, content))
    assert answer.accepted, answer
    return answer


def signed(office: Office, first: Answer, who: str = "reviewer", role: str = "reviewer") -> Answer:
    """What becomes of an approval."""
    command = Approve(first.facts["act_id"], first.facts["content_hash"])
    return approve(office, by(who, role), command)


def fees(url: str, case: Case) -> list[tuple[Any, ...]]:
    """The fee entries of a person."""
    with psycopg.connect(url) as connection:
        statement = "select entry, amount_fen, reason from fee where person_id = %s order by at"
        return connection.execute(statement, (case.someone.person_id,)).fetchall()


def test_a_fee_is_waived_by_two_people(office: Office, database_url: str) -> None:
    """H10, P12: nothing happens at the proposal; at the approval it happens once."""
    case = applied(office)
    first = proposed(office, "waive_fee", receipt=case.receipt, reason="low income")
    assert fees(database_url, case) == []
    answer = signed(office, first)
    assert answer.accepted, answer
    assert fees(database_url, case) == [("waiver", 2500, "low income")]
    again = signed(office, first, "reviewer2")
    assert again.code == "desk.approval_done"
    assert "reviewer" in again.say("en")
    assert len(fees(database_url, case)) == 1


def test_a_paid_fee_goes_back_once(office: Office, database_url: str) -> None:
    """H10: the whole fee, once, whoever asks again."""
    case = applied(office)
    unpaid = proposed(office, "refund_fee", receipt=case.receipt)
    assert signed(office, unpaid).code == "issue.no_fee"
    assert pay_fee(office, request("counter_clerk"), PayFee(case.receipt, "cash")).accepted
    assert signed(office, unpaid).accepted
    second = proposed(office, "refund_fee", receipt=case.receipt)
    assert signed(office, second).code == "desk.fee_refunded"
    waiver = proposed(office, "waive_fee", receipt=case.receipt)
    assert signed(office, waiver).code == "issue.fee_paid"
    assert [entry for entry, *_ in fees(database_url, case)] == ["charge", "refund"]


def test_an_uncollected_card_is_destroyed_after_its_time_and_not_before(
    office: Office, database_url: str
) -> None:
    """E14: the time runs from the day the card lay ready; the proposal of before still holds."""
    case = applied(office, "R1", "P1")
    early = proposed_in_r1(office, database_url, case)
    assert approve(office, by("r1-reviewer", "reviewer"), early).code == "issue.not_at_this_step"
    advance_card(office, request("factory"), AdvanceCard(case.receipt, "instant"))
    refused = approve(office, by("r1-reviewer", "reviewer"), early)
    assert refused.code == "issue.not_due"
    assert "20" in refused.say("en")
    turned(office, timedelta(days=89))
    late = proposed_in_r1(office, database_url, case)
    assert approve(office, by("r1-reviewer", "reviewer"), late).code == "issue.not_due"
    turned(office, timedelta(days=2))
    very_late = proposed_in_r1(office, database_url, case)
    answer = approve(office, by("r1-reviewer", "reviewer"), very_late)
    assert answer.accepted, answer
    turned(office, timedelta(days=-91))
    with psycopg.connect(database_url) as connection:
        statement = "select status from card where person_id = %s order by card_id"
        found = connection.execute(statement, (case.someone.person_id,)).fetchall()
    assert [status for (status,) in found] == ["active", "destroyed"]


def proposed_in_r1(office: Office, url: str, case: Case) -> Approve:
    """A proposal to destroy, by a clerk of R1."""
    with psycopg.connect(url) as connection:
        known = connection.execute("select 1 from operator where staff_number = 'r1-clerk'")
        if known.fetchone() is None:
            hire(url, "r1-clerk", "counter_clerk", "R1")
            hire(url, "r1-reviewer", "reviewer", "R1")
    command = Propose("destroy_card", {"receipt": case.receipt})
    answer = propose(office, by("r1-clerk", "counter_clerk"), command)
    assert answer.accepted, answer
    return Approve(answer.facts["act_id"], answer.facts["content_hash"])


def turned(office: Office, forward: timedelta) -> None:
    """Turn the register's clock."""
    with office.register.act() as connection:
        connection.execute("update clock_shift set shift = shift + %s", (forward,))


def test_one_proposal_under_a_hundred_approvals_has_one_effect(
    office: Office, database_url: str
) -> None:
    """P12: a race of a hundred; one does it, the others are told who did."""
    for n in range(10):
        hire(database_url, f"racer{n}", "reviewer")
    case = applied(office)
    first = proposed(office, "waive_fee", receipt=case.receipt)
    with ThreadPoolExecutor(16) as hands:
        answers = list(hands.map(lambda n: signed(office, first, f"racer{n % 10}"), range(100)))
    assert sum(answer.accepted for answer in answers) == 1
    assert {answer.code for answer in answers} == {"accepted", "desk.approval_done"}
    assert len(fees(database_url, case)) == 1


def test_two_proposals_of_one_thing_have_one_effect(office: Office, database_url: str) -> None:
    """I7: the fee's own key holds even between two proposals approved at once."""
    case = applied(office)
    pair = [proposed(office, "waive_fee", receipt=case.receipt) for _ in range(2)]
    with ThreadPoolExecutor(2) as hands:
        answers = list(hands.map(lambda first: signed(office, first), pair))
    assert sorted(answer.code for answer in answers) == ["accepted", "issue.no_fee"]
    assert len(fees(database_url, case)) == 1


def test_nobody_approves_his_own_proposal(office: Office) -> None:
    """P12: proposer and approver are two people."""
    case = applied(office)
    first = proposed(office, "waive_fee", "reviewer", receipt=case.receipt)
    assert signed(office, first, "reviewer").code == "desk.same_person"
    assert signed(office, first, "reviewer2").accepted


def test_a_beneficiary_signs_neither_part(office: Office, database_url: str) -> None:
    """P12: whoever gains by it, under whatever staff number, does not sign."""
    case = applied(office)
    hire(database_url, "gainer", "reviewer", person_id=case.someone.person_id)
    hire(database_url, "gainer2", "reviewer", person_id=case.someone.person_id)
    for number in ("gainer", "gainer2"):
        command = Propose("waive_fee", {"receipt": case.receipt})
        assert propose(office, by(number, "reviewer"), command).code == "desk.same_person"
    first = proposed(office, "waive_fee", receipt=case.receipt)
    for number in ("gainer", "gainer2"):
        assert signed(office, first, number).code == "desk.same_person"
    named = Propose("waive_fee", {"receipt": applied(office).receipt}, beneficiary="reviewer")
    second = propose(office, by("clerk", "counter_clerk"), named)
    assert signed(office, second, "reviewer").code == "desk.same_person"
    assert signed(office, second, "reviewer2").accepted


def test_one_natural_person_with_two_numbers_is_one_signer(
    office: Office, database_url: str
) -> None:
    """P12: two log-ins do not make two people."""
    self_ = settle_in(office, "R6")
    hire(database_url, "twice1", "reviewer", person_id=self_.person_id)
    hire(database_url, "twice2", "reviewer", person_id=self_.person_id)
    first = proposed(office, "waive_fee", "twice1", receipt=applied(office).receipt)
    assert signed(office, first, "twice2").code == "desk.same_person"


@pytest.mark.parametrize(
    ("who", "role"),
    [
        ("clerk2", "counter_clerk"),
        ("agent", "hotline_agent"),
        ("agent", "reviewer"),
        ("elsewhere", "reviewer"),
        ("nobody", "reviewer"),
        ("keys", "security_administrator"),
    ],
)
def test_only_the_right_post_approves(office: Office, who: str, role: str) -> None:
    """P12, P17: a role the door claims, another region, or nobody on file does not sign."""
    first = proposed(office, "waive_fee", receipt=applied(office).receipt)
    assert signed(office, first, who, role).code == "desk.not_allowed"
    assert signed(office, first).accepted


def test_whoever_was_dismissed_does_not_sign(office: Office, database_url: str) -> None:
    """P12: authorised at the instant of the signature, not at the log-in."""
    hire(database_url, "leaving", "reviewer")
    first = proposed(office, "waive_fee", receipt=applied(office).receipt)
    dismiss(database_url, "leaving")
    assert signed(office, first, "leaving").code == "desk.not_allowed"


def test_a_proposal_stands_for_a_day(office: Office) -> None:
    """P12: after 24 hours it must be proposed again."""
    first = proposed(office, "waive_fee", receipt=applied(office).receipt)
    act_ids = [each["act_id"] for each in approval.waiting(office)]
    assert first.facts["act_id"] in act_ids
    turned(office, timedelta(hours=24, seconds=1))
    assert signed(office, first).code == "desk.approval_expired"
    assert first.facts["act_id"] not in [each["act_id"] for each in approval.waiting(office)]
    turned(office, timedelta(hours=-24, seconds=-1))


def test_what_is_approved_is_what_was_shown(office: Office) -> None:
    """P12: another hash than the proposal's own is refused; so is an act that is not there."""
    first = proposed(office, "waive_fee", receipt=applied(office).receipt)
    other = Approve(first.facts["act_id"], "00" * 32)
    assert approve(office, by("reviewer", "reviewer"), other).code == "desk.approval_changed"
    unknown = Approve(10**12, first.facts["content_hash"])
    assert approve(office, by("reviewer", "reviewer"), unknown).code == "desk.unknown_receipt"


def test_a_proposal_about_nothing_is_refused_at_once(office: Office) -> None:
    """Unknown act, unknown receipt, a number that is none: said at the proposal."""
    cases = [
        Propose("rob_the_bank", {}),
        Propose("waive_fee", {"receipt": "B-0000-0000-0"}),
        Propose("release_quarantine", {"outbox_id": "1 or 1=1"}),
        Propose("release_quarantine", {"outbox_id": "999999999"}),
    ]
    for command in cases:
        answer = propose(office, by("reviewer", "reviewer"), command)
        assert answer.code == "desk.unknown_receipt", command


def test_an_approval_sent_twice_gives_one_answer(office: Office, database_url: str) -> None:
    """P6: the same key again is answered again, not done again."""
    case = applied(office)
    first = proposed(office, "waive_fee", receipt=case.receipt)
    command = Approve(first.facts["act_id"], first.facts["content_hash"])
    asked = by("reviewer", "reviewer")
    answers = [approve(office, asked, command) for _ in range(2)]
    assert answers[0].accepted
    assert replace(answers[1], replayed="") == answers[0]
    assert len(fees(database_url, case)) == 1


def test_the_tables_themselves_hold_two_signers_apart(office: Office, database_url: str) -> None:
    """P12, by constraint: whatever code writes, the same hand or the beneficiary is refused."""
    first = proposed(office, "waive_fee", receipt=applied(office).receipt)
    statement = (
        "insert into two_person_signature select act_id, 'approve', %s, content_hash,"
        " coalesce(%s, beneficiary), signed_at from two_person_signature where act_id = %s"
    )
    act_id = first.facts["act_id"]
    with psycopg.connect(database_url) as connection:
        same = connection.execute(
            "select beneficiary from two_person_act where act_id = %s", (act_id,)
        ).fetchone()
    assert same is not None
    wrong = (
        (UniqueViolation, ("clerk", None, act_id)),
        (CheckViolation, (same[0], None, act_id)),
        (ForeignKeyViolation, ("reviewer", "somebody else", act_id)),
    )
    for fault, values in wrong:
        with pytest.raises(fault), psycopg.connect(database_url) as connection:
            connection.execute(statement, values)


def test_a_message_set_aside_goes_on_when_two_people_say_so(
    office: Office, database_url: str
) -> None:
    """Quarantine: released by two, tried again from the start; nobody alone can."""
    someone = settle_in(office, "R6")
    with psycopg.connect(database_url) as connection:
        found = connection.execute(
            "with m as (insert into outbox values (nextval('fact_id_seq'), %s, %s, 'bank.stop',"
            " '{}', clock_timestamp()) returning *) insert into outbox_state (outbox_id, person_id,"
            " card_id, topic, due_at, next_at, rejections, quarantined_at)"
            " select outbox_id, person_id, card_id, topic, created_at, created_at, 8, created_at"
            " from m returning outbox_id",
            (someone.person_id, someone.card_id),
        ).fetchone()
    assert found is not None
    outbox_id = str(found[0])
    assert outbox_id in [str(each["outbox_id"]) for each in approval.set_aside(office)]
    first = proposed(office, "release_quarantine", "reviewer", outbox_id=outbox_id)
    assert signed(office, first, "reviewer").code == "desk.same_person"
    answer = signed(office, first, "keys", "security_administrator")
    assert answer.accepted, answer
    with psycopg.connect(database_url) as connection:
        state = connection.execute(
            "select quarantined_at, rejections from outbox_state where outbox_id = %s",
            (outbox_id,),
        ).fetchone()
    assert state == (None, 0)
    assert outbox_id not in [str(each["outbox_id"]) for each in approval.set_aside(office)]


def test_each_act_leaves_its_audit_event(office: Office, database_url: str) -> None:
    """P14: proposal and approval each one event, with both hands and the hash."""
    first = proposed(office, "waive_fee", receipt=applied(office).receipt)
    answer = signed(office, first)
    with psycopg.connect(database_url) as connection:
        events = connection.execute(
            "select act, actor, content from audit_event"
            " where content ->> 'act_id' = %s order by event_id",
            (str(first.facts["act_id"]),),
        ).fetchall()
    assert [(act, actor) for act, actor, _ in events] == [
        ("Propose", "clerk"),
        ("Approve", "reviewer"),
    ]
    assert events[1][2]["proposed_by"] == "clerk"
    assert events[1][2]["content_hash"] == first.facts["content_hash"]
    assert answer.facts["audit"]


def test_a_key_is_not_shared_between_contents(office: Office) -> None:
    """P6: one request key, two contents."""
    first = proposed(office, "waive_fee", receipt=applied(office).receipt)
    asked = Request(secrets.token_hex(8), "test", actor="reviewer", role="reviewer")
    command = Approve(first.facts["act_id"], first.facts["content_hash"])
    assert approve(office, asked, command).accepted
    other = approve(office, asked, Approve(1, command.content_hash))
    assert other.code == "desk.key_reused"
