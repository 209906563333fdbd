"""When hostile or mistaken attempts are slowed, and when a report is flagged as malicious.

Blocking must stay easy, so limits are on attempts that fail, and a flag never refuses a report:
it warns the agent and the office.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from minka.kit.outcome import Refused
from minka.loss.refusals import LossRefusal

WINDOW = timedelta(minutes=10)
MISSES_PER_CALLER = 20
"""More misses than this in the window from one caller, and he waits (safety T13)."""
REPORTS_PER_CARD = 3
"""The third report on one card within a day is flagged (safety T3)."""


@dataclass(frozen=True, slots=True)
class Recent:
    """What the register remembers: misses of this caller and reports on this card."""

    caller_misses: int
    card_reports_today: int
    oldest_miss: datetime | None = None


def slowed(recent: Recent, at: datetime) -> Refused | None:
    """The refusal of a caller with too many misses, or None."""
    if recent.caller_misses <= MISSES_PER_CALLER:
        return None
    free = (recent.oldest_miss or at) + WINDOW
    minutes = max(1, -((at - free) // timedelta(minutes=1)))
    return Refused(LossRefusal.TOO_MANY, {"minutes": minutes})


def suspicion(recent: Recent) -> str:
    """The flag a new report carries: empty, or ``repeated``."""
    return "repeated" if recent.card_reports_today + 1 >= REPORTS_PER_CARD else ""
