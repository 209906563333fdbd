"""The paper itself: pages, sums over any movements, and cells that no spreadsheet runs (G6)."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from minka.accounts.movement import words_of
from minka.desk.account_look import Movement
from minka.desk.statement import Statement
from minka.doors.papers.sheets import Letterhead
from minka.doors.papers.statement import Owner, Size, as_csv, cells, harmless, printed, totals
from minka.kit.fen import from_yuan
from minka.kit.words import Words

BEGIN = datetime(2026, 10, 31, 16, tzinfo=UTC)
HEAD = Letterhead(Words("示例市", "示例市", "Example"), "12333", "zh-hans", "http://localhost/s/")
OWNER = Owner(
    name="张㼆",
    number_mask="1100**********0011",
    card_mask="T0*****17",
    code="T-7K2M-9QX4-T",
    check="1f3a 09bc 77d2",
    issued_at="2026-11-22 10:00",
    has_bank="yes",
)


def line(number: int, amount: int, left: int, provider: str = "示例市第一医院") -> Movement:
    """An allocation of so much, or a settlement of twice as much as the account paid."""
    kind, spent = ("allocation", 0) if amount > 0 else ("settlement", -amount)
    return Movement(
        ref=f"L{number}" if amount > 0 else f"{number:018d}00000001",
        at=BEGIN + timedelta(hours=number),
        kind=kind,
        words=words_of(kind),
        amount_fen=amount,
        balance_fen=left,
        provider_name=provider if spent else "",
        total_fen=spent * 2,
        fund_fen=spent // 2,
        account_fen=spent,
        cash_fen=spent * 2 - spent // 2 - spent,
        card_id=1,
    )


def statement(amounts: list[int], opening: int = 0, provider: str = "示例市第一医院") -> Statement:
    """A statement of these changes."""
    left, lines = opening, []
    for number, amount in enumerate(amounts):
        left += amount
        lines.append(line(number, amount, left, provider))
    return Statement(BEGIN, BEGIN + timedelta(days=30), opening, left, tuple(lines))


def read(pdf: bytes) -> PdfReader:
    """A PDF to look into."""
    return PdfReader(io.BytesIO(pdf))


@pytest.mark.parametrize("size", Size)
@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "en"])
def test_a_long_statement_has_numbered_pages(language: str, size: Size) -> None:
    """G6: every line once, the heads on each page, page numbers, tags, the language."""
    made = statement([500, -110] * 40)
    head = Letterhead(HEAD.city, HEAD.hotline, language, HEAD.status_url)
    reader = read(printed(made, OWNER, head, size))
    texts = [page.extract_text() for page in reader.pages]
    pages = len(texts)
    assert pages >= 2
    balance = {"zh-hans": "余额", "zh-hant": "餘額", "en": "Balance"}[language]
    for place, text in enumerate(texts, 1):
        assert f"{place} / {pages}" in text
        assert OWNER.code in text
    assert all(balance in text for text in texts[:-1])
    whole = "".join(texts).replace("\n", "")
    assert all(whole.count(each.ref) >= 1 for each in made.movements)
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]  # type: ignore[index]
    assert str(reader.trailer["/Root"]["/Lang"]).startswith("en" if language == "en" else "zh")  # type: ignore[index]


def test_large_print_is_larger() -> None:
    """G6: the same lines on more paper."""
    made = statement([500, -110] * 40)
    pages = [len(read(printed(made, OWNER, HEAD, size)).pages) for size in Size]
    assert pages[1] > pages[0]


def test_a_statement_of_nothing_says_so() -> None:
    """G6: no line, no table, a sentence; opening is closing."""
    text = read(printed(statement([], 777), OWNER, HEAD, Size.STANDARD)).pages[0].extract_text()
    assert "没有划入，也没有支出" in text
    assert text.count("7.77") == 2


CHANGES = st.lists(st.integers(-100000, 100000).filter(bool), max_size=30)


@given(CHANGES, st.integers(0, 10**9))
@settings(max_examples=200, deadline=None)
def test_the_columns_add_up(amounts: list[int], opening: int) -> None:
    """G6: what is printed in each column adds up to what is printed under it; so do the shares."""
    made = statement(amounts, opening)
    printed_lines = list(cells(made, "zh-hans"))
    under = totals(made, "zh-hans")
    for column in (3, 4, 6, 7, 8):
        summed = sum(from_yuan(each[column]) for each in printed_lines if each[column])
        assert summed == from_yuan(under[column])
    into, out, left = (from_yuan(under[column]) for column in (3, 4, 5))
    assert opening + into - out == left
    spent = made.sum_of("fund_fen") + made.sum_of("account_fen") + made.sum_of("cash_fen")
    assert spent == made.sum_of("total_fen")


@given(CHANGES, st.integers(0, 30))
@settings(max_examples=100, deadline=None)
def test_two_statements_in_a_row_are_the_whole(amounts: list[int], cut: int) -> None:
    """G6: adjoining periods leave nothing out and count nothing twice."""
    whole = statement(amounts)
    first = statement(amounts[:cut])
    second = statement(amounts[cut:], first.closing_fen)
    assert second.closing_fen == whole.closing_fen
    assert first.in_fen + second.in_fen == whole.in_fen
    assert first.out_fen + second.out_fen == whole.out_fen


DANGEROUS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_cell_is_a_formula(text: str) -> None:
    """ASVS 1.2.10: a text that a spreadsheet would run is made harmless."""
    assert harmless(text) == f"'{text}"
    rows = csv.reader(io.StringIO(as_csv(statement([-100], 500, text), OWNER, "en").decode()))
    found = [cell for row in rows for cell in row]
    assert f"'{text}" in found
    assert text not in found


@pytest.mark.parametrize("text", ["-12.00", "12.00", "示例医院", "2026-11-22", ""])
def test_plain_cells_stay(text: str) -> None:
    """G6: amounts stay numbers, words stay words."""
    assert harmless(text) == text
