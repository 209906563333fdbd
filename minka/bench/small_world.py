"""One invented person, his cards and applications, moved by the pure decisions alone.

Every command mirrors one act of the desks: it asks the same decision and writes the same facts, as
values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from minka.bench.ways import Rules, all_of
from minka.cards.card import LIFE, AtLapse, Block, Card, Force, Move, Status
from minka.issue.application import Applied, apply, replace_terms
from minka.issue.collection import (
    Collecting,
    activate,
    collect,
    destroy,
)
from minka.issue.refusals import IssueRefusal
from minka.kit.outcome import Reason, Refused
from minka.law.papers import ShownPaper
from minka.law.region import RegionLaw
from minka.loss.refusals import LossRefusal
from minka.loss.report import Brought, report, stop
from minka.loss.terms import loss_terms, withdraw_terms
from minka.loss.withdraw import Asked, freeze, unfreeze, withdraw
from minka.people.facts import Match, Verification
from minka.store.cards import in_hand

SECOND = timedelta(seconds=1)
PAUSE = timedelta(minutes=1)
"""What passes after a report, so that two of them do not end within one command of each other."""
OPEN = (Status.ORDERED, Status.MADE, Status.READY, Status.SEALED)


@dataclass(frozen=True, slots=True)
class Application:
    """An application, as far as later decisions ask about it."""

    old_id: int
    new_id: int
    place: str
    fee_fen: int
    paid: str = "no"
    redeemed_at: datetime | None = None
    stocked_at: datetime | None = None
    promised_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class World:
    """One person at one instant."""

    now: datetime
    cards: tuple[Card, ...]
    applications: tuple[Application, ...] = ()
    reported_at: Mapping[str, str] | None = None
    slack: timedelta = timedelta(0)
    """How much later it may truly be, where time is in doubt."""

    def card(self, card_id: int) -> Card:
        """A card by its number."""
        return next(card for card in self.cards if card.card_id == card_id)

    def with_card(self, card: Card) -> World:
        """The world with one card changed or new."""
        others = [each for each in self.cards if each.card_id != card.card_id]
        kept = tuple(sorted([*others, card], key=lambda each: each.card_id))
        return replace(self, cards=kept)

    def with_application(self, application: Application) -> World:
        """The world with its newest application changed."""
        return replace(self, applications=(*self.applications[:-1], application))


class Turned(Exception):
    """A command that is refused: its code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _require(outcome: Any) -> Any:
    if isinstance(outcome, Refused):
        raise _turn(outcome.reason)
    return outcome.value


def _turn(reason: Reason) -> Turned:
    return Turned(reason.code)


def new_world(law: RegionLaw, now: datetime) -> World:
    """A person with one active card."""
    card = Card(1, 1, law.card_kind, law.id, "card 1", Status.ACTIVE)
    return World(now, (card,), (), {})


def _in_hand(world: World) -> Card | None:
    return in_hand(list(world.cards))


def _report(rules: Rules, world: World, channel: str, force: str) -> World:
    place = rules.formal_place() if channel == "counter" else None
    entry = rules.law.loss(channel=channel, force=force or None, place=place, actor="holder")
    if entry is None:
        raise _turn(LossRefusal.NO_SUCH_CHANNEL)
    terms = loss_terms(rules.law, entry, "holder")
    known = Verification(dict.fromkeys(terms.facts, Match.MATCHED))
    brought = Brought("lost", known, all_of(terms.papers))
    card = _require(report(_in_hand(world), terms, brought, world.now))
    made = stop(terms, world.now, world.now, rules.workdays, slack=world.slack)
    cause = f"{channel} {len(card.blocks)}"
    block = Block(len(card.blocks), made.force, made.from_at, made.until_at, made.at_lapse, cause)
    world = replace(world, reported_at={**(world.reported_at or {}), cause: place or ""})
    return world.with_card(replace(card, blocks=(*card.blocks, block)))


