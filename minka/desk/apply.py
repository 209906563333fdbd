"""A replacement applied for, alone or with the formal loss in one visit and one commit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from minka.cards.card import AtLapse, Block, Card, Force, Status
from minka.cards.number import card_number, mask
from minka.desk.act import Answer, Desk, Request, act
from minka.desk.loss import Agent, ReportLoss, take_report
from minka.desk.office import Office
from minka.desk.papers import Paperwork, use_documents, verify_documents
from minka.desk.refusals import DeskRefusal
from minka.desk.rules import require, the_law, turn
from minka.desk.stops import tell_of_stop
from minka.issue.application import Applied, Promise, ReplaceTerms, apply, replace_terms
from minka.issue.refusals import IssueRefusal
from minka.kit.secret import Clear
from minka.law.papers import ShownPaper
from minka.law.region import RegionLaw
from minka.people.facts import verify
from minka.people.person import Person
from minka.people.photo import FAULTS
from minka.store import cards, people
from minka.store.connection import do, insert, row, rows, the_row

OPEN = (Status.ORDERED, Status.MADE, Status.READY, Status.SEALED)
SERIALS = 10_000_000


@dataclass(frozen=True, slots=True)
class ApplyReplacement:
    """An application for a new card in place of one that is lost, stolen or broken."""

    region: str
    channel: str
    number: Clear
    place_id: str
    reason: str = "lost"
    stated: Mapping[str, Clear] = field(default_factory=dict)
    actor: str = "holder"
    agent: Agent | None = None
    papers: tuple[ShownPaper, ...] = ()
    documents: tuple[str, ...] = ()
    photo_code: str = ""
    waiver: str = ""
    bank_id: str = ""
    """The bank of the new card, where it changes; empty keeps the old one's."""
    collect_at: str = ""
    """Where the new card is collected; empty means where it is applied for."""


def apply_replacement(office: Office, request: Request, command: ApplyReplacement) -> Answer:
    """Apply for a replacement; the answer holds promise, fee, slip and what became of the old."""
    return act(office, request, command, lambda desk: take_application(desk, command))


@dataclass(frozen=True, slots=True)
class LoseAndReplace:
    """Formal loss and replacement as one case: one visit, one check, both or neither (A9)."""

    loss: ReportLoss
    replacement: ApplyReplacement


def lose_and_replace(office: Office, request: Request, command: LoseAndReplace) -> Answer:
    """Report formally lost and apply for the new card in one commit."""
    return act(office, request, command, lambda desk: _both(desk, command))


def _both(desk: Desk, command: LoseAndReplace) -> Mapping[str, Any]:
    loss = take_report(desk, command.loss)
    replacement = take_application(desk, command.replacement, case=loss["receipt"])
    return {"loss": loss, "replacement": replacement}


@dataclass(frozen=True, slots=True)
class _Case:
    law: RegionLaw
    terms: ReplaceTerms
    card: Card
    promise: Promise
    at: datetime


def take_application(desk: Desk, command: ApplyReplacement, *, case: str = "") -> Mapping[str, Any]:
    """The work of an application, inside an act that may hold more.

    ``case`` is the receipt of the report in the same act: one paper serves both (R5-03, R5-04).
    """
    desk.attempt = {"channel": f"apply:{command.channel}"}
    law = the_law(desk, command.region, desk.now())
    place = row(desk.connection, "reference.place", id=command.place_id)
    if place is None or place["region"] != command.region:
        raise turn(DeskRefusal.UNKNOWN_PLACE)
    _known_destination(desk, command)
    terms = _terms(law, command, place["kind"])
    person = _applicant(desk, command)
    card = cards.in_hand(cards.of_person(desk.connection, desk.person_id))
    at = desk.tick(card.card_id) if card else desk.now()
    card = cards.load(desk.connection, desk.person_id, card.card_id) if card else None
    paperwork = verify_documents(desk, command.documents, command.papers, case=case)
    require(paperwork.refused)
    applied = _applied(desk, command, person, (place["kind"], paperwork))
    workdays = desk.office.book().workdays(law.id)
    promise = require(apply(card, terms, applied, at=at, workdays=workdays))
    assert card is not None, "an application that is taken is about a card"
    return _write(desk, command, _Case(law, terms, card, promise, at), paperwork)


