"""One region's law on one day: entries, their fields, and how an act finds its entry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Any

from minka.kit.words import Words
from minka.kit.workdays import Workdays
from minka.law.period import Due
from minka.law.reading import is_lasting


class Source(Enum):
    """Where a value comes from; only ``ASSUMED`` is true."""

    TEXT = "text"
    INFERRED = "inferred"
    ASSUMED = "assumed"
    SILENT = "silent"

    def __bool__(self) -> bool:
        return self is Source.ASSUMED


@dataclass(frozen=True, slots=True)
class Leaf:
    """One field of an entry on one day; ``value`` is None when the source is silent."""

    value: Any
    cite: str
    since: date
    assumed: Source
    note: str = ""
    readings: tuple[str, ...] = ()
    """Open points (O1-1 …) that the region or the demo answered to get this value."""
    phrases: tuple[str, ...] = ()
    """The exact phrases; ``cite`` joins them."""
    via: str = ""
    """The entry that has the value, when this one only refers to it."""
    completed: Source = Source.TEXT
    """``ASSUMED`` when an assumed reading fills an open part of the wording."""

    @property
    def marked(self) -> bool:
        """Whether the value must be shown as assumed, wholly or in its reading."""
        return bool(self.assumed) or bool(self.completed)


@dataclass(frozen=True, slots=True)
class Entry:
    """One rule on one day."""

    id: str
    kind: str
    region: str
    mission: tuple[str, ...]
    role: str
    ref: str
    """Which version of which rule: ``R1-01@2021-01-22#`` and eight digits of its content."""
    leaves: Mapping[str, Leaf] = field(repr=False, hash=False)
    note: str = ""

    def leaf(self, name: str) -> Leaf:
        """The field; a silent leaf when the source is silent, ``KeyError`` when no such field."""
        return self.leaves[name]

    def value(self, name: str) -> Any:
        """The value of a field, None when the source is silent or the kind has no such field."""
        leaf = self.leaves.get(name)
        return None if leaf is None else leaf.value

    def due(self, name: str, start: datetime, workdays: Workdays) -> Due | None:
        """When the period of a field ends; None when it is silent or never ends."""
        period = self.value(name)
        due: Due | None = period.instant(start, workdays) if is_lasting(period) else None
        return due


SELF = frozenset({"holder", "insured_person", "insured_employee", "applicant"})
"""Words of the rules for the person whose card it is."""

AGENTS = frozenset({"agent", "agent_relative", "agent_other", "guardian"})


@dataclass(frozen=True, slots=True)
class Act:
    """What is known of an act when its rule is looked for; None is not known."""

    channel: str | None = None
    force: str | None = None
    place: str | None = None
    place_class: int | None = None
    actor: str | None = None
    reason: str | None = None

    def fits(self, entry: Entry) -> int | None:
        """How many of the known things the entry names; None when it names another."""
        marks = (
            _one(self.channel, [channel.kind for channel in entry.value("channels") or ()]),
            _one(self.force, [entry.value("force")] if entry.value("force") else []),
            _one(self.reason, entry.value("reasons") or ()),
            self._place(entry),
            self._actor(entry),
        )
        found = [mark for mark in marks if mark is not None]
        return sum(found) if len(found) == len(marks) else None

    def _place(self, entry: Entry) -> int | None:
        places = entry.value("place")
        if places is None or self.place is None:
            return 0
        return 1 if places.takes(self.place, self.place_class) else None

    def _actor(self, entry: Entry) -> int | None:
        actors = frozenset(entry.value("actors") or ())
        if self.actor in AGENTS:
            takes = bool(actors & AGENTS) or entry.value("papers_agent") is not None
            return int(bool(actors & AGENTS)) if takes else None
        if self.actor is None or self.actor in SELF:
            return 0 if not actors or actors & SELF or self.actor is None else None
        return 1 if self.actor in actors else None


def _one(known: str | None, named: Iterable[str]) -> int | None:
    """1 when the entry names it, 0 when it is silent or nothing is known, None when another."""
    if known is None or not named:
        return 0
    return 1 if known in named else None


@dataclass(frozen=True, slots=True)
class RegionLaw:
    """The rules of one region as they stand on one day."""

    id: str
    day: date
    """The day from which this law stands unchanged."""
    names: Words
    card_name: str
    card_kind: str
    administrative_code: str
    heading: str
    invented: Source
    """``ASSUMED`` when the whole region is an invented example."""
    book: tuple[Entry, ...] = field(repr=False)

    def entries(self, kind: str | None = None) -> tuple[Entry, ...]:
        """All entries in the order of the text, or those of one kind."""
        return tuple(entry for entry in self.book if kind in (None, entry.kind))

    def entry(self, entry_id: str) -> Entry:
        """The entry of this id; ``KeyError``."""
        for entry in self.book:
            if entry.id == entry_id:
                return entry
        raise KeyError(entry_id)

    def loss(
        self,
        *,
        channel: str,
        force: str | None = None,
        place: str | None = None,
        place_class: int | None = None,
        actor: str | None = None,
    ) -> Entry | None:
        """The rule for a loss report as it arrives; None when the region has no such way.

        Without ``place_class`` a hospital of any class finds its rule, for a refusal to say.
        """
        act = Act(channel, force, place, place_class, actor)
        named = [entry for entry in self._whole("loss") if entry.value("channels")]
        return _best(act, named)

    def lapse(self, loss: Entry) -> Entry | None:
        """The rule for the end of a loss report: the entry it refers to, else the report's own.

        None when the report has no period.
        """
        period = loss.leaf("lapse_period")
        if period.value is None:
            return None
        return self.entry(period.via) if period.via else loss

    def withdrawal(self, *, channel: str | None = None, actor: str | None = None) -> Entry | None:
        """The rule for taking a loss report back."""
        return _best(Act(channel=channel, actor=actor), self._whole("withdraw"))

    def replace(
        self, *, place: str | None = None, reason: str | None = None, actor: str | None = None
    ) -> Entry | None:
        """The rule for a replacement at a kind of place, for a reason, by an actor.

        Without a reason it is that of a lost card, the ordinary one.
        """
        act = Act(place=place, reason=reason or "lost", actor=actor)
        return _best(act, self._whole("replace"))

    def collect(self, *, place: str | None = None, actor: str | None = None) -> Entry | None:
        """The rule for collecting the finished card; None when it is handed over at once."""
        return _best(Act(place=place, actor=actor), self._whole("collect"))

    def channels(self) -> tuple[str, ...]:
        """The kinds of channels on which a loss can be reported, in the order of the text."""
        kinds = (c.kind for e in self._whole("loss") for c in e.value("channels") or ())
        return tuple(dict.fromkeys(kinds))

    def _whole(self, kind: str) -> list[Entry]:
        return [entry for entry in self.book if entry.kind == kind and entry.role == "whole"]


def _best(act: Act, entries: Iterable[Entry]) -> Entry | None:
    """The entry that names most of what is known, the earliest of equals."""
    best: tuple[int, Entry] | None = None
    for entry in entries:
        fit = act.fits(entry)
        if fit is not None and (best is None or fit > best[0]):
            best = (fit, entry)
    return best[1] if best else None
