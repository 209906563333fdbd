"""Values between a card's bytes and a driver's text, item by item (card-chip §4)."""

from __future__ import annotations

import re

from minka.chip.filespec import Item, Kind
from minka.chip.values import Meaning, meaning_of
from minka.doors.reader.card import text_of
from minka.doors.reader.codes import Code, Stop
from minka.doors.reader.forms import HEX, hexed

CODE_TAG = 0x01
"""The identification code is called digits and holds letters: its bytes are left as they are."""

BARS = re.compile(r"[|$]")


def shown(item: Item, value: bytes) -> str:
    """An item as a driver writes it: digits without filling, text in characters, else hex."""
    match item.kind:
        case Kind.DIGITS if meaning_of(item) is Meaning.DATE:
            return date_text(value)
        case Kind.DIGITS if item.tag != CODE_TAG:
            return hexed(value).rstrip("F")
        case Kind.TEXT:
            return BARS.sub("", text_of(value))
        case _:
            return hexed(value)


def date_text(value: bytes) -> str:
    """Packed digits; a year that a personaliser wrote in characters stays a year."""
    if len(value) == 4 and value.isdigit() and value[:2] in (b"19", b"20"):
        return value.decode("ascii")
    return hexed(value).rstrip("F")


def stored(item: Item, text: str) -> bytes:
    """The bytes of a driver's text, filled to the item's length; nothing given is an empty item.

    -41 for characters that do not belong there, -42 for more than the item holds.
    """
    match item.kind:
        case Kind.TEXT:
            value = _gbk(text)
            filling = b"\0"
        case Kind.DIGITS:
            value = _packed(text)
            filling = b"\xff"
        case _:
            value = _octets(text)
            filling = b"\0"
    if len(value) > item.length:
        raise Stop(Code.BAD_LENGTH)
    return value.ljust(item.length, filling)


def _gbk(text: str) -> bytes:
    try:
        return text.encode("gbk")
    except UnicodeEncodeError:
        raise Stop(Code.BAD_CHARACTER) from None


def _packed(text: str) -> bytes:
    return _octets(text + "F" * (len(text) % 2))


def _octets(text: str) -> bytes:
    if not HEX.fullmatch(text) or len(text) % 2:
        raise Stop(Code.BAD_CHARACTER)
    return bytes.fromhex(text)
