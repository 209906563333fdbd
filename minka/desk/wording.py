"""Codes of the rules turned into words, so that a refusal names papers and places as people do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from minka.kit.outcome import Refused
from minka.kit.words import Words
from minka.law.papers import AllOf, Copy, OneOf, OpenList, Owner, Paper, Papers
from minka.law.terms import UnknownTermError, term

_COMMA = Words("、", "、", ", ")
_OR = Words("或", "或", " or ")
_AND = Words("和", "和", " and ")
_OPEN = Words("等有效证件", "等有效證件", " or another accepted document")
_COPY = Words("（原件及复印件）", "（原件及複印件）", " (original and copy)")
_ORIGINAL = Words("（原件）", "（原件）", " (original)")
_OWNERS = {
    Owner.HOLDER: Words("", "", ""),
    Owner.AGENT: Words("代办人的", "代辦人的", "the agent's "),
    Owner.CLERK: Words("经办人的", "經辦人的", "the clerk's "),
}
_COPIES = {
    Copy.UNSTATED: Words("", "", ""),
    Copy.ORIGINAL: _ORIGINAL,
    Copy.ORIGINAL_AND_COPY: _COPY,
}


def joined(parts: Iterable[Words], by: Words = _COMMA) -> Words:
    """Several words as one, joined in each language."""
    listed = list(parts)
    return Words(
        by.zh_hans.join(p.zh_hans for p in listed),
        by.zh_hant.join(p.zh_hant for p in listed),
        by.en.join(p.en for p in listed),
    )


def _glued(*parts: Words) -> Words:
    return joined(parts, Words("", "", ""))


def named(kind: str, code: str) -> Words:
    """The words of a code; an unknown code stands for itself rather than breaking a refusal."""
    try:
        return term(kind, code)
    except UnknownTermError:
        return Words(code, code, code)


def papers(tree: Papers) -> Words:
    """A tree of papers in words."""
    match tree:
        case Paper(kind, copy, owner):
            return _glued(_OWNERS[owner], named("paper", kind), _COPIES[copy])
        case OpenList(kind, accepted, owner):
            known = [named("paper", code) for code in accepted]
            shown = _glued(joined(known), _OPEN) if known else named("paper", kind)
            return _glued(_OWNERS[owner], shown)
        case OneOf(items):
            return joined([papers(item) for item in items], _OR)
        case AllOf(items):
            return joined([papers(item) for item in items], _AND)


_KINDS = {
    "channels": "channel",
    "places": "place",
    "reasons": "reason",
    "reason": "reason",
    "who": "confirmer",
}


def spoken(refused: Refused) -> Refused:
    """The refusal with its codes replaced by words."""
    return Refused(refused.reason, {k: _spoken(k, v) for k, v in refused.facts.items()})


def _spoken(name: str, value: Any) -> Any:
    if isinstance(value, (Paper, OpenList, OneOf, AllOf)):
        return papers(value)
    if name == "missing":
        return joined(
            papers(item) if not isinstance(item, str) else named("fact", item) for item in value
        )
    kind = _KINDS.get(name)
    if kind is None or isinstance(value, Words):
        return value
    if isinstance(value, str):
        return named(kind, value)
    return joined(named(kind, code) for code in value)


def items(tree: Papers) -> list[Mapping[str, Any]]:
    """A tree of papers as lines for a checklist or a one-time notice: words, and what may stand in.

    Each line is ``{"words": Words}``; a choice is one line with ``or`` inside.
    """
    parts = tree.items if isinstance(tree, AllOf) else (tree,)
    return [{"words": papers(part)} for part in parts]
