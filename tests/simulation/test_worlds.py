"""Simulated worlds with lying clocks: P1-P6, P8, P10, P11; and mutants that must be caught."""

from __future__ import annotations

import pytest

from minka.bench.sim_core import Mutant
from minka.bench.simulate import SOMETIMES, fingerprint, one, simulate
from minka.law.book import Book

CAUGHT_BY = {
    Mutant.NO_IDEM: "P6",
    Mutant.REUSED_KEY: "P6",
    Mutant.STALE_STATUS: "P1",
    Mutant.RAW_CLOCK: "P10",
    Mutant.WALL_AT_BOOT: "P10",
    Mutant.BACKWARD_CLOCK: "P10",
    Mutant.NO_CARD_CLOCK: "P1",
    Mutant.NO_HOLD: "P10",
    Mutant.NO_MARK: "P10",
    Mutant.NO_SLACK: "P10",
    Mutant.STUCK_HOLD: "P10",
    Mutant.ACK_BEFORE_COMMIT: "P3",
    Mutant.HALF_COMMIT: "P6",
    Mutant.FORMAL_REVOCABLE: "P4",
    Mutant.FORMAL_LAPSES: "P4",
    Mutant.TWO_ACTIVE: "P5",
    Mutant.OLD_STILL_PAYS: "P5",
    Mutant.SEALED_PAYS: "P11",
    Mutant.CANCEL_FORGOTTEN: "P11",
    Mutant.ENDS_TOO_SOON: "P10",
    Mutant.NEVER_RELEASED: "P10",
}
"""The property whose check must notice that a precaution is missing."""


def test_no_world_breaks_a_property_and_every_situation_comes_up(book: Book) -> None:
    """P1-P6, P8, P10, P11; and each named situation comes up, or the worlds are dull."""
    campaign = simulate(book, 250)
    assert campaign.broken == {}, campaign.first
    assert [each for each in SOMETIMES if campaign.seen[each] < 5] == []


def test_one_seed_is_one_history(book: Book) -> None:
    """A violation that is found can be seen again."""
    first, again, other = (fingerprint(one(book, seed)) for seed in (7, 7, 8))
    assert first == again != other


@pytest.mark.parametrize("mutant", list(CAUGHT_BY))
def test_every_mutant_is_caught(book: Book, mutant: Mutant) -> None:
    """The test of the test: each precaution that is left out is noticed within the budget."""
    expected = CAUGHT_BY[mutant]
    campaign = simulate(book, 600, mutant=mutant, until=f"{expected} ")
    assert any(rule.startswith(f"{expected} ") for rule in campaign.broken), campaign.broken


def test_no_mutant_is_forgotten() -> None:
    """A precaution that nobody leaves out is one that nobody tests."""
    assert set(CAUGHT_BY) == set(Mutant) - {Mutant.NONE}


@pytest.mark.nightly
@pytest.mark.timeout(7200)
def test_many_worlds(book: Book) -> None:
    """Nothing in twenty thousand worlds: below 1.5 in ten thousand, at 95 percent."""
    campaign = simulate(book, 20_000, seed=1_000_000)
    assert campaign.broken == {}, campaign.first
