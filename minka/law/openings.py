"""The points the founding text leaves open, which a region must answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from minka.kit.words import Words
from minka.law.files import load

_FILE = Path(__file__).with_name("open.yaml")


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """One question, the entries it is about, and what the sentence suggests, if anything."""

    id: str
    entries: tuple[str, ...]
    question: Words
    suggests: str


@cache
def open_points() -> Mapping[str, OpenPoint]:
    """All open points by id (O1-1 …), in the order of the text."""
    raw = load(_FILE.read_text(encoding="utf-8"))
    return {
        point: OpenPoint(
            id=point,
            entries=tuple(content["entries"]),
            question=Words(*content["question"]),
            suggests=content.get("suggests", ""),
        )
        for point, content in raw.items()
    }
