"""A town for measurements: people, cards, visits and bills by the million, within a minute.

Everything is made inside the database from series of numbers, so that nothing but the register's
own writing costs time. What is written agrees with itself as if it had happened: every balance has
its opening entry, every card its life, every blocked card its block.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import psycopg
from psycopg.rows import dict_row

from minka.bench import care_city
from minka.bench.care_city import Provider, credit_code
from minka.bench.crowd import Holder
from minka.cipher.field import FieldKeys
from minka.store.connection import Connection
from minka.store.people import NewPerson, sealed_row

FIRST_AREA = 119901
FACES = 997
"""So many different names and numbers there are; the rest of the people repeat them."""
HOSPITALS = 8
"""Hospitals of each area."""
SCHEME = 310
STRIDE = 7919
"""From one bill to the next the person changes by so many."""
YEAR = 2026
SECRET = "a secret of the gateway, for measurements only"
LETTERS = "RSTUVW"
"""Letters of the card numbers, one for each ten million."""


@dataclass(frozen=True, slots=True)
class Town:
    """How large, and how many cannot pay by card or by account."""

    people: int
    bills: int
    """Visits with one uploaded bill each, dealt out to the people in turn."""
    areas: int = 1
    blocked_e4: int = 50
    """Of ten thousand people so many whose card is lost for good."""
    poor_e4: int = 500
    """Of ten thousand people so many who have less than five yuan."""


_AREAS = """
insert into pooling_area
select %(first_area)s + a, 'R1', %(benefits)s, %(overlay)s, '测试统筹区' || a
from generate_series(0, %(areas)s - 1) a on conflict do nothing
"""
_PEOPLE = """
insert into person (person_id, region, number_index, number_sealed, number_mask, name_sealed,
    name_index, name_mask, born_on, registered_at)
select i, 'R1', case when i <= %(faces)s then f.number_index else decode(md5(i::text), 'hex') end,
    f.number_sealed, f.number_mask, f.name_sealed, f.name_index, f.name_mask, f.born_on, %(at)s
from generate_series(1, %(people)s::bigint) i join face f on f.n = 1 + (i - 1) %% %(faces)s
"""
_REGISTRY = """
insert into person_registry
select number_index, person_id from person order by number_index
"""
_CARD_NUMBER = """
create function pg_temp.card_number(i bigint) returns text language sql immutable as $$
    select letter || lpad(digits::text, 7, '0') || substr('0123456789X0', 12 - (
        3 * (ascii(letter) - 55) + 7 * (digits / 1000000) + 9 * (digits / 100000 %% 10)
        + 10 * (digits / 10000 %% 10) + 5 * (digits / 1000 %% 10) + 8 * (digits / 100 %% 10)
        + 4 * (digits / 10 %% 10) + 2 * (digits %% 10))::integer %% 11, 1)
    from (select substr('{letters}', 1 + ((i - 1) / 10000000)::integer, 1) letter,
        (i - 1) %% 10000000 digits) d
$$
"""
_CARDS = """
insert into card (person_id, card_id, kind, region, card_number, status, last_at, made_at)
select i, i, 'social_security_card', 'R1', pg_temp.card_number(i), 'active', %(at)s, %(at)s
from generate_series(1, %(people)s::bigint) i
"""
_CARD_REGISTRY = """
insert into card_registry select card_number, person_id, card_id from card
"""
_MOVES = """
insert into card_move
select i, i, 1, %(at)s, 'activate', 'active', 'bench' from generate_series(1, %(people)s::bigint) i
"""
_COVERAGE = """
insert into coverage (person_id, scheme, psn_type, area, covered_from, card_id, card_number,
    open_from, open_until, last_at, balance_fen, prev_msg_no)
select i, %(scheme)s, case when i %% 5 = 0 then 12 else 11 end,
    %(first_area)s + i %% %(areas)s, '2020-01-01', i, k.card_number,
    case when i %% 10000 < %(blocked_e4)s then 'infinity'::timestamptz else '-infinity' end,
    'infinity', %(at)s, amount, i
