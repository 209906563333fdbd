"""A value of a rule as one line of text, for the golden table."""

from __future__ import annotations

from dataclasses import fields
from enum import Enum
from typing import Any

from minka.law.papers import AllOf, Copy, OneOf, OpenList, Owner, Paper
from minka.law.period import Period
from minka.law.reading import CORE, fields_of
from minka.law.region import Entry, Leaf, Source


def plain(value: Any) -> str:
    """The value without class names; parts that are not set are left out."""
    match value:
        case Period():
            return _period(value)
        case AllOf(items):
            return f"all of ({', '.join(map(plain, items))})"
        case OneOf(items):
            return f"one of ({', '.join(map(plain, items))})"
        case Paper(kind, copy, owner):
            whose = "" if owner is Owner.HOLDER else f"{owner.value}'s "
            return f"{whose}{kind}" + ("" if copy is Copy.UNSTATED else f" as {copy.value}")
        case OpenList(kind, accepted):
            return f"{kind} and others" + (f" ({', '.join(accepted)})" if accepted else "")
        case tuple():
            return ", ".join(map(plain, value))
        case Enum():
            return str(value.value)
        case str() | int():
            return str(value)
    return " ".join(f"{f.name}={plain(p)}" for f in fields(value) if (p := getattr(value, f.name)))


def _period(period: Period) -> str:
    named = {"calendar": period.calendar, "from": period.start, "edge": period.edge}
    parts = [str(period.value), period.unit.value, period.bound.value, period.strength.value]
    return " ".join(parts + [f"{name}={part.value}" for name, part in named.items() if part])


def table(entry: Entry) -> list[str]:
    """An entry as golden lines: head, one line for each field spoken on, the silent fields."""
    out = [f"{entry.id} {entry.kind} {entry.role} {' '.join(entry.mission)}".rstrip()]
    silent = []
    for name in fields_of(entry.kind):
        leaf = entry.leaf(name)
        if leaf.value is not None:
            out.append(f"  {name} = {plain(leaf.value)}{_source(leaf)}")
        elif leaf.phrases:
            out.append(f"  {name} = named without a value")
        elif name in CORE[entry.kind]:
            silent.append(name)
    return [*out, f"  silent: {', '.join(silent)}".rstrip()]


def _source(leaf: Leaf) -> str:
    return " [inferred]" if leaf.assumed is Source.INFERRED else ""
