"""Time: China's zone, the two clocks of this machine, and the fence that keeps time from lying.

A wall clock may jump; a block that lapses by a jumped clock gives a thief his card back. So each
server takes its time once, from several sources that must agree, and afterwards counts on its
monotonic clock. When the sources do not agree the fence holds: it counts from the last instant that
was trusted, which is never too late, and what begins meanwhile stands longer, until they agree.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has one zone and no summer time."""

TOLERANCE = timedelta(seconds=2)
"""Sources further apart than this do not agree."""

THREE = 3
"""With fewer sources than this nobody can tell which one lies."""


def wall() -> datetime:
    """The wall clock of this machine, in UTC."""
    return datetime.now(UTC)


def monotonic_ns() -> int:
    """Nanoseconds of a clock that never jumps and counts through suspension where it can."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime_ns(clock)


@dataclass(frozen=True, slots=True)
class Fence:
    """Trusted time: an instant agreed on at boot, and the monotonic reading it belongs to."""

    agreed_at: datetime
    agreed_ns: int
    holds: str = ""
    """Why this is only the earliest it can be; empty when the sources agreed."""
    slack: timedelta = timedelta(0)
    """How much later it may truly be; a block that begins now ends so much later, to be safe."""

    def now(self, reading_ns: int) -> datetime:
        """The trusted instant at a later monotonic reading."""
        return self.agreed_at + timedelta(microseconds=(reading_ns - self.agreed_ns) // 1000)


@dataclass(frozen=True, slots=True)
class Mark:
    """Trusted time as it was last written down, and what has been counted since, if it was."""

    at: datetime
    counted: timedelta | None = None
    """None when the machine was started anew: its monotonic clock then began anew too."""


def agree(
    sources: Sequence[datetime],
    reading_ns: int,
    *,
    mark: Mark | None = None,
    quorum: int = THREE,
) -> Fence:
    """The fence of independent time sources, and of the mark that was left behind.

    1. Three or more sources, a mark counted on in this very boot among them: their median, when
       more than half stand within ``TOLERANCE`` of it and it is not before the mark.
    2. Else the counted mark: the clock that counted it cannot have jumped.
    3. Else, where a bench asks for a smaller ``quorum``, the median of what there is.
    4. Else the fence holds: it counts on from the mark, or from the earliest source when no mark
       was left. So nothing lapses before its time, and what begins stands longer by the slack.
    """
    counted = [mark.at + mark.counted] if mark and mark.counted is not None else []
    ordered = sorted([*sources, *counted])
    if not ordered:
        raise ValueError("there is always the clock of the machine itself")
    median = ordered[len(ordered) // 2]
    why = _doubt(ordered, mark, THREE)
    if not why:
        return Fence(median, reading_ns)
    if counted:
        return Fence(counted[0], reading_ns)
    if quorum < THREE and not _doubt(ordered, mark, quorum):
        return Fence(median, reading_ns)
    earliest = ordered[0] if mark is None else mark.at
    return Fence(earliest, reading_ns, why, max(ordered[-1] - earliest, timedelta(0)))


def _doubt(ordered: Sequence[datetime], mark: Mark | None, quorum: int) -> str:
    """Why sources in order cannot be believed; empty when they can."""
    if len(ordered) < quorum:
        return "too few time sources"
    median = ordered[len(ordered) // 2]
    near = sum(abs(source - median) <= TOLERANCE for source in ordered)
    if near * 2 <= len(ordered):
        return "the time sources disagree"
    if mark is not None and median < mark.at - TOLERANCE:
        return "the time sources stand before the last mark"
    return ""


def china_text(instant: datetime) -> str:
    """An instant as people read it in China, to the minute."""
    return instant.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
