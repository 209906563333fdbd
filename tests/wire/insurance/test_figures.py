"""Numbers are read to the digit and written to the digit (I4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minka.wire.insurance import figures
from minka.wire.insurance.figures import NotSo

DECIMALS = st.decimals(-(10**13), 10**13, places=2, allow_nan=False, allow_infinity=False)


@given(DECIMALS)
def test_an_amount_is_what_its_text_says(amount: Decimal) -> None:
    """Fen are exactly a hundred times the text, and writing gives the text back."""
    text = f"{amount:f}"
    fen = figures.number(text, 16, 2)
    assert fen == amount * 100
    assert figures.cents(text) == fen
    assert Decimal(figures.plain(fen, 2)) == amount
    assert figures.number(figures.plain(fen, 2), 16, 2) == fen


@given(st.text(max_size=20) | st.integers() | st.none() | st.booleans() | st.lists(st.none()))
def test_the_short_way_reads_what_the_long_way_reads(given_value: object) -> None:
    """``cents`` is ``number`` with sixteen digits, whatever comes."""

    def outcome(read: figures.Reader) -> object:
        try:
            return read(given_value)
        except NotSo as wrong:
            return wrong.rule

    assert outcome(figures.cents) == outcome(lambda each: figures.number(each, 16, 2))


@pytest.mark.parametrize(
    ("text", "scale", "wanted"),
    [
        ("12.3", 2, 1230),
        ("12", 2, 1200),
        ("-0.05", 2, -5),
        ("12.3000", 2, 1230),
        ("00012.30", 2, 1230),
        ("0.85", 4, 8500),
        ("1.234567", 6, 1234567),
        ("45.5", 1, 455),
        ("-0", 2, 0),
        (12, 2, 1200),
        ("17", 0, 17),
    ],
)
def test_readings(text: object, scale: int, wanted: int) -> None:
    """Quantities in ten-thousandths, prices in millionths, ages in tenths."""
    assert figures.number(text, 16, scale) == wanted


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("1e2", "NUMBER"),
        ("1E2", "NUMBER"),
        ("", "NUMBER"),
        ("-", "NUMBER"),
        ("+5", "NUMBER"),
        (".5", "NUMBER"),
        ("5.", "NUMBER"),
        ("1.2.3", "NUMBER"),
        (" 1", "NUMBER"),
        ("1_0", "NUMBER"),
        ("１２", "NUMBER"),
        ("²", "NUMBER"),
        ("NaN", "NUMBER"),
        ("9" * 41, "NUMBER"),
        (True, "NUMBER"),
        (None, "NUMBER"),
        (1.5, "NUMBER"),
        ("12.345", "DECIMALS"),
        ("9" * 15, "DIGITS"),
        (10**14, "DIGITS"),
    ],
)
def test_what_is_no_amount(text: object, rule: str) -> None:
    """Exponents, signs, spaces, foreign digits and binary fractions are refused by name."""
    with pytest.raises(NotSo) as wrong:
        figures.number(text, 16, 2)
    assert wrong.value.rule == rule


def test_an_amount_at_its_limit() -> None:
    """Fourteen places before the point are the most."""
    assert figures.number("99999999999999.99", 16, 2) == 10**16 - 1
    with pytest.raises(NotSo):
        figures.number("100000000000000.00", 16, 2)


@pytest.mark.parametrize("text", ["2026-02-28", "2024-02-29"])
def test_days(text: str) -> None:
    """A date stays the text it was."""
    assert figures.day(text) == text


@pytest.mark.parametrize(
    "text", ["2026-02-29", "2026-W01-1", "20260228", "2026/02/28", "２026-02-28", "", 5, None]
)
def test_no_days(text: object) -> None:
    """Other writings and days that never were are refused."""
    with pytest.raises(NotSo):
        figures.day(text)


@pytest.mark.parametrize(
    "text",
    [
        *("2026-03-02T09:30:15", "2026-03-02 09:30", "2026-03-02 09:30:60", "2026-W10-1 09:30:15"),
        *("2026-03-02 09:30:15Z", "2026-03-02 0930:15", "2026-03-02 09:30+08", "", None),
    ],
)
def test_no_seconds(text: object) -> None:
    """Only ``yyyy-MM-dd HH:mm:ss`` is a time."""
    assert figures.second("2026-03-02 09:30:15") == "2026-03-02 09:30:15"
    with pytest.raises(NotSo):
        figures.second(text)


@pytest.mark.parametrize(
    "msgid",
    [
        *("H99010000001202602300930150001", "H99010000001202603020930600001"),
        *("H9901000000120260302093015000", "H990100000012026030209301500011"),
        *("H9901000000-202603020930150001", "H99010000001202603020930150x01", "", None),
        *("H9901000000１202603020930150001", "H99010000001２02603020930150001"),
    ],
)
def test_no_message_ids(msgid: object) -> None:
    """Twelve letters or digits, a time that was, four digits; nothing else is a message id."""
    genuine = "H99010000001202603020930150001"
    assert figures.message_id(genuine) == genuine
    assert figures.message_key(genuine) == ("H99010000001", 202603020930150001)
    with pytest.raises(NotSo):
        figures.message_id(msgid)


@given(st.integers(0, 4_000_000_000_000_000))
def test_instants_are_written_in_chinas_time(microseconds: int) -> None:
    """Seventeen digits down to the millisecond, nineteen characters down to the second."""
    at = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=microseconds)
    local = at + timedelta(hours=8)
    assert figures.instant17(at) == local.strftime("%Y%m%d%H%M%S%f")[:17]
    assert figures.second(figures.instant19(at)) == local.strftime("%Y-%m-%d %H:%M:%S")
