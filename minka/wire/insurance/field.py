"""One field, one node, one transaction of the interface, as the table and an area give them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from minka.kit.words import Words


class Kind(Enum):
    """What a field holds; the values are the table's own words."""

    TEXT = "s"
    NUMBER = "n"
    DATE = "date"
    DATETIME = "datetime"
    BYTES = "bytes"
    MSGID = "msgid"
    FREE = "free"
    """An extension member: an object, or its JSON text."""


class Presence(Enum):
    """Whether a field must be there."""

    MANDATORY = "Y"
    OPTIONAL = "N"


class Shape(Enum):
    """How a node stands in the body."""

    OBJECT = "object"
    LIST = "list"
    ROOT = "root"
    """Its fields stand directly under ``input`` or ``output``."""


class Way(Enum):
    """Towards the platform, or back."""

    IN = "in"
    OUT = "out"

    @property
    def body(self) -> str:
        """The key of the envelope that holds the body."""
        return "input" if self is Way.IN else "output"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name, what it holds, and what is checked about it."""

    name: str
    kind: Kind
    names: Words
    presence: Presence = Presence.OPTIONAL
    length: int | None = None
    """Characters of a text, or all digits of a number; None when nobody states it."""
    scale: int = 0
    """Decimals of a number; the integer we work with is the value times ``10**scale``."""
    values: tuple[str, ...] = ()
    """The only values allowed; empty when any may come."""
    pattern: str = ""
    """A regular expression the whole text must match."""
    spellings: tuple[str, ...] = ()
    """Other names under which clients send the field."""
    required_when: tuple[str, str] | None = None
    """Mandatory once another field of the node has this value."""
    is_coded: Presence = Presence.OPTIONAL
    note: str = ""

    @property
    def mandatory(self) -> bool:
        """Whether the field must be there and filled."""
        return self.presence is Presence.MANDATORY

    @property
    def attribute(self) -> str:
        """The field's name in Python (``in`` is a word of the language)."""
        return f"{self.name}_" if self.name == "in" else self.name

    @property
    def digits(self) -> int:
        """All digits of a number, decimals included."""
        return self.length or 18

    @property
    def size(self) -> str:
        """The length as the table writes it: ``30``, ``16,2`` or nothing."""
        scale = f",{self.scale}" if self.scale else ""
        return f"{self.length}{scale}" if self.length else ""


@dataclass(frozen=True, slots=True)
class Node:
    """A named group of fields."""

    name: str
    shape: Shape
    presence: Presence
    fields: tuple[Field, ...]

    @property
    def mandatory(self) -> bool:
        """Whether the node must be there."""
        return self.presence is Presence.MANDATORY

    def __getitem__(self, name: str) -> Field:
        """The field of this name; ``KeyError`` when there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return any(field.name == name for field in self.fields)


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction: its code, its names, and the nodes of both directions."""

    infno: str
    names: Words
    nodes_in: tuple[Node, ...]
    nodes_out: tuple[Node, ...]
    apart: tuple[Node, ...] = ()
    """Columns of files, arguments of readers, members of extensions: known, not checked here."""

    @property
    def name_zh(self) -> str:
        """The name in Simplified Chinese."""
        return self.names.zh_hans

    def nodes(self, way: Way) -> tuple[Node, ...]:
        """The nodes of one direction."""
        return self.nodes_in if way is Way.IN else self.nodes_out

    def node(self, name: str, way: Way = Way.IN) -> Node:
        """The node of this name; ``KeyError`` when there is none."""
        for node in self.nodes(way):
            if node.name == name:
                return node
        raise KeyError(f"{self.infno} has no {way.value} node {name}")

    @property
    def carries_credential(self) -> bool:
        """Whether a credential's number comes with it, so that a blocked card is refused here."""
        return any("mdtrt_cert_no" in node for node in self.nodes_in)

    @property
    def names_person(self) -> bool:
        """Whether the body holds a person's number."""
        return any("psn_no" in node for node in self.nodes_in)

    def fields(self, way: Way) -> Iterator[tuple[Node, Field]]:
        """Every field of one direction with its node."""
        for node in self.nodes(way):
            for field in node.fields:
                yield node, field
