"""A claim on the register: filed, reviewed, paid once (H5, P19, P12)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import psycopg
import pytest
from psycopg.errors import UniqueViolation

from minka.care.split import Used
from minka.desk.act import Answer
from minka.desk.approval import Approve, Propose, approve, propose
from minka.desk.office import Office
from minka.desk.reimburse import RefuseClaim, WithdrawClaim, refuse_claim, withdraw_claim
from minka.desk.reimburse_pay import PayClaim, ReviewClaim, note_later, pay_claim, review_claim
from minka.desk.visit_look import used_by
from minka.kit.clock import CHINA
from minka.kit.outcome import Refused
from minka.store.connection import rows
from tests.claim.ward import (
    AREA,
    PAPERS,
    Invoice,
    ask,
    brought,
    build,
    hours,
    insured,
    lose,
    reviewed,
    today,
    uploaded,
)
from tests.desk.staff import by
from tests.desk.town import Resident, request


@pytest.fixture(scope="module", autouse=True)
def _ward(database_url: str) -> None:
    build(database_url)


def medical(office: Office, receipt: str) -> Answer:
    """One person pays."""
    return pay_claim(office, by("medical", "medical_staff"), PayClaim(receipt))


def filed(office: Office, someone: Resident, invoice: Invoice) -> str:
    """A claim that is taken."""
    answer = brought(office, someone, invoice)
    assert answer.accepted, answer
    receipt: str = answer.facts["receipt"]
    return receipt


def test_a_small_claim_is_paid_by_one_person(office: Office, database_url: str) -> None:
    """H5, P19: filed, reviewed, paid; the entry sums to zero and says who owes whom."""
    someone = insured(office)
    lose(office, someone)
    receipt = filed(office, someone, Invoice("A-1", 200_000))
    found = reviewed(office, receipt, 200_000)
    assert found.accepted, found
    assert found.facts["people"] == 1
    fund = found.facts["fund_fen"]
    answer = medical(office, receipt)
    assert answer.accepted, answer
    assert answer.facts["fund_fen"] == fund
    legs = ask(
        database_url,
        "select kind, owner, amount from posting where person_id = %s order by kind",
        someone.person_id,
    )
    owner = AREA * 1000 + 310
    assert [tuple(each.values()) for each in legs] == [(2, owner, -fund), (14, owner, fund)]
    told = ask(database_url, "select topic from outbox where person_id = %s", someone.person_id)
    assert {"notice.claim_filed", "notice.claim_paid"} <= {each["topic"] for each in told}


def test_a_second_claim_of_the_same_loss_is_refused(office: Office) -> None:
    """H5, P19: whatever invoice comes next, the answer names the first payment."""
    someone = insured(office)
    lose(office, someone)
    receipt = filed(office, someone, Invoice("B-1", 200_000))
    assert reviewed(office, receipt, 200_000).accepted
    assert medical(office, receipt).accepted
    again = brought(office, someone, Invoice("B-2", 300_000))
    assert again.code == "care.already_reimbursed"
    assert "P-" in again.say()
    assert "once" in again.say("en")


def test_a_large_amount_needs_two_people(office: Office, database_url: str) -> None:
    """P12, O6-6: one alone is refused; two different people pay exactly what both saw."""
    someone = insured(office)
    lose(office, someone)
    receipt = filed(office, someone, Invoice("C-1", 900_000))
    found = reviewed(office, receipt, 900_000)
    assert found.facts["people"] == 2
    assert medical(office, receipt).code == "care.needs_two_people"
    content = {"receipt": receipt, "fund_fen": str(found.facts["fund_fen"])}
    first = propose(office, by("medical", "medical_staff"), Propose("pay_claim", content))
    assert first.accepted, first
    signature = Approve(first.facts["act_id"], first.facts["content_hash"])
    alone = approve(office, by("medical", "medical_staff"), signature)
    assert alone.code == "desk.not_allowed"
    done = approve(office, by("reviewer", "reviewer"), signature)
    assert done.accepted, done
    paid = ask(
        database_url,
        "select act_id, fund_fen from claim_payment where person_id = %s",
        someone.person_id,
    )
    assert [tuple(p.values()) for p in paid] == [
        (first.facts["act_id"], found.facts["fund_fen"]),
    ]


def test_two_people_pay_only_the_amount_they_saw(office: Office) -> None:
    """P12: another amount than the reviewed one is refused."""
    someone = insured(office)
    lose(office, someone)
    receipt = filed(office, someone, Invoice("C-2", 900_000))
    assert reviewed(office, receipt, 900_000).accepted
    content = {"receipt": receipt, "fund_fen": "1"}
    first = propose(office, by("medical", "medical_staff"), Propose("pay_claim", content))
    signature = Approve(first.facts["act_id"], first.facts["content_hash"])
    assert approve(office, by("reviewer", "reviewer"), signature).code == "care.amount_moved"


def test_a_later_expense_stands_before_the_earlier_one(office: Office, database_url: str) -> None:
    """H5, P19: what a hospital uploaded later in the period is the one that is paid."""
    someone = insured(office)
    lose(office, someone)
    earlier = Invoice("D-1", 200_000, today() - timedelta(days=1))
    later = datetime.now(CHINA)
    uploaded(database_url, someone, later, 150_000)
    answer = brought(office, someone, earlier)
    assert answer.code == "care.later_expense"
    assert "示例医院" in answer.say()
    taken = brought(office, someone, Invoice("D-2", 150_000))
    assert taken.accepted, taken
    assert taken.facts["source"] == "record"


def test_a_later_expense_known_at_the_payment_stops_it(office: Office, database_url: str) -> None:
    """P19: the claim is judged again under the lock, at the review and at the payment."""
    someone = insured(office)
    lose(office, someone)
    receipt = filed(office, someone, Invoice("D-3", 200_000, today() - timedelta(days=1)))
    assert reviewed(office, receipt, 200_000).accepted
    uploaded(database_url, someone, datetime.now(CHINA), 90_000)
    assert medical(office, receipt).code == "care.later_expense"
    assert reviewed(office, receipt, 200_000).code == "care.later_expense"


def test_an_expense_known_after_the_payment_is_noted(office: Office, database_url: str) -> None:
    """P19: the payment stands, the note says what came later, once."""
    someone = insured(office)
    lose(office, someone)
    receipt = filed(office, someone, Invoice("D-4", 200_000, today() - timedelta(days=1)))
    assert reviewed(office, receipt, 200_000).accepted
    assert medical(office, receipt).accepted
    uploaded(database_url, someone, datetime.now(CHINA), 70_000)
    assert note_later(office) == 1
    assert note_later(office) == 0
    notes = ask(
        database_url, "select total_fen from claim_note where person_id = %s", someone.person_id
    )
    assert [n["total_fen"] for n in notes] == [70_000]


@pytest.mark.parametrize(
    ("invoice", "code"),
    [
        (Invoice("E-1", paid_on=today() - timedelta(days=40)), "care.outside_loss_period"),
        (Invoice("E-2", paid_on=today() + timedelta(days=1)), "care.outside_loss_period"),
        (Invoice("E-3", provider="H99070000002"), "care.provider_not_designated"),
        (Invoice("E-4", provider="H00000000000"), "care.provider_unknown"),
    ],
)
def test_what_is_not_the_rules_expense_is_refused(
    office: Office, invoice: Invoice, code: str
) -> None:
    """H5: time, contract and provider, each with its own name."""
    someone = insured(office)
    lose(office, someone)
    assert brought(office, someone, invoice).code == code


def test_without_a_loss_there_is_no_claim(office: Office) -> None:
    """H5: nothing was lost; in a region without the rule nothing can be claimed."""
    assert brought(office, insured(office), Invoice("F-1")).code == "care.no_loss_case"
    other = insured(office, "R1")
    answer = brought(office, other, Invoice("F-2"))
    assert answer.code == "care.claim_not_verified"


def test_papers_are_asked_for(office: Office) -> None:
    """R6-08: the invoice itself, at the counter and at the review."""
    someone = insured(office)
    lose(office, someone)
    answer = brought(office, someone, Invoice("G-1"), papers=PAPERS[:1])
    assert answer.code == "care.claim_papers_missing"
    assert "发票" in answer.say()
    receipt = filed(office, someone, Invoice("G-2"))
    bare = review_claim(office, by("medical", "medical_staff"), ReviewClaim(receipt))
    assert bare.code == "care.claim_papers_missing"


def test_lines_that_do_not_add_up_are_refused(office: Office) -> None:
    """H5: the lines are the invoice's total, or nothing is split."""
    someone = insured(office)
    lose(office, someone)
    receipt = filed(office, someone, Invoice("H-1", 200_000))
    assert reviewed(office, receipt, 199_999).code == "care.lines_differ"
    assert medical(office, receipt).code == "care.not_reviewed"


