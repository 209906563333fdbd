"""The one table from refusals to field 39, and how messages are read: I4, K7."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from minka.accounts.refusals import AccountRefusal
from minka.cards.pin_refusals import PinRefusal
from minka.cards.refusals import UseRefusal
from minka.care.refusals import CareRefusal
from minka.doors.host.pages import written
from minka.doors.host.reading import answer_kind, is_answer, local_time, request_kind
from minka.doors.host.refusals import FIELD_39, HostRefusal, field_39

AT_A_TILL = (UseRefusal, PinRefusal, HostRefusal, CareRefusal)
"""Rooms of refusals of which a terminal can meet every one."""


def test_every_refusal_has_its_answer() -> None:
    """I4: the table is exhaustive, its answers are two characters, none of them 00."""
    for room in AT_A_TILL:
        assert [reason for reason in room if reason not in FIELD_39] == []
    assert all(len(a) == 2 and a.isalnum() and a != "00" for a in FIELD_39.values())
    codes = [reason.code for reason in FIELD_39]
    assert len(set(codes)) == len(codes)
    assert field_39("accepted") == "00"
    assert field_39("care.nothing_known") == "05"


def test_a_stopped_card_is_one_answer() -> None:
    """No till learns of a loss from the code."""
    stops = (
        UseRefusal.FORMAL_LOSS,
        UseRefusal.PROVISIONAL_LOSS,
        UseRefusal.FROZEN,
        UseRefusal.CANCELLED,
    )
    assert {FIELD_39[stop] for stop in stops} == {"62"}


def test_abroad_is_an_answer_of_its_own() -> None:
    """K7: the reason can be told from every other."""
    shared = [reason for reason, answer in FIELD_39.items() if answer == "93"]
    assert shared == [AccountRefusal.ABROAD]


def test_every_sentence_is_there_in_three_languages() -> None:
    """A terminal's own refusals are spoken, too."""
    for reason in HostRefusal:
        assert reason.words.zh_hans
        assert reason.words.zh_hant
        assert reason.words.en


@pytest.mark.parametrize(
    ("kind", "request_", "answer"),
    [
        ("0200", "0200", "0210"),
        ("0201", "0200", "0210"),
        ("0421", "0420", "0430"),
        ("0401", "0400", "0410"),
        ("0800", "0800", "0810"),
        ("0220", "", "0230"),
    ],
)
def test_kinds(kind: str, request_: str, answer: str) -> None:
    """A repeat is what it repeats; its answer is that of the first."""
    assert (request_kind(kind), answer_kind(kind), is_answer(kind)) == (request_, answer, 0)
    assert is_answer(answer)


@pytest.mark.parametrize(
    ("digits", "near", "year"),
    [
        ("1231235959", datetime(2027, 1, 1, 0, 5, tzinfo=UTC), 2026),
        ("0101000001", datetime(2026, 12, 31, 15, 0, tzinfo=UTC), 2027),
        ("0601120000", datetime(2026, 6, 1, 4, 0, tzinfo=UTC), 2026),
        ("0229120000", datetime(2027, 3, 1, 4, 0, tzinfo=UTC), 2028),
        ("1301120000", datetime(2026, 6, 1, tzinfo=UTC), None),
        ("0601250000", datetime(2026, 6, 1, tzinfo=UTC), None),
    ],
)
def test_the_year_that_a_message_does_not_say(
    digits: str, near: datetime, year: int | None
) -> None:
    """Around New Year a message of last year stays of last year; no date is none."""
    found = local_time(digits, near)
    assert (found.year if found else None) == year


def test_the_page_for_makers_of_terminals(project: Path) -> None:
    """docs/host.md is what the code says."""
    assert (project / "docs" / "host.md").read_text(encoding="utf-8") == written()
