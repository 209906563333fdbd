"""What goes onto a card, and the commands that put it there, in the order a kiosk writes them.

The order is card-chip §18.2: the holder's file, the issuer's, the photograph, then the public
application. Items have fixed lengths, so a specification is compiled once into one pattern of bytes
with slots; a card is one filling of it. Keys stand by name in the script and are never here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from functools import cache
from operator import itemgetter
from typing import TypeAlias

from minka.chip import commands
from minka.chip.apdu import Command
from minka.chip.contents import Filling, file_records
from minka.chip.filespec import CardFile, Item, specification
from minka.chip.rewritten import split
from minka.chip.tlv import record
from minka.chip.values import ValueFault, empty
from minka.kit.secret import Clear

ORDER = ("SSSEEF06", "SSSEEF05", "DF01EF06", "DF01EF09", "DF01EF0A", "DF01EF07")
"""Files of the pattern; the photograph and what else is given come between and after."""
PHOTO_FILE = "SSSEEF08"
PHOTO_BYTES = 4096
PIECE = 255
NAME_BYTES = (30, 20)
HEADER = 5
"""Bytes of a command before its record."""


class Fill(Enum):
    """Which records are written: those with a value, or all, as a card without records needs."""

    GIVEN = "given"
    WHOLE = "whole"


class Form(Enum):
    """What the pattern is made of: commands, or the bare records as they stand in a file."""

    COMMANDS = "commands"
    RECORDS = "records"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardProfile:
    """One card's content, each value as the standard's item has it; None stays empty."""

    identification: bytes
    card_class: str = "3"
    version: str = "3.00"
    institution: bytes
    issued_on: date
    valid_until: date
    card_number: str
    person_number: Clear
    name: Clear
    sex: str
    ethnic_group: str | None = None
    birthplace: str | None = None
    born_on: date | None = None
    address: Clear | None = None
    address_area: str | None = None
    phone: Clear | None = None
    employer_code: str | None = None
    nationality: str | None = None
    standing: str | None = None
    """Employment or retirement state (C2)."""
    photo: bytes = b""
    more: Mapping[str, Filling] = field(default_factory=dict)
    """Other files by name, written last (C3, C4, C6, C8)."""


@dataclass(frozen=True, slots=True)
class Step:
    """The writing of one file: the key to be shown, by name, and whole commands."""

    file: str
    application: str
    key: str
    commands: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """One file in the pattern: its name, application, key, and where its commands lie."""

    file: str
    application: str
    key: str
    cuts: tuple[slice, ...]
    commands: Callable[[bytes], tuple[bytes, ...]]


_Encoder: TypeAlias = Callable[[CardProfile], bytes]


@dataclass(frozen=True, slots=True)
class Template:
    """A specification compiled: every command of the fixed part in one pattern with slots."""

    pattern: bytes
    encoders: tuple[_Encoder, ...]
    parts: tuple[_Part, ...]

    def fill(self, card: CardProfile) -> bytes:
        """All commands of one card, one after another; ``ValueFault`` for what does not fit."""
        try:
            return self.pattern % tuple([encode(card) for encode in self.encoders])
        except UnicodeEncodeError:
            raise ValueFault("a character outside GBK") from None

    def steps(self, filled: bytes) -> tuple[Step, ...]:
        """The commands of a filled pattern of commands, file by file."""
        return tuple(
            [
                Step(part.file, part.application, part.key, part.commands(filled))
                for part in self.parts
            ]
        )

    def images(self, filled: bytes) -> dict[str, bytes]:
        """The content of each file, out of a filled pattern of records."""
        return {part.file: filled[part.cuts[0].start : part.cuts[-1].stop] for part in self.parts}


def script(card: CardProfile, template: Template) -> tuple[Step, ...]:
    """Everything that is written onto one card, in order."""
    made = list(template.steps(template.fill(card)))
    if card.photo:
        made.insert(2, _photo(card.photo))
    made += [_other(name, filling, card.version) for name, filling in card.more.items()]
    return tuple(made)


def scripts(cards: Sequence[CardProfile], template: Template) -> Iterator[tuple[Step, ...]]:
    """The scripts of a batch, one card after another."""
    for card in cards:
        yield script(card, template)


@cache
def template(version: str = "3.0", fill: Fill = Fill.GIVEN, form: Form = Form.COMMANDS) -> Template:
    """The compiled pattern of version 2.0 or 3.0; ``Fill.WHOLE`` in ``Form.RECORDS`` is the
    content of whole files, for a card that is made in memory."""
    card = specification(version)
    pattern, encoders, parts, place = b"", [], [], 0
    for name in ORDER:
        file = card.file(name)
        cuts = []
        for number, item in enumerate(file.items, start=1):
            encode = _SLOTS.get((name, item.tag))
            if encode is None and fill is Fill.GIVEN:
                continue
            made, length = _command(number, item, encode)
            if form is Form.RECORDS:
                made, length = made[HEADER:], length - HEADER
            pattern += made
            encoders += [encode] if encode else []
            cuts.append(slice(place, place + length))
            place += length
        parts.append(_Part(name, file.application, _key(file), tuple(cuts), _cutter(cuts)))
    return Template(pattern, tuple(encoders), tuple(parts))


def expected_records(steps: Sequence[Step]) -> Mapping[str, tuple[bytes, ...]]:
    """What must stand on the card afterwards: by file, the records that the script wrote."""
    return {step.file: tuple(command[HEADER:] for command in step.commands) for step in steps}


def _command(number: int, item: Item, encode: _Encoder | None) -> tuple[bytes, int]:
    """One UPDATE RECORD of the pattern, with a slot for its value or the empty value itself."""
    whole = bytes(commands.update_record(number, record(item.tag, empty(item))))
    assert b"%" not in whole[:HEADER], "a header holds no sign of a slot"
    head = whole[: -item.length].replace(b"%", b"%%")
    value = b"%b" if encode else whole[-item.length :].replace(b"%", b"%%")
    return head + value, len(whole)


def _cutter(cuts: Sequence[slice]) -> Callable[[bytes], tuple[bytes, ...]]:
    """What cuts a filled pattern into a file's commands; the C of ``itemgetter`` where it can."""
    if len(cuts) > 1:
        return itemgetter(*cuts)
    return lambda filled: tuple(filled[cut] for cut in cuts)


