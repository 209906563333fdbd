"""The nine-character card number: a letter, seven digits, and the check the field uses.

Weights 3 7 9 10 5 8 4 2 over the first eight characters (A = 10 … Z = 35), modulo 11; 10 is
written X and 11 is written 0. Seen in card-centre software, not read in the standard: a number
that fails the check is warned about, never refused.
"""

from __future__ import annotations

_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_VALUES = {c: v for v, c in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}


def check_character(first_8: str) -> str:
    """The check character of the first eight characters."""
    total = sum(w * _VALUES[c] for w, c in zip(_WEIGHTS, first_8, strict=True))
    return "0123456789X0"[11 - total % 11]


def card_number(letter: str, serial: int) -> str:
    """The card number of a serial below ten million under a region's letter."""
    body = f"{letter}{serial:07d}"
    return body + check_character(body)


def is_well_checked(number: str) -> int:
    """One when the check character agrees."""
    return int(
        len(number) == 9
        and all(c in _VALUES for c in number[:8])
        and check_character(number[:8]) == number[8]
    )


def mask(number: str) -> str:
    """First two and last two characters."""
    return f"{number[:2]}*****{number[-2:]}" if len(number) == 9 else "****"
