"""The values of items: text, digits, dates, money in fen, counters, and bytes (card-chip §4, §8).

``write`` gives the bytes of a value with the item's length and filling; ``read`` takes what a card
gave, of any length, and answers a value with a remark where it is not as the standard has it: real
cards differ, and a reader warns where a writer would refuse.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import TypeAlias

from minka.chip.filespec import Item, Kind
from minka.chip.numbers import NumberFault, check_card_number
from minka.chip.tlv import record
from minka.kit.clock import CHINA
from minka.kit.words import Words

Value: TypeAlias = str | int | date | datetime | bytes | None
"""Text and digits are ``str``, fen and counters ``int``; a time is China time; None is an empty
item."""


class Meaning(Enum):
    """What an item's bytes stand for, told by its type, length and name."""

    TEXT = "text"
    DIGITS = "digits"
    HEX = "hex"
    """Bytes written in hexadecimal: the identification code has letters among its digits."""
    DATE = "date"
    TIME = "time"
    FEN = "fen"
    COUNT = "count"
    BYTES = "bytes"
    NESTED = "nested"


class Remark(Enum):
    """What is unusual about bytes that were read."""

    EMPTY = Words("未填写", "未填寫", "not filled in")
    LENGTH = Words("长度与标准不同", "長度與標準不同", "not the standard's length")
    ASCII_DIGITS = Words(
        "以字符写入，标准要求数字压缩",
        "以字元寫入，標準要求數字壓縮",
        "written as characters where the standard packs digits",
    )
    NOT_DIGITS = Words("不是数字", "不是數字", "no digits")
    NOT_TEXT = Words("不是可读文字", "不是可讀文字", "no readable text")
    NOT_A_DATE = Words("不是日期", "不是日期", "no date")
    TORN = Words("内容不完整", "內容不完整", "incomplete")
    CODE = Words("编码不在标准表中", "編碼不在標準表中", "a code outside the standard's table")
    CHECK = Words(
        "卡号校验位不符（仅提示）", "卡號校驗位不符（僅提示）", "check character differs (a hint)"
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """One item as read: its bytes, what they say, and what is unusual about them."""

    raw: bytes
    value: Value
    remark: Remark | None = None


class ValueFault(Exception):
    """A value that the item cannot hold; the text names the item, never the value."""


_HEX_TAGS = frozenset({0x01})


@cache
def meaning_of(item: Item) -> Meaning:
    """What an item stands for."""
    match item.kind:
        case Kind.NESTED:
            return Meaning.NESTED
        case Kind.TEXT:
            return Meaning.TEXT
        case Kind.BYTES:
            return {4: Meaning.FEN, 2: Meaning.COUNT}.get(item.length, Meaning.BYTES)
    if item.tag in _HEX_TAGS:
        return Meaning.HEX
    if item.length == 7:
        return Meaning.TIME
    if item.length != 4:
        return Meaning.DIGITS
    dated = any(word in item.name_en for word in ("date", "valid until"))
    return Meaning.DATE if dated else Meaning.FEN


def write(item: Item, value: Value) -> bytes:
    """The bytes of a value, just as long as the item; ``ValueFault`` when it cannot be held."""
    if value is None:
        return empty(item)
    match meaning_of(item), value:
        case Meaning.TEXT, str():
            return _filled(item, _encoded(item, value), b"\0")
        case Meaning.DIGITS, str():
            return _digits(item, value)
        case Meaning.HEX, str():
            return _filled(item, _hex(item, value), b"\xff")
        case Meaning.DATE, date():
            return _digits(item, f"{value:%Y%m%d}")
        case Meaning.TIME, datetime():
            return _digits(item, f"{value.astimezone(CHINA):%Y%m%d%H%M%S}")
        case ((Meaning.FEN | Meaning.COUNT), int()):
            return _number(item, value)
        case ((Meaning.BYTES | Meaning.NESTED), bytes()):
            return _filled(item, value, b"\0")
    raise ValueFault(f"{item.name_en}: a value of the wrong sort")


def empty(item: Item) -> bytes:
    """An item with nothing in it: FF for digits, 00 otherwise, an item of items with empty ones."""
    if item.parts and item.tag:
        return b"".join(record(part.tag, empty(part)) for part in item.parts)
    return (b"\xff" if item.kind is Kind.DIGITS else b"\0") * item.length


def read(item: Item, raw: bytes) -> Reading:
    """What the bytes of an item say; never an exception, whatever a card gives."""
    if is_empty(item, raw) or (item.parts and item.tag and raw == empty(item)):
        return Reading(raw, None, Remark.EMPTY)
    meaning = meaning_of(item)
    if _packed_certificate(item, raw):
        return _read_digits(item, raw, Meaning.DIGITS)
    if meaning is Meaning.TEXT or _written_as_text(item, raw):
        return _read_text(item, raw)
    if meaning in (Meaning.BYTES, Meaning.NESTED):
        return Reading(raw, raw, _length_remark(item, raw))
    if item.kind is Kind.BYTES:
        return Reading(raw, int.from_bytes(raw), _length_remark(item, raw))
    if meaning is Meaning.HEX:
        return Reading(raw, raw.hex().upper(), _length_remark(item, raw))
    return _read_digits(item, raw, meaning)


def is_empty(item: Item, raw: bytes) -> bool:
    """Whether nothing was written: no byte at all, or nothing but filling.

    A counter or an amount may well be nought; digits are empty when filled with F, a date also
    when it is all zeros, text when it is zeros, FFs or spaces.
    """
    match meaning_of(item):
        case Meaning.COUNT:
            return not raw
        case Meaning.FEN if item.kind is Kind.BYTES:
            return not raw
        case Meaning.DIGITS | Meaning.HEX | Meaning.FEN:
            return not raw.strip(b"\xff")
        case Meaning.TEXT:
            return not raw.strip(b"\0\xff ")
        case _:
            return not raw.strip(b"\xff") or not raw.strip(b"\0")


def _written_as_text(item: Item, raw: bytes) -> bool:
    """Digits in as many bytes as there would be characters."""
    return meaning_of(item) is Meaning.DIGITS and len(raw) == 2 * item.length and raw.isdigit()


def _packed_certificate(item: Item, raw: bytes) -> bool:
    """Tag 55 stands in the standard as sixteen characters and as digits in eight bytes: the card's
    length decides (card-chip §5.8, notes)."""
    return item.tag == 0x55 and item.kind is Kind.TEXT and 2 * len(raw) == item.length


def _encoded(item: Item, text: str) -> bytes:
    try:
        return text.encode("gbk")
    except UnicodeEncodeError:
        raise ValueFault(f"{item.name_en}: a character outside GBK") from None


def _hex(item: Item, text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise ValueFault(f"{item.name_en}: not hexadecimal") from None


def _digits(item: Item, text: str) -> bytes:
    if not (text.isascii() and text.isdecimal()) or len(text) > 2 * item.length:
        raise ValueFault(f"{item.name_en}: not up to {2 * item.length} digits")
    return bytes.fromhex(text.ljust(2 * item.length, "F"))


def _number(item: Item, number: int) -> bytes:
    """Money in packed digits takes all of them, with zeros in front (card-chip §4)."""
    if item.kind is Kind.BYTES:
        if not 0 <= number < 1 << 8 * item.length:
            raise ValueFault(f"{item.name_en}: outside its bytes")
        return number.to_bytes(item.length)
    if number < 0:
        raise ValueFault(f"{item.name_en}: below nought")
    return _digits(item, f"{number:0{2 * item.length}d}")


def _filled(item: Item, value: bytes, filler: bytes) -> bytes:
    if len(value) > item.length:
        raise ValueFault(f"{item.name_en}: longer than {item.length} bytes")
    return value.ljust(item.length, filler)


def _length_remark(item: Item, raw: bytes) -> Remark | None:
    return None if len(raw) == item.length else Remark.LENGTH


def _read_text(item: Item, raw: bytes) -> Reading:
    try:
        text = raw.rstrip(b"\0\xff").rstrip(b" ").decode("gbk")
    except UnicodeDecodeError:
        return Reading(raw, raw.hex().upper(), Remark.NOT_TEXT)
    if not text.replace("\u3000", " ").isprintable():
        return Reading(raw, raw.hex().upper(), Remark.NOT_TEXT)
    remark = _length_remark(item, raw)
    if item.tag == 0x07 and item.name_en.startswith("card number"):
        remark = remark or (None if _checks(text) else Remark.CHECK)
    return Reading(raw, text, remark)


def _checks(number: str) -> bool:
    try:
        return check_card_number(number)
    except NumberFault:
        return False


def _read_digits(item: Item, raw: bytes, meaning: Meaning) -> Reading:
    digits = raw.hex().rstrip("f")
    remark = _length_remark(item, raw)
    if not digits.isdecimal():
        return Reading(raw, raw.hex().upper(), Remark.NOT_DIGITS)
    if meaning is Meaning.FEN:
        return Reading(raw, int(digits), remark)
    if meaning is Meaning.DATE:
        return _read_date(raw, digits)
    if meaning is Meaning.TIME:
        return _read_time(raw, digits)
    return Reading(raw, digits, remark)


def _read_date(raw: bytes, digits: str) -> Reading:
    """A date; a year of four characters stands for itself (seen on generation-2 cards)."""
    try:
        return Reading(raw, date.fromisoformat(digits))
    except ValueError:
        pass
    if raw.isdigit():
        return Reading(raw, raw.decode("ascii"), Remark.ASCII_DIGITS)
    return Reading(raw, digits, Remark.NOT_A_DATE)


def _read_time(raw: bytes, digits: str) -> Reading:
    try:
        return Reading(raw, datetime.strptime(f"{digits}+0800", "%Y%m%d%H%M%S%z"))
    except ValueError:
        return Reading(raw, digits, Remark.NOT_A_DATE)
