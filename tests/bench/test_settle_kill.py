"""Settlements and crashes: an answer that was given stands, an open one is resolved (P3, P6)."""

from __future__ import annotations

import pytest

from minka.bench.settle_kill import Struck, kill_settling


@pytest.mark.parametrize("what", list(Struck))
def test_no_answer_is_lost(what: Struck) -> None:
    """Crashes under load; every message has one answer and the books agree."""
    losses = kill_settling(what, 3)
    assert losses.broken == 0, losses.as_json()
    assert losses.acknowledged > 500
    assert losses.resent > 0


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("what", list(Struck))
def test_no_answer_is_lost_in_a_hundred_crashes(what: Struck) -> None:
    """A hundred of each."""
    losses = kill_settling(what, 100)
    assert (losses.broken, losses.cycles) == (0, 100), losses.as_json()
