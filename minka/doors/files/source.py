"""A table as it lies in a file: csv in UTF-8 or GB18030, or the first sheet of a workbook.

Cells stay text. A figure of a workbook that cannot be an exact number any more becomes
``LOST_DIGITS``, so that its row is refused and no wrong identity number is ever read.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.hashes import SM3, Hash

from minka.doors.files.refusals import FileFault, FileRefusal

LOST_DIGITS = "\x01"
FORMULA_HEADS = tuple("=+-@\t\r＝＋－＠'")
"""Heads of a cell that a spreadsheet may take for a formula, and the mark that escapes them."""

RawRow = tuple[int, list[str]]
"""The line a row begins on, and its cells."""

_EXACT = 10**15
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def escaped(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula (an apostrophe before it)."""
    return f"'{cell}" if cell.startswith(FORMULA_HEADS) else cell


def unescaped(cell: str) -> str:
    """A cell as it was before ``escaped``."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA_HEADS) else cell


@dataclass(frozen=True, slots=True)
class Table:
    """A file that can be read from its first row again and again."""

    path: Path
    head: tuple[str, ...]
    lines: int
    """About how many rows there are, for the progress bar."""
    digest: bytes
    """SM3 of the file's bytes; never stored as it is."""
    encoding: str = ""
    """Empty for a workbook."""
    delimiter: str = ","

    def rows(self) -> Iterator[RawRow]:
        """Every row below the head that is not blank."""
        found = self._csv_rows() if self.encoding else _sheet_rows(self.path)
        next(found, None)
        return (each for each in found if any(each[1]))

    def _csv_rows(self) -> Iterator[RawRow]:
        return _csv_rows(self.path, self.encoding, self.delimiter)


def open_table(path: Path) -> Table:
    """The table of a file. Faults: ``FileRefusal`` for what cannot be read as one."""
    try:
        with path.open("rb") as file:
            start = file.read(1024)
        if start.startswith(_WORKBOOKS):
            return _opened(path, "", ",", lines=_sheet_lines(path))
        encoding, lines = _encoding(path, start)
        return _opened(path, encoding, _delimiter(path, encoding), lines=lines)
    except OSError:
        raise FileFault(FileRefusal.NOT_READABLE, file=path.name) from None


def _opened(path: Path, encoding: str, delimiter: str, *, lines: int) -> Table:
    found = _csv_rows(path, encoding, delimiter) if encoding else _sheet_rows(path)
    head = next((cells for _, cells in found), [])
    if not any(head):
        raise FileFault(FileRefusal.EMPTY_FILE)
    return Table(path, tuple(head), max(lines - 1, 0), _digest(path), encoding, delimiter)


def _digest(path: Path) -> bytes:
    state = Hash(SM3())
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            state.update(part)
    return state.finalize()


def _encoding(path: Path, start: bytes) -> tuple[str, int]:
    """The encoding of a text file and how many lines it has.

    A file that is mostly sound UTF-8 is broken UTF-8 and not GB18030, which accepts most bytes.
    """
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in start:
        raise FileFault(FileRefusal.UTF16)
    lines, sound, broken, first = 0, 0, 0, 0
    with path.open("rb") as file:
        for lines, raw in enumerate(file, start=1):
            if not raw.isascii():
                bad = not _decodes(raw, "utf-8")
                sound, broken = sound + (not bad), broken + bad
                first = first or (lines if bad else 0)
    if not broken:
        return "utf-8-sig", lines
    if sound > broken or start.startswith(b"\xef\xbb\xbf"):
        raise FileFault(FileRefusal.ENCODING, line=first)
    _refuse_broken_gb18030(path)
    return "gb18030", lines


def _refuse_broken_gb18030(path: Path) -> None:
    with path.open("rb") as file:
        for line, raw in enumerate(file, start=1):
            if not _decodes(raw, "gb18030"):
                raise FileFault(FileRefusal.ENCODING, line=line)


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(path: Path, encoding: str) -> str:
    """The sign that parts the head's cells: comma, tab or semicolon, whichever stands most."""
    with path.open(encoding=encoding, newline="") as file:
        head = file.readline()
    return max(",\t;", key=head.count)


def _csv_rows(path: Path, encoding: str, delimiter: str) -> Iterator[RawRow]:
    line = 1
    try:
        with path.open(encoding=encoding, newline="") as file:
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            for cells in reader:
                yield line, cells
                line = reader.line_num + 1
    except csv.Error:
        raise FileFault(FileRefusal.QUOTES, line=line) from None


def _sheet(path: Path) -> Any:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        return CalamineWorkbook.from_path(path).get_sheet_by_index(0)
    except (CalamineError, IndexError):
        raise FileFault(FileRefusal.NOT_A_TABLE, file=path.name) from None


def _sheet_lines(path: Path) -> int:
    return int(_sheet(path).height)


def _sheet_rows(path: Path) -> Iterator[RawRow]:
    sheet = _sheet(path)
    first = sheet.start[0] + 1 if sheet.start else 1
    for line, cells in enumerate(sheet.iter_rows(), start=first):
        yield line, [_cell_text(cell) for cell in cells]


def _cell_text(cell: Any) -> str:
    match cell:
        case str():
            return escaped(cell)
        case bool():
            return str(int(cell))
        case int() | float():
            return _figure_text(cell)
        case datetime():
            return cell.isoformat(sep=" ").removesuffix(" 00:00:00")
        case date():
            return cell.isoformat()
        case _:
            return str(cell)


def _figure_text(figure: int | float) -> str:
    if figure != int(figure):
        return repr(figure)
    return LOST_DIGITS if abs(figure) >= _EXACT else str(int(figure))
