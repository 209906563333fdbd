"""A claim reviewed and paid once: the lines split as care is, the entry in the same commit.

Three keys stand between a loss case and a second payment: the primary key of ``claim_payment``, the
request key of its ledger entry, and the lock on the person under which both are written (P19).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from psycopg.errors import UniqueViolation
from psycopg.types.json import Jsonb

from minka.care.bill import Bill
from minka.care.claim_pay import ClaimLine, bill_of, due, entry_of
from minka.care.claim_refusals import ClaimRefusal
from minka.care.plan import Extra, VisitKind, plan
from minka.care.reimburse import ClaimTerms, judge
from minka.care.split import Split, Used
from minka.desk.act import Answer, Desk, Request, act
from minka.desk.office import Office
from minka.desk.reimburse import (
    end_claim,
    only_staff,
    open_claim,
    papers_shown,
    region_of,
    the_claim,
    the_terms,
)
from minka.desk.reimburse_facts import Stated, asked, claims_of, losses, recorded, state_of
from minka.desk.rules import require, turn
from minka.kit.fen import yuan
from minka.law.benefits import benefits
from minka.law.papers import ShownPaper
from minka.store import cards, ledger, people
from minka.store.connection import Row, do, insert, row, rows, the_row


@dataclass(frozen=True, slots=True)
class ReviewClaim:
    """What staff found: papers seen, and the lines of the invoice.

    Without lines the charges that the provider uploaded are taken, where the claim is about them.
    """

    receipt: str
    lines: tuple[ClaimLine, ...] = ()
    papers: tuple[ShownPaper, ...] = ()


def review_claim(office: Office, request: Request, command: ReviewClaim) -> Answer:
    """Split the bill by the rules of its day; the facts say what would be paid, and by how many.

    Refusals: ``ClaimRefusal`` in order; ``NOTHING_DUE`` leaves the claim open.
    """
    return act(office, request, command, lambda desk: _review(desk, command))


def _review(desk: Desk, command: ReviewClaim) -> Mapping[str, Any]:
    only_staff(desk)
    claim, at = open_claim(desk, command.receipt), desk.now()
    terms = the_terms(desk, region_of(desk), at)
    papers_shown(terms.papers, command.papers)
    _still_the_one(desk, claim, terms, at)
    bill = _bill(desk, claim, command.lines)
    found = _due(desk, claim, bill)
    fund_fen = found.parts.fund
    insert(
        desk.connection,
        "claim.add_review",
        {
            "person_id": desk.person_id,
            "claim_id": claim["claim_id"],
            "at": at,
            "operator": desk.request.actor,
            "lines": Jsonb([asdict(each) for each in command.lines]),
            "own_pay": bill.own_pay,
            "over_limit": bill.over_limit,
            "self_first": bill.self_pay_first,
            "in_scope": bill.in_scope,
            "fund_fen": fund_fen,
            "rule_ref": found.rule_ref,
        },
    )
    facts = {
        "receipt": claim["receipt"],
        "fund_fen": fund_fen,
        "fund": yuan(fund_fen),
        "deductible_fen": found.parts.deductible,
        "people": _people(terms, fund_fen),
        "rule": found.rule_ref,
        "at": at,
    }
    return {**facts, "audit": desk.audit(facts, at)}


def _people(terms: ClaimTerms, fund_fen: int) -> int:
    """How many people decide an amount."""
    limit = terms.two_people_from
    return 2 if limit is not None and fund_fen >= limit else 1


def _still_the_one(desk: Desk, claim: Row, terms: ClaimTerms, at: datetime) -> None:
    """Judge a stored claim again: a later expense may have become known since."""
    provider = row(desk.connection, "claim.provider", code=claim["fixmedins_code"])
    assert provider is not None, "providers are never taken out"
    dates = (claim["paid_on"], claim["treated_on"])
    stated = Stated(provider, claim["invoice_no"], *dates, claim["total_fen"])
    found = asked(
        desk.connection,
        desk.person_id,
        terms,
        stated,
        case_id=claim["case_id"],
        claim_id=claim["claim_id"],
        now=at,
    )
    require(judge(found.expense, terms, found.known))


def _bill(desk: Desk, claim: Row, lines: tuple[ClaimLine, ...]) -> Bill:
    if not lines and claim["visit_no"]:
        named = {"person_id": desk.person_id, "visit_no": claim["visit_no"]}
        sums = the_row(desk.connection, "claim.visit_bill", **named)
        return Bill(*sums.values())
    bill: Bill = require(bill_of(lines, claim["total_fen"]))
    return bill


@dataclass(frozen=True, slots=True)
class _Due:
    """What the funds owe for a bill, by which law, and how it counts in its year."""

    parts: Split
    rule_ref: str
    year: int
    counted: Mapping[str, int]
    """What the year's accumulators are moved by, under the journal's own names."""


def _due(desk: Desk, claim: Row, bill: Bill) -> _Due:
    """The law of the day of care, with the year's figures as they stand."""
    cover = the_row(desk.connection, "claim.coverage", person_id=desk.person_id)
    served: date = claim["treated_on"]
    if served.year < cover["year"]:
        raise turn(ClaimRefusal.YEAR_OVER, year=served.year)
    area = the_row(desk.connection, "ledger.area", area=cover["area"])
    law = benefits(area["benefits"], served)
    made = plan(
        law,
        scheme=cover["scheme"],
        psn_type=cover["psn_type"],
        level=claim["provider_level"],
        kind=VisitKind(claim["basis"]),
        extras=Extra.CIVIL if cover["civil"] else Extra.NONE,
    )
    before = _used(cover, served.year)
    parts: Split = require(due(made, bill, before))
    counted = {
        "year": served.year,
        "basis": claim["basis"],
        "pooled": int(made.pooled),
        "admission": parts.after.admissions - before.admissions,
        "in_scope": bill.in_scope,
        "deductible": parts.deductible,
        "pool": parts.pool,
        "large": parts.large,
    }
    return _Due(parts, law.ref, served.year, counted)


