"""The compiled codec against pyiso8583, both measured in this run."""

from __future__ import annotations

import time
from collections.abc import Callable

import iso8583

from minka.wire.iso8583.codec import Codec
from minka.wire.iso8583.dialect import read
from minka.wire.iso8583.message import Message
from tests.wire.iso8583_given import specification, theirs

PURCHASE = Message(
    "0200",
    {
        2: "T00000018",
        3: "000000",
        4: "000000012345",
        7: "0601102233",
        11: "000007",
        12: "182233",
        13: "0601",
        18: "8062",
        19: "156",
        22: "051",
        25: "00",
        37: "182233000007",
        41: "00000001",
        42: "H99000100001   ",
        49: "156",
        52: bytes(8),
        64: bytes(8),
    },
)


def once_us(work: Callable[[], object], times: int) -> int:
    """Nanoseconds of CPU of one call, the best of five rounds."""
    rounds = []
    for _ in range(5):
        began = time.thread_time_ns()
        for _ in range(times):
            work()
        rounds.append((time.thread_time_ns() - began) // times)
    return min(rounds)


def ratio(name: str) -> tuple[int, int]:
    """Nanoseconds of one decode and encode: theirs, ours."""
    dialect = read(name)
    codec, spec = Codec(dialect), specification(dialect)
    body = codec.encode(Message(PURCHASE.kind, PURCHASE.fields, bytes(dialect.tpdu_bytes)))
    known = theirs(PURCHASE, dialect)
    plain = body[dialect.tpdu_bytes + len(dialect.header) :]

    def their_turn() -> None:
        iso8583.decode(plain, spec)
        iso8583.encode(dict(known), spec)

    def our_turn() -> None:
        codec.encode(codec.decode(body))

    return once_us(their_turn, 100), once_us(our_turn, 1000)


def test_the_compiled_codec_is_several_times_faster() -> None:
    """PERFORMANCE: decode and encode; half the goal is asked for on a shared machine."""
    for name in ("harbour", "river"):
        them, us = ratio(name)
        print(f"{name}: pyiso8583 {them} ns, compiled {us} ns, ratio {them / us:.1f}")
        assert them >= 5 * us
