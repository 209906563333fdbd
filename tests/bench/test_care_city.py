"""The demo city of care: everyone covered, every balance carried by the books (G1, G4, I9)."""

from __future__ import annotations

import stat
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from stdnum.cn import uscc

from minka.bench import care_catalogue as catalogue
from minka.bench import care_city
from minka.bench.city import laws_now, seed_people
from minka.bench.people import invent
from minka.desk.office import Office


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of the city's own."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def seeded(office: Office, home: Path) -> int:
    """How many people of R1 and R2 the first seeding covered."""
    laws = [law for law in laws_now(office) if law.id in ("R1", "R2")]
    seed_people(office, laws)
    codes = {law.id: law.administrative_code for law in laws}
    return care_city.seed_care(office, home, laws, invent(codes))


def ask(url: str, words: str) -> list[dict[str, Any]]:
    """Rows of a question put by the owner."""
    with psycopg.connect(url, row_factory=dict_row) as connection:
        return connection.execute(words.encode()).fetchall()


def test_everyone_is_covered_once(
    office: Office, home: Path, database_url: str, seeded: int
) -> None:
    """A second seeding finds nothing to do (G1)."""
    assert seeded == ask(database_url, "select count(*) as n from person")[0]["n"] > 100
    laws = [law for law in laws_now(office) if law.id in ("R1", "R2")]
    codes = {law.id: law.administrative_code for law in laws}
    assert care_city.seed_care(office, home, laws, invent(codes)) == 0


def test_every_kind_of_coverage_is_there(database_url: str, seeded: int) -> None:
    """Employees and residents, retired, children, civil servants, one suspended, one ended."""
    kinds = ask(database_url, "select scheme, psn_type, count(*) n from coverage group by 1, 2")
    found = {(k["scheme"], k["psn_type"]): k["n"] for k in kinds}
    assert set(found) == {(310, 11), (310, 12), (390, 14), (390, 15)}
    assert found[310, 11] + found[310, 12] > found[390, 14] + found[390, 15]
    others = ask(
        database_url,
        "select count(*) filter (where civil > 0) civil,"
        " count(*) filter (where suspended_until > now()) suspended,"
        " count(*) filter (where covered_until <= now()) ended from coverage",
    )[0]
    assert (others["civil"] > 3, others["suspended"], others["ended"]) == (True, 1, 1)


def test_balances_are_what_the_books_carry(database_url: str, seeded: int) -> None:
    """The narrow row is the sum of the legs, the chain of links is whole (G4, P8)."""
    wrong = """
        select c.person_id from coverage c
        left join (select owner, sum(amount) s from posting where kind = 1 group by 1) p
            on p.owner = c.person_id
        left join ledger_entry e on e.entry_no = c.prev_msg_no and e.person_id = c.person_id
        where c.balance_fen <> coalesce(p.s, 0) or c.balance_fen <> coalesce(e.balance, 0)"""
    assert ask(database_url, wrong) == []
    assert ask(database_url, "select sum(amount) s from posting")[0]["s"] == 0
    links = "select count(*) n from ledger_entry where prev_msg_no = 0"
    accounts = "select count(*) n from coverage where balance_fen > 0"
    assert ask(database_url, links)[0]["n"] == ask(database_url, accounts)[0]["n"] > 50


def test_a_card_can_settle_at_once(database_url: str, seeded: int) -> None:
    """The coverage follows the card of its person (I9)."""
    found = ask(
        database_url, "select count(*) n from coverage where card_id > 0 and open_from < now()"
    )
    assert found[0]["n"] == seeded


def test_a_balance_below_zero_is_refused(database_url: str, seeded: int) -> None:
    """The narrow row itself forbids it (G4)."""
    with psycopg.connect(database_url) as owner, pytest.raises(psycopg.errors.CheckViolation):
        owner.execute("update coverage set balance_fen = -1 where person_id = 1")


def test_providers_are_invented_and_well_formed(database_url: str, seeded: int) -> None:
    """Twelve characters, a valid credit code, an area that no place has."""
    found = ask(database_url, "select * from provider")
    assert len(found) == 10
    for each in found:
        assert len(each["fixmedins_code"]) == 12
        assert uscc.is_valid(each["uscc"])
        assert str(each["area"]).startswith("1199")


def test_some_contracts_have_ended(database_url: str, seeded: int) -> None:
    """A contract that ended, a pause, and a pharmacy for employees only (K6)."""
    rows = ask(database_url, "select provider_no, scheme, until_on < now() ended from designation")
    assert any(row["ended"] for row in rows)
    residents_now = {r["provider_no"] for r in rows if r["scheme"] == 390 and not r["ended"]}
    assert {row["provider_no"] for row in rows} - residents_now


def test_the_keys_of_a_provider_are_its_own(home: Path, database_url: str, seeded: int) -> None:
    """The home's file opens for its owner alone and fits what the register holds."""
    path = care_city.client_file(home, "H11990100001")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    mine = care_city.read_client(home, "H11990100001")
    held = ask(database_url, "select * from insurance_client where origin_no = 9901001")[0]
    assert held["public_key"].hex() == mine["public_key"]
    assert held["secret"].decode() == mine["secret"]


def test_the_catalogue_is_dated() -> None:
    """Limits and ratios follow one another without a gap, and 丙 has neither."""
    own = {item.code for item in catalogue.items() if item.category == 3}
    assert len({item.code for item in catalogue.items()}) == 120
    limits = list(catalogue.limits(119901, 2026))
    first = [each for each in limits if each.until_on == date(2026, 1, 1)]
    assert {(e.code, e.level) for e in first} == {
        (e.code, e.level) for e in limits if e.from_on == date(2026, 1, 1)
    }
    assert not own & {each.code for each in limits}
    assert not own & {each.code for each in catalogue.ratios(119901, 2026)}