def _known_destination(desk: Desk, command: ApplyReplacement) -> None:
    """A card is not sent to a place of another city, nor tied to a bank nobody knows."""
    if command.collect_at:
        goal = row(desk.connection, "reference.place", id=command.collect_at)
        if goal is None or goal["region"] != command.region:
            raise turn(DeskRefusal.UNKNOWN_PLACE)
    if command.bank_id and row(desk.connection, "reference.bank", id=command.bank_id) is None:
        raise turn(DeskRefusal.UNKNOWN_PLACE)


def _terms(law: RegionLaw, command: ApplyReplacement, kind: str) -> ReplaceTerms:
    entry = law.replace(place=kind, reason=command.reason, actor=command.actor)
    entry = entry or law.replace(place=kind, actor=command.actor)  # to refuse the reason by name
    if entry is None:
        known = law.entries("replace")
        places = [e.value("place").kinds for e in known if e.value("place") is not None]
        kinds = tuple(dict.fromkeys(kind for each in places for kind in each))
        raise turn(IssueRefusal.NOT_HERE, places=kinds)
    return replace_terms(entry, law.withdrawal(), command.actor)


def _applicant(desk: Desk, command: ApplyReplacement) -> Person:
    found = people.find(desk.connection, desk.keys, command.number)
    person = people.load(desk.connection, desk.keys, found or 0)
    stated = {"id_number": command.number, **command.stated}
    asked = tuple({"id_number": 1, **command.stated})
    verified = verify(stated, asked, person, "")
    if person is None or person.region != command.region or not verified.all_match():
        raise turn(IssueRefusal.NOT_VERIFIED)
    desk.person_id = person.person_id
    people.lock(desk.connection, person.person_id)
    return person


def _applied(
    desk: Desk, command: ApplyReplacement, person: Person, shown: tuple[str, Paperwork]
) -> Applied:
    found = rows(desk.connection, "issue.of_person", person_id=desk.person_id)
    lost = {c.card_id for c in cards.of_person(desk.connection, desk.person_id) if _is_lost(c)}
    running = [
        each for each in found if Status(each["status"]) in OPEN and each["new_card_id"] not in lost
    ]
    if command.photo_code not in ("", person.photo_code):
        _photo_is_on_file(desk, command.photo_code)
    return Applied(
        reason=command.reason,
        place_kind=shown[0],
        papers=shown[1].shown,
        photo_code=command.photo_code,
        photo_on_file=person.photo_code,
        open_receipt=running[-1]["receipt"] if running else "",
        open_status=Status(running[-1]["status"]) if running else None,
        waiver=command.waiver,
    )


def _photo_is_on_file(desk: Desk, code: str) -> None:
    """Only a photo that passed the gate for this very person goes on the card (B3, B7)."""
    if row(desk.connection, "photo.of_code", person_id=desk.person_id, photo_code=code) is None:
        raise turn(IssueRefusal.PHOTO_REJECTED, fault=FAULTS["unknown"])


def _is_lost(card: Card) -> bool:
    """A new card lost before it was activated no longer stands in the way of the next."""
    return any(block.force is Force.FORMAL for block in card.blocks)


def _write(
    desk: Desk, command: ApplyReplacement, case: _Case, paperwork: Paperwork
) -> Mapping[str, Any]:
    receipt, slip, application_id = desk.new_code("B"), desk.new_code("S"), desk.fact_id()
    stopped = _stop_old(desk, case, receipt)
    new = _order_card(desk, command, case, receipt)
    insert(
        desk.connection,
        "issue.add_application",
        {
            "person_id": desk.person_id,
            "application_id": application_id,
            "receipt": receipt,
            "slip": slip,
            "old_card_id": case.card.card_id,
            "new_card_id": new.card_id,
            "reason": command.reason,
            "region": case.law.id,
            "channel": command.channel,
            "place_id": command.place_id,
            "collect_at": command.collect_at or command.place_id,
            "actor": command.actor,
            "operator": desk.request.actor,
            "accepted_at": case.at,
            "promised_at": case.promise.promised_at,
            "promise": case.promise.firmness,
            "fee_fen": case.promise.fee_fen,
            "rule_ref": case.terms.rule_ref,
            "details": Jsonb(_details(desk, command, case)),
        },
    )
    for code, kind in ((receipt, "application"), (slip, "slip")):
        named = {"code": code, "person_id": desk.person_id, "kind": kind}
        do(desk.connection, "loss.add_receipt", **named, fact_id=application_id)
    use_documents(desk, paperwork, used_for=receipt, at=case.at)
    record_step(desk, application_id, "accepted", case.at)
    told = {"receipt": receipt, "promised_at": _iso(case.promise.promised_at)}
    desk.send("notice.applied", told, card_id=new.card_id, at=case.at)
    facts = _facts(command, case, (receipt, slip), stopped)
    facts["audit"] = desk.audit({"card_id": new.card_id, **facts}, case.at)
    return facts