from card k cross join lateral (select k.card_id i) n cross join lateral (select case
    when i * 7919 %% 10000 < %(poor_e4)s then i %% 500 else 200000 + i * 31 %% 300000 end amount) m
"""
_OPENINGS = """
insert into ledger_entry
select person_id, person_id, %(at)s, 'opening', null, 'bench:' || person_id, '{1,14}',
    array[person_id, area::bigint * 1000 + scheme], array[balance_fen, -balance_fen],
    balance_fen, 0, 0, 'bench', '{}'
from coverage order by person_id
"""
_BLOCKS = """
insert into block
select i, i, i, 'formal', %(at)s, null, null, 'none', 'bench'
from generate_series(1, %(people)s::bigint) i where i %% 10000 < %(blocked_e4)s
"""
_VISITS = """
insert into visit
select j, p, provider_no, 1, 11, %(scheme)s, 3, p, 'O' || j, %(at)s, %(at)s, '{}'
from generate_series(1, %(bills)s::bigint) j cross join lateral (
    select 1 + (j * %(stride)s) %% %(people)s p) who cross join lateral (
    select ((%(first_area)s + p %% %(areas)s) %% 10000) * 1000 + 1 + (j * 31) %% %(hospitals)s
        as provider_no) place
"""
_FEES = """
insert into fee_upload
select visit_no, person_id, visit_no, 'B1', %(at)s, %(day)s, 0, own + beyond + ahead + scope,
    own, beyond, ahead, scope, %(lines)s::jsonb
from visit cross join lateral (select
    case when visit_no %% 7 = 0 then 2000 else 0 end own,
    case when visit_no %% 11 = 0 then 350 else 0 end beyond,
    visit_no * 37 %% 1500 ahead, 3000 + visit_no * 1009 %% 60000 scope) a
order by visit_no
"""
STEPS = (
    *(_AREAS, _PEOPLE, _REGISTRY, _CARDS, _CARD_REGISTRY, _MOVES, _COVERAGE, _OPENINGS, _BLOCKS),
    *(_VISITS, _FEES),
)
_FACE = """
create temp table face (n integer primary key, number_index bytea, number_sealed bytea,
    number_mask text, name_sealed bytea, name_index bytea, name_mask text, born_on date)
"""
_ADD_FACE = """
insert into face values (%(n)s, %(number_index)s, %(number_sealed)s, %(number_mask)s,
    %(name_sealed)s, %(name_index)s, %(name_mask)s, %(born_on)s)
"""
_SEQUENCES = """
select setval('person_id_seq', %(people)s), setval('card_id_seq', %(people)s),
    setval('fact_id_seq', greatest(%(people)s, 1)), setval('ledger_no_seq', %(people)s),
    setval('visit_no_seq', %(bills)s), setval('fee_no_seq', %(bills)s)
"""
FILLED = (
    *("person", "person_registry", "card", "card_registry", "card_move", "coverage"),
    *("ledger_entry", "block", "visit", "fee_upload"),
)


@contextmanager
def unchecked(url: str) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    """The owner's connection without triggers or waiting for the disk: for filling only."""
    with psycopg.connect(url, row_factory=dict_row, autocommit=True) as owner:
        owner.execute("set session_replication_role = replica")
        owner.execute("set synchronous_commit = off")
        owner.execute("set work_mem = '256MB'")
        yield owner


