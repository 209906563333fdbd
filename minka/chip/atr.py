"""The answer to reset: what it holds, and the card's own diversification factor (card-chip §2).

A social security card has thirteen historical bytes; bytes 6 to 13 are the factor from which its
keys are made. The card is known by them and by its environment, never by a table of answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import xor

HISTORICAL = 13
FACTOR = slice(5, 13)
LONGEST = 33
"""TS and at most 32 characters."""


class AtrFault(Exception):
    """Bytes that are no answer to reset, or not a social security card's."""


@dataclass(frozen=True, slots=True)
class Atr:
    """An answer to reset, taken apart."""

    raw: bytes
    historical: bytes
    protocols: tuple[int, ...]
    """The protocols it names in order; T=0 alone when it names none."""

    @property
    def factor(self) -> bytes:
        """The eight bytes that diversify the card's keys; ``AtrFault`` unless 13 are there."""
        if len(self.historical) != HISTORICAL:
            raise AtrFault("a social security card has thirteen historical bytes")
        return self.historical[FACTOR]


def parse_atr(raw: bytes) -> Atr:
    """An answer to reset by ISO 7816-3; ``AtrFault`` when it is torn, wrongly checked, or foreign.

    A card of T=0 alone carries no check byte and is refused with one (card-chip §2, P8).
    """
    if not 2 <= len(raw) <= LONGEST or raw[0] not in (0x3B, 0x3F):
        raise AtrFault("no answer to reset")
    place, protocols = _interface(raw)
    length = raw[1] & 0x0F
    end = place + length
    checked = any(protocol != 0 for protocol in protocols)
    if len(raw) != end + checked:
        raise AtrFault("the historical bytes do not end the answer")
    if checked and reduce(xor, raw[1:]):
        raise AtrFault("the check byte is wrong")
    return Atr(raw, raw[place:end], protocols or (0,))


def contact_atr(historical: bytes) -> bytes:
    """The usual answer of a card with contacts: TB1 and TC1 zero, no check byte."""
    return bytes((0x3B, 0x60 | len(historical), 0, 0)) + historical


def class_atr(historical: bytes, *, clock_stop: int = 0x07) -> bytes:
    """The answer of a card with clock stop or class selection: TD1 80, TD2 1F, TA3, check byte.

    ``clock_stop`` is TA3: clock stop 0 to 2 in its high two bits, classes 1 to 3 in its low six.
    """
    body = bytes((0x80 | len(historical), 0x80, 0x1F, clock_stop)) + historical
    return b"\x3b" + body + bytes((reduce(xor, body),))


def contactless_atr(historical: bytes) -> bytes:
    """The answer a PC/SC reader makes up for a contactless card (recalled: PC/SC part 3)."""
    body = bytes((0x80 | len(historical), 0x80, 0x01)) + historical
    return b"\x3b" + body + bytes((reduce(xor, body),))


def historical_of(text: str) -> bytes:
    """The 13 historical bytes of 26 hexadecimal digits, or of a whole answer in digits.

    Some back ends are sent the one, some the other (card-chip §2); ``AtrFault`` for neither.
    """
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raise AtrFault("not hexadecimal") from None
    return raw if len(raw) == HISTORICAL else parse_atr(raw).historical


def _interface(raw: bytes) -> tuple[int, tuple[int, ...]]:
    """Where the historical bytes begin, and the protocols named on the way."""
    place, following = 2, raw[1] >> 4
    protocols: list[int] = []
    while following:
        place += (following & 0b0111).bit_count()
        if not following & 0b1000:
            break
        if place >= len(raw):
            raise AtrFault("the interface bytes are torn")
        protocols.append(raw[place] & 0x0F)
        following = raw[place] >> 4
        place += 1
    return place, tuple(protocols)
