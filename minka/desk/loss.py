"""A loss report taken at any door: who, which card, by which rule, and stopped in one commit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from minka.cards.card import Card
from minka.cards.number import mask
from minka.desk.act import Answer, Desk, Request, act
from minka.desk.office import Office
from minka.desk.papers import Paperwork, use_documents, verify_documents
from minka.desk.refusals import DeskRefusal
from minka.desk.rules import require, the_law, turn
from minka.desk.stops import CONFIRMERS, Reported, put_in_force
from minka.kit.secret import Clear
from minka.law.papers import ShownPaper
from minka.law.region import Entry, RegionLaw
from minka.loss import throttle
from minka.loss.refusals import LossRefusal
from minka.loss.report import Brought, identified, report, stop
from minka.loss.terms import LossTerms, loss_terms
from minka.people.facts import verify
from minka.people.person import Person
from minka.store import cards, people
from minka.store.connection import do, insert, row, the_row


@dataclass(frozen=True, slots=True)
class Agent:
    """Who acts for the holder, as read from his papers."""

    name: Clear
    number: Clear
    relation: str = ""


@dataclass(frozen=True, slots=True)
class ReportLoss:
    """A loss report as it comes in through any door."""

    region: str
    channel: str
    number: Clear
    stated: Mapping[str, Clear] = field(default_factory=dict)
    reason: str = "lost"
    force: str = ""
    """``provisional``, ``formal``, or empty for what the rule of the channel says."""
    actor: str = "holder"
    agent: Agent | None = None
    employer_id: str = ""
    place_id: str = ""
    kiosk_id: str = ""
    papers: tuple[ShownPaper, ...] = ()
    documents: tuple[str, ...] = ()
    """Codes of verifiable papers: the bank's loss slip, the stamped letter of the employer."""


def report_loss(office: Office, request: Request, command: ReportLoss) -> Answer:
    """Report a card lost; it is stopped when this is answered, unless the rule waits for staff.

    Refusals: ``LossRefusal`` in order, ``DeskRefusal``. ``RegisterAway``: nothing is known.
    """
    return act(office, request, command, lambda desk: take_report(desk, command))


def take_report(desk: Desk, command: ReportLoss) -> Mapping[str, Any]:
    """The work of a report, inside an act that may hold more."""
    desk.attempt = {"channel": command.channel}
    now = desk.now()
    law = the_law(desk, command.region, now)
    recent = _recent(desk, now)
    require(throttle.slowed(recent, now))
    where = _place_of(desk, command)
    entry = _rule(law, command, where)
    terms = loss_terms(law, entry, command.actor)
    brought, paperwork = _brought(desk, command, law, terms)
    require(identified(terms, brought))
    require(paperwork.refused)
    people.lock(desk.connection, desk.person_id)
    card = cards.in_hand(cards.of_person(desk.connection, desk.person_id))
    at = desk.tick(card.card_id) if card else now
    card = cards.load(desk.connection, desk.person_id, card.card_id) if card else None
    granted = require(report(card, terms, brought, at))
    case = _Case(law, terms, granted, where, at, throttle.suspicion(_recent(desk, at)))
    return _write(desk, command, case, paperwork)


def _brought(
    desk: Desk, command: ReportLoss, law: RegionLaw, terms: LossTerms
) -> tuple[Brought, Paperwork]:
    """What came with the report, before anything is locked: unknown takes the steps of known."""
    person = _the_person(desk, command, law)
    held = cards.of_person(desk.connection, person.person_id if person else 0)
    meant = cards.in_hand(held)
    if meant is None:
        cards.load(desk.connection, 0, 0)
    verification = verify(_stated(command), terms.facts, person, meant.card_number if meant else "")
    codes = command.documents if verification.all_match() else ()
    paperwork = verify_documents(desk, codes, command.papers)
    return Brought(command.reason, verification, paperwork.shown), paperwork


@dataclass(frozen=True, slots=True)
class _Case:
    law: RegionLaw
    terms: LossTerms
    card: Card
    where: Mapping[str, Any]
    at: datetime
    suspicion: str


def _recent(desk: Desk, at: datetime) -> throttle.Recent:
    found = the_row(
        desk.connection,
        "loss.recent",
        caller=desk.keys.index("caller", desk.request.caller),
        since=at - throttle.WINDOW,
        person_id=desk.person_id,
        day=at - timedelta(days=1),
    )
    named = bool(desk.request.caller)
    return throttle.Recent(
        caller_misses=found["caller_misses"] if named else 0,
        card_reports_today=found["card_reports_today"] if desk.person_id else 0,
        oldest_miss=found["oldest_miss"],
    )


