"""When a use of a card looks like lending, and for how long settlement may then be suspended.

``read().on("R6", day)`` are the thresholds of a city on a day. None of them is a law's: each leaf
says ``assumed``; only the length of a suspension is the law's own.
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

from minka.kit.words import Words
from minka.law.files import load

_FILE = Path(__file__).with_name("lending.yaml")
_LEAF = {"what", "unit", "since", "source"}
_SOURCES = {"assumed", "law"}


@dataclass(frozen=True, slots=True)
class LendingRules:
    """The thresholds of a city on a day; metres, seconds, hours of the day, counts."""

    rule_ref: str
    speed_km_h: int
    slack_m: int
    patient_visits: int
    patient_minutes: int
    day_uses: int
    week_uses: int
    night_from: int
    night_until: int
    night_uses: int
    nights: int
    till_cards: int
    till_seconds: int
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suspension:
    """For how many months online settlement may be stopped, and which law says so."""

    least_months: int
    most_months: int
    cite: Words
    rule_ref: str


_FIELDS: Mapping[str, str] = {
    "two_places.speed_km_h": "speed_km_h",
    "two_places.slack_m": "slack_m",
    "many_patients.visits": "patient_visits",
    "many_patients.minutes": "patient_minutes",
    "velocity.day_uses": "day_uses",
    "velocity.week_uses": "week_uses",
    "night.from_hour": "night_from",
    "night.until_hour": "night_until",
    "night.uses": "night_uses",
    "night.nights": "nights",
    "many_cards.cards": "till_cards",
    "many_cards.seconds": "till_seconds",
}


@dataclass(frozen=True, slots=True)
class LendingLaw:
    """The file as it was read: leaves with their dated values, and a city's own."""

    signs: Mapping[str, Mapping[date, int]]
    sources: Mapping[str, str]
    months: Mapping[str, Mapping[date, int]]
    cite: Words
    cities: Mapping[str, Mapping[str, Mapping[date, int]]]

    def on(self, region: str, day: date) -> LendingRules:
        """The thresholds of a region on a day; ``LookupError`` before there are any."""
        own = self.cities.get(region, {})
        found = {name: _standing(own.get(name) or self.signs[name], day) for name in _FIELDS}
        assumed = tuple(n for n in _FIELDS if n not in own and self.sources[n] == "assumed")
        values = {_FIELDS[name]: value for name, value in found.items()}
        return LendingRules(rule_ref=_ref(found), assumed=assumed, **values)

    def suspension(self, day: date) -> Suspension:
        """How long settlement may be suspended by the law of a day; ``LookupError`` before it."""
        found = {name: _standing(dated, day) for name, dated in self.months.items()}
        return Suspension(**found, cite=self.cite, rule_ref=_ref(found, "decree-735-41"))


def _standing(dated: Mapping[date, int], day: date) -> int:
    begun = [since for since in dated if since <= day]
    if not begun:
        raise LookupError(f"no value stands on {day}")
    return dated[max(begun)]


def _ref(values: Mapping[str, int], name: str = "lending") -> str:
    content = json.dumps(values, sort_keys=True)
    return f"{name}#{hashlib.sha256(content.encode()).hexdigest()[:8]}"


@cache
def read() -> LendingLaw:
    """The law of Minka's own file."""
    return parse(_FILE.read_text(encoding="utf-8"))


def parse(text: str) -> LendingLaw:
    """A file's law; ``ValueError`` names the leaf that is wrong."""
    raw = load(text)
    signs = {name: _leaf(name, leaf) for name, leaf in raw["signs"].items()}
    if set(signs) != set(_FIELDS):
        raise ValueError(f"leaves differ: {sorted(set(signs) ^ set(_FIELDS))}")
    suspended = dict(raw["suspension"])
    cite = Words(**suspended.pop("cite"))
    months = {name: _leaf(name, leaf) for name, leaf in suspended.items()}
    cities = {
        region: {name: _leaf(f"{region}.{name}", leaf) for name, leaf in own.items()}
        for region, own in (raw.get("cities") or {}).items()
    }
    unknown = {name for own in cities.values() for name in own} - set(_FIELDS)
    if unknown:
        raise ValueError(f"no such leaf: {sorted(unknown)}")
    sources = {name: leaf["source"] for name, leaf in raw["signs"].items()}
    return LendingLaw(signs, sources, months, cite, cities)


def _leaf(name: str, leaf: Any) -> Mapping[date, int]:
    if not isinstance(leaf, Mapping) or set(leaf) != _LEAF or leaf["source"] not in _SOURCES:
        raise ValueError(f"{name}: a leaf has {sorted(_LEAF)}")
    dated: Mapping[date, int] = leaf["since"]
    sound = all(type(d) is date and type(v) is int and v > 0 for d, v in dated.items())
    if not dated or not sound:
        raise ValueError(f"{name}: since holds days and whole numbers above zero")
    return dated
