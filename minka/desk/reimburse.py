"""A claim for the one expense of a loss period: filed, withdrawn or refused.

| step | by whom | what is written |
|---|---|---|
| file | the holder, on the web or at a counter | the claim, its receipt |
| review | medical insurance staff, with the papers | the lines, what the funds would pay |
| pay | the same below the rule's amount, two people from it on | payment and entry, one commit |
| refuse, withdraw | staff; the holder | the end of the claim |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from psycopg.types.json import Jsonb

from minka.care.claim_refusals import ClaimRefusal
from minka.care.reimburse import ClaimTerms, Expense, claim_entry, claim_terms, judge
from minka.desk.act import Answer, Desk, Request, act
from minka.desk.office import Office
from minka.desk.refusals import DeskRefusal
from minka.desk.reimburse_facts import Asked, Stated, asked, claims_of, state_of
from minka.desk.rules import require, the_law, turn
from minka.kit.codes import read_code
from minka.kit.fen import yuan
from minka.kit.secret import Clear
from minka.kit.words import Words
from minka.law.papers import Papers, ShownPaper, missing
from minka.people.facts import verify
from minka.people.person import Person
from minka.store import people
from minka.store.connection import Row, do, insert, row

STATES: Mapping[str, Words] = {
    "submitted": Words("等待审核", "等待審核", "Waiting for review"),
    "reviewed": Words("已审核，等待付款", "已審核，等待付款", "Reviewed, waiting for payment"),
    "paid": Words("已报销", "已報銷", "Reimbursed"),
    "refused": Words("没有通过", "沒有通過", "Not granted"),
    "withdrawn": Words("本人撤回", "本人撤回", "Withdrawn by the holder"),
    "superseded": Words("已按另一笔费用报销", "已按另一筆費用報銷", "Another expense was paid"),
}
REASONS: Mapping[str, Words] = {
    "not_genuine": Words(
        "发票查不到或不是原件", "發票查不到或不是原件", "The invoice is not known or no original"
    ),
    "not_medical": Words("不是医疗费用", "不是醫療費用", "It is no medical expense"),
    "not_holder": Words("不是持卡人本人的费用", "不是持卡人本人的費用", "It is not the holder's"),
    "not_in_full": Words("不是全额自付", "不是全額自付", "It was not paid in full"),
    "nothing_due": Words(
        "按待遇规定基金应付0元", "按待遇規定基金應付0元", "By the benefit rules nothing is due"
    ),
}
"""Why staff refuse a claim after review."""


@dataclass(frozen=True, slots=True)
class FileClaim:
    """The holder asks for the latest expense of a loss period; amounts in fen."""

    region: str
    channel: str
    number: Clear
    provider: str
    """The provider's code in the insurance interface."""
    invoice_no: str
    paid_on: date
    total_fen: int
    treated_on: date | None = None
    basis: int = 1
    """1 outpatient, 2 chronic, 3 pharmacy, 4 inpatient."""
    stated: Mapping[str, Clear] = field(default_factory=dict)
    papers: tuple[ShownPaper, ...] = ()


def file_claim(office: Office, request: Request, command: FileClaim) -> Answer:
    """Take a claim; refusals are ``ClaimRefusal`` in order."""
    return act(office, request, command, lambda desk: _file(desk, command))


def _file(desk: Desk, command: FileClaim) -> Mapping[str, Any]:
    now = desk.now()
    terms = the_terms(desk, command.region, now)
    person = _the_person(desk, command)
    people.lock(desk.connection, person.person_id)
    if command.channel != "web":
        papers_shown(terms.papers, command.papers)
    stated = _stated(desk, command)
    found = asked(desk.connection, person.person_id, terms, stated, now=now)
    expense: Expense = require(judge(found.expense, terms, found.known))
    return _write(desk, command, (terms, found, expense), now)


def the_terms(desk: Desk, region: str, at: datetime) -> ClaimTerms:
    """The region's rule of claims on a day, or a refusal where there is none."""
    entry = claim_entry(the_law(desk, region, at))
    if entry is None:
        raise turn(ClaimRefusal.NO_CLAIM_RULE, hotline=desk.hotline)
    return claim_terms(entry)


def _the_person(desk: Desk, command: FileClaim) -> Person:
    found = people.find(desk.connection, desk.keys, command.number)
    person = people.load(desk.connection, desk.keys, found or 0)
    stated = {"id_number": command.number, **command.stated}
    known = verify(stated, tuple(stated), person, "").all_match()
    if person is None or not known or person.region != command.region:
        people.decoy(desk.keys)
        raise turn(ClaimRefusal.CLAIM_NOT_VERIFIED)
    desk.person_id = person.person_id
    return person


def papers_shown(wanted: Papers, shown: tuple[ShownPaper, ...]) -> None:
    """A refusal that names what is missing, or nothing."""
    lacking = missing(wanted, shown)
    if lacking:
        raise turn(ClaimRefusal.CLAIM_PAPERS_MISSING, missing=lacking)


def _stated(desk: Desk, command: FileClaim) -> Stated:
    provider = row(desk.connection, "claim.provider", code=command.provider.strip().upper())
    if provider is None:
        raise turn(ClaimRefusal.PROVIDER_UNKNOWN)
    treated = command.treated_on or command.paid_on
    invoice_no = "".join(command.invoice_no.upper().split())
    return Stated(provider, invoice_no, command.paid_on, treated, command.total_fen)


