"""A ceremony step by step: T15, I1, K3, P12, P13."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta
from functools import reduce

import psycopg
import pytest
from psycopg.errors import CheckViolation, IntegrityError, RestrictViolation

from minka.cipher.block_cipher import BlockCipher, check_value
from minka.cipher.octets import xor
from minka.desk.keys_ceremony import record_in
from minka.keys.component import joined
from minka.keys.vault import KeyName, KeyRefused, Purpose
from minka.store.connection import Register
from tests.desk.staff import hire
from tests.keys_desk.ward import CUSTODIAN, KEEPER, WITNESS, Ward, gone, parts_of

THREE = ("cust1", "cust2", "cust3")


def check_of(part: str) -> str:
    """The check value on a custodian's envelope."""
    return check_value(BlockCipher.SM4, bytes.fromhex(part)).hex().upper()


def test_a_key_is_made_of_three_parts(ward: Ward) -> None:
    """I1, K3: parts of three people, a witness, two signatures twice, and a record."""
    parts = parts_of(*THREE)
    ceremony_no = ward.opened()
    checks = ward.entered(ceremony_no, parts)
    assert checks == [check_of(part) for part in parts.values()]
    facts = ward.done("import_key", ceremony_no=ceremony_no)
    whole = joined(tuple(bytes.fromhex(part) for part in parts.values()))
    assert facts["check_value"] == check_of(whole.hex())
    assert ward.close(ceremony_no).code == "keys.not_this_step"
    assert ward.compare(ceremony_no, 0, facts["check_value"]).facts["verdict"] == "same"
    ended = ward.close(ceremony_no)
    assert ended.accepted, ended
    assert ended.facts["key_no"] == facts["key_no"]
    with ward.office.register.act() as connection:
        assert ended.facts["record_hash"] == f"sm3:{record_in(connection, ceremony_no).hash}"
    assert ward.state(facts["key_no"]) == "pre_active"
    ward.done("activate_key", key_no=facts["key_no"])


def test_no_part_is_anywhere_in_the_register(ward: Ward) -> None:
    """P13: every table as text, in hex and as bytes: neither a part nor the key."""
    parts = parts_of(*THREE)
    ceremony_no = ward.opened()
    ward.entered(ceremony_no, parts)
    ward.done("import_key", ceremony_no=ceremony_no)
    whole = reduce(xor, (bytes.fromhex(part) for part in parts.values()))
    wanted = [*parts.values(), whole.hex()]
    with psycopg.connect(ward.url) as connection:
        tables = connection.execute(
            "select quote_ident(table_name) from information_schema.tables"
            " where table_schema = 'public' and table_type = 'BASE TABLE'"
        ).fetchall()
        text = "".join(
            str(row[0]).lower()
            for (table,) in tables
            for row in connection.execute(f"select t::text from {table} t").fetchall()
        )
    assert check_of(parts["cust1"]).lower() in text
    assert [each for each in wanted if each in text] == []


def test_no_column_of_the_inventory_can_hold_a_key(ward: Ward) -> None:
    """P13: no bytes at all, and no text that would take sixteen bytes in hex but two hashes."""
    with psycopg.connect(ward.url) as connection:
        found = connection.execute(
            "select table_name, column_name, data_type from information_schema.columns"
            " where (table_name like 'key\\_%' or table_name = 'crypto_key')"
            " and table_schema = 'public' and is_generated = 'NEVER'"
            " and table_name <> 'key_use_drift'"
        ).fetchall()
    assert {kind for *_, kind in found} <= {
        *("bigint", "integer", "smallint", "text", "timestamp with time zone"),
    }
    key_no = ward.key()
    act_id = ward.one("select act_id from key_event where key_no = %s", key_no)
    stuffed = "a" + secrets.token_hex(8)[1:]
    for column in ("name", "check_value", "held_for", "vault"):
        values = {
            "name": "X1",
            "check_value": "ABCDEF",
            "held_for": "",
            "vault": "soft:x",
            column: stuffed,
        }
        with pytest.raises(CheckViolation), psycopg.connect(ward.url) as connection:
            connection.execute(
                "insert into crypto_key (key_no, name, version, algorithm, bits, tier, purpose,"
                " check_value, held_for, vault, made_at) values (999999, %(name)s, 1, 'sm4', 128,"
                " 'city', 'tac', %(check_value)s, %(held_for)s, %(vault)s, clock_timestamp())",
                values,
            )
    with pytest.raises(CheckViolation), psycopg.connect(ward.url) as connection:
        connection.execute(
            "insert into key_event (key_no, seq, act, from_state, to_state, act_id, at, reason)"
            " values (%s, 2, 'generate_key', 'pre_active', 'active', %s, now(), %s)",
            (key_no, act_id, stuffed),
        )


