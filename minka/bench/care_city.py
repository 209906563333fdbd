"""The demo city's care: providers and their contracts, the catalogue, who is covered, balances.

Everything is invented. Area codes are those of the invented people (see people.area_of), codes of
providers follow the national shape of twelve characters, and a year of monthly allocations stands
in the books of everyone who has an individual account.
"""

from __future__ import annotations

import json
import random
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from gmssl_pyx import sm2_key_generate
from psycopg import sql
from psycopg.types.json import Jsonb
from stdnum.cn import uscc

from minka.bench import care_catalogue as catalogue
from minka.bench.people import Invented, area_of
from minka.bench.places import InventedPlace, places
from minka.desk.office import Office
from minka.doors.settings import write_once
from minka.kit.clock import CHINA
from minka.law.benefits import benefits
from minka.law.region import RegionLaw
from minka.store import cards, people
from minka.store.care import begin_coverage
from minka.store.connection import Connection

OVERLAY = "demo"
EMPLOYEES, RESIDENTS = 310, 390
IN_WORK, RETIRED, CHILD, ADULT_RESIDENT = 11, 12, 14, 15
SUSPENDED_SERIAL, ENDED_SERIAL = 23, 24
"""In R1: the person whose coverage is suspended, and the one covered until last month."""
INDIVIDUAL, TREASURY = 1, 14
FOLDER = "care"
"""Where the keys of the demo providers lie in a home."""

_FIRST_PHARMACY = 501


@dataclass(frozen=True, slots=True)
class Provider:
    """One invented hospital or pharmacy as the register knows it."""

    provider_no: int
    fixmedins_code: str
    area: int
    kind: str
    level: int
    name: str
    uscc: str
    place_id: str


@dataclass(frozen=True, slots=True)
class Designation:
    """A contract of a provider with a scheme; ``until_on`` is the first day without it."""

    provider_no: int
    scheme: int
    from_on: date
    until_on: date = date.max


@dataclass(frozen=True, slots=True)
class Cover:
    """How an invented person is insured."""

    scheme: int
    psn_type: int
    civil: int
    covered_from: date
    covered_until: date = date.max
    suspended: int = 0
    """Days from now for which the coverage is suspended."""
    monthly_fen: int = 0
    """What comes into the individual account each month; nothing for residents."""
    opening_fen: int = 0


def area_number(law: RegionLaw) -> int:
    """The pooling area of a region: six digits that no place has."""
    return int(area_of(law.administrative_code))


def providers(law: RegionLaw) -> Iterator[Provider]:
    """The hospitals and pharmacies of a region's invented places."""
    of_kind = {
        kind: [p for p in places(law) if p.kind == kind] for kind in ("hospital", "pharmacy")
    }
    for kind, first in (("hospital", 1), ("pharmacy", _FIRST_PHARMACY)):
        for nth, place in enumerate(of_kind[kind], start=first):
            yield _provider(area_number(law), kind, nth, place)


def _provider(area: int, kind: str, nth: int, place: InventedPlace) -> Provider:
    number = area % 10_000 * 1_000 + nth
    return Provider(
        provider_no=number,
        fixmedins_code=f"{kind[0].upper()}{area}{nth:05d}",
        area=area,
        kind=kind,
        level=place.hospital_class or 1,
        name=place.name,
        uscc=credit_code(area, number),
        place_id=place.place_id,
    )


def credit_code(area: int, serial: int) -> str:
    """A unified social credit code with valid check characters of an organisation nobody knows."""
    digits = f"{serial:08d}"
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    rest = -sum(w * int(d) for w, d in zip(weights, digits, strict=True)) % 11
    first = f"52{area:06d}{digits}{'0123456789X'[rest]}"
    check: str = uscc.calc_check_digit(first)
    return first + check


def designations(provider: Provider, today: date) -> Iterator[Designation]:
    """Both schemes for most; the last pharmacy serves one only, the first hospital had a pause."""
    opened = date(2019, 1, 1)
    nth = provider.provider_no % 1_000
    if nth == _FIRST_PHARMACY + 1:
        yield Designation(provider.provider_no, EMPLOYEES, opened)
        yield Designation(provider.provider_no, RESIDENTS, opened, date(today.year, 1, 1))
        return
    for scheme in (EMPLOYEES, RESIDENTS):
        if nth == 1:
            yield Designation(provider.provider_no, scheme, opened, date(2022, 7, 1))
            yield Designation(provider.provider_no, scheme, date(2022, 10, 1))
        else:
            yield Designation(provider.provider_no, scheme, opened)


