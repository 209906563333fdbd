"""The files of a card: applications, files, records, and who may read and write them.

``data/card-filespec.csv`` is the master (card-chip §5, §6): one row an item, lengths in
hexadecimal. ``specification("3.0")`` gives it as values. Sizes that two sources give differently
are settings of ``Options``; its defaults are the standard's letter.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache
from importlib.resources import files
from itertools import groupby

from minka.chip.rules import AccessRule, read_rule

ENVIRONMENT = "SSSE"
ENVIRONMENT_NAME = "sx1.sh.社会保障".encode("gbk")
MASTER_FILE = 0x3F00
VERSIONS = ("1.0", "2.0", "3.0")


class Kind(Enum):
    """How an item's bytes are written (card-chip §4)."""

    DIGITS = "cn"
    """Packed digits, filled with F on the right."""
    TEXT = "an"
    """ASCII and GBK, filled with 00 on the right."""
    BYTES = "b"
    NESTED = "btlv"
    """Whole items inside."""


class Structure(Enum):
    """How a file holds its records."""

    TLV = "tlv"
    """One item a record: tag, length, value."""
    CYCLIC = "cyclic"
    """Records of one fixed layout; record 1 is the newest."""
    TRANSPARENT = "transparent"


class Standing(Enum):
    """What the standard says of a file's use."""

    ENABLED = "enabled"
    PRESET = "preset"
    RESERVED = "reserved"
    INFORMATIVE = "informative"


@dataclass(frozen=True, slots=True)
class Options:
    """Sizes that differ between cards; the defaults are the standard's letter (card-chip §22)."""

    reserved_bytes: int = 0x128
    fingerprint_bytes: int = 0x300


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a file.

    ``tag`` is 0 in files without tags, where ``place`` counts the parts of a record from 1 (0: the
    record or the whole file). ``length`` is in bytes, without tag and length byte.
    """

    tag: int
    place: int
    name_zh: str
    name_en: str
    kind: Kind
    length: int
    repeat: int = 1
    parts: tuple[Item, ...] = ()

    @property
    def mark(self) -> str:
        """The tag as two hexadecimal digits, ``#1`` for a part of a record, ``-`` for the whole."""
        return f"{self.tag:02X}" if self.tag else f"#{self.place}" if self.place else "-"

    @property
    def record_bytes(self) -> int:
        """Bytes of one record of this item in a file of its own."""
        return self.length + (2 if self.tag else 0)


@dataclass(frozen=True, slots=True)
class CardFile:
    """An elementary file, with its items in the order in which its records are made."""

    application: str
    fid: int
    structure: Structure
    read: AccessRule
    write_key: str | None
    """None where only the card's own system writes."""
    standing: Standing
    items: tuple[Item, ...]

    @property
    def sfi(self) -> int:
        """The short identifier: the last two digits of the file's identifier."""
        return self.fid & 0x1F

    @property
    def name(self) -> str:
        """``SSSEEF05``, ``DF01EF06``: as drivers and batch files name a file."""
        return f"{self.application}{self.fid:04X}"

    @property
    def records(self) -> int:
        """How many records a new file has room for."""
        return sum(item.repeat for item in self.items)

    @property
    def size(self) -> int:
        """Bytes of the file when every record is there."""
        return sum(item.record_bytes * item.repeat for item in self.items)

    def item(self, tag: int) -> Item:
        """The item of a tag at the top of the file; ``KeyError`` when the file has none."""
        for item in self.items:
            if item.tag == tag:
                return item
        raise KeyError(f"{self.name} has no item {tag:02X}")

    def number(self, tag: int) -> int:
        """The number of the (first) record of a tag, from 1."""
        passed = 1
        for item in self.items:
            if item.tag == tag:
                return passed
            passed += item.repeat
        raise KeyError(f"{self.name} has no item {tag:02X}")


@dataclass(frozen=True, slots=True)
class Application:
    """A directory of files: the environment itself or one application below it."""

    name: str
    fid: int
    aid: bytes
    """Empty where the standard gives none; the environment's name for the environment."""
    label_zh: str
    label_en: str
    files: tuple[CardFile, ...]

    def file(self, fid: int) -> CardFile:
        """A file by its identifier; ``KeyError`` when there is none."""
        for file in self.files:
            if file.fid == fid:
                return file
        raise KeyError(f"{self.name} has no file {fid:04X}")


