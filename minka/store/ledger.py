"""The books written down: a person's coverage is locked, an entry appended, the link moved on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from psycopg.types.json import Jsonb

from minka.accounts.chart import individual
from minka.accounts.entry import NOTHING, Entry
from minka.accounts.hold import Hold
from minka.accounts.spend import AccountState, Contract, Life
from minka.store.connection import Connection, Row, do, row, rows, the_row


@dataclass(frozen=True, slots=True)
class Locked:
    """A person's account under its lock, at the instant taken with it."""

    state: AccountState
    area: int
    scheme: int
    psn_type: int
    at: datetime
    prev: tuple[int, int]
    """The newest journal row of the person: its message and origin."""


@dataclass(frozen=True, slots=True)
class Written:
    """One entry as it goes into the books."""

    kind: str
    request_key: str
    actor: str
    entry: Entry = NOTHING
    of_entry_no: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


def lock(connection: Connection, person_id: int, fence: datetime | None) -> Locked | None:
    """Lock a person's account and take the next instant of its clock; None without account."""
    found = row(connection, "ledger.lock", person_id=person_id, fence=fence)
    if found is None:
        return None
    bound = the_row(connection, "ledger.bound", person_id=person_id, at=found["at"])
    life = Life.CLOSED if bound["closed"] else Life.OPEN
    return Locked(
        AccountState(person_id, found["balance_fen"], bound["held_fen"], life),
        found["area"],
        found["scheme"],
        found["psn_type"],
        found["at"],
        (found["prev_msg_no"], found["prev_origin_no"]),
    )


def post(connection: Connection, locked: Locked, written: Written) -> tuple[int, Locked]:
    """Append an entry to a locked account; its number, and the account after it.

    The row's balance, the link to the row before, the coverage's balance, link and held sum move in
    the same commit.
    """
    person_id = locked.state.person_id
    after = locked.state.balance_fen + written.entry.change(individual(person_id))
    legs = written.entry.legs
    entry_no: int = the_row(
        connection,
        "ledger.enter",
        person_id=person_id,
        at=locked.at,
        kind=written.kind,
        of_entry_no=written.of_entry_no,
        request_key=written.request_key,
        kinds=[int(leg.account.kind) for leg in legs],
        owners=[leg.account.owner for leg in legs],
        amounts=[int(leg.amount) for leg in legs],
        balance=after,
        prev_msg_no=locked.prev[0],
        prev_origin_no=locked.prev[1],
        actor=written.actor,
        details=Jsonb(dict(written.details)),
    )["entry_no"]
    moved = {"person_id": person_id, "at": locked.at, "entry_no": entry_no, "balance": after}
    do(connection, "ledger.move_coverage", **moved)
    return entry_no, replace(
        locked, state=replace(locked.state, balance_fen=after), prev=(entry_no, 0)
    )


def holds_of(connection: Connection, person_id: int) -> list[Hold]:
    """Every hold there ever was on an account, oldest first."""
    return [_hold(each) for each in rows(connection, "ledger.holds", person_id=person_id)]


def _hold(found: Row) -> Hold:
    return Hold(
        hold_no=found["hold_no"],
        person_id=found["person_id"],
        amount_fen=found["amount_fen"],
        provider_no=found["provider_no"],
        from_at=found["from_at"],
        until_at=found["until_at"],
        ended_at=found["ended_at"],
    )


def contract(connection: Connection, provider_no: int, scheme: int, day: date) -> Contract:
    """Whether a provider may settle with a scheme on a day."""
    named = {"provider_no": provider_no, "scheme": scheme, "day": day}
    found = row(connection, "ledger.contract", **named)
    return Contract.DESIGNATED if found and found["designated"] else Contract.NONE


def open_many(
    connection: Connection,
    balances: Sequence[tuple[int, int]],
    *,
    actor: str,
    source: str,
    fence: datetime | None = None,
) -> int:
    """Enter the opening balances of many people in one statement; how many were entered.

    ``balances`` are pairs of person and fen. A person who was opened before is passed over, so that
    an import broken off is run again. Nobody else may be moving these accounts meanwhile.
    """
    found = the_row(
        connection,
        "ledger.open_many",
        person_ids=[person_id for person_id, _ in balances],
        amounts=[fen for _, fen in balances],
        actor=actor,
        fence=fence,
        details=Jsonb({"source": source}),
    )
    people: int = found["people"]
    return people
