"""Every item, in all three versions: written and read back by its rule, refused without it.

C2, C3, C4, C6, C7, C8, L3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations

import pytest

from minka.bench.card_keys import Counted
from minka.bench.card_maker import card_from, make
from minka.bench.card_plan import Shape
from minka.chip.filespec import VERSIONS, data_rows, specification
from minka.chip.rules import PIN, key_of, read_rule, satisfied
from minka.chip.tlv import record, records
from minka.cipher.card_key import Algorithm
from tests.card.terminal import TERMINAL, TIME, Terminal
from tests.card.world import blank

SHAPES = {
    "1.0": Shape("1.0", Algorithm.TRIPLE_DES),
    "2.0": Shape("2.0", Algorithm.TRIPLE_DES),
    "3.0": Shape("3.0", Algorithm.SM4),
}
NEVER = "never (COS only)"
PIECE = 250


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table, for one version and (inside another item) one parent."""

    version: str
    df: str
    ef: int
    structure: str
    tag: str
    length: int
    read: str
    write: str
    parent: str

    def __str__(self) -> str:
        return f"{self.version} {self.df}EF{self.ef & 0xFF:02X}.{self.parent}{self.tag}"

    @property
    def name(self) -> str:
        """The file's name."""
        return f"{self.df}{self.ef:04X}"

    @property
    def value(self) -> bytes:
        """Bytes that are this item's alone."""
        seed = sum(str(self).encode())
        return bytes((seed + 7 * place) % 251 + 1 for place in range(self.length))


def _rows() -> Iterator[Row]:
    for line in data_rows("card-filespec.csv"):
        for version in line["version"].split("/"):
            for parent in line["parent_tag"].split(";"):
                yield _row(line, version, parent)


def _row(line: Mapping[str, str], version: str, parent: str) -> Row:
    return Row(
        version,
        line["df"],
        int(line["ef"], 16),
        line["structure"],
        line["tag"],
        int(line["length_hex"], 16),
        line["read_rule"],
        line["write_key"],
        parent,
    )


ROWS = tuple(_rows())
LINES = len(data_rows("card-filespec.csv"))


@cache
def cells(version: str) -> bytes:
    """The memory of a card of a version."""
    return make(SHAPES[version], blank(contents={"DF04EF05": {"8F": "2"}}))


def terminal(version: str) -> Terminal:
    """A fresh card of a version."""
    return Terminal(SHAPES[version], card_from(cells(version), Counted()))


def test_no_row_is_left_out() -> None:
    """The whole table, each row in every version it names."""
    assert {row.version for row in ROWS} == set(VERSIONS)
    assert LINES == 358
    assert len(ROWS) == sum(
        len(line["version"].split("/")) * len(line["parent_tag"].split(";"))
        for line in data_rows("card-filespec.csv")
    )


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_written_and_read_back(row: Row) -> None:
    """C2: with the key of its file an item is written, and read back byte for byte by its rule."""
    card = terminal(row.version).application(row.df)
    if row.write == NEVER:
        _bought(card, row)
        return
    card.show(row.write)
    write, read, wanted = _commands(row)
    for command in write:
        card.done(command)
    _fulfil(card, row)
    assert b"".join(card.done(command) for command in read) == wanted
    if row.structure == "tlv":
        assert _found(row, wanted) == row.value


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_refused_without_its_rule(row: Row) -> None:
    """C8: reading needs just what the rule says; writing needs the file's own key, no PIN helps."""
    rule = read_rule(row.read)
    key = key_of(rule)
    strangers = {"IRK", "STK", row.write, key} | {None}
    other = next(name for name in ("UK1DF03", "UK2DF03", "UKSSSE") if name not in strangers)
    shown = [PIN, *([key] if key else [])]
    for count in range(len(shown) + 1):
        for some in combinations(shown, count):
            card = terminal(row.version)
            if other.endswith(row.df):
                card.application(row.df).show(other)
            _show(card.application(row.df), *some)
            expected = 0x9000 if satisfied(rule, frozenset(some)) else 0x6982
            assert _read_word(card, row) == expected, f"{row} with {some}"
            if row.write not in some:
                assert _write_word(card, row) == 0x6982, f"{row} written with {some}"


def _show(card: Terminal, *names: str) -> None:
    for name in names:
        if name == PIN:
            card.show_pin()
        else:
            card.show(name)


def _fulfil(card: Terminal, row: Row) -> None:
    """What reading needs, in the current application."""
    rule = read_rule(row.read)
    key = key_of(rule)
    if key:
        card.show(key)
    if not satisfied(rule, frozenset(filter(None, [key]))):
        card.show_pin()