def found(url: str, keys: FieldKeys, town: Town, *, public_key: bytes = b"") -> list[Provider]:
    """Make the town in a fresh register; gives its hospitals. Written in the owner's role."""
    hospitals = list(hospitals_of(town))
    with unchecked(url) as owner:
        at = owner.execute("select register_now() - interval '2 hours' as at").fetchone()
        assert at is not None
        values = {
            **asdict(town),
            "at": at["at"],
            "day": at["at"].date(),
            "first_area": FIRST_AREA,
            "benefits": "demo-city-A",
            "overlay": care_city.OVERLAY,
            "scheme": SCHEME,
            "faces": FACES,
            "stride": STRIDE,
            "hospitals": HOSPITALS,
            "lines": "[]",
        }
        owner.execute(_FACE.encode())
        with owner.cursor() as cursor:
            cursor.executemany(_ADD_FACE, list(_faces(keys)))
        owner.execute(_CARD_NUMBER.format(letters=LETTERS).replace("%%", "%").encode())
        for step in STEPS:
            owner.execute(step.encode(), values)
        _settle_in(owner, town, hospitals, public_key)
        owner.execute(_SEQUENCES.encode(), values)
        for table in FILLED:
            owner.execute(f"vacuum (analyze, freeze) {table}".encode())
        owner.execute("checkpoint")
    return hospitals


def _faces(keys: FieldKeys) -> Iterator[dict[str, Any]]:
    for n in range(1, FACES + 1):
        holder = Holder(n)
        yield {"n": n, **sealed_row(keys, NewPerson("R1", holder.number, holder.name), n)}


def hospitals_of(town: Town) -> Iterator[Provider]:
    """The hospitals of every area of a town."""
    for area in range(FIRST_AREA, FIRST_AREA + town.areas):
        for nth in range(1, HOSPITALS + 1):
            number = area % 10_000 * 1_000 + nth
            code = f"H{area}{nth:05d}"
            named = (area, "hospital", 1 + nth % 3, f"测试医院{number}")
            yield Provider(number, code, *named, credit_code(area, number), "")


def _settle_in(owner: Connection, town: Town, hospitals: list[Provider], public_key: bytes) -> None:
    """Hospitals with contracts and a catalogue; each gets an application id and a secret."""
    with owner.cursor() as cursor:
        cursor.executemany(
            "insert into provider values (%s, %s, %s, %s, %s, %s, %s, %s)",
            [[getattr(each, name) for name in each.__slots__] for each in hospitals],
        )
        cursor.executemany(
            "insert into designation (provider_no, scheme, from_on) values (%s, %s, '2019-01-01')",
            [(each.provider_no, SCHEME) for each in hospitals],
        )
        cursor.executemany(
            "insert into insurance_client (origin_no, paasid, secret, public_key)"
            " values (%s, %s, %s, %s)",
            [
                (h.provider_no, f"bench_{h.provider_no}", SECRET.encode(), public_key)
                for h in hospitals
            ],
        )
    for area in range(FIRST_AREA, FIRST_AREA + town.areas):
        care_city.seed_catalogue(owner, area, YEAR)


def card_number(person_id: int) -> str:
    """The number on the card of a person of the town."""
    from minka.cards import number

    letter, serial = divmod(person_id - 1, 10_000_000)
    return number.card_number(LETTERS[letter], serial)


def holder_of(bill: int, town: Town) -> int:
    """Whose bill it is."""
    return 1 + bill * STRIDE % town.people


def provider_of(bill: int, town: Town) -> int:
    """Which hospital wrote a bill."""
    area = FIRST_AREA + holder_of(bill, town) % town.areas
    return area % 10_000 * 1_000 + 1 + bill * 31 % HOSPITALS


def area_of(person_id: int, town: Town) -> int:
    """Where a person is insured."""
    return FIRST_AREA + person_id % town.areas


def bill_of(bill: int) -> tuple[int, int, int, int, int]:
    """What a bill comes to, in fen: total, own pay, over the limit, paid first, in scope."""
    own = 2_000 if bill % 7 == 0 else 0
    beyond = 350 if bill % 11 == 0 else 0
    ahead, scope = bill * 37 % 1_500, 3_000 + bill * 1_009 % 60_000
    return own + beyond + ahead + scope, own, beyond, ahead, scope


def is_blocked(person_id: int, town: Town) -> int:
    """One when the card of a person was lost before the measurement began."""
    return int(person_id % 10_000 < town.blocked_e4)
