"""The codec against pyiso8583 and against itself: I4."""

from __future__ import annotations

import random

import iso8583
import pytest

from minka.wire.iso8583.codec import Codec
from minka.wire.iso8583.dialect import names, read
from minka.wire.iso8583.faults import Flaw, MessageFault
from minka.wire.iso8583.message import Message, Value
from tests.wire.iso8583_given import message, specification, theirs

EACH = 600
"""Messages per dialect; with four dialects 2,400 in all, written and read by both."""


@pytest.mark.parametrize("name", names())
def test_both_libraries_write_and_read_the_same(name: str) -> None:
    """I4: what pyiso8583 writes we read, what we write it reads, byte for byte."""
    dialect = read(name)
    codec, spec, chance = Codec(dialect), specification(dialect), random.Random(name)
    front = dialect.tpdu_bytes + len(dialect.header)
    for _ in range(EACH):
        given = message(dialect, chance)
        ours = codec.encode(given)
        assert ours[:front] == given.tpdu + dialect.header
        known = theirs(given, dialect)
        written, _ = iso8583.encode(dict(known), spec)
        assert bytes(written) == ours[front:], given.lines()
        decoded, _ = iso8583.decode(ours[front:], spec)
        assert {k: v for k, v in decoded.items() if k in known} == known
        assert codec.decode(given.tpdu + dialect.header + bytes(written)) == given


def test_the_dialects_differ() -> None:
    """A dialect is data: the same message has other bytes in each, and reads back in each."""
    given = Message("0200", {3: "000000", 4: "000000012345", 11: "000007", 49: "156"})
    bodies = set()
    for name in names():
        codec = Codec(read(name))
        sent = given._replace(tpdu=bytes(codec.dialect.tpdu_bytes))
        bodies.add(codec.encode(sent))
        assert codec.decode(codec.encode(sent)) == sent
    assert len(bodies) == len(names())


def fault(codec: Codec, body: bytes) -> str:
    """The named fault of bytes."""
    with pytest.raises(MessageFault) as caught:
        codec.decode(body)
    return caught.value.code


PACKED = [
    ("", "truncated:0"),
    ("02", "truncated:0"),
    ("0900 0000000000000000", "message_type:0"),
    ("2200 0000000000000000", "message_type:0"),
    ("0200 00", "truncated:1"),
    ("0200 8000000000000000 00", "truncated:1"),
    ("0200 8000000000000000 0000000000000000", "bitmap:1"),
    ("0200 2000000000000000 0000", "truncated:3"),
    ("0200 2000000000000000 00000A", "digits:3"),
    ("0200 3000000000000000 000000 0000000000AA", "digits:4"),
    ("0200 0000000000008000 1156", "padding:49"),
    ("0200 0000000000008000 0156 00", "trailing:49"),
    ("0200 0000000020000000 37", "truncated:35"),
    ("0200 0000000020000000 38", "length:35"),
    ("0200 0000000020000000 0A", "length:35"),
    ("0200 0000000020000000 02 1C", "characters:35"),
    ("0200 0000000000800000 313131313131310A", "characters:41"),
    ("0200 8000000000000000 0000000000800000", "field_unknown:105"),
]


@pytest.mark.parametrize(("given", "named"), PACKED)
def test_every_flaw_has_its_name(given: str, named: str) -> None:
    """P16: bad bytes end in a fault that says what and where, and holds none of the content."""
    codec = Codec(read("valley"))
    assert fault(codec, bytes.fromhex(given)) == named


TEXT = [
    (b"02x0" + b"0" * 16, "message_type:0"),
    (b"0200" + b"g" * 16, "bitmap:0"),
    (b"0200" + b"000000000000000a", "bitmap:0"),
    (b"02002000000000000000" + b"00 000", "digits:3"),
    (b"02004000000000000000" + b"+3123", "length:2"),
    (b"02004000000000000000" + b"05abc\xff1", "characters:2"),
    (b"02000000000020000000" + b"031=a", "characters:35"),
]


@pytest.mark.parametrize(("given", "named"), TEXT)
def test_flaws_of_text(given: bytes, named: str) -> None:
    """P16: the same for dialects of text; small hexadecimal letters are another spelling."""
    assert fault(Codec(read("harbour")), given) == named


def test_a_foreign_header_is_refused() -> None:
    """River stands behind a fixed header."""
    codec = Codec(read("river"))
    good = codec.encode(Message("0800", {70: "301"}, bytes(5)))
    assert fault(codec, good[:5] + b"\x61" + good[6:]) == "header:0"
    assert fault(codec, good[:8]) == "header:0"


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({4: "12345"}, "length:4"),
        ({4: "0000000 1234"}, "digits:4"),
        ({4: "٠٠٠٠٠٠٠٠٠٠٠١"}, "digits:4"),
        ({44: "x" * 26}, "length:44"),
        ({44: "中文"}, "characters:44"),
        ({44: "line\n"}, "characters:44"),
        ({35: "12F"}, "characters:35"),
        ({52: "text of 16 signs"}, "characters:52"),
        ({41: b"bytes of"}, "characters:41"),
        ({105: "1"}, "field_unknown:105"),
    ],
)
def test_what_cannot_be_read_is_not_written(fields: dict[int, str | bytes], named: str) -> None:
    """A value that a field cannot hold is a fault of the writer, too."""
    with pytest.raises(MessageFault) as caught:
        Codec(read("valley")).encode(Message("0200", fields))
    assert caught.value.code == named


def test_a_message_shows_no_secret() -> None:
    """Card number, track, PIN block, keys and MAC stay out of every trace."""
    secret: dict[int, Value] = {
        2: "T00000018",
        35: "123=45",
        52: b"\xaa" * 8,
        62: b"\xbb",
        64: b"\xcc" * 8,
    }
    shown = repr(Message("0200", {**secret, 11: "000001"}))
    assert "11=000001" in shown
    assert not any(s in shown for s in ("T00000018", "123=45", "aa", "bb", "cc"))


def test_compiled_bitmaps_do_not_pile_up() -> None:
    """A hostile line that sends every bitmap once does not eat the memory."""
    codec, chance = Codec(read("valley")), random.Random(1)
    for _ in range(3000):
        head = bytes.fromhex("0200") + chance.randbytes(7) + b"\x00"
        with pytest.raises(MessageFault):
            codec.decode(b"\x02\x00" + bytes([head[2] & 0x7F]) + head[3:])
    assert len(codec._readers) <= 1024


def test_flaws_are_all_reachable() -> None:
    """Every name of a flaw is shown by some test of this folder or the frame's."""
    shown = {named.partition(":")[0] for _, named in (*PACKED, *TEXT)}
    elsewhere = {"frame_length", "frame_too_long", "header", "tlv"}
    assert shown | elsewhere == {flaw.value for flaw in Flaw}
