"""What holders and staff see of claims: the pre-filled one, one with its way, the queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from minka.care.reimburse import ClaimTerms, Expense, Window, claim_entry, claim_terms, latest
from minka.desk.office import Office
from minka.desk.reimburse_facts import (
    Attempt,
    Lost,
    attempts,
    claims_of,
    losses,
    recorded,
    so_far,
    state_of,
)
from minka.kit.clock import CHINA
from minka.kit.codes import read_code
from minka.people.person import Person
from minka.store import cards, people
from minka.store.connection import Connection, Row, row, rows, the_row


@dataclass(frozen=True, slots=True)
class Prefilled:
    """A claim as far as the register knows it: the loss, its time, and what was spent in it."""

    terms: ClaimTerms
    lost: Lost | None
    """The newest loss; None when there is none."""
    time: Window | None
    """Its time, up to now while it runs."""
    expenses: Sequence[Expense]
    """What providers uploaded in it and nobody settled."""
    latest: Expense | None
    attempts: Sequence[Attempt]
    paid: Row | None
    claims: Sequence[Row]
    providers: Sequence[Row]
    """Designated providers of the person's area, for the form."""


def prefilled(office: Office, person_id: int) -> Prefilled | None:
    """The claim that a person could make now; None where the region has no rule of claims."""
    with office.register.act() as connection:
        person = people.load(connection, office.keys, person_id)
        now = cards.now(connection, office.fence())
        entry = claim_entry(office.law(person.region, now)) if person else None
        if person is None or entry is None:
            return None
        terms = claim_terms(entry)
        found = losses(connection, person_id, terms)
        return _prefilled(connection, person, (terms, found[-1] if found else None), now)


def _prefilled(
    connection: Connection, person: Person, ruled: tuple[ClaimTerms, Lost | None], now: datetime
) -> Prefilled:
    terms, lost = ruled
    person_id = person.person_id
    time = so_far(lost.window, now) if lost else None
    spent = recorded(connection, person_id, time, terms, now=now) if time else []
    inside = [each for each in spent if time and time.takes(each.day, each.at)]
    case = {"person_id": person_id, "case_id": lost.case.case_id if lost else 0}
    day = now.astimezone(CHINA).date()
    return Prefilled(
        terms=terms,
        lost=lost,
        time=time,
        expenses=inside,
        latest=latest(inside, time) if time else None,
        attempts=attempts(connection, person_id, time, now) if time else (),
        paid=row(connection, "claim.payment_of_case", **case),
        claims=claims_of(connection, person_id),
        providers=rows(connection, "claim.providers_of", person_id=person_id, day=day),
    )


@dataclass(frozen=True, slots=True)
class ClaimView:
    """One claim with its state, its person and what came later."""

    claim: Row
    state: str
    person: Person
    terms: ClaimTerms | None
    bill: Row | None
    """What the provider uploaded about it, where it is on record."""
    notes: Sequence[Row]

    @property
    def people(self) -> int:
        """How many decide it, by the amount of its review."""
        limit = self.terms.two_people_from if self.terms else None
        fund = self.claim["reviewed_fen"]
        return 2 if fund is not None and limit is not None and fund >= limit else 1


def claim_view(office: Office, typed: str) -> ClaimView | None:
    """A claim by its receipt, or None."""
    with office.register.act() as connection:
        known = row(connection, "loss.receipt", code=read_code(typed) or "")
        if known is None or known["kind"] not in ("claim", "reimbursement"):
            return None
        found = claims_of(connection, known["person_id"])
        claim = next(each for each in found if each["claim_id"] == known["fact_id"])
        person = people.load(connection, office.keys, known["person_id"])
        assert person is not None, "a claim belongs to a person"
        now = cards.now(connection, office.fence())
        entry = claim_entry(office.law(person.region, now))
        visit = {"person_id": person.person_id, "visit_no": claim["visit_no"]}
        case = {"person_id": person.person_id, "case_id": claim["case_id"]}
        return ClaimView(
            claim=claim,
            state=state_of(claim),
            person=person,
            terms=claim_terms(entry) if entry else None,
            bill=the_row(connection, "claim.visit_bill", **visit) if claim["visit_no"] else None,
            notes=rows(connection, "claim.notes", **case),
        )


def waiting_claims(office: Office, region: str) -> list[Row]:
    """The claims of a region that wait for review or payment, the oldest first."""
    with office.register.act() as connection:
        return rows(connection, "claim.waiting", region=region)
