"""A person's account shown and put on paper; whoever looked or printed is on record.

The figure is one and the same at every door: it is read from the books at one instant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from minka.cards.number import mask
from minka.cipher.field import digest
from minka.desk.account_look import Balance, Movement, balance, movements
from minka.desk.act import Answer, Desk, Request, act
from minka.desk.office import Office
from minka.desk.query_refusals import QueryRefusal
from minka.desk.rules import the_law, turn
from minka.kit.clock import CHINA
from minka.kit.secret import Clear
from minka.law.papers import NOTHING, Papers, ShownPaper, missing
from minka.law.region import Entry, RegionLaw
from minka.people.person import Person
from minka.store import cards, journal, people
from minka.store.connection import Connection, Register, Row, do, insert, row

MOST = 2000
"""Lines of one statement; more are asked for in shorter periods."""

COUNTERS = ("bank_counter", "counter")
"""Channels where a clerk hands the record out, against the papers that the rule asks for."""

UNSPENT = ("hold", "release")
"""Movements that bill nothing."""


@dataclass(frozen=True, slots=True)
class Statement:
    """Every movement of an account from an instant to another (not included); amounts in fen."""

    since: datetime
    until: datetime
    opening_fen: int
    closing_fen: int
    movements: tuple[Movement, ...]
    """The oldest first."""

    @property
    def in_fen(self) -> int:
        """Everything that came in."""
        return sum(each.amount_fen for each in self.movements if each.amount_fen > 0)

    @property
    def out_fen(self) -> int:
        """Everything that went out, as a positive amount."""
        return -sum(each.amount_fen for each in self.movements if each.amount_fen < 0)

    def sum_of(self, part: str) -> int:
        """The sum of ``total_fen``, ``fund_fen``, ``account_fen`` or ``cash_fen`` of all bills."""
        billed = [each for each in self.movements if each.kind not in UNSPENT]
        return sum(int(getattr(each, part)) for each in billed)


def day_starts(day: date) -> datetime:
    """The first instant of a day in China."""
    return datetime.combine(day, time(), CHINA)


def statement_of(
    office: Office, person_id: int, since: datetime, until: datetime, *, most: int = MOST
) -> Statement | None:
    """The statement of ``since <= at < until``; None without an account or with too many lines.

    The balance before the first line, the lines and the balance after the last one are read from
    the books each for itself, so that they can be added up by whoever doubts it.
    """
    instant = timedelta(microseconds=1)
    opening = balance(office, person_id, since - instant)
    closing = balance(office, person_id, until - instant)
    found = movements(office, person_id, since, until, limit=most + 1)
    if opening is None or closing is None or len(found) > most:
        return None
    return Statement(since, until, opening.fen, closing.fen, tuple(reversed(found)))


class _OneConnection(Register):
    """The register as one open transaction sees it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @contextmanager
    def act(self) -> Iterator[Connection]:
        """The transaction that is open already."""
        yield self._connection


def within(desk: Desk) -> Office:
    """The office inside an act: a look at the books takes no second connection of the pool."""
    return replace(desk.office, register=_OneConnection(desk.connection))


def record_rule(law: RegionLaw) -> Entry | None:
    """The region's rule about the printed transaction record, if it has one."""
    ruled = (e for e in law.entries("query") if e.value("result") == "transaction_record_printed")
    return next(ruled, None)


def record_papers(law: RegionLaw) -> Papers:
    """What a counter must see before it prints the record; nothing where no rule asks."""
    entry = record_rule(law)
    papers: Papers | None = entry.value("papers_self") if entry else None
    return papers if papers is not None else NOTHING


@dataclass(frozen=True, slots=True)
class ShowAccount:
    """Somebody else than the holder looks: named by the register's number, or by the citizen's."""

    region: str
    person_id: int = 0
    number: Clear = field(default_factory=lambda: Clear(""))


def show_account(office: Office, request: Request, command: ShowAccount) -> Answer:
    """The balance with its instant, masked; that it was looked at is on record for the holder.

    Amounts in fen. Refusals: ``QueryRefusal.NO_ACCOUNT``.
    """
    return act(office, request, command, lambda desk: _show(desk, command))


def _show(desk: Desk, command: ShowAccount) -> Mapping[str, Any]:
    at = desk.now()
    the_law(desk, command.region, at)
    person = whose(desk, command.region, command.person_id, command.number)
    found = the_balance(desk, person)
    held = cards.in_hand(cards.of_person(desk.connection, person.person_id))
    desk.audit({"account": "balance", "role": desk.request.role}, at)
    return {
        "person": person.person_id,
        "name": person.name_mask,
        "card": mask(held.card_number) if held else "",
        "has_bank": "yes" if held and held.bank_id else "no",
        "balance_fen": found.fen,
        "held_fen": found.held_fen,
        "free_fen": found.free_fen,
        "as_of": found.as_of,
    }


