"""Every sequence of acts on a lost card: P4, P5, P11, and the register against the decisions."""

from __future__ import annotations

import pytest

from minka.bench.desk_walk import explore_register, random_sequences
from minka.bench.sequences import (
    REGIONS,
    every_sequence,
    explore,
    keep_the_old,
    revoke_formal,
)
from minka.bench.small_world import COMMANDS
from minka.law.book import Book


@pytest.mark.parametrize("region", REGIONS)
def test_no_sequence_frees_a_formal_loss_or_makes_two_cards(book: Book, region: str) -> None:
    """P4, P5, P11, A14: all sequences up to length six, in each region (issue: Shows)."""
    seen = explore(book, region, 6)
    assert seen.violations == []
    assert seen.sequences == sum(len(COMMANDS) ** n for n in range(1, 7)) > 12_000_000


def test_the_sequences_reach_what_they_are_meant_to_reach(book: Book) -> None:
    """Sometimes: over the regions every command is accepted somewhere, activation and lapse too."""
    accepted: dict[str, int] = dict.fromkeys(COMMANDS, 0)
    for region in REGIONS:
        for command, count in explore(book, region, 6).accepted.items():
            accepted[command] += count
    assert [command for command, count in accepted.items() if count < 5] == []


def test_visiting_each_shape_once_leaves_nothing_out(book: Book) -> None:
    """All 3,615 sequences up to length three, one by one, reach the very same shapes."""
    for region in ("R1", "V2"):
        assert len(every_sequence(book, region, 3)) == explore(book, region, 3).shapes


@pytest.mark.parametrize(("wrong", "rule"), [(revoke_formal, "P4"), (keep_the_old, "P5")])
def test_wrong_builds_are_caught(book: Book, wrong: object, rule: str) -> None:
    """A withdrawal that ends formal losses, and an old card that lives on, break their rule."""
    assert callable(wrong)
    broken = {each.rule[:2] for each in explore(book, "R6", 6, by=wrong).violations}
    assert rule in broken


@pytest.mark.parametrize("region", ["R1", "R6"])
def test_the_register_goes_every_short_way_as_the_decisions_do(
    database_url: str, region: str
) -> None:
    """P4, P5, P11 at the real desks: same answers, same standings, no drift, everybody told."""
    seen = explore_register(database_url, region, 3)
    assert seen.violations == []
    assert seen.accepted["report_formal"] > 0


@pytest.mark.parametrize("region", ["R3", "V1", "V2"])
def test_the_register_goes_long_ways_as_the_decisions_do(database_url: str, region: str) -> None:
    """Random sequences of length ten through collection and activation, at the real desks."""
    assert random_sequences(database_url, region, count=4, length=10, seed=11).violations == []


@pytest.mark.nightly
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("region", REGIONS)
def test_the_register_goes_every_way_of_length_six(database_url: str, region: str) -> None:
    """The issue's own length at the real desks, and three hundred random ones of twice that."""
    assert explore_register(database_url, region, 6).violations == []
    found = random_sequences(database_url, region, count=300, length=12, seed=12)
    assert found.violations == []
