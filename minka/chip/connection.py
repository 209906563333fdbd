"""The port to a card in a reader, real or virtual."""

from __future__ import annotations

from typing import Protocol


class CardGone(Exception):
    """The card was taken out or the reader does not answer; the last command may have taken
    effect."""


class CardConnection(Protocol):
    """A powered card; commands go through one at a time."""

    @property
    def atr(self) -> bytes:
        """The answer to reset."""

    def transmit(self, command: bytes) -> bytes:
        """The card's answer as it came, data and two status bytes; 61xx is not followed here."""

    def reset(self) -> bytes:
        """A warm reset: the security state is lost; gives the answer to reset."""
