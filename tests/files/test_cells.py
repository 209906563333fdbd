"""Cells read as values: numbers by their faulty part, dates in every spelling, names."""

from __future__ import annotations

from datetime import datetime

import pytest

from minka.bench.people import RARE
from minka.doors.files import mapping
from minka.doors.files.cells import Plan, is_name, read_cells, read_instant
from minka.doors.files.refusals import RowFault, RowRefusal
from minka.kit.clock import CHINA
from tests.files.tables import number

HEAD = ("number", "name", "birth", "phone", "region")
REGIONS = {"R1": "R1", "990100": "R1"}


def plan() -> Plan:
    """A plan for people in Minka's own columns and a birth date."""
    places = {name: at for at, name in enumerate(HEAD)}
    return Plan("persons", HEAD, places, (), {}, REGIONS, {"R1": "social_security_card"})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", RowRefusal.EMPTY),
        ("11990119800101", RowRefusal.NUMBER_LENGTH),
        ("1199011980O1010017", RowRefusal.NUMBER_CHARACTERS),
        ("009901198001010017", RowRefusal.NUMBER_AREA),
        ("119901198013010017", RowRefusal.NUMBER_BIRTH_DATE),
        (f"{number(1)[:17]}{'0' if number(1)[17] != '0' else '1'}", RowRefusal.NUMBER_CHECK),
    ],
)
def test_a_wrong_number_says_which_part_is_wrong(text: str, reason: RowRefusal) -> None:
    """The clerk knows where to look; the sentence never repeats the number."""
    with pytest.raises(RowFault) as fault:
        read_cells(plan(), [text, "甲", "", "", "R1"]).number()
    assert fault.value.reason is reason
    for language in ("zh-hans", "zh-hant", "en"):
        sentence = fault.value.reason.words.say(language, **fault.value.facts)
        assert sentence
        assert not text or text not in sentence


def test_numbers_are_read_in_every_spelling() -> None:
    """Full-width digits, spaces and a small x are the same number."""
    wide = "".join(chr(ord(c) + 0xFEE0) for c in number(7)).lower()
    for text in (wide, f" {number(7)} ", f"{number(7)[:6]} {number(7)[6:]}"):
        assert read_cells(plan(), [text, "甲", "", "", "R1"]).number() == number(7)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("20260131", datetime(2026, 1, 31, tzinfo=CHINA)),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=CHINA)),
        ("2026/1/31", datetime(2026, 1, 31, tzinfo=CHINA)),
        ("2026.01.31", datetime(2026, 1, 31, tzinfo=CHINA)),
        ("2026年1月31日", datetime(2026, 1, 31, tzinfo=CHINA)),
        ("20260131093015", datetime(2026, 1, 31, 9, 30, 15, tzinfo=CHINA)),
        ("2026-01-31 09:30", datetime(2026, 1, 31, 9, 30, tzinfo=CHINA)),
        ("2026-01-31T01:30:15.000001Z", datetime(2026, 1, 31, 9, 30, 15, 1, tzinfo=CHINA)),
        ("2026131", None),
        ("20261301", None),
        ("31.01.2026", None),
        ("gestern", None),
    ],
)
def test_dates_are_read_in_the_spellings_in_use(text: str, instant: datetime | None) -> None:
    """China's time where no zone is written."""
    assert read_instant(text) == instant


def test_a_bare_last_day_holds_to_its_end_and_9999_means_no_end() -> None:
    """Stopping too long harms less than letting go too early."""
    cells = read_cells(plan(), [number(1), "甲", "20260131", "", "R1"])
    assert cells.last_instant("birth") == datetime(2026, 2, 1, tzinfo=CHINA)
    cells = read_cells(plan(), [number(1), "甲", "20260131120000", "", "R1"])
    assert cells.last_instant("birth") == datetime(2026, 1, 31, 12, tzinfo=CHINA)
    assert read_cells(plan(), [number(1), "甲", "99991231", "", "R1"]).day("birth") is None


@pytest.mark.parametrize("name", [*RARE, "欧阳若谷", "O’Neill", "\ue816某", "㐆\U000323af"])
def test_rare_names_are_names(name: str) -> None:
    """Extensions A to H, dots, letters and characters kept in private use."""
    assert is_name(name)


@pytest.mark.parametrize("name", ["", "王?", "王□", "王*", "王1", "<b>", "=1+1", "·", "x" * 101])
def test_signs_for_lost_characters_are_no_names(name: str) -> None:
    """A question mark in a name means that a system before us lost a rare character."""
    assert not is_name(name)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ([number(1), "甲"], RowRefusal.CELLS),
        ([number(1), "甲\ufffd", "", "", "R1"], RowRefusal.BROKEN_TEXT),
        ([number(1), "甲\x00", "", "", "R1"], RowRefusal.BROKEN_TEXT),
        (["\x01", "甲", "", "", "R1"], RowRefusal.DIGITS_LOST),
    ],
)
def test_broken_rows_are_refused(cells: list[str], reason: RowRefusal) -> None:
    """A shifted row or a broken character must never be read as somebody else."""
    with pytest.raises(RowFault) as fault:
        read_cells(plan(), cells)
    assert fault.value.reason is reason


def test_codes_fill_the_fields_they_stand_for() -> None:
    """AAZ502 by the card centres' table; the same digit elsewhere means something else."""
    states = {
        ("aac", "AAZ502", "0"): ("sealed", ""),
        ("aac", "AAZ502", "1"): ("active", ""),
        ("aac", "AAZ502", "2"): ("active", "formal"),
        ("aac", "AAZ502", "4"): ("active", "provisional"),
        ("aac", "AAZ502", "9"): ("cancelled", ""),
        ("pinyin", "kzt", "A"): ("sealed", ""),
        ("pinyin", "kzt", "2"): ("active", "formal"),
        ("pinyin", "kzt", "B"): ("active", "provisional"),
        ("pinyin", "kzt", "3"): ("cancelled", "formal"),
        ("pinyin", "kzt", "4"): ("cancelled", ""),
        ("chinese", "卡状态", "临时挂失"): ("active", "provisional"),
    }
    for (name, head, code), (status, lost) in states.items():
        codes = mapping.dialect("cards", name).codes((head,))
        cells = read_cells(Plan("cards", (head,), {}, codes, {}, {}, {}), [code])
        assert (cells.text("status"), cells.text("lost")) == (status, lost), (name, code)


def test_an_unknown_code_is_refused_not_guessed() -> None:
    """AAZ502 3 (application locked) has no counterpart: a person decides."""
    codes = mapping.dialect("cards", "aac").codes(("AAZ502",))
    with pytest.raises(RowFault) as fault:
        read_cells(Plan("cards", ("AAZ502",), {}, codes, {}, {}, {}), ["3"])
    assert fault.value.reason is RowRefusal.CODE
    assert fault.value.facts == {"column": "AAZ502"}
