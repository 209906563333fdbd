"""Identification code, institution number and card number (card-chip §8.1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minka.cards import number as register
from minka.chip import keys, values
from minka.chip.filespec import specification
from minka.chip.numbers import (
    IdentificationCode,
    NumberFault,
    card_check_character,
    check_card_number,
    institution_number,
    parse_identification,
    shown_card_number,
)
from minka.chip.values import Remark
from minka.keys.table import key_table

CODE = bytes.fromhex("990100D15600000500000001FFFFFFFF")


def test_identification_code() -> None:
    """Area, issuer, serial, and no authentication code where nobody made one."""
    assert bytes(IdentificationCode("990100", 1)) == CODE
    assert parse_identification(CODE) == IdentificationCode("990100", 1)


@given(st.integers(0, 2**32 - 1), st.binary(min_size=4, max_size=4))
def test_identification_codes_come_back(serial: int, authentication: bytes) -> None:
    """Reading is the reverse of building."""
    code = IdentificationCode("990101", serial, authentication)
    assert parse_identification(bytes(code)) == code


@pytest.mark.parametrize("broken", [b"", CODE[:15], b"\xff" * 16])
def test_broken_codes(broken: bytes) -> None:
    """What is no code is refused without being printed."""
    with pytest.raises(NumberFault):
        parse_identification(broken)


@pytest.mark.parametrize(("area", "extra"), [("99010", b"\xff" * 4), ("990100", b"\xff" * 3)])
def test_parts_that_do_not_fit(area: str, extra: bytes) -> None:
    """An area has six digits, the code sixteen bytes."""
    with pytest.raises(NumberFault):
        bytes(IdentificationCode(area, 1, extra))


def test_institution() -> None:
    """The form of the reference."""
    assert institution_number("990100", "990100", 1).hex() == "915600000299010099010001"


@pytest.mark.parametrize(
    ("first_8", "check"), [("D2143569", "X"), ("ET000077", "X"), ("M0000001", "9")]
)
def test_check_characters(first_8: str, check: str) -> None:
    """The standard's example and two more (card-chip §8.1), as the register makes them too."""
    assert card_check_character(first_8) == check == register.check_character(first_8)
    assert check_card_number(first_8 + check)
    assert not check_card_number(f"{first_8}A")


def test_a_wrong_check_only_warns() -> None:
    """Real cards break the rule: the number is read, with a hint (card-chip §20)."""
    item = specification("3.0").file("SSSEEF05").item(0x07)
    assert values.read(item, b"M00000019").remark is None
    for odd in (b"M00000011", b"012345678", b"m00000019"):
        reading = values.read(item, odd)
        assert (reading.value, reading.remark) == (odd.decode(), Remark.CHECK)
    with pytest.raises(NumberFault):
        card_check_character("M000001")


def test_shown() -> None:
    """A hyphen before the check character, for numbers of nine characters."""
    assert shown_card_number("M00000019") == "M0000001-9"
    assert shown_card_number("123") == "123"


def test_key_numbers_agree_with_the_table_of_keys() -> None:
    """The chip's numbers are those of the keys room, both what is known and the bench's own."""
    table = {row.name: row.card_id for row in key_table() if row.card_id is not None}
    assert dict(keys.NUMBERS) == table
