"""The individual account: balance, statement, and a question about a transaction."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router
from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from minka.desk.account_look import Movement
from minka.desk.dispute import REASONS, Dispute, OpenDispute, dispute_of, open_dispute
from minka.desk.refusals import DeskRefusal
from minka.desk.statement import (
    IssueStatement,
    ShowAccount,
    issue_statement,
    show_account,
    statement_of,
)
from minka.doors.api import desks
from minka.doors.api.answers import PROBLEMS, created, shown
from minka.doors.api.bounds import our_receipt, ours
from minka.doors.api.clients import Token, asked, client_of, in_region
from minka.doors.api.fields import (
    Body,
    CitizenNumber,
    Code,
    Given,
    Instant,
    Key,
    Name,
    Region,
    Staff,
    Texts,
)
from minka.doors.api.problems import of_answer, refusal
from minka.doors.api.receipts import iso, texts
from minka.doors.api.refusals import DoorRefusal
from minka.kit.secret import Clear
from minka.store.people import find

router = Router(tags=["account"])

CHANNEL = "api"


def _only_text(value: object) -> object:
    if not isinstance(value, str):
        raise PydanticCustomError("date_type", "day")
    return value


Day = Annotated[date, BeforeValidator(_only_text)]
"""A day in China: ``2026-11-22``."""


class AccountBody(Body):
    """Whose account; the client has made sure that it is the holder who asks."""

    request_key: Key
    region: Region
    id_number: CitizenNumber
    staff: Staff = None


class AccountBalance(Given):
    """The account at ``as_of``, in fen; the figure is the same to the fen at every door."""

    name: str
    card: str
    balance_fen: int
    held_fen: int
    free_fen: int
    as_of: Instant


@router.post(
    "/account-balances",
    response={201: AccountBalance, **PROBLEMS},
    auth=Token("account:balance"),
    operation_id="accountBalance",
)
def balance(request: HttpRequest, body: AccountBody) -> HttpResponse:
    """The balance of the individual account; that it was asked is on record for the holder."""
    region = _region(request, body)
    command = ShowAccount(region, number=ours(request, body.id_number))
    by = asked(request, body.request_key, staff=body.staff)
    return created(show_account(desks.opened().everyday, by, command), AccountBalance)


def _region(request: HttpRequest, body: AccountBody) -> str:
    """The region; nobody's employer is shown an account."""
    client = client_of(request)
    if client.employer_id:
        raise refusal(DoorRefusal.NOT_YOURS, field="id_number")
    return in_region(client, body.region)


class StatementBody(AccountBody):
    """Which days, both included."""

    since: Day = Field(examples=["2026-11-01"])
    until: Day = Field(examples=["2026-11-30"])


class AccountMovement(Given):
    """One movement; ``amount_fen`` is the change of the account with its sign."""

    ref: str
    at: Instant
    kind: str
    words: Texts
    provider: str
    amount_fen: int
    balance_fen: int
    total_fen: int
    fund_fen: int
    account_fen: int
    cash_fen: int


class AccountStatement(Given):
    """Opening + in - out = closing; ``lines`` oldest first; ``code`` verifies the paper."""

    code: str
    check: str
    since_at: Instant
    until_at: Instant
    opening_fen: int
    in_fen: int
    out_fen: int
    closing_fen: int
    lines: list[AccountMovement]


@router.post(
    "/account-statements",
    response={201: AccountStatement, **PROBLEMS},
    auth=Token("account:statement"),
    operation_id="accountStatement",
)
def statement(request: HttpRequest, body: StatementBody) -> HttpResponse:
    """Every movement of whole days: every allocation, every spending, and who was paid."""
    command = IssueStatement(
        region=_region(request, body),
        since=body.since,
        until=body.until,
        channel=CHANNEL,
        number=ours(request, body.id_number),
    )
    house = desks.opened().everyday
    answer = issue_statement(house, asked(request, body.request_key, staff=body.staff), command)
    if not answer.accepted:
        raise of_answer(answer)
    facts = answer.facts
    span = [datetime.fromisoformat(facts[name]) for name in ("since_at", "until_at")]
    made = statement_of(house, int(facts["person"]), *span)
    assert made is not None, "a statement on record can be read again"
    told = {"in_fen": made.in_fen, "out_fen": made.out_fen}
    lines = [_movement(each) for each in made.movements]
    whole = AccountStatement.model_validate({**facts, **told, "lines": lines})
    response = shown(whole, status=201)
    if answer.replayed:
        response.headers["Minka-Replayed"] = "true"
    return response


