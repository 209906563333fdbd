"""The plan of a card: every folder, file and key slot of a version with its place in memory.

It is made from the file specification and the table of keys; the template that comes with it is
a card with all files, empty values and zero keys, so that one copy and a few bytes make a card.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache

from minka.bench.card_build import MASTER, key_slot
from minka.bench.card_core import NEVER_LOCKS
from minka.bench.card_image import (
    CLASS,
    CONTENT,
    DIRECTORY,
    FREE,
    KEY,
    KEY_COUNT,
    KEYS,
    LIFE,
    VALUE_AT,
    ChipClass,
    Life,
    Usage,
)
from minka.bench.card_tree import ENTRY, Entry, Kind, Need
from minka.chip.filespec import CardFile, Item, Options, Structure, specification
from minka.chip.rules import AccessRule, Free, Key, Pin, PinAnd, PinOr, key_of
from minka.chip.tlv import record
from minka.chip.values import empty
from minka.cipher.card_key import Algorithm
from minka.cipher.recipe import Root
from minka.keys.script import INFORMATIVE, STANDARD, KeyLoad, key_script
from minka.keys.table import CardVersion, KeyRow, key_table
from minka.keys.vault import Purpose

TRIES = 6
"""Try limits are the issuer's choice; this is the bench's."""
VERSIONED = frozenset({"IRK", "UKSSSE", "RKSSSE", "DPK", "DLK"})
"""The keys of which a card of several groups has each; up to three (card-chip §9.1)."""
KINDS = {
    Structure.TLV: Kind.TLV,
    Structure.CYCLIC: Kind.CYCLIC,
    Structure.TRANSPARENT: Kind.TRANSPARENT,
}
NEEDS: Mapping[type[AccessRule], Need] = {
    Free: Need.FREE,
    Pin: Need.PIN,
    Key: Need.KEY,
    PinOr: Need.PIN_OR_KEY,
    PinAnd: Need.PIN_AND_KEY,
}
USAGES = {
    Purpose.INTERNAL: Usage.ENCIPHER,
    Purpose.EXTERNAL: Usage.ENCIPHER,
    Purpose.MESSAGE: Usage.MESSAGE,
    Purpose.PURCHASE: Usage.PURCHASE,
    Purpose.LOAD: Usage.LOAD,
    Purpose.TAC: Usage.TAC,
    Purpose.MASTER: Usage.MASTER,
}


class First(Enum):
    """Whose environment is the card's master file."""

    OURS = "ours"
    BANK = "bank"
    """The bank's; ours is a folder beside it and must be selected by its name."""


BANK_NAME = b"1PAY.SYS.DDF01"
BESIDE_BANK = 0xDDF1
"""Our environment's identifier on a card whose master file is the bank's; the bench's own."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What makes one plan differ from another."""

    version: str = "3.0"
    algorithm: Algorithm = Algorithm.SM4
    names_algorithm: Algorithm | None = None
    """What the FCI names; the algorithm itself unless told (None with 3DES: not named)."""
    log_record: int = 28
    """20 makes a card in account-only mode."""
    spare: int = 0
    """Bytes that every record file has beyond its items."""
    key_versions: int = 1
    """Groups of the keys that come in several."""
    first: First = First.OURS
    options: Options = field(default_factory=Options)


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """Where a key of the script stands in memory, and what its slot says besides its bytes."""

    load: KeyLoad
    number: int
    place: int
    head: bytes
    folder: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A card's layout: entries in the order in which they are created, places, and a template."""

    shape: Shape
    entries: tuple[Entry, ...]
    starts: Mapping[str, int]
    """Where a file's content begins, by its name (``DF01EF06``)."""
    places: Mapping[tuple[str, int], int]
    """Where the value of a record stands: file and record number."""
    keys: tuple[KeyPlace, ...]
    template: bytes

    def key(self, name: str) -> KeyPlace:
        """The place of a key by its name; ``KeyError`` when the card has none."""
        for key in self.keys:
            if key.load.key.name == name:
                return key
        raise KeyError(name)


@cache
def plan(shape: Shape) -> Plan:
    """The plan of a shape."""
    entries = tuple(_entries(shape))
    starts: dict[str, int] = {}
    places: dict[tuple[str, int], int] = {}
    cells = bytearray(CONTENT)
    at = CONTENT
    for number, (entry, file) in enumerate(entries):
        put = entry.written(at)
        cells[DIRECTORY + ENTRY * number : DIRECTORY + ENTRY * (number + 1)] = put
        if file is not None:
            starts[file.name] = at
            places |= {(file.name, n): at + 4 + into for n, into in _record_places(file)}
            cells += _content(entry, file)
            at += entry.room
    keys = tuple(_keys(shape, [entry for entry, _ in entries]))
    for key in keys:
        cells[key.place : key.place + KEY] = key_slot(key.folder, key.head, bytes(key.load.length))
    cells[LIFE], cells[CLASS], cells[KEY_COUNT] = Life.ISSUED, ChipClass.CARD, len(keys)
    cells[FREE] = at.to_bytes(3)
    return Plan(shape, tuple(e for e, _ in entries), starts, places, keys, bytes(cells))


