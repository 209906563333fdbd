"""A hash read aloud is heard as it was, in each language, and a slip is noticed (T15)."""

from __future__ import annotations

import hashlib
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import lazy_pinyin

from minka.keys.spoken import SpokenFault, grouped, heard, spoken, word_list
from minka.kit.words import Language

HASH = hashlib.sha256(b"plan").digest()

MIXED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"), ("l", "n"), ("r", "n"), ("hu", "fu"))
"""Sounds that some dialects do not tell apart."""


@pytest.mark.parametrize("language", Language)
def test_there_are_256_words_and_no_two_are_the_same(language: Language) -> None:
    """T15: one byte, one word."""
    assert len(set(word_list(language))) == 256
    lengths = {len(word) for word in word_list(language)}
    assert lengths == {2} if language != "en" else max(lengths) <= 9


def _sound(word: str) -> str:
    found = "".join(lazy_pinyin(word))
    for one, other in MIXED:
        found = found.replace(one, other)
    return found


def _close(one: str, other: str) -> bool:
    """Whether one letter put in, left out or changed makes one word the other."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if start is None:
        return True
    longer, shorter = (one, other) if len(one) >= len(other) else (other, one)
    same = 0 if len(one) > len(other) or len(other) > len(one) else 1
    return longer[start + 1 :] == shorter[start + same :]


def test_no_two_words_sound_alike() -> None:
    """T15: no Chinese sounds equal after tones and dialect, none a letter apart in either list."""
    sounds = [_sound(word) for word in word_list()]
    assert len(set(sounds)) == 256
    assert [pair for pair in combinations(sounds, 2) if _close(*pair)] == []
    assert [pair for pair in combinations(word_list("en"), 2) if _close(*pair)] == []


@given(content=st.binary(min_size=1, max_size=40), language=st.sampled_from(Language))
def test_what_is_read_is_what_is_heard(content: bytes, language: Language) -> None:
    """T15: there and back."""
    assert heard(spoken(content, language), language) == content


def test_a_slip_is_noticed() -> None:
    """T15: every word left out, changed or changed with its neighbour, of one hash's 33."""
    words = spoken(HASH)
    missed = 0
    for at in range(len(words)):
        out = words[:at] + words[at + 1 :]
        other = (*words[:at], word_list()[word_list().index(words[at]) - 1], *words[at + 1 :])
        turned = (*words[:at], *reversed(words[at : at + 2]), *words[at + 2 :])
        for wrong in (out, other, turned):
            missed += wrong != words and _heard(wrong)
    assert missed <= 1, "one slip in 256 is not noticed by one byte"


def _heard(words: tuple[str, ...]) -> bool:
    try:
        heard(words)
    except SpokenFault:
        return False
    return True


def test_a_word_of_another_list_is_named_by_its_place() -> None:
    """T15: the place, so that it can be asked for again."""
    words = spoken(HASH, "en")
    with pytest.raises(SpokenFault, match="word 3"):
        heard((*words[:2], "nonsense", *words[3:]), "en")
    with pytest.raises(SpokenFault):
        heard(())


def test_words_are_read_in_groups_of_four() -> None:
    """T15: a hash of 32 bytes and its proof are eight groups and one word."""
    line = grouped(HASH, "en")
    assert [len(group.split()) for group in line.split(" / ")] == [4] * 8 + [1]
    assert grouped(HASH, "xx") == grouped(HASH)