def _withdraw(rules: Rules, world: World) -> World:
    card, entry = _in_hand(world), rules.withdrawal()
    if card is None:
        raise _turn(LossRefusal.NO_CARD)
    if entry is None:
        raise _turn(LossRefusal.NO_SUCH_CHANNEL)
    terms = withdraw_terms(entry)
    block = card.block_at(world.now)
    reported = (world.reported_at or {}).get(block.cause) if block else None
    here = reported is None or reported == rules.withdraw_place()
    asked = Asked(
        channel=rules.withdraw_channel(),
        place_kind=rules.withdraw_place() or None,
        papers=all_of(terms.papers),
        reissue=_reissue(world, card),
        reported_here="yes" if here else "no",
    )
    _require(withdraw(card, terms, asked, world.now))
    world = world.with_card(_ended(card, Force.PROVISIONAL, world.now))
    newest = world.applications[-1] if world.applications else None
    if newest is None or newest.old_id != card.card_id:
        return world
    successor = world.card(newest.new_id)
    unmade = successor.status is Status.ORDERED
    return _struck_out(world, newest, successor) if unmade else world


def _reissue(world: World, card: Card) -> str:
    for successor in world.cards:
        if successor.replaces_id == card.card_id and successor.status is not Status.DESTROYED:
            return "applied" if successor.status is Status.ORDERED else "made"
    return "none"


def _ended(card: Card, force: Force, at: datetime) -> Card:
    blocks = tuple(
        replace(each, ended_at=at) if each.force is force and each.in_force_at(at) else each
        for each in card.blocks
    )
    return replace(card, blocks=blocks)


def _freeze(rules: Rules, world: World) -> World:
    card = _require(freeze(_in_hand(world), world.now))
    block = Block(len(card.blocks), Force.FROZEN, world.now, None, AtLapse.NONE, "frozen")
    return world.with_card(replace(card, blocks=(*card.blocks, block)))


def _unfreeze(rules: Rules, world: World) -> World:
    card = _in_hand(world)
    _require(unfreeze(card, world.now))
    assert card is not None, "a card was unfrozen"
    return world.with_card(_ended(card, Force.FROZEN, world.now))


def next_end(world: World) -> datetime | None:
    """The earliest instant at which a block now in force lapses."""
    ends = [
        block.until_at
        for card in world.cards
        for block in card.blocks
        if block.until_at is not None and block.in_force_at(world.now)
    ]
    return min(ends, default=None)


def _lapse(rules: Rules, world: World) -> World:
    end = next_end(world)
    if end is None:
        raise Turned("nothing lapses")
    return replace(world, now=end)


def _apply(rules: Rules, world: World, reason: str) -> World:
    place = rules.replace_place()
    entry = rules.law.replace(place=place, reason=reason, actor="holder")
    entry = entry or rules.law.replace(place=place, actor="holder")
    if entry is None:
        raise _turn(IssueRefusal.NOT_HERE)
    terms = replace_terms(entry, rules.law.withdrawal(), "holder")
    card = _in_hand(world)
    running = [each for each in world.applications if world.card(each.new_id).status in OPEN]
    applied = Applied(
        reason=reason,
        place_kind=place,
        papers=all_of(terms.papers),
        photo_code="P1",
        open_receipt="B" if running else "",
    )
    promise = _require(apply(card, terms, applied, at=world.now, workdays=rules.workdays))
    assert card is not None, "an application that is taken is about a card"
    if promise.stops_old is not None:
        block = Block(len(card.blocks), promise.stops_old, world.now, None, AtLapse.NONE, "applied")
        world = world.with_card(replace(card, blocks=(*card.blocks, block)))
    number = len(world.cards) + 1
    new = Card(1, number, card.kind, card.region, f"card {number}", Status.ORDERED)
    made = Application(card.card_id, number, place, int(promise.fee_fen))
    world = replace(world, applications=(*world.applications, made))
    return world.with_card(replace(new, replaces_id=card.card_id))


def _newest(world: World) -> Application:
    if not world.applications:
        raise Turned("no application")
    return world.applications[-1]


def _pay(rules: Rules, world: World) -> World:
    application = _newest(world)
    if application.paid != "no":
        raise _turn(IssueRefusal.FEE_PAID)
    if not application.fee_fen:
        raise _turn(IssueRefusal.NO_FEE)
    if world.card(application.new_id).status is Status.DESTROYED:
        raise _turn(IssueRefusal.NOT_AT_THIS_STEP)
    return world.with_application(replace(application, paid="yes"))


