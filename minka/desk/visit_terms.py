"""The catalogue as a lane keeps it in memory: what was read once holds until reference data moves.

Every batch reads the version of the reference data before anything else of the catalogue; when it
has moved, everything kept is forgotten and read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from minka.care.state import Coverage
from minka.desk.care_book import Area, Provider
from minka.desk.catalogue import Charge, Said, Terms, terms_in
from minka.desk.visit_act import turned
from minka.desk.visit_refusals import VisitRefusal
from minka.store.hot.arrays import day_number

MOST = 200_000
"""Entries that are kept at most: a year of one city's catalogue on the days it was asked for."""


class Place(NamedTuple):
    """Where an entry stands: the area, the item, the day and the level of the provider."""

    area: int
    code: str
    day: int
    level: int


class Item(NamedTuple):
    """What the catalogue says at a place; the ratios by the person's type, nought for all."""

    cls: int
    kind: str
    limit_e6: int | None
    ratios: Mapping[int, int]


class Unread(Exception):
    """The catalogue moved since it was kept, or this entry was not asked for: read again."""


class Shelf:
    """Entries that were read, of one version of the reference data."""

    def __init__(self) -> None:
        self.version = 0
        self._items: dict[Place, Item | None] = {}

    def missing(self, asked: Iterable[Place]) -> list[Place]:
        """The entries among these that must be read, each once."""
        return [place for place in dict.fromkeys(asked) if place not in self._items]

    def at_version(self, version: int) -> None:
        """What is read from now on is of a version; what was kept of another is forgotten."""
        if version != self.version or len(self._items) > MOST:
            self._items.clear()
            self.version = version

    def keep(self, read: Mapping[Place, Item | None]) -> None:
        """Keep what was read."""
        self._items.update(read)

    def terms(
        self, charges: Sequence[Charge], *, area: Area, provider: Provider, coverage: Coverage
    ) -> list[Terms]:
        """What the catalogue says of each line; a refusal names the first that it does not know."""
        made = []
        for charge in charges:
            place = place_of(charge, provider)
            if place not in self._items:
                raise Unread
            item = self._items[place]
            if item is None:
                raise turned(VisitRefusal.ITEM_UNKNOWN, line=charge.line, code=charge.code)
            ratio = item.ratios.get(coverage.psn_type, item.ratios.get(0))
            made.append(terms_in(area, charge, Said(*item[:3], ratio)))
        return made


def place_of(charge: Charge, provider: Provider) -> Place:
    """Where the entry of a line stands."""
    return Place(provider.area, charge.code, day_number(charge.served_on), provider.level)
