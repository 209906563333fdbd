"""Verify finds every kind of damage and nothing else: P7, P1, I6, X33, X38; T17 of the threats."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from minka.desk.office import Office
from minka.desk.verify import CHECKS, Verified, verify, verify_on
from minka.store.connection import Connection
from minka.store.queries import _queries
from tests.desk.verify_tampers import TAMPERS
from tests.desk.verify_world import World, build


@pytest.fixture(scope="module")
def world(office: Office, database_url: str) -> World:
    """The register after a busy week."""
    return build(office, database_url)


@pytest.fixture
def owner(database_url: str) -> Iterator[Connection]:
    """The database's owner with the triggers off, whose damage is taken back after the test."""
    with psycopg.connect(database_url, row_factory=dict_row) as connection:
        connection.execute("set session_replication_role = replica")
        connection.commit()
        yield connection
        connection.rollback()


def test_a_sound_register_has_no_differences(office: Office, world: World) -> None:
    """P7: everything is re-derived and nothing differs."""
    found = verify(office.register)
    assert (found.differences, found.shown) == (0, ())
    assert set(found.counts) == set(CHECKS)
    assert (found.settlements, found.accounts, found.traces) == (8, 5, 6)
    assert found.entries > 15


@pytest.mark.parametrize(("words", "statement", "check"), TAMPERS, ids=[t[0] for t in TAMPERS])
def test_a_tamper_is_named(
    world: World, owner: Connection, words: str, statement: str, check: str
) -> None:
    """T17, P7: every edit of a table of money is found by the check that is about it."""
    changed = owner.execute(statement, keys_of(world)).rowcount
    assert changed > 0, "the tamper touched nothing"
    found = verify_on(owner)
    assert found.counts[check] > 0, found


def keys_of(world: World) -> dict[str, Any]:
    """The numbers that tampers name."""
    people = {name: getattr(world, name).person_id for name in ("patient", "saver", "loser")}
    bills = ("bill", "refunded", "refund", "stay", "purchase")
    return people | {name: getattr(world, name).msg_no for name in bills}


def test_every_tamper_was_found_by_its_check(world: World, owner: Connection) -> None:
    """The table has at least twenty kinds of damage, and every check but one is provoked.

    ``books`` cannot be provoked alone: each row's own check refuses legs that do not sum to zero.
    """
    assert len(TAMPERS) >= 20
    assert set(CHECKS) - {check for _, _, check in TAMPERS} == {"books"}
    assert verify_on(owner).differences == 0


def test_books_that_do_not_balance_are_named(world: World, owner: Connection) -> None:
    """P7: when even the row's check is taken away."""
    owner.execute("alter table ledger_entry drop constraint ledger_entry_amounts_check")
    owner.execute("update ledger_entry set amounts[1] = amounts[1] + 1 where kind = 'post'")
    found = verify_on(owner)
    assert found.counts["books"] == 1
    assert found.counts["entry_sums"] == 1


def test_differences_are_shown_with_where_and_what(world: World, owner: Connection) -> None:
    """An auditor is told the person, the row, what stands there and what should."""
    owner.execute("update settlement set balance = 1 where msg_no = %(bill)s", keys_of(world))
    shown = [each for each in verify_on(owner).shown if each.check == "running_balance"]
    assert shown[0].person_id == world.patient.person_id
    assert {each.ref for each in shown} >= {world.bill.ref}
    assert "1" in {each.found for each in shown}


def test_traces_can_be_sampled(office: Office, world: World) -> None:
    """A quick look leaves the traces out; a long one adds every one of them."""
    assert verify(office.register, every=0).traces == 0
    assert verify(office.register, every=1).traces == 6


def test_every_query_is_asked() -> None:
    """No query of the file is forgotten."""
    from minka.desk.verify import QUERIES

    assert set(_queries("verify")) == {*QUERIES, "counted", "traces", "events"}


def test_a_check_that_counts_all_shows_the_first(world: World, owner: Connection) -> None:
    """A register in ruins is still answered: everything counted, twenty shown."""
    owner.execute(
        "insert into coverage (person_id, scheme, psn_type, area, covered_from, last_at,"
        " balance_fen) select 10^6 + n, 310, 11, 990100, '2020-01-01', '2026-01-01', 5"
        " from generate_series(1, 50) n"
    )
    found: Verified = verify_on(owner)
    assert found.counts["balance"] == 50
    assert len([each for each in found.shown if each.check == "balance"]) == 20
