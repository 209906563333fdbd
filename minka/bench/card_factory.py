"""A card made command by command, as a factory makes it: from a blank chip to an issued card.

The order is card-chip §18.1: the transport key, the environment, folders, files and function keys
under a temporary master key, then values under the update keys, then the masters themselves, the
environment's last. What comes out is byte for byte what ``card_maker.make`` puts together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby

from minka.bench.card_build import MASTER, key_slot
from minka.bench.card_image import (
    CLASS,
    CONTENT,
    DIRECTORY,
    FREE,
    HISTORICAL,
    KEY,
    KEY_COUNT,
    KEYS,
    WHOLE,
    ChipClass,
    Life,
    Usage,
)
from minka.bench.card_keys import card_keys
from minka.bench.card_maker import Blank, packed
from minka.bench.card_plan import TRIES, Plan, Shape, plan
from minka.bench.card_tree import ENTRY, Entry, Kind
from minka.chip.contents import Filling, file_records
from minka.chip.filespec import CardFile, Structure, specification
from minka.cipher import card_key
from minka.cipher.card_key import Algorithm

TRANSPORT = bytes.fromhex("404142434445464748494A4B4C4D4E4F")
"""The maker's key on a blank chip of the bench."""
ORIGINAL = bytes(range(1, 9))
PIECE = 255

Send = Callable[[bytes], bytes]
"""A command to the card, its data back; raises when the word is not 9000."""


@dataclass(frozen=True, slots=True)
class Line:
    """A factory's way to one card, and the card's algorithm."""

    send: Send
    algorithm: Algorithm

    def show(self, number: int, key: bytes) -> None:
        """Show a key."""
        own = card_key.session(self.algorithm, key, self.send(bytes.fromhex("0084000008")))
        data = card_key.authentication(self.algorithm, own, ORIGINAL) + ORIGINAL
        self.send(bytes((0x00, 0x82, 0x00, number, 16)) + data)

    def load(self, p1: int, plain: bytes, master: bytes) -> None:
        """CREATE KEY or CHANGE KEY under a master key (card-chip §11.1, rule 7)."""
        challenge = self.send(bytes.fromhex("0084000008"))
        body = card_key.enciphered(self.algorithm, master, plain)
        front = bytes((0x84, 0xD4, p1, 0, len(body) + 4)) + body
        self.send(front + card_key.mac(self.algorithm, master, front, challenge))


def blank_cells(historical: bytes, algorithm: Algorithm) -> bytes:
    """The memory of a chip as its maker sends it: a root, and the transport key as its master."""
    cells = bytearray(WHOLE)
    cells[CLASS] = ChipClass.CARD
    cells[HISTORICAL] = historical
    cells[DIRECTORY : DIRECTORY + ENTRY] = Entry(Kind.ROOT, 0x3F00).written(CONTENT)
    head = bytes((Usage.MASTER, MASTER, 1, algorithm, TRIES))
    cells[KEYS : KEYS + KEY] = key_slot(0, head, TRANSPORT)
    cells[KEY_COUNT] = 1
    cells[FREE] = CONTENT.to_bytes(3)
    return bytes(cells)


def produce(send: Send, shape: Shape, blank: Blank) -> None:
    """Make an issued card out of a blank chip; what ``send`` raises ends it half made."""
    layout, line = plan(shape), Line(send, shape.algorithm)
    made = card_keys(layout, blank.area, [blank.historical])
    keys = {key.load.key.name: key for key in layout.keys}
    values = {key.place: value for key, value in zip(layout.keys, made, strict=True)}
    _structure(line, layout)
    for folder, own in groupby(layout.keys[1:], key=lambda key: key.folder):
        _select(send, layout.entries[folder])
        for key in own:
            line.load(0, key.head + bytes(3) + values[key.place], TRANSPORT)
    _life(line, layout, Life.INITIALISED)
    for file in specification(shape.version, shape.options).files():
        if file.write_key is None:
            continue
        key = keys[file.write_key]
        _select(send, layout.entries[key.folder])
        line.show(key.number, values[key.place])
        for command in writes(file, blank.contents.get(file.name, {})):
            send(command)
    _life(line, layout, Life.PERSONALISED)
    pin = packed(blank.pin)
    send(bytes((0x80, 0xF0, 1, 0, 1 + len(pin), blank.tries)) + pin)
    _life(line, layout, Life.ISSUED)
    master = layout.keys[0]
    line.load(1, master.head[:3] + values[master.place], TRANSPORT)


def writes(file: CardFile, filling: Filling) -> Iterator[bytes]:
    """The commands that bring values into an empty file of the current application."""
    records = file_records(file, filling)
    if file.structure is Structure.TRANSPARENT:
        yield from _pieces(file, records[0])
        return
    ordered = records[::-1] if file.structure is Structure.CYCLIC else records
    mode = 3 if file.structure is Structure.CYCLIC else 4
    for number, record in enumerate(ordered, 1):
        p1 = 0 if mode == 3 else number
        yield bytes((0x00, 0xDC, p1, file.sfi << 3 | mode, len(record))) + record


def _pieces(file: CardFile, content: bytes) -> Iterator[bytes]:
    yield bytes((0x00, 0xA4, 0x02, 0x00, 2)) + file.fid.to_bytes(2)
    for offset in range(0, len(content), PIECE):
        piece = content[offset : offset + PIECE]
        if any(piece):
            yield bytes((0x00, 0xD6)) + offset.to_bytes(2) + bytes((len(piece),)) + piece


def _structure(line: Line, layout: Plan) -> None:
    """Folders and files; each folder is entered before its files are made."""
    line.send(bytes.fromhex("00A40000023F00"))
    line.show(MASTER, TRANSPORT)
    for entry in layout.entries:
        if entry.kind is Kind.FOLDER:
            _select(line.send, layout.entries[0])
            line.show(MASTER, TRANSPORT)
        line.send(_create(entry))
        if entry.kind is Kind.FOLDER:
            _select(line.send, entry)
            line.show(MASTER, TRANSPORT)


def _life(line: Line, layout: Plan, life: Life) -> None:
    _select(line.send, layout.entries[0])
    line.show(MASTER, TRANSPORT)
    line.send(bytes((0x80, 0xF0, 0, life, 0)))


def _select(send: Send, entry: Entry) -> None:
    send(bytes((0x00, 0xA4, 0, 0, 2)) + entry.fid.to_bytes(2))


def _create(entry: Entry) -> bytes:
    data = bytes((entry.kind,)) + entry.fid.to_bytes(2)
    data += bytes((entry.need, entry.read_key, entry.write_key)) + entry.size.to_bytes(2)
    data += bytes((entry.record, entry.count, entry.algorithm)) + entry.name
    return bytes((0x80, 0xE0, 0, 0, len(data))) + data