def _write(
    desk: Desk, command: FileClaim, judged: tuple[ClaimTerms, Asked, Expense], at: datetime
) -> Mapping[str, Any]:
    terms, found, expense = judged
    case = found.known.case
    assert case is not None, "a judged claim has a case"
    claim_id, receipt = desk.fact_id(), desk.new_code("E")
    insert(
        desk.connection,
        "claim.add",
        {
            "person_id": desk.person_id,
            "claim_id": claim_id,
            "case_id": case.case_id,
            "card_id": case.card_id,
            "receipt": receipt,
            "provider_no": expense.provider_no,
            "invoice_no": expense.invoice_no,
            "visit_no": expense.visit_no,
            "paid_on": found.stated.paid_on,
            "treated_on": found.stated.treated_on,
            "paid_at": expense.at,
            "total_fen": expense.total_fen,
            "source": expense.source.value,
            "basis": command.basis,
            "channel": command.channel,
            "operator": desk.request.actor,
            "accepted_at": at,
            "rule_ref": terms.rule_ref,
            "details": Jsonb({"assumed": list(terms.assumed)}),
        },
    )
    named = {"code": receipt, "person_id": desk.person_id, "kind": "claim", "fact_id": claim_id}
    do(desk.connection, "loss.add_receipt", **named)
    told = {"receipt": receipt, "refund_fen": expense.total_fen}
    desk.send("notice.claim_filed", told, card_id=case.card_id, at=at)
    facts = {
        "receipt": receipt,
        "loss": case.receipt,
        "state": "submitted",
        "accepted_at": at,
        "provider": expense.provider_name,
        "source": expense.source,
        "total_fen": expense.total_fen,
        "total": yuan(expense.total_fen),
        "rule": terms.rule_ref,
        "assumed": terms.assumed,
    }
    return {**facts, "audit": desk.audit({**facts, "card_id": case.card_id}, at)}


def the_claim(desk: Desk, typed: str) -> Row:
    """The claim of a receipt with its person locked, whatever its state."""
    known = row(desk.connection, "loss.receipt", code=read_code(typed) or "")
    if known is None or known["kind"] != "claim":
        raise turn(DeskRefusal.UNKNOWN_RECEIPT)
    desk.person_id = known["person_id"]
    people.lock(desk.connection, desk.person_id)
    found = claims_of(desk.connection, desk.person_id)
    return next(each for each in found if each["claim_id"] == known["fact_id"])


def open_claim(desk: Desk, typed: str) -> Row:
    """A claim that is neither paid nor ended."""
    claim = the_claim(desk, typed)
    state = state_of(claim)
    if state not in ("submitted", "reviewed"):
        raise turn(ClaimRefusal.CLAIM_CLOSED, state=STATES[state])
    return claim


def region_of(desk: Desk) -> str:
    """The region of the person an act is about."""
    person = people.load(desk.connection, desk.keys, desk.person_id)
    assert person is not None, "a claim belongs to a person"
    return person.region


@dataclass(frozen=True, slots=True)
class WithdrawClaim:
    """The holder takes a claim back before it is decided."""

    receipt: str
    number: Clear


def withdraw_claim(office: Office, request: Request, command: WithdrawClaim) -> Answer:
    """Take an open claim back; the expense stays known."""
    return act(office, request, command, lambda desk: _withdraw(desk, command))


def _withdraw(desk: Desk, command: WithdrawClaim) -> Mapping[str, Any]:
    claim = open_claim(desk, command.receipt)
    person = people.load(desk.connection, desk.keys, desk.person_id)
    if not verify({"id_number": command.number}, ("id_number",), person, "").all_match():
        raise turn(ClaimRefusal.CLAIM_NOT_VERIFIED)
    return end_claim(desk, claim, ("withdrawn", "holder"), desk.now())


@dataclass(frozen=True, slots=True)
class RefuseClaim:
    """Staff refuse a claim for one of the named reasons."""

    receipt: str
    reason: str


def refuse_claim(office: Office, request: Request, command: RefuseClaim) -> Answer:
    """Refuse a claim; another one can be made for the same loss."""
    assert command.reason in REASONS, command.reason
    return act(office, request, command, lambda desk: _refuse(desk, command))


def _refuse(desk: Desk, command: RefuseClaim) -> Mapping[str, Any]:
    only_staff(desk)
    claim, at = open_claim(desk, command.receipt), desk.now()
    told = {"receipt": claim["receipt"], "reason": command.reason}
    desk.send("notice.claim_refused", told, card_id=claim["card_id"], at=at)
    return end_claim(desk, claim, ("refused", command.reason), at)


STAFF = ("medical_staff", "reviewer")


def only_staff(desk: Desk) -> None:
    """Claims are reviewed by the medical insurance office."""
    if desk.request.role not in STAFF:
        raise turn(DeskRefusal.NOT_ALLOWED)


def end_claim(desk: Desk, claim: Row, end: tuple[str, str], at: datetime) -> dict[str, Any]:
    """Close a claim without payment: how, and why."""
    named = {"person_id": claim["person_id"], "claim_id": claim["claim_id"], "at": at}
    do(
        desk.connection,
        "claim.add_end",
        **named,
        how=end[0],
        reason=end[1],
        operator=desk.request.actor,
    )
    facts = {"receipt": claim["receipt"], "state": end[0], "reason": end[1], "at": at}
    desk.audit(facts, at)
    return facts
