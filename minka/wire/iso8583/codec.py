"""The codec of a dialect: a decoder compiled once per bitmap, an encoder once per set of fields.

What is read and what is written are the same set: whatever decodes encodes to the same bytes. A
bitmap that comes for the first time is read by readers put together for it; one that comes often
gets a function of its own (``fast``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from minka.wire.iso8583.dialect import HIGHEST, Coding, Dialect, FieldShape
from minka.wire.iso8583.fast import FastReader, FastWriter, fast_reader, fast_writer
from minka.wire.iso8583.faults import Flaw, MessageFault
from minka.wire.iso8583.message import Message, Value
from minka.wire.iso8583.readers import Reader, readers
from minka.wire.iso8583.writers import Writer, writers

_KEPT = 1024
"""Compiled bitmaps kept: more than any network uses, and no cost when a line is hostile."""

_OFTEN = 16
"""Whole messages of one bitmap before it is worth a function of its own."""

_KINDS = tuple(f"0{number:03d}" for number in range(100, 900))
"""Version 0 of the standard (1987), and the classes that exist."""


class Codec:
    """Reads and writes the messages of one dialect; compiled parts are kept for the next."""

    def __init__(self, dialect: Dialect) -> None:
        packed, bytewise = dialect.digits is Coding.BCD, dialect.bitmap is Coding.BCD
        self.dialect = dialect
        self._readers: dict[bytes, tuple[Reader, ...]] = {}
        self._plans: dict[tuple[int, ...], tuple[bytes, tuple[Writer, ...]]] = {}
        self._fast_readers: dict[bytes, FastReader] = {}
        self._fast_writers: dict[tuple[int, ...], FastWriter] = {}
        self._seen: Counter[bytes | tuple[int, ...]] = Counter()
        self._written = {k: bytes.fromhex(k) if packed else k.encode("ascii") for k in _KINDS}
        self._kinds = {written: kind for kind, written in self._written.items()}
        self._kind_bytes, self._map_bytes = (2 if packed else 4), (8 if bytewise else 16)
        self._two_maps = frozenset(range(128, 256) if bytewise else b"89ABCDEF")
        self._start = dialect.tpdu_bytes + len(dialect.header)

    def decode(self, body: bytes) -> Message:
        """The message in the bytes of a frame; ``MessageFault`` when it is none."""
        at = self._start
        dialect = self.dialect
        if body[dialect.tpdu_bytes : at] != dialect.header or len(body) < at:
            raise MessageFault(Flaw.HEADER)
        kind = self._kinds.get(body[at : at + self._kind_bytes]) or self._no_kind(body)
        at += self._kind_bytes
        end = at + self._map_bytes
        bitmap = body[at:end]
        if bitmap and bitmap[0] in self._two_maps:
            end += self._map_bytes
            bitmap = body[at:end]
        fast = self._fast_readers.get(bitmap)
        fields = fast(body, end) if fast is not None else None
        if fields is None:
            fields = self._read(body, bitmap, (at, end))
        return Message(kind, fields, body[: dialect.tpdu_bytes])

    def _read(self, body: bytes, bitmap: bytes, place: tuple[int, int]) -> dict[int, Value]:
        """The fields, read one run after another, or the fault that says which is wrong."""
        at, end = place
        known = self._readers.get(bitmap)
        if known is None:
            known = self._compile(bitmap, end - at)
        fields: dict[int, Value] = {}
        for read in known:
            end = read(body, end, fields)
        if end != len(body):
            raise MessageFault(Flaw.TRAILING, max(fields, default=0))
        if self._is_often(bitmap):
            shapes = self._shapes(_numbers(self._bits(bitmap)))
            self._fast_readers[bitmap] = fast_reader(self.dialect, shapes)
        return fields

    def _is_often(self, what: bytes | tuple[int, ...]) -> int:
        """One when something that was just done well has come often enough to be compiled."""
        if len(self._seen) >= _KEPT:
            self._seen.clear()
            self._fast_readers.clear()
            self._fast_writers.clear()
        self._seen[what] += 1
        return int(self._seen[what] == _OFTEN)

    def peek(self, body: bytes) -> str:
        """The message type of bytes that need not decode further; empty when there is none."""
        end = self._start + self._kind_bytes
        return self._kinds.get(body[self._start : end], "")

    def encode(self, message: Message) -> bytes:
        """The bytes of a message, without its frame; ``MessageFault`` for what none can hold."""
        fields = message.fields
        numbers = tuple(fields)
        kind = self._written.get(message.kind)
        if kind is None:
            raise MessageFault(Flaw.MESSAGE_TYPE)
        fast = self._fast_writers.get(numbers)
        whole = fast(fields) if fast is not None else None
        if whole is None:
            whole = self._write(fields, numbers)
        return message.tpdu + self.dialect.header + kind + whole

    def _write(self, fields: Mapping[int, Value], numbers: tuple[int, ...]) -> bytes:
        head, plan = self._plans.get(numbers) or self._plan(numbers)
        whole = head + b"".join([write(fields) for write in plan])
        if self._is_often(numbers):
            shapes = self._shapes(sorted(numbers))
            self._fast_writers[numbers] = fast_writer(self.dialect, shapes, head)
        return whole

    def _no_kind(self, body: bytes) -> str:
        short = len(body) < self._start + self._kind_bytes
        raise MessageFault(Flaw.TRUNCATED if short else Flaw.MESSAGE_TYPE)

    def _compile(self, bitmap: bytes, width: int) -> tuple[Reader, ...]:
        if len(bitmap) != width:
            raise MessageFault(Flaw.TRUNCATED, 1)
        made = readers(self.dialect, self._shapes(_numbers(self._bits(bitmap))))
        if len(self._readers) >= _KEPT:
            self._readers.clear()
        self._readers[bitmap] = made
        return made

    def _bits(self, bitmap: bytes) -> bytes:
        if self.dialect.bitmap is Coding.BCD:
            return bitmap
        if not set(bitmap) <= _HEX:
            raise MessageFault(Flaw.BITMAP)
        return bytes.fromhex(bitmap.decode("ascii"))

    def _shapes(self, numbers: Sequence[int]) -> list[FieldShape]:
        for number in numbers:
            if number not in self.dialect.fields:
                raise MessageFault(Flaw.FIELD_UNKNOWN, number)
        return [self.dialect.fields[number] for number in numbers]

    def _plan(self, numbers: tuple[int, ...]) -> tuple[bytes, tuple[Writer, ...]]:
        shapes = self._shapes(sorted(numbers))
        head = _bitmap_of(numbers)
        if self.dialect.bitmap is Coding.ASCII:
            head = head.hex().upper().encode("ascii")
        if len(self._plans) >= _KEPT:
            self._plans.clear()
        made = self._plans[numbers] = (head, writers(self.dialect, shapes))
        return made


_HEX = frozenset(b"0123456789ABCDEF")


def _numbers(bitmap: bytes) -> list[int]:
    """The fields of a bitmap, without the bit that only announces the second one.

    A second bitmap that is announced and empty is another spelling, and refused.
    """
    if len(bitmap) > 8 and not any(bitmap[8:]):
        raise MessageFault(Flaw.BITMAP, 1)
    most = 8 * len(bitmap)
    bits = int.from_bytes(bitmap, "big")
    return [number for number in range(2, most + 1) if bits >> (most - number) & 1]


def _bitmap_of(numbers: tuple[int, ...]) -> bytes:
    most = HIGHEST if any(number > 64 for number in numbers) else 64
    bits = sum(1 << (most - number) for number in numbers)
    if most == HIGHEST:
        bits |= 1 << (HIGHEST - 1)
    return bits.to_bytes(most // 8, "big")
