"""Random and mutated bytes against codec, frame and TLV: P16."""

from __future__ import annotations

import random
import time
from contextlib import suppress

import pytest

from minka.wire.iso8583.codec import Codec
from minka.wire.iso8583.dialect import names, read
from minka.wire.iso8583.fast import fast_reader, fast_writer
from minka.wire.iso8583.faults import MessageFault
from minka.wire.iso8583.frame import Deframer
from minka.wire.iso8583.mac import sealed
from minka.wire.iso8583.message import Message, Value
from minka.wire.iso8583.tlv import read_tlv, write_tlv
from tests.wire.iso8583_given import message

SLOWEST_NS = 50_000_000


def mutated(good: bytes, chance: random.Random) -> bytes:
    """A good message with bits flipped, cut, doubled, or joined with noise."""
    raw = bytearray(good)
    for _ in range(chance.choice((1, 1, 2, 5))):
        at = chance.randrange(len(raw) + 1)
        match chance.randrange(5):
            case 0 if raw:
                raw[at % len(raw)] ^= 1 << chance.randrange(8)
            case 1:
                del raw[at:]
            case 2:
                raw[at:at] = chance.randbytes(chance.randint(1, 9))
            case 3:
                raw[at:at] = raw[: chance.randint(1, 40)]
            case _:
                del raw[at : at + chance.randint(1, 4)]
    return bytes(raw)


def one_input(codec: Codec, body: bytes) -> int:
    """Nanoseconds of CPU for bytes that end in a message or in a named fault.

    What decodes is written back to the very same bytes. A slow input gets two more tries, so that
    only its own slowness counts and not the machine's.
    """
    spent: list[int] = []
    while len(spent) < 3 and (not spent or spent[-1] > SLOWEST_NS // 10):
        began = time.thread_time_ns()
        with suppress(MessageFault):
            read_back = codec.decode(body)
            sealed(codec, body, read_back)
            assert codec.encode(read_back) == body
        spent.append(time.thread_time_ns() - began)
    return min(spent)


def campaign(many: int, seed: int) -> int:
    """The slowest of many inputs, in nanoseconds."""
    chance, slowest = random.Random(seed), 0
    for name in names():
        codec = Codec(read(name))
        seeds = [codec.encode(message(codec.dialect, chance)) for _ in range(200)]
        for _ in range(many // len(names())):
            random_bytes = chance.random() < 0.2
            body = (
                chance.randbytes(chance.randint(0, 120))
                if random_bytes
                else mutated(chance.choice(seeds), chance)
            )
            slowest = max(slowest, one_input(codec, body))
    return slowest


def test_no_input_breaks_the_decoder() -> None:
    """P16: 20,000 inputs; each is a message or a named fault, none takes over 50 ms."""
    assert campaign(20_000, seed=8583) < SLOWEST_NS


@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_no_input_breaks_the_decoder_at_night() -> None:
    """P16: a million inputs."""
    assert campaign(1_000_000, seed=time.thread_time_ns()) < SLOWEST_NS


@pytest.mark.parametrize("name", names())
def test_the_fast_way_says_what_the_exact_way_says(name: str) -> None:
    """P16: a compiled function gives the same fields and bytes, or leaves it to the exact way."""
    dialect, chance = read(name), random.Random(f"fast {name}")
    exact, quick, left = Codec(dialect), Codec(dialect), 0
    for _ in range(25):
        given = message(dialect, chance)
        body, at = exact.encode(given), exact._start + exact._kind_bytes
        shapes = [dialect.fields[number] for number in sorted(given.fields)]
        two = body[at] in exact._two_maps
        bitmap = body[at : at + exact._map_bytes * (2 if two else 1)]
        quick._fast_readers[bitmap] = fast_reader(dialect, shapes)
        quick._fast_writers[tuple(given.fields)] = fast_writer(dialect, shapes, bitmap)
        assert quick._fast_readers[bitmap](body, at + len(bitmap)) in (given.fields, None)
        assert quick._fast_writers[tuple(given.fields)](given.fields) in (body[at:], None)
        for _ in range(60):
            bad = body[: at + len(bitmap)] + mutated(body[at + len(bitmap) :], chance)
            assert said(quick, bad) == said(exact, bad)
        for number in given.fields:
            wrong = chance.choice((b"12345678", "1234567٣", "x" * 6, ""))
            other: dict[int, Value] = {**given.fields, number: wrong}
            assert written(quick, other) == written(exact, other)
        left += quick._fast_readers[bitmap](body, at + len(bitmap)) is None
    assert left < 10, "track data with a separator alone take the exact way"


def said(codec: Codec, body: bytes) -> object:
    """The message, or the code of the fault."""
    try:
        return codec.decode(body)
    except MessageFault as fault:
        return fault.code


def written(codec: Codec, fields: dict[int, Value]) -> object:
    """The bytes, or the code of the fault."""
    try:
        return codec.encode(Message("0200", fields))
    except MessageFault as fault:
        return fault.code


def test_no_stream_breaks_the_frame() -> None:
    """P16: a stream of noise ends in a fault or waits, and never holds more than one message."""
    chance, ended = random.Random(4), set[str]()
    for _ in range(2_000):
        dialect = read(chance.choice(names()))
        deframer = Deframer(dialect)
        try:
            for _ in range(6):
                deframer.feed(chance.randbytes(chance.randint(0, 700)))
                assert deframer.waiting <= dialect.most_bytes + 4
        except MessageFault as fault:
            ended.add(fault.code)
    assert ended == {"frame_length:0", "frame_too_long:0"}


def test_chip_data_read_back_or_are_named_wrong() -> None:
    """P16: TLV of field 55; objects survive the round trip, noise gives ``tlv``."""
    objects = ((b"\x9f\x26", bytes(8)), (b"\x95", b"\x01" * 5), (b"\x5a", bytes(200)))
    assert read_tlv(write_tlv(objects)) == objects
    chance, wrong = random.Random(55), list[str]()
    for _ in range(3_000):
        try:
            read_tlv(mutated(write_tlv(objects), chance))
        except MessageFault as fault:
            wrong.append(fault.code)
    assert len(wrong) > 500
    assert set(wrong) == {"tlv:55"}