def _advance(rules: Rules, world: World, move: Move) -> World:
    application = _newest(world)
    card = world.card(application.new_id)
    if (card.status, move) not in ((Status.ORDERED, Move.MAKE), (Status.MADE, Move.STOCK)):
        raise _turn(IssueRefusal.NOT_AT_THIS_STEP)
    if move is Move.STOCK:
        world = world.with_application(replace(application, stocked_at=world.now))
    return world.with_card(_moved(card, move))


def _moved(card: Card, move: Move) -> Card:
    return replace(card, status=LIFE[card.status, move])


def _collect(rules: Rules, world: World) -> World:
    application = _newest(world)
    terms = rules.collection(application.place)
    card = world.card(application.new_id)
    collecting = Collecting(
        place_id=application.place,
        papers=(*all_of(terms.papers), ShownPaper("collection_certificate")),
        collect_at=application.place,
        fee_open_fen=application.fee_fen if application.paid == "no" else 0,
        slip_used_at=application.redeemed_at,
    )
    _require(collect(card, terms, collecting))
    world = world.with_application(replace(application, redeemed_at=world.now))
    return world.with_card(_moved(card, Move.COLLECT))


def _activate(rules: Rules, world: World) -> World:
    card = world.card(_newest(world).new_id)
    _require(activate(card, "holder", "no"))
    for old in world.cards:
        same = old.card_id == card.replaces_id or old.kind == card.kind
        if same and old != card and old.status in (Status.ACTIVE, Status.SEALED):
            world = world.with_card(_moved(old, Move.CANCEL))
    return world.with_card(_moved(card, Move.ACTIVATE))


def _withdraw_application(rules: Rules, world: World) -> World:
    application = _newest(world)
    card = world.card(application.new_id)
    if (card.status, Move.DESTROY) not in LIFE:
        raise _turn(IssueRefusal.TOO_LATE)
    return _struck_out(world, application, card)


def _struck_out(world: World, application: Application, card: Card) -> World:
    if application.paid == "yes":
        world = world.with_application(replace(application, paid="refunded"))
    return world.with_card(_moved(card, Move.DESTROY))


def _destroy(rules: Rules, world: World) -> World:
    """Wait until the time to collect has run out, then destroy the card that lies there."""
    application = _newest(world)
    card = world.card(application.new_id)
    deadline = deadline_of(rules, application)
    if card.status is Status.READY and deadline is not None:
        world = replace(world, now=max(world.now, deadline))
    _require(destroy(card, deadline, world.now))
    return _struck_out(world, application, card)


def deadline_of(rules: Rules, application: Application) -> datetime | None:
    """When the time to collect runs out; None when the rule names no time."""
    period = rules.collection(application.place).deadline
    if period is None or application.stocked_at is None:
        return None
    due: datetime = period.instant(application.stocked_at, rules.workdays).at
    return due


COMMANDS: dict[str, Callable[[Rules, World], World]] = {
    "report": lambda rules, world: _report(rules, world, rules.first_channel, ""),
    "report_formal": lambda rules, world: _report(rules, world, "counter", "formal"),
    "withdraw": _withdraw,
    "freeze": _freeze,
    "unfreeze": _unfreeze,
    "lapse": _lapse,
    "apply": lambda rules, world: _apply(rules, world, "lost"),
    "exchange": lambda rules, world: _apply(rules, world, "damaged"),
    "pay": _pay,
    "make": lambda rules, world: _advance(rules, world, Move.MAKE),
    "stock": lambda rules, world: _advance(rules, world, Move.STOCK),
    "collect": _collect,
    "activate": _activate,
    "withdraw_application": _withdraw_application,
    "destroy": _destroy,
}
"""The acts in the order they usually come; ``lapse`` and ``destroy`` turn the clock."""


def step(rules: Rules, world: World, command: str) -> tuple[str, World]:
    """One command a second later: the code of the answer, and the world after it."""
    later = replace(world, now=world.now + SECOND)
    try:
        after = COMMANDS[command](rules, later)
        pause = PAUSE if command == "report" else timedelta(0)
        return "accepted", replace(after, now=after.now + pause)
    except Turned as turned:
        return turned.code, later
