"""A holiday notice is loaded, and every promise that waited for it is counted anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from minka.desk.act import Answer, Desk, Request, act
from minka.desk.office import Office
from minka.desk.rules import turn
from minka.issue.application import replace_terms
from minka.kit.outcome import Reason
from minka.kit.words import Words
from minka.kit.workdays import Standing, Workdays
from minka.law.book import Book
from minka.store import people
from minka.store.connection import Row, do, rows, the_row


class NoticeRefusal(Reason):
    """Why a holiday notice is not taken."""

    NOTICE_WRONG = Words(
        "节假日通知里有不属于{year}年的日子：{days}。请核对文件。",
        "節假日通知裡有不屬於{year}年的日子：{days}。請核對文件。",
        "The notice holds days that do not belong to {year}: {days}. Check the file.",
    )
    NOTICE_KNOWN = Words(
        "{year}年的节假日通知已经公布过，内容与这一份不同，没有更改。请核对文件。",
        "{year}年的節假日通知已經公佈過，內容與這一份不同，沒有更改。請核對文件。",
        "The notice for {year} is on record with other days, so nothing was changed."
        " Check the file.",
    )


@dataclass(frozen=True, slots=True)
class LoadNotice:
    """The State Council's notice of one year: weekdays that rest, week-end days that work."""

    year: int
    off: tuple[date, ...]
    extra: tuple[date, ...]


def load_notice(office: Office, request: Request, command: LoadNotice) -> Answer:
    """Load a notice; the same one again only counts promises anew.

    Refusals: ``NoticeRefusal``.
    """
    return act(office, request, command, lambda desk: _load(desk, command))


def _load(desk: Desk, command: LoadNotice) -> Mapping[str, Any]:
    book, at = desk.office.book(), desk.now()
    try:
        with_notice = book.with_year(command.year, command.off, command.extra)
    except ValueError:
        wrong = [str(day) for day in (*command.off, *command.extra) if day.year != command.year]
        days = {"year": command.year, "days": " ".join(wrong)}
        raise turn(NoticeRefusal.NOTICE_WRONG, **days) from None
    _known_otherwise(desk, book, command)
    listed = [*((day, "off") for day in command.off), *((day, "extra") for day in command.extra)]
    new = sum(
        do(desk.connection, "reference.add_holiday", day=day, kind=kind, at=at, by=_who(desk))
        for day, kind in listed
    )
    moved = [_recount(desk, each, with_notice, at) for each in _waiting(desk)]
    facts = {"year": command.year, "days": new, "moved": sum(moved), "at": at}
    desk.person_id = 0
    facts["audit"] = desk.audit(facts, at)
    return facts


def _who(desk: Desk) -> str:
    return desk.request.actor


def _known_otherwise(desk: Desk, book: Book, command: LoadNotice) -> None:
    """Refuse a notice for a year that is published with other days."""
    stored = rows(desk.connection, "reference.holidays")
    known = {(each["day"], each["kind"]) for each in stored if each["day"].year == command.year}
    told = {*((day, "off") for day in command.off), *((day, "extra") for day in command.extra)}
    own = {each for each in told if each[0].year == command.year}
    published = command.year in book.calendar.published_years
    if (known and known != own) or (published and not _agrees(book.calendar, command)):
        raise turn(NoticeRefusal.NOTICE_KNOWN, year=command.year)


def _agrees(days: Workdays, command: LoadNotice) -> int:
    """One when a published calendar holds just the days of the notice."""
    off = {day for day in days.off if day.year == command.year}
    extra = {day for day in days.extra if day.year == command.year}
    told = [{day for day in each if day.year == command.year} for each in _told(command)]
    return int([off, extra] == told)


def _told(command: LoadNotice) -> tuple[tuple[date, ...], tuple[date, ...]]:
    return command.off, command.extra


def _waiting(desk: Desk) -> list[Row]:
    return rows(desk.connection, "issue.provisional_promises")


def _recount(desk: Desk, waiting: Row, book: Book, at: datetime) -> int:
    """Count one promise anew; one when its day or its firmness changed."""
    desk.person_id = waiting["person_id"]
    people.lock(desk.connection, desk.person_id)
    place = {"person_id": desk.person_id, "application_id": waiting["application_id"]}
    found = the_row(desk.connection, "issue.application", **place)
    entry = book.cited(found["rule_ref"])
    if entry is None:
        return 0
    promise = replace_terms(entry, None, found["actor"]).promise
    assert promise is not None, "a promise that is on record has a rule"
    due = promise.instant(found["accepted_at"], book.workdays(found["region"]))
    firm = "firm" if due.firmness is Standing.FIRM else "provisional"
    if (due.at, firm) == (found["promised_now"], found["promise_now"]):
        return 0
    do(
        desk.connection,
        "issue.change_promise",
        **place,
        at=at,
        promised_at=due.at,
        promise=firm,
    )
    told = {
        "receipt": found["receipt"],
        "promised_at": due.at.isoformat(),
        "before_at": found["promised_now"].isoformat(),
    }
    if due.at != found["promised_now"]:
        desk.send("notice.promise_moved", told, card_id=found["new_card_id"], at=at)
    desk.audit({**told, "promise": firm}, at)
    return 1