@dataclass(frozen=True, slots=True)
class Specification:
    """All files of one version, the environment first."""

    version: str
    applications: tuple[Application, ...]

    def application(self, name: str) -> Application:
        """``SSSE`` or ``DF01`` …; ``KeyError`` when there is none."""
        for application in self.applications:
            if application.name == name:
                return application
        raise KeyError(f"version {self.version} has no application {name}")

    def file(self, name: str) -> CardFile:
        """A file by its name, ``DF01EF06``; the environment is ``SSSE`` or ``3F00``."""
        owner = ENVIRONMENT if name.startswith("3F00") else name[:-4]
        return self.application(owner).file(int(name[-4:], 16))

    def files(self) -> Iterator[CardFile]:
        """Every file, application by application."""
        for application in self.applications:
            yield from application.files


_DIRECTORIES: Mapping[str, tuple[int, str, str, str]] = {
    ENVIRONMENT: (MASTER_FILE, "", "社会保障环境", "social security environment"),
    "DF01": (0xDF01, "D15600000500", "公共应用", "public"),
    "DF02": (0xDF02, "D15600000501", "就业与失业", "employment"),
    "DF03": (0xDF03, "D15600000502", "社会保险 1", "insurance 1"),
    "DF04": (0xDF04, "D15600000503", "社会保险 2 (医疗)", "insurance 2 (medical)"),
    "DF07": (0xDF07, "D15600000504", "人事与人才", "personnel and talent"),
    "DF05": (0xDF05, "", "生命与健康", "life and health"),
    "DF06": (0xDF06, "", "社会救助与优待抚恤", "relief and preferential treatment"),
}
"""Identifier, AID and label (card-chip §3.1); DF05 and DF06 are informative and have no AID."""

_REPEAT = re.compile(r"\[x(\d+)[^]]*\]")
_REMARK = re.compile(r"\s*(\[x\d+[^]]*\]|\((start offset 0000|fixed layout[^)]*)\))")

_Row = Mapping[str, str]


@cache
def specification(version: str, options: Options | None = None) -> Specification:
    """The files of version ``1.0``, ``2.0`` or ``3.0``; ``KeyError`` for any other."""
    if version not in VERSIONS:
        raise KeyError(f"no specification {version}")
    rows = [row for row in _rows() if version in row["version"].split("/")]
    made = (
        _application(name, list(own), options or Options())
        for name, own in groupby(rows, key=lambda row: row["df"])
    )
    return Specification(version, tuple(made))


def data_rows(name: str) -> Sequence[_Row]:
    """The rows of one of the tables that lie beside this module."""
    text = files("minka.chip").joinpath("data", name).read_text("utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def _rows() -> Sequence[_Row]:
    return data_rows("card-filespec.csv")


def _application(name: str, rows: Iterable[_Row], options: Options) -> Application:
    fid, aid, label_zh, label_en = _DIRECTORIES[name]
    made = tuple(
        _file(name, list(own), options) for _, own in groupby(rows, key=lambda row: row["ef"])
    )
    named = ENVIRONMENT_NAME if name == ENVIRONMENT else bytes.fromhex(aid)
    return Application(name, fid, named, label_zh, label_en, made)


def _file(application: str, rows: Sequence[_Row], options: Options) -> CardFile:
    first = rows[0]
    key = first["write_key"]
    top = [row for row in rows if not row["parent_tag"]]
    file = CardFile(
        application,
        int(first["ef"], 16),
        Structure(first["structure"]),
        read_rule(first["read_rule"]),
        None if key.startswith("never") else key,
        Standing(first["status"]),
        tuple(_item(row, rows) for row in top),
    )
    return _sized(file, options)


def _item(row: _Row, rows: Sequence[_Row]) -> Item:
    tag, english = row["tag"], row["name_en"]
    repeat = _REPEAT.search(english)
    inside = [other for other in rows if tag in other["parent_tag"].split(";")]
    return Item(
        tag=0 if tag[0] in "-#" else int(tag, 16),
        place=int(tag[1:]) if tag[0] == "#" else 0,
        name_zh=row["name_zh"],
        name_en=_REMARK.sub("", english),
        kind=Kind(row["type"]),
        length=int(row["length_hex"], 16),
        repeat=int(repeat[1]) if repeat else 1,
        parts=tuple(_item(other, rows) for other in inside),
    )


def _sized(file: CardFile, options: Options) -> CardFile:
    """The file with the sizes that are settings (card-chip §5.8, notes)."""
    if file.structure is not Structure.TRANSPARENT:
        return file
    wanted = file.items[0].length
    if file.standing is Standing.RESERVED:
        wanted = options.reserved_bytes
    elif file.name == "SSSEEF07":
        wanted = options.fingerprint_bytes
    return replace(file, items=(replace(file.items[0], length=wanted),))
