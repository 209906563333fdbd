"""The rule an act stands on: the region's law of the day, and refusals put into words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from minka.desk import wording
from minka.desk.act import Desk, Turned
from minka.desk.refusals import DeskRefusal
from minka.kit.outcome import Accepted, Reason, Refused
from minka.law.region import RegionLaw


def require(outcome: Accepted[Any] | Refused | None) -> Any:
    """The value of an acceptance; a refusal ends the act with its codes put into words."""
    if isinstance(outcome, Refused):
        raise Turned(wording.spoken(outcome))
    return None if outcome is None else outcome.value


def turn(reason: Reason, **facts: Any) -> Turned:
    """A refusal to raise, its codes put into words."""
    return Turned(wording.spoken(Refused(reason, facts)))


def the_law(desk: Desk, region: str, at: datetime) -> RegionLaw:
    """The law of a region on a day, and its hotline for every sentence that follows."""
    try:
        law = desk.office.law(region, at)
    except KeyError:
        raise turn(DeskRefusal.UNKNOWN_REGION) from None
    desk.hotline = hotline_of(law)
    return law


def hotline_of(law: RegionLaw) -> str:
    """The number of the region's hotline, or the national one when the rules name none."""
    for entry in law.entries("loss"):
        for channel in entry.value("channels") or ():
            if channel.kind == "hotline" and channel.number:
                return str(channel.number)
    return "12333"
