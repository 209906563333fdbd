"""The life of a key in the register: I1, K3, K4, and the table of moves by constraint."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from psycopg.errors import IntegrityError, RestrictViolation

from minka.desk.keys_events import known
from minka.desk.keys_signed import PERFORM, STANDINGS
from minka.desk.keys_words import ACT_NAMES
from minka.keys.lifecycle import MOVES, KeyMove, KeyState
from minka.keys.vault import KeyReason, KeyRefused
from minka.store.connection import row
from tests.keys_desk.ward import Ward

ACTS = {
    "activate_key": KeyMove.ACTIVATE,
    "suspend_key": KeyMove.SUSPEND,
    "resume_key": KeyMove.RESUME,
    "deactivate_key": KeyMove.DEACTIVATE,
    "compromise_key": KeyMove.COMPROMISE,
    "destroy_key": KeyMove.DESTROY,
}
WAYS: dict[KeyState, tuple[str, ...]] = {
    KeyState.PRE_ACTIVE: (),
    KeyState.ACTIVE: ("activate_key",),
    KeyState.SUSPENDED: ("activate_key", "suspend_key"),
    KeyState.DEACTIVATED: ("activate_key", "deactivate_key"),
    KeyState.COMPROMISED: ("compromise_key",),
    KeyState.DESTROYED: ("destroy_key",),
}


def test_the_table_in_the_register_is_the_rules_own(ward: Ward) -> None:
    """K3: the moves the database allows are those of ``keys.lifecycle``, neither more nor less."""
    with psycopg.connect(ward.url) as connection:
        found = connection.execute("select act, from_state, to_state from key_move").fetchall()
    moves = {(KeyState(one), ACTS[act]): KeyState(to) for act, one, to in found if act in ACTS}
    assert moves == MOVES
    assert {act for act, *_ in found} == set(PERFORM) - {"start_ceremony"}
    assert set(ACT_NAMES) == set(PERFORM)
    assert all(one in (to, "none") for act, one, to in found if act in ("export_key", "limit_key"))


@pytest.mark.parametrize("state", list(KeyState))
@pytest.mark.parametrize("act", list(ACTS))
def test_every_act_in_every_state(ward: Ward, act: str, state: KeyState) -> None:
    """K3, P11: an act is done exactly where the table has a move; the vault hears of it."""
    key_no = ward.key(*WAYS[state])
    answer = ward.sign(ward.propose(act, key_no=key_no))
    to = MOVES.get((state, ACTS[act]))
    assert answer.accepted == int(to is not None), answer
    assert ward.state(key_no) == (to or state).value
    if to is None:
        assert answer.code == "keys.no_such_move"
        return
    name = named(ward, key_no)
    if to is KeyState.DESTROYED:
        with pytest.raises(KeyRefused) as refused:
            ward.vault.facts(name)
        assert refused.value.reason is KeyReason.UNKNOWN
    else:
        assert ward.vault.facts(name).terms.standing is STANDINGS[to]


def named(ward: Ward, key_no: int) -> object:
    """Its name in the vault."""
    with ward.office.register.act() as connection:
        found = row(connection, "keys.key", key_no=key_no)
    assert found is not None
    return known(found).record.name


def test_every_event_names_the_act_it_rests_on(ward: Ward) -> None:
    """I1: each transition has its proposal, both signatures and its instant."""
    key_no = ward.key("activate_key", "suspend_key", "resume_key", "deactivate_key", "destroy_key")
    with psycopg.connect(ward.url) as connection:
        found = connection.execute(
            "select e.act, e.from_state, e.to_state, array_agg(s.signer order by s.part)"
            " from key_event e join two_person_signature s using (act_id)"
            " where e.key_no = %s group by e.seq, e.act, e.from_state, e.to_state order by e.seq",
            (key_no,),
        ).fetchall()
    assert [act for act, *_ in found] == [
        *("generate_key", "activate_key", "suspend_key", "resume_key"),
        *("deactivate_key", "destroy_key"),
    ]
    assert all(signers == ["guard", "keeper"] for *_, signers in found)
    assert [one for _, one, *_ in found[1:]] == [to for _, _, to, _ in found[:-1]]


EVENT = (
    "insert into key_event (key_no, seq, act, from_state, to_state, act_id, at)"
    " values (%s, %s, %s, %s, %s, %s, clock_timestamp())"
)


def test_the_register_refuses_what_no_desk_would_write(ward: Ward) -> None:
    """I1, P12, by constraint: no move outside the table, none twice, none unsigned, none askew."""
    key_no, other = ward.key("activate_key"), ward.key("activate_key")
    act_id = ward.one("select act_id from key_event where key_no = %s and seq = 2", key_no)
    waiting = ward.propose("suspend_key", key_no=key_no).facts["act_id"]
    signed = ward.propose("suspend_key", key_no=other)
    assert ward.sign(signed).accepted
    askew = signed.facts["act_id"]
    wrong = (
        (key_no, 3, "activate_key", "active", "destroyed", act_id),
        (key_no, 2, "activate_key", "pre_active", "active", act_id),
        (key_no, 3, "suspend_key", "active", "suspended", waiting),
        (key_no, 3, "suspend_key", "active", "suspended", act_id),
        (key_no, 3, "suspend_key", "active", "suspended", 10**12),
        (key_no, 3, "suspend_key", "active", "suspended", askew),
        (key_no, 4, "suspend_key", "active", "suspended", waiting),
        (key_no, 3, "generate_key", "none", "pre_active", act_id),
    )
    for values in wrong:
        with pytest.raises(IntegrityError), psycopg.connect(ward.url) as connection:
            connection.execute(EVENT, values)
    assert ward.state(key_no) == "active"


@pytest.mark.parametrize(
    "table",
    ["crypto_key", "key_event", "key_move", "two_person_beneficiary", "key_use_batch"],
)
def test_nothing_edits_or_deletes_a_fact(ward: Ward, table: str) -> None:
    """K3: facts of keys are appended only, for the register's owner too."""
    ward.key()
    with psycopg.connect(ward.url) as connection:
        column = connection.execute(
            "select column_name from information_schema.columns where table_name = %s"
            " and is_generated = 'NEVER' limit 1",
            (table,),
        ).fetchone()
    assert column is not None
    for statement in (f"truncate {table} cascade", f"delete from {table}"):
        if table in ("two_person_beneficiary", "key_use_batch") and "delete" in statement:
            continue
        with pytest.raises(RestrictViolation), psycopg.connect(ward.url) as connection:
            connection.execute(statement)
    if table in ("crypto_key", "key_event", "key_move"):
        with pytest.raises(RestrictViolation), psycopg.connect(ward.url) as connection:
            connection.execute(f"update {table} set {column[0]} = {column[0]}")


