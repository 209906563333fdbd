"""What a person or a clerk sees: a card's standing now, its story, and which acts are open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from minka.cards.card import Block, Card, Force, Standing, Status
from minka.cards.number import mask
from minka.cards.words import PROGRESS, STANDINGS, Plain
from minka.desk.office import Office
from minka.desk.tale import Event, tale
from minka.kit.codes import read_code
from minka.kit.secret import Clear
from minka.people.person import Person
from minka.store import cards, people
from minka.store.connection import Connection, Row, row, rows


@dataclass(frozen=True, slots=True)
class Stops:
    """The two sides of a stop: each with the instant it said so, or None while it has not."""

    social_at: datetime | None
    bank_at: datetime | None
    bank: str
    """``none`` (no bank part), ``pending`` or ``confirmed``."""


@dataclass(frozen=True, slots=True)
class CardView:
    """One card as it stands at an instant."""

    card: Card
    number_mask: str
    standing: Standing
    plain: Plain
    block: Block | None
    stops: Stops | None
    at: datetime

    @property
    def until_at(self) -> datetime | None:
        """When the present stop ends by itself, or None."""
        return self.block.until_at if self.block else None


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """One replacement with its progress."""

    application_id: int
    receipt: str
    slip: str
    status: Status
    plain: Plain
    reason: str
    accepted_at: datetime
    promised_at: datetime | None
    promise: str
    collect_at: str
    fee_fen: int
    paid: str
    """``free``, ``open``, ``paid``, ``waived`` or ``refunded``."""
    fee_receipt: str
    old_card_id: int | None
    new_card_id: int


@dataclass(frozen=True, slots=True)
class PersonFile:
    """Everything a clerk's screen shows of one person; masked unless revealed by an act."""

    person: Person
    cards: Sequence[CardView]
    applications: Sequence[ApplicationView]
    events: Sequence[Event]
    at: datetime

    def in_hand(self) -> CardView | None:
        """The card the person means when he says his card."""
        meant = cards.in_hand([view.card for view in self.cards])
        return next((v for v in self.cards if meant and v.card.card_id == meant.card_id), None)

    def running(self) -> ApplicationView | None:
        """The replacement that is under way, if any."""
        open_ones = (Status.ORDERED, Status.MADE, Status.READY, Status.SEALED)
        found = [each for each in self.applications if each.status in open_ones]
        return found[-1] if found else None


def file_of_number(office: Office, number: Clear) -> PersonFile | None:
    """The file of a citizen number, or None."""
    with office.register.act() as connection:
        person_id = people.find(connection, office.keys, number)
        return _file(office, connection, person_id or 0)


def file_of_person(office: Office, person_id: int) -> PersonFile | None:
    """The file of a person, or None."""
    with office.register.act() as connection:
        return _file(office, connection, person_id)


@dataclass(frozen=True, slots=True)
class Receipted:
    """What a receipt stands for, with the file it belongs to."""

    code: str
    kind: str
    """``loss``, ``application``, ``slip``, ``fee`` or ``document``."""
    fact_id: int
    file: PersonFile
    report: Row | None = None
    application: ApplicationView | None = None


def receipted(office: Office, typed: str) -> Receipted | None:
    """What a typed receipt stands for, or None; the door shows it masked."""
    code = read_code(typed)
    with office.register.act() as connection:
        known = row(connection, "loss.receipt", code=code or "")
        if known is None:
            return None
        file = _file(office, connection, known["person_id"])
        assert file is not None, "a receipt belongs to a person"
        report = None
        if known["kind"] == "loss":
            place = {"person_id": known["person_id"], "report_id": known["fact_id"]}
            report = row(connection, "loss.report", **place)
        fact_id: int = known["fact_id"]
        about = [each for each in file.applications if each.application_id == fact_id]
        return Receipted(known["code"], known["kind"], fact_id, file, report, *about[:1])


def _file(office: Office, connection: Connection, person_id: int) -> PersonFile | None:
    person = people.load(connection, office.keys, person_id)
    if person is None:
        return None
    at = cards.now(connection, office.fence())
    sides = rows(connection, "look.all_sides", person_id=person_id)
    views = [_view(card, sides, at) for card in cards.of_person(connection, person_id)]
    fees = rows(connection, "look.fees_of_person", person_id=person_id)
    found = rows(connection, "issue.of_person", person_id=person_id)
    return PersonFile(
        person=person,
        cards=views,
        applications=[_application(each, fees) for each in found],
        events=tale(connection, [view.card for view in views], at),
        at=at,
    )