_SUMS = (
    *("op_deductible", "op_scope", "op_fund", "admissions", "pool_paid", "large_paid"),
    "own_scope",
)


def _used(cover: Row, year: int) -> Used:
    """The figures of the year before this bill; a new year starts from nothing."""
    return Used(**{name: cover[name] for name in _SUMS}) if cover["year"] == year else Used()


@dataclass(frozen=True, slots=True)
class PayClaim:
    """One person pays a reviewed claim below the amount that needs two."""

    receipt: str


def pay_claim(office: Office, request: Request, command: PayClaim) -> Answer:
    """Pay a reviewed claim, once for its loss; ``NEEDS_TWO_PEOPLE`` from the rule's amount on."""
    return act(office, request, command, lambda desk: _pay_alone(desk, command))


def _pay_alone(desk: Desk, command: PayClaim) -> Mapping[str, Any]:
    only_staff(desk)
    claim = _reviewed(desk, command.receipt)
    terms = the_terms(desk, region_of(desk), desk.now())
    if _people(terms, claim["reviewed_fen"]) > 1:
        amounts = {"amount": yuan(claim["reviewed_fen"]), "limit": yuan(terms.two_people_from or 0)}
        raise turn(ClaimRefusal.NEEDS_TWO_PEOPLE, **amounts)
    return _pay(desk, claim, terms, None)


def about_claim(desk: Desk, content: Mapping[str, Any]) -> int:
    """The person of a claim, for the two who sign it."""
    person_id: int = the_claim(desk, str(content.get("receipt", "")))["person_id"]
    return person_id


