"""The chart of accounts: I6, K6, P7."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from minka.accounts.chart import (
    CHART,
    DERIVED,
    PURPOSE_BOUND,
    AccountKind,
    fund_owner,
    of_fund,
    of_provider,
)
from minka.accounts.movement import NAMES, OTHER, Movement, words_of


def test_the_chart_and_the_register_know_the_same_kinds(database_url: str) -> None:
    """I6: number, name and floor of every kind agree with the table."""
    with psycopg.connect(database_url) as connection:
        found = connection.execute("select kind, name, floor from account_kind").fetchall()
    said = {(int(kind), kind.name.lower(), row.floor_fen) for kind, row in CHART.items()}
    assert set(found) == said


def test_every_kind_is_in_the_chart() -> None:
    """No kind without an owner and a name."""
    assert set(CHART) == set(AccountKind)
    assert set(AccountKind) == PURPOSE_BOUND | DERIVED
    assert not PURPOSE_BOUND & DERIVED


def test_only_a_persons_money_has_a_floor() -> None:
    """K6: what is purpose-bound never goes below zero; the derived accounts may owe."""
    floors = {kind for kind, row in CHART.items() if row.floor_fen is not None}
    assert floors == PURPOSE_BOUND
    assert all(CHART[kind].owner == "person" for kind in PURPOSE_BOUND)


def test_owners_of_funds_are_area_and_scheme() -> None:
    """The register's view computes the same number."""
    assert fund_owner(990100, 310) == 990100310
    assert of_fund(AccountKind.TREASURY, 990100, 310).owner == 990100310
    with pytest.raises(AssertionError):
        of_fund(AccountKind.PROVIDER_PAYABLE, 990100, 310)
    with pytest.raises(AssertionError):
        of_provider(AccountKind.TREASURY, 1)


def test_every_movement_has_words() -> None:
    """A statement names every line in three languages."""
    assert set(NAMES) == {each.value for each in Movement}
    assert words_of("something new") is OTHER
    for words in (*NAMES.values(), *(row.words for row in CHART.values())):
        assert words.zh_hans
        assert words.zh_hant
        assert words.en[0].isupper()


def test_the_chart_is_documented(project: Path) -> None:
    """A reader finds every kind of account in docs/accounts.md."""
    text = (project / "docs" / "accounts.md").read_text("utf-8")
    assert [
        kind.name for kind in AccountKind if f"| {int(kind)} | {kind.name.lower()} |" not in text
    ] == []
