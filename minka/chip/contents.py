"""Whole files: values into records and back, for all three structures (card-chip §4).

Values are named by tag (``"09"``), parts of a fixed layout by place (``"#1"``); an item that
repeats takes a list, an item of items a mapping. What is not named is written empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from minka.chip import codes, tlv
from minka.chip.filespec import CardFile, Item, Kind, Structure
from minka.chip.values import (
    Meaning,
    Reading,
    Remark,
    Value,
    ValueFault,
    empty,
    is_empty,
    meaning_of,
    read,
    write,
)
from minka.kit.fen import yuan
from minka.kit.words import Words

Inner: TypeAlias = Mapping[str, Value]
Given: TypeAlias = Value | Inner | Sequence[Value | Inner]
Filling: TypeAlias = Mapping[str, Given]

UNKNOWN = Words("标准以外的项", "標準以外的項", "an item outside the standard")


@dataclass(frozen=True, slots=True)
class Field:
    """One item as it stands on a card."""

    file: CardFile
    item: Item
    nth: int
    """Which of the records with this tag, or which record of a cyclic file, from 1."""
    reading: Reading
    parts: tuple[Field, ...] = ()

    @property
    def address(self) -> str:
        """``DF01EF06.24``, with ``[2]`` for a second record: the name in lists and logs."""
        nth = f"[{self.nth}]" if self.item.repeat > 1 or self.nth > 1 else ""
        return f"{self.file.name}.{self.item.mark}{nth}"

    def say(self, language: str = "zh-hans") -> str:
        """The value in plain words: a code's meaning, a date with hyphens, an amount in yuan."""
        value = self.reading.value
        if value is None:
            return Remark.EMPTY.value.say(language)
        if isinstance(value, str):
            spoken = codes.meaning(self.file, self.item, value)
            return (spoken[1] if language == "en" else spoken[0]) if spoken else value
        if isinstance(value, bytes):
            return value.hex().upper()
        if isinstance(value, int):
            return yuan(value) if meaning_of(self.item) is Meaning.FEN else str(value)
        return f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else str(value)


def item_bytes(item: Item, given: Value | Inner) -> bytes:
    """The bytes of one item, an item of items from the values of its parts."""
    if not isinstance(given, Mapping):
        return empty(item) if given is None else write(item, given)
    strange = given.keys() - {part.mark for part in item.parts}
    if strange:
        raise ValueFault(f"{item.name_en}: no part {sorted(strange)[0]}")
    made = ((part, item_bytes(part, given.get(part.mark))) for part in item.parts)
    return b"".join(tlv.record(part.tag, raw) if part.tag else raw for part, raw in made)


def item_record(item: Item, given: Value | Inner) -> bytes:
    """A whole record: with tag and length in a file of items, as it is in the others."""
    raw = item_bytes(item, given)
    return tlv.record(item.tag, raw) if item.tag else raw


def file_records(file: CardFile, filling: Filling) -> tuple[bytes, ...]:
    """All records of a file in the order of their numbers; ``ValueFault`` for what does not fit.

    A cyclic file takes its records under ``"-"``, the newest first, and is not filled up; a
    transparent one its bytes.
    """
    strange = filling.keys() - {item.mark for item in file.items}
    if strange:
        raise ValueFault(f"{file.name}: no item {sorted(strange)[0]}")
    return tuple(
        item_record(item, given)
        for item in file.items
        for given in _repeated(file, item, filling.get(item.mark))
    )


def _repeated(file: CardFile, item: Item, given: Given) -> Sequence[Value | Inner]:
    many = isinstance(given, Sequence) and not isinstance(given, str | bytes)
    wanted: Sequence[Value | Inner] = given if many else [given]  # type: ignore[assignment,list-item]
    if len(wanted) > item.repeat:
        raise ValueFault(f"{file.name}.{item.mark}: more than {item.repeat} records")
    if file.structure is Structure.CYCLIC:
        return wanted if given is not None else ()
    return (*wanted, *[None] * (item.repeat - len(wanted)))


def read_file(file: CardFile, records: Sequence[bytes]) -> tuple[Field, ...]:
    """What the records of a file say, in the order in which the card gave them.

    Several records may stand in one string, as a card answers to "read to the end". A torn record
    is the last field and says so.
    """
    if file.structure is not Structure.TLV:
        return tuple(
            _field(file, file.items[0], nth, raw) for nth, raw in enumerate(records, start=1)
        )
    return tuple(_read_items(file, b"".join(records)))


def _read_items(file: CardFile, data: bytes) -> Iterator[Field]:
    seen: dict[int, int] = {}
    try:
        for found in tlv.records(data):
            seen[found.tag] = seen.get(found.tag, 0) + 1
            yield _field(file, _item(file.items, found), seen[found.tag], found.value)
    except tlv.TlvFault:
        torn = Reading(data, None, Remark.TORN)
        yield Field(file, Item(0, 0, UNKNOWN.zh_hans, UNKNOWN.en, Kind.BYTES, len(data)), 1, torn)


def _item(items: Sequence[Item], found: tlv.Tlv) -> Item:
    for item in items:
        if item.tag == found.tag:
            return item
    return Item(found.tag, 0, UNKNOWN.zh_hans, UNKNOWN.en, Kind.BYTES, len(found.value))


def _field(file: CardFile, item: Item, nth: int, raw: bytes) -> Field:
    reading = _coded(file, item, raw)
    if not item.parts or is_empty(item, raw):
        return Field(file, item, nth, reading)
    try:
        parts = tuple(_parts(file, item, raw))
    except tlv.TlvFault:
        return Field(file, item, nth, Reading(raw, raw, Remark.TORN))
    return Field(file, item, nth, reading, parts)


def _parts(file: CardFile, item: Item, raw: bytes) -> Iterator[Field]:
    if item.kind is Kind.NESTED:
        for found in tlv.records(raw):
            yield _field(file, _item(item.parts, found), 1, found.value)
        return
    place = 0
    for part in item.parts:
        own = raw[place : place + part.length]
        yield Field(file, part, 1, _coded(file, part, own))
        place += part.length


def _coded(file: CardFile, item: Item, raw: bytes) -> Reading:
    """What an item says, with a remark when its code stands in no table."""
    reading = read(item, raw)
    if reading.remark is not None or not isinstance(reading.value, str):
        return reading
    known = codes.known(file, item, reading.value)
    return reading if known else replace(reading, remark=Remark.CODE)
