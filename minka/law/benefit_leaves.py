"""How a value of the benefits is written in its file, read, checked and turned into integers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from minka.kit.fen import from_yuan
from minka.law.assemble import Desk, Model
from minka.law.documents import NamesDoc
from minka.law.faults import Flaw

LEVELS = (1, 2, 3)
Value = int | tuple[int, ...] | str | None
"""Fen, ten-thousandths or years; one for each level where they differ; a choice; or nothing."""


class Mark(Enum):
    """How sure we are of a value."""

    CONFIRMED = "confirmed"
    WEAK = "weak"
    RECALLED = "recalled"
    ASSUMED = "assumed"


class Unit(Enum):
    """What a value is written in."""

    YUAN = "yuan"
    PERCENT = "percent"
    YEARS = "years"
    CHOICE = "choice"


class Need(Enum):
    """Whether a scheme without the value can still be computed."""

    ALWAYS = "always"
    MAY_LACK = "may_lack"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value that a city may set: its unit, whether it must, and the words to choose from."""

    unit: Unit
    need: Need = Need.MAY_LACK
    choices: tuple[str, ...] = ()


def _choice(*words: str, need: Need = Need.ALWAYS) -> Parameter:
    return Parameter(Unit.CHOICE, need, words)


_YUAN, _PERCENT = Parameter(Unit.YUAN), Parameter(Unit.PERCENT)
_ALWAYS_YUAN, _ALWAYS_PERCENT = (Parameter(u, Need.ALWAYS) for u in (Unit.YUAN, Unit.PERCENT))
BRACKETS = range(1, 7)
SERIOUS = range(1, 4)

CITY: Mapping[str, Parameter] = {
    "city.rounding": _choice("half_up", "down"),
    "city.fund_sum": _choice("without_account", "with_account"),
    "city.account_pays": _choice("all", "catalogue"),
    "city.price_limit": _choice("per_unit", "per_line"),
    "city.self_pay_ratio": _ALWAYS_PERCENT,
}
SCHEME: Mapping[str, Parameter] = {
    "outpatient.deductible": _ALWAYS_YUAN,
    "outpatient.ratio": _ALWAYS_PERCENT,
    "outpatient.aged_from": Parameter(Unit.YEARS),
    "outpatient.aged_ratio": _PERCENT,
    "outpatient.basis": _choice("fund_paid", "in_scope"),
    "outpatient.point": _YUAN,
    "outpatient.above": _PERCENT,
    "outpatient.cap": _YUAN,
    "pharmacy.ratio": _PERCENT,
    "chronic.deductible": _YUAN,
    "chronic.ratio": _PERCENT,
    "inpatient.deductible.first": _ALWAYS_YUAN,
    "inpatient.deductible.later": _ALWAYS_YUAN,
    **{f"inpatient.bracket_{n}.to": _YUAN for n in BRACKETS},
    **{f"inpatient.bracket_{n}.ratio": _PERCENT for n in BRACKETS},
    "inpatient.bracket_1.ratio": _ALWAYS_PERCENT,
    "inpatient.person_share": _PERCENT,
    "large.begins": _choice("at_point", "after_pool_cap", need=Need.MAY_LACK),
    "large.from": _YUAN,
    "large.to": _YUAN,
    "large.ratio": _PERCENT,
    "large.person_share": _PERCENT,
    "cap.pool": _YUAN,
    "cap.large": _YUAN,
    "cap.total": _YUAN,
    "serious.from": _YUAN,
    **{f"serious.bracket_{n}.to": _YUAN for n in SERIOUS},
    **{f"serious.bracket_{n}.ratio": _PERCENT for n in SERIOUS},
    "civil.ratio": _PERCENT,
    "enterprise.ratio": _PERCENT,
    "assistance.ratio": _PERCENT,
}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BenefitDoc(_Strict):
    """A file: the city, its schemes with their groups of person types, and the leaves."""

    region: str = Field(pattern=r"^[a-z][a-z0-9-]*(-[A-Z])?$")
    names: NamesDoc
    first_day: date
    schemes: dict[int, dict[str, list[int]]]
    references: dict[str, str]
    leaves: dict[str, Any]


class LeafDoc(_Strict):
    """One value of the law and the days from which it changes."""

    unit: Literal["yuan", "percent", "years", "choice"]
    note: str = ""
    values: Annotated[dict[date, Any], Field(min_length=1)]


