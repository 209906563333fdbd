"""The monthly allocation of a whole pooling area: each person once a month, thousands at a time.

Every batch is one act with its own key, so an allocation that broke off is simply run again. A
batch passes over accounts that somebody is just moving, and takes them one by one at the end; it
never waits for anybody while others wait for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from psycopg.types.json import Jsonb

from minka.accounts.entry import allocation as allocated
from minka.accounts.movement import Movement
from minka.accounts.refusals import AccountRefusal
from minka.desk.act import Answer, Desk, Request, act
from minka.desk.ledger import booked, locked
from minka.desk.office import Office
from minka.desk.rules import turn
from minka.law.allocation import Allocation, allocation
from minka.store.connection import do, row, rows, the_row
from minka.store.ledger import Written

BATCH = 1000
"""People of one statement: about a tenth of a second, so that no settlement waits long for it."""

MOST_LEFT = 100_000
"""How many passed-over people one call takes one by one; the next call takes the rest."""


@dataclass(frozen=True, slots=True)
class AllocateMonth:
    """Credit every person of a pooling area's scheme with the month's sum by the city's law."""

    area: int
    month: date
    """Any day of the month."""
    scheme: int = 310


@dataclass(frozen=True, slots=True)
class _Batch:
    """The people after one number."""

    month: AllocateMonth
    ref: str
    after: int


@dataclass(frozen=True, slots=True)
class _One:
    """One person whom a batch passed over."""

    month: AllocateMonth
    ref: str
    person_id: int
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Allocated:
    """What an allocation did: people credited, fen, and by which rule; ``refused`` or None."""

    people: int
    fen: int
    ref: str
    mark: str
    refused: Answer | None = None


def month_key(month: date) -> str:
    """The key under which an allocation stands in the books, once for each person."""
    return f"allocation:{month:%Y-%m}"


def allocate_month(
    office: Office, request: Request, command: AllocateMonth, *, batch: int = BATCH
) -> Allocated:
    """Credit a month to a whole pooling area; who has it already is passed over.

    Refusal: ``NO_ALLOCATION_RULE`` where the city's law names no sum for the scheme.
    """
    rule = rule_of(office, command)
    if rule is None:
        no_rule = act(office, request, command, _no_rule)
        return Allocated(0, 0, "", "", no_rule)
    people = fen = after = number = 0
    while True:
        part = _Batch(command, rule.ref, after)
        number += 1
        own = replace(request, key=f"{request.key}:{number}")
        answer = act(office, own, part, lambda desk, p=part: _batch(desk, p, rule, batch))  # type: ignore[misc]
        if not answer.accepted:
            return Allocated(people, fen, rule.ref, rule.mark, answer)
        people, fen = people + answer.facts["people"], fen + answer.facts["fen"]
        if not answer.facts["people"]:
            break
        after = answer.facts["last_id"]
    ones = [_left(office, request, command, rule, due=each) for each in _due(office, command, rule)]
    credited = [answer.facts["amount_fen"] for answer in ones if answer.accepted]
    return Allocated(people + len(credited), fen + sum(credited), rule.ref, rule.mark)


def rule_of(office: Office, command: AllocateMonth) -> Allocation | None:
    """The law's monthly sums for the area's city in that month, or None."""
    with office.register.act() as connection:
        area = row(connection, "ledger.area", area=command.area)
    if area is None:
        return None
    return allocation(area["benefits"], command.scheme, command.month.replace(day=1))


def _no_rule(desk: Desk) -> Mapping[str, Any]:
    raise turn(AccountRefusal.NO_ALLOCATION_RULE, act=desk.act)


def _named(command: AllocateMonth, rule: Allocation) -> dict[str, Any]:
    first = command.month.replace(day=1)
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return {
        "area": command.area,
        "scheme": command.scheme,
        "psn_types": list(rule.by_type),
        "amounts": [int(fen) for fen in rule.by_type.values()],
        "month_key": month_key(command.month),
        "month_start": first,
        "month_end": following,
    }


def _batch(desk: Desk, part: _Batch, rule: Allocation, batch: int) -> Mapping[str, Any]:
    do(desk.connection, "journal.claim", request_key=month_key(part.month.month))
    done = the_row(
        desk.connection,
        "ledger.allocate",
        **_named(part.month, rule),
        after=part.after,
        batch=batch,
        fence=desk.office.fence(),
        actor=desk.request.actor,
        details=Jsonb({"rule": rule.ref}),
    )
    facts = {**done, "month": f"{part.month.month:%Y-%m}", "area": part.month.area}
    if done["people"]:
        desk.audit({**facts, "rule": rule.ref}, desk.now())
    return facts


def _due(office: Office, command: AllocateMonth, rule: Allocation) -> Sequence[tuple[int, int]]:
    """Who was passed over: person and fen."""
    named = {**_named(command, rule), "batch": MOST_LEFT}
    with office.register.act() as connection:
        due = rows(connection, "ledger.allocation_due", **named)
    return [(each["person_id"], each["amount"]) for each in due]


def _left(
    office: Office,
    request: Request,
    command: AllocateMonth,
    rule: Allocation,
    *,
    due: tuple[int, int],
) -> Answer:
    one = _One(command, rule.ref, *due)
    own = replace(request, key=f"{request.key}:person:{one.person_id}")
    return act(office, own, one, lambda desk: _allocate_one(desk, one))


def _allocate_one(desk: Desk, one: _One) -> Mapping[str, Any]:
    account = locked(desk, one.person_id)
    key = month_key(one.month.month)
    known = row(desk.connection, "ledger.by_key", request_key=key, person_id=one.person_id)
    if known is not None:
        return {"amount_fen": 0, "people": 0}
    entry = allocated(one.person_id, account.area, account.scheme, one.amount_fen)
    written = Written(
        Movement.ALLOCATION.value, key, desk.request.actor, entry, details={"rule": one.ref}
    )
    return booked(desk, account, written)[1]
