"""Attempts that fail are slowed, reports are flagged and never refused for it (T3, T13)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minka.loss.refusals import LossRefusal
from minka.loss.throttle import MISSES_PER_CALLER, WINDOW, Recent, slowed, suspicion
from tests.loss.cases import NOW


def test_one_more_miss_than_allowed_must_wait() -> None:
    """More than twenty misses in ten minutes; the twentieth is still heard."""
    assert slowed(Recent(MISSES_PER_CALLER, 0, NOW), NOW) is None
    refused = slowed(Recent(MISSES_PER_CALLER + 1, 0, NOW - timedelta(minutes=4)), NOW)
    assert refused is not None
    assert refused.reason is LossRefusal.TOO_MANY
    assert refused.facts == {"minutes": 6}


@given(st.timedeltas(timedelta(0), 2 * WINDOW))
def test_the_wait_is_a_whole_minute_or_more_and_never_too_short(ago: timedelta) -> None:
    """After the minutes that were told, the oldest miss no longer counts."""
    refused = slowed(Recent(MISSES_PER_CALLER + 1, 0, NOW - ago), NOW)
    assert refused is not None
    minutes = refused.facts["minutes"]
    assert minutes >= 1
    assert NOW + timedelta(minutes=minutes) >= NOW - ago + WINDOW


@pytest.mark.parametrize(("before", "flag"), [(0, ""), (1, ""), (2, "repeated"), (9, "repeated")])
def test_the_third_report_of_a_day_is_flagged(before: int, flag: str) -> None:
    """A flag warns the agent and the office; the report is taken all the same."""
    assert suspicion(Recent(0, before)) == flag


@pytest.mark.parametrize("reason", list(LossRefusal))
def test_every_refusal_speaks_three_languages(reason: LossRefusal) -> None:
    """What, why and what next; the code is stable and the room's own."""
    assert reason.code == f"loss.{reason.name.lower()}"
    said = [reason.words.zh_hans, reason.words.zh_hant, reason.words.en]
    assert len(set(said)) == 3
    assert all(words.endswith(("。", ".")) for words in said)
    names = [{part.split("}")[0] for part in words.split("{")[1:]} for words in said]
    assert names[0] == names[1]
    assert names[2] <= names[0]
