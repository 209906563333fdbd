"""Tables written to a file that only its owner can read: csv for everything, xlsx for people."""

from __future__ import annotations

import csv
import io
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from minka.doors.files.refusals import FileFault, FileRefusal
from minka.doors.files.source import escaped

WriteRow = Callable[[Sequence[str]], None]
XLSX_ROWS = 1_048_576
_NO_DATE = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""A workbook says when it was made; ours says nothing, so that equal rows make equal files."""


@contextmanager
def new_file(path: Path) -> Iterator[WriteRow]:
    """Writes rows of cells; the file appears whole, at the end, mode 0600. Faults: it exists."""
    if path.exists():
        raise FileFault(FileRefusal.EXISTS, file=path.name)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError:
        raise FileFault(FileRefusal.NOT_READABLE, file=path.name) from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield from _xlsx(file, path.parent) if path.suffix.lower() == ".xlsx" else _csv(file)
        _appear(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _appear(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path)
    except FileExistsError:
        raise FileFault(FileRefusal.EXISTS, file=path.name) from None


def _csv(file: Any) -> Iterator[WriteRow]:
    """UTF-8 with its mark, so that spreadsheets show Chinese; no cell is a formula."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    yield lambda cells: writer.writerow([escaped(cell) for cell in cells])
    text.flush()
    text.detach()


def _xlsx(file: Any, folder: Path) -> Iterator[WriteRow]:
    """One sheet in which every cell is text."""
    import xlsxwriter

    book = xlsxwriter.Workbook(file, {"constant_memory": True, "tmpdir": str(folder)})
    book.set_properties({"created": _NO_DATE})
    sheet = book.add_worksheet()
    at = iter(range(XLSX_ROWS))

    def write(cells: Sequence[str]) -> None:
        row = next(at, None)
        if row is None:
            raise FileFault(FileRefusal.TOO_MANY)
        for column, cell in enumerate(cells):
            if cell:
                sheet.write_string(row, column, cell)

    yield write
    book.close()
