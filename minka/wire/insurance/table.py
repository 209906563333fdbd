"""The table of fields made into transactions, with an area's changes laid over it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

from minka.kit.words import Words
from minka.wire.insurance.area import HERE, Area, load
from minka.wire.insurance.field import Field, Kind, Node, Presence, Shape, Transaction, Way

ENVELOPE = "envelope"
ROOT = "(root)"

Row = Mapping[str, Any]
"""One line of the table: its columns by name."""


@cache
def rows() -> tuple[dict[str, str], ...]:
    """Every line of fields.csv in its order."""
    text = files(HERE).joinpath("fields.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@cache
def _described() -> Mapping[str, Any]:
    known: Mapping[str, Any] = load("transactions.yaml")
    return known


def transactions(area: Area) -> dict[str, Transaction]:
    """Every transaction as an area speaks it, by code."""
    grouped: dict[str, list[Row]] = {}
    for row in (*rows(), *map(_extra_row, area.extra)):
        grouped.setdefault(row["infno"], []).append(row)
    return {
        infno: _transaction(infno, grouped[infno], area)
        for infno in sorted(grouped)
        if infno != ENVELOPE
    }


def envelope(area: Area) -> dict[Way, Node]:
    """The fields around the body, without the body itself, in both directions."""
    ours = [row for row in rows() if row["infno"] == ENVELOPE and row["field"] != row_body(row)]
    added = [row for row in map(_extra_row, area.extra) if row["infno"] == ENVELOPE]
    nodes = {
        way: _node(ROOT, "object", _of(way, [*ours, *added]), area) for way in (Way.IN, Way.OUT)
    }
    systems = replace(nodes[Way.IN]["recer_sys_code"], values=area.recer_sys_code)
    return {**nodes, Way.IN: _with(nodes[Way.IN], systems)}


def row_body(row: Row) -> str:
    """The envelope's key that holds the body in this row's direction."""
    return Way(row["direction"]).body


def _with(node: Node, changed: Field) -> Node:
    fields = tuple(changed if each.name == changed.name else each for each in node.fields)
    return replace(node, fields=fields)


def _transaction(infno: str, lines: Sequence[Row], area: Area) -> Transaction:
    described = _described()[infno]
    local = area.nodes.get(infno, {})
    nodes = {
        way: tuple(_nodes({**described[way.value], **local.get(way.value, {})}, way, lines, area))
        for way in Way
    }
    shown = {node.name for way in Way for node in nodes[way]}
    names = dict.fromkeys(row["node"] for row in lines)
    apart = tuple(
        _node(name, "list", [row for row in lines if row["node"] == name], area)
        for name in names
        if name not in shown
    )
    return Transaction(infno, Words(*described["name"]), nodes[Way.IN], nodes[Way.OUT], apart)


def _nodes(shapes: Mapping[str, str], way: Way, lines: Sequence[Row], area: Area) -> Iterator[Node]:
    for name, shape in shapes.items():
        own = [row for row in _of(way, lines) if row["node"] == name]
        yield _node(name, shape, own, area)


def _of(way: Way, lines: Sequence[Row]) -> list[Row]:
    return [row for row in lines if row["direction"] == way.value]


def _node(name: str, shape: str, lines: Sequence[Row], area: Area) -> Node:
    presence = Presence.OPTIONAL if shape.endswith("?") else Presence.MANDATORY
    fields = tuple(_field(row, area) for row in lines)
    return Node(name, Shape(shape.rstrip("?")), presence, fields)


def _field(row: Row, area: Area) -> Field:
    length, _, scale = str(row["max_length"]).partition(",")
    made = Field(
        name=row["field"],
        kind=Kind(row["type"]),
        names=Words(row["name_zh"], row["name_hant"], row["name_en"]),
        presence=Presence(row["mandatory"]),
        length=int(length) if length else None,
        scale=int(scale or 0),
        values=_values(row, area),
        is_coded=Presence(row["coded"]),
        note=row["note"],
    )
    path = f"{row['infno']}/{row['node']}/{row['field']}"
    everywhere = area.fields.get(made.name, {}) if row["direction"] == "in" else {}
    return _changed(made, {**everywhere, **area.fields.get(path, {})})


def _values(row: Row, area: Area) -> tuple[str, ...]:
    if row.get("values"):
        return tuple(row["values"])
    known = area.dictionaries.get(row["field"])
    return known.only if known and row["coded"] == "Y" else ()


def _changed(field: Field, change: Mapping[str, Any]) -> Field:
    made = dict(change)
    for key, kind in (("values", tuple), ("spellings", tuple), ("required_when", tuple)):
        if key in made:
            made[key] = kind(made[key])
    if "kind" in made:
        made["kind"] = Kind(made["kind"])
    if "mandatory" in made:
        made["presence"] = Presence.MANDATORY if made.pop("mandatory") else Presence.OPTIONAL
    return replace(field, **made)


def _extra_row(added: Mapping[str, Any]) -> Row:
    """A line of an area's own, in the table's columns."""
    zh, hant, en = added["name"]
    return {
        **added,
        "name_zh": zh,
        "name_hant": hant,
        "name_en": en,
        "max_length": added.get("max_length", ""),
        "mandatory": "Y" if added.get("mandatory") else "N",
        "coded": "Y" if added.get("values") else "N",
        "note": "[local]",
    }
