"""The life of a register card as one table, and its standing as intervals over that life.

| from    | move     | to        | who and why |
|---------|----------|-----------|-------------|
| -       | order    | ordered   | an application was accepted |
| ordered | make     | made      | the factory made it |
| made    | stock    | ready     | the place of collection booked it in |
| ready   | collect  | sealed    | handed over; it cannot yet be used |
| sealed  | activate | active    | by the holder alone; the older active card dies with it |
| any of the above | cancel | cancelled | replaced, or lapsed under a rule that cancels |
| ordered, made, ready | destroy | destroyed | never collected, or spoilt |

Stops are not states of the life: a block is an interval, and standing is computed from both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from minka.kit.clock import CHINA


class Status(StrEnum):
    """Where a card is in its life."""

    ORDERED = "ordered"
    MADE = "made"
    READY = "ready"
    SEALED = "sealed"
    ACTIVE = "active"
    CANCELLED = "cancelled"
    DESTROYED = "destroyed"


class Move(StrEnum):
    """What can happen to a card, by the office's own verbs."""

    ORDER = "order"
    MAKE = "make"
    STOCK = "stock"
    COLLECT = "collect"
    ACTIVATE = "activate"
    CANCEL = "cancel"
    DESTROY = "destroy"


class Force(StrEnum):
    """How strong a block is: formal has no way back."""

    PROVISIONAL = "provisional"
    FORMAL = "formal"
    FROZEN = "frozen"


class AtLapse(StrEnum):
    """What a block does to the card when its time ends unanswered."""

    RELEASE = "release"
    CANCEL = "cancel"
    NONE = "none"


class Standing(StrEnum):
    """What a card is worth at an instant; only ``USABLE`` pays."""

    USABLE = "usable"
    PROVISIONAL_LOSS = "provisional_loss"
    FORMAL_LOSS = "formal_loss"
    FROZEN = "frozen"
    NOT_ACTIVE = "not_active"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


S = Status
LIFE: dict[tuple[Status | None, Move], Status] = {
    (None, Move.ORDER): S.ORDERED,
    (S.ORDERED, Move.MAKE): S.MADE,
    (S.MADE, Move.STOCK): S.READY,
    (S.READY, Move.COLLECT): S.SEALED,
    (S.SEALED, Move.ACTIVATE): S.ACTIVE,
    **{
        (status, Move.CANCEL): S.CANCELLED
        for status in (S.ORDERED, S.MADE, S.READY, S.SEALED, S.ACTIVE)
    },
    **{(status, Move.DESTROY): S.DESTROYED for status in (S.ORDERED, S.MADE, S.READY)},
}


@dataclass(frozen=True, slots=True)
class Block:
    """An interval in which a card is stopped; ``until_at`` None means without end."""

    block_id: int
    force: Force
    from_at: datetime
    until_at: datetime | None
    at_lapse: AtLapse
    cause: str = ""
    ended_at: datetime | None = None

    def in_force_at(self, instant: datetime) -> int:
        """One when the block stops the card at an instant."""
        started = self.from_at <= instant
        lapsed = self.until_at is not None and instant >= self.until_at
        ended = self.ended_at is not None and instant >= self.ended_at
        return int(started and not lapsed and not ended)

    def cancelled_by(self, instant: datetime) -> int:
        """One when the block's time ended unanswered under a rule that cancels the card."""
        if self.at_lapse is not AtLapse.CANCEL or self.until_at is None:
            return 0
        answered = self.ended_at is not None and self.ended_at <= self.until_at
        return int(self.until_at <= instant and not answered)


@dataclass(frozen=True, slots=True)
class Card:
    """A card with the blocks on it, as read under its lock."""

    person_id: int
    card_id: int
    kind: str
    region: str
    card_number: str
    status: Status
    blocks: Sequence[Block] = ()
    bank_id: str = ""
    replaces_id: int | None = None
    expires_on: date | None = None

    def block_at(self, instant: datetime) -> Block | None:
        """The strongest block in force, the earliest of equals."""
        order = (Force.FORMAL, Force.PROVISIONAL, Force.FROZEN)
        standing = [block for block in self.blocks if block.in_force_at(instant)]
        return min(standing, key=lambda b: (order.index(b.force), b.from_at), default=None)

    def standing_at(self, instant: datetime) -> Standing:
        """The standing now and later, from the present status; the past stands in the register."""
        if self.status in (Status.CANCELLED, Status.DESTROYED):
            return Standing.CANCELLED
        if any(block.cancelled_by(instant) for block in self.blocks):
            return Standing.CANCELLED
        block = self.block_at(instant)
        if block is not None:
            return _STANDING_OF[block.force]
        if self.status is not Status.ACTIVE:
            return Standing.NOT_ACTIVE
        if self.expires_on is not None and self.expires_on <= instant.astimezone(CHINA).date():
            return Standing.EXPIRED
        return Standing.USABLE


_STANDING_OF = {
    Force.FORMAL: Standing.FORMAL_LOSS,
    Force.PROVISIONAL: Standing.PROVISIONAL_LOSS,
    Force.FROZEN: Standing.FROZEN,
}
