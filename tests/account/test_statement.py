"""The statement: whole, adding up, on record, verified by its number (G6)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from minka.desk.act import Answer
from minka.desk.statement import (
    IssueStatement,
    ShowAccount,
    Statement,
    issue_statement,
    show_account,
    statement_of,
    statement_on_record,
)
from minka.kit.clock import CHINA
from minka.law.papers import ShownPaper
from tests.account.books import EARLY, LATE, Books
from tests.desk.money_town import settle
from tests.desk.town import Resident, request

CARD, CERTIFICATE = ShownPaper("resident_id"), ShownPaper("medical_certificate")


def whole(books: Books, someone: Resident) -> Statement:
    """Everything that ever moved."""
    made = statement_of(books.office, someone.person_id, EARLY, LATE)
    assert made is not None
    return made


def issued(books: Books, someone: Resident, **more: Any) -> Answer:
    """A statement of every day there is."""
    today = books.hall.file(someone).at.astimezone(CHINA).date()
    asked: dict[str, Any] = {
        "region": "R5",
        "since": today - timedelta(days=7),
        "until": today,
        "channel": "web",
        "person_id": someone.person_id,
    }
    return issue_statement(books.office, request(), IssueStatement(**{**asked, **more}))


def test_every_allocation_and_every_spending_adds_up(books: Books) -> None:
    """G6: opening, what came in, what went out and closing are read apart, and agree."""
    holder = books.holder()
    made = whole(books, holder.someone)
    assert [each.kind for each in made.movements] == ["opening", "settlement", "purchase"]
    assert (made.opening_fen, made.in_fen, made.out_fen) == (0, 30000, 5550)
    assert made.opening_fen + made.in_fen - made.out_fen == made.closing_fen == 24450
    assert made.sum_of("total_fen") == 13550
    parts = ("fund_fen", "account_fen", "cash_fen")
    assert sum(made.sum_of(part) for part in parts) == made.sum_of("total_fen")
    assert made.closing_fen == books.fen(holder.someone)


def test_a_statement_of_some_days_begins_with_the_balance_of_then(books: Books) -> None:
    """G6, X39: the opening figure is the balance at that instant, not zero."""
    holder = books.holder()
    middle = books.lines(holder.someone)[0].at
    made = statement_of(books.office, holder.someone.person_id, middle, LATE)
    assert made is not None
    assert (made.opening_fen, made.out_fen, made.closing_fen) == (28000, 3550, 24450)
    before = statement_of(books.office, holder.someone.person_id, EARLY, middle)
    assert before is not None
    assert before.closing_fen == made.opening_fen


def test_a_statement_is_on_record_under_its_number(books: Books) -> None:
    """G6: code, days, lines and check value stay; the same key gives the same paper."""
    holder = books.holder()
    answer = issued(books, holder.someone)
    assert answer.accepted
    assert answer.facts["code"].startswith("T-")
    assert (answer.facts["lines"], answer.facts["closing_fen"]) == (3, 24450)
    with books.office.register.act() as connection:
        known = connection.execute(
            "select fact_id from receipt where code = %s", (answer.facts["code"],)
        ).fetchone()
    assert known is not None
    kept = statement_on_record(books.office, holder.someone.person_id, known["fact_id"])
    assert kept is not None
    assert kept["check"] == answer.facts["check"]


@pytest.mark.parametrize(
    ("shown", "code"),
    [
        ((), "desk.record_papers"),
        ((CARD,), "desk.record_papers"),
        ((CERTIFICATE,), "desk.record_papers"),
        ((CARD, CERTIFICATE), "accepted"),
    ],
)
def test_the_counter_asks_for_card_and_certificate(
    books: Books, shown: tuple[ShownPaper, ...], code: str
) -> None:
    """G6, R5-07: ID card and medical insurance certificate, both, before anything is printed."""
    someone = books.holder().someone
    assert issued(books, someone, channel="bank_counter", papers=shown).code == code


def test_other_cities_ask_for_no_more_than_their_rules(books: Books) -> None:
    """G6: a city without the rule prints for whoever's ID card was read."""
    someone = books.holder("R1", "BANK1").someone
    assert issued(books, someone, region="R1", channel="counter").accepted


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"since": date(2026, 2, 2), "until": date(2026, 2, 1)}, "desk.period_wrong"),
        ({"since": date(2999, 1, 1), "until": date(2999, 2, 1)}, "desk.period_wrong"),
        ({"person_id": 10**15}, "desk.no_account"),
        ({"region": "R4"}, "desk.no_account"),
        ({"region": "R77"}, "desk.unknown_region"),
    ],
)
def test_what_is_not_issued(books: Books, more: dict[str, Any], code: str) -> None:
    """G6: no paper for days in disorder, for nobody, for another city's person."""
    assert issued(books, books.holder().someone, **more).code == code


def test_whoever_looks_is_on_record(books: Books) -> None:
    """G3, G4: the figure with its instant, masked, and the look in the audit log."""
    someone = books.holder().someone
    answer = show_account(
        books.office, request("bank_clerk"), ShowAccount("R5", person_id=someone.person_id)
    )
    assert answer.facts["balance_fen"] == answer.facts["free_fen"] == 24450
    assert answer.facts["as_of"]
    assert someone.name.reveal() not in str(answer.facts)
    assert someone.number.reveal() not in str(answer.facts)
    with books.office.register.act() as connection:
        looks = connection.execute(
            "select count(*) as found from audit_event where person_id = %s and act ="
            " 'ShowAccount'",
            (someone.person_id,),
        ).fetchone()
    assert looks is not None
    assert looks["found"] == 1


def test_a_person_without_an_account(books: Books) -> None:
    """G3: no account is said to be none, never zero yuan."""
    someone = books.hall.resident("R5", bank_id="BOC")
    command = ShowAccount("R5", person_id=someone.person_id)
    assert show_account(books.office, request(), command).code == "desk.no_account"
    assert issued(books, someone).code == "desk.no_account"


def test_a_refund_takes_the_bill_back(books: Books) -> None:
    """G6: both lines stand, the sums are net, nothing is left out."""
    holder = books.holder()
    undone = {"of_msg_no": holder.visit.msg_no, "of_origin_no": holder.visit.origin_no}
    settle(
        books.office,
        holder.someone.person_id,
        in_scope=10000,
        pool=7000,
        account=2000,
        kind=2,
        visit_no=1,
        **undone,
    )
    made = whole(books, holder.someone)
    assert [each.kind for each in made.movements][1:] == ["settlement", "purchase", "refund"]
    assert (made.in_fen, made.out_fen, made.closing_fen) == (32000, 5550, 26450)
    assert made.sum_of("total_fen") == 3550
    assert made.closing_fen == books.fen(holder.someone)
