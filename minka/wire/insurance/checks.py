"""The slow path: every fault of a message already read, named field by field."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from minka.wire.insurance import figures
from minka.wire.insurance.faults import Fault, Rule
from minka.wire.insurance.field import Field, Kind, Node, Shape, Transaction, Way

MOST_FAULTS = 100
"""More are not named: a person mends the first ones first, and no message may take long."""

VALUES_SHOWN = 12

_READ = {
    Kind.DATE: figures.day,
    Kind.DATETIME: figures.second,
    Kind.MSGID: figures.message_id,
}


def faults(transaction: Transaction, head: Node, message: object, way: Way) -> list[Fault]:
    """Every fault of a whole message, at most a hundred: the envelope's first, then the body's."""
    return list(islice(_all(transaction, head, message, way), MOST_FAULTS))


def body_faults(transaction: Transaction, body: object, way: Way = Way.IN) -> list[Fault]:
    """Every fault of a body alone, at most a hundred."""
    return list(islice(_body(transaction, body, way), MOST_FAULTS))


def _all(transaction: Transaction, head: Node, message: object, way: Way) -> Iterator[Fault]:
    if not isinstance(message, Mapping):
        yield Fault("", "", transaction.names, Rule.OBJECT)
        return
    yield from _fields(head.fields, message, "")
    yield from _body(transaction, message.get(way.body), way)


def _body(transaction: Transaction, body: object, way: Way) -> Iterator[Fault]:
    nodes = transaction.nodes(way)
    if not isinstance(body, Mapping):
        if nodes or not (body is None or isinstance(body, str)):
            yield Fault("", way.body, transaction.names, Rule.OBJECT)
        return
    for node in nodes:
        yield from _node(transaction, node, body, way)


def _node(
    transaction: Transaction, node: Node, body: Mapping[str, object], way: Way
) -> Iterator[Fault]:
    if node.shape is Shape.ROOT:
        yield from _fields(node.fields, body, "")
        return
    value = body.get(node.name)
    if value is None and not node.mandatory:
        return
    if node.shape is Shape.OBJECT:
        yield from _row(transaction, node, value, node.name)
        return
    least = 1 if way is Way.IN and node.mandatory else 0
    if not isinstance(value, list) or len(value) < least:
        yield Fault("", node.name, transaction.names, Rule.LIST)
        return
    for place, each in enumerate(value):
        yield from _row(transaction, node, each, f"{node.name}[{place}]")


def _row(transaction: Transaction, node: Node, value: object, where: str) -> Iterator[Fault]:
    if isinstance(value, Mapping):
        yield from _fields(node.fields, value, where)
    else:
        yield Fault("", where, transaction.names, Rule.OBJECT)


def _fields(fields: tuple[Field, ...], given: Mapping[str, object], where: str) -> Iterator[Fault]:
    for field in fields:
        if field.spellings:
            yield from _spelled(field, given, where)
            continue
        value = given.get(field.name)
        if value is None or value == "":
            if _must(field, given):
                yield Fault(where, field.name, field.names, Rule.MANDATORY)
        else:
            yield from _named(field, field.name, value, where)


def _spelled(field: Field, given: Mapping[str, object], where: str) -> Iterator[Fault]:
    """A field known by several names: each that came is checked, one of them must be filled."""
    there = {name: given[name] for name in (field.name, *field.spellings) if name in given}
    filled = {name: value for name, value in there.items() if value not in (None, "")}
    if not filled and _must(field, given):
        yield Fault(where, field.name, field.names, Rule.MANDATORY)
    for name, value in filled.items():
        yield from _named(field, name, value, where)


def _must(field: Field, given: Mapping[str, object]) -> bool:
    if field.required_when and given.get(field.required_when[0]) == field.required_when[1]:
        return True
    return field.mandatory


def _named(field: Field, name: str, value: object, where: str) -> Iterator[Fault]:
    rule = broken(field, value)
    if rule:
        yield Fault(where, name, field.names, rule, _facts(field, rule))


def broken(field: Field, value: object) -> Rule | None:
    """The rule a filled value breaks, or None."""
    try:
        if field.kind is Kind.NUMBER:
            figures.number(value, field.digits, field.scale)
        elif field.kind in _READ:
            _READ[field.kind](value)
        else:
            return _text(field, value)
    except figures.NotSo as wrong:
        return Rule[wrong.rule]
    return None


def _text(field: Field, value: object) -> Rule | None:
    if field.kind is Kind.FREE and isinstance(value, Mapping):
        return None
    if not isinstance(value, str) or isinstance(value, figures.NumberText):
        return Rule.TEXT
    if field.values:
        return None if value in field.values else Rule.CODE
    if field.length is not None and len(value) > field.length:
        return Rule.LENGTH
    return Rule.PATTERN if field.pattern and not re.fullmatch(field.pattern, value) else None


def _facts(field: Field, rule: Rule) -> dict[str, object]:
    """What the rule's sentence needs of the field; never the value, which may be a person's."""
    if rule is Rule.CODE:
        more = "…" if len(field.values) > VALUES_SHOWN else ""
        return {"values": "、".join(field.values[:VALUES_SHOWN]) + more}
    if rule is Rule.PATTERN:
        return {"pattern": field.pattern}
    limit = field.digits if field.kind is Kind.NUMBER else field.length
    return {"limit": limit, "scale": field.scale}
