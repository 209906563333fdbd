"""What the host door asks of the books behind it; the switch answers, the door only translates.

Rules for whoever implements ``Ledger``:

1. One key, one effect, one answer for ever. The same key with another ``content_hash`` is refused
   with ``desk.key_reused``. Look for the key first: a repeat must not try the PIN again.
2. The PIN is tried (``cards.pin.try_pin``, counter written and committed whatever follows) after
   the card's standing and before any money; a refused purchase leaves the counter moved.
3. ``reverse`` is accepted whether or not the original is known: an unknown one leaves a tombstone
   under ``original``, so that it is refused when it comes later (``care.reversed``).
4. Raise ``Busy`` only when nothing was booked and nothing will be. Any other exception means that
   nobody knows, and the terminal is told to reverse.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol

ACCEPTED = "accepted"


class Key(NamedTuple):
    """One message of one terminal: ``msg_no`` is yymmddHHMMSS and six digits of its number."""

    msg_no: int
    origin_no: int


class PinEntered(Protocol):
    """A PIN that was typed; nobody sees it, but its value can be compared."""

    def value(self, holder: str) -> bytes:
        """The verification value for ``PinKey.holder``, as ``cards.pin.try_pin`` compares it."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request of a terminal, read and authenticated; amounts in fen, times in China."""

    key: Key
    card_number: str = field(repr=False)
    amount_fen: int
    provider_code: str
    """The provider of the registered terminal (``fixmedins_code``)."""
    terminal: str
    at_local: datetime
    """The terminal's own clock: for people to read, never for decisions."""
    content_hash: bytes = field(repr=False)
    """SM3 of card, amount, provider and purpose; the PIN block may differ in a repeat."""
    pin: PinEntered | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer of the books: ``accepted``, or the public code of a refusal."""

    code: str
    auth_code: str = ""
    balance_fen: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


class Busy(Exception):
    """The books take no more just now; nothing was booked and nothing will be."""


class Ledger(Protocol):
    """The books as the host door knows them."""

    async def balance(self, ask: Ask) -> Outcome:
        """The balance of the card's individual account."""

    async def purchase(self, ask: Ask) -> Outcome:
        """Pay the provider from the individual account."""

    async def reverse(self, ask: Ask, original: Key) -> Outcome:
        """Undo the purchase of a key, or make sure that it never happens."""