def test_an_expense_below_the_deductible_uses_nothing_up(office: Office) -> None:
    """H5: nothing is due, and the one reimbursement is still there."""
    someone = insured(office)
    lose(office, someone)
    receipt = filed(office, someone, Invoice("I-1", 1_000))
    assert reviewed(office, receipt, 1_000).code == "care.nothing_due"
    command = RefuseClaim(receipt, "nothing_due")
    assert refuse_claim(office, by("medical", "medical_staff"), command).accepted
    assert brought(office, someone, Invoice("I-2", 300_000)).accepted


def test_the_same_invoice_is_claimed_once(office: Office) -> None:
    """P19: a pending claim is named; an invoice paid to one person is paid to nobody else."""
    someone, other = insured(office), insured(office)
    lose(office, someone)
    lose(office, other)
    receipt = filed(office, someone, Invoice("J-1", 200_000))
    assert brought(office, someone, Invoice("j-1 ", 200_000)).code == "care.claim_pending"
    assert reviewed(office, receipt, 200_000).accepted
    second = filed(office, other, Invoice("J-1", 200_000))
    assert medical(office, receipt).accepted
    assert reviewed(office, second, 200_000).code == "care.invoice_paid"


def test_a_claim_is_withdrawn_by_its_holder(office: Office) -> None:
    """H5: only with his number; a closed claim stays closed."""
    someone, other = insured(office), insured(office)
    lose(office, someone)
    receipt = filed(office, someone, Invoice("K-1", 200_000))
    stranger = withdraw_claim(office, request(), WithdrawClaim(receipt, other.number))
    assert stranger.code == "care.claim_not_verified"
    assert withdraw_claim(office, request(), WithdrawClaim(receipt, someone.number)).accepted
    assert reviewed(office, receipt, 200_000).code == "care.claim_closed"


