"""Keys taken for use, counted, replaced, and a vault that is gone: I1, K3, J5, T16, P15."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg.errors import IntegrityError

from minka.desk.act import Answer, Desk, act
from minka.desk.keys_block import TakeBlock, take_block
from minka.desk.keys_events import ask
from minka.desk.keys_look import differences, inventory
from minka.desk.keys_use import Batch, Wanted, count, take
from minka.desk.loss import ReportLoss, report_loss
from minka.desk.office import Office
from minka.keys.lifecycle import Use
from minka.keys.vault import KeyName, KeyPath, Purpose, Standing
from tests.desk.staff import by
from tests.desk.town import request, settle_in
from tests.keys_desk.ward import Ward, gone


@dataclass(frozen=True, slots=True)
class UseKey:
    """A use, as any act of a desk would have it."""

    name: str


def used(office: Office, name: str, work: Callable[[Desk], Mapping[str, Any]]) -> Answer:
    """What becomes of an act that uses a key."""
    return act(office, request(), UseKey(name), work)


def counted(ward: Ward, name: str, batch: Batch, purpose: Purpose = Purpose.MASTER) -> Answer:
    """A batch counted."""
    wanted = Wanted(name, purpose)
    return used(ward.office, name, lambda desk: {"version": count(desk, wanted, batch).version})


def taken(ward: Ward, wanted: Wanted) -> Answer:
    """A key taken, uncounted."""
    return used(ward.office, wanted.name, lambda desk: {"version": take(desk, wanted).version})


def master(ward: Ward, **plan: object) -> tuple[str, int]:
    """An active personalization key: its name and number."""
    name = ward.fresh("M")
    return name, ward.key("activate_key", name=name, purpose="master", **plan)


def spent(ward: Ward, key_no: int) -> int:
    """How often a key was used."""
    found: int = ward.one("select used from key_use where key_no = %s", key_no)
    return found


def test_a_batch_is_counted_whole_or_not_at_all(ward: Ward) -> None:
    """Safety §6: the counter says how many cards were made; a batch too large makes none."""
    name, key_no = master(ward, use_limit=1000)
    assert counted(ward, name, Batch(1, 999, "cards:b1")).accepted
    refused = counted(ward, name, Batch(2, 2, "cards:b2"))
    assert refused.code == "keys.counter_spent"
    assert "1" in refused.say("en")
    assert counted(ward, name, Batch(3, 1, "cards:b3")).accepted
    assert spent(ward, key_no) == 1000
    assert ward.one("select count(*) from key_use_drift") == 0
    ward.done("limit_key", key_no=key_no, use_limit=1001)
    assert counted(ward, name, Batch(4, 1, "cards:b4")).accepted
    less = ward.sign(ward.propose("limit_key", key_no=key_no, use_limit=1000))
    assert less.code == "desk.field_wrong"


def test_a_batch_is_counted_once(ward: Ward) -> None:
    """P6: the same batch again, after a lost answer or when the key is spent, counts nothing."""
    name, key_no = master(ward, use_limit=10)
    for _ in range(3):
        assert counted(ward, name, Batch(7, 10, "cards:b7")).accepted
    assert spent(ward, key_no) == 10


def test_forty_uses_are_forty_whoever_comes(ward: Ward) -> None:
    """K3: sixteen hands at once, not one use more than the limit, none lost."""
    name, key_no = master(ward, use_limit=40)
    with ThreadPoolExecutor(16) as hands:
        answers = list(hands.map(lambda n: counted(ward, name, Batch(n, 1, "cards:x")), range(64)))
    assert sum(answer.accepted for answer in answers) == 40
    assert {answer.code for answer in answers} == {"accepted", "keys.counter_spent"}
    assert spent(ward, key_no) == 40
    assert ward.one("select count(*) from key_use_drift") == 0


def test_nothing_is_counted_after_a_suspension(ward: Ward) -> None:
    """P11: uses and a suspension at once: none is counted later than the key was stopped."""
    name, key_no = master(ward)
    first = ward.propose("suspend_key", key_no=key_no)
    with ThreadPoolExecutor(8) as hands:
        uses = [hands.submit(counted, ward, name, Batch(n, 1, "cards:y")) for n in range(40)]
        stop = hands.submit(ward.sign, first)
        answers, stopped = [each.result() for each in uses], stop.result()
    assert stopped.accepted
    late = ward.one(
        "select count(*) from key_use_batch b join key_event e using (key_no)"
        " where b.key_no = %s and e.act = 'suspend_key' and b.at > e.at + interval '1 second'",
        key_no,
    )
    assert late == 0
    assert sum(answer.accepted for answer in answers) == spent(ward, key_no)
    assert counted(ward, name, Batch(99, 1, "cards:y")).code == "keys.suspended"


@pytest.mark.parametrize(
    ("path", "protects", "verifies"),
    [
        ((), "keys.not_active", "keys.not_active"),
        (("activate_key",), "accepted", "accepted"),
        (("activate_key", "suspend_key"), "keys.suspended", "keys.suspended"),
        (("activate_key", "deactivate_key"), "keys.only_verifies", "accepted"),
        (("compromise_key",), "keys.compromised", "keys.compromised"),
        (("destroy_key",), "keys.not_active", "keys.not_active"),
    ],
)
def test_a_key_does_what_its_state_allows(
    ward: Ward, path: tuple[str, ...], protects: str, verifies: str
) -> None:
    """P11: every state x making something new or reading something old."""
    name = ward.fresh("U")
    ward.key(*path, name=name, purpose="tac")
    assert taken(ward, Wanted(name, Purpose.TAC)).code == protects
    assert taken(ward, Wanted(name, Purpose.TAC, Use.VERIFY)).code == verifies
    assert taken(ward, Wanted(name, Purpose.LOAD)).code == "keys.unknown"


def test_versions_overlap(ward: Ward) -> None:
    """I1: from the day of the change the new version makes cards; the old verifies its own."""
    name = ward.fresh("R")
    key_no = ward.key("activate_key", name=name, purpose="tac")
    at = "2031-01-01"
    facts = ward.done("rotate_key", key_no=key_no, active_from=at, verifies_until="2041-01-01")
    assert facts["successor"]["version"] == 2
    assert facts["successor"]["check_value"] != facts["check_value"]
    new, old = Wanted(name, Purpose.TAC), Wanted(name, Purpose.TAC, Use.VERIFY, 1)
    assert taken(ward, new).facts["version"] == 1
    assert taken(ward, Wanted(name, Purpose.TAC, Use.VERIFY, 2)).code == "keys.not_yet"
    ward.turned(timedelta(days=365 * 5))
    there = (taken(ward, new), taken(ward, old))
    ward.turned(timedelta(days=365 * 11))
    gone_by = taken(ward, old)
    ward.turned(timedelta(days=-365 * 16))
    assert [each.facts["version"] for each in there] == [2, 1]
    assert gone_by.code == "keys.period_over"


def test_a_rotation_that_does_not_hold_changes_nothing(ward: Ward) -> None:
    """I1: neither dates askew, nor an older version, nor a fourth version at once."""
    name = ward.fresh("R")
    key_no = ward.key("activate_key", name=name, purpose="tac")
    for until in ("2020-01-01", ""):
        answer = ward.sign(ward.propose("rotate_key", key_no=key_no, verifies_until=until))
        assert answer.code in ("keys.rotation_dates", "desk.field_wrong")
    assert len([k for k in ward.vault.inventory() if k.name.name == name]) <= 2
    newest = key_no
    for _ in range(2):
        facts = ward.done("rotate_key", key_no=newest, verifies_until="2060-01-01")
        newest = facts["successor"]["key_no"]
    again = ward.sign(ward.propose("rotate_key", key_no=key_no, verifies_until="2060-01-01"))
    assert not again.accepted


def test_a_successor_that_a_ceremony_brought(ward: Ward) -> None:
    """I1: a rotation may name the version that was imported for it."""
    name = ward.fresh("S")
    key_no = ward.key("activate_key", name=name, purpose="tac")
    new = ward.key(name=name, purpose="tac", version=2)
    facts = ward.done("rotate_key", key_no=key_no, successor=new, verifies_until="2050-01-01")
    assert facts["successor"]["key_no"] == new
    assert ward.state(new) == "active"
    assert taken(ward, Wanted(name, Purpose.TAC)).facts["version"] == 2


def without_vault(ward: Ward) -> Ward:
    """The same ward, its vault pulled out."""
    return replace(ward, office=replace(ward.office, vault=gone, custody=gone))


def test_keys_stop_and_loss_reports_go_on_when_the_vault_is_gone(ward: Ward) -> None:
    """T16, P15: acts on keys and uses refuse with their own reason; a loss report is accepted."""
    puk, key_no = ward.fresh("P"), 0
    key_no = ward.key("activate_key", name=puk, purpose="external")
    dark = without_vault(ward)
    first = dark.propose("deactivate_key", key_no=key_no)
    refused = dark.sign(first)
    assert refused.code == "keys.vault_gone"
    assert "loss reports go on" in refused.say("en")
    assert ward.state(key_no) == "active"
    made = dark.sign(dark.propose("generate_key", name=ward.fresh(), purpose="tac"))
    assert made.code == "keys.vault_gone"
    path = KeyPath(KeyName(puk), (bytes(8),))

    def open_pin(office: Office) -> Answer:
        def work(desk: Desk) -> Mapping[str, Any]:
            name = take(desk, Wanted(puk, Purpose.EXTERNAL))
            code = ask(
                lambda: office.vault().external_authentication(path, bytes(8), bytes(8)), name
            )
            return {"bytes": len(code)}

        return used(office, puk, work)

    assert open_pin(dark.office).code == "keys.vault_gone"
    someone = settle_in(dark.office, "R1")
    report = ReportLoss("R1", "hotline", someone.number, {"name": someone.name})
    assert report_loss(dark.office, request("hotline_agent"), report).accepted
    assert open_pin(ward.office).facts == {"bytes": 8}
    assert ward.sign(first).accepted


def test_an_answer_of_a_gone_vault_is_not_kept(ward: Ward) -> None:
    """T16: "try later" is no answer for ever: the same request is done once the vault is back."""
    key_no = ward.key()
    first = ward.propose("activate_key", key_no=key_no)
    assert without_vault(ward).sign(first).code == "keys.vault_gone"
    assert ward.sign(first).accepted


def test_the_counter_is_never_negative_and_no_batch_is_empty(ward: Ward) -> None:
    """K3, by constraint."""
    _, key_no = master(ward)
    for statement in (
        "update key_use set used = -1 where key_no = %s",
        "insert into key_use_batch values (%s, 1, 0, 'cards:z', now())",
        "insert into key_use_batch values (%s, 1, -5, 'cards:z', now())",
    ):
        with pytest.raises(IntegrityError), psycopg.connect(ward.url) as connection:
            connection.execute(statement, (key_no,))


def test_a_block_is_taken_once_by_who_proposed_it(ward: Ward) -> None:
    """I1, K3: two people let it go, one carries it, within a day, once; the register keeps none."""
    under = ward.key("activate_key", purpose="transport")
    key_no = ward.key("activate_key", export="under_transport")
    content = {"key_no": key_no, "under_no": under, "receiver": "post:factory"}
    first = ward.propose("export_key", **content)
    command = TakeBlock(first.facts["act_id"])
    early, none = take_block(ward.office, by("keeper", "key_keeper"), command)
    assert (early.code, none) == ("desk.unknown_receipt", b"")
    assert ward.sign(first).accepted
    other, _ = take_block(ward.office, by("keeper2", "key_keeper"), command)
    assert other.code == "desk.not_allowed"
    answer, block = take_block(ward.office, by("keeper", "key_keeper"), command)
    assert answer.accepted
    assert answer.facts["bytes"] == len(block) > 16
    again, nothing = take_block(ward.office, by("keeper", "key_keeper"), command)
    assert (again.code, nothing) == ("desk.block_taken", b"")
    stored = "select count(*) from request where answer::text like %s"
    assert ward.one(stored, f"%{block.decode('latin-1')[:40]}%") == 0
    kept = ward.key("activate_key")
    refused = ward.sign(ward.propose("export_key", **{**content, "key_no": kept}))
    assert refused.code == "keys.not_exportable"


def test_the_register_and_the_vault_agree_or_say_where_not(ward: Ward) -> None:
    """I1: a key lost in the vault, one that only the vault knows, one in another state."""
    lost, resting = ward.key("activate_key"), ward.key("activate_key")
    before = {(each.name, each.why.en) for each in differences(ward.office)}
    views = {view.known.key_no: view.known.record.name for view in inventory(ward.office)}
    ward.vault.destroy(views[lost])
    ward.vault.set_standing(views[resting], Standing.RESTING)
    ward.vault.generate(KeyName("STRANGER"), Purpose.TAC)
    found = {(each.name, each.why.en) for each in differences(ward.office)} - before
    assert found == {
        (views[lost].name, "the vault does not hold it"),
        (views[resting].name, "the states differ"),
        ("STRANGER", "the register does not know it"),
    }