def test_one_part_too_few_makes_no_key(ward: Ward) -> None:
    """T15: two of three entered and compared; nothing is combined."""
    parts = parts_of("cust1", "cust2")
    ceremony_no = ward.opened()
    ward.entered(ceremony_no, parts)
    answer = ward.sign(ward.propose("import_key", ceremony_no=ceremony_no))
    assert answer.code == "keys.not_this_step"


def test_a_part_nobody_compared_makes_no_key(ward: Ward) -> None:
    """I1: all entered, two compared: the witness has the last word."""
    ceremony_no = ward.opened()
    parts = parts_of(*THREE)
    ward.entered(ceremony_no, dict(list(parts.items())[:2]))
    assert ward.enter(ceremony_no, "cust3", parts["cust3"]).accepted
    answer = ward.sign(ward.propose("import_key", ceremony_no=ceremony_no))
    assert answer.code == "desk.not_all_compared"


def test_a_value_that_differs_ends_the_ceremony(ward: Ward) -> None:
    """I1: the finding is on record, cannot be mended, and no key comes of it."""
    ceremony_no = ward.opened()
    parts = parts_of(*THREE)
    for who, part in parts.items():
        assert ward.enter(ceremony_no, who, part).accepted
    assert ward.compare(ceremony_no, 1, check_of(parts["cust1"])).facts["verdict"] == "same"
    assert ward.compare(ceremony_no, 2, "00 00 00 00 00").facts["verdict"] == "differs"
    again = ward.compare(ceremony_no, 2, check_of(parts["cust2"]))
    assert again.code == "desk.part_compared"
    assert ward.compare(ceremony_no, 3, check_of(parts["cust3"])).accepted
    answer = ward.sign(ward.propose("import_key", ceremony_no=ceremony_no))
    assert answer.code == "desk.not_all_compared"
    assert ward.close(ceremony_no).code == "keys.not_this_step"
    assert ward.close(ceremony_no, "abandoned").accepted
    assert ward.close(ceremony_no, "abandoned").code == "keys.closed"


def test_an_envelope_that_says_another_value_is_refused_before_the_vault(ward: Ward) -> None:
    """I1: a mistyped part does not spoil the ceremony; the right one is taken afterwards."""
    parts = parts_of(*THREE)
    checks = " ".join(check_of(part) for part in parts.values())
    whole = joined(tuple(bytes.fromhex(part) for part in parts.values()))
    ceremony_no = ward.opened(part_checks=checks, key_check=check_of(whole.hex()))
    wrong = "f" * 32
    assert ward.enter(ceremony_no, "cust1", wrong).code == "keys.component_wrong"
    ward.entered(ceremony_no, parts)
    assert ward.done("import_key", ceremony_no=ceremony_no)["check_value"]


def test_a_key_that_its_sender_did_not_mean_is_not_kept(ward: Ward) -> None:
    """I1: the sender's check value differs: no key in the register, none in the vault."""
    ceremony_no = ward.opened(name="NOTMEANT", key_check="0011223344")
    ward.entered(ceremony_no, parts_of(*THREE))
    before = len(ward.vault.inventory())
    answer = ward.sign(ward.propose("import_key", ceremony_no=ceremony_no))
    assert answer.code == "keys.check_value_differs"
    assert len(ward.vault.inventory()) == before
    assert ward.one("select count(*) from crypto_key where name = 'NOTMEANT'") == 0


def test_a_part_too_many_in_the_vault_makes_no_key(ward: Ward) -> None:
    """I1: a part that went in while its answer was lost; the ceremony is begun anew."""
    ceremony_no = ward.opened(name="SPOILED")
    ward.vault.add_component(str(ceremony_no), KeyName("SPOILED"), secrets.token_bytes(16))
    ward.entered(ceremony_no, parts_of(*THREE))
    answer = ward.sign(ward.propose("import_key", ceremony_no=ceremony_no))
    assert answer.code == "desk.parts_spoiled"
    assert ward.close(ceremony_no, "abandoned").accepted


