"""Acts on the books: I6, X1, X33, X38, X39, G2, K6; P7, P12."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import psycopg
import pytest

from minka.accounts.chart import Account, AccountKind
from minka.desk import account_look as look
from minka.desk.account_derived import derived
from minka.desk.act import Answer
from minka.desk.approval import Approve, Propose, approve, propose
from minka.desk.hold import HoldMoney, PostHold, ReleaseHold, hold_money, post_hold, release_hold
from minka.desk.ledger import CloseDay, OpenBalance, close_day, open_balance
from minka.desk.office import Office
from minka.store import ledger
from tests.desk.money_town import AREA, HOSPITAL, PHARMACY, found_area, insure, settle
from tests.desk.staff import by, hire
from tests.desk.town import Resident, request

EARLY, LATE = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
OTHER_AREA = 990200


@pytest.fixture(scope="module", autouse=True)
def _town(office: Office, database_url: str) -> None:
    found_area(office)
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "insert into pooling_area values (%s, 'R2', 'demo-city-B', '', '示例乙市')",
            (OTHER_AREA,),
        )
        connection.execute("insert into designation values (%s, 310, '2020-01-01')", (HOSPITAL,))
    hire(database_url, "medic", "medical_staff", "R1")
    hire(database_url, "checker", "reviewer", "R1")


def opened(office: Office, fen: int = 10_000) -> Resident:
    """A person with money."""
    someone = insure(office)
    answer = open_balance(office, request(), OpenBalance(someone.person_id, fen, "old register"))
    assert answer.accepted, answer
    return someone


def balance(office: Office, someone: Resident, at: datetime | None = None) -> look.Balance:
    """The balance of a person who has an account."""
    found = look.balance(office, someone.person_id, at)
    assert found is not None
    return found


def sums(url: str) -> tuple[int, int]:
    """The sum of all postings, and the number of entries that do not balance."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "select (select coalesce(sum(amount), 0)::bigint from posting), (select count(*) from"
            " (select 1 from posting group by msg_no, origin_no, person_id"
            " having sum(amount) <> 0) wrong)"
        ).fetchone()
    assert row is not None
    return row[0], row[1]


def test_an_opening_is_entered_once(office: Office, database_url: str) -> None:
    """I6, X1: the same key answers the same; another key is refused."""
    someone = insure(office)
    asked = request()
    command = OpenBalance(someone.person_id, 12_345, "line 7")
    first = open_balance(office, asked, command)
    assert first.accepted, first
    again = open_balance(office, asked, command)
    assert (again.facts, again.replayed) == (first.facts, "replayed")
    assert open_balance(office, request(), command).code == "accounts.already_opened"
    other = open_balance(office, asked, replace(command, amount_fen=1))
    assert other.code == "desk.key_reused"
    assert balance(office, someone).fen == 12_345
    assert sums(database_url) == (0, 0)


@pytest.mark.parametrize(
    ("amount", "code"), [(0, "accounts.not_an_amount"), (-5, "accounts.not_an_amount")]
)
def test_an_opening_is_money(office: Office, amount: int, code: str) -> None:
    """K6: no account is opened below zero."""
    someone = insure(office)
    command = OpenBalance(someone.person_id, amount, "line 7")
    assert open_balance(office, request(), command).code == code
    assert open_balance(office, request(), replace(command, person_id=10**15)).code == (
        "accounts.no_account"
    )


def test_many_are_opened_in_one_statement(office: Office, database_url: str) -> None:
    """I6: an import that is run twice enters every balance once."""
    people = [insure(office) for _ in range(5)]
    given = [(each.person_id, 100 * number) for number, each in enumerate(people)]
    with office.register.act() as connection:
        assert ledger.open_many(connection, given, actor="import", source="file") == 4
    with office.register.act() as connection:
        assert ledger.open_many(connection, given, actor="import", source="file") == 0
    assert [balance(office, each).fen for each in people] == [0, 100, 200, 300, 400]
    assert sums(database_url) == (0, 0)