def cover_of(person: Invented, today: date) -> Cover:
    """How a person is insured: from his birthday, his employer and his place in the list."""
    rnd = random.Random(f"cover {person.region} {person.serial}")
    began = date(2012 + person.serial % 8, 1 + person.serial % 12, 1)
    age = today.year - int(person.number.reveal()[6:10])
    if person.guardian or (person.serial > 8 and person.serial % 9 == 7):
        kind = CHILD if person.guardian else ADULT_RESIDENT
        return Cover(RESIDENTS, kind, 0, began if age > 18 else date(today.year - 1, 1, 1))
    kind = RETIRED if age >= 60 else IN_WORK
    monthly = rnd.randint(80, 240) * 100 + rnd.randint(0, 99)
    special = person.serial if person.region == "R1" else 0
    return Cover(
        scheme=EMPLOYEES,
        psn_type=kind,
        civil=int(person.serial % 12 == 5),
        covered_from=began,
        covered_until=today.replace(day=1) if special == ENDED_SERIAL else date.max,
        suspended=60 if special == SUSPENDED_SERIAL else 0,
        monthly_fen=monthly,
        opening_fen=monthly * rnd.randint(0, 20),
    )


def seed_care(
    office: Office, home: Path, laws: Sequence[RegionLaw], who: Iterable[Invented]
) -> int:
    """Write the city's care down where it is missing; gives how many people are newly covered."""
    areas = {law.id: area_number(law) for law in laws}
    with office.register.act() as connection:
        at = cards.now(connection, office.fence())
        today = at.astimezone(CHINA).date()
        for law in laws:
            _seed_area(connection, home, law, today)
        connection.execute("update care_version set version = version + 1")
        uncovered = _uncovered(connection, office, who)
        for person, person_id in uncovered:
            _cover(connection, person_id, areas[person.region], cover_of(person, today))
        accounts = [
            (person_id, areas[person.region], cover_of(person, today))
            for person, person_id in uncovered
        ]
        open_accounts(connection, [each for each in accounts if each[2].monthly_fen], at)
        return len(uncovered)


def _seed_area(connection: Connection, home: Path, law: RegionLaw, today: date) -> None:
    area = area_number(law)
    found = connection.execute("select from pooling_area where area = %s", (area,)).fetchone()
    if found is not None:
        return
    connection.execute(
        "insert into pooling_area values (%s, %s, %s, %s, %s)",
        (area, law.id, benefits(law.id, today).region, OVERLAY, f"{law.names.zh_hans}统筹区"),
    )
    here = list(providers(law))
    _copy(connection, "provider", ([*_fields(each)] for each in here))
    signed = (each for provider in here for each in designations(provider, today))
    _copy(connection, "designation", ([*_fields(each)] for each in signed))
    seed_catalogue(connection, area, today.year)
    for provider in here:
        _introduce(connection, home, provider)


def seed_catalogue(connection: Connection, area: int, year: int) -> None:
    """The catalogue of an area with this year's and last year's limits and ratios."""
    known = (
        (area, i.code, date(year - 2, 1, 1), _until(date.max), i.name, i.category, i.kind)
        for i in catalogue.items()
    )
    _copy(connection, "catalogue_item", known)
    limits = ([area, *_fields(each)] for each in catalogue.limits(area, year))
    _copy(connection, "price_limit", limits)
    ratios = ([area, *_fields(each)] for each in catalogue.ratios(area, year))
    _copy(connection, "selfpay_ratio", ratios)


def _fields(record: Any) -> Iterator[Any]:
    for name in record.__slots__:
        found = getattr(record, name)
        yield _until(found) if isinstance(found, date) else found


def _until(day: date) -> str:
    return "infinity" if day == date.max else day.isoformat()


def _copy(connection: Connection, table: str, lines: Iterable[Sequence[Any]]) -> None:
    words = sql.SQL("copy {} from stdin").format(sql.Identifier(table))
    with connection.cursor().copy(words) as copy:
        for line in lines:
            copy.write_row(line)


def _introduce(connection: Connection, home: Path, provider: Provider) -> None:
    """Give a provider the means to sign: half in the register, half in a file of the home."""
    keys = new_client(provider)
    path = client_file(home, provider.fixmedins_code)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    write_once(path, json.dumps(keys) + "\n")
    connection.execute(
        "insert into insurance_client (origin_no, paasid, secret, public_key, card_point)"
        " values (%s, %s, %s, %s, %s)",
        (
            provider.provider_no,
            keys["paasid"],
            keys["secret"].encode(),
            bytes.fromhex(keys["public_key"]),
            provider.place_id,
        ),
    )


