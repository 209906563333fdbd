"""docs/insurance.md: every transaction and field, every area's settings, as the code reads them.

``python -m minka.wire.insurance.pages docs/insurance.md`` writes the file anew.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from enum import Enum
from pathlib import Path

from minka.wire.insurance.area import Area, Dictionary, Statement, areas
from minka.wire.insurance.area import area as area_of
from minka.wire.insurance.faults import Rule
from minka.wire.insurance.field import Field, Node, Shape, Transaction, Way
from minka.wire.insurance.gateway import GateRefusal
from minka.wire.insurance.registry import Registry, registry

HEAD = """# The insurance interface

<!-- Written by `python -m minka.wire.insurance.pages docs/insurance.md`; do not edit. -->

What a hospital, a pharmacy or a terminal says to the platform, and what comes back. All of it is
data: `minka/wire/insurance/fields.csv` with the areas' differences in `areas/*.yaml`. The official
text is not openly published as a whole, so each field carries the mark of its source: *confirmed*,
*weak source*, *inferred*, or *local* (an area's own).

Types: `s` text, `n` number (`16,2` = sixteen digits, two of them decimals), `date` yyyy-MM-dd,
`datetime` yyyy-MM-dd HH:mm:ss, `msgid` institution (12), time (14), sequence (4), `free` an object
or its JSON text. `*` mandatory. Unknown keys are tolerated. Numbers come as JSON numbers or texts
and are read to the digit; empty optional values may be `""` or null.
"""

OPEN = "open"
SHOWN = 16


def written() -> str:
    """The whole page."""
    national = registry()
    parts = [HEAD, _settings(), _dictionaries(national.area), _rules(), _envelope(national)]
    parts += [_transaction(each) for each in national.transactions.values()]
    parts += [_differences(registry(key), national) for key in areas()[1:]]
    return "\n".join(parts)


def _table(columns: str, rows: Iterable[Iterable[str]]) -> str:
    names = columns.split("|")
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _settings() -> str:
    shown = [area_of(key) for key in areas()]
    left_out = {"key", "names", "dictionaries", "fields", "extra", "nodes"}
    names = [field.name for field in fields(Area) if field.name not in left_out]
    rows = [[f"`{name}`", *(_said(getattr(each, name)) for each in shown)] for name in names]
    columns = "setting|" + "|".join(f"{each.names.en} ({each.names.zh_hans})" for each in shown)
    return f"\n## Settings in which areas differ\n\n{_table(columns, rows)}"


def _said(value: object) -> str:
    match value:
        case Enum():
            return str(value.value)
        case tuple():
            return ", ".join(value)
        case Mapping():
            return ", ".join(f"{key} → {own}" for key, own in value.items()) or "none"
        case Statement():
            return (
                f"{value.columns} columns, {value.separator}, {value.packing},"
                f" by {', '.join(value.grouping)}"
            )
    return str(value)


def _dictionaries(area: Area) -> str:
    rows = [
        [f"`{name}`", each.mark, OPEN if each.is_open else "closed", _values(each)]
        for name, each in area.dictionaries.items()
    ]
    note = "An open list is known to be incomplete: it explains values and refuses none.\n"
    return f"\n## Dictionaries\n\n{note}\n{_table('dictionary|mark||values', rows)}"


def _values(dictionary: Dictionary) -> str:
    said = [f"{code} {words}" for code, words in dictionary.values.items()]
    return "，".join(said[:SHOWN]) + ("…" if len(said) > SHOWN else "")


def _rules() -> str:
    rows = [[f"`{each.code}`", each.words.zh_hans, each.words.en] for each in (*Rule, *GateRefusal)]
    return f"\n## What can be wrong\n\n{_table('rule|中文|English', rows)}"


def _envelope(of: Registry) -> str:
    parts = ["\n## Envelope\n"]
    for way in Way:
        parts += [f"**{way.value}**\n", _fields(of.envelope("2207", way).fields)]
    return "\n".join(parts)


def _transaction(transaction: Transaction) -> str:
    names = transaction.names
    parts = [f"\n## {transaction.infno} {names.zh_hans}\n", f"{names.en}.\n"]
    for way in Way:
        nodes = transaction.nodes(way)
        parts += [part for node in nodes for part in _node(f"{way.value} ", node)]
        if not nodes:
            parts.append(f"**{way.value}**: no node.\n")
    parts += [part for node in transaction.apart for part in _node("not in the body: ", node)]
    return "\n".join(parts)


def _node(before: str, node: Node) -> Iterator[str]:
    mark = "[]" if node.shape is Shape.LIST else ""
    may = "" if node.mandatory else ", may be absent"
    yield f"**{before}`{node.name}{mark}`**{may}\n"
    yield _fields(node.fields)


def _fields(shown: Iterable[Field]) -> str:
    return _table("field|type|*|名称|meaning|values and notes", map(_row, shown))


def _row(field: Field) -> list[str]:
    notes = [field.note, _only(field)]
    if field.spellings:
        notes.append(f"also {', '.join(field.spellings)}")
    if field.required_when:
        notes.append("mandatory when {} = {}".format(*field.required_when))
    kind = f"{field.kind.value} {field.size}".strip()
    must = "*" if field.mandatory else ""
    said = "; ".join(note for note in notes if note)
    return [f"`{field.name}`", kind, must, field.names.zh_hans, field.names.en, said]


def _only(field: Field) -> str:
    if not field.values:
        return f"pattern `{field.pattern}`" if field.pattern else ""
    more = "…" if len(field.values) > SHOWN else ""
    return "one of " + ", ".join(field.values[:SHOWN]) + more


def _differences(own: Registry, national: Registry) -> str:
    rows = list(_differing(own, national))
    title = f"{own.area.names.zh_hans} ({own.area.names.en}, invented)"
    table = _table("transaction|node|field|type|*|名称|meaning|values and notes", rows)
    return f"\n## Fields that differ in {title}\n\n{table}"


def _differing(own: Registry, national: Registry) -> Iterator[list[str]]:
    for infno, transaction in own.transactions.items():
        for way in Way:
            known = {(n.name, f.name): f for n, f in national.transaction(infno).fields(way)}
            for node, field in transaction.fields(way):
                if known.get((node.name, field.name)) != field:
                    yield [infno, f"{way.value} {node.name}", *_row(field)]


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(written(), encoding="utf-8")
