"""The table of a card's life: what moves there are, and that the schema knows the same (P11)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from minka.cards.card import LIFE, Move, Standing, Status
from minka.cards.refusals import UseRefusal
from minka.cards.words import PROGRESS, STANDINGS
from minka.kit.words import Words

DEAD = {Status.CANCELLED, Status.DESTROYED}


def test_nothing_follows_death() -> None:
    """Whatever happened, a cancelled or destroyed card has no further move."""
    assert [pair for pair in LIFE if pair[0] in DEAD] == []


def test_a_card_comes_alive_only_by_its_holders_activation() -> None:
    """A13, P11: only a collected card is activated, and nothing else makes an active card."""
    assert [pair for pair, to in LIFE.items() if to is Status.ACTIVE] == [
        (Status.SEALED, Move.ACTIVATE)
    ]


def test_what_was_handed_over_is_not_destroyed() -> None:
    """Only a card that nobody collected is returned and destroyed."""
    destroyed = {status for status, move in LIFE if move is Move.DESTROY}
    assert destroyed == {Status.ORDERED, Status.MADE, Status.READY}


def test_the_schema_allows_the_very_same_moves(project: Path) -> None:
    """The constraint in the register and the table in the code are one."""
    text = (project / "minka/store/sql/0002_functions.sql").read_text("utf-8")
    body = text[text.index("create function card_life") :]
    pairs = set(re.findall(r"\('(\w+)', '(\w+)'\)", body[: body.index("$$;")]))
    assert pairs == {(old.value, new.value) for (old, _), new in LIFE.items() if old is not None}


@pytest.mark.parametrize(
    "words", [*(p.sentence for p in (*STANDINGS.values(), *PROGRESS.values()))]
)
def test_every_standing_is_a_sentence_in_three_languages(words: Words) -> None:
    """A status is never shown as a bare word of ours."""
    for tag, end in (("zh-hans", "。"), ("zh-hant", "。"), ("en", ".")):
        assert words.say(tag).endswith(end)


def test_no_standing_and_no_status_is_without_words() -> None:
    """What can be shown can be said."""
    assert (set(STANDINGS), set(PROGRESS)) == (set(Standing), set(Status))


@pytest.mark.parametrize("reason", list(UseRefusal))
def test_every_refusal_of_a_use_says_what_next(reason: UseRefusal) -> None:
    """What, why, what next, in three languages; the code is stable and the room's own."""
    assert reason.code == f"cards.{reason.name.lower()}"
    spoken = [reason.words.say(tag, hotline="96102") for tag in ("zh-hans", "zh-hant", "en")]
    assert len(set(spoken)) == 3
    assert all("…" not in words and "{" not in words for words in spoken)
