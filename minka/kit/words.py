"""One sentence in the three languages Minka speaks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    """The tags used in pages, papers and the API."""

    ZH_HANS = "zh-hans"
    ZH_HANT = "zh-hant"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Words:
    """The same sentence three times; ``{names}`` in braces are filled by ``say``."""

    zh_hans: str
    zh_hant: str
    en: str

    def say(self, language: str = Language.ZH_HANS, **facts: object) -> str:
        """The sentence in one language (unknown languages get Simplified Chinese)."""
        pattern = {"en": self.en, "zh-hant": self.zh_hant}.get(language.lower(), self.zh_hans)
        return pattern.format_map(_Facts(facts)) if facts else pattern


class _Facts(dict[str, object]):
    """Facts for a sentence; a missing one shows as an empty place rather than breaking it."""

    def __missing__(self, key: str) -> str:
        return "…"
