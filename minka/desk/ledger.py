"""Acts on a person's account: open it, credit a month, and the frame that every such act stands in.

Each act is one transaction under one request key. It locks the person's coverage, takes the next
instant of its clock, asks the room of accounts, and writes the entry and the coverage in one
commit. Fund and provider accounts are never updated: they are added up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from minka.accounts.entry import allocation as allocated
from minka.accounts.movement import Movement
from minka.accounts.refusals import AccountRefusal
from minka.accounts.spend import Life
from minka.desk.account_look import ref_of
from minka.desk.act import Answer, Desk, Request, act
from minka.desk.office import Office
from minka.desk.rules import turn
from minka.kit.clock import CHINA
from minka.store import ledger
from minka.store.connection import row, the_row
from minka.store.ledger import Locked, Written

OPENING_KEY = "opening"
"""Under this key an opening stands in the books, once for each person."""


@dataclass(frozen=True, slots=True)
class OpenBalance:
    """Enter what an account held in the register it came from."""

    person_id: int
    amount_fen: int
    source: str
    """Where the figure is from: the file and line, or the old register's receipt."""


@dataclass(frozen=True, slots=True)
class CloseDay:
    """Write down what every fund and provider account stands at, at the end of a day in China."""

    day: date


def open_balance(office: Office, request: Request, command: OpenBalance) -> Answer:
    """Enter an opening balance, once for each person.

    Refusals: ``NO_ACCOUNT``, ``ACCOUNT_CLOSED``, ``NOT_AN_AMOUNT``, ``ALREADY_OPENED``.
    """
    return act(office, request, command, lambda desk: _open(desk, command))


def close_day(office: Office, request: Request, command: CloseDay) -> Answer:
    """Assert every derived account at the end of a day: the last assertion and what came since.

    Nothing can be dated into a closed day: a posting takes its instant as it is written, and no
    transaction lasts as long as the margin. Refusals: ``DAY_NOT_OVER`` (try later),
    ``DAY_BEFORE``.
    """
    return act(office, request, command, lambda desk: _close_day(desk, command))


def locked(desk: Desk, person_id: int) -> Locked:
    """The account of a person under its lock; ``NO_ACCOUNT`` or ``ACCOUNT_CLOSED`` ends the act."""
    found = ledger.lock(desk.connection, person_id, desk.office.fence())
    if found is None:
        raise turn(AccountRefusal.NO_ACCOUNT)
    desk.person_id = person_id
    if found.state.life is Life.CLOSED:
        raise turn(AccountRefusal.ACCOUNT_CLOSED)
    return found


def booked(
    desk: Desk, before: Locked, written: Written, **more: Any
) -> tuple[Locked, Mapping[str, Any]]:
    """Write an entry; the account after it, and the facts of the acceptance with its audit hash."""
    entry_no, after = ledger.post(desk.connection, before, written)
    facts = {
        "ref": ref_of(entry_no, 0),
        "kind": written.kind,
        "at": before.at,
        "amount_fen": after.state.balance_fen - before.state.balance_fen,
        "balance_fen": after.state.balance_fen,
        **more,
    }
    content = {**facts, "of": written.of_entry_no, **written.details}
    return after, {**facts, "audit": desk.audit(content, before.at)}


def day_of(at: datetime) -> date:
    """The day of an instant in China."""
    return at.astimezone(CHINA).date()


def _open(desk: Desk, command: OpenBalance) -> Mapping[str, Any]:
    account = locked(desk, command.person_id)
    if command.amount_fen <= 0:
        raise turn(AccountRefusal.NOT_AN_AMOUNT)
    named = {"request_key": OPENING_KEY, "person_id": command.person_id}
    if row(desk.connection, "ledger.by_key", **named) is not None:
        raise turn(AccountRefusal.ALREADY_OPENED)
    written = Written(
        Movement.OPENING.value,
        OPENING_KEY,
        desk.request.actor,
        allocated(command.person_id, account.area, account.scheme, command.amount_fen),
        details={"source": command.source},
    )
    return booked(desk, account, written)[1]


def _close_day(desk: Desk, command: CloseDay) -> Mapping[str, Any]:
    at = the_row(desk.connection, "ledger.day_ends", day=command.day)["at"]
    the_row(desk.connection, "ledger.one_closer")
    if not the_row(desk.connection, "ledger.closable", at=at, fence=desk.office.fence())["yes"]:
        raise turn(AccountRefusal.DAY_NOT_OVER)
    last = the_row(desk.connection, "ledger.last_close")["at"]
    if last is not None and last >= at:
        raise turn(AccountRefusal.DAY_BEFORE, day=command.day.isoformat())
    closed = the_row(desk.connection, "ledger.close_day", at=at)
    facts = {"day": command.day, "asserted_at": at, **closed}
    return {**facts, "audit": desk.audit(facts, at)}
