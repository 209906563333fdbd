"""A masked field shown to staff: one deliberate act, with its reason, on record for the holder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from minka.desk.act import Answer, Desk, Request, act
from minka.desk.office import Office
from minka.desk.refusals import DeskRefusal
from minka.desk.rules import turn
from minka.store import cards, people

FIELDS = ("name", "number", "phone", "card_number", "member_number", "photo")
"""What a screen masks and a member of staff may ask to see."""

REASONS = ("identity_check", "call_back", "paper", "handover")
"""Why a field is looked at."""

SEERS = ("hotline_agent", "counter_clerk", "medical_staff", "reviewer", "auditor", "bank_clerk")
"""Roles that may see a clear field."""


@dataclass(frozen=True, slots=True)
class Reveal:
    """A member of staff asks to see one field of one person."""

    person_id: int
    field: str
    reason: str


def reveal(office: Office, request: Request, command: Reveal) -> Answer:
    """Put the look on record; only then does the door show the field. The text is in no answer.

    Refusals: ``DeskRefusal.NOT_ALLOWED``.
    """
    assert command.field in FIELDS, command.field
    assert command.reason in REASONS, command.reason
    return act(office, request, command, lambda desk: _reveal(desk, command))


def _reveal(desk: Desk, command: Reveal) -> Mapping[str, Any]:
    person = people.load(desk.connection, desk.keys, command.person_id)
    if person is None or desk.request.role not in SEERS:
        raise turn(DeskRefusal.NOT_ALLOWED)
    desk.person_id = person.person_id
    at = desk.now()
    facts = {"field": command.field, "reason": command.reason, "role": desk.request.role}
    return {**facts, "at": at, "audit": desk.audit(facts, at)}


def clear_text(office: Office, person_id: int, field: str) -> str:
    """The clear text of a field whose reveal is on record; empty when there is none."""
    with office.register.act() as connection:
        person = people.load(connection, office.keys, person_id)
        card = cards.in_hand(cards.of_person(connection, person_id))
    if person is None:
        return ""
    clear = {"name": person.name, "number": person.number, "phone": person.phone}
    if field in clear:
        text = clear[field]
        return text.reveal() if text else ""
    return {"card_number": card.card_number if card else "", "member_number": person.member_number}[
        field
    ]