class DatedDoc(_Strict):
    """What stands from a day on; ``until`` is the last day, where the source names one."""

    value: Any
    until: date | None = None
    mark: Literal["confirmed", "weak", "recalled", "assumed"]
    reference: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A value, from when to when it stands, how sure it is and where it comes from."""

    value: Value
    unit: Unit
    since: date
    until: date | None
    mark: Mark
    reference: str
    note: str = ""

    def on(self, day: date) -> bool:
        """Whether its days include this one."""
        return self.since <= day and (self.until is None or day <= self.until)


def read_mapping(desk: Desk, model: type[Model], raw: Any, key: str = "") -> Model | None:
    """The content as a document of this shape; None and a fault when it is no mapping."""
    if isinstance(raw, Mapping):
        return desk.read(model, raw, key)
    desk.note(key or "-", Flaw.WRONG_TYPE, problem="a mapping is asked for")
    return None


@dataclass(slots=True)
class LeafReader:
    """Reads the leaves of one file; every mistake is noted on the desk."""

    desk: Desk
    doc: BenefitDoc
    groups: frozenset[tuple[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        named = ((str(s), group) for s, groups in self.doc.schemes.items() for group in groups)
        self.groups = frozenset(named)

    def read(self) -> dict[str, tuple[Standing, ...]]:
        """Every leaf by its key."""
        return {key: tuple(self._leaf(key, raw)) for key, raw in self.doc.leaves.items()}

    def parameter(self, key: str) -> Parameter | None:
        """What the key sets: ``city.NAME``, ``SCHEME.NAME`` or ``SCHEME.NAME.GROUP``."""
        if key in CITY:
            return CITY[key]
        scheme, _, name = key.partition(".")
        if not scheme.isdigit() or int(scheme) not in self.doc.schemes:
            return None
        stem, _, group = name.rpartition(".")
        if name not in SCHEME and (scheme, group) in self.groups:
            return SCHEME.get(stem)
        return SCHEME.get(name)

    def _leaf(self, key: str, raw: Any) -> Iterator[Standing]:
        leaf = read_mapping(self.desk, LeafDoc, raw, key)
        parameter = self.parameter(key)
        if parameter is None:
            self.desk.note(key, Flaw.UNKNOWN_KEY, known=", ".join((*CITY, *SCHEME)))
        if leaf is None or parameter is None:
            return
        if leaf.unit != parameter.unit.value:
            self._wrong(f"{key}.unit", "unit", leaf.unit, parameter.unit.value)
            return
        last: Standing | None = None
        for since in sorted(leaf.values):
            here = f"{key}.{since}"
            standing = self._standing(here, since, leaf, parameter)
            if standing is None:
                continue
            if last and last.until and since <= last.until:
                self._wrong(here, "since", since, f"a day after {last.until}")
            last = standing
            yield standing

    def _standing(
        self, here: str, since: date, leaf: LeafDoc, parameter: Parameter
    ) -> Standing | None:
        dated = read_mapping(self.desk, DatedDoc, leaf.values[since], here)
        if dated is None:
            return None
        if dated.until and dated.until < since:
            self._wrong(f"{here}.until", "until", dated.until, f"a day from {since} on")
        if dated.reference not in self.doc.references:
            known = ", ".join(self.doc.references)
            self._wrong(f"{here}.reference", "reference", dated.reference, known)
        try:
            value = compiled(parameter, dated.value)
        except ValueError:
            self._wrong(f"{here}.value", parameter.unit.value, dated.value, _example(parameter))
            return None
        reference = self.doc.references.get(dated.reference, "")
        mark = Mark(dated.mark)
        return Standing(value, parameter.unit, since, dated.until, mark, reference, leaf.note)

    def _wrong(self, key: str, what: str, value: object, example: object) -> None:
        self.desk.note(key, Flaw.WRONG_VALUE, field=what, value=value, example=example)


def compiled(parameter: Parameter, raw: Any) -> Value:
    """A value as integers; ``ValueError`` when it is not written as its unit asks."""
    if raw == "none" and parameter.need is Need.MAY_LACK:
        return None
    if parameter.unit is Unit.CHOICE:
        if raw not in parameter.choices:
            raise ValueError("not one of the choices")
        return str(raw)
    if isinstance(raw, dict):
        if set(raw) != set(LEVELS):
            raise ValueError("not one value for each level")
        return tuple(_number(parameter.unit, raw[level]) for level in LEVELS)
    return _number(parameter.unit, raw)


_RATIO = re.compile(r"(\d{1,3})(?:\.(\d{1,2}))?")


def _number(unit: Unit, raw: Any) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int | str):
        raise ValueError("neither a whole number nor a text")
    text = str(raw)
    if unit is Unit.YUAN:
        number = int(from_yuan(text))
        top = 10**12
    else:
        match = _RATIO.fullmatch(text)
        if match is None:
            raise ValueError("not a number of this unit")
        number = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
        top = 10_000
    if unit is Unit.YEARS:
        number, top = int(text), 130
    if not 0 <= number <= top:
        raise ValueError("out of range")
    return number


def _example(parameter: Parameter) -> str:
    if parameter.unit is Unit.CHOICE:
        return " | ".join(parameter.choices)
    plain = {Unit.YUAN: '1800 or "1800.50"', Unit.PERCENT: '85 or "87.5"', Unit.YEARS: "70"}
    return f"{plain[parameter.unit]}, or by level {{1: …, 2: …, 3: …}}"
