"""What a region's law of the day says about one loss report or withdrawal, in plain fields."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from minka.law.papers import Papers
from minka.law.period import Period, Start
from minka.cards.card import AtLapse, Force
from minka.kit.workdays import Workdays


@dataclass(frozen=True, slots=True)
class LossTerms:
    """One loss rule on one day; ``assumed`` names the fields the source text is silent about."""

    rule_ref: str
    force: Force
    form: str
    reasons: tuple[str, ...]
    facts: tuple[str, ...]
    papers: Papers
    confirmed_by: str
    stop_deadline: Period | None
    lapse: Period | None
    at_lapse: AtLapse
    bank_lapse: Period | None
    renewable: str
    assumed: tuple[str, ...]

    def until(
        self, accepted: datetime, confirmed: datetime, workdays: Workdays
    ) -> datetime | None:
        """The instant at which the block lapses, or None when it has no end."""
        if self.lapse is None or not self.lapse.ends:
            return None
        start = confirmed if self.lapse.start is Start.CONFIRMATION else accepted
        return self.lapse.instant(start, workdays).at

    def stops_by(self, confirmed: datetime, workdays: Workdays) -> datetime | None:
        """The latest instant the rule allows for the stop of settlement, if it names one."""
        if self.stop_deadline is None:
            return None
        return self.stop_deadline.instant(confirmed, workdays).at
