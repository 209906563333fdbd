"""The account over the API: the same figure, the statement whole, a question; masked and scoped."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, TypeAlias

import pytest

from minka.desk.account_look import balance
from minka.desk.dispute import AnswerDispute, answer_dispute
from minka.desk.ledger import OpenBalance, open_balance
from minka.desk.office import Office
from minka.desk.preview import now
from minka.kit.clock import CHINA
from minka.kit.secret import Clear
from minka.people.person import PersonId
from tests.api.asking import Asking, Partners, Told, key
from tests.api.town import a_bank, an_employer
from tests.desk.money_town import Settled, found_area, insure, settle
from tests.desk.town import Resident, request

Moved: TypeAlias = tuple[Resident, Settled]
SCOPES = ("account:balance", "account:statement", "account:question")


@pytest.fixture
def moved(desk_office: Office) -> tuple[Resident, Settled]:
    """A resident with 280 of 300 yuan left after a bill of 100."""
    found_area(desk_office)
    someone = insure(desk_office)
    opening = OpenBalance(someone.person_id, 30000, "old register")
    assert open_balance(desk_office, request("clerk"), opening).accepted
    bill = settle(
        desk_office, someone.person_id, in_scope=10000, pool=7000, account=2000, visit_no=1
    )
    return someone, bill


def days(office: Office) -> dict[str, str]:
    """The last week."""
    today = now(office).astimezone(CHINA).date()
    return {"since": str(today - timedelta(days=7)), "until": str(today)}


def about(someone: Resident, **more: Any) -> dict[str, Any]:
    """A body about a person."""
    return {"request_key": key(), "region": "R1", "id_number": someone.number, **more}


def test_the_balance_to_the_fen(
    ask: Asking, desk_office: Office, partners: Partners, moved: Moved
) -> None:
    """G4: a hospital's token hears the figure of the books with its instant; masked; again same."""
    someone, _ = moved
    hospital = ask.as_(partners.enrol("account:balance"))
    body = about(someone)
    told = hospital.post("/v1/account-balances", body)
    assert told.status == 201
    books = balance(desk_office, someone.person_id)
    assert books is not None
    assert told["balance_fen"] == told["free_fen"] == books.fen == 28000
    assert told["as_of"]
    text = told.raw.content.decode()
    assert someone.name.reveal() not in text
    assert someone.number.reveal() not in text
    settle(desk_office, someone.person_id, in_scope=100, account=100)
    again = hospital.post("/v1/account-balances", body)
    assert again.raw.content == told.raw.content
    assert again.raw.headers["Minka-Replayed"] == "true"


def test_the_statement_whole(
    ask: Asking, desk_office: Office, partners: Partners, moved: Moved
) -> None:
    """G6: every line oldest first, sums that add up, and the same bytes for the same key."""
    someone, bill = moved
    partner = ask.as_(partners.enrol("account:statement"))
    body = about(someone, **days(desk_office))
    told = partner.post("/v1/account-statements", body)
    assert told.status == 201, told
    opening, settled = told["lines"]
    assert (opening["kind"], opening["amount_fen"]) == ("opening", 30000)
    assert settled["ref"] == bill.ref
    shares = [settled[name] for name in ("total_fen", "fund_fen", "account_fen", "cash_fen")]
    assert shares == [10000, 7000, 2000, 1000]
    assert told["opening_fen"] + told["in_fen"] - told["out_fen"] == told["closing_fen"] == 28000
    settle(desk_office, someone.person_id, in_scope=100, account=100)
    assert partner.post("/v1/account-statements", body).raw.content == told.raw.content


@pytest.mark.parametrize(
    ("since", "until", "code"),
    [
        ("2026-02-02", "2026-02-01", "desk.period_wrong"),
        ("2999-02-02", "2999-02-03", "desk.period_wrong"),
        ("2026-02-30", "2026-03-01", "api.not_valid"),
        (20260101, "2026-03-01", "api.not_valid"),
    ],
)
def test_days_that_are_none(
    ask: Asking,
    partners: Partners,
    moved: Moved,
    since: Any,
    until: Any,
    code: str,
) -> None:
    """G6: days out of order, to come, or in no calendar."""
    partner = ask.as_(partners.enrol("account:statement"))
    body = about(moved[0], since=since, until=until)
    assert partner.post("/v1/account-statements", body).code == code


def taken(ask: Asking, partners: Partners, moved: Moved) -> Told:
    """A question about the bill."""
    partner = ask.as_(partners.enrol("account:question"))
    body = about(moved[0], ref=moved[1].ref, reason="amount", words="多收了")
    return partner.post("/v1/questions", body)


def test_a_question_and_its_answer(
    ask: Asking, desk_office: Office, partners: Partners, moved: Moved
) -> None:
    """G7: tied to the transaction, seen by its receipt, then with its dated answer."""
    first = taken(ask, partners, moved)
    assert first.status == 201, first
    assert first["ref"] == moved[1].ref
    assert taken(ask, partners, moved).code == "desk.question_open"
    partner = ask.as_(partners.enrol("account:question", "receipt:read"))
    at = f"/v1/questions/{first['receipt']}"
    assert partner.get(at)["answered_at"] is None
    assert partner.get(f"/v1/receipts/{first['receipt']}")["kind"] == "dispute"
    command = AnswerDispute("R1", first["receipt"], "wrong", words=Clear("已更正"))
    assert answer_dispute(desk_office, request("medical_staff"), command).accepted
    state = partner.get(at)
    assert (state["outcome"], state["answer"]) == ("wrong", "已更正")
    assert state["outcome_words"]["en"].startswith("Checked")


@pytest.mark.parametrize("bound", ["region", "bank", "employer", "nobody"])
def test_anothers_account_is_as_unknown(
    ask: Asking,
    desk_office: Office,
    partners: Partners,
    moved: Moved,
    bound: str,
) -> None:
    """T14: outside region and bank there is no such account; an employer is shown none."""
    someone, bill = moved
    limits: dict[str, Any] = {
        "region": {"regions": "R2"},
        "bank": {"bank_id": a_bank(partners.url)},
        "employer": {"employer_id": an_employer(partners.url)},
        "nobody": {},
    }[bound]
    stranger = ask.as_(partners.enrol(*SCOPES, **limits))
    who = (
        Resident(PersonId(0), 0, Clear("110000190001010012"), someone.name, "")
        if not limits
        else someone
    )
    wanted = {"region": "api.not_yours", "employer": "api.not_yours"}.get(bound, "desk.no_account")
    bodies: dict[str, dict[str, Any]] = {
        "account-balances": {},
        "account-statements": days(desk_office),
        "questions": {"ref": bill.ref, "reason": "amount"},
    }
    for path, more in bodies.items():
        assert stranger.post(f"/v1/{path}", about(who, **more)).code == wanted, path


def test_a_question_of_another_is_as_unknown(ask: Asking, partners: Partners, moved: Moved) -> None:
    """T14: its receipt opens nothing outside region, bank or for an employer."""
    receipt = taken(ask, partners, moved)["receipt"]
    for limits in (
        {"regions": "R2"},
        {"bank_id": a_bank(partners.url)},
        {"employer_id": an_employer(partners.url)},
    ):
        stranger = ask.as_(partners.enrol("account:question", **limits))
        assert stranger.get(f"/v1/questions/{receipt}").code == "desk.unknown_receipt"
