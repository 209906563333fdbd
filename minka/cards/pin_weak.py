"""PINs that are guessed first, told by rule: nobody is given one and nobody may choose one.

A list of the commonest PINs is made of a few habits; each habit is a rule here, so that no list
needs to be kept: one or two digits only, steps, repeats, mirrors, pairs, two halves that are both
runs, lines of the keypad or lucky numbers, a year with a month, and dates. With them about one in
twenty of all six-digit PINs is refused. What belongs to the holder (birthday in any order, a piece
of the identity, card or telephone number) is refused for that holder alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from itertools import pairwise

from minka.kit.secret import Clear
from minka.kit.words import Words

_KEYPAD = "123 456 789 147 258 369 159 357 753 951".split()
_LUCKY = "110 119 120 122 131 168 188 314 518 520 521 588 666 668 686 688 888 918 999".split()
_RUNS = [f"{a}{(a + s) % 10}{(a + 2 * s) % 10}" for a in range(10) for s in (-1, 0, 1)]
HALVES = frozenset([*_KEYPAD, *(line[::-1] for line in _KEYPAD), *_LUCKY, *_RUNS])
"""Three digits that people type twice or in pairs."""

FIRST_YEAR, LAST_YEAR = 1940, 2029


class Weakness(Enum):
    """The habit a PIN is made by."""

    FEW_DIGITS = Words("只有一两个数字", "只有一兩個數字", "it has only one or two digits")
    STEPS = Words("数字等距排列", "數字等距排列", "its digits go in equal steps")
    REPEATED = Words("数字重复", "數字重複", "it repeats itself")
    MIRRORED = Words("前后对称", "前後對稱", "it reads the same from behind")
    PAIRS = Words("数字成对", "數字成對", "its digits come in pairs")
    HALVES = Words(
        "前后两半都是常见组合", "前後兩半都是常見組合", "both halves are what many people choose"
    )
    YEAR = Words("是年份和月份", "是年份和月份", "it is a year and a month")
    DATE = Words("是日期", "是日期", "it is a date")
    BIRTHDAY = Words("是本人生日", "是本人生日", "it is your birthday")
    OWN_NUMBER = Words(
        "是本人证件、卡或电话号码的一段",
        "是本人證件、卡或電話號碼的一段",
        "it is part of your own number",
    )


@dataclass(frozen=True, slots=True)
class Holder:
    """What a stranger with the wallet knows of the holder."""

    born_on: date | None = None
    numbers: tuple[Clear, ...] = ()
    """Identity, card, member and telephone numbers."""


def weakness(pin: Clear, holder: Holder) -> Weakness | None:
    """The first habit a PIN of digits is made by, or None when it is none of them."""
    digits = pin.reveal()
    for why, rule in _RULES:
        if rule(digits):
            return why
    if digits in _birthdays(holder.born_on):
        return Weakness.BIRTHDAY
    if any(digits in number.reveal() for number in holder.numbers):
        return Weakness.OWN_NUMBER
    return None


def _in_steps(digits: str) -> int:
    values = [int(digit) for digit in digits]
    return int(len({(b - a) % 10 for a, b in pairwise(values)}) == 1)


def _repeats(digits: str) -> int:
    lengths = (n for n in range(1, len(digits) // 2 + 1) if len(digits) % n == 0)
    return int(any(digits == digits[:n] * (len(digits) // n) for n in lengths))


def _in_pairs(digits: str) -> int:
    return int(len(digits) % 2 == 0 and digits[::2] == digits[1::2])


def _in_halves(digits: str) -> int:
    return int(digits[:3] in HALVES and digits[3:] in HALVES)


def _is_year_and_month(digits: str) -> int:
    forms = ((digits[:4], digits[4:]), (digits[2:], digits[:2]))
    return int(
        len(digits) == 6
        and any(FIRST_YEAR <= int(y) <= LAST_YEAR and 1 <= int(m) <= 12 for y, m in forms)
    )


def _is_date(digits: str) -> int:
    """YYMMDD of any year of a life; the other orders are refused for the own birthday alone."""
    if len(digits) != 6:
        return 0
    return int(_is_day(digits[:2], digits[2:4], digits[4:]))


def _is_day(year: str, month: str, day: str) -> int:
    century = 1900 if int(year) > LAST_YEAR % 100 else 2000
    try:
        date(century + int(year), int(month), int(day))
    except ValueError:
        return 0
    return 1


_RULES: Sequence[tuple[Weakness, Callable[[str], int]]] = (
    (Weakness.FEW_DIGITS, lambda digits: len(set(digits)) <= 2),
    (Weakness.STEPS, _in_steps),
    (Weakness.REPEATED, _repeats),
    (Weakness.MIRRORED, lambda digits: digits == digits[::-1]),
    (Weakness.PAIRS, _in_pairs),
    (Weakness.HALVES, _in_halves),
    (Weakness.YEAR, _is_year_and_month),
    (Weakness.DATE, _is_date),
)


def _birthdays(born: date | None) -> frozenset[str]:
    """The day of birth in every order people write it."""
    if born is None:
        return frozenset()
    forms = "%y%m%d %m%d%y %d%m%y %y%d%m %Y%m %m%Y %Y%d %d%Y".split()
    spelt = [born.strftime(form) for form in forms]
    short = f"{born.year}{born.month}{born.day}", f"{born.month}{born.day}{born.year}"
    return frozenset([*spelt, *(text for text in short if len(text) == 6)])
