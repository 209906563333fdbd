"""The monthly allocation: once for each person and month, also when many run it: I6, P7."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import psycopg
import pytest

from minka.desk import account_look as look
from minka.desk.allocate import AllocateMonth, allocate_month, month_key
from minka.desk.ledger import OpenBalance, open_balance
from minka.desk.office import Office
from minka.desk.verify import verify
from minka.law.allocation import allocation
from minka.store.connection import Connection
from tests.desk.money_town import AREA, found_area, insure, settle_on
from tests.desk.town import Resident, request

MAY, JUNE = date(2026, 5, 31), date(2026, 6, 1)


@pytest.fixture(scope="module", autouse=True)
def _area(office: Office) -> None:
    found_area(office)


@pytest.fixture
def people(office: Office, database_url: str) -> Iterator[list[Resident]]:
    """Twelve people, every third retired, and one of a type that is credited nothing."""
    types = [11, 11, 12] * 4 + [14]
    found = [insure(office, psn_type=psn_type) for psn_type in types]
    yield found
    with psycopg.connect(database_url) as connection:
        connection.execute("update coverage set covered_until = '2020-01-02'")


def fen(office: Office, people: list[Resident]) -> list[int]:
    """The balances of people."""
    found = [look.balance(office, each.person_id) for each in people]
    return [each.fen for each in found if each is not None]


def test_the_sums_are_the_citys_law(office: Office) -> None:
    """A number of regulation is data with a mark and a date, never code."""
    rule = allocation("demo-city-A", 310, MAY)
    assert rule is not None
    assert (rule.by_type, rule.mark) == ({11: 18_000, 12: 12_000}, "assumed")
    assert allocation("demo-city-A", 310, date(2017, 1, 1)) is None
    assert allocation("demo-city-A", 390, MAY) is None
    assert allocation("nowhere", 310, MAY) is None


def test_everybody_is_credited_once_a_month(office: Office, people: list[Resident]) -> None:
    """I6: by type; a second run credits nobody; the next month credits again."""
    first = allocate_month(office, request(), AllocateMonth(AREA, MAY), batch=5)
    assert (first.people, first.fen, first.mark) == (12, 8 * 18_000 + 4 * 12_000, "assumed")
    once = [18_000, 18_000, 12_000] * 4 + [0]
    assert fen(office, people) == once
    again = allocate_month(office, request(), AllocateMonth(AREA, date(2026, 5, 2)), batch=5)
    assert (again.people, again.fen) == (0, 0)
    assert allocate_month(office, request(), AllocateMonth(AREA, JUNE)).people == 12
    assert fen(office, people) == [2 * each for each in once]
    assert verify(office.register).differences == 0


def test_a_run_is_repeated_by_its_key(office: Office, people: list[Resident]) -> None:
    """X1: the same key gives the same answer, batch by batch, and credits nobody twice."""
    asked = request()
    first = allocate_month(office, asked, AllocateMonth(AREA, MAY), batch=5)
    again = allocate_month(office, asked, AllocateMonth(AREA, MAY), batch=5)
    assert (again.people, again.fen) == (first.people, first.fen)
    assert fen(office, people)[0] == 18_000


def test_where_no_rule_stands_nothing_is_credited(office: Office) -> None:
    """Refused by name; an area nobody knows too."""
    for command in (AllocateMonth(AREA, MAY, 390), AllocateMonth(1, MAY)):
        done = allocate_month(office, request(), command)
        assert done.refused is not None
        assert (done.people, done.refused.code) == (0, "accounts.no_allocation_rule")


def test_who_is_not_covered_in_the_month_is_passed_over(
    office: Office, people: list[Resident]
) -> None:
    """Cover that began after the month, or ended before it, brings nothing."""
    someone = people[0]
    done = allocate_month(office, request(), AllocateMonth(AREA, date(2019, 12, 1)))
    assert done.people == 0
    assert fen(office, [someone]) == [0]


def test_an_account_that_is_in_use_is_taken_at_the_end(
    office: Office, database_url: str, people: list[Resident]
) -> None:
    """The batch waits for nobody: who is locked is credited one by one when he is free."""
    with ThreadPoolExecutor(1) as pool, psycopg.connect(database_url) as busy:
        busy.execute("select from coverage where person_id = %s for update", (people[3].person_id,))
        running = pool.submit(allocate_month, office, request(), AllocateMonth(AREA, MAY), batch=4)
        entered = "select count(*) from ledger_entry where request_key = %s and person_id >= %s"
        for _ in range(100):
            with psycopg.connect(database_url) as reader:
                row = reader.execute(entered, (month_key(MAY), people[0].person_id)).fetchone()
            if row is not None and row[0] >= 11:
                break
            with psycopg.connect(database_url) as sleeper:
                sleeper.execute("select pg_sleep(0.05)")
        busy.rollback()
        assert running.result(timeout=20).people == 12
    assert fen(office, people)[3] == 18_000
    assert verify(office.register).differences == 0


def test_many_runs_and_settlements_at_once_credit_once(
    office: Office, people: list[Resident]
) -> None:
    """P7: four runs of the same month against settlements of the same people."""
    for each in people:
        opening = OpenBalance(each.person_id, 100_000, "x")
        assert open_balance(office, request(), opening).accepted

    def spend(person: Resident) -> int:
        for _ in range(10):
            with office.register.act() as connection:
                _pay(connection, person)
        return 0

    def run(_: int) -> int:
        return allocate_month(office, request(), AllocateMonth(AREA, MAY), batch=3).people

    with ThreadPoolExecutor(8) as pool:
        runs = [pool.submit(run, n) for n in range(4)]
        spent = [pool.submit(spend, each) for each in people[:6]]
        credited = [each.result(timeout=60) for each in runs]
        assert [each.result(timeout=60) for each in spent] == [0] * 6
    assert sum(credited) == 12
    want = [100_000 + each for each in [18_000, 18_000, 12_000] * 4 + [0]]
    assert fen(office, people) == [each - 1_000 * (number < 6) for number, each in enumerate(want)]
    assert verify(office.register).differences == 0


def _pay(connection: Connection, person: Resident) -> None:
    settle_on(connection, person.person_id, origin_no=1, in_scope=100, account=100)
