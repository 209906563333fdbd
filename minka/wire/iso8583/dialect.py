"""A dialect: how one network writes ISO 8583, as data; read from YAML, checked on reading.

Fields are written as in the standard: ``n6`` six digits, ``n..19`` up to nineteen with a length of
two digits, ``ans...999`` text with a length of three, ``z..37`` track data, ``b8`` eight bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).with_name("dialects")
_FIELD = re.compile(r"(n|an|ans|z|b)(\.{0,3})(\d{1,3})")
HIGHEST = 128


class Kind(Enum):
    """What a field holds: digits, text, track data or bytes."""

    DIGITS = "n"
    LETTERS = "an"
    TEXT = "ans"
    TRACK = "z"
    BYTES = "b"


class Coding(Enum):
    """Two digits in a byte, or one character in a byte; for bitmaps bytes or hexadecimal text."""

    BCD = "bcd"
    ASCII = "ascii"


class Side(Enum):
    """On which side an odd number of digits is filled up to whole bytes."""

    LEFT = "left"
    RIGHT = "right"


class FrameLength(Enum):
    """How the length of a message stands before it; it counts what follows, not itself."""

    BINARY_2 = "binary2"
    ASCII_4 = "ascii4"


class MacAlgorithm(Enum):
    """How a message is authenticated; eight bytes in field 64 or 128."""

    RETAIL_3DES = "retail_3des"
    SM4_CMAC = "sm4_cmac"
    SM4_CBC = "sm4_cbc"


class PinFormat(Enum):
    """How a PIN stands in field 52 before it is enciphered."""

    ISO_0 = "iso_0"
    ISO_3 = "iso_3"
    SM4_4 = "sm4_4"


@dataclass(frozen=True, slots=True)
class FieldShape:
    """One field: what it holds, its length or greatest length, and the digits of its length."""

    number: int
    kind: Kind
    size: int
    length_digits: int = 0
    """0 for a field of fixed length, 2 or 3 for one that says its length."""

    @classmethod
    def parse(cls, number: int, notation: str) -> FieldShape:
        """The shape of the standard's notation; ``ValueError`` for anything else."""
        found = _FIELD.fullmatch(notation)
        if found is None or not 2 <= number <= HIGHEST or not int(found[3]):
            raise ValueError(f"field {number} cannot be {notation!r}")
        if len(found[2]) == 1:
            raise ValueError(f"field {number}: lengths of one digit are not used")
        return cls(number, Kind(found[1]), int(found[3]), len(found[2]))


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one network writes its messages; codecs are compiled from it."""

    name: str
    about: str
    frame: FrameLength
    tpdu_bytes: int
    header: bytes
    digits: Coding
    lengths: Coding
    bitmap: Coding
    odd: Side
    mac: MacAlgorithm
    mac_over: tuple[int, ...]
    """Fields whose values are authenticated; empty for the whole message up to the MAC."""
    pin: PinFormat
    fields: Mapping[int, FieldShape] = field(repr=False, hash=False)
    most_bytes: int = 2048


def read(name: str) -> Dialect:
    """A dialect of our own folder by its name; ``KeyError`` when there is none."""
    return _all()[name]


def names() -> tuple[str, ...]:
    """The dialects that come with Minka."""
    return tuple(sorted(_all()))


@cache
def _all() -> dict[str, Dialect]:
    files = sorted(p for p in _FOLDER.glob("*.yaml") if p.stem != "fields")
    return {path.stem: parse(path.stem, path.read_text(encoding="utf-8")) for path in files}


@cache
def _standard() -> dict[int, str]:
    return dict(yaml.safe_load((_FOLDER / "fields.yaml").read_text(encoding="utf-8")))


def parse(name: str, text: str) -> Dialect:
    """A dialect from YAML: the standard's fields with its own in their place; ``ValueError``."""
    raw: dict[str, Any] = yaml.safe_load(text)
    written = {**_standard(), **raw.pop("fields", {})}
    shapes = {n: FieldShape.parse(n, notation) for n, notation in written.items() if notation}
    frame, mac = raw.pop("frame"), raw.pop("mac")
    made = Dialect(
        name=name,
        about=raw.pop("about"),
        frame=FrameLength(frame["length"]),
        tpdu_bytes=frame.get("tpdu", 0),
        header=bytes.fromhex(frame.get("header", "")),
        digits=Coding(raw.pop("digits")),
        lengths=Coding(raw.pop("lengths")),
        bitmap=Coding(raw.pop("bitmap")),
        odd=Side(raw.pop("odd")),
        mac=MacAlgorithm(mac["algorithm"]),
        mac_over=tuple(mac.get("over", ())),
        pin=PinFormat(raw.pop("pin")),
        fields=shapes,
    )
    _check(made, raw)
    return made


def _check(dialect: Dialect, left_over: Mapping[str, Any]) -> None:
    macs = [dialect.fields.get(number) for number in (64, HIGHEST)]
    if left_over:
        raise ValueError(f"{dialect.name}: unknown settings {sorted(left_over)}")
    if dialect.tpdu_bytes not in (0, 5):
        raise ValueError(f"{dialect.name}: a TPDU has five bytes")
    if any(m is None or (m.kind, m.size, m.length_digits) != (Kind.BYTES, 8, 0) for m in macs):
        raise ValueError(f"{dialect.name}: fields 64 and 128 are the MAC, b8")
    if 1 in dialect.fields or 65 in dialect.fields:
        raise ValueError(f"{dialect.name}: fields 1 and 65 are bitmaps")
