"""The numbers a card bears: identification code, institution number, card number (card-chip §8.1).

| number | parts |
|---|---|
| identification code (01) | area 3, D156000005, serial 4, authentication code 4 |
| institution number (04) | 9156000002, issuing area 3, institution's area 3, sequence 1 |
| card number (07) | eight characters and a check character |

How the authentication code is made is not published (card-chip §22); cards also carry FFFFFFFF.
"""

from __future__ import annotations

from dataclasses import dataclass

ISSUER = bytes.fromhex("D156000005")
INSTITUTION = bytes.fromhex("9156000002")
NO_CODE = b"\xff" * 4
"""What stands in the place of an authentication code that nobody made."""

_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_VALUES = {c: value for value, c in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}


class NumberFault(Exception):
    """Characters or lengths that no such number has; the text never holds the number."""


@dataclass(frozen=True, slots=True)
class IdentificationCode:
    """The sixteen bytes that name a chip for good."""

    area: str
    """Six digits: the issuing area."""
    serial: int
    authentication: bytes = NO_CODE
    issuer: bytes = ISSUER

    def __bytes__(self) -> bytes:
        """Sixteen bytes; ``NumberFault`` when a part does not fit."""
        raw = _area(self.area) + self.issuer + self.serial.to_bytes(4) + self.authentication
        if len(raw) != 16:
            raise NumberFault("an identification code has sixteen bytes")
        return raw


def parse_identification(raw: bytes) -> IdentificationCode:
    """The parts of sixteen bytes; ``NumberFault`` for another length or an area that is none."""
    if len(raw) != 16 or not raw[:3].hex().isdecimal():
        raise NumberFault("no identification code")
    serial = int.from_bytes(raw[8:12])
    return IdentificationCode(raw[:3].hex(), serial, raw[12:], issuer=raw[3:8])


def institution_number(issuing: str, institution: str, sequence: int) -> bytes:
    """The twelve bytes of the institution that initialised a card: two areas, a sequence below 100.

    Others write other first bytes: a reader refuses none.
    """
    return INSTITUTION + _area(issuing) + _area(institution) + bytes.fromhex(f"{sequence:02d}")


def card_check_character(first_8: str) -> str:
    """The check character of a card number: 11 less the weighted sum modulo 11; 10 X, 11 0."""
    if len(first_8) != 8 or not set(first_8) <= _VALUES.keys():
        raise NumberFault("no card number")
    total = sum(w * _VALUES[c] for w, c in zip(_WEIGHTS, first_8, strict=True))
    return "0123456789X0"[11 - total % 11]


def check_card_number(number: str) -> bool:
    """Whether the check character agrees; real cards break the rule, so this only ever warns."""
    return len(number) == 9 and card_check_character(number[:8]) == number[8]


def shown_card_number(number: str) -> str:
    """A card number as people read it, with a hyphen before its check character."""
    return f"{number[:-1]}-{number[-1:]}" if len(number) == 9 else number


def _area(digits: str) -> bytes:
    if not (len(digits) == 6 and digits.isascii() and digits.isdecimal()):
        raise NumberFault("an area has six digits")
    return bytes.fromhex(digits)
