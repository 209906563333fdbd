"""Money held for a provider: held, then posted, released, or run out by itself (X38).

A hold is a row of the books that moves nothing; what ends it is another row that names it, and the
table lets only one do so. Until when it stands is in the row, so no timer has to run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from minka.accounts import hold as rules
from minka.accounts.entry import NOTHING, Entry
from minka.accounts.hold import Hold
from minka.accounts.movement import Movement
from minka.accounts.spend import HOME, Asked, Purpose
from minka.desk.account_look import keys_of
from minka.desk.act import Answer, Desk, Request, act
from minka.desk.ledger import booked, day_of, locked
from minka.desk.office import Office
from minka.desk.rules import require
from minka.store import ledger
from minka.store.ledger import Locked, Written


@dataclass(frozen=True, slots=True)
class HoldMoney:
    """Keep an amount free for a provider until an instant."""

    person_id: int
    provider_no: int
    amount_fen: int
    until_at: datetime
    purpose: str = Purpose.CARE.value
    country: str = HOME


@dataclass(frozen=True, slots=True)
class PostHold:
    """Pay the provider out of a hold; what is not needed is free again."""

    person_id: int
    hold: str
    """The hold's number in the books: ``L`` and digits."""
    amount_fen: int


@dataclass(frozen=True, slots=True)
class ReleaseHold:
    """Give a hold back."""

    person_id: int
    hold: str


def hold_money(office: Office, request: Request, command: HoldMoney) -> Answer:
    """Hold money; it never takes the account below zero together with what is held already.

    Refusals: ``NO_ACCOUNT``, those of ``accounts.spend.permitted``, ``HOLD_TOO_LONG``.
    """
    return act(office, request, command, lambda desk: _hold(desk, command))


def post_hold(office: Office, request: Request, command: PostHold) -> Answer:
    """Pay out of a hold, once.

    Refusals: ``NO_ACCOUNT``, ``UNKNOWN_ENTRY``, ``HOLD_ENDED``, ``NOT_AN_AMOUNT``,
    ``HOLD_TOO_SMALL``, ``BALANCE_SHORT``.
    """
    return act(office, request, command, lambda desk: _post(desk, command))


def release_hold(office: Office, request: Request, command: ReleaseHold) -> Answer:
    """Give a hold back, once. Refusals: ``NO_ACCOUNT``, ``UNKNOWN_ENTRY``, ``HOLD_ENDED``."""
    return act(office, request, command, lambda desk: _release(desk, command))


def holds_of(office: Office, person_id: int) -> list[Hold]:
    """Every hold there ever was on an account, oldest first."""
    with office.register.act() as connection:
        return ledger.holds_of(connection, person_id)


def _hold(desk: Desk, command: HoldMoney) -> Mapping[str, Any]:
    account = locked(desk, command.person_id)
    day = day_of(account.at)
    asked = Asked(
        Purpose(command.purpose),
        command.amount_fen,
        command.provider_no,
        ledger.contract(desk.connection, command.provider_no, account.scheme, day),
        command.country,
    )
    require(rules.take(account.state, asked, account.at, command.until_at))
    details = {
        "held_fen": command.amount_fen,
        "until": command.until_at.isoformat(),
        "provider_no": command.provider_no,
    }
    written = _written(desk, Movement.HOLD, NOTHING, of=None, details=details)
    more = {"held_fen": command.amount_fen, "until_at": command.until_at}
    return booked(desk, account, written, **more)[1]


def _post(desk: Desk, command: PostHold) -> Mapping[str, Any]:
    account, hold = _found(desk, command.person_id, command.hold)
    entry: Entry = require(
        rules.post(hold, command.amount_fen, account.at, account.state.balance_fen)
    )
    return _end(desk, account, hold, Movement.POST, entry=entry)


def _release(desk: Desk, command: ReleaseHold) -> Mapping[str, Any]:
    account, hold = _found(desk, command.person_id, command.hold)
    require(rules.release(hold, account.at))
    return _end(desk, account, hold, Movement.RELEASE, entry=NOTHING)


def _end(
    desk: Desk, account: Locked, hold: Hold | None, kind: Movement, *, entry: Entry
) -> Mapping[str, Any]:
    assert hold is not None, "a hold that may be ended is there"
    details = {"provider_no": hold.provider_no}
    written = _written(desk, kind, entry, of=hold.hold_no, details=details)
    return booked(desk, account, written, hold=f"L{hold.hold_no}")[1]


def _found(desk: Desk, person_id: int, ref: str) -> tuple[Locked, Hold | None]:
    account = locked(desk, person_id)
    keys = keys_of(ref)
    number = keys[0] if keys and not keys[1] else 0
    holds = ledger.holds_of(desk.connection, person_id)
    return account, next((each for each in holds if each.hold_no == number), None)


def _written(
    desk: Desk, kind: Movement, entry: Entry, *, of: int | None, details: Mapping[str, Any]
) -> Written:
    key = f"act:{desk.request.key}"
    return Written(kind.value, key, desk.request.actor, entry, of, details)
