"""A ready PSAM for the bench: both environments, a terminal number, and the keys a terminal has.

The roots are those of ``card_keys``; ``level`` says how far down the PSAM's copies stand: 3 the
national root, 2 the province's, 1 the city's (factors still to apply by the PSAM itself).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from minka.bench.card_core import Random, Traits
from minka.bench.card_image import (
    CLASS,
    CONTENT,
    DIRECTORY,
    FREE,
    HISTORICAL,
    KEY,
    KEY_COUNT,
    KEYS,
    LIFE,
    ChipClass,
    Life,
)
from minka.bench.card_keys import factors, root
from minka.bench.card_memory import Memory
from minka.bench.card_tree import ENTRY, Entry, Kind
from minka.bench.psam import OWN, Psam, psam, record_slot
from minka.chip.filespec import ENVIRONMENT_NAME
from minka.cipher import card_key
from minka.cipher.card_key import Algorithm
from minka.keys.table import KeyRow, Level, key_table

NAME = bytes.fromhex("D15600000590")
HISTORICAL_BYTES = bytes.fromhex("00990102038699990200000001")
ENTRIES_EACH = 12
TOLD = bytes.fromhex("01012024010120340101")
"""Purchase key index 1, authentication keys' version 1, valid from 2024 to 2034."""
PLACES = (
    (0x3F00, ENVIRONMENT_NAME),
    (0xDDF2, b"sx3" + ENVIRONMENT_NAME[3:]),
)
"""Where the environments of a PSAM's algorithms stand. The standard's first is for DES; no open
source says where SM4 is, so the second place is ours (card-chip §22, 6)."""
CODES = {(Algorithm.TRIPLE_DES, 16): 0, (Algorithm.TRIPLE_DES, 8): 1, (Algorithm.SM4, 16): 3}


@dataclass(frozen=True, slots=True)
class Terminal:
    """What a PSAM is told of the terminal it goes into."""

    area: str = "990100"
    number: str = "990100000001"
    """Twelve digits: six of the area, six of whoever issues the PSAM."""
    sequence: int = 9
    level: int = 1
    serial: str = "99010000000000000001"
    algorithms: tuple[Algorithm, ...] = (Algorithm.TRIPLE_DES, Algorithm.SM4)
    """The first is found under the usual name; a PSAM for SM4 alone has only that."""


def sam_cells(terminal: Terminal) -> bytes:
    """The memory of an issued PSAM."""
    cells = bytearray(CONTENT)
    cells[LIFE], cells[CLASS] = Life.ISSUED, ChipClass.PSAM
    cells[HISTORICAL] = HISTORICAL_BYTES
    made = tuple(_entries(terminal))
    for number, (entry, content) in enumerate(made):
        place = DIRECTORY + ENTRY * number
        cells[place : place + ENTRY] = entry.written(len(cells))
        cells += content.ljust(entry.room, b"\0")
    cells[FREE] = len(cells).to_bytes(3)
    records = [
        slot
        for folder, (entry, _) in enumerate(made)
        if entry.kind in (Kind.ENVIRONMENT, Kind.FOLDER)
        for slot in _slots(terminal, folder, terminal.algorithms[folder // ENTRIES_EACH])
    ]
    for index, slot in enumerate(records):
        cells[KEYS + KEY * index : KEYS + KEY * (index + 1)] = slot
    cells[KEY_COUNT] = len(records)
    return bytes(cells)


def sam_from(cells: bytes, random: Random | None = None, traits: Traits | None = None) -> Psam:
    """A PSAM with a memory, powered; its challenges are random unless told."""
    return psam(Memory(cells), random=random or secrets.token_bytes, traits=traits)


def own_key(name: str, algorithm: Algorithm) -> bytes:
    """One of the PSAM's own keys: MK, KID1 to KID3."""
    return root(f"PSAM-{algorithm.name}-{name}")


def key_at_level(name: str, algorithm: Algorithm, terminal: Terminal, length: int = 16) -> bytes:
    """A root of the bench, brought down to where the PSAM holds it."""
    shared = factors(terminal.area, HISTORICAL_BYTES)[: 3 - terminal.level]
    return card_key.derive(algorithm, root(name, length), *shared)


def _entries(terminal: Terminal) -> Iterator[tuple[Entry, bytes]]:
    """Folders and files of every environment, with their content."""
    issuer = bytes((1,)) + bytes.fromhex(terminal.serial) + bytes((1, 3, 0, 0))
    label = bytes.fromhex("61084F06") + NAME
    listed = len(label).to_bytes(2) + label
    number, sequence = bytes.fromhex(terminal.number), terminal.sequence.to_bytes(4)
    plain = Kind.TRANSPARENT
    for index, algorithm in enumerate(terminal.algorithms):
        fid, name = PLACES[index]
        top, inner = ENTRIES_EACH * index, ENTRIES_EACH * index + 4
        named = 0 if algorithm is Algorithm.TRIPLE_DES else algorithm
        yield Entry(Kind.ENVIRONMENT, fid, algorithm=named, name=name), b""
        yield Entry(Kind.TLV, 0x0001, above=top, write_key=OWN, size=64), listed
        yield Entry(plain, 0x0015, above=top, write_key=OWN, size=15), issuer
        yield Entry(plain, 0x0016, above=top, write_key=OWN, size=6), number
        yield Entry(Kind.FOLDER, 0xDF01, above=top, name=NAME), b""
        yield Entry(plain, 0x0019, above=inner, size=4), sequence
        for shown, file in enumerate((0x1A, 0x1B, 0x1C), 1):
            yield Entry(plain, file, above=inner, write_key=OWN | shown, size=10), TOLD
        for file in (0x11, 0x12, 0x13):
            yield Entry(Kind.KEYS, file, above=inner), b""


def _slots(terminal: Terminal, folder: int, algorithm: Algorithm) -> Iterator[bytes]:
    """The key records of a folder: its own keys, and in the application the roots."""
    whole = CODES[algorithm, 16]
    head = bytes((0, 0, 0, whole)) + bytes(4)
    yield record_slot(folder, 0, head + own_key("MK", algorithm))
    if folder % ENTRIES_EACH == 0:
        return
    for own in (1, 2, 3):
        head = bytes((1, own, 0, whole)) + bytes(4)
        yield record_slot(folder, 0, head + own_key(f"KID{own}", algorithm))
    for row in key_table():
        length = row.length if algorithm is Algorithm.TRIPLE_DES else 16
        value = key_at_level(row.name, algorithm, terminal, length)
        for usage, number in places_of(row, terminal.level):
            head = bytes((usage, number, 0, CODES[algorithm, length])) + bytes(4)
            yield record_slot(folder, 0x11 if row.level is Level.MINISTRY else 0x12, head + value)


def places_of(row: KeyRow, level: int) -> tuple[tuple[int, int], ...]:
    """Usage and number of a key in a PSAM of a level; none for a key that no PSAM is known to hold.

    Type and number are those seen in use, else the standard's; UKMF and UKSSSE share one place.
    """
    place = row.psam_seen or row.psam_p9
    if place is None or row.name == "UKMF":
        return ()
    return ((level << 5 | place.usage & 0x1F, place.id),)