def new_client(provider: Provider) -> dict[str, str]:
    """What a provider holds to speak to the platform: application id, secret, SM2 key pair."""
    public, private = sm2_key_generate()
    return {
        "fixmedins_code": provider.fixmedins_code,
        "name": provider.name,
        "area": str(provider.area),
        "paasid": f"demo_{provider.fixmedins_code.lower()}",
        "secret": secrets.token_hex(16),
        "public_key": public.hex(),
        "private_key": private.hex(),
    }


def client_file(home: Path, fixmedins_code: str) -> Path:
    """Where a demo provider's keys lie."""
    return home / FOLDER / f"{fixmedins_code}.json"


def _uncovered(
    connection: Connection, office: Office, who: Iterable[Invented]
) -> list[tuple[Invented, int]]:
    indexes = {people.number_index(office.keys, each.number): each for each in who}
    found = connection.execute(
        "select r.number_index, r.person_id from person_registry r"
        " left join coverage c using (person_id)"
        " where r.number_index = any(%s) and c.person_id is null",
        (list(indexes),),
    )
    return [(indexes[bytes(row["number_index"])], row["person_id"]) for row in found]


def _cover(connection: Connection, person_id: int, area: int, cover: Cover) -> None:
    begin_coverage(
        connection,
        person_id,
        scheme=cover.scheme,
        psn_type=cover.psn_type,
        area=area,
        civil=cover.civil,
        covered_from=cover.covered_from,
    )
    if cover.suspended or cover.covered_until != date.max:
        connection.execute(
            "update coverage set covered_until = %s,"
            " suspended_until = case when %s = 0 then suspended_until"
            "   else last_at + %s * interval '1 day' end where person_id = %s",
            (_until(cover.covered_until), cover.suspended, cover.suspended, person_id),
        )


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line of an individual account before it has a number."""

    at: datetime
    kind: str
    key: str
    amount: int


def _entries(person_id: int, cover: Cover, at: datetime) -> Iterator[_Entry]:
    """The opening a year ago, then one allocation a month."""
    first = at - timedelta(days=365)
    if cover.opening_fen:
        yield _Entry(first, "opening", f"seed:opening:{person_id}", cover.opening_fen)
    for month in range(12):
        day = first + timedelta(days=5 + 30 * month)
        key = f"seed:allocation:{person_id}:{day:%Y%m}:{month}"
        yield _Entry(day, "allocation", key, cover.monthly_fen)


def open_accounts(
    connection: Connection, accounts: Sequence[tuple[int, int, Cover]], at: datetime
) -> None:
    """Write a year of allocations for each (person, area, cover) and set the balances after it."""
    entries = {who: list(_entries(who, cover, at)) for who, _, cover in accounts}
    count = sum(map(len, entries.values()))
    found = connection.execute(
        "select nextval('ledger_no_seq') as no from generate_series(1, %s)", (count,)
    )
    numbers = iter([row["no"] for row in found])
    treasury = {who: area * 1_000 + cover.scheme for who, area, cover in accounts}
    ends: list[tuple[int, int, int]] = []
    lines: list[tuple[Any, ...]] = []
    for who, mine in entries.items():
        written = list(_linked((who, treasury[who]), mine, numbers))
        lines += written
        ends.append((written[-1][9], written[-1][0], who))
    _copy(connection, "ledger_entry", lines)
    with connection.cursor() as cursor:
        cursor.executemany(
            "update coverage set balance_fen = %s, prev_msg_no = %s, prev_origin_no = 0"
            " where person_id = %s",
            ends,
        )


def _linked(
    owners: tuple[int, int], entries: Iterable[_Entry], numbers: Iterator[int]
) -> Iterator[tuple[Any, ...]]:
    """Rows of ledger_entry, each linked to the one before and carrying the balance after it."""
    balance, before = 0, 0
    for each in entries:
        balance += each.amount
        number = next(numbers)
        legs = ([INDIVIDUAL, TREASURY], list(owners), [each.amount, -each.amount])
        head = (number, owners[0], each.at, each.kind, None, each.key)
        yield (*head, *legs, balance, before, 0, "seed", Jsonb({}))
        before = number


def read_client(home: Path, fixmedins_code: str) -> Mapping[str, str]:
    """A demo provider's keys."""
    found: dict[str, str] = json.loads(client_file(home, fixmedins_code).read_text("ascii"))
    return found
