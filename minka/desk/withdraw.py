"""Stops ended before their time: a found card, and the holder's own freeze."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from minka.cards.card import AtLapse, Block, Card, Force, Status
from minka.cards.number import mask
from minka.desk.act import Answer, Desk, Request, act
from minka.desk.collect import strike_out
from minka.desk.office import Office
from minka.desk.rules import require, the_law, turn
from minka.desk.stops import tell_of_release, tell_of_stop
from minka.kit.secret import Clear
from minka.law.papers import ShownPaper
from minka.loss.refusals import LossRefusal
from minka.loss.terms import WithdrawTerms, withdraw_terms
from minka.loss.withdraw import Asked, freeze, unfreeze, withdraw
from minka.people.facts import verify
from minka.store import cards, people
from minka.store.connection import insert, row, rows, the_row


@dataclass(frozen=True, slots=True)
class WithdrawLoss:
    """The holder found the card and takes the report back."""

    region: str
    channel: str
    number: Clear
    place_id: str = ""
    papers: tuple[ShownPaper, ...] = ()
    found_card_number: str = ""
    """The number read from the found card itself, where the rule asks for the card."""
    actor: str = "holder"


def withdraw_loss(office: Office, request: Request, command: WithdrawLoss) -> Answer:
    """Withdraw a provisional report; a formal one is refused for ever."""
    return act(office, request, command, lambda desk: _withdraw(desk, command))


def _withdraw(desk: Desk, command: WithdrawLoss) -> Mapping[str, Any]:
    desk.attempt = {"channel": f"withdraw:{command.channel}"}
    law = the_law(desk, command.region, desk.now())
    card = locked_card(desk, command.number, command.region)
    at = desk.tick(card.card_id)
    card = again(desk, card)
    entry = law.withdrawal(channel=command.channel, actor=command.actor) or law.withdrawal()
    if entry is None:
        raise turn(LossRefusal.NO_SUCH_CHANNEL, channels=law.channels())
    terms = withdraw_terms(entry)
    standing = card.block_at(at)
    place = row(desk.connection, "reference.place", id=command.place_id)
    asked = Asked(
        channel=command.channel,
        place_kind=place["kind"] if place else None,
        papers=_with_found_card(card, command),
        reissue=_reissue(desk, card),
        reported_here=_reported_here(desk, standing, command.place_id),
    )
    block = require(withdraw(card, terms, asked, at))
    return _write(desk, command, (card, block, terms), at)


_THE_CARD = ("social_security_card", "medical_card")


def _with_found_card(card: Card, command: WithdrawLoss) -> tuple[ShownPaper, ...]:
    """The found card counts as shown only when its number was read from it."""
    papers = tuple(p for p in command.papers if p.kind not in _THE_CARD)
    if command.found_card_number and command.found_card_number != card.card_number:
        raise turn(LossRefusal.NOT_VERIFIED)
    if not command.found_card_number:
        return papers
    return (*papers, *(ShownPaper(kind) for kind in _THE_CARD))


def _reissue(desk: Desk, card: Card) -> str:
    for successor in cards.of_person(desk.connection, desk.person_id, card.kind):
        if successor.replaces_id == card.card_id and successor.status is not Status.DESTROYED:
            return "applied" if successor.status is Status.ORDERED else "made"
    return "none"


def _reported_here(desk: Desk, block: Block | None, place_id: str) -> str:
    if block is None:
        return "yes"
    found = row(
        desk.connection,
        "loss.report_of_block",
        person_id=desk.person_id,
        block_id=block.block_id,
    )
    return "yes" if found is None or (found["place_id"] or "") == place_id else "no"


def _write(
    desk: Desk, command: WithdrawLoss, ended: tuple[Card, Block, WithdrawTerms], at: datetime
) -> Mapping[str, Any]:
    card, block, terms = ended
    workdays = desk.office.book().workdays(card.region)
    resumes_by = terms.resumes_by(at, workdays)
    for each in _provisional_in_force(card, at):
        cards.end_block(desk.connection, card, each, at=at, how="withdrawn")
        tell_of_release(desk, card, each, at=at, how="withdrawn")
        report = row(
            desk.connection,
            "loss.report_of_block",
            person_id=desk.person_id,
            block_id=each.block_id,
        )
        if report is not None:
            _record(desk, command, (report["report_id"], each, terms), (at, resumes_by))
    facts = {
        "receipt": block.cause,
        "card": mask(card.card_number),
        "withdrawn_at": at,
        "resumes_by": resumes_by,
        "resumed_at": at,
        "bank": "pending" if card.bank_id else "none",
        "rule": terms.rule_ref,
        "assumed": terms.assumed,
    }
    facts["applications"] = _strike_out_unmade(desk, card, at)
    facts["audit"] = desk.audit({"card_id": card.card_id, **facts}, at)
    return facts


def _strike_out_unmade(desk: Desk, card: Card, at: datetime) -> list[str]:
    """A found card needs no successor: one that is only ordered is struck out, its fee returned."""
    struck = []
    for each in rows(desk.connection, "issue.of_person", person_id=desk.person_id):
        if each["old_card_id"] == card.card_id and each["status"] == Status.ORDERED:
            desk.tick(each["new_card_id"])
            place = {"person_id": desk.person_id, "application_id": each["application_id"]}
            found = the_row(desk.connection, "issue.application", **place)
            new = cards.load(desk.connection, desk.person_id, each["new_card_id"])
            assert new is not None, "an application has a card"
            strike_out(desk, found, new, at)
            struck.append(each["receipt"])
    return struck


def _provisional_in_force(card: Card, at: datetime) -> list[Block]:
    return [b for b in card.blocks if b.force is Force.PROVISIONAL and b.in_force_at(at)]


def _record(
    desk: Desk,
    command: WithdrawLoss,
    what: tuple[int, Block, WithdrawTerms],
    when: tuple[Any, Any],
) -> None:
    insert(
        desk.connection,
        "loss.add_withdrawal",
        {
            "person_id": desk.person_id,
            "report_id": what[0],
            "block_id": what[1].block_id,
            "withdrawn_at": when[0],
            "resumes_by": when[1],
            "channel": command.channel,
            "place_id": command.place_id or None,
            "operator": desk.request.actor,
            "rule_ref": what[2].rule_ref,
            "details": Jsonb({"papers": [p.kind for p in command.papers]}),
        },
    )


def locked_card(desk: Desk, number: Clear, region: str) -> Card:
    """The card in hand of a person of the region, with the person locked; else not verified."""
    found = people.find(desk.connection, desk.keys, number)
    person = people.load(desk.connection, desk.keys, found or 0)
    if person is None or person.region != region:
        raise turn(LossRefusal.NOT_VERIFIED)
    desk.person_id = person.person_id
    people.lock(desk.connection, person.person_id)
    card = cards.in_hand(cards.of_person(desk.connection, person.person_id))
    if card is None:
        raise turn(LossRefusal.NO_CARD)
    return card


def again(desk: Desk, card: Card) -> Card:
    """The card as it stands now that its row is locked."""
    read = cards.load(desk.connection, card.person_id, card.card_id)
    assert read is not None, "a locked card is there"
    return read


@dataclass(frozen=True, slots=True)
class FreezeCard:
    """The holder stops or restarts the own card in seconds, without a loss report."""

    region: str
    number: Clear
    what: str
    """``freeze`` or ``unfreeze``."""
    stated: Mapping[str, Clear] = field(default_factory=dict)


def freeze_card(office: Office, request: Request, command: FreezeCard) -> Answer:
    """Freeze or unfreeze; the door has proved by the registered telephone that it is the holder."""
    assert command.what in ("freeze", "unfreeze"), command.what
    return act(office, request, command, lambda desk: _freeze(desk, command))


def _freeze(desk: Desk, command: FreezeCard) -> Mapping[str, Any]:
    desk.attempt = {"channel": command.what}
    the_law(desk, command.region, desk.now())
    card = locked_card(desk, command.number, command.region)
    person = people.load(desk.connection, desk.keys, desk.person_id)
    stated = {"id_number": command.number, **command.stated}
    if not verify(stated, ("id_number", "name"), person, card.card_number).all_match():
        raise turn(LossRefusal.NOT_VERIFIED)
    at = desk.tick(card.card_id)
    card = again(desk, card)
    if command.what == "unfreeze":
        block = require(unfreeze(card, at))
        cards.end_block(desk.connection, card, block, at=at, how="unfrozen")
        tell_of_release(desk, card, block, at=at, how="unfrozen")
        facts: dict[str, Any] = {"receipt": block.cause, "resumed_at": at}
    else:
        require(freeze(card, at))
        receipt, block_id = desk.new_code("F"), desk.fact_id()
        block = Block(block_id, Force.FROZEN, at, None, AtLapse.NONE, receipt)
        cards.add_block(desk.connection, card, block)
        tell_of_stop(desk, card, block)
        facts = {"receipt": receipt, "stopped_at": at}
    facts |= {"card": mask(card.card_number), "bank": "pending" if card.bank_id else "none"}
    facts["audit"] = desk.audit({"card_id": card.card_id, **facts}, at)
    return facts
