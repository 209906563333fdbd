"""How each act is put in a region: by which rule, on which channel, at what place, with what."""

from __future__ import annotations

from dataclasses import dataclass

from minka.issue.collection import CollectTerms, collect_terms
from minka.kit.workdays import Workdays
from minka.law.papers import NOTHING, Copy, Papers, ShownPaper, leaves
from minka.law.region import Entry, RegionLaw
from minka.law.values import Where

FIRST_CHANNEL = {"R1": "hotline", "R3": "hotline", "R6": "hotline"}
"""Where the provisional report is made; on the web in the other regions."""
_NO_RULE = CollectTerms("", NOTHING, "no", None, "")


@dataclass(frozen=True, slots=True)
class Rules:
    """The law of one region on one day, with the place each act is done at."""

    law: RegionLaw
    workdays: Workdays

    @property
    def first_channel(self) -> str:
        """The channel of the provisional report."""
        return FIRST_CHANNEL.get(self.law.id, "web")

    def formal_place(self) -> str:
        """The kind of place of a formal report; any counter's when the region has none."""
        entry = self.law.loss(channel="counter", force="formal", actor="holder")
        return kind_of(entry) or "service_point"

    def withdraw_channel(self) -> str:
        """Where a report is taken back: at a counter, or only where it was made."""
        entry = self.law.withdrawal()
        rule = entry.value("withdrawal") if entry else None
        return self.first_channel if rule and rule.where is Where.WHERE_REPORTED else "counter"

    def withdraw_place(self) -> str:
        """The kind of place of a withdrawal; empty when it is not made at one."""
        if self.withdraw_channel() != "counter":
            return ""
        return kind_of(self.withdrawal()) or "service_point"

    def withdrawal(self) -> Entry | None:
        """The rule of a withdrawal, as the desk finds it."""
        channel = self.withdraw_channel()
        return self.law.withdrawal(channel=channel, actor="holder") or self.law.withdrawal()

    def replace_place(self) -> str:
        """The kind of place where a replacement for a lost card is applied for."""
        return kind_of(self.law.replace(reason="lost", actor="holder")) or "service_point"

    def collection(self, place: str) -> CollectTerms:
        """The terms of a collection, as the desk finds them."""
        entry = self.law.collect(place=place, actor="applicant")
        entry = entry or self.law.collect(actor="applicant")
        return (
            collect_terms(entry, "holder") if entry else CollectTerms("", NOTHING, "no", None, "")
        )


def kind_of(entry: Entry | None) -> str:
    """The first kind of place that an entry names; empty when it names none."""
    places = entry.value("place") if entry else None
    return places.kinds[0] if places else ""


def all_of(papers: Papers) -> tuple[ShownPaper, ...]:
    """Every paper a rule could ask for, shown in original and copy."""
    return tuple(
        ShownPaper(leaf.kind, Copy.ORIGINAL_AND_COPY, leaf.owner) for leaf in leaves(papers)
    )
