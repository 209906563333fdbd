"""From the factory's door to the holder's hand: fee, making, stock, collection, activation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from minka.cards.card import Card, Move, Status
from minka.cards.number import mask
from minka.cards.words import PROGRESS
from minka.desk.act import Answer, Desk, Request, act
from minka.desk.apply import record_step
from minka.desk.chip_check import require_checked
from minka.desk.loss import Agent
from minka.desk.office import Office
from minka.desk.refusals import DeskRefusal
from minka.desk.rules import require, the_law, turn
from minka.issue.collection import (
    Collecting,
    CollectTerms,
    activate,
    collect,
    collect_terms,
    terms_of_the_visit,
)
from minka.issue.refusals import IssueRefusal
from minka.kit.codes import read_code
from minka.kit.fen import yuan
from minka.kit.secret import Clear
from minka.law.papers import Paper, ShownPaper
from minka.law.region import Entry, RegionLaw
from minka.people.facts import verify
from minka.store import cards, people
from minka.store.connection import Row, do, insert, row, the_row


def application_of(desk: Desk, typed: str, kinds: tuple[str, ...]) -> Row:
    """The application of a receipt or slip, with the person locked."""
    known = row(desk.connection, "loss.receipt", code=read_code(typed) or "")
    if known is None or known["kind"] not in kinds:
        unknown = IssueRefusal.SLIP_UNKNOWN if "slip" in kinds else DeskRefusal.UNKNOWN_RECEIPT
        raise turn(unknown)
    desk.person_id = known["person_id"]
    people.lock(desk.connection, desk.person_id)
    return the_row(
        desk.connection,
        "issue.application",
        person_id=desk.person_id,
        application_id=known["fact_id"],
    )


def _new_card(desk: Desk, found: Row) -> Card:
    card = cards.load(desk.connection, desk.person_id, found["new_card_id"])
    assert card is not None, "an application has a card"
    return card


@dataclass(frozen=True, slots=True)
class PayFee:
    """The fee of a replacement, paid once."""

    receipt: str
    means: str
    """``cash``, ``qr`` or ``card``."""


def pay_fee(office: Office, request: Request, command: PayFee) -> Answer:
    """Take the fee; a second payment is refused with the first one's receipt."""
    return act(office, request, command, lambda desk: _pay(desk, command))


def _pay(desk: Desk, command: PayFee) -> Mapping[str, Any]:
    found = application_of(desk, command.receipt, ("application",))
    the_law(desk, found["region"], desk.now())
    if found["charged_fen"] is not None:
        raise turn(IssueRefusal.FEE_PAID, receipt=found["fee_receipt"])
    if not found["fee_fen"] or found["waived_fen"] is not None:
        raise turn(IssueRefusal.NO_FEE)
    if Status(found["status"]) is Status.DESTROYED:
        raise turn(IssueRefusal.NOT_AT_THIS_STEP, progress=PROGRESS[Status.DESTROYED].name)
    at, receipt = desk.now(), desk.new_code("R")
    add_fee(desk, found, ("charge", found["fee_fen"], command.means), receipt=receipt, at=at)
    record_step(desk, found["application_id"], "fee_paid", at, details={"means": command.means})
    named = {"code": receipt, "person_id": desk.person_id, "kind": "fee"}
    do(desk.connection, "loss.add_receipt", **named, fact_id=found["application_id"])
    facts = {"fee_receipt": receipt, "amount_fen": found["fee_fen"], "paid_at": at}
    desk.audit({"receipt": found["receipt"], **facts}, at)
    return {**facts, "receipt": found["receipt"], "means": command.means}


def add_fee(
    desk: Desk, found: Row, entry: tuple[str, int, str], *, receipt: str, at: datetime
) -> None:
    """Append a charge, waiver or refund; the key of the table lets each stand once."""
    insert(
        desk.connection,
        "issue.add_fee",
        {
            "person_id": desk.person_id,
            "application_id": found["application_id"],
            "entry": entry[0],
            "amount_fen": entry[1],
            "means": entry[2],
            "at": at,
            "receipt": receipt,
            "operator": desk.request.actor,
            "reason": "",
        },
    )


@dataclass(frozen=True, slots=True)
class AdvanceCard:
    """The factory made a card, or the place of collection booked it in."""

    receipt: str
    move: str
    """``make``, ``stock``, or ``instant`` for both at a place that makes cards itself."""


def advance_card(office: Office, request: Request, command: AdvanceCard) -> Answer:
    """Move a card towards its holder."""
    assert command.move in ("make", "stock", "instant"), command.move
    return act(office, request, command, lambda desk: _advance(desk, command))


