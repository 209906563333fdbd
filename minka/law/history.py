"""What the files say of a region through the years, and the law it makes on one day."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from enum import Enum
from typing import Any

from minka.kit.words import Words
from minka.law.documents import EntryDoc
from minka.law.papers import AllOf, OneOf, OpenList
from minka.law.reading import fields_of
from minka.law.region import Entry, Leaf, RegionLaw, Source

PUBLISHED = date(2021, 1, 22)
"""The day of the founding text: the earliest day any rule is known to stand."""


@dataclass(frozen=True, slots=True)
class Dated:
    """A value and the day it comes into force."""

    since: date
    value: Any
    phrases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LeafHistory:
    """One field through the years, or a pointer to the entry that has it."""

    dated: tuple[Dated, ...] = ()
    see: str = ""
    source: Source = Source.TEXT
    note: str = ""
    phrases: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    read_as: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class EntryHistory:
    """One entry through the years."""

    id: str
    file: str
    doc: EntryDoc
    leaves: Mapping[str, LeafHistory]


@dataclass(frozen=True, slots=True)
class RegionHistory:
    """One region through the years."""

    id: str
    names: Words
    card_name: str
    card_kind: str
    administrative_code: str
    heading: str
    invented: Source
    entries: Mapping[str, EntryHistory]

    def changes(self) -> tuple[date, ...]:
        """The days on which anything changes, in order."""
        days = {PUBLISHED}
        for entry in self.entries.values():
            days |= {d for d in (entry.doc.valid_from, entry.doc.valid_to) if d}
            days |= {d.since for leaf in entry.leaves.values() for d in leaf.dated}
        return tuple(sorted(days))

    def on(self, day: date) -> RegionLaw:
        """The law as it stands on a day; without entries before the earliest rule."""
        standing = [e for e in self.entries.values() if _stands(e.doc, day)]
        return RegionLaw(
            id=self.id,
            day=day,
            names=self.names,
            card_name=self.card_name,
            card_kind=self.card_kind,
            administrative_code=self.administrative_code,
            heading=self.heading,
            invented=self.invented,
            book=tuple(self._entry(entry, day) for entry in standing),
        )

    def _entry(self, entry: EntryHistory, day: date) -> Entry:
        leaves = {name: self.leaf(entry, name, day) for name in fields_of(entry.doc.kind)}
        since = max(leaf.since for leaf in leaves.values())
        content = f"{entry.id} {entry.doc.kind} {canonical(leaves)}"
        digest = hashlib.sha256(content.encode()).hexdigest()[:8]
        return Entry(
            id=entry.id,
            kind=entry.doc.kind,
            region=self.id,
            mission=tuple(entry.doc.mission),
            role=entry.doc.role,
            ref=f"{entry.id}@{since}#{digest}",
            leaves=leaves,
            note=entry.doc.note,
        )

    def leaf(self, entry: EntryHistory, name: str, day: date) -> Leaf:
        """One field on one day, references followed."""
        history = entry.leaves.get(name)
        if history is None:
            return Leaf(None, "", PUBLISHED, Source.SILENT)
        if history.see:
            target = self.leaf(self.entries[history.see], name, day)
            return replace(_referred(history, target), via=history.see)
        past = [dated for dated in history.dated if dated.since <= day]
        if not past or past[-1].value is None:
            since = past[-1].since if past else PUBLISHED
            return _leaf(None, history.phrases, since, replace(history, source=Source.SILENT))
        value = read_as(past[-1].value, history.read_as or {})
        return _leaf(value, past[-1].phrases, past[-1].since, history)


def _leaf(value: Any, phrases: tuple[str, ...], since: date, history: LeafHistory) -> Leaf:
    return Leaf(
        value=value,
        cite=" / ".join(phrases),
        since=since,
        assumed=history.source,
        note=history.note,
        readings=history.readings,
        phrases=phrases,
        completed=Source.ASSUMED if history.read_as else Source.TEXT,
    )


def canonical(value: Any) -> str:
    """A value as text that stays the same while its content does.

    Parts at their default are left out, so that a field added to a shape later, with a default,
    does not change the references that acts have stored.
    """
    if isinstance(value, Enum):
        return str(value.value)
    if is_dataclass(value):
        given = {f.name: getattr(value, f.name) for f in fields(value)}
        unlike = {f.name: given[f.name] for f in fields(value) if given[f.name] != f.default}
        return f"{type(value).__name__}{canonical(unlike)}"
    if isinstance(value, Mapping):
        return "{" + ";".join(f"{name}={canonical(value[name])}" for name in sorted(value)) + "}"
    if isinstance(value, tuple):
        return f"({','.join(map(canonical, value))})"
    return str(value)


_WEIGHT = [Source.TEXT, Source.INFERRED, Source.ASSUMED, Source.SILENT]


def _referred(history: LeafHistory, target: Leaf) -> Leaf:
    """The other entry's value in this entry's own words, while those still say the same."""
    phrases = history.phrases if target.phrases and history.phrases else target.phrases
    return replace(
        target,
        cite=" / ".join(phrases),
        phrases=phrases,
        assumed=max(history.source, target.assumed, key=_WEIGHT.index),
        note=history.note or target.note,
        readings=tuple(dict.fromkeys((*history.readings, *target.readings))),
    )


def _stands(doc: EntryDoc, day: date) -> bool:
    return (doc.valid_from or PUBLISHED) <= day and (doc.valid_to is None or day < doc.valid_to)


def read_as(value: Any, reading: Mapping[str, Any]) -> Any:
    """The value with the open parts of its wording filled by a reading."""
    if not reading:
        return value
    if isinstance(value, AllOf | OneOf):
        return type(value)(tuple(read_as(item, reading) for item in value.items))
    known = {f.name for f in fields(value)} if is_dataclass(value) else set()
    if isinstance(value, OpenList) or set(reading) <= known:
        return replace(value, **reading)
    return value
