"""What a region's law of the day says about one loss report or withdrawal, in plain fields."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from minka.cards.card import AtLapse, Force
from minka.kit.workdays import Workdays
from minka.law.papers import NOTHING, Papers
from minka.law.period import Period, Start
from minka.law.region import AGENTS, Entry, RegionLaw
from minka.law.values import Facts, Places, Until, Verdict, Where, Withdrawal

READ_AT_THE_COUNTER = ("id_number",)
"""Where the rule asks for no stated facts, the number read from the paper says who is meant."""


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
    again: str
    assumed: tuple[str, ...]

    def until(self, accepted: datetime, confirmed: datetime, workdays: Workdays) -> datetime | None:
        """The instant at which the block lapses, or None when it has no end."""
        if self.force is Force.FORMAL or self.lapse is None or not self.lapse.ends:
            return None
        start = confirmed if self.lapse.start is Start.CONFIRMATION else accepted
        return self.lapse.instant(start, workdays).at

    def bank_until(self, accepted: datetime, workdays: Workdays) -> datetime | None:
        """The instant at which the bank's own part lapses, where it has a period of its own."""
        if self.force is Force.FORMAL or self.bank_lapse is None or not self.bank_lapse.ends:
            return None
        return self.bank_lapse.instant(accepted, workdays).at

    def stops_by(self, confirmed: datetime, workdays: Workdays) -> datetime | None:
        """The latest instant the rule allows for the stop of settlement, if it names one."""
        if self.stop_deadline is None:
            return None
        return self.stop_deadline.instant(confirmed, workdays).at


def loss_terms(law: RegionLaw, entry: Entry, actor: str) -> LossTerms:
    """The terms of a loss rule for who acts; lapse comes from the region's own lapse rule."""
    lapse = law.lapse(entry)
    facts: Facts | None = entry.value("facts_stated")
    papers = entry.value("papers_agent" if actor in (*AGENTS, "employer_clerk") else "papers_self")
    ends: Period | None = lapse.value("lapse_period") if lapse else None
    bank: Period | None = entry.value("bank_lapse_period") or (
        lapse.value("bank_lapse_period") if lapse else None
    )
    return LossTerms(
        rule_ref=entry.ref,
        force=Force(entry.value("force") or Force.PROVISIONAL),
        form=entry.value("form") or "unstated",
        reasons=tuple(entry.value("reasons") or ("lost",)),
        facts=facts.names if facts else READ_AT_THE_COUNTER,
        papers=papers or NOTHING,
        confirmed_by=entry.value("confirmed_by") or "",
        stop_deadline=entry.value("stop_deadline"),
        lapse=ends,
        at_lapse=AtLapse((lapse.value("lapse_action") if lapse else None) or AtLapse.NONE),
        bank_lapse=bank,
        renewable=_of_either(entry, lapse, "renewable"),
        again=_of_either(entry, lapse, "again"),
        assumed=tuple(name for name, leaf in entry.leaves.items() if leaf.marked),
    )


def _of_either(entry: Entry, lapse: Entry | None, name: str) -> str:
    """A field of the report's own rule, or else of the rule of its end."""
    return entry.value(name) or (lapse.value(name) if lapse else None) or ""


@dataclass(frozen=True, slots=True)
class WithdrawTerms:
    """What the law of the day says about withdrawing a report."""

    rule_ref: str
    rule: Withdrawal
    channels: tuple[str, ...]
    places: Places | None
    papers: Papers
    resume_deadline: Period | None
    cite: str
    confirmed_by: str
    assumed: tuple[str, ...]

    def resumes_by(self, at: datetime, workdays: Workdays) -> datetime | None:
        """The latest instant the rule allows for settlement to work again."""
        if self.resume_deadline is None:
            return None
        return self.resume_deadline.instant(at, workdays).at

    def too_late(self, reissue: str) -> bool:
        """Whether a replacement that is ``applied`` for or ``made`` bars a withdrawal."""
        if self.rule.until is Until.COMPLETION:
            return reissue == "made"
        return reissue in ("applied", "made")

    def forbids(self, force: Force) -> bool:
        """Whether a report of this force cannot be withdrawn; a formal one never can."""
        return force is Force.FORMAL or self.rule.verdict(force.value) is not Verdict.ALLOWED

    def only_where_reported(self) -> bool:
        """Whether only the office that took the report may end it."""
        return self.rule.where is Where.WHERE_REPORTED


def withdraw_terms(entry: Entry) -> WithdrawTerms:
    """The terms of a withdrawal rule."""
    channels = entry.value("channels") or ()
    return WithdrawTerms(
        rule_ref=entry.ref,
        rule=entry.value("withdrawal") or Withdrawal(),
        channels=tuple(channel.kind for channel in channels),
        places=entry.value("place"),
        papers=entry.value("papers_self") or NOTHING,
        resume_deadline=entry.value("resume_deadline"),
        cite=entry.leaf("withdrawal").cite,
        confirmed_by=entry.value("confirmed_by") or "",
        assumed=tuple(name for name, leaf in entry.leaves.items() if leaf.marked),
    )
