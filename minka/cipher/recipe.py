"""Diversification recipes as data: which factors lead from a root down to one card's key.

The recipes are in ``recipes.yaml`` (card-chip §11.1); an area that deviates is configuration. A
factor is eight bytes: the first digits of the area code in ASCII and a fixed text, or a piece of
the card's thirteen historical bytes. How many factors are still to apply depends on who holds the
root: ministry three, province two, city one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

FACTOR_BYTES = 8
HISTORICAL_BYTES = 13
AREA_DIGITS = 6


class Root(StrEnum):
    """Who holds the root that a card's key is derived from."""

    MINISTRY = "ministry"
    PROVINCE = "province"
    CITY = "city"


class Step(StrEnum):
    """A level that a factor leads down to."""

    PROVINCE = "province"
    CITY = "city"
    CARD = "card"


class RecipeFault(Exception):
    """A recipe, an area code or an answer to reset that makes no factor of eight bytes."""


@dataclass(frozen=True, slots=True)
class Template:
    """How one factor is made: of an area's digits and a text, or of historical bytes (from 1)."""

    area_digits: int = 0
    then: str = ""
    historical: tuple[int, int] | None = None

    def factor(self, area: str, historical: bytes) -> bytes:
        """The eight bytes for an area of six digits and a card's thirteen historical bytes."""
        if self.historical is None:
            return (area[: self.area_digits] + self.then).encode("ascii")
        first, last = self.historical
        return historical[first - 1 : last]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one area's card keys come from their roots, and where that is written."""

    templates: Mapping[Step, Template]
    roots: Mapping[Root, tuple[Step, ...]]
    source: str
    mark: str

    def factors(self, root: Root, area: str, historical: bytes) -> tuple[bytes, ...]:
        """Every factor from a root to one card, in the order in which they are applied."""
        checked = _historical(historical)
        return tuple(self._one(step, area, checked) for step in self.roots[root])

    def shared(self, root: Root, area: str) -> tuple[bytes, ...]:
        """The factors that all cards of an area share: all but the card's own."""
        return tuple(
            self._one(step, area, b"") for step in self.roots[root] if step is not Step.CARD
        )

    def card(self, historical: bytes) -> bytes:
        """The factor of one card."""
        return self._one(Step.CARD, "0" * AREA_DIGITS, _historical(historical))

    def _one(self, step: Step, area: str, historical: bytes) -> bytes:
        if len(area) != AREA_DIGITS or not (area.isascii() and area.isdecimal()):
            raise RecipeFault("an area code has six digits")
        return self.templates[step].factor(area, historical)


@dataclass(frozen=True, slots=True)
class Recipes:
    """The national recipe and those of areas that deviate, by the beginning of the area code."""

    national: Recipe
    areas: Mapping[str, Recipe]

    def of(self, area: str) -> Recipe:
        """The recipe for an area: that of the longest beginning on file, or the national one."""
        fitting = [prefix for prefix in self.areas if area.startswith(prefix)]
        return self.areas[max(fitting, key=len)] if fitting else self.national


@cache
def recipes() -> Recipes:
    """The recipes that come with Minka."""
    return read_recipes(files("minka.cipher").joinpath("recipes.yaml").read_text(encoding="utf-8"))


def read_recipes(text: str) -> Recipes:
    """Recipes from YAML; an area says only what differs. ``RecipeFault`` names what is wrong."""
    given = yaml.safe_load(text)
    if not isinstance(given, dict) or set(given) - {"national", "areas"}:
        raise RecipeFault("a file of recipes has national and areas")
    blank = Recipe({}, {}, "", "")
    national = _recipe(blank, given.get("national") or {}, "national")
    areas = (given.get("areas") or {}).items()
    return Recipes(national, {str(a): _recipe(national, body, str(a)) for a, body in areas})


def _recipe(above: Recipe, given: Mapping[str, Any], where: str) -> Recipe:
    try:
        templates = {Step(k): _template(v) for k, v in (given.get("factors") or {}).items()}
        roots = {
            Root(k): tuple(Step(step) for step in steps)
            for k, steps in (given.get("roots") or {}).items()
        }
        made = replace(
            above,
            templates={**above.templates, **templates},
            roots={**above.roots, **roots},
            source=str(given["source"]),
            mark=str(given["mark"]),
        )
    except (KeyError, TypeError, ValueError) as fault:
        raise RecipeFault(f"{where}: {fault!r}") from fault
    _check(made, where)
    return made


def _template(given: Mapping[str, Any]) -> Template:
    piece = given.get("historical")
    if piece is None:
        return Template(int(given["area_digits"]), str(given.get("then", "")))
    first, last = piece
    return Template(historical=(int(first), int(last)))


def _check(recipe: Recipe, where: str) -> None:
    if set(recipe.templates) != set(Step) or set(recipe.roots) != set(Root):
        raise RecipeFault(f"{where}: a factor or a root is missing")
    for step, template in recipe.templates.items():
        made = template.factor("9" * AREA_DIGITS, bytes(HISTORICAL_BYTES))
        if len(made) != FACTOR_BYTES:
            raise RecipeFault(f"{where}: the factor of {step.value} has not eight bytes")
    if any(steps[-1:] != (Step.CARD,) for steps in recipe.roots.values()):
        raise RecipeFault(f"{where}: the card's factor comes last, once")


def _historical(historical: bytes) -> bytes:
    if len(historical) != HISTORICAL_BYTES:
        raise RecipeFault("a social security card has thirteen historical bytes")
    return historical