def test_a_key_begins_on_its_day_and_ends_on_its_day(ward: Ward) -> None:
    """K3: periods are intervals; nothing has to run on the day."""
    begins = "2030-01-01T00:00:00+08:00"
    early = ward.key(active_from=begins)
    assert ward.sign(ward.propose("activate_key", key_no=early)).code == "keys.not_yet"
    crossed = ward.propose(
        "generate_key",
        name=ward.fresh(),
        purpose="tac",
        active_from=begins,
        protects_until="2029-01-01",
    )
    assert crossed.code == "desk.field_wrong"
    assert "makes new until" in crossed.say("en")


def test_a_needed_key_is_not_destroyed(ward: Ward) -> None:
    """K3: while cards are verified with it, a deactivated key stays."""
    ends = {"protects_until": "2033-01-01", "verifies_until": "2043-01-01"}
    key_no = ward.key("activate_key", "deactivate_key", **ends)
    assert ward.sign(ward.propose("destroy_key", key_no=key_no)).code == "keys.still_needed"
    ward.turned(timedelta(days=365 * 18))
    assert ward.sign(ward.propose("destroy_key", key_no=key_no)).accepted
    ward.turned(timedelta(days=-365 * 18))


def test_the_name_of_a_key_is_taken_once(ward: Ward) -> None:
    """I1: name, version and algorithm name one key for ever."""
    name = ward.fresh()
    ward.key(name=name)
    again = ward.propose("generate_key", name=name, purpose="message")
    assert again.code == "desk.key_there"
    ward.key(name=name, version=2)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "0123456789abcdef0123456789abcdef"),
        ("name", ""),
        ("version", "0"),
        ("version", "256"),
        ("algorithm", "rot13"),
        ("bits", "64"),
        ("tier", "district"),
        ("purpose", "everything"),
        ("held_for", "a b"),
        ("parent_no", "999999999"),
        ("levels", "4"),
        ("export", "always"),
        ("use_limit", "-1"),
        ("active_from", "tomorrow"),
        ("reason", "00112233445566778899aabbccddeeff"),
        ("reason", "x" * 201),
        ("held_for", "a0b1c2d3e4f50617"),
        ("name", "a0b1c2d3e4f50617"),
        ("part", "00112233"),
        ("component", "00112233445566778899aabbccddeeff"),
        ("key_check", "00112233445566778899aabbccddeeff"),
        ("custodians", "cust1 00112233445566778899aabbccddeeff"),
    ],
)
def test_a_plan_that_does_not_hold_is_refused_at_once(ward: Ward, field: str, value: str) -> None:
    """I1, P13: every field is checked when it is proposed; nothing like a key fits in one."""
    plan = {"name": ward.fresh(), "purpose": "message", field: value}
    assert ward.propose("generate_key", **plan).code == "desk.field_wrong"
