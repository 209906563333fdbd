"""Who is on the telephone: the facts a caller states, each against the register, on record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from minka.desk.act import Answer, Desk, Request, act
from minka.desk.office import Office
from minka.desk.rules import the_law, turn
from minka.kit.secret import Clear
from minka.law.region import RegionLaw
from minka.loss.refusals import LossRefusal
from minka.loss.terms import loss_terms
from minka.people.facts import Match, verify
from minka.people.person import Person
from minka.store import cards, people

FURTHER = ("phone", "card_last4")
"""Facts beyond the rule's own with which an agent makes sure; they never bar a report."""


@dataclass(frozen=True, slots=True)
class CheckCaller:
    """What a caller states, to be compared before anything is done."""

    region: str
    channel: str
    number: Clear
    stated: Mapping[str, Clear] = field(default_factory=dict)


def check_caller(office: Office, request: Request, command: CheckCaller) -> Answer:
    """Compare every fact; the answer's ``facts`` name each as matched, differs or missing.

    Refusals: ``LossRefusal.FACTS_MISSING``, ``NOT_VERIFIED`` (recorded as an attempt),
    ``NO_SUCH_CHANNEL``. The acceptance holds the person's own number, never a citizen number.
    """
    return act(office, request, command, lambda desk: _check(desk, command))


def _check(desk: Desk, command: CheckCaller) -> Mapping[str, Any]:
    at = desk.now()
    law = the_law(desk, command.region, at)
    asked = _asked(law, command)
    stated = {"id_number": command.number, **command.stated}
    person = _person(desk, command)
    held = cards.of_person(desk.connection, person.person_id if person else 0)
    meant = cards.in_hand(held)
    further = tuple(fact for fact in FURTHER if stated.get(fact) and fact not in asked)
    seen = verify(stated, (*asked, *further), person, meant.card_number if meant else "")
    facts = {"facts": {name: match.value for name, match in seen.facts.items()}}
    required = {name: seen.facts[name] for name in asked}
    lacking = tuple(name for name, match in required.items() if match is Match.MISSING)
    if lacking:
        raise turn(LossRefusal.FACTS_MISSING, missing=lacking, **facts)
    if person is None or any(match is Match.DIFFERS for match in required.values()):
        desk.attempt = {"channel": f"check:{command.channel}"}
        raise turn(LossRefusal.NOT_VERIFIED, **facts)
    desk.audit({"checked": list(seen.facts)}, at)
    return {"person": person.person_id, **facts}


def _asked(law: RegionLaw, command: CheckCaller) -> tuple[str, ...]:
    entry = law.loss(channel=command.channel)
    if entry is None:
        raise turn(LossRefusal.NO_SUCH_CHANNEL, channels=law.channels())
    return loss_terms(law, entry, "holder").facts


def _person(desk: Desk, command: CheckCaller) -> Person | None:
    found = people.find(desk.connection, desk.keys, command.number)
    person = people.load(desk.connection, desk.keys, found or 0)
    if person is None or person.region != command.region:
        people.decoy(desk.keys)
        return None
    desk.person_id = person.person_id
    return person


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A clerk opens the file of the visitor whose paper was read."""

    region: str
    number: Clear


def open_file(office: Office, request: Request, command: OpenFile) -> Answer:
    """The person of a number in this region; the look is on record.

    Refusals: ``LossRefusal.NOT_VERIFIED`` for unknown and another city's alike.
    """
    return act(office, request, command, lambda desk: _open(desk, command))


def _open(desk: Desk, command: OpenFile) -> Mapping[str, Any]:
    at = desk.now()
    the_law(desk, command.region, at)
    found = people.find(desk.connection, desk.keys, command.number)
    person = people.load(desk.connection, desk.keys, found or 0)
    if person is None or person.region != command.region:
        desk.attempt = {"channel": "open"}
        raise turn(LossRefusal.NOT_VERIFIED)
    desk.person_id = person.person_id
    desk.audit({"opened": "file"}, at)
    return {"person": person.person_id}