def item_records(file: CardFile) -> Iterator[Item]:
    """The item of every record of a file in order of number."""
    for item in file.items:
        for _ in range(item.repeat):
            yield item


def _entries(shape: Shape) -> Iterator[tuple[Entry, CardFile | None]]:
    whole = specification(shape.version, shape.options)
    numbers = _numbers(shape.version)
    fid, count = 0x3F00, 0
    if shape.first is First.BANK:
        yield Entry(Kind.ROOT, fid, name=BANK_NAME), None
        fid, count = BESIDE_BANK, 1
    environment = count
    for application in whole.applications:
        own = count
        if own == environment:
            named = _named(shape)
            yield Entry(Kind.ENVIRONMENT, fid, algorithm=named, name=application.aid), None
        else:
            found = Entry(Kind.FOLDER, application.fid, environment, name=application.aid)
            yield found, None
        count += 1
        for file in application.files:
            yield _file_entry(shape, file, own, numbers), file
            count += 1


def _named(shape: Shape) -> int:
    if shape.names_algorithm is not None:
        return shape.names_algorithm
    return 0 if shape.algorithm is Algorithm.TRIPLE_DES else shape.algorithm


def _file_entry(shape: Shape, file: CardFile, above: int, numbers: Mapping[str, int]) -> Entry:
    size, length, count = file.size + shape.spare, 0, 0
    if file.structure is Structure.CYCLIC:
        length, count = file.items[0].length, file.items[0].repeat
        if file.name == "DF04EF08":
            length = shape.log_record
        size = length * count
    elif file.structure is Structure.TRANSPARENT:
        size = file.size
    read = key_of(file.read)
    return Entry(
        kind=KINDS[file.structure],
        fid=file.fid,
        above=above,
        need=NEEDS[type(file.read)],
        read_key=numbers[read] if read else 0,
        write_key=numbers[file.write_key] if file.write_key else 0,
        size=size,
        record=length,
        count=count,
    )


def _record_places(file: CardFile) -> Iterator[tuple[int, int]]:
    """Record numbers of a linear file and how far in their values begin (after the header)."""
    if file.structure is not Structure.TLV:
        return
    into = 0
    for number, item in enumerate(item_records(file), 1):
        yield number, into
        into += item.record_bytes


def _content(entry: Entry, file: CardFile) -> bytes:
    """A new file: every item there and empty; a ring without records."""
    if entry.kind is not Kind.TLV:
        return bytes(entry.room)
    records = b"".join(record(item.tag, empty(item)) for item in item_records(file))
    return len(records).to_bytes(2) + records.ljust(entry.size, b"\0")


def _rows(version: str) -> tuple[KeyRow, ...]:
    return tuple(row for row in key_table() if row.on(CardVersion(version)))


def _numbers(version: str) -> Mapping[str, int]:
    return {row.name: row.card_id for row in _rows(version) if row.card_id is not None}


def _keys(shape: Shape, entries: list[Entry]) -> Iterator[KeyPlace]:
    """The slots in the order of the key script, one for each version of a purse's keys."""
    folders = {f"{entry.fid:04X}": n for n, entry in enumerate(entries)}
    place = KEYS
    script = key_script(
        CardVersion(shape.version),
        shape.algorithm,
        applications=(*STANDARD, *INFORMATIVE),
        held={"*": Root.MINISTRY},
    )
    for load in (*script[-1:], *script[:-1]):  # the maker's key already has the first slot
        if load.df not in (*folders, "SSSE"):
            continue
        folder = folders.get(load.df, int(shape.first is First.BANK))
        groups = range(1, 1 + (shape.key_versions if load.key.name in VERSIONED else 1))
        for version in groups:
            number = _number(load)
            head = bytes((_usage(load), number, version, shape.algorithm, _limit(load)))
            yield KeyPlace(load, number, place, head, folder)
            place += KEY


def _usage(load: KeyLoad) -> Usage:
    return Usage.STARTING if load.key.name == "DSK" else USAGES[load.purpose]


def _number(load: KeyLoad) -> int:
    """The number on the card; masters and the purse's keys have one of ours (card-chip §22, 3)."""
    if load.card_id is not None:
        return load.card_id
    own = 0x00 if load.df == "SSSE" else 0x80
    return own | (MASTER if load.is_master else 0)


def _limit(load: KeyLoad) -> int:
    locks = load.key.name != "BK" and not load.key.name.startswith("LK")
    return TRIES if locks else TRIES | NEVER_LOCKS


def value_place(key: KeyPlace) -> int:
    """Where the bytes of a key stand."""
    return key.place + VALUE_AT
