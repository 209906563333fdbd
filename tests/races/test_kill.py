"""Kill -9 of the database and of the server under load: P3 and P6."""

from __future__ import annotations

import pytest

from minka.bench.kill import What, kill

CYCLES = {What.DATABASE: 4, What.SERVER: 2, What.WEB: 1}
"""Web door and workers take their time to come up again; the nightly run has the whole number."""


@pytest.mark.parametrize("what", list(What))
def test_no_acknowledged_act_is_lost_or_doubled(what: What) -> None:
    """P3, P6: answered once and for ever; what was unknown is settled by sending it again."""
    losses = kill(what, CYCLES[what])
    assert losses.broken == 0, losses.as_json()
    assert losses.acknowledged >= losses.resent > 0


def test_a_database_that_answers_before_it_has_written_is_caught() -> None:
    """The run has teeth: with answers before the journal is on disk, answers are lost."""
    careless = {"synchronous_commit": "off", "wal_writer_delay": "10s"}
    assert kill(What.DATABASE, 2, settings=careless).lost > 0


@pytest.mark.nightly
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("what", list(What))
def test_two_hundred_kills(what: What) -> None:
    """The issue's own number."""
    losses = kill(what, 200)
    assert losses.broken == 0, losses.as_json()