def test_counter_staff_do_not_decide(office: Office) -> None:
    """P12: review, refusal and payment are the medical office's."""
    someone = insured(office)
    lose(office, someone)
    receipt = filed(office, someone, Invoice("L-1", 200_000))
    clerk = by("clerk", "counter_clerk")
    assert pay_claim(office, clerk, PayClaim(receipt)).code == "desk.not_allowed"
    refused = refuse_claim(office, by("clerk", "counter_clerk"), RefuseClaim(receipt, "not_holder"))
    assert refused.code == "desk.not_allowed"


def test_sixteen_at_once_pay_one_loss_once(office: Office, database_url: str) -> None:
    """P19: sixteen claims of one loss, all reviewed, paid at the same instant by sixteen hands."""
    for _ in range(3):
        someone = insured(office)
        lose(office, someone)
        receipts = [
            filed(office, someone, Invoice(f"M-{someone.person_id}-{n}", 200_000 + n))
            for n in range(16)
        ]
        for n, receipt in enumerate(receipts):
            assert reviewed(office, receipt, 200_000 + n).accepted
        gate = Barrier(16)

        def hand(receipt: str, gate: Barrier = gate) -> str:
            gate.wait()
            return medical(office, receipt).code

        with ThreadPoolExecutor(16) as pool:
            codes = list(pool.map(hand, receipts))
        assert codes.count("accepted") == 1
        refused = set(codes) - {"accepted"}
        assert refused <= {"care.claim_closed", "care.already_reimbursed"}
        counted = ask(
            database_url,
            "select (select count(*) from claim_payment where person_id = %s) as payments,"
            " (select count(*) from ledger_entry where person_id = %s"
            "  and kind = 'reimbursement') as entries",
            someone.person_id,
            someone.person_id,
        )
        assert tuple(counted[0].values()) == (1, 1)


