"""Reports against uses on real connections: P1 and P2, and that the race sees wrong builds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from minka.bench.race import Clock, Design, race
from minka.bench.stepping import NoFakeTimeError, faketime_words


@pytest.fixture(autouse=True)
def _beside(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scratch registers are made on the cluster of this run."""
    monkeypatch.setenv("MINKA_DATABASE_URL", database_url)


@pytest.mark.parametrize("clock", [Clock.STEADY, Clock.STEPS])
def test_no_use_slips_past_a_report(clock: Clock) -> None:
    """P1, P2, A1: nothing is stored after the effective instant or committed after the answer."""
    outcome = race(40, Design.SAFE, clock)
    assert outcome.broken == 0, outcome.as_json()
    assert (outcome.tally.tried, outcome.tally.reports, outcome.tally.unknown) == (240, 40, 0)
    assert outcome.tally.approved > 0, "a race that nobody enters proves nothing"
    assert outcome.tally.refused > 0, "a race that the report never wins proves nothing"


def test_a_build_that_trusts_the_start_of_the_transaction_is_caught() -> None:
    """A card lock with ``now()`` stores uses after the effective instant: the race must see it."""
    outcome = race(30, Design.NOW, Clock.STEADY)
    assert outcome.used_at_or_after_effective > 0
    assert outcome.broken > 0


def test_a_build_that_trusts_the_server_clock_is_caught_when_it_jumps() -> None:
    """The server's clock read after the lock is right until it is set: the race must see it."""
    assert race(30, Design.RAW, Clock.STEPS).used_at_or_after_effective > 0


def test_a_server_whose_whole_clock_jumps_lets_nothing_past() -> None:
    """P1, P2 with libfaketime under PostgreSQL; the raw build on the same clock is caught."""
    _faketime_or_skip()
    assert race(24, Design.SAFE, Clock.FAKETIME).broken == 0
    assert race(24, Design.RAW, Clock.FAKETIME).used_at_or_after_effective > 0


def _faketime_or_skip() -> None:
    """On a laptop the library may be missing; where everything must run it may not."""
    try:
        faketime_words(Path("stamp"))
    except NoFakeTimeError as missing:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(missing))


@pytest.mark.nightly
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("clock", list(Clock))
def test_two_thousand_cards(clock: Clock) -> None:
    """The issue's own number, under each clock."""
    outcome = race(2000, Design.SAFE, clock)
    assert outcome.broken == 0, outcome.as_json()
