"""Writers made from the runs of a set of fields: what a reader would refuse is not written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from minka.wire.iso8583.dialect import Coding, Dialect, FieldShape, Kind, Side
from minka.wire.iso8583.faults import Flaw, MessageFault
from minka.wire.iso8583.message import Value
from minka.wire.iso8583.runs import Coded, Run, picker, runs

Writer: TypeAlias = Callable[[Mapping[int, Value]], bytes]

_TRACK = frozenset("0123456789=")


def writers(dialect: Dialect, shapes: Sequence[FieldShape]) -> tuple[Writer, ...]:
    """The writers of a set of fields, in order; they raise ``MessageFault``."""
    return tuple(_writer(dialect, run) for run in runs(dialect, shapes))


def _writer(dialect: Dialect, run: Run) -> Writer:
    if run.coded is Coded.VARIABLE:
        return _variable(dialect, run.shapes[0])
    return _byte_run(run) if run.coded is Coded.BYTES else _text_run(run)


def _byte_run(run: Run) -> Writer:
    get, sizes = picker(run.numbers), run.sizes

    def write(fields: Mapping[int, Value]) -> bytes:
        values = get(fields)
        if tuple(map(len, values)) == sizes:
            try:
                return b"".join(values)
            except TypeError:
                pass
        raise _fault(run, values)

    return write


def _text_run(run: Run) -> Writer:
    """Digits or text of fixed length: joined, checked once; packed digits then become bytes."""
    get, sizes = picker(run.numbers), run.sizes
    packed, text = run.coded is Coded.PACKED, run.coded is Coded.TEXT
    odd = tuple(place for place, size in enumerate(sizes) if packed and size % 2)

    def write(fields: Mapping[int, Value]) -> bytes:
        values = get(fields)
        if tuple(map(len, values)) != sizes:
            raise _fault(run, values)
        if odd:
            listed = list(values)
            for place in odd:
                listed[place] = f"0{listed[place]}"
            values = tuple(listed)
        try:
            joined = "".join(values)
        except TypeError:
            raise _fault(run, get(fields)) from None
        if not (joined.isascii() and (joined.isprintable() if text else joined.isdecimal())):
            raise _fault(run, get(fields))
        return bytes.fromhex(joined) if packed else joined.encode("ascii")

    return write


def _fault(run: Run, values: tuple[Value, ...]) -> MessageFault:
    """The first field of a run whose value it cannot hold."""
    for shape, value in zip(run.shapes, values, strict=True):
        if len(value) != shape.size:
            return MessageFault(Flaw.LENGTH, shape.number)
        flaw = _flaw(shape, value)
        if flaw is not None:
            return MessageFault(flaw, shape.number)
    raise AssertionError("a run that does not join has a wrong value")


def _flaw(shape: FieldShape, value: Value) -> Flaw | None:
    """What is wrong with the content of a value, if anything."""
    kind = shape.kind
    if kind is Kind.BYTES or isinstance(value, bytes):
        good = kind is Kind.BYTES and isinstance(value, bytes)
    elif kind is Kind.DIGITS:
        good = value.isascii() and (value.isdecimal() or not value)
    elif kind is Kind.TRACK:
        good = _TRACK.issuperset(value)
    else:
        good = value.isascii() and value.isprintable()
    if good:
        return None
    return Flaw.DIGITS if kind is Kind.DIGITS else Flaw.CHARACTERS


def _variable(dialect: Dialect, shape: FieldShape) -> Writer:
    number, most, digits = shape.number, shape.size, shape.length_digits
    short = dialect.lengths is Coding.BCD
    width = digits + digits % 2 if short else digits
    packed = dialect.digits is Coding.BCD and shape.kind in (Kind.DIGITS, Kind.TRACK)
    left = dialect.odd is Side.LEFT

    def write(fields: Mapping[int, Value]) -> bytes:
        value = fields[number]
        size = len(value)
        if size > most:
            raise MessageFault(Flaw.LENGTH, number)
        flaw = _flaw(shape, value)
        if flaw is not None:
            raise MessageFault(flaw, number)
        length = f"{size:0{width}d}"
        before = bytes.fromhex(length) if short else length.encode("ascii")
        if isinstance(value, bytes):
            return before + value
        return before + (_pack(value, left) if packed else value.encode("ascii"))

    return write


def _pack(digits: str, left: int) -> bytes:
    if len(digits) % 2:
        digits = "0" + digits if left else digits + "0"
    return bytes.fromhex(digits.replace("=", "d"))
