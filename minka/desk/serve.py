"""A member of staff opens the file of a person who stands at the desk; that he did is on record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from minka.desk.act import Answer, Desk, Request, act
from minka.desk.office import Office
from minka.desk.rules import the_law, turn
from minka.kit.secret import Clear
from minka.loss.refusals import LossRefusal
from minka.store import cards, people


@dataclass(frozen=True, slots=True)
class ServeVisitor:
    """The number read from the person's paper, and whose people this desk serves."""

    region: str
    number: Clear
    bank_id: str = ""
    """Set for a bank's desk: only people whose card this bank serves."""
    employer_id: str = ""
    """Set for an employer's clerk: only people insured through this employer."""


def serve_visitor(office: Office, request: Request, command: ServeVisitor) -> Answer:
    """Open a file; the answer holds the register's own number of the person.

    Unknown, of another city, bank or employer are one refusal: ``LossRefusal.NOT_VERIFIED``.
    """
    return act(office, request, command, lambda desk: _open(desk, command))


def _open(desk: Desk, command: ServeVisitor) -> Mapping[str, Any]:
    at = desk.now()
    the_law(desk, command.region, at)
    found = people.find(desk.connection, desk.keys, command.number)
    person = people.load(desk.connection, desk.keys, found or 0)
    if person is None or person.region != command.region:
        people.decoy(desk.keys)
        raise turn(LossRefusal.NOT_VERIFIED)
    card = cards.in_hand(cards.of_person(desk.connection, person.person_id))
    other_bank = bool(command.bank_id) and (card is None or card.bank_id != command.bank_id)
    stranger = bool(command.employer_id) and person.employer_id != command.employer_id
    if other_bank or stranger:
        raise turn(LossRefusal.NOT_VERIFIED)
    desk.person_id = person.person_id
    desk.audit({"served_by": command.bank_id or command.employer_id}, at)
    return {"person": person.person_id}
