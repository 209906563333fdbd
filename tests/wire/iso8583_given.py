"""Messages and bytes for the tests of ISO 8583: made from a dialect's own shapes, by a seed."""

from __future__ import annotations

import random
from typing import Any

from minka.wire.iso8583.dialect import Coding, Dialect, FieldShape, Kind, Side
from minka.wire.iso8583.message import Message, Value

KINDS = "0100 0110 0200 0210 0201 0400 0401 0410 0420 0421 0430 0800 0810".split()
_TEXT = "".join(chr(code) for code in range(0x20, 0x7F))
_ALPHABET = {Kind.DIGITS: "0123456789", Kind.TRACK: "0123456789=", Kind.LETTERS: _TEXT[16:26]}


def value(shape: FieldShape, chance: random.Random) -> Value:
    """A value the field can hold."""
    size = shape.size
    if shape.length_digits:
        size = chance.choice((0, 1, shape.size, chance.randint(0, shape.size)))
    if shape.kind is Kind.BYTES:
        return chance.randbytes(size)
    return "".join(chance.choices(_ALPHABET.get(shape.kind, _TEXT), k=size))


def message(dialect: Dialect, chance: random.Random) -> Message:
    """A message with some of the dialect's fields."""
    many = chance.choice((1, 4, 12, 30))
    chosen = chance.sample(sorted(dialect.fields), many)
    if chance.random() < 0.5:
        chosen = [n for n in chosen if n <= 64] or [11]
    fields = {n: value(dialect.fields[n], chance) for n in sorted(chosen)}
    return Message(chance.choice(KINDS), fields, chance.randbytes(dialect.tpdu_bytes))


def specification(dialect: Dialect) -> dict[str, dict[str, Any]]:
    """The same dialect in the form pyiso8583 reads; TPDU and header are left to the frame."""
    whole: dict[str, dict[str, Any]] = {"h": _entry("ascii", 0)}
    packed = dialect.digits is Coding.BCD
    whole["t"] = _entry("b", 2) if packed else _entry("ascii", 4)
    width = _entry("b", 8) if dialect.bitmap is Coding.BCD else _entry("ascii", 16)
    whole |= {"p": width, "1": width}
    for number, shape in dialect.fields.items():
        whole[str(number)] = _shape(dialect, shape)
    return whole


def _entry(coding: str, size: int) -> dict[str, Any]:
    return {"data_enc": coding, "len_enc": "ascii", "len_type": 0, "max_len": size, "desc": ""}


def _shape(dialect: Dialect, shape: FieldShape) -> dict[str, Any]:
    packed = dialect.digits is Coding.BCD and shape.kind in (Kind.DIGITS, Kind.TRACK)
    coding = "b" if packed or shape.kind is Kind.BYTES else "ascii"
    entry = _entry(coding, shape.size)
    if shape.length_digits:
        bcd = dialect.lengths is Coding.BCD
        entry["len_enc"] = "bcd" if bcd else "ascii"
        entry["len_type"] = (shape.length_digits + 1) // 2 if bcd else shape.length_digits
    if packed:
        entry["len_count"] = "nibbles"
        right = shape.length_digits and dialect.odd is Side.RIGHT
        entry["right_pad" if right else "left_pad"] = "0"
    return entry


def theirs(given: Message, dialect: Dialect) -> dict[str, str]:
    """The message as pyiso8583 holds it."""
    shown = {"t": given.kind}
    for number, held in given.fields.items():
        packed_track = dialect.digits is Coding.BCD and dialect.fields[number].kind is Kind.TRACK
        text = held.hex().upper() if isinstance(held, bytes) else held
        shown[str(number)] = text.replace("=", "D") if packed_track else text
    return shown
