"""A slot with a virtual card in it, as a reader sees it, and what can go wrong between the two.

| switch | what the reader sees |
|---|---|
| pull after n | the card is gone before it gets command n; ``CardGone`` until it is put in again |
| lose the answer of n | the card did what command n says, the answer never comes |
| cut power after n bytes written | the card stops in the middle of a write |
| wrong length of n | the answer's data are a byte short |
| slow | every answer takes so many milliseconds |
| worn | the card's memory takes no more writing (6581) |

A clone, a stuck counter and the quirks of card-chip §20 are the card's own (``Traits``).
"""

from __future__ import annotations

from collections.abc import Callable
from time import sleep

from minka.bench.card_core import Chip
from minka.bench.card_memory import PowerCut, Torn
from minka.chip.connection import CardGone


class FaultSwitch:
    """What shall go wrong, counted in commands from now; nothing unless asked."""

    def __init__(self) -> None:
        self.pull_in: int | None = None
        self.lose_in: int | None = None
        self.shorten_in: int | None = None
        self.slow_ms = 0

    def pull_before(self, commands: int) -> None:
        """The card is pulled when so many more commands were answered."""
        self.pull_in = commands

    def lose_answer(self, commands: int) -> None:
        """The answer after so many more answered commands is lost; its effect is not."""
        self.lose_in = commands

    def shorten_answer(self, commands: int) -> None:
        """The answer after so many more answered commands has a byte of data too few."""
        self.shorten_in = commands

    def slow_down(self, milliseconds: int) -> None:
        """Every answer takes so long."""
        self.slow_ms = milliseconds

    def strikes(self, name: str) -> int:
        """One when a switch acts on the command that comes now; it counts and goes off by this."""
        left = getattr(self, name)
        if left is None:
            return 0
        setattr(self, name, None if left == 0 else left - 1)
        return int(left == 0)


class Slot:
    """A powered card in a slot; ``CardGone`` for every command once it is out or without power."""

    def __init__(self, card: Chip, *, wait: Callable[[float], None] = sleep) -> None:
        self.card = card
        self.faults = FaultSwitch()
        self._wait = wait
        self._present = 1

    @property
    def atr(self) -> bytes:
        """The answer to reset."""
        return self.card.atr

    def transmit(self, command: bytes) -> bytes:
        """See ``CardConnection.transmit``."""
        if self.faults.strikes("pull_in"):
            self._present = 0
        if not self._present:
            raise CardGone
        if self.faults.slow_ms:
            self._wait(self.faults.slow_ms / 1000)
        try:
            answer = self.card.apdu(command)
        except PowerCut:
            self._present = 0
            raise CardGone from None
        if self.faults.strikes("lose_in"):
            self._present = 0
            raise CardGone
        if self.faults.strikes("shorten_in") and len(answer) > 2:
            return answer[:-3] + answer[-2:]
        return answer

    def reset(self) -> bytes:
        """See ``CardConnection.reset``."""
        if not self._present:
            raise CardGone
        return self.card.power_on()

    def insert(self) -> bytes:
        """Put the card in again: it powers up and brings its memory in order."""
        self._present = 1
        return self.card.power_on()

    def remove(self) -> None:
        """Take the card out."""
        self._present = 0

    def is_present(self) -> int:
        """One while a card is in the slot."""
        return self._present

    def cut_power_after(self, octets: int, torn: Torn = Torn.SPOILT) -> None:
        """The power goes when the card has written so many more bytes."""
        self.card.memory.power.cut_after(octets, torn)

    def wear_out(self, why: str = "cell") -> None:
        """Nothing can be written any more."""
        self.card.memory.worn = why
