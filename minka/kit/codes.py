"""Codes that people read aloud and machines verify: receipts, slips, certificates."""

from __future__ import annotations

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V", "-": "", " ": ""})
_MODULUS = 31


def code(letter: str, randomness: bytes) -> str:
    """A receipt code such as ``G-7K2M-9QX4-T``: one letter of kind, eight random, one check.

    ``randomness`` is at least five bytes from a secure source; 40 bits stand in the code.
    """
    number = int.from_bytes(randomness[:5], "big")
    body = "".join(_ALPHABET[(number >> shift) & 31] for shift in range(35, -1, -5))
    return f"{letter}-{body[:4]}-{body[4:]}-{_check(body)}"


def read_code(text: str) -> str | None:
    """The code in its printed form, whatever its spacing and case; None when the check fails."""
    plain = text.strip().upper()
    letter, rest = plain[:1], plain[1:].translate(_MISREAD)
    body, check = rest[:8], rest[8:]
    if len(rest) != 9 or not letter.isalpha() or any(c not in _ALPHABET for c in body):
        return None
    return f"{letter}-{body[:4]}-{body[4:]}-{check}" if _check(body) == check else None


def _check(body: str) -> str:
    total = 0
    for character in body:
        total = (total * 7 + _ALPHABET.index(character) + 1) % _MODULUS
    return _ALPHABET[total]
