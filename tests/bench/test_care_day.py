"""A hospital's whole day through the client library: both books are equal at night (K6, X33)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from minka.bench.care_city import seed_care
from minka.bench.care_day import Day, live
from minka.bench.city import laws_now, seed_people
from minka.bench.counter import days_of, differences, open_counter
from minka.bench.hospital import outpatient
from minka.bench.people import invent
from minka.bench.scratch import scratch_office
from minka.bench.settle_checks import check
from minka.bench.settle_switch import switch
from minka.client import Cause, Success
from minka.desk.verify import verify
from minka.store.cluster import Cluster, create_database, drop_database
from minka.store.connection import Register

SECRET = secrets.token_bytes(32)


@dataclass(frozen=True, slots=True)
class Town:
    """A region of the demo city with a switch."""

    url: str
    switch_url: str
    home: Path


@pytest.fixture(scope="module")
def town(
    cluster: Cluster, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    """R1 of the demo city in a register of its own, settled over a switch."""
    name, home = f"day_{secrets.token_hex(6)}", tmp_path_factory.mktemp("home")
    create_database(cluster.url("postgres"), name, template=template)
    url = cluster.url(name)
    register = Register(url, wait_s=10)
    office = scratch_office(register, SECRET)
    laws = [law for law in laws_now(office) if law.id == "R1"]
    seed_people(office, laws)
    seed_care(office, home, laws, invent({law.id: law.administrative_code for law in laws}))
    register.close()
    with switch(url, SECRET) as running:
        yield Town(url, running.url, home)
    drop_database(cluster.url("postgres"), name)


def test_both_books_are_equal_after_a_bad_day(town: Town) -> None:
    """Replies are lost, doubled, broken and late; at night nothing is open and nothing differs."""
    told = live(Day(patients=8, stays=3, refunds=3), town.home, town.switch_url, town.url)
    assert told.broken == 0, told.as_json()
    assert sum(told.faults.values()) > 5
    assert told.settlements > 15
    kinds = {name for name, count in told.ends.items() if count}
    assert {"2207 success", "2304 success", "2102 success", "2103 success"} <= kinds
    assert not any(name.endswith("refused") for name in kinds), told.as_json()


def test_the_register_agrees_with_itself_after_it(town: Town) -> None:
    """Every balance, accumulator and status is what the facts say."""
    checked = check(town.url, [])
    assert checked.broken == 0, checked.as_json()
    assert checked.stored > 0
    register = Register(town.url, wait_s=10)
    found = verify(register)
    register.close()
    assert found.differences == 0, found.counts


def test_the_night_finds_what_the_platform_lost(town: Town, tmp_path: Path) -> None:
    """A settlement taken out of the platform's books by hand is named."""
    code = "H11990100002"
    counter = open_counter(town.home, code, town.switch_url, log=tmp_path / "log.db", seed=3)
    with psycopg.connect(town.url, autocommit=True) as owner:
        found = owner.execute("select card_number from coverage where person_id = 1").fetchone()
        assert found is not None
        assert isinstance(outpatient(counter, found[0]), Success)
        days = days_of(counter)
        assert differences(counter, town.url, days) == []
        owner.execute("set session_replication_role = replica")
        (setl_id,) = [each.setl_id for _, each in counter.settled]
        owner.execute(
            "delete from settlement where msg_no = %s and origin_no = %s",
            (int(setl_id[:18]), int(setl_id[18:])),
        )
    (difference,) = differences(counter, town.url, days)
    assert (difference.cause, difference.setl_id) == (Cause.ONLY_OURS, setl_id)
    counter.client.close()
