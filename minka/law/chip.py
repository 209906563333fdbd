"""What a city sets about chips: the check before hand-over, and purchases without a line.

``read().on("R6", day)`` are the values of a city on a day. None of them is a law's: each leaf says
``assumed``, and a city replaces it under ``cities:``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from minka.law.files import load

_FILE = Path(__file__).with_name("chip.yaml")
_LEAF = {"what", "unit", "since", "source"}
_SOURCES = {"assumed", "law"}
_FIELDS: Mapping[str, str] = {
    "handover.reading": "handover_reading",
    "offline.purchase_fen": "purchase_fen",
    "offline.day_fen": "day_fen",
    "offline.day_uses": "day_uses",
    "offline.list_hours": "list_hours",
    "offline.upload_days": "upload_days",
    "offline.answer_days": "answer_days",
}


@dataclass(frozen=True, slots=True)
class ChipRules:
    """The values of a city on a day; amounts in fen."""

    rule_ref: str
    handover_reading: int
    """One when a card may not be handed over unread."""
    purchase_fen: int
    day_fen: int
    day_uses: int
    list_hours: int
    upload_days: int
    answer_days: int
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChipLaw:
    """The file as it was read: leaves with their dated values, and a city's own."""

    leaves: Mapping[str, Mapping[date, int]]
    sources: Mapping[str, str]
    cities: Mapping[str, Mapping[str, Mapping[date, int]]]

    def on(self, region: str, day: date) -> ChipRules:
        """The values of a region on a day; ``LookupError`` before there are any."""
        own = self.cities.get(region, {})
        found = {name: _standing(own.get(name) or self.leaves[name], day) for name in _FIELDS}
        assumed = tuple(n for n in _FIELDS if n not in own and self.sources[n] == "assumed")
        values = {_FIELDS[name]: value for name, value in found.items()}
        return ChipRules(rule_ref=_ref(found), assumed=assumed, **values)


def _standing(dated: Mapping[date, int], day: date) -> int:
    begun = [since for since in dated if since <= day]
    if not begun:
        raise LookupError(f"no value stands on {day}")
    return dated[max(begun)]


def _ref(values: Mapping[str, int]) -> str:
    content = json.dumps(values, sort_keys=True)
    return f"chip#{hashlib.sha256(content.encode()).hexdigest()[:8]}"


@cache
def read() -> ChipLaw:
    """The law of Minka's own file."""
    return parse(_FILE.read_text(encoding="utf-8"))


def parse(text: str) -> ChipLaw:
    """A file's law; ``ValueError`` names the leaf that is wrong."""
    raw = load(text)
    leaves = {name: _leaf(name, leaf) for name, leaf in raw["leaves"].items()}
    if set(leaves) != set(_FIELDS):
        raise ValueError(f"leaves differ: {sorted(set(leaves) ^ set(_FIELDS))}")
    cities = {
        region: {name: _leaf(f"{region}.{name}", leaf) for name, leaf in own.items()}
        for region, own in (raw.get("cities") or {}).items()
    }
    unknown = {name for own in cities.values() for name in own} - set(_FIELDS)
    if unknown:
        raise ValueError(f"no such leaf: {sorted(unknown)}")
    return ChipLaw(leaves, {n: leaf["source"] for n, leaf in raw["leaves"].items()}, cities)


def _leaf(name: str, leaf: Any) -> Mapping[date, int]:
    if not isinstance(leaf, Mapping) or set(leaf) != _LEAF or leaf["source"] not in _SOURCES:
        raise ValueError(f"{name}: a leaf has {sorted(_LEAF)}")
    dated: Mapping[date, int] = leaf["since"]
    if not dated or not all(
        type(d) is date and type(v) is int and v >= 0 for d, v in dated.items()
    ):
        raise ValueError(f"{name}: since holds days and whole numbers")
    return dated