def pay_signed(desk: Desk, content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Pay a claim that two people signed, exactly the amount they saw."""
    claim = _reviewed(desk, str(content.get("receipt", "")))
    terms = the_terms(desk, region_of(desk), desk.now())
    if str(claim["reviewed_fen"]) != str(content.get("fund_fen", "")):
        before = str(content.get("fund_fen", ""))
        shown = yuan(int(before)) if before.isascii() and before.isdigit() else "—"
        raise turn(ClaimRefusal.AMOUNT_MOVED, before=shown, now=yuan(claim["reviewed_fen"]))
    named = {"receipt": claim["receipt"], "signer": desk.request.actor}
    signed = the_row(desk.connection, "claim.signed_act", act="pay_claim", **named)
    return _pay(desk, claim, terms, signed["act_id"])


def _reviewed(desk: Desk, receipt: str) -> Row:
    claim = open_claim(desk, receipt)
    if claim["review_seq"] is None:
        raise turn(ClaimRefusal.NOT_REVIEWED)
    return claim


def _pay(desk: Desk, claim: Row, terms: ClaimTerms, act_id: int | None) -> Mapping[str, Any]:
    locked = ledger.lock(desk.connection, desk.person_id, desk.office.fence())
    assert locked is not None, "a claim is judged against a coverage"
    at = locked.at
    _still_the_one(desk, claim, terms, at)
    bill = Bill(claim["total_fen"], *(claim[name] for name in _PARTS))
    found = _due(desk, claim, bill)
    parts = found.parts
    if parts.fund != claim["reviewed_fen"]:
        amounts = {"before": yuan(claim["reviewed_fen"]), "now": yuan(parts.fund)}
        raise turn(ClaimRefusal.AMOUNT_MOVED, **amounts)
    trace = {"rule": found.rule_ref, "steps": [list(step) for step in parts.trace]}
    written = ledger.Written(
        kind="reimbursement",
        request_key=f"reimbursement-{claim['case_id']}",
        actor=desk.request.actor,
        entry=entry_of(parts, locked.area, locked.scheme),
        details={
            "claim": claim["receipt"],
            "provider_no": claim["provider_no"],
            "counted": found.counted,
            **trace,
        },
    )
    receipt = desk.new_code("P")
    try:
        entry_no, _ = ledger.post(desk.connection, locked, written)
        insert(
            desk.connection,
            "claim.add_payment",
            {
                **_place(claim),
                "case_id": claim["case_id"],
                "receipt": receipt,
                "at": at,
                "fund_fen": parts.fund,
                "entry_no": entry_no,
                "act_id": act_id,
                "operator": desk.request.actor,
                "trace": Jsonb(trace),
            },
        )
    except UniqueViolation:
        raise turn(ClaimRefusal.ALREADY_REIMBURSED, at="—", receipt="—") from None
    after = {name: getattr(parts.after, name) for name in _SUMS}
    do(desk.connection, "claim.count_in", person_id=desk.person_id, year=found.year, **after)
    _spend_invoice(desk, claim)
    return _told(desk, claim, (receipt, parts.fund), at)


_PARTS = ("own_pay", "over_limit", "self_first", "in_scope")


def _place(claim: Row) -> dict[str, int]:
    return {"person_id": claim["person_id"], "claim_id": claim["claim_id"]}


def _spend_invoice(desk: Desk, claim: Row) -> None:
    spent = {"provider_no": claim["provider_no"], "invoice_no": claim["invoice_no"]}
    try:
        do(desk.connection, "claim.spend_invoice", **spent, **_place(claim))
    except UniqueViolation:
        raise turn(ClaimRefusal.INVOICE_PAID) from None


def _told(desk: Desk, claim: Row, paid: tuple[str, int], at: datetime) -> Mapping[str, Any]:
    receipt, fund_fen = paid
    named = {"person_id": desk.person_id, "kind": "reimbursement", "fact_id": claim["claim_id"]}
    do(desk.connection, "loss.add_receipt", code=receipt, **named)
    for other in claims_of(desk.connection, desk.person_id):
        same = other["case_id"] == claim["case_id"] and other["claim_id"] != claim["claim_id"]
        if same and state_of(other) in ("submitted", "reviewed"):
            end_claim(desk, other, ("superseded", claim["receipt"]), at)
    told = {"receipt": claim["receipt"], "refund_fen": fund_fen}
    desk.send("notice.claim_paid", told, card_id=claim["card_id"], at=at)
    facts = {
        "receipt": claim["receipt"],
        "payment_receipt": receipt,
        "state": "paid",
        "fund_fen": fund_fen,
        "fund": yuan(fund_fen),
        "paid_at": at,
    }
    return {**facts, "audit": desk.audit(facts, at)}


LOOKED_BACK = timedelta(days=90)


def note_later(office: Office) -> int:
    """Note expenses that became known after a payment and were later; gives how many are new.

    The payment stands: what nobody knew cannot have been claimed. The note is for the auditor.
    """
    with office.register.act() as connection:
        now = cards.now(connection, office.fence())
        paid = rows(connection, "claim.paid_lately", since=now - LOOKED_BACK)
    return sum(_note(office, each["person_id"], each["claim_id"]) for each in paid)


def _note(office: Office, person_id: int, claim_id: int) -> int:
    request = Request(key="", origin="follower", actor="follower")
    with office.register.act() as connection:
        desk = Desk(connection, office, request, "NoteLaterExpense", person_id)
        people.lock(connection, person_id)
        at = desk.now()
        terms = the_terms(desk, region_of(desk), at)
        claims = {each["claim_id"]: each for each in claims_of(connection, person_id)}
        claim = claims[claim_id]
        case_id = claim["case_id"]
        lost = next(e for e in losses(connection, person_id, terms) if e.case.case_id == case_id)
        mine = _stated_day(claim, terms)
        known = recorded(connection, person_id, lost.window, terms, now=at)
        late = [e for e in known if e.day > mine and lost.window.takes(e.day, e.at)]
        noted = 0
        for each in late:
            values = {
                "person_id": person_id,
                "case_id": case_id,
                "expense_key": each.key,
                "at": at,
                "spent_on": each.day,
                "provider_no": each.provider_no,
                "total_fen": each.total_fen,
            }
            noted += do(connection, "claim.add_note", **values)
        if noted:
            desk.audit({"receipt": claim["receipt"], "later": noted}, at)
    return noted


def _stated_day(claim: Row, terms: ClaimTerms) -> date:
    day: date = claim["treated_on" if terms.dated_by.value == "treatment" else "paid_on"]
    return day
