"""Status words in words, and what a command may answer (card-chip §12.2)."""

from __future__ import annotations

import pytest

from minka.chip import status
from minka.chip.faults import CardFault, CardReason, fault

LANGUAGES = ("zh-hans", "zh-hant", "en")


@pytest.mark.parametrize("sw", sorted(status.MEANINGS))
def test_every_word_is_said_in_three_languages(sw: int) -> None:
    """A person never sees a bare number."""
    said = [status.meaning(sw, language) for language in LANGUAGES]
    assert all(said)
    assert f"{sw:04X}" not in "".join(said)


@pytest.mark.parametrize(
    ("sw", "said"),
    [
        (0x63C5, "not verified, 5 tries left"),
        (0x6C52, "the length should be 82"),
        (0x6100, "256 more bytes to fetch"),
        (0x1234, "the card answered 1234"),
    ],
)
def test_words_with_a_number(sw: int, said: str) -> None:
    """61xx, 63Cx and 6Cxx say their number; a strange word says itself."""
    assert status.meaning(sw, "en") == said


def test_tries_left() -> None:
    """63Cx and 6983 speak of tries, nothing else does."""
    assert status.tries_left(0x63C2) == 2
    assert status.tries_left(0x6983) == 0
    assert status.tries_left(0x9000) is None


def test_every_word_of_the_table_is_known() -> None:
    """A word that a command may answer has its meaning."""
    named = set().union(*status.MAY_ANSWER.values())
    assert named - status.MEANINGS.keys() == {0x6100, 0x63C0, 0x6C00}


def test_what_a_command_may_answer() -> None:
    """VERIFY may count down; GET CHALLENGE may not."""
    assert status.may_answer("VERIFY", 0x63C3)
    assert not status.may_answer("GET CHALLENGE", 0x63C3)
    assert status.may_answer("READ RECORD", 0x6C52)
    assert status.may_answer("SELECT", 0x611E)
    assert not status.may_answer("SELECT", 0x6982)
    assert len(status.MAY_ANSWER) == 22


@pytest.mark.parametrize("reason", list(CardReason))
def test_every_reason_is_a_sentence(reason: CardReason) -> None:
    """Three languages, each a whole sentence, with every place filled or shown as missing."""
    said = CardFault(reason, 0x6F00, tries=2, key="PUK", file="SSSEEF06")
    for language in LANGUAGES:
        sentence = said.say(language)
        assert sentence[-1] in "。."
        assert "{" not in sentence
    assert reason.code == f"chip.{reason.name.lower()}"


def test_a_fault_of_a_word() -> None:
    """Known words have their reason; others are said as they are."""
    assert fault(0x9401).reason is CardReason.TOO_LITTLE_MONEY
    assert fault(0x6F00).say("en") == "It was not done: invalid data (6F00)."
    assert "6F00" in str(fault(0x6F00))
