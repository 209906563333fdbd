"""What the law of a region says of PINs on a day: tries, lock, and who may do what where."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from minka.law.files import load

_FILE = Path(__file__).with_name("pins.yaml")
_EVERYWHERE = "everywhere"
_HOURS = re.compile(r"(\d+) hours")
ACTS = ("set", "change", "report_lost", "reset")


@dataclass(frozen=True, slots=True)
class PinChannel:
    """One way to do one act: papers shown by the holder, roles that may take part."""

    papers: tuple[str, ...]
    roles: tuple[str, ...]
    """Empty for an automatic dialogue: no person takes part and none sees a digit."""
    cite: str = ""
    """The entry of the region's rules this comes from; empty when it is assumed."""


@dataclass(frozen=True, slots=True)
class PinLaw:
    """The rule of PINs of one region on one day."""

    region: str
    ref: str
    """Which version of which rule, such as ``pins:R5@2021-01-22``."""
    length: int
    tries: int
    lock: timedelta | None
    """How long a PIN is locked; None until it is reset."""
    most_wrong: int
    needed_for: frozenset[str]
    acts: Mapping[str, Mapping[str, PinChannel]] = field(repr=False, hash=False)
    assumed: tuple[str, ...] = ()

    def channel(self, act: str, kind: str) -> PinChannel | None:
        """The way of an act through a kind of channel, or None where the rule has none."""
        return self.acts[act].get(kind)

    def channels(self, act: str) -> tuple[str, ...]:
        """The kinds of channel an act may come through."""
        return tuple(self.acts[act])


def pin_law(region: str, day: date) -> PinLaw:
    """The law of a region's PINs on a day; the rule of everywhere when the region is silent.

    On days before the first known rule that first rule stands.
    """
    named = region if region in _book() else _EVERYWHERE
    dated = _book()[named]
    since = max((d for d in dated if d <= day), default=min(dated))
    return dated[since]


def regions() -> tuple[str, ...]:
    """The regions with a rule of their own."""
    return tuple(sorted(set(_book()) - {_EVERYWHERE}))


@cache
def _book() -> dict[str, dict[date, PinLaw]]:
    raw: dict[str, dict[date, Any]] = load(_FILE.read_text(encoding="utf-8"))
    return {
        region: {since: _law(region, since, dict(values)) for since, values in dated.items()}
        for region, dated in raw.items()
    }


def _law(region: str, since: date, values: dict[str, Any]) -> PinLaw:
    made = PinLaw(
        region=region,
        ref=f"pins:{region}@{since}",
        length=values.pop("length"),
        tries=values.pop("tries"),
        lock=_lock(values.pop("lock")),
        most_wrong=values.pop("most_wrong"),
        needed_for=frozenset(values.pop("needed_for")),
        acts={act: _channels(values.pop(act)) for act in ACTS},
        assumed=tuple(values.pop("assumed")),
    )
    values.pop("note", "")
    if values or not 0 < made.tries <= made.most_wrong:
        raise ValueError(f"{made.ref}: unknown {sorted(values)}, or tries beyond most_wrong")
    return made


def _channels(raw: Mapping[str, Any]) -> dict[str, PinChannel]:
    return {
        kind: PinChannel(tuple(way["papers"]), tuple(way["roles"]), way.get("cite", ""))
        for kind, way in raw.items()
    }


def _lock(text: str) -> timedelta | None:
    if text == "until_reset":
        return None
    found = _HOURS.fullmatch(text)
    if found is None:
        raise ValueError(f"a lock is so many hours or until_reset, not {text!r}")
    return timedelta(hours=int(found[1]))
