"""What a provider may ask about a person: who he is, how insured, what was settled, what is used.

The person shows himself by a credential first (1101), which stands in the audit as a look; later
questions name the number that look gave.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from minka.care.entry import Entry
from minka.care.plan import VisitKind
from minka.care.refusals import CareRefusal
from minka.care.state import Coverage
from minka.desk.care_book import CareBook, Provider
from minka.desk.office import Office
from minka.desk.visit import Showing, sex_of, shows_wrong, who_shows
from minka.desk.visit_act import Message, audited_look, coverage_of
from minka.desk.visit_refusals import VisitRefusal
from minka.kit.clock import CHINA
from minka.kit.identity import age_on, normal_form
from minka.kit.outcome import Refused
from minka.kit.secret import Clear
from minka.law.benefits import NoBenefits
from minka.people.names import same_name
from minka.store import cards, people
from minka.store.connection import Connection, row, the_row
from minka.store.hot.arrays import day, day_number, instant

_BOUNDLESS = 9_999_999


@dataclass(frozen=True, slots=True)
class Stated:
    """What else a question says of the person; empty texts say nothing."""

    number: Clear = field(default_factory=lambda: Clear(""))
    name: Clear = field(default_factory=lambda: Clear(""))


@dataclass(frozen=True, slots=True)
class Identified:
    """A person who showed himself, clear for the provider who treats him."""

    coverage: Coverage
    number: Clear
    name: Clear
    sex: str
    born_on: date | None
    age: int
    employer: str
    at: datetime
    chip: bytes = b""
    """The identification code of the card's chip, once it was met."""

    @property
    def paused(self) -> int:
        """One while the benefits are suspended."""
        return int(instant(self.at) < self.coverage.suspended_until)


def identify(
    office: Office, message: Message, showing: Showing, stated: Stated
) -> Identified | Refused:
    """1101: who shows this, and how insured; a card that is stopped or replaced shows nobody.

    Refusals: ``CareRefusal.CARD_UNKNOWN``, ``CARD_STOPPED``, ``CREDENTIAL_WRONG``;
    ``VisitRefusal.NO_SUCH_PERSON`` for a person without coverage.
    """
    with office.register.act() as connection:
        at = cards.now(connection, office.fence())
        person_id = who_shows(connection, office.keys, showing, at)
        if not person_id:
            unknown = CareRefusal.CARD_UNKNOWN if showing.credential == 3 else None
            return Refused(unknown or CareRefusal.CREDENTIAL_WRONG)
        coverage = covered(connection, office, person_id)
        if coverage is None:
            return Refused(VisitRefusal.NO_SUCH_PERSON)
        wrong = shows_wrong(connection, office.keys, coverage, showing, at=at)
        if wrong is not None:
            return Refused(wrong, {"hotline": "12333"})
        found = _opened(connection, office, coverage, at)
        if not _agrees(found, stated):
            return Refused(CareRefusal.CREDENTIAL_WRONG)
        asked = Message(
            message.msg_no, message.provider, person_id, message.infno, b"", message.opter
        )
        audited_look(connection, asked, at, "name,number,birthday,balance")
        return found


def covered(connection: Connection, office: Office, person_id: int) -> Coverage | None:
    """A person's coverage as it stands, without a lock."""
    found = row(connection, "visit.look", person_id=person_id, fence=office.fence())
    if found is None:
        return None
    found.pop("at")
    return coverage_of(found)


def _opened(connection: Connection, office: Office, coverage: Coverage, at: datetime) -> Identified:
    person = the_row(connection, "visit.person", person_id=coverage.person_id)
    number = office.keys.unseal(people.NUMBER, person["number_sealed"])
    born = person["born_on"]
    return Identified(
        coverage,
        number,
        office.keys.unseal(people.NAME, person["name_sealed"]),
        sex_of(number),
        born,
        age_on(born, at.astimezone(CHINA).date()) if born else 0,
        person["employer_name"],
        at,
        bytes(person["chip"] or b""),
    )


def _agrees(found: Identified, stated: Stated) -> int:
    """Whether what else was said is true of the person."""
    number, name = stated.number.reveal(), stated.name.reveal()
    same = not number or normal_form(number) == found.number.reveal()
    return int(same and (not name or bool(same_name(name, found.name.reveal()))))


@dataclass(frozen=True, slots=True)
class Benefit:
    """Whether one fund pays for a person; ``why`` says what stands in the way."""

    fund: str
    from_on: date
    until_on: date | None
    why: str = ""


FUNDS = {310: "310100", 390: "390100"}
"""The basic fund of a scheme; schemes that are not named draw on the employees' fund."""


def benefits_of(
    office: Office, book: CareBook, *, person_id: int, scheme: int, basis: int, on: date,
    provider: Provider
) -> list[Benefit] | Refused:  # fmt: skip
    """2001: what each fund says to a visit of this kind on a day at a provider."""
    with office.register.act() as connection:
        at = cards.now(connection, office.fence())
        coverage = covered(connection, office, person_id)
    if coverage is None or coverage.scheme != scheme:
        return Refused(CareRefusal.SCHEME_WRONG if coverage else VisitRefusal.NO_SUCH_PERSON)
    why = _hindered(coverage, provider, on, instant(at)) or _unplanned(
        book, coverage, on, provider=provider, basis=basis
    )
    return list(_funds(coverage, why))


