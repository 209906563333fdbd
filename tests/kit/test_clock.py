"""Trusted time: the median of three, the mark left behind, and clocks that lie (P10)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minka.kit.clock import TOLERANCE, Fence, Mark, agree, china_text

TRUE = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
A_SECOND = timedelta(seconds=1)
honest = st.timedeltas(min_value=-A_SECOND, max_value=A_SECOND).map(lambda off: TRUE + off)
lying = st.timedeltas(min_value=-4000 * DAY, max_value=4000 * DAY).map(lambda off: TRUE + off)


@given(st.lists(honest, min_size=2, max_size=4), lying)
def test_one_liar_among_honest_sources_moves_nothing(
    sources: list[datetime], liar: datetime
) -> None:
    """P10: with three sources or more, one of them may say what it likes."""
    fence = agree([*sources, liar], 0)
    assert not fence.holds
    assert abs(fence.agreed_at - TRUE) <= A_SECOND


@given(st.lists(lying, min_size=1, max_size=4), st.timedeltas(timedelta(0), 400 * DAY))
def test_a_start_in_doubt_is_never_ahead_of_the_mark(
    clocks: list[datetime], off: timedelta
) -> None:
    """P10: whatever the clocks say after a restart, doubtful time counts on from the last mark."""
    fence = agree(clocks, 0, mark=Mark(TRUE - off))
    if fence.holds:
        assert fence.agreed_at == TRUE - off
        assert fence.agreed_at + fence.slack >= max(clocks)


@given(st.lists(lying, max_size=1), st.timedeltas(timedelta(0), 400 * DAY))
def test_what_was_counted_in_this_boot_outweighs_the_wall(
    clocks: list[datetime], counted: timedelta
) -> None:
    """P10: a process that starts again keeps its time, though the machine's clock was set."""
    fence = agree(clocks, 0, mark=Mark(TRUE - counted, counted))
    assert not fence.holds
    assert fence.agreed_at == TRUE


def test_too_few_sources_hold() -> None:
    """Two clocks that agree may be one clock: nothing lapses by them."""
    fence = agree([TRUE, TRUE], 0)
    assert fence.holds == "too few time sources"


def test_three_that_disagree_hold_and_leave_slack() -> None:
    """A block that begins in doubt stands so much longer that it cannot end too soon."""
    fence = agree([TRUE, TRUE + DAY, TRUE + 11 * DAY], 0)
    assert (fence.holds, fence.agreed_at) == ("the time sources disagree", TRUE)
    assert fence.slack == 11 * DAY


def test_sources_before_the_mark_hold() -> None:
    """Time was later than this once: three clocks set back together are not believed."""
    fence = agree([TRUE] * 3, 0, mark=Mark(TRUE + DAY))
    assert (fence.holds, fence.agreed_at) == (
        "the time sources stand before the last mark",
        TRUE + DAY,
    )


def test_a_bench_believes_the_one_clock_it_has() -> None:
    """A laptop without a network still has a city on it."""
    assert agree([TRUE], 0, quorum=1) == Fence(TRUE, 0)
    assert agree([TRUE - DAY], 0, quorum=1, mark=Mark(TRUE)).holds


def test_without_any_clock_there_is_no_fence() -> None:
    """The machine itself always has one."""
    with pytest.raises(ValueError, match="always the clock"):
        agree([], 0)


@given(st.integers(0, 10**18), st.integers(0, 10**18))
def test_time_goes_on_by_the_monotonic_clock_alone(began: int, later: int) -> None:
    """The fence moves by what was counted, to the microsecond."""
    fence = Fence(TRUE, began)
    assert fence.now(began + later) == TRUE + timedelta(microseconds=later // 1000)


def test_people_read_time_in_china() -> None:
    """UTC+8 the whole year; the day changes at sixteen hours UTC."""
    assert china_text(datetime(2026, 6, 30, 16, 0, tzinfo=UTC)) == "2026-07-01 00:00"
    assert timedelta(seconds=2) == TOLERANCE
