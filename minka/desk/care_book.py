"""Reference data of care in memory: areas, providers and contracts, plans, and rule numbers.

Read whole when it changes; the register's version row says when. No decision about a person or a
card rests on it alone: the contract of a provider is dated data, not a state of somebody.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from minka.care.decide import Contract
from minka.care.plan import Extra, Plan, VisitKind, plan
from minka.care.state import Coverage
from minka.law.benefits import benefits
from minka.store.connection import Connection, do, rows, the_row
from minka.store.hot.arrays import day


@dataclass(frozen=True, slots=True)
class Area:
    """A pooling area: whose benefit rules and whose dialect of the interface apply."""

    area: int
    region: str
    benefits: str
    overlay: str
    name: str


@dataclass(frozen=True, slots=True)
class Provider:
    """A place of care and its contracts."""

    provider_no: int
    fixmedins_code: str
    area: int
    kind: str
    level: int
    name: str
    uscc: str
    contracts: tuple[Contract, ...]


@dataclass(slots=True)
class CareBook:
    """What a settlement needs to know that is about no person."""

    version: int = 0
    areas: dict[int, Area] = field(default_factory=dict)
    providers: dict[int, Provider] = field(default_factory=dict)
    by_code: dict[str, Provider] = field(default_factory=dict)
    rules: dict[str, int] = field(default_factory=dict)
    _plans: dict[tuple[int, ...], tuple[Plan, str, int]] = field(default_factory=dict)

    def plan(self, person: Coverage, on: int, *, level: int, basis: int) -> tuple[Plan, str, int]:
        """The plan of the rules in force on a day, their reference, and the year they count in."""
        key = (person.area, on, person.scheme, person.psn_type, level, basis, person.civil)
        found = self._plans.get(key)
        if found is None:
            if len(self._plans) > 20_000:
                self._plans.clear()
            served: date = day(on)
            law = benefits(self.areas[person.area].benefits, served)
            made = plan(
                law,
                scheme=person.scheme,
                psn_type=person.psn_type,
                level=level,
                kind=VisitKind(basis),
                extras=Extra.CIVIL if person.civil else Extra.NONE,
            )
            found = self._plans[key] = (made, law.ref, served.year)
        return found


def read_book(connection: Connection, book: CareBook) -> CareBook:
    """Bring a book up to the register's version of the reference data."""
    version: int = the_row(connection, "hot.version")["version"]
    if version == book.version:
        return book
    contracts: dict[int, list[Contract]] = {}
    for each in rows(connection, "hot.designations"):
        dated = Contract(each["scheme"], each["from_day"], each["until_day"])
        contracts.setdefault(each["provider_no"], []).append(dated)
    providers = {
        each["provider_no"]: Provider(
            **each, contracts=tuple(contracts.get(each["provider_no"], ()))
        )
        for each in rows(connection, "hot.providers")
    }
    return CareBook(
        version,
        {each["area"]: Area(**each) for each in rows(connection, "hot.areas")},
        providers,
        {each.fixmedins_code: each for each in providers.values()},
        known_rules(connection),
    )


def known_rules(connection: Connection) -> dict[str, int]:
    """The number of every rule version that ever split a bill."""
    return {each["ref"]: each["rule_no"] for each in rows(connection, "hot.rules")}


def number_rule(connection: Connection, ref: str) -> dict[str, int]:
    """Give a rule version its number, and all numbers."""
    do(connection, "hot.add_rule", ref=ref)
    return known_rules(connection)
