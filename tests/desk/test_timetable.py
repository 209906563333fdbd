"""The calendar's acts: every month credited, every day closed, once, late if need be."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import psycopg
import pytest

from minka.desk import account_look as look
from minka.desk.ledger import OpenBalance, day_of, open_balance
from minka.desk.office import Office
from minka.desk.timetable import following, turn_over
from minka.desk.verify import verify
from minka.doors.timer import keep_time
from minka.store import cards
from tests.desk.money_town import AREA, found_area, insure
from tests.desk.town import request


@pytest.fixture(scope="module", autouse=True)
def _area(office: Office) -> None:
    found_area(office)


def pass_by(database_url: str, days: int) -> None:
    """So many days pass on the register's own clock."""
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("update clock_shift set shift = shift + %s", (timedelta(days=days),))


def today(office: Office) -> date:
    """The day by the register's clock."""
    with office.register.act() as connection:
        return day_of(cards.now(connection, None))


def test_months_and_days_that_were_missed(office: Office, database_url: str) -> None:
    """I6, P7: after ten weeks of standstill each missed month and day is done once, in order."""
    someone = insure(office)
    assert open_balance(office, request(), OpenBalance(someone.person_id, 700, "test")).accepted
    before = look.balance(office, someone.person_id)
    assert before is not None
    began = today(office)
    first = turn_over(office)
    assert first.credited == (), "what was before belongs to whoever brought it"
    assert first.closed == (began - timedelta(days=1),)
    assert turn_over(office).closed == ()
    pass_by(database_url, 70)
    now, months = today(office), []
    month = following(began.replace(day=1))
    while month <= now:
        months.append(month)
        month = following(month)
    caught = turn_over(office)
    assert caught.credited == tuple((AREA, 310, each) for each in months)
    assert caught.closed == tuple(began + timedelta(days=n) for n in range(70))
    after = look.balance(office, someone.person_id)
    assert after is not None
    assert after.fen == before.fen + 18_000 * len(months)
    assert turn_over(office) == type(caught)()
    assert verify(office.register).differences == 0


def test_two_clocks_do_nothing_twice(office: Office, database_url: str) -> None:
    """Four timers at once over a turn of the month: one allocation each, every day once (X1)."""
    someone = insure(office)
    turn_over(office)
    had = look.balance(office, someone.person_id)
    assert had is not None
    pass_by(database_url, 31)
    stop = threading.Event()
    clocks = [
        threading.Thread(target=keep_time, args=(office, stop), kwargs={"every_s": 0.2})
        for _ in range(4)
    ]
    for clock in clocks:
        clock.start()
    stop.wait(2)
    turn_over(office)
    stop.set()
    for clock in clocks:
        clock.join(30)
    now = look.balance(office, someone.person_id)
    assert now is not None
    assert now.fen - had.fen in (18_000, 36_000)
    with psycopg.connect(database_url) as owner:
        doubled = owner.execute(
            "select count(*) from (select request_key, person_id from ledger_entry"
            " where kind = 'allocation' group by 1, 2 having count(*) > 1) twice"
        ).fetchone()
    assert doubled == (0,)
    assert verify(office.register).differences == 0
