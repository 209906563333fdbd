"""The book of all regions: read once from the rule files, then asked by region and day."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from minka.kit.workdays import Workdays
from minka.law.assemble import Desk, Gaps, entries_of, region_of
from minka.law.documents import DaysDoc
from minka.law.faults import Fault, Flaw, LawFault
from minka.law.files import load
from minka.law.history import PUBLISHED, RegionHistory
from minka.law.region import Entry, Leaf, RegionLaw, Source

__all__ = ["Book", "Entry", "Gaps", "LawFault", "Leaf", "RegionLaw", "Source", "parse", "read"]

REGIONS = Path(__file__).with_name("regions")
_CALENDAR = Path(__file__).with_name("calendar.yaml")
_STATEMENTS = "statements.yaml"
_EVERYWHERE = "ALL"


@dataclass(frozen=True, slots=True)
class Book:
    """The rules of all regions through the years, and the published working days."""

    histories: Mapping[str, RegionHistory] = field(repr=False)
    calendar: Workdays = field(repr=False)
    local_days: Mapping[str, Mapping[int, DaysDoc]] = field(repr=False, default_factory=dict)
    _standing: dict[tuple[str, int], RegionLaw] = field(
        repr=False, compare=False, default_factory=dict
    )

    @property
    def regions(self) -> tuple[str, ...]:
        """The ids of all regions, in order."""
        return tuple(sorted(self.histories))

    def on(self, region_id: str, day: date) -> RegionLaw:
        """The law of a region on a day; ``KeyError`` for an unknown region."""
        history = self.histories[region_id]
        if day < PUBLISHED:
            return replace(history.on(day), book=())
        step = bisect_right(history.changes(), day)
        key = (region_id, step)
        if key not in self._standing:
            self._standing[key] = history.on(history.changes()[step - 1])
        return self._standing[key]

    def workdays(self, region_id: str | None = None) -> Workdays:
        """The working days of the country, with the local days of one region."""
        days = self.calendar
        for local in self.local_days.get(region_id or "", {}).values():
            rest, work = frozenset(local.rest), frozenset(local.work)
            days = replace(days, off=days.off - work | rest, extra=days.extra - rest | work)
        return days

    def with_year(self, year: int, off: Collection[date], extra: Collection[date]) -> Book:
        """This book with the published notice of one year."""
        return replace(self, calendar=self.calendar.with_year(year, off, extra))

    def cited(self, ref: str) -> Entry | None:
        """The very version of a rule that an act stored; None when no such version is known."""
        entry_id, _, rest = ref.partition("@")
        since = date.fromisoformat(rest.partition("#")[0])
        for region_id, history in self.histories.items():
            if entry_id in history.entries:
                entry = self.on(region_id, since).entry(entry_id)
                return entry if entry.ref == ref else None
        return None


def read(folder: Path | None = None, gaps: Gaps = Gaps.ASSUMED) -> Book:
    """The book of a folder of rule files, Minka's own by default; ``LawFault`` with all faults."""
    root = folder or REGIONS
    names = sorted(root.glob("*/*.yaml")) + sorted(root.glob(_STATEMENTS))
    files = {str(name.relative_to(root)): name.read_text(encoding="utf-8") for name in names}
    return parse(files, gaps)


def parse(files: Mapping[str, str], gaps: Gaps = Gaps.ASSUMED) -> Book:
    """The book of rule files given as ``<REGION>/<topic>.yaml`` -> text; ``LawFault``."""
    desk = Desk(files)
    folders = sorted({name.partition("/")[0] for name in files if "/" in name})
    if not folders:
        raise LawFault([Fault(".", "-", Flaw.NO_FILES)])
    made = [region for folder in folders if (region := region_of(desk, folder, gaps))]
    spoken = {}
    if _STATEMENTS in files:
        raw = desk.open(_STATEMENTS) or {}
        spoken = {e.id: e for e in entries_of(desk, raw, Source.TEXT)}
    if desk.faults:
        raise LawFault(desk.faults)
    return Book(
        histories={h.id: replace(h, entries={**h.entries, **spoken}) for _, h in made},
        calendar=published_days(),
        local_days={head.id: head.local_days for head, _ in made if head.local_days},
    )


def published_days() -> Workdays:
    """The working days of Minka's own calendar table."""
    days = Workdays()
    for year, notice in load(_CALENDAR.read_text(encoding="utf-8")).items():
        days = days.with_year(year, notice["rest"], notice["work"])
    return days
