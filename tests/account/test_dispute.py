"""A question about a transaction: tied to it, one at a time, answered with a date (G7)."""

from __future__ import annotations

from datetime import datetime

import pytest

from minka.desk.account_seen import looks_of, refused_uses
from minka.desk.act import Answer
from minka.desk.dispute import (
    REASONS,
    AnswerDispute,
    OpenDispute,
    answer_dispute,
    dispute_of,
    disputes_of,
    open_dispute,
    waiting_disputes,
)
from minka.kit.clock import CHINA
from minka.kit.secret import Clear
from tests.account.books import EARLY, LATE, Books
from tests.desk.town import Resident, request

SAID = Clear("那天我在外地")


def ask(
    books: Books, someone: Resident, ref: str, reason: str = "amount", region: str = "R5"
) -> Answer:
    """The holder asks about a transaction."""
    command = OpenDispute(region, someone.person_id, ref, reason, words=SAID, channel="web")
    return open_dispute(books.office, request(origin="web"), command)


def answered(books: Books, receipt: str, role: str = "bank_clerk", **more: str) -> Answer:
    """The bank's retail department answers."""
    given = {"region": "R5", "outcome": "right", "bank_id": "BOC", **more}
    command = AnswerDispute(receipt=receipt, words=Clear("收费单据相符"), **given)
    return answer_dispute(books.office, request(role), command)


def topics(books: Books, someone: Resident) -> list[str]:
    """What the holder is told by text message."""
    with books.office.register.act() as connection:
        found = connection.execute(
            "select topic from outbox where person_id = %s order by outbox_id",
            (someone.person_id,),
        ).fetchall()
    return [each["topic"] for each in found]


def test_a_question_has_a_receipt_and_a_computed_day(books: Books) -> None:
    """G7, R5-08: receipt, the day by which it is answered marked as assumed, word by SMS."""
    holder = books.holder()
    answer = ask(books, holder.someone, holder.visit.ref)
    assert answer.facts["receipt"].startswith("Q-")
    assert answer.facts["kind"] == "question"
    assert answer.facts["promise"] == "assumed"
    opened = datetime.fromisoformat(answer.facts["opened_at"])
    due = datetime.fromisoformat(answer.facts["promise_at"]).astimezone(CHINA)
    assert 7 <= (due - opened).days <= 20, "seven working days"
    assert answer.facts["rule_ref"].startswith("R5-08@")
    assert topics(books, holder.someone) == ["notice.question"]


RULES = {"R1": "R1-A3", "R1b": "R1b-A3", "R2": "R2-A4", "R3": "R3-A2", "R4": "R4-A3", "R6": "R6-A3"}


@pytest.mark.parametrize("region", RULES)
def test_other_demo_cities_assume_ten_working_days(books: Books, region: str) -> None:
    """G7: R1-A3, R1b-A3, R2-A4, R3-A2, R4-A3, R6-A3 stand in where the source is silent."""
    holder = books.holder(region, "BANK1")
    answer = ask(books, holder.someone, holder.visit.ref, region=region)
    assert answer.facts["promise"] == "assumed"
    assert answer.facts["rule_ref"].startswith(f"{RULES[region]}@")
    opened = datetime.fromisoformat(answer.facts["opened_at"])
    assert 12 <= (datetime.fromisoformat(answer.facts["promise_at"]) - opened).days <= 30


def test_a_city_without_the_rule_promises_nothing(books: Books) -> None:
    """G7: no day is invented where the rules are silent."""
    holder = books.holder("V2", "BANK1")
    answer = ask(books, holder.someone, holder.visit.ref, region="V2")
    assert (answer.facts["promise"], answer.facts["promise_at"]) == ("none", None)


def test_one_open_question_for_a_transaction(books: Books) -> None:
    """G7: the second is led to the first; once answered it may be asked about again."""
    holder = books.holder()
    first = ask(books, holder.someone, holder.visit.ref)
    second = ask(books, holder.someone, holder.visit.ref, "twice")
    assert second.code == "desk.question_open"
    assert first.facts["receipt"] in second.say()
    assert ask(books, holder.someone, holder.drugs.ref).accepted
    assert answered(books, first.facts["receipt"]).accepted
    assert ask(books, holder.someone, holder.visit.ref, "other").accepted


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_is_taken(books: Books, reason: str) -> None:
    """G7: what is doubted, and that it was not the holder is an objection."""
    holder = books.holder()
    answer = ask(books, holder.someone, holder.drugs.ref, reason)
    assert answer.facts["kind"] == ("objection" if reason == "not_me" else "question")