def test_the_vault_forgets_the_parts_of_an_abandoned_ceremony(ward: Ward) -> None:
    """P13: nothing of it can be combined afterwards; a vault that is gone stops nobody."""
    key = KeyName("GIVENUP")
    ceremony_no = ward.opened(name=key.name)
    ward.entered(ceremony_no, parts_of(*THREE))
    assert ward.close(ceremony_no, "abandoned").accepted
    with pytest.raises(KeyRefused):
        ward.vault.combine(str(ceremony_no), key, Purpose.TRANSPORT, 3)
    dark = replace(ward, office=replace(ward.office, vault=gone, custody=gone))
    assert dark.close(ward.opened(), "abandoned").accepted


@pytest.mark.parametrize("part", ["", "zz" * 16, "00" * 15, "00" * 17, "零" * 32])
def test_a_part_that_is_no_part_is_refused(ward: Ward, part: str) -> None:
    """I1: neither shorter nor longer than the key, and hex; nothing is entered."""
    ceremony_no = ward.opened()
    assert ward.enter(ceremony_no, "cust1", part).code == "keys.component_wrong"
    assert (
        ward.one("select count(*) from key_ceremony_part where ceremony_no = %s", ceremony_no) == 0
    )


def test_parts_may_be_typed_in_groups(ward: Ward) -> None:
    """I1: as an envelope prints it."""
    ceremony_no = ward.opened()
    part = secrets.token_hex(16).upper()
    grouped = " ".join(part[at : at + 4] for at in range(0, 32, 4))
    answer = ward.enter(ceremony_no, "cust1", grouped)
    assert answer.facts["check_value"] == check_of(part)


def test_a_part_is_entered_once_by_its_own_custodian(ward: Ward) -> None:
    """T15: not twice, not by a custodian of another ceremony, not by anyone in another post."""
    ceremony_no = ward.opened()
    first = secrets.token_hex(16)
    assert ward.enter(ceremony_no, "cust1", first).accepted
    assert ward.enter(ceremony_no, "cust1", secrets.token_hex(16)).code == "keys.entered_already"
    assert ward.enter(ceremony_no, "cust4", secrets.token_hex(16)).code == "keys.not_custodian"
    assert ward.enter(ceremony_no, "cust2", first).code == "keys.component_repeated"
    for who in ("keeper", "guard", "witness"):
        assert ward.enter(ceremony_no, who, first).code == "desk.not_allowed"
    assert ward.enter(ceremony_no, "keeper", first, CUSTODIAN).code == "desk.not_allowed"
    assert ward.compare(ceremony_no, 1, check_of(first), "witness2").code == "keys.not_witness"
    assert ward.compare(ceremony_no, 1, check_of(first), "cust1").code == "desk.not_allowed"
    assert ward.compare(ceremony_no, 2, check_of(first)).code == "desk.part_missing"
    assert ward.close(ceremony_no, "abandoned", "witness2").code == "keys.not_witness"


@pytest.mark.parametrize(
    ("plan", "code"),
    [
        ({"custodians": "cust1 cust1 cust2"}, "keys.custodian_twice"),
        ({"custodians": "cust1"}, "keys.custodians_number"),
        ({"custodians": ""}, "keys.custodians_number"),
        ({"witness": ""}, "keys.no_witness"),
        ({"witness": "cust1"}, "keys.duty_twice"),
        ({"part_checks": "AABBCC"}, "keys.checks_number"),
        ({"part_checks": "AA"}, "desk.field_wrong"),
    ],
)
def test_a_plan_whose_people_do_not_hold(ward: Ward, plan: dict[str, str], code: str) -> None:
    """T15: said when it is proposed."""
    whole = {"name": ward.fresh(), "purpose": "tac", "custodians": "cust1 cust2"}
    asked = {**whole, "witness": "witness", **plan}
    assert ward.propose("start_ceremony", **asked).code == code


@pytest.mark.parametrize(
    ("custodians", "witness"),
    [("cust1 nobody", "witness"), ("cust1 keeper2", "witness"), ("cust1 cust2", "guard2")],
)
def test_everyone_stands_in_his_post(ward: Ward, custodians: str, witness: str) -> None:
    """P12: custodians and witness are on file in their posts when it is signed."""
    asked = {"name": ward.fresh(), "purpose": "tac", "custodians": custodians}
    first = ward.propose("start_ceremony", **asked, witness=witness)
    assert ward.sign(first).code == "desk.field_wrong"


