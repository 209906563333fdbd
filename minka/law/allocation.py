"""What is credited to an individual account each month, as a city's law of a day says.

The file is ``law/allocation.yaml``; every value carries its mark (assumed, weak, known).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from minka.kit.fen import Fen, from_yuan
from minka.law.files import load


@dataclass(frozen=True, slots=True)
class Allocation:
    """The monthly sums of a scheme in a city from a day on."""

    ref: str
    """Which rule: ``allocation:demo-city-A:310@2018-01-01``."""
    mark: str
    by_type: Mapping[int, Fen] = field(default_factory=dict)
    """Fen a month by person type; who is not named is credited nothing."""


@cache
def _book() -> Mapping[str, Any]:
    found: Mapping[str, Any] = load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    return found


def schemes(city: str) -> tuple[int, ...]:
    """The schemes of a city whose accounts are credited at all."""
    return tuple(_book().get(city, {}))


def allocation(city: str, scheme: int, on: date) -> Allocation | None:
    """What a scheme of a city credits in the month of a day; None where no rule says so."""
    dated = _book().get(city, {}).get(scheme, {})
    since = max((day for day in dated if day <= on), default=None)
    if since is None:
        return None
    leaf = dated[since]
    by_type = {int(kind): from_yuan(text) for kind, text in leaf["yuan"].items()}
    return Allocation(f"allocation:{city}:{scheme}@{since}", leaf["mark"], by_type)