def _facts(
    command: ApplyReplacement, case: _Case, codes: tuple[str, str], stopped: str
) -> dict[str, Any]:
    return {
        "receipt": codes[0],
        "slip": codes[1],
        "reason": command.reason,
        "accepted_at": case.at,
        "promised_at": case.promise.promised_at,
        "promise": case.promise.firmness,
        "on_the_spot": "yes" if case.terms.on_the_spot() else "no",
        "fee_fen": int(case.promise.fee_fen),
        "collect_at": command.collect_at or command.place_id,
        "old_card": mask(case.card.card_number),
        "old_card_stop": stopped,
        "rule": case.terms.rule_ref,
        "assumed": case.terms.assumed,
    }


def _stop_old(desk: Desk, case: _Case, receipt: str) -> str:
    """Stop the old card as the application asks; gives the force of the stop, or nothing."""
    force = case.promise.stops_old
    if force is None:
        return ""
    block = Block(desk.fact_id(), force, case.at, None, AtLapse.NONE, receipt)
    cards.add_block(desk.connection, case.card, block)
    tell_of_stop(desk, case.card, block)
    return force.value


def _order_card(desk: Desk, command: ApplyReplacement, case: _Case, receipt: str) -> Card:
    kind = case.card.kind
    if any(e.value("result") == "social_security_card_instead" for e in case.law.entries()):
        kind = "social_security_card"
    card_id, number = _free_number(desk)
    new = Card(
        person_id=desk.person_id,
        card_id=card_id,
        kind=kind,
        region=case.law.id,
        card_number=number,
        status=Status.ORDERED,
        bank_id=command.bank_id or case.card.bank_id,
        replaces_id=case.card.card_id,
    )
    cards.order(desk.connection, new, at=case.at, cause=receipt)
    return new


def _free_number(desk: Desk) -> tuple[int, str]:
    """The next card id whose number is not taken by a card that came in from elsewhere."""
    while True:
        card_id: int = the_row(desk.connection, "cards.card_id")["id"]
        number = card_number(chr(ord("A") + card_id // SERIALS), card_id % SERIALS)
        if row(desk.connection, "cards.by_number", card_number=number) is None:
            return card_id, number


def _details(desk: Desk, command: ApplyReplacement, case: _Case) -> dict[str, Any]:
    agent = command.agent
    return {
        "papers": [f"{p.owner.value}:{p.kind}:{p.copy.value}" for p in command.papers],
        "documents": list(command.documents),
        "photo": case.promise.photo_code,
        "waiver": command.waiver,
        "on_the_spot": "yes" if case.terms.on_the_spot() else "no",
        "agent": None
        if agent is None
        else {
            "name": desk.keys.seal("agent", agent.name).hex(),
            "number": desk.keys.seal("agent", agent.number).hex(),
            "relation": agent.relation,
        },
        "old_bank": case.card.bank_id,
        "assumed": list(case.terms.assumed),
        "force": (case.promise.stops_old or Force.PROVISIONAL).value,
    }


def record_step(
    desk: Desk,
    application_id: int,
    step: str,
    at: datetime,
    *,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Append a step to the story of an application."""
    do(
        desk.connection,
        "issue.add_step",
        person_id=desk.person_id,
        application_id=application_id,
        at=at,
        step=step,
        operator=desk.request.actor,
        details=Jsonb(dict(details or {})),
    )


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
