"""What the calendar asks of the books: every month credited, every day closed, none of it twice.

| what | when |
|---|---|
| the month's allocation of each area and scheme | from its first day, by the law of that day |
| the close of a day | when nothing can be dated into it any more |

After a standstill whatever was missed is done, in its order. Each is an act under its own key, so
that two clocks, or a clock that was set back, do nothing twice. The timetable begins when it is
first asked: a register that comes with its own past is credited from the next month on, and its
first closed day is the one before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from minka.accounts.refusals import AccountRefusal
from minka.desk.act import Answer, Desk, Request, act
from minka.desk.allocate import AllocateMonth, allocate_month
from minka.desk.ledger import CloseDay, close_day, day_of
from minka.desk.office import Office
from minka.law.allocation import schemes
from minka.store import cards, journal
from minka.store.connection import rows, the_row

FURTHEST = 36
"""Months that are looked back for the last allocation."""


@dataclass(frozen=True, slots=True)
class MonthCredited:
    """The note that an area's month is credited; the first one only says where it begins."""

    area: int
    scheme: int
    month: date


@dataclass(frozen=True, slots=True)
class Turned:
    """What the calendar asked for, in the order in which it was done."""

    closed: tuple[date, ...] = ()
    credited: tuple[tuple[int, int, date], ...] = ()
    """Area, scheme and month."""


def turn_over(office: Office) -> Turned:
    """Do what is due by the register's clock; what cannot be done yet is left for the next time."""
    with office.register.act() as connection:
        now = cards.now(connection, office.fence())
        areas = rows(connection, "hot.areas")
    credited = [
        (each["area"], scheme, month)
        for each in areas
        for scheme in schemes(each["benefits"])
        for month in _months(office, each["area"], scheme, day_of(now))
    ]
    return Turned(tuple(_close(office, now)), tuple(credited))


def _close(office: Office, now: datetime) -> Iterator[date]:
    """The days that are over and not closed; whoever closed one by hand is not in the way."""
    with office.register.act() as connection:
        last = the_row(connection, "ledger.last_close")["at"]
    yesterday = day_of(now) - timedelta(days=1)
    day = _first_day(office, yesterday) if last is None else day_of(last) + timedelta(days=1)
    while day <= yesterday:
        answer = close_day(office, _request(f"close:{day}"), CloseDay(day))
        if answer.code == AccountRefusal.DAY_NOT_OVER.code:
            return
        if answer.accepted and not answer.replayed:
            yield day
        day += timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DaysBegin:
    """The note of the first day that is closed by the timetable."""


def _first_day(office: Office, yesterday: date) -> date:
    begins = act(office, _request("close:begins"), DaysBegin(), lambda _: {"day": yesterday})
    return date.fromisoformat(str(begins.facts["day"]))


def _months(office: Office, area: int, scheme: int, today: date) -> Iterator[date]:
    current = today.replace(day=1)
    last = _last_credited(office, area, scheme, current)
    if last is None:
        _note(office, MonthCredited(area, scheme, current), {"begins": True})
        return
    month = following(last)
    while month <= current:
        command = AllocateMonth(area, month, scheme)
        done = allocate_month(office, _request(_key(area, scheme, month)), command)
        if done.refused is None:
            _note(office, MonthCredited(area, scheme, month), {"people": done.people})
            yield month
        month = following(month)


def _last_credited(office: Office, area: int, scheme: int, current: date) -> date | None:
    month = current
    for _ in range(FURTHEST):
        with office.register.act() as connection:
            if journal.claim(connection, f"timer:{_key(area, scheme, month)}:done"):
                return month
        month = (month - timedelta(days=1)).replace(day=1)
    return None


def _note(office: Office, command: MonthCredited, facts: dict[str, Any]) -> Answer:
    def work(desk: Desk) -> dict[str, Any]:
        said = {"area": command.area, "month": f"{command.month:%Y-%m}", **facts}
        desk.audit(said, desk.now())
        return said

    key = f"{_key(command.area, command.scheme, command.month)}:done"
    return act(office, _request(key), command, work)


def _key(area: int, scheme: int, month: date) -> str:
    return f"allocate:{area}:{scheme}:{month:%Y-%m}"


def _request(key: str) -> Request:
    return Request(f"timer:{key}", "timer", actor="timer", role="medical_staff")


def following(month: date) -> date:
    """The first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
