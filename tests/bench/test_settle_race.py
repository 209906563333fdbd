"""Loss reports against settlements over HTTP: nothing settles after a stop (P1, P2, I9)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from minka.bench.load_city import Town, holder_of
from minka.bench.settle_callers import BILLS_EACH, USERS, bills_of
from minka.bench.settle_race import Design, Over, race_settling
from minka.store.cluster import Cluster, create_database, drop_database


@pytest.fixture
def fresh(cluster: Cluster, template: str) -> Iterator[str]:
    """A fresh register for one race."""
    name = f"race_{secrets.token_hex(6)}"
    create_database(cluster.url("postgres"), name, template=template)
    yield cluster.url(name)
    drop_database(cluster.url("postgres"), name)


def test_the_bills_of_a_person_are_his() -> None:
    """Enough for every client of the race."""
    town = Town(2_000, 2_000 * BILLS_EACH)
    for person in (1, 2, 7, 996):
        bills = bills_of(person, town)
        assert len(bills) >= USERS
        assert {holder_of(bill, town) for bill in bills} == {person}


@pytest.mark.parametrize("over", list(Over))
def test_nothing_settles_after_a_loss_report(fresh: str, over: Over) -> None:
    """Some bills are settled before the report, none after, on every card."""
    raced = race_settling(25, over, url=fresh)
    assert raced.broken == 0, raced.as_json()
    assert (raced.tried, raced.reports, raced.unknown) == (25 * USERS, 25, 0)
    assert raced.settled > 5, raced.as_json()
    assert raced.refused > 5, raced.as_json()


def test_the_race_catches_a_register_that_is_deaf(fresh: str) -> None:
    """A build in which a block does not reach the money is found out."""
    assert race_settling(12, design=Design.DEAF, url=fresh).broken > 0


@pytest.mark.nightly
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("over", list(Over))
def test_nothing_settles_after_nine_hundred_reports(over: Over) -> None:
    """The same on every face of the town."""
    raced = race_settling(900, over)
    assert raced.broken == 0, raced.as_json()
