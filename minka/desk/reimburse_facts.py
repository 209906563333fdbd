"""What the register knows of a person's losses: cases, their time, expenses, claims, payment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from minka.care.reimburse import (
    ClaimTerms,
    DatedBy,
    Expense,
    Known,
    LossCase,
    Opening,
    Paid,
    Source,
    Window,
    cases_of,
    same_expense,
    window,
)
from minka.kit.clock import CHINA
from minka.store.connection import Connection, Row, row, rows, the_row

_DAY = timedelta(days=1)
_STRUCK = "refused"
"""A claim that staff refused names no expense that could be later than another."""


@dataclass(frozen=True, slots=True)
class Lost:
    """One loss case with the time in which an expense counts."""

    case: LossCase
    window: Window


@dataclass(frozen=True, slots=True)
class Attempt:
    """A settlement that was refused in the loss period: where and when."""

    at: datetime
    provider_name: str
    fixmedins_code: str
    reason: str


def losses(connection: Connection, person_id: int, terms: ClaimTerms) -> list[Lost]:
    """Every loss case of a person, the oldest first."""
    found = rows(connection, "claim.openings", person_id=person_id)
    if not found:
        return []
    since = min(each["at"] for each in found) - terms.before - _DAY
    used = rows(connection, "claim.uses", person_id=person_id, since=since)
    exchanged = {
        each["card_id"]: each["at"]
        for each in rows(connection, "claim.exchanges", person_id=person_id)
    }
    made: list[Lost] = []
    for card_id in sorted({each["card_id"] for each in found}):
        uses = [each["at"] for each in used if each["card_id"] == card_id]
        openings = [Opening(**each) for each in found if each["card_id"] == card_id]
        cases = cases_of(openings, uses, exchanged.get(card_id))
        made += [Lost(case, window(case, terms, uses)) for case in cases]
    return sorted(made, key=lambda each: each.case.stopped_at)


def so_far(time: Window, now: datetime) -> Window:
    """The part of a time that has passed: what is dated later was not paid yet."""
    return Window(time.since, min(time.until or now, now))


def recorded(
    connection: Connection, person_id: int, time: Window, terms: ClaimTerms, *, now: datetime
) -> list[Expense]:
    """Charges that providers uploaded in the time and nobody settled, oldest first."""
    until = (time.until or now) + _DAY
    named = {"person_id": person_id, "since": time.since - _DAY, "until": until}
    found = rows(connection, "claim.recorded", **named)
    return [_recorded(each, terms) for each in found]


def _recorded(found: Row, terms: ClaimTerms) -> Expense:
    begun: datetime = found["begun_at"]
    treated = terms.dated_by is DatedBy.TREATMENT
    return Expense(
        key=f"visit:{found['visit_no']}",
        provider_no=found["provider_no"],
        provider_name=found["provider_name"],
        day=begun.astimezone(CHINA).date() if treated else found["served_on"],
        total_fen=found["total_fen"],
        source=Source.REFUSED if found["refused"] else Source.RECORD,
        at=begun if begun.astimezone(CHINA).date() == found["served_on"] else None,
        visit_no=found["visit_no"],
    )


def attempts(
    connection: Connection, person_id: int, time: Window, now: datetime
) -> Sequence[Attempt]:
    """Refused attempts to settle in the time, the newest first."""
    named = {"person_id": person_id, "since": time.since, "until": time.until or now}
    return [
        Attempt(each["at"], each["provider_name"], each["fixmedins_code"], each["reason"])
        for each in rows(connection, "claim.refused_attempts", **named)
    ]


def claims_of(connection: Connection, person_id: int) -> list[Row]:
    """The claims of a person with their reviews, ends and payments, oldest first."""
    return rows(connection, "claim.of_person", person_id=person_id)


def expense_of(claim: Row, terms: ClaimTerms) -> Expense:
    """The expense that a stored claim is about."""
    treated = terms.dated_by is DatedBy.TREATMENT
    visit: int = claim["visit_no"]
    return Expense(
        key=f"visit:{visit}" if visit else invoice_key(claim["provider_no"], claim["invoice_no"]),
        provider_no=claim["provider_no"],
        provider_name=claim["provider_name"],
        day=claim["treated_on"] if treated else claim["paid_on"],
        total_fen=claim["total_fen"],
        source=Source(claim["source"]),
        at=claim["paid_at"],
        visit_no=visit,
        invoice_no=claim["invoice_no"],
    )


def invoice_key(provider_no: int, invoice_no: str) -> str:
    """By what an invoice is known."""
    return f"invoice:{provider_no}:{invoice_no}"


def state_of(claim: Row) -> str:
    """How far a claim is: ``paid``, how it ended, ``reviewed`` or ``submitted``."""
    if claim["paid_fen"] is not None:
        return "paid"
    return str(claim["how"] or ("reviewed" if claim["review_seq"] else "submitted"))


@dataclass(frozen=True, slots=True)
class Stated:
    """An invoice as it was entered; ``treated_on`` decides the benefits."""

    provider: Row
    invoice_no: str
    paid_on: date
    treated_on: date
    total_fen: int
    visit_no: int = 0

    def expense(self, terms: ClaimTerms) -> Expense:
        """The expense it states."""
        treated = terms.dated_by is DatedBy.TREATMENT
        return Expense(
            key=invoice_key(self.provider["provider_no"], self.invoice_no),
            provider_no=self.provider["provider_no"],
            provider_name=self.provider["name"],
            day=self.treated_on if treated else self.paid_on,
            total_fen=self.total_fen,
            source=Source.STATED,
            invoice_no=self.invoice_no,
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """An invoice against one loss case."""

    stated: Stated
    expense: Expense
    known: Known


def asked(
    connection: Connection,
    person_id: int,
    terms: ClaimTerms,
    stated: Stated,
    *,
    case_id: int = 0,
    claim_id: int = 0,
    now: datetime,
) -> Asked:
    """Everything known about an invoice: its case, other expenses, contract, cover, payments.

    Without a case it is the loss in whose time the expense lies, else the newest. ``claim_id`` is
    the stored claim that is judged again, which does not stand against itself.
    """
    plain = stated.expense(terms)
    found = losses(connection, person_id, terms)
    lost = next((e for e in found if e.case.case_id == case_id), None) or _fitting(found, plain)
    facts = {"designated": _designated(connection, person_id, stated), "covered": 0}
    facts["covered"] = _covered(connection, person_id, stated.treated_on)
    if lost is None:
        return Asked(stated, plain, Known(None))
    time = so_far(lost.window, now)
    visits = recorded(connection, person_id, time, terms, now=now)
    expense = same_expense(plain, visits)
    mine = [c for c in claims_of(connection, person_id) if c["claim_id"] != claim_id]
    standing = [expense_of(c, terms) for c in mine if state_of(c) != _STRUCK]
    known = Known(
        case=lost.case,
        window=time,
        expenses=(*visits, *standing),
        paid=_paid(connection, person_id, lost.case),
        pending=_pending(mine, stated),
        settled=_settled(connection, person_id, stated),
        invoice_paid=_invoice_paid(connection, stated),
        **facts,
    )
    return Asked(stated, expense, known)


def _fitting(found: Sequence[Lost], expense: Expense) -> Lost | None:
    fits = [each for each in found if each.window.takes(expense.day, expense.at)]
    newest = fits or list(found)
    return newest[-1] if newest else None


def _paid(connection: Connection, person_id: int, case: LossCase) -> Paid | None:
    named = {"person_id": person_id, "case_id": case.case_id}
    found = row(connection, "claim.payment_of_case", **named)
    return Paid(found["receipt"], found["at"]) if found else None


def _pending(claims: Sequence[Row], stated: Stated) -> str:
    mine = (stated.provider["provider_no"], stated.invoice_no)
    for each in claims:
        same = (each["provider_no"], each["invoice_no"]) == mine
        if same and state_of(each) in ("submitted", "reviewed"):
            return str(each["receipt"])
    return ""


def _settled(connection: Connection, person_id: int, stated: Stated) -> int:
    found = the_row(
        connection,
        "claim.settled_visit",
        person_id=person_id,
        provider_no=stated.provider["provider_no"],
        total_fen=stated.total_fen,
        treated_on=stated.treated_on,
    )
    return int(found["settled"])


def _invoice_paid(connection: Connection, stated: Stated) -> int:
    named = {"provider_no": stated.provider["provider_no"], "invoice_no": stated.invoice_no}
    return int(row(connection, "claim.invoice", **named) is not None)


def _designated(connection: Connection, person_id: int, stated: Stated) -> int:
    cover = row(connection, "claim.coverage", person_id=person_id)
    named = {"provider_no": stated.provider["provider_no"], "day": stated.treated_on}
    scheme = cover["scheme"] if cover else 0
    return int(the_row(connection, "claim.designated", **named, scheme=scheme)["designated"])


def _covered(connection: Connection, person_id: int, day: date) -> int:
    found = the_row(connection, "claim.covered", person_id=person_id, day=day)
    return int(found["covered"])
