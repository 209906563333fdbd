"""What medical insurance pays: a city's dated values, as integers, for one day at a time.

``benefits("demo-city-A", date(2026, 5, 4))`` is a frozen set of values; ask it by name:
``number(310, "inpatient.deductible.first", level=3)``. Amounts are fen, ratios ten-thousandths.
The files are ``law/benefits/*.yaml``; their names are listed in ``benefit_leaves``.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, lru_cache
from pathlib import Path

from minka.kit.words import Words
from minka.law.assemble import Desk
from minka.law.benefit_leaves import (
    BRACKETS,
    CITY,
    LEVELS,
    SCHEME,
    SERIOUS,
    BenefitDoc,
    LeafReader,
    Mark,
    Need,
    Standing,
    Unit,
    Value,
    read_mapping,
)
from minka.law.faults import Fault, Flaw, LawFault
from minka.law.history import canonical

__all__ = [
    "Benefits",
    "BenefitsBook",
    "LawFault",
    "Mark",
    "NoBenefits",
    "Standing",
    "Unit",
    "benefits",
    "parse",
    "published",
]

_FOLDER = Path(__file__).with_name("benefits")
_REGIONS = "regions.yaml"
_DAY = timedelta(days=1)


class NoBenefits(LookupError):
    """No law is known for this region, day, scheme or person type."""


@dataclass(frozen=True, slots=True, eq=False)
class Benefits:
    """The values of one city that stand together from a day on; two are equal when the same."""

    region: str
    names: Words
    since: date
    ref: str
    """Which version of which rule: ``demo-city-A@2023-01-01#`` and eight digits of its content."""
    leaves: Mapping[str, Standing] = field(repr=False)
    groups: Mapping[tuple[int, int], str] = field(repr=False)
    """Scheme and person type (310, 11) to the group whose values hold."""

    @property
    def schemes(self) -> tuple[int, ...]:
        """The schemes (险种) that the city has."""
        return tuple(sorted({scheme for scheme, _ in self.groups}))

    def group(self, scheme: int, psn_type: int) -> str:
        """The group of a person type; ``NoBenefits`` when the scheme does not know it."""
        try:
            return self.groups[scheme, psn_type]
        except KeyError:
            why = f"{self.region}: no person type {psn_type} in scheme {scheme}"
            raise NoBenefits(why) from None

    def number(self, scheme: int, name: str, *, group: str = "", level: int = 1) -> int | None:
        """A value of a scheme at a level, of the group before that of all; None when it has none.

        Fen, ten-thousandths or years.
        """
        value = self._value(f"{scheme}.{name}", group)
        if isinstance(value, tuple):
            return value[level - 1]
        assert not isinstance(value, str), f"{name} is a choice"
        return value

    def choice(self, name: str, group: str = "") -> str:
        """A choice such as ``city.rounding`` or ``310.outpatient.basis``; empty without one."""
        value = self._value(name, group)
        return value if isinstance(value, str) else ""

    @property
    def self_pay_ratio_e4(self) -> int:
        """The first self-payment of class 乙 where the catalogue names no ratio."""
        value = self._value("city.self_pay_ratio", "")
        assert isinstance(value, int), "the file was checked"
        return value

    def _value(self, key: str, group: str) -> Value:
        leaf = self.leaves.get(f"{key}.{group}") or self.leaves.get(key)
        return leaf.value if leaf else None


@dataclass(frozen=True, slots=True)
class _History:
    """One city through the years."""

    doc: BenefitDoc
    file: str
    leaves: Mapping[str, tuple[Standing, ...]]
    groups: Mapping[tuple[int, int], str]

    def changes(self) -> list[date]:
        days = {self.doc.first_day}
        for standings in self.leaves.values():
            days |= {s.since for s in standings}
            days |= {s.until + _DAY for s in standings if s.until}
        return sorted(day for day in days if day >= self.doc.first_day)

    def on(self, since: date) -> Benefits:
        found = ((key, s) for key, all_ in self.leaves.items() if (s := _last(all_, since)))
        leaves = dict(sorted(found))
        content = canonical({key: (s.value, s.unit) for key, s in leaves.items()})
        content += canonical({f"{s}.{p}": group for (s, p), group in self.groups.items()})
        digest = hashlib.sha256(content.encode()).hexdigest()[:8]
        names = Words(self.doc.names.zh_hans, self.doc.names.zh_hant, self.doc.names.en)
        ref = f"{self.doc.region}@{since}#{digest}"
        return Benefits(self.doc.region, names, since, ref, leaves, self.groups)


def _last(standings: tuple[Standing, ...], day: date) -> Standing | None:
    return next((s for s in reversed(standings) if s.on(day)), None)


@dataclass(frozen=True, slots=True)
class BenefitsBook:
    """Every city's benefits through the years."""

    steps: Mapping[str, tuple[list[date], list[Benefits]]] = field(repr=False)
    same_as: Mapping[str, str] = field(repr=False)

    @property
    def regions(self) -> tuple[str, ...]:
        """Every name that ``on`` answers to."""
        return tuple(sorted({*self.steps, *self.same_as}))

    def on(self, region: str, day: date) -> Benefits:
        """What stands on a day of care; ``NoBenefits`` for an unknown region or too early a day."""
        name = self.same_as.get(region, region)
        if name not in self.steps:
            raise NoBenefits(f"no benefits of region {region}; known: {', '.join(self.regions)}")
        days, standing = self.steps[name]
        step = bisect_right(days, day)
        if not step:
            raise NoBenefits(f"{region}: no benefits before {days[0]}")
        return standing[step - 1]


