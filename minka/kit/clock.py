"""Time: China's zone, the two clocks of this machine, and the fence that keeps time from lying.

A wall clock may jump; a block that lapses by a jumped clock gives a thief his card back. So each
server takes its time once, from several sources that must agree, and afterwards counts on its
monotonic clock. When the sources do not agree the fence holds: nothing lapses until they do.
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
    """Why nothing may lapse by this fence; empty when the sources agreed."""

    def now(self, reading_ns: int) -> datetime:
        """The trusted instant at a later monotonic reading."""
        return self.agreed_at + timedelta(microseconds=(reading_ns - self.agreed_ns) // 1000)


def agree(sources: Sequence[datetime], reading_ns: int) -> Fence:
    """The fence of at least three time sources: their median, if two others stand by it.

    With fewer than three sources, or with a median that no other source confirms within
    ``TOLERANCE``, the fence stands at the earliest source and holds.
    """
    ordered = sorted(sources)
    if len(ordered) < 3:
        return Fence(ordered[0], reading_ns, "fewer than three time sources")
    median = ordered[len(ordered) // 2]
    near = sum(abs(source - median) <= TOLERANCE for source in ordered)
    if near * 2 <= len(ordered):
        return Fence(ordered[0], reading_ns, "the time sources disagree")
    return Fence(median, reading_ns)


def china_text(instant: datetime) -> str:
    """An instant as people read it in China, to the minute."""
    return instant.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