def test_a_hold_is_paid_once_and_the_rest_is_free(office: Office, database_url: str) -> None:
    """X38: held, then posted in part."""
    someone = opened(office)
    held = hold_money(office, request(), held_for(someone, 6_000))
    assert held.accepted, held
    now = balance(office, someone)
    assert (now.fen, now.held_fen, now.free_fen) == (10_000, 6_000, 4_000)
    more = hold_money(office, request(), held_for(someone, 4_001))
    assert more.code == "accounts.balance_short"
    post = PostHold(someone.person_id, held.facts["ref"], 5_000)
    paid = post_hold(office, request(), post)
    assert (paid.facts["balance_fen"], paid.facts["amount_fen"]) == (5_000, -5_000)
    assert post_hold(office, request(), post).code == "accounts.hold_ended"
    assert balance(office, someone).free_fen == 5_000
    kinds = [m.kind for m in look.movements(office, someone.person_id, EARLY, LATE)]
    assert kinds == ["post", "hold", "opening"]
    assert sums(database_url) == (0, 0)


def held_for(someone: Resident, fen: int, hours: int = 24) -> HoldMoney:
    """A hold at the hospital."""
    until = datetime.now(UTC) + timedelta(hours=hours)
    return HoldMoney(someone.person_id, HOSPITAL, fen, until)


def test_a_hold_is_released_once(office: Office) -> None:
    """X38: and what somebody else's hold is, is unknown."""
    someone, other = opened(office), opened(office)
    held = hold_money(office, request(), held_for(someone, 6_000))
    ref = held.facts["ref"]
    assert release_hold(office, request(), ReleaseHold(other.person_id, ref)).code == (
        "accounts.unknown_entry"
    )
    command = ReleaseHold(someone.person_id, ref)
    assert release_hold(office, request(), command).accepted
    assert release_hold(office, request(), command).code == "accounts.hold_ended"
    assert balance(office, someone).held_fen == 0
    for wrong in ("", "L", "x", "L999999", "1" * 26):
        named = ReleaseHold(someone.person_id, wrong)
        assert release_hold(office, request(), named).code == "accounts.unknown_entry"


def test_a_hold_runs_out_by_itself(office: Office, database_url: str) -> None:
    """X38: nothing has to run; and at an instant before, it is seen as it stood."""
    someone = opened(office)
    before = balance(office, someone).as_of
    held = hold_money(office, request(), held_for(someone, 6_000, hours=1))
    with psycopg.connect(database_url) as connection:
        connection.execute("update clock_shift set shift = shift + interval '2 hours'")
    try:
        now = balance(office, someone)
        assert (now.fen, now.held_fen) == (10_000, 0)
        post = PostHold(someone.person_id, held.facts["ref"], 1)
        assert post_hold(office, request(), post).code == "accounts.hold_ended"
        settle(office, someone.person_id, in_scope=10_000, account=10_000)
        assert balance(office, someone).fen == 0
        at = datetime.fromisoformat(held.facts["at"])
        assert balance(office, someone, at).held_fen == 6_000
        assert balance(office, someone, before).held_fen == 0
    finally:
        with psycopg.connect(database_url) as connection:
            connection.execute("update clock_shift set shift = shift - interval '2 hours'")


def test_a_reversal_passes_a_hold(office: Office, database_url: str) -> None:
    """X38, K6: a refund reversed takes its money back, promised or not; never below zero."""
    someone = opened(office, 100)
    paid = settle(office, someone.person_id, in_scope=100, account=100)
    undo = {"of_msg_no": paid.msg_no, "of_origin_no": HOSPITAL, "in_scope": 100, "account": 100}
    refund = settle(office, someone.person_id, kind=2, **undo)
    held = hold_money(office, request(), held_for(someone, 80))
    assert held.accepted, held
    settle(office, someone.person_id, in_scope=100, account=100)
    assert balance(office, someone).free_fen == 0
    post = PostHold(someone.person_id, held.facts["ref"], 80)
    assert post_hold(office, request(), post).code == "accounts.balance_short"
    assert hold_money(office, request(), held_for(someone, 1)).code == "accounts.balance_short"
    assert balance(office, someone).fen == 0
    assert refund.ref != paid.ref
    assert sums(database_url) == (0, 0)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"purpose": "cash"}, "accounts.cash"),
        ({"purpose": "transfer"}, "accounts.transfer"),
        ({"purpose": "credit"}, "accounts.credit"),
        ({"country": "HK"}, "accounts.abroad"),
        ({"provider_no": PHARMACY}, "accounts.not_designated"),
        ({"provider_no": 77}, "accounts.not_designated"),
        ({"amount_fen": 0}, "accounts.not_an_amount"),
        ({"until_at": LATE}, "accounts.hold_too_long"),
        ({"person_id": 10**15}, "accounts.no_account"),
    ],
)
def test_purpose_bound_money(office: Office, change: Mapping[str, Any], code: str) -> None:
    """G2, K6, K7: the register refuses by the name of the rule, and nothing moves."""
    someone = opened(office)
    command = replace(held_for(someone, 100), **change)
    assert hold_money(office, request(), command).code == code
    assert balance(office, someone).held_fen == 0