def parse(files: Mapping[str, str]) -> BenefitsBook:
    """The book of files given as ``NAME.yaml`` -> text; ``LawFault`` names every mistake."""
    desk = Desk(files)
    names = sorted(name for name in files if name != _REGIONS)
    if not names:
        raise LawFault([Fault(".", "-", Flaw.NO_FILES)])
    histories = [history for name in names if (history := _history(desk, name))]
    if not desk.faults:
        for history in histories:
            _check(desk, history)
    cities = [history.doc.region for history in histories]
    same_as = _same_as(desk, cities) if _REGIONS in files else {}
    if desk.faults:
        raise LawFault(desk.faults)
    steps = {h.doc.region: (h.changes(), [h.on(day) for day in h.changes()]) for h in histories}
    return BenefitsBook(steps, same_as)


def _history(desk: Desk, file: str) -> _History | None:
    noted = len(desk.faults)
    raw = desk.open(file)
    doc = read_mapping(desk, BenefitDoc, raw) if len(desk.faults) == noted else None
    if doc is None:
        return None
    if f"{doc.region}.yaml" != file:
        _wrong(desk, "region", doc.region, file.removesuffix(".yaml"))
    groups: dict[tuple[int, int], str] = {}
    for scheme, named in doc.schemes.items():
        for group, psn_type in ((g, p) for g, types in named.items() for p in types):
            if (scheme, psn_type) in groups:
                other = groups[scheme, psn_type]
                _wrong(desk, f"schemes.{scheme}.{group}", psn_type, f"a type not in {other}")
            groups[scheme, psn_type] = group
    return _History(doc, file, LeafReader(desk, doc).read(), groups)


def _wrong(desk: Desk, key: str, value: object, example: object) -> None:
    desk.note(key, Flaw.WRONG_VALUE, field=key.rpartition(".")[2], value=value, example=example)


def _check(desk: Desk, history: _History) -> None:
    """What must be there on every day, and brackets that follow each other."""
    desk.file = history.file
    for day in history.changes():
        standing = history.on(day)
        for key, parameter in CITY.items():
            if parameter.need is Need.ALWAYS and key not in standing.leaves:
                desk.note(f"{key} ({day})", Flaw.MISSING_KEY)
        for scheme, group in sorted(set(_groups(history.groups))):
            for name in _missing(standing, scheme, group):
                desk.note(f"{scheme}.{name} ({group}, {day})", Flaw.MISSING_KEY)
            for stem, numbers in (("inpatient", BRACKETS), ("serious", SERIOUS)):
                for key, low, high in _backwards(standing, f"{scheme}.{stem}", group, numbers):
                    _wrong(desk, f"{key} ({day})", high, f"more than {low} fen")


def _groups(groups: Mapping[tuple[int, int], str]) -> Iterator[tuple[int, str]]:
    return ((scheme, group) for (scheme, _), group in groups.items())


_BRACKETS = [("inpatient", n) for n in BRACKETS] + [("serious", n) for n in SERIOUS]
_TOGETHER = {
    "outpatient.point": ("outpatient.above",),
    "outpatient.aged_ratio": ("outpatient.aged_from",),
    "chronic.ratio": ("chronic.deductible",),
    "large.begins": ("large.ratio",),
    "large.from": ("large.to", "large.begins"),
    "serious.from": ("serious.bracket_1.ratio",),
    **{f"{stem}.bracket_{n}.to": (f"{stem}.bracket_{n}.ratio",) for stem, n in _BRACKETS},
    **{
        f"{stem}.bracket_{n}.ratio": (f"{stem}.bracket_{n - 1}.to",)
        for stem, n in _BRACKETS
        if n > 1
    },
}
"""A value that means nothing without the others."""


def _missing(standing: Benefits, scheme: int, group: str) -> Iterator[str]:
    def has(name: str) -> bool:
        leaves = standing.leaves
        leaf = leaves.get(f"{scheme}.{name}.{group}") or leaves.get(f"{scheme}.{name}")
        return leaf is not None and leaf.value is not None

    yield from (n for n, p in SCHEME.items() if p.need is Need.ALWAYS and not has(n))
    for name, others in _TOGETHER.items():
        yield from (other for other in others if has(name) and not has(other))
    begins = standing.choice(f"{scheme}.large.begins", group)
    needed = {"at_point": "large.from", "after_pool_cap": "cap.pool"}.get(begins, "")
    if needed and not has(needed):
        yield needed


def _backwards(
    standing: Benefits, stem: str, group: str, numbers: range
) -> Iterator[tuple[str, int, int]]:
    """Brackets whose end is not above their beginning."""
    scheme, _, name = stem.partition(".")
    for level in LEVELS:
        low = standing.number(int(scheme), f"{name}.from", group=group, level=level) or 0
        for n in numbers:
            key = f"{name}.bracket_{n}.to"
            high = standing.number(int(scheme), key, group=group, level=level)
            if high is not None and high <= low:
                yield f"{scheme}.{key}", low, high
            low = high if high is not None else low


def _same_as(desk: Desk, cities: list[str]) -> dict[str, str]:
    raw = desk.open(_REGIONS)
    listed = raw.get("regions") if isinstance(raw, dict) else None
    if not isinstance(listed, dict):
        desk.note("regions", Flaw.MISSING_KEY)
        return {}
    for region, city in listed.items():
        if city not in cities:
            _wrong(desk, f"regions.{region}", city, ", ".join(cities))
    return listed


@cache
def published() -> BenefitsBook:
    """Minka's own files."""
    return parse({path.name: path.read_text("utf-8") for path in sorted(_FOLDER.glob("*.yaml"))})


@lru_cache(maxsize=8192)
def benefits(region: str, on: date) -> Benefits:
    """What a region's insurance pays on a day of care, from Minka's own files.

    The same object for every day between two changes, so that plans made from it can be kept.
    ``NoBenefits`` when nothing is known.
    """
    return published().on(region, on)