def _view(card: Card, sides: Sequence[Row], at: datetime) -> CardView:
    standing, block = card.standing_at(at), card.block_at(at)
    return CardView(
        card=card,
        number_mask=mask(card.card_number),
        standing=standing,
        plain=STANDINGS[standing],
        block=block,
        stops=_stops(card, block, sides) if block else None,
        at=at,
    )


def _stops(card: Card, block: Block, sides: Sequence[Row]) -> Stops:
    """A stop that stands on an earlier one is confirmed when the earlier one was."""
    standing = {b.block_id for b in card.blocks if b.in_force_at(block.from_at)}
    said = {
        each["side"]: each["at"]
        for each in reversed(sides)
        if each["effect"] == "stop" and each["block_id"] in standing
    }
    bank = "none" if not card.bank_id else "confirmed" if "bank" in said else "pending"
    return Stops(said.get("social"), said.get("bank"), bank)


def _application(found: Row, fees: Sequence[Row]) -> ApplicationView:
    status = Status(found["status"])
    own = {f["entry"]: f for f in fees if f["application_id"] == found["application_id"]}
    words: Mapping[str, str] = {"refund": "refunded", "charge": "paid", "waiver": "waived"}
    paid = next((words[e] for e in words if e in own), "open" if found["fee_fen"] else "free")
    return ApplicationView(
        application_id=found["application_id"],
        receipt=found["receipt"],
        slip=found["slip"],
        status=status,
        plain=PROGRESS[status],
        reason=found["reason"],
        accepted_at=found["accepted_at"],
        promised_at=found["promised_now"],
        promise=found["promise_now"],
        collect_at=found["collect_at"],
        fee_fen=found["fee_fen"],
        paid=paid,
        fee_receipt=own["charge"]["receipt"] if "charge" in own else "",
        old_card_id=found["old_card_id"],
        new_card_id=found["new_card_id"],
    )


ACTS = (
    "report_provisional",
    "report_formal",
    "withdraw",
    "freeze",
    "unfreeze",
    "apply",
    "pay",
    "collect",
    "activate",
    "withdraw_application",
)


def offers(file: PersonFile) -> Mapping[str, str]:
    """Each act with ``open``, or the code of why it is not open now (X47)."""
    view, running = file.in_hand(), file.running()
    if view is None:
        return dict.fromkeys(ACTS, "loss.no_card")
    return {**_offers_of_card(view), **_offers_of_application(running)}


def _offers_of_card(view: CardView) -> dict[str, str]:
    standing = view.standing
    frozen = any(b.force is Force.FROZEN and b.in_force_at(view.at) for b in view.card.blocks)
    dead = "loss.card_cancelled" if standing is Standing.CANCELLED else ""
    lost = {
        Standing.PROVISIONAL_LOSS: "loss.already_lost",
        Standing.FORMAL_LOSS: "loss.already_formal",
    }.get(standing, "")
    formal = "loss.already_formal" if standing is Standing.FORMAL_LOSS else ""
    usable = "open" if standing is Standing.USABLE else "loss.already_lost"
    back = {Standing.PROVISIONAL_LOSS: "open", Standing.FORMAL_LOSS: "loss.formal_is_final"}
    return {
        "report_provisional": dead or lost or "open",
        "report_formal": dead or formal or "open",
        "withdraw": dead or back.get(standing, "loss.not_reported"),
        "freeze": dead or usable,
        "unfreeze": "open" if frozen else "loss.not_frozen",
    }


def _offers_of_application(running: ApplicationView | None) -> dict[str, str]:
    if running is None:
        none = dict.fromkeys(ACTS[6:], "issue.not_at_this_step")
        return {"apply": "open", **none}
    before = running.status in (Status.ORDERED, Status.MADE, Status.READY)
    return {
        "apply": "issue.application_open",
        "pay": {"open": "open", "paid": "issue.fee_paid"}.get(running.paid, "issue.no_fee"),
        "collect": "open" if running.status is Status.READY else "issue.not_ready",
        "activate": "open" if running.status is Status.SEALED else "issue.not_to_activate",
        "withdraw_application": "open" if before else "issue.too_late",
    }
