"""The fast path: one msgspec type for each transaction, made of its fields.

What C can check stands in the type (lengths, codes, shapes); what it cannot, numbers to the digit
and times, is read when a node has been built, and the node then holds integers instead of text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal

import msgspec

from minka.wire.insurance import figures
from minka.wire.insurance.field import Field, Kind, Node, Shape, Transaction
from minka.wire.insurance.figures import Reader

Member = tuple[str, Any] | tuple[str, Any, Any]
Check = Callable[[Any], None]

_NO_BODY = dict[str, Any] | str | None


def message_type(transaction: Transaction, head: Node) -> type[msgspec.Struct]:
    """The whole request of a transaction: envelope, body, and ``infno`` as its tag."""
    fields = [field for field in head.fields if field.name != "infno"]
    members, checks = _members(fields)
    body: Member = ("input", _body_type(transaction))
    if not transaction.nodes_in:
        body = ("input", _NO_BODY, None)
    return msgspec.defstruct(
        f"Request{transaction.infno}",
        [*members, body],
        kw_only=True,
        gc=False,
        tag=transaction.infno,
        tag_field="infno",
        namespace={**_namespace(checks), "infno": transaction.infno},
        rename=_renamed(fields),
    )


def union(types: Sequence[type[msgspec.Struct]]) -> Any:
    """Any one of several requests, told apart by ``infno``."""
    return reduce(or_, types)


def _body_type(transaction: Transaction) -> type[msgspec.Struct]:
    members: list[Member] = []
    checks: list[Check] = []
    root: list[Field] = []
    for node in transaction.nodes_in:
        if node.shape is Shape.ROOT:
            root += node.fields
            more, more_checks = _members(node.fields)
            members += more
            checks += more_checks
        else:
            members.append(_node_member(transaction, node))
    return _struct(f"Input{transaction.infno}", members, checks, root)


def _node_member(transaction: Transaction, node: Node) -> Member:
    members, checks = _members(node.fields)
    name = f"{node.name.title().replace('_', '')}{transaction.infno}"
    made: Any = _struct(name, members, checks, node.fields)
    if node.shape is Shape.LIST:
        least = 1 if node.mandatory else 0
        made = Annotated[list[made], msgspec.Meta(min_length=least)]
    return (node.name, made) if node.mandatory else (node.name, made | None, None)


def _struct(
    name: str, members: Sequence[Member], checks: Sequence[Check], fields: Sequence[Field]
) -> type[msgspec.Struct]:
    return msgspec.defstruct(
        name,
        members,
        kw_only=True,
        gc=False,
        namespace=_namespace(checks),
        rename=_renamed(fields),
    )


def _renamed(fields: Sequence[Field]) -> Mapping[str, str]:
    return {field.attribute: field.name for field in fields if field.attribute != field.name}


def _namespace(checks: Sequence[Check]) -> dict[str, Any]:
    if not checks:
        return {"__repr__": _closed}
    if len(checks) == 1:
        return {"__post_init__": checks[0], "__repr__": _closed}

    def check(self: Any) -> None:
        for each in checks:
            each(self)

    return {"__post_init__": check, "__repr__": _closed}


def _closed(self: Any) -> str:
    """Names and numbers of people are not printed by accident."""
    return f"{type(self).__name__}(…)"


def _members(fields: Sequence[Field]) -> tuple[list[Member], list[Check]]:
    members = [member for field in fields for member in _member(field)]
    return members, list(_checks(fields))


def _member(field: Field) -> Iterator[Member]:
    plain = _type(field)
    if field.mandatory and not field.spellings:
        yield field.attribute, plain
        return
    for name in (field.attribute, *field.spellings):
        yield name, plain | None if plain is not Any else Any, None


def _type(field: Field) -> Any:
    if field.kind is Kind.NUMBER:
        return Any  # its digits are read afterwards, never through a binary fraction
    must = field.mandatory and not field.spellings
    if field.values:
        return Literal[field.values if must else (*field.values, "")]
    text = Annotated[str, _meta(field, 1 if must else 0)]
    return text | dict[str, Any] if field.kind is Kind.FREE else text


def _meta(field: Field, least: int) -> msgspec.Meta:
    optional = "" if least else "?"
    pattern = rf"^(?:{field.pattern}){optional}\Z" if field.pattern else None
    return msgspec.Meta(min_length=least, max_length=_longest(field), pattern=pattern)


def _longest(field: Field) -> int | None:
    by_kind = {Kind.DATE: 10, Kind.DATETIME: 19, Kind.MSGID: 30}
    return by_kind.get(field.kind, field.length)


def _checks(fields: Sequence[Field]) -> Iterator[Check]:
    spelled = [field for field in fields if field.spellings]
    if spelled:
        yield from map(_spelling_check, spelled)
    read = [(field.attribute, reader) for field in fields if (reader := _reader(field))]
    if read:
        yield _reading(tuple(read))
    yield from map(_condition, (field for field in fields if field.required_when))


def _reading(read: tuple[tuple[str, Reader], ...]) -> Check:
    def check(self: Any) -> None:
        for name, reader in read:
            setattr(self, name, reader(getattr(self, name)))

    return check


def _reader(field: Field) -> Reader | None:
    reader = _plain_reader(field)
    if reader is None or field.mandatory:
        return reader

    def optional(value: object) -> object:
        return None if value is None or value == "" else reader(value)

    return optional


def _plain_reader(field: Field) -> Reader | None:
    match field.kind:
        case Kind.DATE:
            return figures.day
        case Kind.DATETIME:
            return figures.second
        case Kind.MSGID:
            return figures.message_id
        case Kind.NUMBER if (field.digits, field.scale) == (16, 2):
            return figures.cents
        case Kind.NUMBER:
            digits, scale = field.digits, field.scale
            return lambda value: figures.number(value, digits, scale)
        case _:
            return None


def _spelling_check(field: Field) -> Check:
    """Whichever name the field came under, it stands under its own afterwards."""
    name, others, must = field.attribute, field.spellings, field.mandatory

    def check(self: Any) -> None:
        found = getattr(self, name)
        for other in others:
            found = found or getattr(self, other)
        if must and (found is None or found == ""):
            raise figures.NotSo("MANDATORY")
        setattr(self, name, found)

    return check


def _condition(field: Field) -> Check:
    other, wanted = field.required_when or ("", "")
    name = field.attribute

    def check(self: Any) -> None:
        if getattr(self, other) == wanted and not getattr(self, name):
            raise figures.NotSo("MANDATORY")

    return check