def _commands(row: Row) -> tuple[list[bytes], list[bytes], bytes]:
    """What writes an item, what reads it, and what reading gives."""
    if row.structure == "transparent":
        return _plain(row)
    if row.structure == "cyclic":
        whole = _ring_record(row)
        add = bytes((0x00, 0xDC, 0x00, _p2(row, 3), len(whole))) + whole
        return [add], [bytes((0x00, 0xB2, 0x01, _p2(row, 4), len(whole)))], whole
    whole = _record(row)
    write, read, answer = [], [], b""
    for number in _numbers(row):
        write.append(bytes((0x00, 0xDC, number, _p2(row, 4), len(whole))) + whole)
        read.append(bytes((0x00, 0xB2, number, _p2(row, 4), len(whole))))
        answer += whole
    tag = whole[0]
    read.append(bytes((0x00, 0xB2, tag, _p2(row, 0), len(whole))))
    return write, read, answer + whole


def _plain(row: Row) -> tuple[list[bytes], list[bytes], bytes]:
    value, write, read = row.value, [], []
    for offset in range(0, row.length, PIECE):
        piece = value[offset : offset + PIECE]
        place = offset.to_bytes(2) + bytes((len(piece),))
        write.append(bytes((0x00, 0xD6)) + place + piece)
        read.append(bytes((0x00, 0xB0)) + place)
    chosen = bytes((0x00, 0xA4, 0x02, 0x00, 0x02)) + row.ef.to_bytes(2)
    return [chosen, *write], [chosen, *read], value


def _p2(row: Row, mode: int) -> int:
    return (row.ef & 0x1F) << 3 | mode


def _item_tag(row: Row) -> int:
    return int(row.parent or row.tag, 16)


def _numbers(row: Row) -> range:
    """The record numbers of an item: as many as it repeats."""
    file = specification(row.version).file(row.name)
    first = file.number(_item_tag(row))
    return range(first, first + file.item(_item_tag(row)).repeat)


def _record(row: Row) -> bytes:
    """The record that holds an item, alone or among the empty parts of its parent."""
    if not row.parent:
        return record(int(row.tag, 16), row.value)
    parts = [line for line in ROWS if _beside(line, row)]
    inside = b"".join(
        record(int(part.tag, 16), row.value if part == row else bytes(part.length))
        for part in parts
    )
    return record(int(row.parent, 16), inside)


def _ring_record(row: Row) -> bytes:
    if row.tag == "-":
        return row.value
    parts = [line for line in ROWS if _beside(line, row)]
    return b"".join(row.value if part == row else bytes(part.length) for part in parts)


def _beside(line: Row, row: Row) -> bool:
    there = (line.version, line.df, line.ef, line.parent)
    return there == (row.version, row.df, row.ef, row.parent)


def _found(row: Row, answer: bytes) -> bytes:
    """The item's value in what was read."""
    first = next(iter(records(answer)))
    if not row.parent:
        return first.value
    return next(part.value for part in records(first.value) if part.tag == int(row.tag, 16))


def _read_word(card: Terminal, row: Row) -> int:
    if row.structure == "transparent":
        card.done(f"00A4020002{row.ef:04X}")
        return card.word("00B0000001")
    word = card.word(bytes((0x00, 0xB2, 0x01, _p2(row, 4), 0x01)))
    return 0x9000 if word >> 8 == 0x6C or word == 0x6A83 else word


def _write_word(card: Terminal, row: Row) -> int:
    if row.structure == "transparent":
        card.done(f"00A4020002{row.ef:04X}")
        return card.word("00D600000155")
    if row.structure == "cyclic":
        length = specification(row.version).file(row.name).items[0].length
        return card.word(bytes((0x00, 0xDC, 0x00, _p2(row, 3), length)) + bytes(length))
    whole = _record(row)
    return card.word(bytes((0x00, 0xDC, _item_tag(row), _p2(row, 0), len(whole))) + whole)


def _bought(card: Terminal, row: Row) -> None:
    """The card's own log: a purchase writes it, a terminal never can."""
    assert _write_word(card, row) == 0x6982
    card.show_pin()
    card.done(card.load(5_000))
    card.done(card.purchase(1_000, 200, 300))
    amounts = [amount.to_bytes(4) for amount in (1_000, 200, 300)]
    parts = [bytes(2), b"2", TERMINAL, TIME, *amounts]
    answer = card.done(bytes((0x00, 0xB2, 0x01, _p2(row, 4), 28)))
    whole = b"".join(parts)
    assert answer == whole
    place = sum(map(len, parts[: int(row.tag[1:]) - 1])) if row.tag != "-" else 0
    wanted = parts[int(row.tag[1:]) - 1] if row.tag != "-" else whole
    assert answer[place : place + row.length] == wanted
