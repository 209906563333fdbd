"""The measurements measure what they say: a town that verifies, books that agree (K8)."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from minka.bench import growth, load_city
from minka.bench.load_city import Town
from minka.bench.meter import Reading, cost, fsync_micros, safe_settings, spread
from minka.bench.settle_bench import Plan, measure_engine, measure_settle
from minka.bench.settle_checks import check
from minka.bench.settle_engine import Engine, batches, open_book
from minka.bench.visit_bench import measure_visit
from minka.cipher.field import SoftFieldKeys
from minka.desk.verify import verify
from minka.store.cluster import Cluster
from minka.store.connection import Register

TOWN = Town(people=400, bills=1_200, areas=2)
STORED = 300


@pytest.fixture(scope="module")
def grown(database_url: str, keys: SoftFieldKeys) -> str:
    """A town with some settlements stored by the journal alone."""
    load_city.found(database_url, keys, TOWN)
    growth.store(database_url, STORED)
    return database_url


def differences(url: str) -> Any:
    """What the register's own audit finds."""
    register = Register(url, wait_s=10)
    found = verify(register)
    register.close()
    return {name: count for name, count in found.counts.items() if count}


def test_the_town_is_as_if_it_had_happened(grown: str) -> None:
    """Balances, links, cards and charges of a town made by series agree with its facts."""
    assert differences(grown).keys() <= {"trace", "rule"}, differences(grown)
    assert check(grown, []).broken == 0


def test_the_engine_settles_every_bill_once(grown: str) -> None:
    """In batches of any size; what was lost before is refused; the books agree."""
    engine = Engine(grown, TOWN, open_book(grown, TOWN), next_bill=STORED + 1)
    ran = [engine.run(size, 20, most=150) for size in (1, 16, 64)]
    assert sum(each.settled for each in ran) > 350
    assert sum(each.refused for each in ran) > 0
    assert sum(each.other for each in ran) == 0
    checked = check(grown, engine.told)
    assert checked.broken == 0, checked.as_json()
    assert checked.stored == STORED + sum(each.settled for each in ran)


def test_a_broken_book_is_found(grown: str) -> None:
    """An acknowledged settlement that is not there, and a balance that is not its sum."""
    with psycopg.connect(grown, autocommit=True) as owner:
        owner.execute("update coverage set balance_fen = balance_fen + 1 where person_id = 399")
    found = check(grown, [(1, 1)])
    with psycopg.connect(grown, autocommit=True) as owner:
        owner.execute("update coverage set balance_fen = balance_fen - 1 where person_id = 399")
    assert (found.lost, found.drifted, found.broken) == (1, 1, 2)


def test_a_server_that_is_not_durable_is_refused(cluster: Cluster) -> None:
    """The tests' own cluster runs without fsync; nobody may measure on it."""
    with pytest.raises(AssertionError, match="not a durable server"):
        safe_settings(cluster.url("postgres"))


def test_nobody_is_twice_in_a_batch() -> None:
    """Who comes again waits for the next."""

    class Asked:
        def __init__(self, person_id: int) -> None:
            self.person_id = person_id

    jobs: Any = [Asked(person) for person in (1, 2, 1, 3, 1, 4, 5, 2)]
    made = list(batches(jobs, 2))
    assert all(len({job.person_id for job in batch}) == 2 for batch in made)
    assert len(made) >= 2


def test_the_meters() -> None:
    """Percentiles by rank, and what one act cost."""
    assert spread([1_000 * n for n in range(1, 101)]) == {
        "p50": "50.00",
        "p99": "99.00",
        "p999": "100.00",
        "max": "100.00",
    }
    before, after = Reading(0, 10, {"switch": 5}, 100, 0), Reading(9, 30, {"switch": 25}, 300, 50)
    assert cost(before, after, 10) == {
        "postgres_us": 2,
        "switch_us": 2,
        "wal_bytes": 20,
        "disk_bytes": 5,
    }


def test_an_fsync_takes_time(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Sorted microseconds, and nothing is left behind."""
    folder = tmp_path_factory.mktemp("probe")
    micros = fsync_micros(folder, 5)
    assert micros == sorted(micros)
    assert list(folder.iterdir()) == []


@pytest.mark.nightly
@pytest.mark.timeout(900)
@pytest.mark.parametrize("measure", [measure_settle, measure_engine, measure_visit])
def test_a_measurement_ends_with_books_that_agree(measure: Any) -> None:
    """The whole of each, small."""
    plan = Plan(people=5_000, rounds=1, seconds=1, connections=8, depth=4, at_most_per_s=6_000)
    report = measure(plan, str)
    checked = {name: count for name, count in report["checked"].items() if name != "stored"}
    assert not any(checked.values()), checked
    assert report["checked"]["stored"] > 20
    assert report["pgbench_tps"] > 10
