"""The port to a card reader: its names, a card powered in it, and who comes and goes.

| what is wrong | raised |
|---|---|
| no such reader, or the reader was unplugged, or its daemon is not there | `ReaderGone` |
| the reader is there, its slot is empty | `NoCard` |
| a card is there and gives no answer to reset | `MuteCard` |
| another program holds the card | `CardBusy` |
| the card was taken out in the middle | `minka.chip.connection.CardGone` |
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from minka.chip.connection import CardConnection


class ReaderFault(Exception):
    """Something is wrong with a reader or with what lies in it."""


class ReaderGone(ReaderFault):
    """The reader, or the daemon that speaks for it, does not answer."""


class NoCard(ReaderFault):
    """The slot is empty."""


class MuteCard(ReaderFault):
    """A card is in the slot and says nothing, or nothing that is understood."""


class CardBusy(ReaderFault):
    """Another program holds the card; try again."""


class NotInstalled(ReaderFault):
    """The part of Minka that speaks PC/SC was not installed."""

    def __init__(self) -> None:
        super().__init__(
            "读卡器组件没有安装。下一步：pip install 'minka[reader]' · "
            "reading cards needs pyscard: pip install 'minka[reader]'"
        )


class Happening(Enum):
    """What can happen at a reader."""

    ATTACHED = "attached"
    DETACHED = "detached"
    INSERTED = "inserted"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happened at one reader; the answer to reset when a card came."""

    reader: str
    happening: Happening
    atr: bytes = b""


class PoweredCard(CardConnection, Protocol):
    """A card under power, held until it is let go: no other program comes between."""

    def transaction(self) -> AbstractContextManager[None]:
        """A part of the holding that belongs together; it is held before and after, too."""

    def close(self) -> None:
        """Power off; every right won on the card is gone. A second time does nothing."""


class Readers(Protocol):
    """The readers of one kind that this machine has."""

    def names(self) -> tuple[str, ...]:
        """The readers there are now, with or without a card; ``ReaderGone`` without a daemon."""

    def present(self, reader: str) -> bool:
        """Whether a card is in a reader."""

    def connect(self, reader: str) -> PoweredCard:
        """The card in a reader, powered cold; raises as the table above says."""

    def changes(self) -> Iterator[Change]:
        """Everything that happens, beginning with how things stand, until ``close``."""

    def close(self) -> None:
        """Ends ``changes``, wherever it waits."""
