"""A message as the switch sees it: its type, its fields, and itself shown without secrets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeAlias

Value: TypeAlias = str | bytes
"""Digits, text and track data are ``str``; binary fields are ``bytes``."""

_HIDDEN = frozenset({2, 14, 34, 35, 36, 45, 52, 55, 62, 64, 96, 102, 103, 128})
"""Card numbers, tracks, PIN blocks, keys and MACs are never shown."""


class Message(NamedTuple):
    """One message; ``kind`` is the message type, four digits such as ``0200``."""

    kind: str
    fields: Mapping[int, Value]
    tpdu: bytes = b""

    def __repr__(self) -> str:
        return f"Message({', '.join(self.lines())})"

    def lines(self) -> Iterator[str]:
        """The message for a person: one line a field, what is personal or secret left out."""
        yield self.kind
        for number in sorted(self.fields):
            value = self.fields[number]
            shown = value.hex() if isinstance(value, bytes) else value
            yield f"{number}={'…' if number in _HIDDEN else shown}"

    def text(self, number: int) -> str:
        """A text field, or an empty text when it is absent."""
        value = self.fields.get(number, "")
        return value if isinstance(value, str) else value.hex()

    def raw(self, number: int) -> bytes:
        """A binary field, or no bytes when it is absent."""
        value = self.fields.get(number, b"")
        return value if isinstance(value, bytes) else value.encode()
