"""An entry as lines of label and words, each with its phrase, its mark and its instant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from minka.kit.clock import china_text
from minka.kit.words import Words
from minka.kit.workdays import Standing, Workdays
from minka.law.period import Bound, Due, Edge, Period, Unit
from minka.law.reading import fields_of, is_lasting
from minka.law.region import Entry, Source
from minka.law.terms import term
from minka.law.wording import fill, say


@dataclass(frozen=True, slots=True)
class Line:
    """One field of an entry, ready to be shown."""

    field: str
    label: Words
    words: Words
    cite: str
    source: Source
    readings: tuple[str, ...]
    note: str
    due: Due | None
    by_day: bool
    """Whether people are told the day alone, or day, hour and minute."""
    marked: bool
    """Whether the line must carry the mark of an assumption."""

    @property
    def due_text(self) -> str:
        """The computed instant as told to people in China; empty without one."""
        if self.due is None:
            return ""
        return self.due.day.isoformat() if self.by_day else china_text(self.due.at)


def lines(entry: Entry, at: datetime, workdays: Workdays) -> tuple[Line, ...]:
    """The fields on which the entry speaks, in the order of its kind.

    Each instant is computed as if its clock had started at ``at``.
    """
    spoken = (name for name in fields_of(entry.kind) if _is_shown(entry, name))
    return tuple(_line(entry, name, at, workdays) for name in spoken)


def _is_shown(entry: Entry, name: str) -> bool:
    leaf = entry.leaf(name)
    return leaf.value is not None or bool(leaf.cite)


def _line(entry: Entry, name: str, at: datetime, workdays: Workdays) -> Line:
    leaf = entry.leaf(name)
    return Line(
        field=name,
        label=term("field", name),
        words=say(name, leaf.value),
        cite=leaf.cite,
        source=leaf.assumed,
        readings=leaf.readings,
        note=leaf.note,
        due=leaf.value.instant(at, workdays) if is_lasting(leaf.value) else None,
        by_day=_by_day(leaf.value),
        marked=leaf.marked,
    )


def _by_day(value: Any) -> bool:
    if not isinstance(value, Period):
        return False
    if value.edge is not None:
        return value.edge is not Edge.SECOND
    return value.unit is Unit.WORKING_DAY


_EXAMPLES = {
    Bound.AFTER: Words(
        "若{at}起算：自{due}起", "若{at}起算：自{due}起", "counted from {at}: from {due} on"
    ),
    Bound.IN_FORCE_FOR: Words(
        "若{at}起算：有效至{due}",
        "若{at}起算：有效至{due}",
        "counted from {at}: in force until {due}",
    ),
}
_BY = Words(
    "若{at}起算：最迟{due}", "若{at}起算：最遲{due}", "counted from {at}: {due} at the latest"
)
_PROVISIONAL = Words(
    "{said}（暂定，待节假日通知公布后重算）",
    "{said}（暫定，待節假日通知公布後重算）",
    "{said} (provisional until the holiday notice is published)",
)


def example(entry: Entry, line: Line, at: datetime) -> Words | None:
    """The instant of a line in a sentence that begins at ``at``; None without an instant."""
    if line.due is None:
        return None
    bound = entry.value(line.field).bound
    said = fill(_EXAMPLES.get(bound, _BY), at=china_text(at), due=line.due_text)
    return fill(_PROVISIONAL, said=said) if line.due.firmness is Standing.PROVISIONAL else said
