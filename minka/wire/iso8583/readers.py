"""Readers made from the runs of a bitmap: each takes bytes at a place and says where it ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TypeAlias

from minka.wire.iso8583.dialect import Coding, Dialect, FieldShape, Kind, Side
from minka.wire.iso8583.faults import Flaw, MessageFault
from minka.wire.iso8583.message import Value
from minka.wire.iso8583.runs import Coded, Run, picker, runs

Reader: TypeAlias = Callable[[bytes, int, dict[int, Value]], int]
"""Reads from a place on into the mapping; gives the place after."""

_NIBBLES = frozenset("0123456789=")


def readers(dialect: Dialect, shapes: Sequence[FieldShape]) -> tuple[Reader, ...]:
    """The readers of the fields of one bitmap, in order."""
    return tuple(_reader(dialect, run) for run in runs(dialect, shapes))


def _reader(dialect: Dialect, run: Run) -> Reader:
    if run.coded is Coded.VARIABLE:
        return _variable(dialect, run.shapes[0])
    made = {Coded.PACKED: _packed_run, Coded.BYTES: _byte_run, Coded.DIGITS: _digit_run}
    return made.get(run.coded, _text_run)(run)


def _packed_run(run: Run) -> Reader:
    """Packed digits of fixed length; an odd number begins with a zero."""
    numbers, cut, whole = run.numbers, run.cut(), run.bytes_whole
    pads, zeros = picker(run.pads), ("0",) * len(run.pads)

    def read(raw: bytes, at: int, into: dict[int, Value]) -> int:
        end = at + whole
        digits = raw[at:end].hex()
        if len(digits) != 2 * whole:
            raise MessageFault(Flaw.TRUNCATED, run.first_beyond(len(digits)))
        if pads(digits) != zeros:
            place = next(place for place in run.pads if digits[place] != "0")
            raise MessageFault(Flaw.PADDING, run.padded_at(place))
        if not digits.isdecimal():
            raise MessageFault(Flaw.DIGITS, run.first_without_digits(digits))
        into.update(zip(numbers, cut(digits), strict=True))
        return end

    return read


def _digit_run(run: Run) -> Reader:
    numbers, cut, whole = run.numbers, run.cut(), run.bytes_whole

    def read(raw: bytes, at: int, into: dict[int, Value]) -> int:
        end = at + whole
        piece = raw[at:end]
        if len(piece) != whole:
            raise MessageFault(Flaw.TRUNCATED, run.first_beyond(len(piece)))
        text = piece.decode("latin-1")
        if not piece.isdigit():
            raise MessageFault(Flaw.DIGITS, run.first_without_digits(text))
        into.update(zip(numbers, cut(text), strict=True))
        return end

    return read


def _text_run(run: Run) -> Reader:
    numbers, cut, whole = run.numbers, run.cut(), run.bytes_whole

    def read(raw: bytes, at: int, into: dict[int, Value]) -> int:
        end = at + whole
        text = raw[at:end].decode("latin-1")
        if len(text) != whole:
            raise MessageFault(Flaw.TRUNCATED, run.first_beyond(len(text)))
        if not (text.isascii() and text.isprintable()):
            raise MessageFault(Flaw.CHARACTERS, numbers[0])
        into.update(zip(numbers, cut(text), strict=True))
        return end

    return read


def _byte_run(run: Run) -> Reader:
    numbers, cut, whole = run.numbers, run.cut(), run.bytes_whole

    def read(raw: bytes, at: int, into: dict[int, Value]) -> int:
        end = at + whole
        piece = raw[at:end]
        if len(piece) != whole:
            raise MessageFault(Flaw.TRUNCATED, run.first_beyond(len(piece)))
        into.update(zip(numbers, cut(piece), strict=True))
        return end

    return read


def _variable(dialect: Dialect, shape: FieldShape) -> Reader:
    """A field that says its length, in digits, characters or bytes of itself."""
    number, most = shape.number, shape.size
    sizes, width = lengths(dialect.lengths, shape.length_digits)
    packed = dialect.digits is Coding.BCD and shape.kind in (Kind.DIGITS, Kind.TRACK)
    content = _packed(dialect, shape) if packed else _plain(shape)

    def read(raw: bytes, at: int, into: dict[int, Value]) -> int:
        start = at + width
        size = sizes.get(raw[at:start], -1)
        end = start + ((size + 1) // 2 if packed else size)
        if not 0 <= size <= most:
            flaw = Flaw.LENGTH if start <= len(raw) else Flaw.TRUNCATED
            raise MessageFault(flaw, number)
        if end > len(raw):
            raise MessageFault(Flaw.TRUNCATED, number)
        into[number] = content(raw[start:end], size)
        return end

    return read


@cache
def lengths(coding: Coding, digits: int) -> tuple[Mapping[bytes, int], int]:
    """Every length as it is written, and how many bytes that takes."""
    if coding is Coding.ASCII:
        return {f"{size:0{digits}d}".encode(): size for size in range(10**digits)}, digits
    even = digits + digits % 2
    written = {bytes.fromhex(f"{size:0{even}d}"): size for size in range(10**even)}
    return written, even // 2


def _packed(dialect: Dialect, shape: FieldShape) -> Callable[[bytes, int], str]:
    """Packed digits of variable length; track data write their separator as D."""
    number, right = shape.number, dialect.odd is Side.RIGHT
    flaw = Flaw.CHARACTERS if shape.kind is Kind.TRACK else Flaw.DIGITS

    def read(piece: bytes, size: int) -> str:
        text = piece.hex()
        if size % 2:
            pad, text = (text[-1], text[:-1]) if right else (text[0], text[1:])
            if pad != "0":
                raise MessageFault(Flaw.PADDING, number)
        if text.isdecimal() or not text:
            return text
        track = text.replace("d", "=")
        if flaw is Flaw.DIGITS or not _NIBBLES.issuperset(track):
            raise MessageFault(flaw, number)
        return track

    return read


def _plain(shape: FieldShape) -> Callable[[bytes, int], Value]:
    number, kind = shape.number, shape.kind

    def read_bytes(piece: bytes, _size: int) -> Value:
        return piece

    def read_digits(piece: bytes, _size: int) -> Value:
        if piece and not piece.isdigit():
            raise MessageFault(Flaw.DIGITS, number)
        return piece.decode("ascii")

    def read_text(piece: bytes, _size: int) -> Value:
        text = piece.decode("latin-1")
        if not (text.isascii() and text.isprintable()):
            raise MessageFault(Flaw.CHARACTERS, number)
        if kind is Kind.TRACK and not _NIBBLES.issuperset(text):
            raise MessageFault(Flaw.CHARACTERS, number)
        return text

    return {Kind.BYTES: read_bytes, Kind.DIGITS: read_digits}.get(kind, read_text)