def signed(office: Office, name: str, **content: object) -> Answer:
    """An act of two people."""
    stated = {key: str(value) for key, value in content.items()}
    first = propose(office, by("medic", "medical_staff"), Propose(name, stated))
    if not first.accepted:
        return first
    command = Approve(first.facts["act_id"], first.facts["content_hash"])
    return approve(office, by("checker", "reviewer"), command)


def test_an_adjustment_takes_two_people(office: Office, database_url: str) -> None:
    """X33, P12: up and down, never below zero, and with the reason in the books."""
    someone = opened(office)
    content = {"person_id": str(someone.person_id), "amount_fen": "500", "reason": "x"}
    alone = propose(office, by("medic", "medical_staff"), Propose("adjust_account", content))
    assert alone.accepted, alone
    assert balance(office, someone).fen == 10_000
    up = signed(office, "adjust_account", person_id=someone.person_id, amount_fen=500, reason="a")
    assert up.accepted, up
    down = signed(office, "adjust_account", person_id=someone.person_id, amount_fen=-10_500)
    assert down.accepted, down
    assert balance(office, someone).fen == 0
    short = signed(office, "adjust_account", person_id=someone.person_id, amount_fen=-1)
    assert short.code == "accounts.balance_short"
    nothing = signed(office, "adjust_account", person_id=someone.person_id, amount_fen=0)
    assert nothing.code == "accounts.not_an_amount"
    assert sums(database_url) == (0, 0)


def test_an_entry_is_corrected_once(office: Office, database_url: str) -> None:
    """X33: by its opposite, which names it; a settlement and a hold are not corrected here."""
    someone = opened(office)
    up = signed(office, "adjust_account", person_id=someone.person_id, amount_fen=700, reason="a")
    fix = {"person_id": someone.person_id, "entry": up.facts["ref"], "reason": "wrong person"}
    assert signed(office, "correct_entry", **fix).accepted
    assert balance(office, someone).fen == 10_000
    assert signed(office, "correct_entry", **fix).code == "accounts.already_undone"
    held = hold_money(office, request(), held_for(someone, 100))
    paid = settle(office, someone.person_id, in_scope=100)
    for ref, code in (
        (held.facts["ref"], "accounts.not_correctable"),
        (paid.ref, "accounts.not_correctable"),
        ("L99999999", "accounts.unknown_entry"),
        ("", "accounts.unknown_entry"),
    ):
        assert signed(office, "correct_entry", **{**fix, "entry": ref}).code == code
    assert sums(database_url) == (0, 0)


def test_an_account_goes_with_its_person(office: Office, database_url: str) -> None:
    """I6: the new area's treasury stands for the balance, and the old one's no more."""
    someone = opened(office)
    content = {"person_id": someone.person_id, "to": f"area:{OTHER_AREA}", "reason": "moved"}
    assert signed(office, "move_account", **{**content, "to": "area:1"}).code == (
        "desk.unknown_region"
    )
    assert signed(office, "move_account", **{**content, "to": f"area:{AREA}"}).code == (
        "accounts.same_account"
    )
    moved = signed(office, "move_account", **content)
    assert moved.accepted, moved
    assert balance(office, someone).fen == 10_000
    with psycopg.connect(database_url) as connection:
        row = connection.execute(
            "select sum(amount) from posting where kind = 14 and owner = %s",
            (OTHER_AREA * 1000 + 310,),
        ).fetchone()
    assert row == (-10_000,)


def test_a_closed_account_goes_to_the_heir(office: Office, database_url: str) -> None:
    """G2, P12: the one way to another person, signed by two; then nothing more moves."""
    someone, heir = opened(office), insure(office)
    content = {"person_id": someone.person_id, "to": f"person:{heir.person_id}", "reason": "died"}
    held = hold_money(office, request(), held_for(someone, 100))
    assert signed(office, "close_account", **content).code == "accounts.hold_open"
    release = ReleaseHold(someone.person_id, held.facts["ref"])
    assert release_hold(office, request(), release).accepted
    same = {**content, "to": f"person:{someone.person_id}"}
    assert signed(office, "close_account", **same).code == "accounts.same_account"
    closed = signed(office, "close_account", **content)
    assert closed.accepted, closed
    assert (balance(office, someone).fen, balance(office, heir).fen) == (0, 10_000)
    assert signed(office, "close_account", **content).code == "accounts.account_closed"
    later = hold_money(office, request(), held_for(someone, 1))
    assert later.code == "accounts.account_closed"
    assert sums(database_url) == (0, 0)


