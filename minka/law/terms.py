"""The words of the rules in three languages: every door says a paper, channel or place alike."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from minka.kit.words import Words
from minka.law.files import load

_FILE = Path(__file__).with_name("terms.yaml")


class UnknownTermError(LookupError):
    """No term of this kind has this code."""

    def __init__(self, kind: str, code: str) -> None:
        self.kind, self.code = kind, code
        super().__init__(f"{kind}: {code}")


@cache
def vocabulary() -> Mapping[str, Mapping[str, Words]]:
    """All terms: kind of term -> code -> words. Kinds and codes stand in ``terms.yaml``."""
    raw = load(_FILE.read_text(encoding="utf-8"))
    return MappingProxyType(
        {
            kind: MappingProxyType({code: Words(*texts) for code, texts in terms.items()})
            for kind, terms in raw.items()
        }
    )


def term(kind: str, code: str) -> Words:
    """The words of one code, such as ``term("paper", "resident_id")``; ``UnknownTermError``."""
    try:
        return vocabulary()[kind][code]
    except KeyError:
        raise UnknownTermError(kind, code) from None