def _hindered(coverage: Coverage, provider: Provider, on: date, at: int) -> str:
    number = day_number(on)
    if not any(c.scheme == coverage.scheme and c.from_on <= number < c.until_on
               for c in provider.contracts):  # fmt: skip
        return CareRefusal.NOT_DESIGNATED.words.zh_hans
    if not coverage.covered_from <= number < coverage.covered_until:
        return CareRefusal.NOT_COVERED.words.zh_hans
    return CareRefusal.SUSPENDED.words.zh_hans if at < coverage.suspended_until else ""


def _unplanned(
    book: CareBook, coverage: Coverage, on: date, *, provider: Provider, basis: int
) -> str:
    try:
        book.plan(coverage, day_number(on), level=provider.level, basis=basis)
    except NoBenefits:
        return CareRefusal.SCHEME_WRONG.words.zh_hans
    return ""


def _funds(coverage: Coverage, why: str) -> Iterator[Benefit]:
    ends = None if coverage.covered_until >= _BOUNDLESS else day(coverage.covered_until)
    funds = [FUNDS.get(coverage.scheme, FUNDS[310])]
    if coverage.scheme == 310:
        funds += ["310200", "330100"]
    else:
        funds.append("390200")
    if coverage.civil:
        funds.append("320100")
    for fund in funds:
        yield Benefit(fund, day(coverage.covered_from), ends, why)


@dataclass(frozen=True, slots=True)
class Found:
    """A settlement of a provider with what surrounds it."""

    entry: Entry
    shown: str
    begun_on: date
    ended_on: date
    undone: int
    disease: tuple[str, str]


def settlement_of(
    office: Office, provider: Provider, *, person_id: int, visit_no: int, key: tuple[int, int]
) -> Found | Refused:
    """5203: a settlement or refund of this provider. ``CareRefusal.SETTLEMENT_UNKNOWN``."""
    with office.register.act() as connection:
        found = row(connection, "visit.settlement", msg_no=key[0], origin_no=key[1])
    asked = (person_id, visit_no, provider.provider_no)
    if found is None or (found["person_id"], found["visit_no"], found["origin_no"]) != asked:
        return Refused(CareRefusal.SETTLEMENT_UNKNOWN)
    at: datetime = found["at"]
    changed: Mapping[str, Any] = found["changed"] or {}
    shown: str = found["shown"]
    if changed:
        shown = f"{shown.rpartition('|')[0]}|{changed['med_type']}"
    values = {name: found[name] for name in Entry._fields}
    values |= {"at": instant(at), "reason": found["reason"].encode()}
    return Found(
        Entry(**values),
        shown,
        found["begun_at"].astimezone(CHINA).date(),
        (found["left_at"] or at).astimezone(CHINA).date(),
        found["undone"],
        (changed.get("dise_codg", ""), changed.get("dise_name", "")),
    )


ACCUMULATORS = (
    *("op_deductible", "op_scope", "op_fund", "admissions", "pool_paid", "large_paid"),
    "own_scope",
)
"""What a year counts, by the names of the coverage row; admissions are a number, the rest fen."""


@dataclass(frozen=True, slots=True)
class Used:
    """What a year had used at the end of a month."""

    scheme: int
    year: int
    month: str
    sums: Mapping[str, int]


def used_by(office: Office, person_id: int, month: str) -> Used | Refused:
    """5206: the year's sums at the end of a month (``yyyymm``; empty for now).

    They are added up from the journal, not read from a counter.
    """
    with office.register.act() as connection:
        at = cards.now(connection, office.fence()).astimezone(CHINA)
        coverage = covered(connection, office, person_id)
        if coverage is None:
            return Refused(VisitRefusal.NO_SUCH_PERSON)
        month = month or f"{at:%Y%m}"
        year, nth = int(month[:4]), int(month[4:])
        until = datetime(year + nth // 12, nth % 12 + 1, 1, tzinfo=CHINA)
        since = datetime(year, 1, 1, tzinfo=CHINA)
        span = {"person_id": person_id, "year": year, "since": since, "until": until}
        found = the_row(connection, "visit.accumulated", **span)
    sums = {name: found[name] for name in ACCUMULATORS}
    return Used(coverage.scheme, year, month, sums)


KINDS = {14: VisitKind.CHRONIC, 41: VisitKind.PHARMACY}
_STAYS = frozenset({21, 22, 23, 24, 52, 53})


def kind_of(med_type: str) -> VisitKind:
    """The kind of visit that benefits tell apart, by the interface's med_type."""
    number = int(med_type[:2]) if med_type.isascii() and med_type.isdigit() else 0
    if number in _STAYS:
        return VisitKind.INPATIENT
    return KINDS.get(number, VisitKind.OUTPATIENT)
