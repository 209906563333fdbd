"""Numbers and times of messages: exact integers from their text, and the text of integers.

A number never passes through binary fractions: a reader of JSON hands over the digits as they were
written. ``12.3`` with two decimals is 1230 (fen); a ratio ``0.85`` with four is 8500.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache

from minka.kit.clock import CHINA

LONGEST_NUMBER = 40
"""Characters of a number's text; far above any field, and short enough to read at once."""


_TEN: tuple[int, ...] = tuple(10**power for power in range(40))


class NotSo(ValueError):
    """A value breaks its field's rule; ``rule`` is the rule's name in ``Rule``."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


class NumberText(str):
    """The digits of a JSON number as they were written; a text field does not take them."""

    __slots__ = ()


def number(value: object, digits: int, scale: int) -> int:
    """The integer ``value * 10**scale`` of a JSON number (its text) or numeric text.

    ``digits`` counts all digits, decimals included. ``NotSo`` says which rule is broken: exponents
    and anything but plain digits, too many decimals, too many digits.
    """
    if type(value) is int:
        scaled = value * _TEN[scale]
    elif isinstance(value, str):
        scaled = _digits(value, scale)
    else:
        raise NotSo("NUMBER")
    if not -_TEN[digits] < scaled < _TEN[digits]:
        raise NotSo("DIGITS")
    return scaled


def cents(value: object) -> int:
    """Fen of an amount with sixteen digits, two of them decimals: ``number(value, 16, 2)``."""
    if isinstance(value, str) and len(value) < 17 and value[-3:-2] == ".":
        digits = value[:-3] + value[-2:]
        if digits.isdigit() and digits.isascii():
            return int(digits)
    return number(value, 16, 2)


def _digits(text: str, scale: int) -> int:
    whole, point, part = text.partition(".")
    digits = whole + part
    usual = len(part) <= scale and digits.isdigit() and whole and (part or not point)
    if usual and digits.isascii() and len(text) <= LONGEST_NUMBER:
        return int(digits) * _TEN[scale - len(part)]
    return _unusual_digits(text, scale)


def _unusual_digits(text: str, scale: int) -> int:
    """Negative numbers, zeros behind the last decimal, and everything that is no number."""
    unsigned = text[1:] if text[:1] == "-" else text
    whole, point, part = unsigned.partition(".")
    plain = (whole + part).isdigit() and unsigned.isascii() and len(text) <= LONGEST_NUMBER
    if not plain or not whole or bool(point) != bool(part):
        raise NotSo("NUMBER")
    if part[scale:].strip("0"):
        raise NotSo("DECIMALS")
    scaled = int(whole + part[:scale].ljust(scale, "0"))
    return -scaled if unsigned is not text else scaled


def day(value: object) -> str:
    """A date ``yyyy-MM-dd`` as it came, or ``NotSo``."""
    if isinstance(value, str) and len(value) == 10 and value[4::3] == "--":
        try:
            date.fromisoformat(value)
        except ValueError:
            raise NotSo("DATE") from None
        return value
    raise NotSo("DATE")


def second(value: object) -> str:
    """A time ``yyyy-MM-dd HH:mm:ss`` as it came, or ``NotSo``."""
    if isinstance(value, str) and len(value) == 19 and value[4::3] == "-- ::":
        try:
            datetime.fromisoformat(value)
        except ValueError:
            raise NotSo("DATETIME") from None
        return value
    raise NotSo("DATETIME")


@lru_cache(maxsize=8192)
def is_second14(text: str) -> bool:
    """Whether fourteen digits are a time ``yyyyMMddHHmmss``; a second's messages share the work."""
    try:
        datetime.fromisoformat(f"{text[:8]}T{text[8:]}")
    except ValueError:
        return False
    return len(text) == 14


def message_id(value: object) -> str:
    """A sender's message id: institution (12), yyyyMMddHHmmss, sequence (4); or ``NotSo``."""
    if isinstance(value, str) and len(value) == 30 and value.isascii():
        institution, sequence = value[:12], value[12:]
        if institution.isalnum() and sequence.isdigit() and is_second14(sequence[:14]):
            return value
    raise NotSo("MSGID")


def message_key(msgid: str) -> tuple[str, int]:
    """The institution's code and the number of a checked message id: its last 18 digits."""
    return msgid[:12], int(msgid[12:])


def plain(scaled: int, scale: int) -> str:
    """The decimal text of an integer with ``scale`` decimals: ``plain(-1230, 2)`` is ``-12.30``."""
    if not scale:
        return str(scaled)
    sign, digits = ("-", str(-scaled)) if scaled < 0 else ("", str(scaled))
    digits = digits.rjust(scale + 1, "0")
    return f"{sign}{digits[:-scale]}.{digits[-scale:]}"


def instant17(at: datetime) -> str:
    """An instant as ``yyyyMMddHHmmssSSS`` in China's time."""
    local = at.astimezone(CHINA)
    return f"{local:%Y%m%d%H%M%S}{local.microsecond // 1000:03d}"


def instant19(at: datetime) -> str:
    """An instant as ``yyyy-MM-dd HH:mm:ss`` in China's time."""
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"


Reader = Callable[[object], object]
"""Takes what JSON gave and returns what the field means; ``NotSo`` when it means nothing."""
