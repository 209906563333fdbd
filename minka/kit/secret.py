"""Clear personal text that cannot be printed, logged or serialised by accident."""

from __future__ import annotations

from typing import Never


class Clear:
    """A clear number, name or telephone number; call ``reveal`` where it is truly needed."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The clear text; the caller answers for where it goes."""
        return self._text

    def __repr__(self) -> str:
        return "Clear(…)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "Clear(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Clear) and other._text == self._text

    def __hash__(self) -> int:
        return hash((Clear, self._text))

    def __bool__(self) -> bool:
        return bool(self._text)

    def __reduce__(self) -> Never:
        raise TypeError("clear personal text is not serialised")
