"""What a worker writes for COPY is what the register's own side would have written."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from minka.cipher.field import SoftFieldKeys
from minka.desk.office import Office
from minka.doors.files.cells import Plan, read_cells
from minka.doors.files.persons import read_person
from minka.doors.files.workers import Crew
from minka.kit.clock import CHINA
from minka.kit.secret import Clear
from minka.store import bulk, bulk_lines
from minka.store.people import NewPerson, sealed_row
from tests.files.conftest import SECRET
from tests.files.tables import number, person, sole, table, take

NAMES = ("陈晓岚", "买买提·阿不都", "阿 • 力", "Ｍary-Ann O'Neil", "\ue816𠮷", "䶮")
PHONES = ("", "13800001234", "+86 138-0000-1234", "（010）1234567")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("phone", PHONES)
def test_a_read_person_is_sealed_as_at_the_counter(name: str, phone: str) -> None:
    """One sealing rule: a file's person equals the row of a registration, field by field (G1)."""
    keys = SoftFieldKeys(SECRET)
    head = ("number", "name", "phone")
    columns = {each: at for at, each in enumerate(head)}
    plan = Plan("persons", head, columns, (), {}, {"R1": "R1"}, {}, region="R1")
    cells = read_cells(plan, [number(7), name, phone])
    draft = read_person(cells, keys, 2)
    digits = cells.phone()
    one = NewPerson("R1", Clear(number(7)), Clear(name), Clear(digits) if digits else None)
    row = sealed_row(keys, one, 0)
    assert bulk_lines.fields(draft.sealed) == [_field(row[c]) for c in bulk.SEALED_COLUMNS]


def _field(value: object) -> bytes | None:
    match value:
        case str():
            return value.encode()
        case date():
            return (value - date(2000, 1, 1)).days.to_bytes(4, signed=True)
        case bytes() | None:
            return value
    raise AssertionError(type(value))


def test_every_kind_of_field_is_read_by_the_server_as_it_was_meant(
    empty: Office, crew: Crew, tmp_path: Path
) -> None:
    """Long texts, days before 2000, instants and absent fields come back as they went in."""
    long = "省" * 26 + "x"
    someone = person(1, photo_code=long, phone="13800001234")
    take(empty, table(tmp_path / "a.csv", [someone]), crew=crew)
    assert sole(empty, "select born_on from person") == date(1980, 1, 1)
    assert sole(empty, "select photo_code from person") == long
    assert sole(empty, "select octet_length(photo_code) from person") == 79
    assert sole(empty, "select guardian_id is null and employer_id is null from person")
    assert sole(empty, "select registered_at = at from person, import_chunk")


def test_fields_before_and_after_the_year_2000() -> None:
    """Days and microseconds are counted from 2000, before it downwards."""
    before = datetime(1999, 12, 31, 23, 59, 59, 999_999, tzinfo=CHINA)
    eight_hours = 8 * 3600 * 1_000_000
    assert bulk_lines.fields(bulk_lines.instant_field(before)) == [
        (-1 - eight_hours).to_bytes(8, signed=True)
    ]
    assert bulk_lines.fields(bulk_lines.day_field(date(1999, 12, 31))) == [b"\xff" * 4]
    many = bulk_lines.byte_field(b"x" * 300) + bulk_lines.NULL + bulk_lines.byte_field(b"")
    assert bulk_lines.fields(many) == [b"x" * 300, None, b""]
