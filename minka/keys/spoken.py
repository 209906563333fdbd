"""A hash or a check value as words, so that two people can compare it by voice.

One byte is one word of ``words.csv``: 256 pairs of a Chinese and an English word of one meaning,
chosen by us so that no two sound alike (no two Chinese words share their pinyin once tones and the
sounds that dialects mix are put aside, no two English words differ by one letter only). Words are
grouped by fours; a last word over all of them tells, 255 times of 256, when one was left out or two
changed place.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

from minka.cipher.field import digest
from minka.kit.words import Language

GROUP = 4
_COLUMNS = {Language.ZH_HANS: "zh_hans", Language.ZH_HANT: "zh_hant", Language.EN: "en"}


class SpokenFault(Exception):
    """Words that are not on the list, or whose last word does not fit the others."""


def spoken(content: bytes, language: str = Language.ZH_HANS) -> tuple[str, ...]:
    """The words of some bytes, and the last word that proves the others."""
    words = word_list(language)
    return tuple(words[byte] for byte in (*content, _proof(content)))


def grouped(content: bytes, language: str = Language.ZH_HANS) -> str:
    """The same as one line to read from: words in groups of four."""
    words = spoken(content, language)
    groups = (words[at : at + GROUP] for at in range(0, len(words), GROUP))
    return " / ".join(" ".join(group) for group in groups)


def heard(words: tuple[str, ...], language: str = Language.ZH_HANS) -> bytes:
    """The bytes that words stand for; ``SpokenFault`` names the first word that is wrong."""
    places = {word: place for place, word in enumerate(word_list(language))}
    for number, word in enumerate(words, 1):
        if word not in places:
            raise SpokenFault(f"word {number} is not on the list")
    found = bytes(places[word] for word in words)
    if not found or _proof(found[:-1]) != found[-1]:
        raise SpokenFault("a word was left out, changed or moved")
    return found[:-1]


@cache
def word_list(language: str = Language.ZH_HANS) -> tuple[str, ...]:
    """The 256 words of a language, by their byte; unknown languages get Simplified Chinese."""
    column = {str(key): name for key, name in _COLUMNS.items()}.get(language, "zh_hans")
    text = files("minka.keys").joinpath("words.csv").read_text(encoding="utf-8")
    return tuple(line[column] for line in csv.DictReader(text.splitlines()))


def _proof(content: bytes) -> int:
    return digest(content)[0]
