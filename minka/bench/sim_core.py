"""The register of a simulated world: the real decisions over a journal that survives every crash.

The core never knows the true time. It takes the time of its fence, moves each person's clock on by
at least a microsecond, asks the decisions, and gives back a commit: answer and facts in one. A
mutant is a core that leaves out one of the precautions; each must be caught by the checker.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum

from minka.bench.small_world import COMMANDS, Turned, World
from minka.bench.ways import Rules
from minka.cards.card import AtLapse, Block, Card, Force, Standing, Status
from minka.store.cards import in_hand

MICROSECOND = timedelta(microseconds=1)


class Mutant(Enum):
    """One precaution left out."""

    NONE = "none"
    NO_IDEM = "no_idem"
    REUSED_KEY = "reused_key"
    STALE_STATUS = "stale_status"
    RAW_CLOCK = "raw_clock"
    WALL_AT_BOOT = "wall_at_boot"
    BACKWARD_CLOCK = "backward_clock"
    NO_CARD_CLOCK = "no_card_clock"
    NO_HOLD = "no_hold"
    NO_MARK = "no_mark"
    NO_SLACK = "no_slack"
    STUCK_HOLD = "stuck_hold"
    ACK_BEFORE_COMMIT = "ack_before_commit"
    HALF_COMMIT = "half_commit"
    FORMAL_REVOCABLE = "formal_revocable"
    FORMAL_LAPSES = "formal_lapses"
    TWO_ACTIVE = "two_active"
    OLD_STILL_PAYS = "old_still_pays"
    SEALED_PAYS = "sealed_pays"
    CANCEL_FORGOTTEN = "cancel_forgotten"
    ENDS_TOO_SOON = "ends_too_soon"
    NEVER_RELEASED = "never_released"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client asks for: the body of a request."""

    person: int
    command: str
    card: int = 0
    """For a use: 0 is the card in hand, else the card of that number."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a request; ``mark`` is the instant it speaks of."""

    code: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Commit:
    """What is written at once: the request with its answer, and the person after it."""

    key: str
    asked: Asked
    reply: Reply
    before: World
    after: World
    used: int = 0
    """The card that was used, if one was."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What the core knows of time: an instant, and how much later it may truly be."""

    at: datetime
    slack: timedelta


@dataclass(slots=True)
class Core:
    """The register's state as it was built from the journal."""

    rules: Sequence[Rules]
    mutant: Mutant
    worlds: list[World]
    answered: dict[str, tuple[Asked, Reply]] = field(default_factory=dict)
    clocks: dict[int, datetime] = field(default_factory=dict)
    stale: dict[int, World] = field(default_factory=dict)

    def apply(self, commit: Commit) -> None:
        """Fold one commit into the state."""
        self.worlds[commit.asked.person] = commit.after
        self.answered[commit.key] = (commit.asked, commit.reply)
        self.clocks[commit.asked.person] = commit.reply.at

    def decide(self, key: str, asked: Asked, moment: Moment) -> Reply | Commit:
        """The stored answer of a key, or a commit that is still to be written."""
        known = self.answered.get(key)
        if known is not None and self.mutant is not Mutant.NO_IDEM:
            same = known[0] == asked or self.mutant is Mutant.REUSED_KEY
            return known[1] if same else Reply("key_reused", known[1].at)
        at = self._tick(asked.person, moment.at)
        slack = timedelta(0) if self.mutant is Mutant.NO_SLACK else moment.slack
        before = replace(self.worlds[asked.person], now=at, slack=slack)
        if asked.command == "use":
            return self._use(key, asked, before)
        try:
            after = COMMANDS[asked.command](self.rules[asked.person], before)
            code = "accepted"
        except Turned as turned:
            code, after = turned.code, before
        after = self._spoilt(asked, before, after)
        code = "accepted" if after.cards != before.cards else code
        return Commit(key, asked, Reply(code, at), before, after)

    def _tick(self, person: int, now: datetime) -> datetime:
        last = self.clocks.get(person)
        if last is None or self.mutant is Mutant.NO_CARD_CLOCK:
            return now
        return max(now, last + MICROSECOND)

    def _use(self, key: str, asked: Asked, before: World) -> Commit:
        seen = before
        if self.mutant is Mutant.STALE_STATUS:
            seen = replace(self.stale.setdefault(asked.person, before), now=before.now)
        card = _meant(seen, asked.card)
        standing = card.standing_at(before.now) if card else Standing.UNKNOWN
        if card and self._wrongly_pays(card, standing, before):
            standing = Standing.USABLE
        used = card.card_id if card and standing is Standing.USABLE else 0
        return Commit(key, asked, Reply(standing.value, before.now), before, before, used)

    def _wrongly_pays(self, card: Card, standing: Standing, world: World) -> bool:
        if self.mutant is Mutant.SEALED_PAYS:
            return standing is Standing.NOT_ACTIVE and card.status is Status.SEALED
        if self.mutant is Mutant.CANCEL_FORGOTTEN:
            lapsed = standing is Standing.CANCELLED and card.status is Status.ACTIVE
            return lapsed and card.block_at(world.now) is None
        return self.mutant is Mutant.OLD_STILL_PAYS and card.status is Status.CANCELLED

    def _spoilt(self, asked: Asked, before: World, after: World) -> World:
        """What a mutant makes of an act that was decided well."""
        cards = {card.card_id: card for card in after.cards}
        for card in after.cards:
            blocks = [self._spoilt_block(asked, block, after.now) for block in card.blocks]
            cards[card.card_id] = replace(card, blocks=tuple(blocks))
        if self.mutant is Mutant.TWO_ACTIVE and asked.command == "activate":
            for card in before.cards:
                if card.status is Status.ACTIVE:
                    cards[card.card_id] = card
        return replace(after, cards=tuple(cards.values()))

    def _spoilt_block(self, asked: Asked, block: Block, at: datetime) -> Block:
        formal, fresh = block.force is Force.FORMAL, block.from_at == at
        if self.mutant is Mutant.FORMAL_REVOCABLE and formal and asked.command == "withdraw":
            return replace(block, ended_at=block.ended_at or at)
        if self.mutant is Mutant.FORMAL_LAPSES and formal and fresh:
            return replace(block, until_at=at + timedelta(days=1), at_lapse=AtLapse.RELEASE)
        if self.mutant is Mutant.ENDS_TOO_SOON and block.until_at is not None and fresh:
            return replace(block, until_at=at + (block.until_at - at) * 3 / 4)
        if self.mutant is Mutant.NEVER_RELEASED and block.until_at is not None and fresh:
            return replace(block, until_at=block.until_at + timedelta(days=1))
        return block


def _meant(world: World, card_id: int) -> Card | None:
    if not card_id:
        return in_hand(list(world.cards))
    return next((card for card in world.cards if card.card_id == card_id), None)