def test_the_register_itself_refuses_a_second_payment(office: Office, database_url: str) -> None:
    """P19: the key of the table, whatever program writes."""
    someone = insured(office)
    lose(office, someone)
    receipt = filed(office, someone, Invoice("N-1", 200_000))
    assert reviewed(office, receipt, 200_000).accepted
    assert medical(office, receipt).accepted
    with psycopg.connect(database_url) as connection, pytest.raises(UniqueViolation):
        connection.execute(
            "insert into claim_payment select person_id, case_id, claim_id, 'P-2', at, 1,"
            " entry_no, null, 'x', '{}' from claim_payment where person_id = %s",
            (someone.person_id,),
        )


def test_the_period_runs_from_the_last_use(office: Office, database_url: str) -> None:
    """H5, O6-7: a card that was used was not lost; before that use nothing counts."""
    someone = insured(office)
    used = datetime.now(CHINA) - hours(72)
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "insert into card_use values (%s, nextval('fact_id_seq'), %s, %s, 100, 'X')",
            (someone.person_id, someone.card_id, used),
        )
    lose(office, someone)
    before = Invoice("O-1", 200_000, used.date() - timedelta(days=1))
    assert brought(office, someone, before).code == "care.outside_loss_period"
    assert brought(office, someone, Invoice("O-2", 200_000, today())).accepted


def test_the_keys_hold_where_no_program_looks(
    office: Office, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P19: a build that forgets to look and to lock the person still pays one loss once."""
    someone = insured(office)
    lose(office, someone)
    receipts = [filed(office, someone, Invoice(f"Q-{n}", 200_000 + n)) for n in range(8)]
    for n, receipt in enumerate(receipts):
        assert reviewed(office, receipt, 200_000 + n).accepted
    monkeypatch.setattr("minka.store.people.lock", lambda *_: None)
    monkeypatch.setattr("minka.desk.reimburse_pay._still_the_one", lambda *_: None)
    monkeypatch.setattr("minka.desk.reimburse_pay._used", lambda *_: Used())
    monkeypatch.setattr("minka.desk.reimburse_pay.end_claim", lambda *_: {})
    with ThreadPoolExecutor(8) as pool:
        codes = sorted(answer.code for answer in pool.map(lambda r: medical(office, r), receipts))
    assert codes == ["accepted", *["care.already_reimbursed"] * 7]
    counted = ask(
        database_url,
        "select count(*) as n from claim_payment where person_id = %s",
        someone.person_id,
    )
    assert counted[0]["n"] == 1


def test_what_was_paid_counts_in_its_year(office: Office, database_url: str) -> None:
    """H5, G1: the deductible is paid once, whether at the till or by a claim; the books agree."""
    someone = insured(office)
    lose(office, someone)
    receipt = filed(office, someone, Invoice("R-1", 300_000))
    found = reviewed(office, receipt, 300_000)
    assert found.facts["deductible_fen"] > 0
    assert medical(office, receipt).accepted
    figures = ask(
        database_url,
        "select year, op_deductible, op_scope, op_fund, own_scope from coverage"
        " where person_id = %s",
        someone.person_id,
    )
    deductible, fund = found.facts["deductible_fen"], found.facts["fund_fen"]
    year, own = today().year, 300_000 - fund
    assert tuple(figures[0].values()) == (year, deductible, 300_000, fund, own)
    seen = used_by(office, someone.person_id, "")
    assert not isinstance(seen, Refused)
    assert (seen.sums["op_deductible"], seen.sums["op_fund"]) == (deductible, fund)
    with office.register.act() as connection:
        differs = rows(connection, "verify.accumulators")
    assert [each for each in differs if each["person_id"] == someone.person_id] == []


def test_a_year_that_is_closed_is_not_worked_out_here(office: Office, database_url: str) -> None:
    """H5: where later settlements have begun a new year, the old year's figures are not guessed."""
    someone = insured(office)
    lose(office, someone)
    receipt = filed(office, someone, Invoice("R-2", 200_000))
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "update coverage set year = %s where person_id = %s",
            (today().year + 1, someone.person_id),
        )
    answer = reviewed(office, receipt, 200_000)
    assert answer.code == "care.year_over"
    assert str(today().year) in answer.say()