def _movement(each: Movement) -> AccountMovement:
    return AccountMovement(
        ref=each.ref,
        at=each.at.isoformat(),
        kind=each.kind,
        words=texts(each.words),
        provider=each.provider_name,
        amount_fen=each.amount_fen,
        balance_fen=each.balance_fen,
        total_fen=each.total_fen,
        fund_fen=each.fund_fen,
        account_fen=each.account_fen,
        cash_fen=each.cash_fen,
    )


class QuestionBody(AccountBody):
    """Which transaction is doubted, and why; ``not_me`` is an objection."""

    ref: Annotated[str, Field(pattern=r"^(L[0-9]{1,18}|[0-9]{26})$", examples=["L17"])]
    reason: Literal["amount", "twice", "shares", "not_given", "allocation", "other", "not_me"] = (
        Field(description="; ".join(f"{code}: {words.en}" for code, words in REASONS.items()))
    )
    words: Name | None = Field(None, description="What the holder adds.")


class QuestionHead(Given):
    """A question; ``promise`` says whether a rule, an assumption or nothing sets its day."""

    receipt: str
    ref: str
    kind: Literal["question", "objection"]
    reason: str
    opened_at: Instant
    promise_at: Instant | None
    promise: Literal["law", "assumed", "none"]


class QuestionTaken(QuestionHead):
    """A question on record."""

    audit: str


@router.post(
    "/questions",
    response={201: QuestionTaken, **PROBLEMS},
    auth=Token("account:question"),
    operation_id="openQuestion",
)
def question(request: HttpRequest, body: QuestionBody) -> HttpResponse:
    """The holder doubts a transaction; one question is open at a time, answered with a date."""
    house = desks.opened().everyday
    region, number = _region(request, body), ours(request, body.id_number)
    with house.register.act() as connection:
        person_id = find(connection, house.keys, number)
    command = OpenDispute(
        region=region,
        person_id=person_id or 0,
        ref=body.ref,
        reason=body.reason,
        words=body.words or Clear(""),
        channel=CHANNEL,
    )
    by = asked(request, body.request_key, staff=body.staff)
    return created(open_dispute(house, by, command), QuestionTaken)


class QuestionState(QuestionHead):
    """A question now; ``answer`` is what the holder is told, once there is one."""

    name: str
    reason_words: Texts
    answered_at: Instant | None
    outcome: Literal["right", "wrong", "not_holder"] | None
    outcome_words: Texts | None
    answer: str


@router.get(
    "/questions/{code}",
    response={200: QuestionState, **PROBLEMS},
    auth=Token("account:question"),
    operation_id="question",
)
def asked_question(request: HttpRequest, code: Path[Code]) -> HttpResponse:
    """How a question stands, and its answer."""
    found = dispute_of(desks.opened().everyday, our_receipt(request, code))
    if found is None or client_of(request).employer_id:
        raise refusal(DeskRefusal.UNKNOWN_RECEIPT)
    return shown(_state(found))


def _state(found: Dispute) -> QuestionState:
    return QuestionState(
        receipt=found.code,
        ref=found.ref,
        kind=found.kind,
        reason=found.reason,
        opened_at=found.opened_at.isoformat(),
        promise_at=iso(found.promise_at),
        promise=found.promise,
        name=found.name_mask,
        reason_words=texts(found.reason_words),
        answered_at=iso(found.answered_at),
        outcome=found.outcome or None,
        outcome_words=texts(found.outcome_words) if found.outcome_words else None,
        answer=found.answer.reveal(),
    )
