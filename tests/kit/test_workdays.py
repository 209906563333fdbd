"""Working days counted from published notices, and what nobody has published yet."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minka.kit.workdays import Standing, Workdays

DAY = timedelta(days=1)
FRIDAY = date(2026, 3, 6)
PLAIN = Workdays(published_years=frozenset({2025, 2026, 2027}))
FEAST = PLAIN.with_year(2026, off=[date(2026, 3, 9)], extra=[date(2026, 3, 7)])


def test_the_plain_week() -> None:
    """Saturday and Sunday rest."""
    assert [PLAIN.is_workday(FRIDAY + n * DAY) for n in range(4)] == [True, False, False, True]


def test_a_notice_moves_days() -> None:
    """A Monday rests, and a Saturday works for it."""
    assert [FEAST.is_workday(FRIDAY + n * DAY) for n in range(4)] == [True, True, False, False]
    assert FEAST.add(FRIDAY, 1) == (date(2026, 3, 7), Standing.FIRM)
    assert FEAST.add(FRIDAY, 2) == (date(2026, 3, 10), Standing.FIRM)


def test_the_first_day_is_not_counted() -> None:
    """Nought gives the day itself, also when it rests."""
    assert PLAIN.add(FRIDAY + DAY, 0) == (FRIDAY + DAY, Standing.FIRM)
    assert PLAIN.add(FRIDAY + DAY, 1) == (date(2026, 3, 9), Standing.FIRM)


@given(st.dates(date(2026, 1, 1), date(2026, 11, 1)), st.integers(0, 25), st.integers(0, 25))
def test_days_add_up(start: date, first: int, second: int) -> None:
    """Counting in two steps is counting at once, and lands on a working day."""
    halfway, _ = FEAST.add(start, first)
    whole, standing = FEAST.add(start, first + second)
    assert FEAST.add(halfway, second)[0] == whole
    assert standing is Standing.FIRM
    assert first + second == 0 or FEAST.is_workday(whole)


def test_unpublished_years_are_provisional() -> None:
    """Also the last days of a year whose next notice may still move them."""
    bare = Workdays(published_years=frozenset({2026}))
    assert bare.add(date(2026, 12, 20), 1)[1] is Standing.FIRM
    assert bare.add(date(2026, 12, 28), 1)[1] is Standing.PROVISIONAL
    assert bare.add(date(2027, 5, 3), 1)[1] is Standing.PROVISIONAL


def test_a_new_notice_replaces_the_old_one_of_its_year() -> None:
    """What was known of that year is forgotten; of other years nothing is."""
    again = FEAST.with_year(2026, off=[], extra=[])
    assert again.is_workday(date(2026, 3, 9))
    assert not again.is_workday(date(2026, 3, 7))


def test_a_notice_speaks_of_its_own_year() -> None:
    """Or of the last week of the year before."""
    moved = PLAIN.with_year(2027, off=[date(2026, 12, 31)], extra=[])
    assert not moved.is_workday(date(2026, 12, 31))
    for stranger in (date(2025, 5, 5), date(2028, 1, 3), date(2026, 12, 1)):
        with pytest.raises(ValueError, match="not a day of the notice"):
            PLAIN.with_year(2027, off=[stranger], extra=[])


def test_days_are_counted_forward() -> None:
    """A promise never lies in the past."""
    with pytest.raises(ValueError, match="counted forward"):
        PLAIN.add(FRIDAY, -1)