def _advance(desk: Desk, command: AdvanceCard) -> Mapping[str, Any]:
    found = application_of(desk, command.receipt, ("application",))
    card = _new_card(desk, found)
    at = desk.tick(card.card_id)
    steps = {"make": [Move.MAKE], "stock": [Move.STOCK], "instant": [Move.MAKE, Move.STOCK]}
    for move in steps[command.move]:
        card = _again(desk, card)
        if (card.status, move) not in _ADVANCES:
            raise turn(IssueRefusal.NOT_AT_THIS_STEP, progress=PROGRESS[card.status].name)
        cards.move(desk.connection, card, move, at=at, cause=found["receipt"])
        record_step(desk, found["application_id"], _ADVANCES[card.status, move], at)
        if move is Move.STOCK:
            told = {"receipt": found["receipt"], "place_id": found["collect_at"]}
            desk.send("notice.ready", told, card_id=card.card_id, at=at)
    desk.audit({"receipt": found["receipt"], "move": command.move}, at)
    return {"receipt": found["receipt"], "at": at, "status": _again(desk, card).status}


_ADVANCES = {(Status.ORDERED, Move.MAKE): "made", (Status.MADE, Move.STOCK): "stocked"}


def _again(desk: Desk, card: Card) -> Card:
    read = cards.load(desk.connection, card.person_id, card.card_id)
    assert read is not None, "a locked card is there"
    return read


@dataclass(frozen=True, slots=True)
class CollectCard:
    """Someone comes for a finished card with the slip and papers."""

    slip: str
    place_id: str
    number: Clear
    """The holder's number as read from the paper that was shown."""
    papers: tuple[ShownPaper, ...] = ()
    actor: str = "holder"
    agent: Agent | None = None


def collect_card(office: Office, request: Request, command: CollectCard) -> Answer:
    """Hand the card over, once; it is sealed until the holder activates it."""
    return act(office, request, command, lambda desk: _collect(desk, command))


def _collect(desk: Desk, command: CollectCard) -> Mapping[str, Any]:
    desk.attempt = {"channel": "collect"}
    found = application_of(desk, command.slip, ("slip",))
    person = people.load(desk.connection, desk.keys, desk.person_id)
    if not verify({"id_number": command.number}, ("id_number",), person, "").all_match():
        raise turn(IssueRefusal.NOT_VERIFIED)
    card = _new_card(desk, found)
    at = desk.tick(card.card_id)
    card = _again(desk, card)
    law = the_law(desk, found["region"], at)
    place = row(desk.connection, "reference.place", id=command.place_id)
    applied = desk.office.book().cited(found["rule_ref"])
    terms = _collect_terms(law, command, (place["kind"] if place else None, applied))
    paid = found["charged_fen"] is not None or found["waived_fen"] is not None
    collecting = Collecting(
        place_id=command.place_id,
        papers=(*command.papers, ShownPaper("collection_certificate")),
        collect_at=found["collect_at"],
        fee_open_fen=0 if paid else found["fee_fen"],
        promised_at=found["promised_now"],
        slip_used_at=found["redeemed_at"],
    )
    require(collect(card, terms, collecting))
    require_checked(desk, card, found["region"], at)
    shown = [f"{p.owner.value}:{p.kind}" for p in command.papers]
    do(
        desk.connection,
        "issue.redeem",
        person_id=desk.person_id,
        application_id=found["application_id"],
        at=at,
        operator=desk.request.actor,
        details=Jsonb({"papers": shown, "actor": command.actor}),
    )
    cards.move(desk.connection, card, Move.COLLECT, at=at, cause=found["receipt"])
    record_step(desk, found["application_id"], "collected", at, details={"actor": command.actor})
    told = {"receipt": found["receipt"]}
    desk.send("notice.collected", told, card_id=card.card_id, at=at)
    facts = {"receipt": found["receipt"], "card": mask(card.card_number), "collected_at": at}
    desk.audit({"card_id": card.card_id, **facts}, at)
    return {**facts, "rule": terms.rule_ref, "assumed": terms.assumed}


def _collect_terms(
    law: RegionLaw, command: CollectCard, found: tuple[str | None, Entry | None]
) -> CollectTerms:
    """The rule of collection; without one the card is handed over in the visit (H9)."""
    kind, applied = found
    actor = "applicant" if command.actor == "holder" else command.actor
    entry = law.collect(place=kind, actor=actor) or law.collect(actor=actor)
    if entry is not None:
        return collect_terms(entry, command.actor)
    if applied is not None:
        return terms_of_the_visit(applied, command.actor)
    return CollectTerms("", Paper("resident_id"), "no", None, "")


@dataclass(frozen=True, slots=True)
class ActivateCard:
    """The holder brings the collected card to life."""

    receipt: str
    number: Clear
    actor: str = "holder"
    proof: str = "counter"
    """How the holder was known: ``counter`` (papers), ``code`` (registered telephone)."""
    stated: Mapping[str, Clear] = field(default_factory=dict)


def activate_card(office: Office, request: Request, command: ActivateCard) -> Answer:
    """Activate the new card; the one it replaces dies in the same commit."""
    return act(office, request, command, lambda desk: _activate(desk, command))


