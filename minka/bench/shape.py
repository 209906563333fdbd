"""The shape of a small world: all that later decisions can depend on, and nothing else.

Instants count only by their order, and blocks that have ended count no more; so all sequences of
commands meet in few shapes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from minka.bench.small_world import Application, World, deadline_of
from minka.bench.ways import Rules
from minka.cards.card import Block, Card, Force

Shape = tuple[Any, ...]


def shape(rules: Rules, world: World) -> Shape:
    """The shape of a world."""
    ends = _to_come(rules, world)
    cards = tuple(_card(world, card, ends) for card in world.cards)
    return cards, tuple(_application(rules, each, ends) for each in world.applications)


def _to_come(rules: Rules, world: World) -> list[datetime]:
    """Every instant at which something will end by itself, in order."""
    ends = {b.until_at for card in world.cards for b in card.blocks if b.in_force_at(world.now)}
    due = {deadline_of(rules, application) for application in world.applications}
    return sorted(at for at in ends | due if at is not None and at > world.now)


def _rank(at: datetime | None, ends: list[datetime]) -> int:
    """The place of an instant among those to come: 0 has passed, -1 never comes."""
    if at is None:
        return -1
    return ends.index(at) + 1 if at in ends else 0


def _card(world: World, card: Card, ends: list[datetime]) -> Shape:
    blocks = tuple(
        (b.force.value, b.at_lapse.value, _rank(b.until_at, ends), _made_at(world, b))
        for b in card.blocks
        if b.in_force_at(world.now)
    )
    standing = card.standing_at(world.now)
    status = card.status.value
    return (card.kind, status, standing.value, card.replaces_id, blocks, _has_lapsed(world, card))


def _has_lapsed(world: World, card: Card) -> bool:
    """Whether a provisional report ran out unanswered: a rule may bar a second one."""
    return any(
        b.force is Force.PROVISIONAL
        and b.ended_at is None
        and b.until_at is not None
        and b.until_at <= world.now
        for b in card.blocks
    )


def _made_at(world: World, block: Block) -> str:
    return (world.reported_at or {}).get(block.cause, "-")


def _application(rules: Rules, each: Application, ends: list[datetime]) -> Shape:
    deadline = _rank(deadline_of(rules, each), ends)
    slip = each.redeemed_at is not None
    return (each.old_id, each.new_id, each.fee_fen > 0, each.paid, slip, deadline)
