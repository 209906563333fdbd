"""Files as they come from real offices: encodings, broken bytes, quotes, workbooks."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minka.doors.files.refusals import FileFault, FileRefusal
from minka.doors.files.source import (
    FORMULA_HEADS,
    LOST_DIGITS,
    escaped,
    open_table,
    unescaped,
)
from tests.files.tables import workbook

TEXT = 'number,name\r\n1,䶮小禾\r\n\r\n2,"两行\n的名字"\r\n3,𠮷\r\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_every_encoding_in_use_gives_the_same_rows(tmp_path: Path, encoding: str) -> None:
    """Rare characters survive; a blank line is nothing; a line's number is the file's own."""
    path = tmp_path / "a.csv"
    path.write_bytes(TEXT.encode(encoding))
    found = open_table(path)
    assert found.head == ("number", "name")
    rows = [(2, ["1", "䶮小禾"]), (4, ["2", "两行\n的名字"]), (6, ["3", "𠮷"])]
    assert list(found.rows()) == rows == list(found.rows())


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_the_delimiter_is_seen_in_the_head(tmp_path: Path, delimiter: str) -> None:
    """Offices part cells in three ways."""
    path = tmp_path / "a.csv"
    path.write_text(f"number{delimiter}name\n1{delimiter}甲\n", encoding="utf-8")
    assert list(open_table(path).rows()) == [(2, ["1", "甲"])]


def refusal(path: Path) -> tuple[FileRefusal, dict[str, object]]:
    """Why a file is refused."""
    with pytest.raises(FileFault) as fault:
        list(open_table(path).rows())
    refused = fault.value.refused
    assert isinstance(refused.reason, FileRefusal)
    return refused.reason, dict(refused.facts)


def test_broken_utf8_is_not_taken_for_gb18030(tmp_path: Path) -> None:
    """One lost byte would otherwise turn every name into other characters."""
    good = "number,name\n1,陈晓岚\n2,李望舒\n".encode()
    path = tmp_path / "a.csv"
    path.write_bytes(good + "3,周思齐\n".encode()[:-2] + b"\n4,x\n")
    assert refusal(path) == (FileRefusal.ENCODING, {"line": 4})


def test_broken_gb18030_names_its_line(tmp_path: Path) -> None:
    """Bytes of neither encoding."""
    path = tmp_path / "a.csv"
    path.write_bytes("number,name\n1,陈晓岚\n".encode("gb18030") + b"2,\x81\xff\n")
    assert refusal(path) == (FileRefusal.ENCODING, {"line": 3})


def test_other_broken_files_say_what_they_are(tmp_path: Path) -> None:
    """UTF-16, an open quotation mark, an empty file, a file that is not there, no workbook."""
    path = tmp_path / "a.csv"
    path.write_bytes("number,name\n".encode("utf-16"))
    assert refusal(path)[0] is FileRefusal.UTF16
    path.write_text('number,name\n1,"open\n2,a\n', encoding="utf-8")
    assert refusal(path)[0] is FileRefusal.QUOTES
    path.write_text("\n", encoding="utf-8")
    assert refusal(path)[0] is FileRefusal.EMPTY_FILE
    assert refusal(tmp_path / "none.csv")[0] is FileRefusal.NOT_READABLE
    path.write_bytes(b"PK\x03\x04 nothing of a workbook")
    assert refusal(path)[0] is FileRefusal.NOT_A_TABLE


def test_a_workbooks_cells_are_text_and_lost_digits_are_noticed(tmp_path: Path) -> None:
    """An identity number typed as a figure has lost its end: its row must not be read."""
    path = workbook(
        tmp_path / "a.xlsx",
        [
            ("number", "born", "phone", "ratio"),
            ("119901198001010017", date(1980, 1, 1), 13800000000, 1.5),
            (119901198001010017, "", "=1+1", ""),
        ],
    )
    rows = list(open_table(path).rows())
    assert rows[0] == (2, ["119901198001010017", "1980-01-01", "13800000000", "1.5"])
    assert rows[1][1][0] == LOST_DIGITS


@given(st.text())
def test_an_escaped_cell_is_no_formula_and_comes_back(cell: str) -> None:
    """A spreadsheet must not run what a file brings; nothing of the text is lost."""
    assert unescaped(escaped(cell)) == cell
    assert escaped(cell) == cell or escaped(cell)[0] == "'"
    assert not escaped(cell).startswith(tuple(set(FORMULA_HEADS) - {"'"}))
