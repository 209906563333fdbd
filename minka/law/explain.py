"""A rule explained for one instant: what it says, where it stands, and what it comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from minka.kit.words import Words
from minka.kit.workdays import Workdays
from minka.law.guide import title
from minka.law.lines import Line, lines
from minka.law.reading import CORE, is_lasting
from minka.law.region import Entry, RegionLaw
from minka.law.wording import say


@dataclass(frozen=True, slots=True)
class Explained:
    """One entry and its lines."""

    entry: Entry
    title: Words
    lines: tuple[Line, ...]


def topics(law: RegionLaw) -> tuple[str, ...]:
    """What can be asked about: the kinds of entries, and every entry by its id."""
    return (*CORE, *(entry.id for entry in law.entries()))


def explain(law: RegionLaw, topic: str, at: datetime, workdays: Workdays) -> tuple[Explained, ...]:
    """The entries of a kind (or the one of an id), counted from ``at``; ``()`` for neither."""
    chosen = (entry for entry in law.entries() if topic in (entry.kind, entry.id))
    return tuple(Explained(entry, title(entry), lines(entry, at, workdays)) for entry in chosen)


_INSTANTS: Mapping[str, str] = {
    "stop_deadline": "stops_by",
    "bank_stop_deadline": "bank_stops_by",
    "lapse_period": "lapses_at",
    "bank_lapse_period": "bank_lapses_at",
    "resume_deadline": "resumes_by",
    "promise": "promised_for",
    "deadline": "collect_by",
    "finish": "finished_by",
}
"""How each computed instant is called in answers."""


def as_data(explained: Explained, language: str) -> dict[str, Any]:
    """An explanation as plain data for JSON."""
    return {
        "id": explained.entry.id,
        "kind": explained.entry.kind,
        "title": explained.title.say(language),
        "rule": explained.entry.ref,
        "mission": list(explained.entry.mission),
        "instants": dict(_instants(explained)),
        "fields": {line.field: _field(line, language) for line in explained.lines},
    }


def _instants(explained: Explained) -> list[tuple[str, dict[str, Any]]]:
    return [
        (_INSTANTS[line.field], {**_instant(line), "assumed": line.marked})
        for line in explained.lines
        if line.due and is_lasting(explained.entry.value(line.field))
    ]


def _instant(line: Line) -> dict[str, Any]:
    if line.due is None:
        return {}
    return {
        "at": line.due.at.isoformat(),
        "day": line.due.day.isoformat(),
        "text": line.due_text,
        "standing": line.due.firmness.value,
    }


def _field(line: Line, language: str) -> dict[str, Any]:
    return {
        "label": line.label.say(language),
        "says": line.words.say(language),
        "phrase": line.cite,
        "source": line.source.value,
        "assumed": line.marked,
        "open_points": list(line.readings),
        "note": line.note,
        **_instant(line),
    }


@dataclass(frozen=True, slots=True)
class Change:
    """One field that says something else on a later day."""

    entry: str
    field: str
    before: Words
    after: Words


def changes(before: RegionLaw, after: RegionLaw) -> tuple[Change, ...]:
    """What differs between the law of two days, in the order of the entries."""
    old = {entry.id: entry for entry in before.entries()}
    new = {entry.id: entry for entry in after.entries()}
    return tuple(
        Change(entry_id, name, _said(old.get(entry_id), name), _said(new.get(entry_id), name))
        for entry_id in {**old, **new}
        for name in (new.get(entry_id) or old[entry_id]).leaves
        if _value(old.get(entry_id), name) != _value(new.get(entry_id), name)
    )


def _value(entry: Entry | None, name: str) -> Any:
    return None if entry is None else entry.value(name)


def _said(entry: Entry | None, name: str) -> Words:
    return say(name, _value(entry, name))