def _activate(desk: Desk, command: ActivateCard) -> Mapping[str, Any]:
    desk.attempt = {"channel": "activate"}
    found = application_of(desk, command.receipt, ("application", "slip"))
    person = people.load(desk.connection, desk.keys, desk.person_id)
    if not verify({"id_number": command.number}, ("id_number",), person, "").all_match():
        raise turn(IssueRefusal.NOT_VERIFIED)
    assert person is not None, "a verified person is known"
    card = _new_card(desk, found)
    old = _still_active(desk, card)
    at = _one_instant(desk, [*old, card])
    card = _again(desk, card)
    minor = "yes" if person.is_minor_on(at.date()) else "no"
    require(activate(card, command.actor, "yes" if minor == "yes" else "no"))
    for each in old:
        _let_die(desk, each, found, at)
    cards.move(desk.connection, card, Move.ACTIVATE, at=at, cause=found["receipt"])
    record_step(desk, found["application_id"], "activated", at, details={"proof": command.proof})
    told = {"receipt": found["receipt"]}
    desk.send("notice.activated", told, card_id=card.card_id, at=at)
    facts = {
        "receipt": found["receipt"],
        "card": mask(card.card_number),
        "activated_at": at,
        "old_card": [mask(each.card_number) for each in old],
    }
    desk.audit({"card_id": card.card_id, **facts}, at)
    return facts


def _one_instant(desk: Desk, affected: list[Card]) -> datetime:
    """Lock cards in order and take one instant that lies in the future of each card's own clock.

    The clocks that were behind are raised to it, or the old card would work until they got there.
    """
    in_order = sorted(affected, key=lambda each: each.card_id)
    at = max(desk.tick(each.card_id) for each in in_order)
    for each in in_order:
        cards.raise_clock(desk.connection, each, at)
    return at


def _still_active(desk: Desk, card: Card) -> list[Card]:
    """The cards that die when this one is activated: the replaced one, and any of its kind."""
    return [
        each
        for each in cards.of_person(desk.connection, desk.person_id)
        if each.card_id != card.card_id
        and (each.card_id == card.replaces_id or each.kind == card.kind)
        and each.status in (Status.ACTIVE, Status.SEALED)
    ]


def _let_die(desk: Desk, card: Card, found: Row, at: datetime) -> None:
    cards.move(desk.connection, card, Move.CANCEL, at=at, cause=found["receipt"])
    numbered = {"card_number": card.card_number, "region": card.region}
    gone = {**numbered, "receipt": found["receipt"], "force": "cancelled", "until_at": None}
    desk.send("hotlist.add", {**gone, "block_id": 0}, card_id=card.card_id, at=at)


@dataclass(frozen=True, slots=True)
class WithdrawApplication:
    """The applicant takes the application back before the card is handed over."""

    receipt: str
    number: Clear


def withdraw_application(office: Office, request: Request, command: WithdrawApplication) -> Answer:
    """Withdraw an application; the unmade card is struck out and a paid fee goes back."""
    return act(office, request, command, lambda desk: _withdraw(desk, command))


def _withdraw(desk: Desk, command: WithdrawApplication) -> Mapping[str, Any]:
    found = application_of(desk, command.receipt, ("application",))
    person = people.load(desk.connection, desk.keys, desk.person_id)
    if not verify({"id_number": command.number}, ("id_number",), person, "").all_match():
        raise turn(IssueRefusal.NOT_VERIFIED)
    card = _new_card(desk, found)
    at = desk.tick(card.card_id)
    card = _again(desk, card)
    if (card.status, Move.DESTROY) not in _DESTROYABLE:
        raise turn(IssueRefusal.TOO_LATE)
    facts = strike_out(desk, found, card, at)
    return {**facts, "withdrawn_at": at}


_DESTROYABLE = {(s, Move.DESTROY) for s in (Status.ORDERED, Status.MADE, Status.READY)}


def strike_out(desk: Desk, found: Row, card: Card, at: datetime) -> dict[str, Any]:
    """Destroy a card that was never handed over, and give a paid fee back."""
    cards.move(desk.connection, card, Move.DESTROY, at=at, cause=found["receipt"])
    record_step(desk, found["application_id"], "destroyed", at)
    refund = ""
    if found["charged_fen"]:
        refund = desk.new_code("R")
        add_fee(desk, found, ("refund", found["charged_fen"], "same"), receipt=refund, at=at)
        record_step(desk, found["application_id"], "refunded", at)
    told = {"receipt": found["receipt"], "refund_fen": found["charged_fen"] or 0}
    desk.send("notice.destroyed", told, card_id=card.card_id, at=at)
    facts = {
        "receipt": found["receipt"],
        "refund_fen": found["charged_fen"] or 0,
        "refund": yuan(found["charged_fen"] or 0),
        "refund_receipt": refund,
    }
    desk.audit({"card_id": card.card_id, **facts}, at)
    return facts