def test_an_allocation_can_be_doubted(books: Books) -> None:
    """G7: a line of the ledger is a transaction too."""
    holder = books.holder()
    opening = books.lines(holder.someone)[-1]
    assert opening.ref.startswith("L")
    assert ask(books, holder.someone, opening.ref, "allocation").accepted


def test_anothers_transaction_is_as_unknown(books: Books) -> None:
    """G7, T14: nobody asks about what is not his own, or is not there."""
    mine, other = books.holder(), books.holder()
    for ref in (other.visit.ref, "1" * 26, "L1", "L99999999999999999999", "x", "", "٣" * 26):
        assert ask(books, mine.someone, ref).code == "desk.no_such_movement", ref


def test_the_answer_is_dated_and_given_once(books: Books) -> None:
    """G7: who, when, how it ends; the holder is told; nobody answers twice."""
    holder = books.holder()
    receipt = ask(books, holder.someone, holder.visit.ref).facts["receipt"]
    answer = answered(books, receipt)
    found = dispute_of(books.office, receipt)
    assert found is not None
    assert found.answered_at == datetime.fromisoformat(answer.facts["answered_at"])
    assert (found.outcome, found.answer.reveal()) == ("right", "收费单据相符")
    assert topics(books, holder.someone) == ["notice.question", "notice.question_answered"]
    assert answered(books, receipt).code == "desk.question_answered"


def test_who_may_answer(books: Books) -> None:
    """G7, T14: the retail department and the medical office; no other role, bank or city."""
    holder = books.holder()
    receipt = ask(books, holder.someone, holder.visit.ref).facts["receipt"]
    assert answered(books, receipt, "hotline_agent").code == "desk.not_allowed"
    assert answered(books, receipt, bank_id="BANK1").code == "desk.unknown_receipt"
    assert answered(books, receipt, region="R4").code == "desk.unknown_receipt"
    assert answered(books, "Q-0000-0000-0").code == "desk.unknown_receipt"
    assert answered(books, receipt, "medical_staff", bank_id="").accepted


def test_the_queue_is_the_banks_own(books: Books) -> None:
    """G7: waiting questions by day; a bank sees those it serves, masked."""
    holder = books.holder()
    receipt = ask(books, holder.someone, holder.visit.ref).facts["receipt"]
    ours = waiting_disputes(books.office, "R5", "BOC")
    assert receipt in [each.code for each in ours]
    assert all("BOC" in each.banks for each in ours)
    assert waiting_disputes(books.office, "R5", "BANK1") == ()
    assert answered(books, receipt).accepted
    assert receipt not in [each.code for each in waiting_disputes(books.office, "R5")]
    (mine,) = disputes_of(books.office, holder.someone.person_id)
    assert mine.code == receipt


def test_what_the_holder_says_is_sealed(books: Books) -> None:
    """T13: neither question nor answer lies open in the register, nor in any log of it."""
    holder = books.holder()
    receipt = ask(books, holder.someone, holder.visit.ref).facts["receipt"]
    answered(books, receipt)
    found = dispute_of(books.office, receipt)
    assert found is not None
    assert found.words.reveal() == SAID.reveal()
    with books.office.register.act() as connection:
        for table in ("dispute", "dispute_answer", "audit_event", "request", "outbox"):
            kept = connection.execute(
                f"select coalesce(string_agg(t::text, ''), '') as text from {table} t"
            ).fetchone()
            assert kept is not None
            assert SAID.reveal() not in kept["text"]
            assert SAID.reveal().encode().hex() not in kept["text"]


def test_refused_attempts_are_the_holders_to_see(books: Books) -> None:
    """G7: a refused use is listed with its reason, and can be objected to."""
    holder = books.holder()
    refused = books.refuse(holder.someone)
    (seen,) = refused_uses(books.office, holder.someone.person_id, EARLY, LATE)
    assert (seen.ref, seen.reason) == (refused.ref, "cards.provisional_loss")
    assert ask(books, holder.someone, refused.ref, "not_me").accepted


def test_who_looked_is_the_holders_to_see(books: Books) -> None:
    """G5: nobody's look at the data is hidden from whose data it is."""
    someone = books.holder().someone
    assert looks_of(books.office, someone.person_id, EARLY) == ()
