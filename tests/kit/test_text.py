"""Money, codes, numbers of people, sentences and secrets: the small things everything rests on."""

from __future__ import annotations

import json
import pickle
from datetime import date
from enum import Enum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minka.kit.codes import code, read_code
from minka.kit.fen import from_yuan, yuan
from minka.kit.identity import (
    Fault,
    age_on,
    birth_date,
    check_character,
    fault,
    mask_name,
    mask_number,
    mask_phone,
    normal_form,
)
from minka.kit.outcome import Reason, Refused, Retry
from minka.kit.secret import Clear
from minka.kit.words import Words

INVENTED = "11000019850310" + "001"


@given(st.integers(-(10**15), 10**15))
def test_money_survives_being_written_and_read(amount_fen: int) -> None:
    """No fen is ever lost in yuan."""
    assert from_yuan(yuan(amount_fen)) == amount_fen


@pytest.mark.parametrize(
    ("text", "fen"), [("25", 2500), ("25.5", 2550), (" 0.05 ", 5), ("-1", -100)]
)
def test_amounts_as_people_write_them(text: str, fen: int) -> None:
    """One, two or no decimals."""
    assert from_yuan(text) == fen


@pytest.mark.parametrize("text", ["", "25.005", "1e3", "25,00", "二十五", "+5", "5.", ".5", "1 0"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    """Nothing is guessed about money."""
    with pytest.raises(ValueError, match="amount in yuan"):
        from_yuan(text)


@given(st.sampled_from("GBSRDFK"), st.binary(min_size=5, max_size=8))
def test_a_code_is_read_as_it_was_printed(letter: str, chance: bytes) -> None:
    """Also in small letters, without hyphens, with spaces."""
    printed = code(letter, chance)
    assert read_code(printed) == printed
    assert read_code(f" {printed.lower().replace('-', ' ')} ") == printed


@given(st.binary(min_size=5, max_size=5), st.integers(2, 9), st.integers(1, 30))
def test_one_misread_character_of_a_code_is_noticed(chance: bytes, place: int, off: int) -> None:
    """The check catches every single wrong character of the first eight but one in its alphabet."""
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    printed = code("G", chance)
    at = [n for n, each in enumerate(printed) if each != "-"][place - 1]
    swapped = alphabet[(alphabet.index(printed[at]) + off) % 31]
    if swapped != printed[at] and {swapped, printed[at]} != {"0", "Z"}:
        assert read_code(printed[:at] + swapped + printed[at + 1 :]) is None


@pytest.mark.parametrize(("said", "meant"), [("O", "0"), ("I", "1"), ("L", "1"), ("U", "V")])
def test_letters_that_look_or_sound_alike_are_one(said: str, meant: str) -> None:
    """Read over the telephone, an O is a nought."""
    printed = next(
        each for n in range(2000) if meant in (each := code("G", n.to_bytes(5, "big")))[2:]
    )
    assert read_code(printed[:2] + printed[2:].replace(meant, said)) == printed


@pytest.mark.parametrize("text", ["", "G", "G-1234-5678", "1-7K2M-9QX4-T", "G-7K2M-9QX4-TT", "G-*"])
def test_what_is_no_code_is_none(text: str) -> None:
    """Any text a caller reads out gives an answer, never an error."""
    assert read_code(text) is None


@given(st.text(max_size=40))
def test_any_text_is_read_without_an_error(text: str) -> None:
    """P16: codes and numbers come from people."""
    read_code(text)
    fault(normal_form(text))


def test_the_check_of_a_citizen_number() -> None:
    """GB 11643, on an invented number: right, and wrong in each of its parts."""
    good = INVENTED + check_character(INVENTED)
    assert fault(good) is None
    assert fault(good[:-1]) is Fault.LENGTH
    assert fault("A" + good[1:]) is Fault.CHARACTERS
    assert fault("99" + good[2:]) is Fault.AREA
    assert fault(good[:10] + "13" + good[12:]) is Fault.BIRTH_DATE
    wrong = "0" if good[-1] != "0" else "1"
    assert fault(good[:-1] + wrong) is Fault.CHECK


@pytest.mark.parametrize("area", ["81", "82", "83"])
def test_people_of_the_special_regions_are_not_refused(area: str) -> None:
    """Their numbers are as good as any."""
    first = f"{area}000019900307012"
    assert fault(first + check_character(first)) is None


@given(st.integers(0, 999), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_of_a_citizen_number_is_noticed(serial: int, place: int, off: int) -> None:
    """ISO 7064 MOD 11-2 catches every single wrong digit."""
    first = f"11000019850310{serial:03d}"
    good = first + check_character(first)
    digit = (int(good[place]) + off) % 10
    assert fault(f"{good[:place]}{digit}{good[place + 1 :]}") is not None


def test_numbers_are_stored_in_one_form() -> None:
    """Full width, spaces, hyphens and a small x are one number."""
    assert normal_form(" １１０ 000-1985x ") == "1100001985X"


def test_ages_and_birthdays() -> None:
    """Whole years; the thirtieth of February is no date."""
    assert age_on(date(2008, 2, 29), date(2026, 2, 28)) == 17
    assert age_on(date(2008, 2, 29), date(2026, 3, 1)) == 18
    assert birth_date("110000" + "20240229" + "0010") == date(2024, 2, 29)
    assert birth_date("110000" + "20230229" + "0010") is None


def test_masks_show_the_ends_alone() -> None:
    """PIPL display masks; what is too short is hidden whole."""
    assert mask_number(INVENTED + "X") == "1100**********001X"
    assert (mask_number("12345678"), mask_phone("123")) == ("****", "****")
    assert (mask_name("张三丰"), mask_phone("13800000000")) == ("张*", "138****0000")


def test_clear_text_does_not_leak() -> None:
    """Printing, formatting, JSON and pickling never give it away."""
    secret = Clear("13800001111")
    shown = [repr(secret), str(secret), f"{secret}", f"{secret:>20}", repr([secret, {"a": secret}])]
    assert all("1380" not in each for each in shown)
    with pytest.raises(TypeError):
        json.dumps(secret)
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    assert secret.reveal() == "13800001111"


def test_clear_texts_are_equal_by_what_they_say() -> None:
    """And never equal to a plain text."""
    assert Clear("a") == Clear("a") != Clear("b")
    assert hash(Clear("a")) == hash(Clear("a"))
    assert Clear("a") != "a"
    assert (bool(Clear("")), bool(Clear("a"))) == (False, True)


SENTENCE = Words("共{n}件", "共{n}件", "{n} in all")


def test_a_sentence_in_each_language() -> None:
    """An unknown language gets the source language; a missing fact leaves a gap, not an error."""
    assert SENTENCE.say("en", n=3) == "3 in all"
    assert SENTENCE.say("ZH-HANT", n=3) == SENTENCE.say("fr", n=3) == "共3件"
    assert SENTENCE.say("en", other=1) == "… in all"


class _Odd(Reason):
    FIRST = Words("一", "一", "one")
    SAME_WORDS = Words("一", "一", "one")
    LATER = (Words("二", "二", "two"), Retry.LATER)


def test_reasons_of_equal_words_are_two_reasons() -> None:
    """The code tells what the sentence does not."""
    assert [each.name for each in _Odd] == ["FIRST", "SAME_WORDS", "LATER"]
    assert len({each.code for each in _Odd}) == 3
    assert isinstance(_Odd.FIRST, Enum)


def test_only_some_refusals_may_be_tried_again() -> None:
    """What may be sent again unchanged is said by the reason itself."""
    assert [each.retry for each in _Odd] == [Retry.NEVER, Retry.NEVER, Retry.LATER]
    assert Refused(_Odd.LATER).say("en") == "two"
