"""A card stopped or let go: the interval in the register, and word to everyone who must know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from minka.cards.card import AtLapse, Block, Card
from minka.desk.act import Desk
from minka.loss.report import Stop
from minka.store import cards
from minka.store.connection import do

NOTICE_BEFORE_LAPSE = timedelta(hours=24)

CONFIRMERS: Mapping[str, tuple[str, ...]] = {
    "medical_insurance_staff": ("medical_staff", "hotline_agent", "counter_clerk"),
    "medical_insurance_office_stamp": ("medical_staff", "bank_clerk"),
    "street_centre": ("counter_clerk",),
    "operator": ("hotline_agent", "counter_clerk", "medical_staff"),
}
"""Roles whose holders are the staff a rule names as confirming."""


@dataclass(frozen=True, slots=True)
class Reported:
    """A report that is on record: its number and its receipt."""

    report_id: int
    receipt: str


def put_in_force(desk: Desk, card: Card, reported: Reported, made: Stop) -> dict[str, Any]:
    """Stop the card: the block, the confirmation, and word to everyone who must know."""
    block = Block(
        block_id=desk.fact_id(),
        force=made.force,
        from_at=made.from_at,
        until_at=made.until_at,
        at_lapse=made.at_lapse,
        cause=reported.receipt,
    )
    cards.add_block(desk.connection, card, block, bank_until=made.bank_until_at)
    do(
        desk.connection,
        "loss.add_confirmation",
        person_id=card.person_id,
        report_id=reported.report_id,
        block_id=block.block_id,
        confirmed_at=made.from_at,
        confirmed_by=desk.request.actor,
        stops_by=made.stops_by,
    )
    tell_of_stop(desk, card, block, made.bank_until_at)
    return {
        "state": "in_force",
        "stopped_at": made.from_at,
        "stops_by": made.stops_by,
        "lapses_at": made.until_at,
        "at_lapse": made.at_lapse,
        "bank": "pending" if card.bank_id else "none",
        "bank_lapses_at": made.bank_until_at if card.bank_id else None,
    }


def tell_of_stop(desk: Desk, card: Card, block: Block, bank_until: datetime | None = None) -> None:
    """The social side is stopped now; bank, terminals and holder are told from the outbox."""
    confirm_social(desk, card, block, effect="stop", at=block.from_at)
    told = {"block_id": block.block_id, "force": block.force.value, "receipt": block.cause}
    at, until = block.from_at, block.until_at
    numbered = {**told, "card_number": card.card_number, "region": card.region}
    ends = {"until_at": until.isoformat() if until else None}
    desk.send("hotlist.add", {**numbered, **ends}, card_id=card.card_id, at=at)
    if card.bank_id:
        bank = {"until_at": bank_until.isoformat() if bank_until else None}
        to_bank = {**numbered, "bank_id": card.bank_id, **bank}
        desk.send("bank.stop", to_bank, card_id=card.card_id, at=at)
    desk.send("notice.stopped", {**told, **ends}, card_id=card.card_id, at=at)
    if until is not None:
        soon = max(until - NOTICE_BEFORE_LAPSE - at, timedelta(0))
        lapses = {**told, **ends, "at_lapse": block.at_lapse.value}
        desk.send("notice.lapses_soon", lapses, card_id=card.card_id, at=at, after=soon)
        desk.send("notice.lapsed", lapses, card_id=card.card_id, at=at, after=until - at)
        if card.bank_id and block.at_lapse is AtLapse.RELEASE:
            back = {**numbered, "bank_id": card.bank_id, "how": "lapsed"}
            after = (bank_until or until) - at
            desk.send("bank.resume", back, card_id=card.card_id, at=at, after=after)


def confirm_social(desk: Desk, card: Card, block: Block, *, effect: str, at: datetime) -> None:
    """The register itself stops or resumes at once; its confirmation is the act's own instant."""
    do(
        desk.connection,
        "cards.confirm_side",
        person_id=card.person_id,
        block_id=block.block_id,
        side="social",
        effect=effect,
        at=at,
        reference=block.cause,
    )


def tell_of_release(desk: Desk, card: Card, block: Block, *, at: datetime, how: str) -> None:
    """The social side pays again now; bank, terminals and holder are told from the outbox."""
    confirm_social(desk, card, block, effect="resume", at=at)
    told = {"block_id": block.block_id, "receipt": block.cause, "how": how}
    numbered = {**told, "card_number": card.card_number, "region": card.region}
    desk.send("hotlist.remove", numbered, card_id=card.card_id, at=at)
    if card.bank_id:
        to_bank = {**numbered, "bank_id": card.bank_id}
        desk.send("bank.resume", to_bank, card_id=card.card_id, at=at)
    desk.send("notice.released", told, card_id=card.card_id, at=at)
