"""The nine characters of a card number and their check (made by the published rule, by hand)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minka.cards.number import card_number, is_well_checked, mask


@pytest.mark.parametrize(
    ("letter", "serial", "number"),
    [
        # A = 10: 3 x 10 = 30, then 1 x 2 = 2: 32 mod 11 = 10, 11 - 10 = 1
        ("A", 1, "A00000011"),
        # 30 + (0 7 14 18 ...): digits 0 0 0 0 0 1 2: 1 x 4 + 2 x 2 = 8: 38 mod 11 = 5, 6
        ("A", 12, "A00000126"),
        # B = 11: 33 mod 11 = 0, 11 is written 0
        ("B", 0, "B00000000"),
    ],
)
def test_numbers_worked_out_by_hand(letter: str, serial: int, number: str) -> None:
    """Weights 3 7 9 10 5 8 4 2, modulo 11."""
    assert card_number(letter, serial) == number
    assert is_well_checked(number)


@given(
    st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    st.integers(0, 9_999_999),
    st.integers(1, 7),
    st.integers(1, 9),
)
def test_one_wrong_digit_is_always_noticed(letter: str, serial: int, place: int, off: int) -> None:
    """Eleven is prime and no weight is a multiple of it."""
    number = card_number(letter, serial)
    digit = (int(number[place]) + off) % 10
    assert not is_well_checked(f"{number[:place]}{digit}{number[place + 1 :]}")


@pytest.mark.parametrize("text", ["", "A0000001", "A000000111", "a00000011", "A0000 011"])
def test_what_is_no_number_is_not_well_checked(text: str) -> None:
    """Length and characters come first."""
    assert not is_well_checked(text)


def test_a_number_is_shown_by_its_ends() -> None:
    """First two and last two; anything else is hidden whole."""
    assert (mask("A00000011"), mask("A1")) == ("A0*****11", "****")