def _place_of(desk: Desk, command: ReportLoss) -> Mapping[str, Any]:
    """The place a report is made at, from its own number or from the terminal's."""
    if not command.place_id and not command.kiosk_id:
        return {"place_id": None, "kind": None, "hospital_class": None}
    name = "reference.kiosk" if command.kiosk_id else "reference.place"
    found = row(desk.connection, name, id=command.kiosk_id or command.place_id)
    if found is None or found["region"] != command.region:
        raise turn(DeskRefusal.UNKNOWN_PLACE)
    return found


def _rule(law: RegionLaw, command: ReportLoss, where: Mapping[str, Any]) -> Entry:
    asked = {
        "channel": command.channel,
        "force": command.force or None,
        "place": where["kind"],
        "actor": command.actor,
    }
    entry = law.loss(**asked, place_class=where["hospital_class"])
    if entry is None and law.loss(**asked) is not None:
        place = law.loss(**asked)
        minimum = place.value("place").class_min if place else None
        raise turn(LossRefusal.KIOSK_CLASS, class_min=minimum)
    if entry is None:
        raise turn(LossRefusal.NO_SUCH_CHANNEL, channels=law.channels())
    return entry


def _the_person(desk: Desk, command: ReportLoss, law: RegionLaw) -> Person | None:
    """The person meant, or None for unknown and not-yours alike, in the same steps."""
    found = people.find(desk.connection, desk.keys, command.number)
    person = people.load(desk.connection, desk.keys, found or 0)
    foreign = person is not None and person.region != law.id
    stranger = (
        person is not None
        and command.actor == "employer_clerk"
        and person.employer_id != command.employer_id
    )
    if person is None or foreign or stranger:
        people.decoy(desk.keys)
        return None
    desk.person_id = person.person_id
    return person


def _stated(command: ReportLoss) -> Mapping[str, Clear]:
    return {"id_number": command.number, **command.stated}


def _write(desk: Desk, command: ReportLoss, case: _Case, paperwork: Paperwork) -> Mapping[str, Any]:
    report_id, receipt = desk.fact_id(), desk.new_code("G")
    terms, at = case.terms, case.at
    insert(
        desk.connection,
        "loss.add_report",
        {
            "person_id": desk.person_id,
            "report_id": report_id,
            "card_id": case.card.card_id,
            "receipt": receipt,
            "channel": command.channel,
            "form": terms.form,
            "force": terms.force,
            "reason": command.reason,
            "actor": command.actor,
            "place_id": case.where["place_id"],
            "operator": desk.request.actor,
            "accepted_at": at,
            "rule_ref": terms.rule_ref,
            "details": Jsonb(_details(desk, command, case)),
        },
    )
    do(
        desk.connection,
        "loss.add_receipt",
        code=receipt,
        person_id=desk.person_id,
        kind="loss",
        fact_id=report_id,
    )
    use_documents(desk, paperwork, used_for=receipt, at=at)
    facts = {
        "receipt": receipt,
        "card": mask(case.card.card_number),
        "force": terms.force,
        "reason": command.reason,
        "accepted_at": at,
        "rule": terms.rule_ref,
        "assumed": terms.assumed,
        "suspicion": case.suspicion,
    }
    if terms.confirmed_by and desk.request.role not in CONFIRMERS.get(terms.confirmed_by, ()):
        facts |= {"state": "unconfirmed", "confirmed_by": terms.confirmed_by}
        desk.send("notice.reported", {"receipt": receipt}, card_id=case.card.card_id, at=at)
    else:
        workdays, slack = desk.office.book().workdays(case.law.id), desk.office.slack()
        made = stop(terms, at, at, workdays, slack=slack)
        facts |= put_in_force(desk, case.card, Reported(report_id, receipt), made)
    facts["audit"] = desk.audit({"receipt": receipt, "card_id": case.card.card_id, **facts}, at)
    return facts


def _details(desk: Desk, command: ReportLoss, case: _Case) -> dict[str, Any]:
    agent = command.agent
    return {
        "papers": [f"{p.owner.value}:{p.kind}:{p.copy.value}" for p in command.papers],
        "documents": list(command.documents),
        "facts": list(case.terms.facts),
        "agent": None
        if agent is None
        else {
            "name": desk.keys.seal("agent", agent.name).hex(),
            "number": desk.keys.seal("agent", agent.number).hex(),
            "relation": agent.relation,
        },
        "employer_id": command.employer_id,
        "kiosk_id": command.kiosk_id,
        "suspicion": case.suspicion,
        "assumed": list(case.terms.assumed),
    }
