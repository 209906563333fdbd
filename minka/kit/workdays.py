"""Working days: the published days as data, counted; what is not published is provisional."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

_DAY = timedelta(days=1)
_SATURDAY = 5
_NEW_YEAR_REACH = date(2000, 12, 25)
"""From this day on a year still hangs on the next notice: that of 2019 moved days of 2018."""


class Standing(Enum):
    """Whether a computed day stands, or waits for a notice that is not published yet."""

    FIRM = "firm"
    PROVISIONAL = "provisional"


@dataclass(frozen=True, slots=True)
class Workdays:
    """The days that differ from the plain week, and the years whose notice is published.

    ``off`` are weekdays that rest, ``extra`` are Saturdays and Sundays that work.
    """

    off: frozenset[date] = frozenset()
    extra: frozenset[date] = frozenset()
    published_years: frozenset[int] = frozenset()

    def is_workday(self, day: date) -> bool:
        """Whether offices work on this day; in unpublished years Monday to Friday."""
        if day in self.extra:
            return True
        return day.weekday() < _SATURDAY and day not in self.off

    def add(self, start: date, count: int) -> tuple[date, Standing]:
        """The ``count``-th working day after ``start`` (which is not counted), and its standing.

        ``count`` is 0 or more; 0 gives ``start`` itself.
        """
        if count < 0:
            raise ValueError(f"working days are counted forward, not {count}")
        day, standing = start, Standing.FIRM
        while count:
            day += _DAY
            count -= self.is_workday(day)
            if not self._settled(day):
                standing = Standing.PROVISIONAL
        return day, standing

    def with_year(self, year: int, off: Collection[date], extra: Collection[date]) -> Workdays:
        """These days with the notice of one year in place of what was known of it.

        A notice may also move days at the very end of the year before; ``ValueError`` for others.
        """
        for day in (*off, *extra):
            if day.year != year and (day.year != year - 1 or day < _reach(year - 1)):
                raise ValueError(f"{day} is not a day of the notice for {year}")
        return Workdays(
            off=_without(self.off, year) | frozenset(off) - frozenset(extra),
            extra=_without(self.extra, year) | frozenset(extra),
            published_years=self.published_years | {year},
        )

    def _settled(self, day: date) -> bool:
        if day.year not in self.published_years:
            return False
        return day < _reach(day.year) or day.year + 1 in self.published_years


def _reach(year: int) -> date:
    return _NEW_YEAR_REACH.replace(year=year)


def _without(days: frozenset[date], year: int) -> frozenset[date]:
    return frozenset(day for day in days if day.year != year)
