"""Small invented tables for the tests of import and export."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, LiteralString

from minka.bench.people import invented_number
from minka.desk.office import Office
from minka.doors.files.runs import Arrival, Mode, Order, bring_in
from minka.doors.files.workers import Crew

Row = Mapping[str, str]
PERSON = {"name": "陈晓岚", "region": "R1"}
CARD = {"status": "active", "region": "R1"}


def number(serial: int, born: str = "19800101") -> str:
    """A citizen number that is nobody's."""
    return invented_number("119901", born, serial)


def person(serial: int, **fields: str) -> dict[str, str]:
    """A row about an invented person."""
    return {"number": number(serial), **PERSON, **fields}


def card(serial: int, card_number: str, **fields: str) -> dict[str, str]:
    """A row about a card of an invented person."""
    return {"number": number(serial), "card_number": card_number, **CARD, **fields}


def table(path: Path, rows: Sequence[Row], *, encoding: str = "utf-8") -> Path:
    """A csv of some rows; its head has every field that a row names."""
    head = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows([row.get(name, "") for name in head] for row in rows)
    return path


def workbook(path: Path, rows: Iterable[Sequence[Any]]) -> Path:
    """An xlsx of some rows of texts, figures and dates."""
    import xlsxwriter

    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                form = [day] if hasattr(cell, "isoformat") else []
                sheet.write(at, column, cell, *form)
    return path


def take(office: Office, path: Path, kind: str = "persons", *, crew: Crew, **order: Any) -> Arrival:
    """Bring a file in."""
    return bring_in(office, Order(kind, path, **order), crew)


def dry(office: Office, path: Path, kind: str = "persons", *, crew: Crew) -> Arrival:
    """Check a file and change nothing."""
    return take(office, path, kind, crew=crew, mode=Mode.DRY)


def reasons(arrival: Arrival) -> dict[int, str]:
    """Line to refusal code."""
    return {end.line: end.code for end in arrival.refused}


def sole(office: Office, words: LiteralString) -> Any:
    """The one value of a statement."""
    return column(office, words)[0]


def column(office: Office, words: LiteralString) -> list[Any]:
    """The first column of a statement."""
    with office.register.act() as connection:
        rows = connection.execute(words).fetchall()
    return [next(iter(row.values())) for row in rows]
