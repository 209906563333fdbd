"""Fields that stand side by side in one coding are one run: one slice, one check, then cut up.

That, worked out once per bitmap, is what makes the codec fast.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import accumulate, groupby
from operator import itemgetter
from typing import Any, TypeAlias

from minka.wire.iso8583.dialect import Coding, Dialect, FieldShape, Kind

Picker: TypeAlias = Callable[[Any], tuple[Any, ...]]


class Coded(Enum):
    """How the bytes of a field are read."""

    PACKED = "packed"
    DIGITS = "digits"
    TEXT = "text"
    BYTES = "bytes"
    VARIABLE = "variable"


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring fields of fixed length; places are counted in digits, characters or bytes."""

    coded: Coded
    shapes: tuple[FieldShape, ...]
    numbers: tuple[int, ...]
    sizes: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    """Where each field's own characters stand."""
    pads: tuple[int, ...]
    """Where the zero stands that fills an odd number of packed digits to whole bytes."""
    bytes_whole: int

    def cut(self) -> Picker:
        """Gives the fields' parts of the run's text or bytes, all at once."""
        return picker([slice(*span) for span in self.spans])

    def first_beyond(self, length: int) -> int:
        """The first field that a piece of ``length`` places does not hold whole."""
        found = (n for n, (_, end) in zip(self.numbers, self.spans, strict=True) if end > length)
        return next(found, self.numbers[-1])

    def first_without_digits(self, text: str) -> int:
        """The first field that holds something else than digits."""
        return next(
            number
            for number, (start, end) in zip(self.numbers, self.spans, strict=True)
            if not set(text[start:end]) <= set("0123456789")
        )

    def padded_at(self, place: int) -> int:
        """The field that the zero at a place fills up."""
        return next(
            n for n, (start, _) in zip(self.numbers, self.spans, strict=True) if start == place + 1
        )


def picker(keys: Sequence[Any]) -> Picker:
    """``itemgetter`` that gives a tuple for one key, too, and an empty one for none."""
    if len(keys) > 1:
        return itemgetter(*keys)
    if not keys:
        return lambda _held: ()
    (key,) = keys
    return lambda held: (held[key],)


def coded(dialect: Dialect, shape: FieldShape) -> Coded:
    """How a field is read in a dialect."""
    if shape.length_digits:
        return Coded.VARIABLE
    if shape.kind is Kind.BYTES:
        return Coded.BYTES
    if shape.kind is Kind.DIGITS:
        return Coded.PACKED if dialect.digits is Coding.BCD else Coded.DIGITS
    return Coded.TEXT


def runs(dialect: Dialect, shapes: Sequence[FieldShape]) -> Iterator[Run]:
    """The fields in order, as runs; a field of variable length is a run of its own."""
    for how, group in groupby(shapes, key=lambda shape: coded(dialect, shape)):
        together = tuple(group)
        if how is Coded.VARIABLE:
            yield from (_run(how, (shape,)) for shape in together)
        else:
            yield _run(how, together)


def _run(how: Coded, shapes: tuple[FieldShape, ...]) -> Run:
    packed = how is Coded.PACKED
    sizes = tuple(shape.size for shape in shapes)
    widths = [size + size % 2 if packed else size for size in sizes]
    ends = list(accumulate(widths))
    spans = tuple((end - size, end) for end, size in zip(ends, sizes, strict=True))
    pads = tuple(start - 1 for (start, _), size in zip(spans, sizes, strict=True) if size % 2)
    return Run(
        coded=how,
        shapes=shapes,
        numbers=tuple(shape.number for shape in shapes),
        sizes=sizes,
        spans=spans,
        pads=pads if packed else (),
        bytes_whole=ends[-1] // 2 if packed else ends[-1],
    )
