"""Facts are appended, never edited: not by the desk's role, and not by the register's owner."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import errors, sql

from tests.desk.town import Resident, settle_in
from tests.races.conftest import Crowded

Owner = psycopg.Connection[tuple[object, ...]]


@pytest.fixture(scope="module")
def lived(crowded: Crowded) -> Resident:
    """A resident about whom there are facts of many kinds."""
    someone = settle_in(crowded.office)
    crowded.report(someone)
    crowded.withdraw(someone)
    crowded.report(someone, force="formal")
    crowded.activate(someone, crowded.bring_to_the_holder(someone))
    return someone


@pytest.fixture
def owner(crowded: Crowded, lived: Resident) -> Iterator[Owner]:
    """A connection in the owner's own role, for one statement that must fail."""
    with psycopg.connect(crowded.url) as connection:
        yield connection
        connection.rollback()


def fact_tables(owner: Owner) -> list[str]:
    """Every table on which the trigger that keeps facts stands."""
    rows = owner.execute(
        "select c.relname from pg_trigger t join pg_class c on c.oid = t.tgrelid"
        " where t.tgname = 'facts_stay' order by 1"
    ).fetchall()
    return [str(row[0]) for row in rows]


def test_the_owner_cannot_edit_or_delete_a_fact(owner: Owner) -> None:
    """A correction is a counter-fact: every fact table refuses update and delete."""
    tables = fact_tables(owner)
    assert len(tables) >= 25
    tried = 0
    for table in tables:
        named = sql.Identifier(table)
        (column,) = owner.execute(
            "select attname from pg_attribute where attrelid = %s::regclass and attnum = 1",
            (table,),
        ).fetchone() or ("",)
        edit = sql.SQL("update {} set {} = {}").format(
            named, sql.Identifier(str(column)), sql.Identifier(str(column))
        )
        if not owner.execute(sql.SQL("select from {} limit 1").format(named)).fetchall():
            continue
        tried += 1
        for words in (edit, sql.SQL("delete from {}").format(named)):
            with pytest.raises(errors.RestrictViolation), owner.transaction():
                owner.execute(words)
    assert tried >= 12, "too few kinds of facts to prove anything"


def test_the_owner_cannot_empty_a_fact_table(owner: Owner) -> None:
    """Truncation is refused like deletion."""
    for table in fact_tables(owner):
        words = sql.SQL("truncate {} cascade").format(sql.Identifier(table))
        with pytest.raises(errors.RestrictViolation), owner.transaction():
            owner.execute(words)


def test_the_desk_has_no_right_to_edit_a_fact(owner: Owner) -> None:
    """The role under which every act runs may append, and move the few narrow rows; no more."""
    tables = fact_tables(owner)
    owner.execute("set role minka_desk")
    for table in tables:
        for words in ("delete from {}", "truncate {}"):
            with pytest.raises(errors.InsufficientPrivilege), owner.transaction():
                owner.execute(sql.SQL(words).format(sql.Identifier(table)))
        rights = owner.execute("select has_table_privilege(%s, 'update')", (table,)).fetchone()
        assert rights == (False,), table


def test_no_dead_card_comes_back_and_no_clock_goes_back(owner: Owner, lived: Resident) -> None:
    """P1, P11 by construction: the moves of a life and the card's clock are constraints."""
    place = {"p": lived.person_id, "c": lived.card_id}
    for change in (
        "status = 'active'",
        "status = 'ordered'",
        "last_at = last_at - interval '1 us'",
    ):
        words = f"update card set {change} where person_id = %(p)s and card_id = %(c)s"
        with pytest.raises(errors.CheckViolation), owner.transaction():
            owner.execute(words.encode(), place)


def test_no_two_active_cards_of_one_kind(owner: Owner, lived: Resident) -> None:
    """P5 by construction."""
    words = """
        insert into card (person_id, card_id, kind, region, card_number, status, last_at)
        select person_id, card_id + 1000000, kind, region, 'X', 'active', last_at from card
        where person_id = %s and status = 'active'
    """
    with pytest.raises(errors.UniqueViolation), owner.transaction():
        owner.execute(words, (lived.person_id,))


_FORMAL = " from block where force = 'formal' limit 1"
AGAINST_FORMAL = (
    "insert into block_end select person_id, block_id, 'formal', from_at, 'withdrawn', ''",
    "insert into block_end select person_id, block_id, 'provisional', from_at, 'withdrawn', ''",
    """insert into block (person_id, block_id, card_id, force, from_at, until_at, at_lapse, cause)
    select person_id, -1, card_id, force, from_at, from_at + interval '1 day', 'release', '' """,
)


@pytest.mark.parametrize("words", AGAINST_FORMAL)
def test_a_formal_loss_cannot_be_ended_or_bounded(owner: Owner, words: str) -> None:
    """P4 by construction: no end can be written for a formal block, however it is called."""
    with (
        pytest.raises((errors.CheckViolation, errors.ForeignKeyViolation)),
        owner.transaction(),
    ):
        owner.execute((words + _FORMAL).encode())


def test_an_act_in_the_desk_role_cannot_reach_past_it(crowded: Crowded) -> None:
    """The acts' own connections have the same lack of rights."""
    with pytest.raises(errors.InsufficientPrivilege), crowded.office.register.act() as connection:
        connection.execute("delete from request")
