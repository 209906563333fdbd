"""Periods of the rules and the instants they end at.

| unit         | bound            | ends                                                        |
|--------------|------------------|-------------------------------------------------------------|
| minute, hour | any              | to the second                                               |
| day          | any              | calendar days, to the second of the start (O1-1, O1-2)       |
| working day  | within, unstated | when that day ends in China; the start day is not counted   |
| working day  | after            | when that day begins in China (O1-7)                        |
| visit        | on the spot      | at once                                                     |
| never        | any              | has no instant                                              |

A region that reads its own rule differently names the ``edge``, the calendar or the start.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum

from minka.kit.clock import CHINA
from minka.kit.workdays import Standing, Workdays

_DAY = timedelta(days=1)


class Unit(Enum):
    """What is counted."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WORKING_DAY = "working_day"
    VISIT = "visit"
    NEVER = "never"


class Bound(Enum):
    """On which side of the counted time the act falls."""

    WITHIN = "within"
    AFTER = "after"
    IN_FORCE_FOR = "in_force_for"
    ON_THE_SPOT = "on_the_spot"
    UNSTATED = "unstated"


class Calendar(Enum):
    """Which days count; ``None`` in a period means that the rule does not name it."""

    CLOCK = "clock"
    CIVIL = "civil"
    WORKING = "working"


class Start(Enum):
    """The event that starts the clock; ``None`` in a period: the rule does not name it."""

    ACCEPTANCE = "acceptance"
    CONFIRMATION = "confirmation"
    REPORT = "report"
    APPLICATION = "application"
    ARRIVAL = "arrival"
    """The finished card lies ready at the service point."""


class Edge(Enum):
    """Where on the last day the period ends."""

    SECOND = "second"
    DAY_START = "day_start"
    DAY_END = "day_end"
    NEXT_DAY = "next_day"
    """When the next day begins that counts in the calendar of the period."""


class Strength(Enum):
    """Whether the office must keep the period or only can."""

    WILL = "will"
    MAY = "may"


@dataclass(frozen=True, slots=True)
class Due:
    """The instant a period ends, the day a person is told, and whether both stand."""

    at: datetime
    firmness: Standing
    day: date
    """The day in China: for an end of day the day that ends, not the midnight after it."""


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time as a rule words it."""

    value: int
    unit: Unit
    bound: Bound = Bound.UNSTATED
    calendar: Calendar | None = None
    start: Start | None = None
    edge: Edge | None = None
    strength: Strength = Strength.WILL

    @property
    def ends(self) -> bool:
        """False for ``never``."""
        return self.unit is not Unit.NEVER

    def instant(self, start: datetime, workdays: Workdays) -> Due:
        """When the period that began at ``start`` (aware) ends; ``ValueError`` for ``never``."""
        if start.tzinfo is None:
            raise ValueError("a period starts at an instant with its zone")
        if not self.ends:
            raise ValueError("a period that never ends has no instant; ask `ends` first")
        if self.unit in _CLOCKED:
            return _to_the_second(start + timedelta(**{_CLOCKED[self.unit]: self.value}))
        if self.unit is Unit.WORKING_DAY or self.calendar is Calendar.WORKING:
            return self._working(start, workdays)
        return self._civil(start)

    def _civil(self, start: datetime) -> Due:
        end = start + self.value * _DAY
        if self.edge in (None, Edge.SECOND):
            return _to_the_second(end)
        return _at_edge(_china_day(end), self.edge, _china_day(end) + _DAY, Standing.FIRM)

    def _working(self, start: datetime, workdays: Workdays) -> Due:
        day, standing = workdays.add(_china_day(start), self.value)
        edge = self.edge or (Edge.DAY_START if self.bound is Bound.AFTER else Edge.DAY_END)
        if edge is Edge.SECOND:
            clock = start.astimezone(CHINA).time()
            return Due(datetime.combine(day, clock, CHINA), standing, day)
        following = day + _DAY
        if edge is Edge.NEXT_DAY:
            following, standing = workdays.add(_china_day(start), self.value + 1)
        return _at_edge(day, edge, following, standing)


_CLOCKED = {Unit.MINUTE: "minutes", Unit.HOUR: "hours", Unit.VISIT: "seconds"}


def _to_the_second(end: datetime) -> Due:
    return Due(end, Standing.FIRM, _china_day(end))


def _at_edge(day: date, edge: Edge | None, following: date, standing: Standing) -> Due:
    """The midnight in China that an edge names; ``following`` is the next day that counts."""
    if edge is Edge.DAY_START:
        return Due(_midnight(day), standing, day)
    if edge is Edge.NEXT_DAY:
        return Due(_midnight(following), standing, following)
    return Due(_midnight(day + _DAY), standing, day)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)


def _china_day(instant: datetime) -> date:
    return instant.astimezone(CHINA).date()


_WORDING = re.compile(
    r"(?:(?P<bound>within|after|for) )?(?P<value>\d{1,4}) "
    r"(?P<unit>minute|hour|calendar day|working day|day)s?"
    r"(?: from (?P<start>[a-z]+))?(?:, (?P<strength>may))?"
)
_BOUNDS = {"within": Bound.WITHIN, "after": Bound.AFTER, "for": Bound.IN_FORCE_FOR}
_UNITS: dict[str, tuple[Unit, Calendar | None]] = {
    "minute": (Unit.MINUTE, Calendar.CLOCK),
    "hour": (Unit.HOUR, Calendar.CLOCK),
    "day": (Unit.DAY, None),
    "calendar day": (Unit.DAY, Calendar.CIVIL),
    "working day": (Unit.WORKING_DAY, Calendar.WORKING),
}


def read_period(text: str, bound: Bound = Bound.UNSTATED) -> Period:
    """A period from its wording in a rule file; ``ValueError`` when it is none.

    ``after 15 working days``, ``within 1 hour from confirmation``, ``10 days``, ``on the spot``,
    ``on the spot, may``, ``never``. A wording without a bound gets ``bound``.
    """
    wording = text.strip()
    if wording == "never":
        return Period(0, Unit.NEVER, bound)
    if wording in ("on the spot", "on the spot, may"):
        strength = Strength.MAY if wording.endswith("may") else Strength.WILL
        return Period(0, Unit.VISIT, Bound.ON_THE_SPOT, strength=strength)
    match = _WORDING.fullmatch(wording)
    if match is None:
        raise ValueError(f"not a period: {text!r}")
    unit, calendar = _UNITS[match["unit"]]
    return Period(
        value=int(match["value"]),
        unit=unit,
        bound=_BOUNDS.get(match["bound"] or "", bound),
        calendar=calendar,
        start=Start(match["start"]) if match["start"] else None,
        strength=Strength(match["strength"] or "will"),
    )
