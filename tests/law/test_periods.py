"""Periods and working days: the instants the rules come to (A6, A10, E4, E13, F4, G13, H7)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minka.kit.clock import CHINA
from minka.kit.workdays import Standing, Workdays
from minka.law.book import published_days
from minka.law.history import read_as
from minka.law.period import Bound, Calendar, Edge, Period, Start, Strength, Unit, read_period

DAYS = published_days()
FIRM, PROVISIONAL = Standing.FIRM, Standing.PROVISIONAL


def at(text: str) -> datetime:
    """An instant written in China time."""
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


@pytest.mark.parametrize(
    ("wording", "start", "end", "standing"),
    [
        # R3-01, R3-02, R3-03: one hour, over midnight and the year's end too.
        ("within 1 hour from confirmation", "2026-11-22T15:00:01", "2026-11-22T16:00:01", FIRM),
        ("within 1 hour", "2026-12-31T23:30:00", "2027-01-01T00:30:00", FIRM),
        # R6-02: 24 hours to the second.
        ("24 hours from report", "2028-02-28T10:00:59", "2028-02-29T10:00:59", FIRM),
        ("24 hours from report", "2026-02-28T10:00:59", "2026-03-01T10:00:59", FIRM),
        # R1-05: ten days, over a leap day and a year's end.
        ("10 days", "2026-11-22T15:33:07", "2026-12-02T15:33:07", FIRM),
        ("10 days", "2028-02-20T00:00:00", "2028-03-01T00:00:00", FIRM),
        ("10 days", "2027-02-20T00:00:00", "2027-03-02T00:00:00", FIRM),
        ("10 days", "2026-12-25T23:59:59", "2027-01-04T23:59:59", FIRM),
        # R5-04: seven days.
        ("after 7 days", "2026-11-22T15:00:00", "2026-11-29T15:00:00", FIRM),
        # R3-05: three working days end when the third day ends.
        ("within 3 working days", "2026-11-20T09:00:00", "2026-11-26T00:00:00", FIRM),
        # Spring Festival 2026 rests from 15 to 23 February; 14 and 28 February work.
        ("within 3 working days", "2026-02-13T16:00:00", "2026-02-26T00:00:00", FIRM),
        # R1-07: fifteen working days begin when the fifteenth day begins.
        ("after 15 working days", "2026-11-22T15:00:00", "2026-12-11T00:00:00", FIRM),
        ("after 15 working days", "2026-02-09T10:00:00", "2026-03-06T00:00:00", FIRM),
        # R4-03: forty-five working days over Spring Festival and its make-up days.
        ("45 working days", "2026-01-05T10:00:00", "2026-03-14T00:00:00", FIRM),
        # Beyond the published years the day is provisional.
        ("after 15 working days", "2026-12-14T10:00:00", "2027-01-04T00:00:00", PROVISIONAL),
        ("within 3 working days", "2027-03-01T10:00:00", "2027-03-05T00:00:00", PROVISIONAL),
        # On the spot.
        ("on the spot", "2026-11-22T15:00:00", "2026-11-22T15:00:00", FIRM),
        ("30 minutes", "2026-11-22T15:45:00", "2026-11-22T16:15:00", FIRM),
    ],
)
def test_a_period_ends_at(wording: str, start: str, end: str, standing: Standing) -> None:
    """Hours and days to the second, working days at the edge of the day in China."""
    due = read_period(wording).instant(at(start), DAYS)
    assert (due.at, due.firmness) == (at(end), standing)


def test_forty_five_working_days_counted_by_hand() -> None:
    """R4-03: Jan 6–30 (19), Feb 2–14 (11), Feb 24–28 (5), Mar 2–13 (10) make 45 by 13 March."""
    count = [day for n in range(1, 90) if DAYS.is_workday(day := date(2026, 1, 5) + timedelta(n))]
    assert read_period("45 working days").instant(at("2026-01-05T10:00"), DAYS).day == count[44]


def test_the_same_instant_in_any_zone() -> None:
    """Half past midnight in China is the day before in UTC, and the working day is China's."""
    start = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)
    assert read_period("within 3 working days").instant(start, DAYS).day == date(2026, 11, 26)
    assert read_period("1 hour").instant(start, DAYS).at == start + timedelta(hours=1)


@pytest.mark.parametrize(
    ("wording", "edge", "end", "day"),
    [
        ("10 days", Edge.SECOND, "2026-12-02T15:00", "2026-12-02"),
        ("10 days", Edge.DAY_END, "2026-12-03T00:00", "2026-12-02"),
        ("after 7 days", Edge.DAY_START, "2026-11-29T00:00", "2026-11-29"),
        ("after 7 days", Edge.NEXT_DAY, "2026-11-30T00:00", "2026-11-30"),
        ("after 15 working days", Edge.DAY_START, "2026-12-11T00:00", "2026-12-11"),
        ("after 15 working days", Edge.NEXT_DAY, "2026-12-14T00:00", "2026-12-14"),
        ("within 3 working days", Edge.SECOND, "2026-11-25T15:00", "2026-11-25"),
        ("within 3 working days", Edge.DAY_END, "2026-11-26T00:00", "2026-11-25"),
    ],
)
def test_a_region_names_the_edge(wording: str, edge: Edge, end: str, day: str) -> None:
    """O1-2, O1-7, O5-1: each reading of the last day is one word."""
    due = read_as(read_period(wording), {"edge": edge}).instant(at("2026-11-22T15:00"), DAYS)
    assert (due.at, due.day.isoformat()) == (at(end), day)


