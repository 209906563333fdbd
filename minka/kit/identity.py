"""The citizen number (GB 11643): its check, what fails in it, and how personal text is masked."""

from __future__ import annotations

from datetime import date
from enum import Enum
from operator import mul

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_PROVINCES = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54"
    " 61 62 63 64 65 71 81 82 83 91".split()
)


class Fault(Enum):
    """The part of a citizen number that is wrong, so that a person can be told where to look."""

    LENGTH = "length"
    CHARACTERS = "characters"
    AREA = "area"
    BIRTH_DATE = "birth_date"
    CHECK = "check"


def check_character(first_17: str) -> str:
    """The check character of GB 11643 (ISO 7064 MOD 11-2) for seventeen digits."""
    assert len(first_17) == 17, "seventeen digits"
    return _CHECKS[sum(map(mul, _WEIGHTS, map(int, first_17))) % 11]


def normal_form(text: str) -> str:
    """The number as stored: no spaces or hyphens, half-width, capital X."""
    if text.isascii() and text.isalnum():
        return text.upper()
    half = "".join(chr(ord(c) - 0xFEE0) if "０" <= c <= "ｚ" else c for c in text)
    return "".join(half.split()).replace("-", "").upper()


def fault(number: str) -> Fault | None:
    """The first fault of a citizen number in normal form, or None when it is well formed."""
    if len(number) != 18:
        return Fault.LENGTH
    if not (number[:17].isascii() and number[:17].isdigit() and number[17] in "0123456789X"):
        return Fault.CHARACTERS
    if number[:2] not in _PROVINCES:
        return Fault.AREA
    if birth_date(number) is None:
        return Fault.BIRTH_DATE
    return None if check_character(number[:17]) == number[17] else Fault.CHECK


def birth_date(number: str) -> date | None:
    """The date of birth written in the number, or None when it is no date."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def age_on(born: date, day: date) -> int:
    """Whole years of age on a day."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def mask_number(number: str) -> str:
    """First four and last four characters, the rest hidden (PIPL display mask)."""
    return number[:4] + "*" * max(len(number) - 8, 0) + number[-4:] if len(number) > 8 else "****"


def mask_name(name: str) -> str:
    """The family name's first character, the rest one star."""
    return name[:1] + "*"


def mask_phone(phone: str) -> str:
    """First three and last four digits."""
    return phone[:3] + "****" + phone[-4:] if len(phone) >= 11 else "****"