def test_a_closed_account_is_paid_out(office: Office, database_url: str) -> None:
    """I6: what is paid out elsewhere waits in suspense."""
    someone = opened(office, 777)
    content = {"person_id": someone.person_id, "to": "outside", "reason": "left"}
    assert signed(office, "close_account", **content).accepted
    with psycopg.connect(database_url) as connection:
        row = connection.execute(
            "select sum(amount) from posting where kind = 12 and person_id = %s",
            (someone.person_id,),
        ).fetchone()
    assert row == (777,)


def test_the_balance_at_every_past_instant(office: Office) -> None:
    """I6, X39: as the rows tell it, at each row and just before it."""
    someone = opened(office)
    for _ in range(3):
        settle(office, someone.person_id, in_scope=1_000, account=1_000)
    rows = look.movements(office, someone.person_id, EARLY, LATE)
    assert [row.balance_fen for row in rows] == [7_000, 8_000, 9_000, 10_000]
    for newer, older in pairwise(rows):
        assert balance(office, someone, newer.at).fen == newer.balance_fen
        just_before = newer.at - timedelta(microseconds=1)
        assert balance(office, someone, just_before).fen == older.balance_fen
        assert older.balance_fen + newer.amount_fen == newer.balance_fen


def test_a_day_is_closed_in_order(office: Office, database_url: str) -> None:
    """I6: assertions carry on from the last one; a day that is not over, or past, is not closed."""
    today = datetime.now(UTC).date()
    early = close_day(office, request(), CloseDay(today + timedelta(days=2)))
    assert early.code == "accounts.day_not_over"
    someone = opened(office)
    with psycopg.connect(database_url) as connection:
        connection.execute("update clock_shift set shift = shift + interval '2 days'")
    try:
        first = close_day(office, request(), CloseDay(today + timedelta(days=1)))
        assert first.accepted, first
        again = close_day(office, request(), CloseDay(today))
        assert again.code == "accounts.day_before"
        settle(office, someone.person_id, in_scope=1_000, account=1_000)
        with psycopg.connect(database_url) as connection:
            connection.execute("update clock_shift set shift = shift + interval '2 days'")
        second = close_day(office, request(), CloseDay(today + timedelta(days=3)))
        assert second.accepted, second
    finally:
        with psycopg.connect(database_url) as connection:
            connection.execute("update clock_shift set shift = interval '0'")
    with psycopg.connect(database_url) as connection:
        fund = connection.execute(
            "select a.owner, a.at, a.balance, (select sum(amount)::bigint from posting p where"
            " p.kind = 14 and p.owner = a.owner) from account_assertion a where kind = 14"
            " order by at"
        ).fetchall()
        wrong = connection.execute(
            "select * from account_assertion a where balance <> (select coalesce(sum(amount), 0)"
            " from posting p where p.kind = a.kind and p.owner = a.owner and p.at <= a.at)"
        ).fetchall()
        assert wrong == []
        count = connection.execute("select count(distinct at) from account_assertion").fetchone()
    assert count == (2,)
    for owner, at, asserted, newest in fund:
        treasury = Account(AccountKind.TREASURY, owner)
        assert derived(office, treasury, at) == (asserted, at)
        assert derived(office, treasury)[0] == newest
    just_before = fund[0][1] - timedelta(days=400)
    assert derived(office, treasury, just_before)[0] == 0


def test_no_row_of_the_books_can_be_edited(office: Office) -> None:
    """P7: not even by the desk's own role."""
    opened(office)
    for statement in (
        "update ledger_entry set balance = 1",
        "delete from ledger_entry",
        "update settlement set total = 0",
        "update account_assertion set balance = 0",
    ):
        with pytest.raises(psycopg.Error), office.register.act() as connection:
            connection.execute(statement)


def test_a_key_of_another_persons_act_does_nothing(office: Office) -> None:
    """X1: the key is bound to its content, the person included."""
    one, two = opened(office), opened(office)
    asked = request(key=secrets.token_hex(8))
    assert hold_money(office, asked, held_for(one, 100)).accepted
    assert hold_money(office, asked, held_for(two, 100)).code == "desk.key_reused"
    assert date(2026, 1, 1) < balance(office, two).as_of.date()