def whose(desk: Desk, region: str, person_id: int, number: Clear) -> Person:
    """The person an act is about; unknown and another city's are one refusal."""
    found = person_id or people.find(desk.connection, desk.keys, number)
    person = people.load(desk.connection, desk.keys, found or 0)
    if person is None or person.region != region:
        people.decoy(desk.keys)
        raise turn(QueryRefusal.NO_ACCOUNT)
    desk.person_id = person.person_id
    return person


def the_balance(desk: Desk, person: Person) -> Balance:
    """The balance now; a refusal for a person without an account."""
    found = balance(within(desk), person.person_id)
    if found is None:
        raise turn(QueryRefusal.NO_ACCOUNT)
    return found


@dataclass(frozen=True, slots=True)
class IssueStatement:
    """A statement of whole days, both included, is handed out."""

    region: str
    since: date
    until: date
    channel: str
    person_id: int = 0
    number: Clear = field(default_factory=lambda: Clear(""))
    papers: Sequence[ShownPaper] = ()


def issue_statement(office: Office, request: Request, command: IssueStatement) -> Answer:
    """Put a statement on record under a code by which its paper can be verified.

    Refusals: ``QueryRefusal`` NO_ACCOUNT, PERIOD_WRONG, TOO_MANY_LINES, and RECORD_PAPERS at a
    counter where the rule (R5-07) asks for papers that were not shown.
    """
    return act(office, request, command, lambda desk: _issue(desk, command))


def _issue(desk: Desk, command: IssueStatement) -> Mapping[str, Any]:
    at = desk.now()
    law = the_law(desk, command.region, at)
    person = whose(desk, command.region, command.person_id, command.number)
    lacking = missing(record_papers(law), command.papers)
    if command.channel in COUNTERS and lacking:
        raise turn(QueryRefusal.RECORD_PAPERS, missing=lacking)
    since = day_starts(command.since)
    until = min(day_starts(command.until) + timedelta(days=1), at)
    if command.since > command.until or since > at:
        raise turn(QueryRefusal.PERIOD_WRONG)
    the_balance(desk, person)
    made = statement_of(within(desk), person.person_id, since, until)
    if made is None:
        raise turn(QueryRefusal.TOO_MANY_LINES, most=MOST)
    return _record(desk, command, made, at)


def _record(desk: Desk, command: IssueStatement, made: Statement, at: datetime) -> dict[str, Any]:
    code, statement_id = desk.new_code("T"), desk.fact_id()
    fingerprint = digest(journal.canonical(_content(code, made)))
    kept = {
        "code": code,
        "since_at": made.since,
        "until_at": made.until,
        "lines": len(made.movements),
        "opening_fen": made.opening_fen,
        "closing_fen": made.closing_fen,
        "issued_at": at,
        "channel": command.channel,
    }
    where = {"person_id": desk.person_id, "statement_id": statement_id}
    values = {**kept, **where, "digest": fingerprint, "operator": desk.request.actor}
    insert(desk.connection, "dispute.add_statement", values)
    receipt = {"code": code, "person_id": desk.person_id, "kind": "statement"}
    do(desk.connection, "loss.add_receipt", **receipt, fact_id=statement_id)
    desk.audit({"account": "statement", "statement": code, "role": desk.request.role}, at)
    return {**kept, "check": check_value(fingerprint), "person": desk.person_id}


def _content(code: str, made: Statement) -> dict[str, Any]:
    """What a statement says, for its fingerprint."""
    lines = [
        [each.ref, each.at.isoformat(), each.kind, each.amount_fen, each.balance_fen]
        for each in made.movements
    ]
    return {
        "code": code,
        "since": made.since.isoformat(),
        "until": made.until.isoformat(),
        "opening": made.opening_fen,
        "closing": made.closing_fen,
        "lines": lines,
    }


def check_value(fingerprint: bytes) -> str:
    """The first part of a fingerprint as it is printed: ``1f3a 09bc 77d2``."""
    text = fingerprint.hex()[:12]
    return " ".join(text[place : place + 4] for place in range(0, 12, 4))


def statement_on_record(office: Office, person_id: int, statement_id: int) -> Row | None:
    """What is on record of a statement that was handed out, with its ``check`` value, or None."""
    with office.register.act() as connection:
        named = {"person_id": person_id, "statement_id": statement_id}
        found = row(connection, "dispute.statement", **named)
    return {**found, "check": check_value(bytes(found["digest"]))} if found else None
