"""A message on its way out, how a delivery can end, and the two ways it can fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, TypeAlias

from minka.store.connection import Connection, Row


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it lies in the outbox; ``key`` is what a receiver knows it by."""

    outbox_id: int
    person_id: int
    card_id: int
    topic: str
    body: Mapping[str, Any]
    created_at: datetime
    due_at: datetime
    tries: int = 0
    rejections: int = 0

    @property
    def key(self) -> str:
        """The same for every try, so that a receiver does what it asks once."""
        return str(self.outbox_id)

    @property
    def block_id(self) -> int:
        """The stop it is about, 0 for none."""
        return int(self.body.get("block_id") or 0)

    @property
    def receiver(self) -> str:
        """Whose absence delays it: a bank's number, or nothing for the one receiver of its lane."""
        return str(self.body.get("bank_id") or "")


def message_of(found: Row) -> Message:
    """A message from the row of the outbox's head."""
    names = Message.__dataclass_fields__
    return Message(**{name: value for name, value in found.items() if name in names})


class End(Enum):
    """How a message left the outbox."""

    DELIVERED = "delivered"
    DROPPED = "dropped"
    """It had lost its meaning; nobody was told."""
    UNDELIVERABLE = "undeliverable"
    """There is no way to reach whom it was for."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a message and, where it was not delivered, why."""

    end: End
    why: str = ""

    @property
    def note(self) -> str:
        """What the register keeps about it; empty for a plain delivery."""
        return f"{self.end.value}: {self.why}" if self.end is not End.DELIVERED else ""


DELIVERED = Outcome(End.DELIVERED)


def dropped(why: str) -> Outcome:
    """A message that means nothing any more."""
    return Outcome(End.DROPPED, why)


class Away(Exception):
    """The receiver is not there: tried again for ever, counted against nobody."""


class Rejected(Exception):
    """The receiver answered what cannot be used: after some tries the message is set aside."""


Deliver: TypeAlias = Callable[[Connection, Message, datetime], Outcome]
"""Delivers one message at the register's time; raises ``Away`` or ``Rejected``."""
