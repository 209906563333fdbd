"""What a region must still answer: silent fields a journey needs, and its open points."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from minka.law.openings import OpenPoint, open_points
from minka.law.region import AGENTS, Entry, RegionLaw, Source
from minka.law.values import Verdict

_NEEDED = {
    "loss": ("actors", "force", "stop_deadline", "withdrawal"),
    "replace": ("reasons", "channels", "promise", "place", "fee", "collection"),
    "collect": ("papers_self", "place", "promise", "deadline"),
    "withdraw": ("withdrawal",),
}
_BY_WORD = frozenset({"hotline", "web", "sms", "employer_online"})
_BY_PAPER = frozenset({"counter", "kiosk", "bank_counter"})


class Answer(Enum):
    """Who answers for a field or a point."""

    OPEN = "open"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Gap:
    """One field a journey needs and the source does not give."""

    entry: str
    field: str
    answer: Answer
    points: tuple[str, ...]
    note: str


def needed(entry: Entry) -> tuple[str, ...]:
    """The fields without which nobody can act on this entry."""
    fields = list(_NEEDED.get(entry.kind, ()) if entry.role == "whole" else ())
    if entry.kind == "loss" and fields:
        fields += _for_loss(entry)
    if entry.kind == "replace" and fields:
        actors = frozenset(entry.value("actors") or ())
        fields.append("papers_agent" if actors and actors <= AGENTS else "papers_self")
    rule = entry.value("withdrawal") if entry.kind == "withdraw" else None
    if rule is not None and rule.before_formal is Verdict.ALLOWED:
        fields += ["channels", "papers_self", "place", "resume_deadline"]
    return tuple(fields)


def _for_loss(entry: Entry) -> list[str]:
    kinds = {channel.kind for channel in entry.value("channels") or ()}
    fields = [] if kinds else ["channels"]
    if kinds & _BY_WORD:
        fields.append("facts_stated")
    if kinds & _BY_PAPER:
        fields.append("papers_self")
    if "employer_counter" in kinds:
        fields.append("papers_agent")
    if entry.value("force") != "formal":
        fields += ["lapse_period", "lapse_action"]
    return fields


def gaps(law: RegionLaw) -> tuple[Gap, ...]:
    """The needed fields that are silent or assumed, in the order of the entries."""
    return tuple(
        Gap(entry.id, name, _answer(entry, name), leaf.readings, leaf.note)
        for entry in law.entries()
        for name in needed(entry)
        if (leaf := entry.leaf(name)).value is None or leaf.marked
    )


def _answer(entry: Entry, name: str) -> Answer:
    return Answer.OPEN if entry.leaf(name).assumed is Source.SILENT else Answer.ASSUMED


def points(law: RegionLaw) -> tuple[tuple[OpenPoint, Answer], ...]:
    """The open points about entries of this region, and whether the region answers them."""
    ids = {entry.id for entry in law.entries()}
    answered = {
        point
        for entry in law.entries()
        for leaf in entry.leaves.values()
        for point in leaf.readings
    }
    return tuple(
        (point, Answer.ASSUMED if point.id in answered else Answer.OPEN)
        for point in open_points().values()
        if ids & set(point.entries)
    )
