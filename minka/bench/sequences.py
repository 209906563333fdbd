"""All sequences of commands over loss and replacement, and what must hold after each of them.

Worlds of one shape have one future, so each shape is visited once; the number of sequences that
this covers is counted. What must hold is checked by rules of their own:

* P4: a formal block never ends, and its card never works again;
* P5: of one kind at most one card works, and at most one bears the status of an active one;
* P11: only a card that was collected and activated works, and none that was replaced;
* a stopped card works again only by the acts that may let it;
* a dead card stays dead, and nothing more is done to it;
* a fee is taken at most once, and goes back when the card is struck out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from minka.bench.shape import Shape, shape
from minka.bench.small_world import COMMANDS, World, new_world, step
from minka.bench.ways import Rules
from minka.cards.card import Card, Force, Standing, Status
from minka.kit.clock import CHINA
from minka.law.book import Book

REGIONS = ("R1", "R3", "R6", "V1", "V2")
STARTS_AT = datetime(2026, 3, 2, 9, 0, tzinfo=CHINA)
_LETS_GO = {"withdraw", "unfreeze", "activate"}
"""Acts after which a card may work that would not work at that instant without them."""
_ON_A_CARD = {"withdraw", "unfreeze", "freeze", "report", "report_formal"}

Step = Callable[[Rules, World, str], tuple[str, World]]


@dataclass(frozen=True, slots=True)
class Violation:
    """A sequence after which something does not hold."""

    region: str
    commands: tuple[str, ...]
    rule: str


@dataclass(slots=True)
class Coverage:
    """How much was covered in one region."""

    region: str
    length: int
    sequences: int = 0
    shapes: int = 0
    steps: int = 0
    accepted: dict[str, int] = field(default_factory=dict)
    violations: list[Violation] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """A line of the report of ``minka sequences --json``."""
        return {
            "region": self.region,
            "length": self.length,
            "sequences": self.sequences,
            "shapes": self.shapes,
            "steps": self.steps,
            "accepted": self.accepted,
            "violations": [
                {"commands": list(each.commands), "rule": each.rule} for each in self.violations
            ],
        }


def rules_of(book: Book, region: str, at: datetime = STARTS_AT) -> Rules:
    """The rules of a region on the day the worlds begin."""
    return Rules(book.on(region, at.astimezone(CHINA).date()), book.workdays(region))


def explore(book: Book, region: str, length: int, *, by: Step = step) -> Coverage:
    """Every sequence of commands up to a length, each shape once; ``by`` is the step under test."""
    rules, seen = rules_of(book, region), Coverage(region, length)
    first = new_world(rules.law, STARTS_AT)
    known: set[Shape] = {shape(rules, first)}
    ring: list[tuple[tuple[str, ...], World]] = [((), first)]
    for _ in range(length):
        ring = list(_next_ring(rules, ring, (known, seen), by))
    seen.shapes = len(known)
    seen.sequences = sum(len(COMMANDS) ** n for n in range(1, length + 1))
    return seen


def _next_ring(
    rules: Rules,
    ring: Sequence[tuple[tuple[str, ...], World]],
    notes: tuple[set[Shape], Coverage],
    by: Step,
) -> Iterator[tuple[tuple[str, ...], World]]:
    known, seen = notes
    for path, before in ring:
        for command in COMMANDS:
            code, after = by(rules, before, command)
            commands = (*path, command)
            seen.steps += 1
            seen.accepted[command] = seen.accepted.get(command, 0) + (code == "accepted")
            broken = [*broken_rules(after), *broken_by_step(before, (command, code), after)]
            seen.violations += [Violation(rules.law.id, commands, rule) for rule in broken]
            found = shape(rules, after)
            if found not in known:
                known.add(found)
                yield commands, after


def broken_rules(world: World) -> Iterator[str]:
    """What does not hold in a world, whatever led to it."""
    yield from _two_of_a_kind(world)
    for card in world.cards:
        standing = card.standing_at(world.now)
        if _formal(card) and standing not in (Standing.FORMAL_LOSS, Standing.CANCELLED):
            yield f"P4: card {card.card_id} is formally lost and {standing.value}"
        if any(b.force is Force.FORMAL and b.ended_at is not None for b in card.blocks):
            yield f"P4: a formal block of card {card.card_id} was ended"
        if standing is Standing.USABLE and card.status is not Status.ACTIVE:
            yield f"P11: card {card.card_id} works while {card.status.value}"
        if standing is Standing.USABLE and _stopped_by_hand(card, world.now):
            yield f"P1: card {card.card_id} works inside a block"
    for application in world.applications:
        old, new = world.card(application.old_id), world.card(application.new_id)
        works = old.standing_at(world.now) is Standing.USABLE
        if new.status is Status.ACTIVE and (works or old.status is Status.ACTIVE):
            yield f"P5: card {old.card_id} lives on after its replacement was activated"
        if new.status is Status.DESTROYED and application.paid == "yes":
            yield "a fee was kept for a card that was destroyed"


def _two_of_a_kind(world: World) -> Iterator[str]:
    for kind in sorted({card.kind for card in world.cards}):
        same = [card for card in world.cards if card.kind == kind]
        works = [card for card in same if card.standing_at(world.now) is Standing.USABLE]
        active = [card for card in same if card.status is Status.ACTIVE]
        if len(works) > 1 or len(active) > 1:
            yield f"P5: {len(works)} cards of kind {kind} work, {len(active)} are active"


def _formal(card: Card) -> bool:
    return any(block.force is Force.FORMAL for block in card.blocks)


def _stopped_by_hand(card: Card, at: datetime) -> bool:
    """Whether an interval covers an instant, computed here once more from the bare fields."""
    return any(
        block.from_at <= at
        and (block.until_at is None or at < block.until_at)
        and (block.ended_at is None or at < block.ended_at)
        for block in card.blocks
    )


def broken_by_step(before: World, done: tuple[str, str], after: World) -> Iterator[str]:
    """What a single step did that no such step may do; ``done`` is the command and its code."""
    command, code = done
    if code != "accepted" and _facts(before) != _facts(after):
        yield f"{command} was refused and changed something"
    for card in before.cards:
        now = after.card(card.card_id)
        was, became = card.standing_at(after.now), now.standing_at(after.now)
        if was is Standing.CANCELLED and became is not Standing.CANCELLED:
            yield f"card {card.card_id} came back from the dead by {command}"
        if was is Standing.CANCELLED and command in _ON_A_CARD and now != card:
            yield f"{command} was done to card {card.card_id}, which is dead"
        if became is Standing.USABLE and was is not became and command not in _LETS_GO:
            yield f"card {card.card_id} was let go by {command}"
    for first, later in zip(before.applications, after.applications, strict=False):
        if (first.paid, later.paid) not in _FEES:
            yield f"a fee went from {first.paid} to {later.paid} by {command}"


_FEES = {("no", "no"), ("no", "yes"), ("yes", "yes"), ("yes", "refunded"), ("refunded", "refunded")}


def _facts(world: World) -> tuple[Any, ...]:
    return world.cards, world.applications


def every_sequence(book: Book, region: str, length: int) -> Mapping[Shape, tuple[str, ...]]:
    """The shapes that all sequences of a length really reach, none left out: to prove ``explore``.

    Grows with the power of the length: for lengths up to four.
    """
    rules = rules_of(book, region)
    reached: dict[Shape, tuple[str, ...]] = {}

    def walk(world: World, path: tuple[str, ...]) -> None:
        reached.setdefault(shape(rules, world), path)
        if len(path) < length:
            for command in COMMANDS:
                walk(step(rules, world, command)[1], (*path, command))

    walk(new_world(rules.law, STARTS_AT), ())
    return reached


def revoke_formal(rules: Rules, world: World, command: str) -> tuple[str, World]:
    """A wrong build, for the test of the test: a withdrawal ends formal blocks too."""
    code, after = step(rules, world, command)
    if command != "withdraw" or code == "accepted":
        return code, after
    return "accepted", replace(after, cards=tuple(_let_go(card, after.now) for card in after.cards))


def _let_go(card: Card, at: datetime) -> Card:
    return replace(card, blocks=tuple(replace(block, ended_at=at) for block in card.blocks))


def keep_the_old(rules: Rules, world: World, command: str) -> tuple[str, World]:
    """A wrong build, for the test of the test: the old card lives on when the new is activated."""
    code, after = step(rules, world, command)
    if command != "activate" or code != "accepted":
        return code, after
    old = {card.card_id: card for card in world.cards if card.status is Status.ACTIVE}
    return code, replace(after, cards=tuple(old.get(c.card_id, c) for c in after.cards))