def _photo(photo: bytes) -> Step:
    if len(photo) > PHOTO_BYTES:
        raise ValueFault("the photograph has more than 4096 bytes")
    pieces = (
        bytes(commands.update_binary(at, photo[at : at + PIECE]))
        for at in range(0, len(photo), PIECE)
    )
    file = specification("3.0").file(PHOTO_FILE)
    return Step(PHOTO_FILE, file.application, _key(file), tuple(pieces))


def _other(name: str, filling: Filling, version: str) -> Step:
    file = specification(f"{version[:1]}.0").file(name)
    made: Iterator[Command] = (
        commands.update_record(number, raw)
        for number, raw in enumerate(file_records(file, filling), start=1)
    )
    return Step(name, file.application, _key(file), tuple(map(bytes, made)))


def _key(file: CardFile) -> str:
    if file.write_key is None:
        raise ValueFault(f"only the card itself writes {file.name}")
    return file.write_key


def _text(length: int, take: Callable[[CardProfile], str | None]) -> _Encoder:
    def encode(card: CardProfile) -> bytes:
        value = take(card)
        raw = value.encode("gbk") if value else b""
        if len(raw) > length:
            raise ValueFault("a text is too long for its item")
        return raw.ljust(length, b"\0")

    return encode


def _digits(length: int, take: Callable[[CardProfile], str | None]) -> _Encoder:
    width = 2 * length

    def encode(card: CardProfile) -> bytes:
        value = take(card) or ""
        if len(value) > width or not ((value.isdecimal() and value.isascii()) or not value):
            raise ValueFault("digits do not fit their item")
        return bytes.fromhex(value.ljust(width, "F"))

    return encode


def _raw(length: int, take: Callable[[CardProfile], bytes]) -> _Encoder:
    def encode(card: CardProfile) -> bytes:
        value = take(card)
        if len(value) != length:
            raise ValueFault("a number has not its length")
        return value

    return encode


def _day(take: Callable[[CardProfile], date | None]) -> _Encoder:
    def encode(card: CardProfile) -> bytes:
        day = take(card)
        if day is None:
            return b"\xff" * 4
        return bytes.fromhex(day.isoformat().replace("-", ""))

    return encode


def _clear(text: Clear | None) -> str | None:
    return text.reveal() if text is not None else None


def _name_head(card: CardProfile) -> bytes:
    raw = card.name.reveal().encode("gbk")
    if len(raw) <= NAME_BYTES[0]:
        return raw.ljust(NAME_BYTES[0], b"\0")
    return split(card.name.reveal(), NAME_BYTES)[0]


def _name_rest(card: CardProfile) -> bytes:
    if len(card.name.reveal()) <= NAME_BYTES[0] // 2:
        return bytes(NAME_BYTES[1])
    return split(card.name.reveal(), NAME_BYTES)[1]


_SLOTS: Mapping[tuple[str, int], _Encoder] = {
    ("SSSEEF06", 0x08): _text(18, lambda card: card.person_number.reveal()),
    ("SSSEEF06", 0x09): _name_head,
    ("SSSEEF06", 0x4E): _name_rest,
    ("SSSEEF06", 0x0A): _text(1, lambda card: card.sex),
    ("SSSEEF06", 0x0B): _digits(1, lambda card: card.ethnic_group),
    ("SSSEEF06", 0x0C): _digits(3, lambda card: card.birthplace),
    ("SSSEEF06", 0x0D): _day(lambda card: card.born_on),
    ("SSSEEF05", 0x01): _raw(16, lambda card: card.identification),
    ("SSSEEF05", 0x02): _text(1, lambda card: card.card_class),
    ("SSSEEF05", 0x03): _text(4, lambda card: card.version),
    ("SSSEEF05", 0x04): _raw(12, lambda card: card.institution),
    ("SSSEEF05", 0x05): _day(lambda card: card.issued_on),
    ("SSSEEF05", 0x06): _day(lambda card: card.valid_until),
    ("SSSEEF05", 0x07): _text(9, lambda card: card.card_number),
    ("DF01EF06", 0x23): _text(80, lambda card: _clear(card.address)),
    ("DF01EF06", 0x24): _digits(3, lambda card: card.address_area),
    ("DF01EF06", 0x28): _text(15, lambda card: _clear(card.phone)),
    ("DF01EF09", 0x30): _text(9, lambda card: card.employer_code),
    ("DF01EF0A", 0x37): _text(3, lambda card: card.nationality),
    ("DF01EF07", 0x29): _text(1, lambda card: card.standing),
}
