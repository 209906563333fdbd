"""Messages in a stream, however it arrives: half frames, two at once, garbage."""

from __future__ import annotations

import random

import pytest

from minka.wire.iso8583.dialect import names, read
from minka.wire.iso8583.faults import MessageFault
from minka.wire.iso8583.frame import Deframer, framed, turned


@pytest.mark.parametrize("name", names())
def test_any_cut_of_the_stream_gives_the_same_messages(name: str) -> None:
    """I4: bytes one by one, in halves or all at once are the same messages."""
    dialect, chance = read(name), random.Random(name)
    bodies = [chance.randbytes(chance.randint(1, 300)) for _ in range(40)]
    stream = b"".join(framed(dialect, body) for body in bodies)
    for most in (1, 7, 200, len(stream)):
        deframer, at, found = Deframer(dialect), 0, list[bytes]()
        while at < len(stream):
            step = chance.randint(1, most)
            found += deframer.feed(stream[at : at + step])
            at += step
        assert found == bodies
        assert deframer.waiting == 0


@pytest.mark.parametrize(
    ("name", "given", "named"),
    [
        ("harbour", b"00x4abcd", "frame_length:0"),
        ("harbour", b"0000", "frame_length:0"),
        ("harbour", b"9999", "frame_too_long:0"),
        ("river", b"\x00\x00", "frame_length:0"),
        ("river", b"\xff\xff", "frame_too_long:0"),
    ],
)
def test_a_length_that_is_none(name: str, given: bytes, named: str) -> None:
    """P16: a stream whose length cannot be right is not read on, and holds no memory."""
    with pytest.raises(MessageFault) as caught:
        Deframer(read(name)).feed(given)
    assert caught.value.code == named


def test_nothing_too_long_is_sent() -> None:
    """What the other side would refuse is refused here."""
    with pytest.raises(MessageFault):
        framed(read("river"), bytes(2049))


def test_the_tpdu_is_turned() -> None:
    """Destination and origin change places; the identifier stays."""
    assert turned(bytes.fromhex("6000010203")) == bytes.fromhex("6002030001")
    assert turned(b"") == b""