def test_ten_days_may_be_read_as_working_days() -> None:
    """O1-1: the calendar of 天 is the region's to name."""
    period = read_as(read_period("10 days"), {"calendar": Calendar.WORKING})
    assert period.instant(at("2026-11-22T15:00"), DAYS).day == date(2026, 12, 4)


def test_never_has_no_instant() -> None:
    """A report that does not lapse has no lapse instant, and asking for it is a mistake."""
    never = read_period("never")
    assert not never.ends
    with pytest.raises(ValueError, match="never ends"):
        never.instant(at("2026-11-22T15:00"), DAYS)


def test_an_instant_without_zone_is_refused() -> None:
    """A clock without a zone cannot start a period."""
    with pytest.raises(ValueError, match="zone"):
        read_period("1 hour").instant(datetime(2026, 11, 22), DAYS)  # noqa: DTZ001


def test_wording_is_read_whole() -> None:
    """Bound, unit, calendar, start and strength of a wording."""
    assert read_period("within 3 working days from application, may") == Period(
        value=3,
        unit=Unit.WORKING_DAY,
        bound=Bound.WITHIN,
        calendar=Calendar.WORKING,
        start=Start.APPLICATION,
        strength=Strength.MAY,
    )
    assert read_period("10 days", Bound.IN_FORCE_FOR).bound is Bound.IN_FORCE_FOR
    assert read_period("on the spot, may").strength is Strength.MAY


@pytest.mark.parametrize(
    "wording", ["", "ten days", "10", "10 weeks", "-1 days", "1.5 hours", "after", "10 days from"]
)
def test_other_wordings_are_refused(wording: str) -> None:
    """What is no period is not guessed."""
    with pytest.raises(ValueError, match="not a"):
        read_period(wording)
    with pytest.raises(ValueError, match="is not a valid Start"):
        read_period("10 days from nowhere")


def test_spring_festival_2026_and_its_make_up_days() -> None:
    """The published days of 2026: nine days of rest, two Saturdays that work."""
    rest = [day for day in range(14, 29) if not DAYS.is_workday(date(2026, 2, day))]
    assert rest == [15, 16, 17, 18, 19, 20, 21, 22, 23]
    assert DAYS.is_workday(date(2026, 2, 28))
    assert DAYS.published_years == {2021, 2022, 2023, 2024, 2025, 2026}


def test_the_plain_week_where_nothing_is_published() -> None:
    """In 2027 Monday to Friday work until the notice says otherwise."""
    assert DAYS.is_workday(date(2027, 2, 8))
    assert not DAYS.is_workday(date(2027, 2, 6))


def test_the_last_days_of_a_year_wait_for_the_next_notice() -> None:
    """A notice has moved days of the December before (that of 2019 did): 31 December waits."""
    assert DAYS.add(date(2026, 12, 23), 1) == (date(2026, 12, 24), FIRM)
    assert DAYS.add(date(2026, 12, 24), 1) == (date(2026, 12, 25), PROVISIONAL)
    assert DAYS.add(date(2025, 12, 29), 1) == (date(2025, 12, 30), FIRM)


def test_a_loaded_notice_makes_a_promise_firm() -> None:
    """The notice for 2027 moves the day and takes the mark away (A10)."""
    start = date(2027, 2, 1)
    assert DAYS.add(start, 5) == (date(2027, 2, 8), PROVISIONAL)
    loaded = DAYS.with_year(2027, [date(2027, 2, 5), date(2027, 2, 8)], [date(2027, 2, 6)])
    assert loaded.add(start, 5) == (date(2027, 2, 9), FIRM)
    assert loaded.with_year(2027, [], []).add(start, 5) == (date(2027, 2, 8), FIRM)


def test_a_notice_names_its_own_days() -> None:
    """Days of another year are refused, but for the last of the December before."""
    with pytest.raises(ValueError, match="2026-05-01 is not a day of the notice for 2027"):
        DAYS.with_year(2027, [date(2026, 5, 1)], [])
    moved = DAYS.with_year(2027, [date(2026, 12, 31)], [])
    assert not moved.is_workday(date(2026, 12, 31))


def test_working_days_count_forward() -> None:
    """No day is the nought-th; less is a mistake."""
    assert DAYS.add(date(2026, 11, 22), 0) == (date(2026, 11, 22), FIRM)
    with pytest.raises(ValueError, match="forward"):
        DAYS.add(date(2026, 11, 22), -1)


some_days = st.dates(date(2021, 1, 1), date(2028, 12, 31))


@given(some_days, st.integers(0, 60))
def test_counting_agrees_with_stepping(start: date, count: int) -> None:
    """The n-th working day is a working day with n-1 others between."""
    day, _ = DAYS.add(start, count)
    between = [start + timedelta(n) for n in range(1, (day - start).days + 1)]
    assert sum(map(DAYS.is_workday, between)) == count
    assert count == 0 or DAYS.is_workday(day)


@given(some_days, st.integers(0, 40), st.integers(0, 40))
def test_counting_in_two_steps(start: date, first: int, second: int) -> None:
    """Counting on from where one stopped comes to the same day."""
    middle, _ = DAYS.add(start, first)
    assert DAYS.add(middle, second)[0] == DAYS.add(start, first + second)[0]


def test_without_any_notice_all_is_provisional() -> None:
    """An empty calendar promises nothing firmly."""
    assert Workdays().add(date(2026, 11, 20), 1) == (date(2026, 11, 23), PROVISIONAL)
