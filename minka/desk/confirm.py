"""Staff confirm a report that takes effect only with their word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from minka.desk.act import Answer, Desk, Request, act
from minka.desk.office import Office
from minka.desk.refusals import DeskRefusal
from minka.desk.rules import the_law, turn
from minka.desk.stops import CONFIRMERS, Reported, put_in_force
from minka.loss.refusals import LossRefusal
from minka.loss.report import stop
from minka.loss.terms import loss_terms
from minka.store import cards, people
from minka.store.connection import row, the_row


@dataclass(frozen=True, slots=True)
class ConfirmReport:
    """Staff confirm a report that took effect only with their word (R3)."""

    receipt: str


def confirm_report(office: Office, request: Request, command: ConfirmReport) -> Answer:
    """Confirm a report on record; the card is stopped from this instant on."""
    return act(office, request, command, lambda desk: _confirm(desk, command))


def _confirm(desk: Desk, command: ConfirmReport) -> Mapping[str, Any]:
    known = row(desk.connection, "loss.receipt", code=command.receipt)
    if known is None or known["kind"] != "loss":
        raise turn(DeskRefusal.UNKNOWN_RECEIPT)
    desk.person_id = known["person_id"]
    people.lock(desk.connection, desk.person_id)
    found = the_row(
        desk.connection, "loss.report", person_id=desk.person_id, report_id=known["fact_id"]
    )
    at = desk.tick(found["card_id"])
    card = cards.load(desk.connection, desk.person_id, found["card_id"])
    assert card is not None, "a report is about a card"
    law = the_law(desk, card.region, at)
    entry = desk.office.book().cited(found["rule_ref"]) or law.entries("loss")[0]
    terms = loss_terms(law, entry, found["actor"])
    if found["confirmed_at"] is not None:
        raise turn(LossRefusal.ALREADY_CONFIRMED, receipt=command.receipt)
    if desk.request.role not in CONFIRMERS.get(terms.confirmed_by, ()):
        raise turn(LossRefusal.CONFIRMED_BY_ANOTHER, who=terms.confirmed_by)
    workdays, slack = desk.office.book().workdays(card.region), desk.office.slack()
    made = stop(terms, found["accepted_at"], at, workdays, slack=slack)
    reported = Reported(found["report_id"], command.receipt)
    facts = {"receipt": command.receipt, **put_in_force(desk, card, reported, made)}
    facts["audit"] = desk.audit({"card_id": card.card_id, **facts}, at)
    return facts
