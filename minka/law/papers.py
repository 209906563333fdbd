"""Papers a rule asks for, as a tree of all-of and one-of, and what is still missing of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias


class Copy(Enum):
    """In which form a paper is asked for or shown."""

    UNSTATED = "unstated"
    ORIGINAL = "original"
    ORIGINAL_AND_COPY = "original_and_copy"


class Owner(Enum):
    """Whose paper it is; the principal of an agent is the holder."""

    HOLDER = "holder"
    AGENT = "agent"
    CLERK = "clerk"


_REACH = {Copy.UNSTATED: 0, Copy.ORIGINAL: 1, Copy.ORIGINAL_AND_COPY: 2}


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper that must be shown; its words are the term ``paper`` of ``kind``."""

    kind: str
    copy: Copy = Copy.UNSTATED
    owner: Owner = Owner.HOLDER


@dataclass(frozen=True, slots=True)
class OpenList:
    """Any paper the office accepts as of this kind: the rule says "and others"."""

    kind: str
    accepted: tuple[str, ...] = ()
    """Further kinds of paper the region names as accepted."""
    owner: Owner = Owner.HOLDER


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every item is needed; without items nothing is."""

    items: tuple[Papers, ...]


@dataclass(frozen=True, slots=True)
class OneOf:
    """One item is enough."""

    items: tuple[Papers, ...]


Papers: TypeAlias = Paper | OpenList | AllOf | OneOf

NOTHING = AllOf(())
"""No paper is needed."""


@dataclass(frozen=True, slots=True)
class ShownPaper:
    """A paper the clerk, the reader or the scan has seen."""

    kind: str
    copy: Copy = Copy.ORIGINAL
    owner: Owner = Owner.HOLDER


def missing(papers: Papers, shown: Collection[ShownPaper]) -> tuple[Papers, ...]:
    """What is still to be shown, for the one-time notice; ``()`` when the papers suffice.

    A choice that is still open comes back as one ``OneOf`` of what each way would still need.
    One paper may serve in several places of the tree.
    """
    match papers:
        case Paper():
            return () if any(_is(papers, paper) for paper in shown) else (papers,)
        case OpenList():
            return () if any(_counts(papers, paper) for paper in shown) else (papers,)
        case AllOf(items):
            return tuple(dict.fromkeys(m for item in items for m in missing(item, shown)))
        case OneOf(items):
            return _open_choice(tuple(missing(item, shown) for item in items))


def _open_choice(ways: tuple[tuple[Papers, ...], ...]) -> tuple[Papers, ...]:
    if not ways or not all(ways):
        return ()
    left = tuple(dict.fromkeys(ways))
    if len(left) == 1:
        return left[0]
    return (OneOf(tuple(way[0] if len(way) == 1 else AllOf(way) for way in left)),)


def _is(wanted: Paper, paper: ShownPaper) -> bool:
    same = paper.kind == wanted.kind and paper.owner is wanted.owner
    return same and _REACH[paper.copy] >= _REACH[wanted.copy]


def _counts(wanted: OpenList, paper: ShownPaper) -> bool:
    return paper.owner is wanted.owner and paper.kind in (wanted.kind, *wanted.accepted)


def leaves(papers: Papers) -> Iterator[Paper | OpenList]:
    """Every paper named anywhere in the tree, in the order of the rule."""
    match papers:
        case AllOf(items) | OneOf(items):
            for item in items:
                yield from leaves(item)
        case Paper() | OpenList():
            yield papers
