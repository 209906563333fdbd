"""Queue tickets of a hall (G14): taken with the ID card, called in order, the wait shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from minka.desk.act import Answer, Desk, Request, act
from minka.desk.office import Office
from minka.desk.refusals import DeskRefusal
from minka.desk.rules import turn
from minka.kit.clock import CHINA
from minka.kit.outcome import Reason
from minka.kit.secret import Clear
from minka.kit.words import Words
from minka.store import people
from minka.store.connection import Row, do, row, rows, the_row

BUSINESSES = ("card", "other")
"""What a ticket is for: card business, or anything else."""


class QueueRefusal(Reason):
    """Why there is no ticket, or nobody to call."""

    NO_QUEUE_HERE = Words(
        "这里不发号。请到银行大厅或服务网点取号。",
        "這裡不發號。請到銀行大廳或服務網點取號。",
        "No tickets are given here. Take one in the bank hall or at a service point.",
    )
    NOBODY_WAITS = Words(
        "现在没有人在等候，请稍后再叫号。",
        "現在沒有人在等候，請稍後再叫號。",
        "Nobody is waiting now. Call again later.",
    )


HALLS = ("bank", "service_bank", "boc_savings_office", "service_point", "agency", "service_centre")


@dataclass(frozen=True, slots=True)
class TakeTicket:
    """A visitor takes a ticket; the number is read from the ID card by the machine, if at all."""

    place_id: str
    business: str = "card"
    number: Clear | None = None


def take_ticket(office: Office, request: Request, command: TakeTicket) -> Answer:
    """Give the next ticket of the place and day, with how many wait before it."""
    assert command.business in BUSINESSES, command.business
    return act(office, request, command, lambda desk: _take(desk, command))


def _take(desk: Desk, command: TakeTicket) -> Mapping[str, Any]:
    _hall(desk, command.place_id)
    at = desk.now()
    day = _today(at)
    _lock(desk, command.place_id)
    number = command.number
    found = people.find(desk.connection, desk.keys, number) if number else None
    place = {"place_id": command.place_id, "day": day}
    taken = the_row(
        desk.connection,
        "queue.take",
        **place,
        business=command.business,
        person_id=found or 0,
        at=at,
    )
    ahead = the_row(desk.connection, "queue.ahead", **place, number=taken["number"])
    facts = {
        "ticket": ticket_name(command.business, taken["number"]),
        "number": taken["number"],
        "place_id": command.place_id,
        "ahead": ahead["ahead"],
        "issued_at": at,
    }
    desk.audit(facts, at)
    return facts


@dataclass(frozen=True, slots=True)
class CallNext:
    """A counter calls the next visitor."""

    place_id: str


def call_next(office: Office, request: Request, command: CallNext) -> Answer:
    """Call the longest waiting ticket of the day; the answer opens the visitor's case."""
    return act(office, request, command, lambda desk: _call(desk, command))


def _call(desk: Desk, command: CallNext) -> Mapping[str, Any]:
    _hall(desk, command.place_id)
    at = desk.now()
    _lock(desk, command.place_id)
    called = row(desk.connection, "queue.call", place_id=command.place_id, day=_today(at), at=at)
    if called is None:
        raise turn(QueueRefusal.NOBODY_WAITS)
    facts = {
        "ticket": ticket_name(called["business"], called["number"]),
        "number": called["number"],
        "business": called["business"],
        "person_id": called["person_id"],
        "called_at": at,
    }
    desk.audit(facts, at)
    return facts


def ticket_name(business: str, number: int) -> str:
    """The ticket as it is printed and called: A for card business, B for anything else."""
    return f"{'A' if business == 'card' else 'B'}{number:03d}"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A hall as its screen shows it."""

    waiting: int
    last_called: str
    longest_wait_s: int


def waiting_at(office: Office, place_id: str) -> Waiting:
    """How many wait at a place now, which ticket was called last, and the longest wait."""
    with office.register.act() as connection:
        at: datetime = the_row(connection, "cards.now", fence=office.fence())["at"]
        listed = rows(connection, "queue.of_day", place_id=place_id, day=_today(at))
    open_ones = [each for each in listed if each["called_at"] is None]
    called = [each for each in listed if each["called_at"] is not None]
    last = max(called, key=lambda each: (each["called_at"], each["number"]), default=None)
    oldest = min((each["issued_at"] for each in open_ones), default=at)
    return Waiting(
        waiting=len(open_ones),
        last_called=ticket_name(last["business"], last["number"]) if last else "",
        longest_wait_s=int((at - oldest).total_seconds()),
    )


def _today(at: datetime) -> date:
    return at.astimezone(CHINA).date()


def _hall(desk: Desk, place_id: str) -> Row:
    place = row(desk.connection, "reference.place", id=place_id)
    if place is None:
        raise turn(DeskRefusal.UNKNOWN_PLACE)
    if place["kind"] not in HALLS:
        raise turn(QueueRefusal.NO_QUEUE_HERE)
    return place


def _lock(desk: Desk, place_id: str) -> None:
    """One ticket at a time in a hall, so that numbers have no gap and nobody is called twice."""
    do(desk.connection, "journal.claim", request_key=f"queue {place_id}")
