"""Commands and answers as bytes, and the chain of 61xx and 6Cxx (card-chip §12)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minka.chip.apdu import (
    Answer,
    ApduFault,
    Command,
    parse_answer,
    parse_command,
    send,
)
from tests.chip.scripted import Scripted

BYTE = st.integers(0, 255)


@pytest.mark.parametrize(
    ("command", "written"),
    [
        (Command(0x00, 0x20), "0020000000"),
        (Command(0x00, 0xB2, 1, 4, expected=256), "00B2010400"),
        (Command(0x00, 0xB2, 1, 0, expected=0x12), "00B2010012"),
        (Command(0x00, 0xA4, 2, 0, b"\xef\x05"), "00A4020002EF05"),
        (Command(0x80, 0xFA, 0, 0, bytes(8), 8), "80FA000008000000000000000008"),
    ],
)
def test_the_four_cases(command: Command, written: str) -> None:
    """Each case is written as T=0 wants it and read back."""
    assert bytes(command).hex().upper() == written
    read = parse_command(bytes.fromhex(written))
    assert bytes(read) == bytes(command)
    assert read.header == command.header


@given(BYTE, BYTE, st.binary(min_size=1, max_size=255), st.none() | st.integers(1, 256))
def test_any_command_with_data_goes_there_and_back(
    ins: int, p1: int, data: bytes, expected: int | None
) -> None:
    """Reading is the reverse of writing."""
    command = Command(0x00, ins, p1, 0, data, expected)
    assert parse_command(bytes(command)) == command


@pytest.mark.parametrize(
    "broken", ["", "00A404", "00A4040005AA", "00A40400000102", "00A40400010203FF"]
)
def test_a_broken_command_is_refused(broken: str) -> None:
    """Lengths must agree."""
    with pytest.raises(ApduFault):
        parse_command(bytes.fromhex(broken))


@given(st.binary(max_size=300))
def test_reading_never_fails_otherwise(data: bytes) -> None:
    """Any bytes are a command or a fault, nothing else."""
    try:
        assert bytes(parse_command(data))[: len(data)] == data
    except ApduFault:
        assert len(data) != 5


def test_an_answer_has_two_bytes_at_least() -> None:
    """Data and word are taken apart."""
    assert parse_answer(bytes.fromhex("01029000")) == Answer(b"\x01\x02", 0x9000)
    with pytest.raises(ApduFault):
        parse_answer(b"\x90")


def test_sixty_one_is_fetched() -> None:
    """A card of T=0 says how many bytes wait; they are fetched, in as many pieces as it takes."""
    card = Scripted(
        "00A4040002ABCD -> 6100",
        f"00C0000000 -> {'11' * 256}6102",
        "00C0000002 -> 22229000",
    )
    answer = send(card, Command(0x00, 0xA4, 4, 0, b"\xab\xcd", 256))
    assert answer == Answer(b"\x11" * 256 + b"\x22\x22", 0x9000)
    card.done()


def test_six_c_is_asked_again() -> None:
    """READ RECORD with Le 00 answers 6Cxx, then the record."""
    card = Scripted("00B2010400 -> 6C03", "00B2010403 -> 2401019000")
    assert send(card, Command(0x00, 0xB2, 1, 4, expected=256)).data == b"\x24\x01\x01"
    card.done()


def test_six_c_to_a_fetch() -> None:
    """GET RESPONSE with a wrong length is answered with the right one."""
    card = Scripted("0084000008 -> 6110", "00C0000010 -> 6C08", f"00C0000008 -> {'AA' * 8}9000")
    assert send(card, Command(0x00, 0x84, expected=8)).data == b"\xaa" * 8
    card.done()


def test_a_warning_after_data_is_kept() -> None:
    """Data that came before a bad word are given with it."""
    card = Scripted("0084000008 -> 6108", "00C0000008 -> 6F00")
    assert send(card, Command(0x00, 0x84, expected=8)) == Answer(b"", 0x6F00)


def test_a_card_that_always_has_more_is_left() -> None:
    """A chip that answers 61xx for ever does not hold the reader for ever."""
    card = Scripted("0084000008 -> 6108", *["00C0000008 -> 006108"] * 64)
    assert send(card, Command(0x00, 0x84, expected=8)).sw == 0x6108
