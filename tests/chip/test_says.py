"""What a card says of itself: answer to reset, FCI, directory, TLV (card-chip §2, §3)."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minka.chip import tlv
from minka.chip.atr import (
    AtrFault,
    class_atr,
    contact_atr,
    contactless_atr,
    historical_of,
    parse_atr,
)
from minka.chip.directory import Entry, parse_directory, supported
from minka.chip.fci import (
    ChipAlgorithm,
    Fci,
    Generation,
    algorithm_of,
    environment_fci,
    generation_of,
    parse_fci,
)
from tests.chip.scripted import HISTORICAL

SECOND = "6F16840F7378312E73682EC9E7BBE1B1A3D5CFA50388011E"
THIRD = "6F1C840F7378312E73682EC9E7BBE1B1A3D5CFA50988011E9F0C03860103"
BANK = "6F10840E315041592E5359532E4444463031"


def test_the_usual_answer_to_reset() -> None:
    """17 bytes, no check byte; bytes 6 to 13 are the factor."""
    raw = bytes.fromhex("3B6D000000990102038699990100000001")
    assert contact_atr(HISTORICAL) == raw
    assert parse_atr(raw).factor.hex() == "8699990100000001"
    assert parse_atr(raw).protocols == (0,)


@given(st.binary(min_size=13, max_size=13))
def test_the_factor_does_not_depend_on_the_form(historical: bytes) -> None:
    """With a check byte the last eight bytes are not the factor; parsing finds it all the same."""
    for made in (contact_atr, class_atr, contactless_atr):
        assert parse_atr(made(historical)).factor == historical[5:]
    assert contactless_atr(historical)[-8:] != historical[5:] or len(set(historical)) < 13


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "3B",
        "3C6D0000" + "00" * 13,
        "3B6D0000" + "00" * 12,
        "3B6D0000" + "00" * 14,
        "3B8D8001" + "00" * 13 + "0D",
        "3BFF" + "FF",
        "3B" + "00" * 40,
    ],
)
def test_broken_answers(broken: str) -> None:
    """Torn, foreign, wrongly checked, or T=0 alone with a check byte."""
    with pytest.raises(AtrFault):
        parse_atr(bytes.fromhex(broken))


@given(st.binary(max_size=40))
def test_any_bytes_are_an_answer_or_a_fault(raw: bytes) -> None:
    """A reader gives anything; nothing else is raised."""
    with suppress(AtrFault):
        assert parse_atr(raw).historical in raw


def test_a_foreign_card_has_no_factor() -> None:
    """Fewer historical bytes: not one of ours."""
    with pytest.raises(AtrFault):
        _ = parse_atr(contact_atr(bytes(10))).factor


@pytest.mark.parametrize("text", [HISTORICAL.hex(), contact_atr(HISTORICAL).hex().upper()])
def test_both_ways_of_sending_it(text: str) -> None:
    """26 digits or the whole answer: both are met in the field (card-chip §2)."""
    assert historical_of(text) == HISTORICAL


def test_neither_way() -> None:
    """Anything else is refused."""
    for text in ("zz", "3B6D00"):
        with pytest.raises(AtrFault):
            historical_of(text)


@pytest.mark.parametrize(
    ("raw", "algorithm"), [(SECOND, None), (THIRD, ChipAlgorithm.SM4), (BANK, None)]
)
def test_fci_there_and_back(raw: str, algorithm: ChipAlgorithm | None) -> None:
    """The answers of real cards, to the byte."""
    fci = parse_fci(bytes.fromhex(raw))
    assert fci.algorithm is algorithm
    assert bytes(fci).hex().upper() == raw
    with pytest.raises(tlv.TlvFault):
        parse_fci(b"")


def test_algorithm() -> None:
    """As the card says; else SSF33 in area 11, else 3DES (card-chip §1)."""
    assert bytes(environment_fci(ChipAlgorithm.SM4)).hex().upper() == THIRD
    assert bytes(environment_fci(ChipAlgorithm.TRIPLE_DES)).hex().upper() == SECOND
    silent = Fci(b"")
    assert algorithm_of(silent, b"\x11\x01\x00") is ChipAlgorithm.SSF33
    assert algorithm_of(silent, b"\x99\x01\x00") is ChipAlgorithm.TRIPLE_DES
    assert algorithm_of(Fci(b"", None, ChipAlgorithm.SM4), b"\x11") is ChipAlgorithm.SM4
    assert parse_fci(bytes.fromhex("6F0A8400A5069F0C03860107")).algorithm is None


@pytest.mark.parametrize(
    ("version", "generation"),
    [
        (b"3.00", Generation.THIRD),
        (b"2.0\0", Generation.SECOND),
        (b"1.01", Generation.FIRST),
        (b"\0\0\0\0", Generation.SECOND),
        (b"", Generation.SECOND),
    ],
)
def test_generation(version: bytes, generation: Generation) -> None:
    """Only the first digit counts; empty is a setting."""
    assert generation_of(version) is generation
    assert generation_of(b"", empty="3.0") is Generation.THIRD


def test_directory() -> None:
    """A card without a directory has all applications; one with has those it names."""
    entries = [Entry(bytes.fromhex("D15600000500"), "公共应用信息区"), Entry(b"1PAY.SYS.DDF01")]
    read = parse_directory([bytes(entry) for entry in entries] + [b"\x61\x7f", b"\xff\xff"])
    assert list(read) == entries
    aids = [bytes.fromhex("D15600000500"), bytes.fromhex("D15600000503")]
    assert supported(aids, read) == (aids[0],)
    assert supported(aids, None) == tuple(aids)


@given(st.lists(st.tuples(st.integers(1, 254), st.binary(max_size=255)), max_size=5))
def test_records_come_back(given: list[tuple[int, bytes]]) -> None:
    """Records that stand one after another, with unused room behind."""
    written = b"".join(tlv.record(tag, value) for tag, value in given)
    for room in (b"", b"\0\0", b"\xff" * 5):
        assert [(t.tag, t.value) for t in tlv.records(written + room)] == given


@given(st.integers(1, 254) | st.just(0x9F0C), st.binary(max_size=70_00))
def test_elements_come_back(tag: int, value: bytes) -> None:
    """BER with lengths of one to three bytes."""
    if tag < 0x100 and tag & 0x1F == 0x1F:
        return
    (element,) = tlv.elements(bytes(tlv.Tlv(tag, value)))
    assert element == tlv.Tlv(tag, value)


@given(st.binary(max_size=60))
def test_torn_elements_are_a_fault(raw: bytes) -> None:
    """Nothing but a fault, whatever stands there."""
    for read in (tlv.elements, tlv.records):
        with suppress(tlv.TlvFault):
            assert sum(len(element.value) for element in read(raw)) <= len(raw)
