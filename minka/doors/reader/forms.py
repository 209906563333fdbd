"""The strings of the driver functions, taken apart and put together (card-chip §15.1).

A field ends with ``|``, a file with ``$``; hexadecimal text is in capitals. Characters outside GBK
never come from a chip; what a caller gives is checked here, and ends with -14, -23, -41 or -42.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from minka.doors.reader.codes import Code, Stop

HEX = re.compile(r"[0-9A-Fa-f]*")
FILE_NAME = re.compile(r"(SSSE|3F00|DF[0-9A-F]{2})(EF[0-9A-F]{2})")
MOST_FEN = 0xFFFFFFFF


def fields(*values: str) -> str:
    """Values, each closed by a bar."""
    return "".join(f"{value}|" for value in values)


def parted(text: str) -> list[str]:
    """The values of a string whose fields end with bars; the last bar may be missing."""
    values = text.split("|")
    return values[:-1] if values[-1] == "" else values


def octets(text: str, count: int) -> bytes:
    """So many bytes of hexadecimal text: -41 for other characters, -42 for another length."""
    if not HEX.fullmatch(text):
        raise Stop(Code.BAD_CHARACTER)
    if len(text) != 2 * count:
        raise Stop(Code.BAD_LENGTH)
    return bytes.fromhex(text)


def hexed(value: bytes) -> str:
    """Bytes as capital hexadecimal text."""
    return value.hex().upper()


@dataclass(frozen=True, slots=True)
class CardNames:
    """``卡识别码|卡号|``: which card the caller believes is in the reader."""

    identification: str
    number: str


def card_names(text: str) -> CardNames:
    """A pCardInfo; -20 for an identification code that is not 32 hexadecimal digits."""
    match parted(text):
        case [identification, number, *_]:
            if len(identification) != 32 or not HEX.fullmatch(identification):
                raise Stop(Code.BAD_IDENTIFICATION)
            return CardNames(identification.upper(), number)
        case _:
            raise Stop(Code.WRONG_ARGUMENT)


@dataclass(frozen=True, slots=True)
class Place:
    """One file of a pFileAddr and what is asked of it.

    A mark is a tag, or a tag and which of its records in four digits; in a cyclic file a number.
    """

    application: str
    file: str
    marks: tuple[str, ...]

    @property
    def name(self) -> str:
        """``SSSEEF06``, whichever way the caller wrote the environment."""
        return self.application + self.file


def places(text: str) -> tuple[Place, ...]:
    """A pFileAddr: ``SSSEEF06|08|09|$DF01EF0A|37|$``; the last ``$`` may be missing."""
    found = tuple(_place(part) for part in text.split("$") if part)
    if not found:
        raise Stop(Code.WRONG_ARGUMENT)
    return found


def _place(part: str) -> Place:
    name, *marks = parted(part)
    whole = FILE_NAME.fullmatch(name.upper())
    if whole is None or not all(HEX.fullmatch(m) and len(m) in (2, 4) for m in marks):
        raise Stop(Code.WRONG_ARGUMENT)
    application = "SSSE" if whole[1] == "3F00" else whole[1]
    return Place(application, whole[2], tuple(mark.upper() for mark in marks))


def answered(place: Place, values: Iterable[str]) -> str:
    """One file of a read output: its name and the values in the order of its tags."""
    return fields(place.name, *values) + "$"


def given(text: str, asked: tuple[Place, ...]) -> tuple[tuple[str, ...], ...]:
    """The values of a pWriteData, file by file as asked; -14 when the two do not match."""
    parts = [parted(part) for part in text.split("$") if part]
    if len(parts) != len(asked):
        raise Stop(Code.WRONG_ARGUMENT)
    for place, (name, *values) in zip(asked, parts, strict=True):
        if _place(f"{name}|").name != place.name or len(values) != max(len(place.marks), 1):
            raise Stop(Code.WRONG_ARGUMENT)
    return tuple(tuple(values) for _, *values in parts)


@dataclass(frozen=True, slots=True)
class Pair:
    """Authentication data and the original it was made of, 8 bytes each."""

    proof: bytes
    original: bytes


def pair(text: str) -> Pair:
    """A pKey of 32 hexadecimal digits, its bar closed or not."""
    both = octets(text.rstrip("|"), 16)
    return Pair(both[:8], both[8:])


def two_pairs(text: str) -> tuple[Pair | None, Pair | None]:
    """A pKey of the basic reading: the internal pair, then the external; either may be empty."""
    values = parted(text)
    if not 1 <= len(values) <= 2:
        raise Stop(Code.BAD_LENGTH)
    found = [pair(value) if value else None for value in values]
    return found[0], found[1] if len(found) > 1 else None


@dataclass(frozen=True, slots=True)
class Payment:
    """A pPayInfo: two amounts in fen and the time of the payment as written."""

    first_fen: int
    second_fen: int
    at: str


def payment(text: str) -> Payment:
    """``10.00|5.00|20240102030405|``; amounts are decimal yuan as one public client sends them."""
    match parted(text):
        case [first, second, at, *_]:
            return Payment(_fen(first), _fen(second), moment(at))
        case _:
            raise Stop(Code.WRONG_ARGUMENT)


def moment(text: str) -> str:
    """YYYYMMDDhhmmss that is a real time; -23 otherwise."""
    try:
        if len(text) != 14:
            raise Stop(Code.BAD_LENGTH)
        datetime.strptime(text + "+0800", "%Y%m%d%H%M%S%z")
    except ValueError:
        raise Stop(Code.NOT_LAWFUL) from None
    return text


def _fen(text: str) -> int:
    """Yuan with at most two decimals, in fen; nothing given is nought."""
    if not re.fullmatch(r"[0-9.+-]*", text):
        raise Stop(Code.BAD_CHARACTER)
    found = re.fullmatch(r"(\d{0,8})(?:\.(\d{1,2})0*)?", text)
    if found is None:
        raise Stop(Code.NOT_LAWFUL)
    fen = int(found[1] or 0) * 100 + int((found[2] or "").ljust(2, "0"))
    if fen > MOST_FEN:
        raise Stop(Code.NOT_LAWFUL)
    return fen