def test_one_natural_person_has_one_duty(ward: Ward) -> None:
    """T15: two staff numbers of one person are one person, in the desk and in the table."""
    for number, role in (("twin1", CUSTODIAN), ("twin2", WITNESS), ("twin3", KEEPER)):
        hire(ward.url, number, role, person_id=4711)
    asked = {"name": ward.fresh(), "purpose": "tac", "custodians": "cust1 twin1"}
    first = ward.propose("start_ceremony", **asked, witness="twin2")
    assert ward.sign(first).code == "keys.duty_twice"
    ceremony_no = ward.opened(custodians="cust1 cust2")
    statement = (
        "insert into key_ceremony_person (ceremony_no, staff_number, person_id, duty)"
        " values (%s, %s, %s, %s)"
    )
    with psycopg.connect(ward.url) as connection:
        connection.execute(statement, (ceremony_no, "twin1", 4711, "custodian"))
    for person in (("twin2", 4711, "witness"), ("twin1", None, "witness")):
        with pytest.raises(IntegrityError), psycopg.connect(ward.url) as connection:
            connection.execute(statement, (ceremony_no, *person))


def test_the_tables_keep_custodian_and_witness_apart(ward: Ward) -> None:
    """T15, by constraint: a witness enters no part, a custodian compares none, nothing changes."""
    ceremony_no = ward.opened()
    part = (
        "insert into key_ceremony_part (ceremony_no, part, parts, staff_number, check_value,"
        " entered_at) values (%s, %s, %s, %s, %s, clock_timestamp())"
    )
    compared = (
        "insert into key_ceremony_comparison (ceremony_no, part, staff_number, check_value,"
        " verdict, compared_at) values (%s, 1, %s, 'AABBCC', 'same', clock_timestamp())"
    )
    wrong = (
        (part, (ceremony_no, 1, 3, "witness", "AABBCC")),
        (part, (ceremony_no, 1, 3, "cust4", "AABBCC")),
        (part, (ceremony_no, 4, 3, "cust1", "AABBCC")),
        (part, (ceremony_no, 1, 2, "cust1", "AABBCC")),
        (part, (ceremony_no, 1, 3, "cust1", "00" * 16)),
        (compared, (ceremony_no, "cust1")),
        (compared, (ceremony_no, "guard")),
    )
    for statement, values in wrong:
        with pytest.raises(IntegrityError), psycopg.connect(ward.url) as connection:
            connection.execute(statement, values)
    for table in ("key_ceremony", "key_ceremony_person"):
        with pytest.raises(RestrictViolation), psycopg.connect(ward.url) as connection:
            connection.execute(f"delete from {table}")


def test_a_ceremony_stands_for_a_day(ward: Ward) -> None:
    """P12: what was signed yesterday is not gone on with today."""
    ceremony_no = ward.opened()
    ward.turned(timedelta(hours=24, minutes=1))
    late = ward.enter(ceremony_no, "cust1", secrets.token_hex(16))
    ward.turned(timedelta(hours=-24, minutes=-1))
    assert late.code == "keys.expired"


def test_a_custodian_signs_nothing_about_his_key(ward: Ward) -> None:
    """P12: whoever held a part gains by every act on the key, in whatever post he is later."""
    ceremony_no = ward.opened()
    ward.entered(ceremony_no, parts_of(*THREE))
    key_no = ward.done("import_key", ceremony_no=ceremony_no)["key_no"]
    with psycopg.connect(ward.url) as connection:
        connection.execute("update operator set role = %s where staff_number = 'cust3'", (KEEPER,))
    try:
        from tests.keys_desk import ward as posts

        posts.STAFF["cust3"] = KEEPER
        assert ward.propose("activate_key", "cust3", key_no=key_no).code == "desk.same_person"
        assert ward.propose("activate_key", "cust3", key_no=ward.key()).accepted
    finally:
        posts.STAFF["cust3"] = CUSTODIAN
        with psycopg.connect(ward.url) as connection:
            connection.execute(
                "update operator set role = %s where staff_number = 'cust3'", (CUSTODIAN,)
            )


def test_a_record_changes_with_every_fact(ward: Ward) -> None:
    """I1: two ceremonies have two fingerprints; one has one, whenever it is computed."""
    first, second = ward.opened(), ward.opened()
    register: Register = ward.office.register
    with register.act() as connection:
        one, other = record_in(connection, first), record_in(connection, second)
        assert one.hash != other.hash
        assert record_in(connection, first) == one
    assert ward.enter(first, "cust1", secrets.token_hex(16)).accepted
    with register.act() as connection:
        assert record_in(connection, first).hash != one.hash
