"""Loss by text message: V1-02, R1-A2."""

from __future__ import annotations

import pytest

from minka.desk.office import Office
from minka.doors.text_message import TextMessage, read_text, take_text
from minka.kit.secret import Clear
from tests.desk.town import invented_number, settle_in

NUMBER = invented_number(700)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (f"挂失 {NUMBER} 王某", (NUMBER, "王某")),
        (f"GS#{NUMBER.lower()}", (NUMBER, "")),
        (f"掛失：{NUMBER}，王㼆", (NUMBER, "王㼆")),
        (f"gs {NUMBER[:-1]}", None),
        ("挂失", None),
        ("你好", None),
        (f"挂失 {NUMBER[:-1]}{'1' if NUMBER[-1] != '1' else '2'} 王某", None),
    ],
)
def test_what_a_message_says(text: str, read: tuple[str, str] | None) -> None:
    """A word, a number, a name; anything else is not understood."""
    found = read_text(Clear(text))
    assert (None if found is None else tuple(each.reveal() for each in found)) == read


def test_a_message_stops_the_card_once(office: Office) -> None:
    """V1-02: handed over twice it is one report; the answer names no person."""
    someone = settle_in(office, "V1")
    text = Clear(f"挂失 {someone.number.reveal()}")
    message = TextMessage("m1", "V1", Clear("13900000000"), text)
    first, said = take_text(office, message, "12333")
    again, repeated = take_text(office, message, "12333")
    assert first is not None
    assert again is not None
    assert first.accepted
    assert again.replayed
    assert said == repeated
    assert someone.number.reveal() not in said.zh_hans


def test_a_message_nobody_understands_stops_nothing(office: Office) -> None:
    """Never a false yes."""
    message = TextMessage("m2", "V1", Clear("13900000000"), Clear("卡丢了"))
    answer, said = take_text(office, message, "12333")
    assert answer is None
    assert "12333" in said.en
