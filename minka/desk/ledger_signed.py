"""Acts on an account that two people must sign; ``desk.privileged`` says who.

| act | content | what is done |
|---|---|---|
| adjust_account | person_id, amount_fen, reason | the balance is put right by a signed amount |
| correct_entry | person_id, entry, reason | an entry is undone by its opposite, once |
| move_account | person_id, to, reason | the account goes with its person to another pooling area |
| close_account | person_id, to, reason | closed; the rest goes to an heir or is paid out |

``to`` is ``area:990200`` for a move; ``person:17`` or ``outside`` for a closing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from minka.accounts.chart import Account, AccountKind, individual, of_fund
from minka.accounts.entry import NOTHING, Entry, Leg, between, to_suspense
from minka.accounts.entry import allocation as allocated
from minka.accounts.movement import Movement
from minka.accounts.refusals import AccountRefusal
from minka.accounts.spend import enough
from minka.desk.account_look import keys_of
from minka.desk.act import Desk
from minka.desk.ledger import booked, day_of, locked
from minka.desk.refusals import DeskRefusal
from minka.desk.rules import require, turn
from minka.kit.fen import Fen, yuan
from minka.kit.outcome import Accepted
from minka.store.connection import Row, do, row
from minka.store.ledger import Locked, Written

Content = Mapping[str, Any]

CORRECTABLE = (
    *(Movement.ALLOCATION.value, Movement.ADJUSTMENT.value, Movement.OPENING.value),
    *(Movement.POST.value, Movement.REIMBURSEMENT.value),
)
"""Entries that are undone by their opposite; a settlement is refunded by its provider."""


def about(desk: Desk, content: Content) -> int:
    """The person whose account it is; ``NO_ACCOUNT`` when there is none."""
    person_id = _number(content.get("person_id", ""))
    if row(desk.connection, "account.coverage", person_id=person_id) is None:
        raise turn(AccountRefusal.NO_ACCOUNT)
    return person_id


def adjust_account(desk: Desk, content: Content) -> Mapping[str, Any]:
    """Put a balance right by a signed amount, against the treasury; never below zero."""
    account = locked(desk, _number(content.get("person_id", "")))
    amount = _amount(content.get("amount_fen", ""))
    if amount < 0:
        require(enough(account.state, -amount) or Accepted(None))
    entry = allocated(account.state.person_id, account.area, account.scheme, amount)
    return _booked(desk, account, Movement.ADJUSTMENT, entry=entry, content=content)[1]


def correct_entry(desk: Desk, content: Content) -> Mapping[str, Any]:
    """Undo an entry by its opposite, once; never below zero."""
    account = locked(desk, _number(content.get("person_id", "")))
    found = _entry_of(desk, account, str(content.get("entry", "")))
    entry = _legs(found).opposite()
    change = entry.change(individual(account.state.person_id))
    if change < 0:
        require(enough(account.state, -change) or Accepted(None))
    of = int(found["entry_no"])
    return _booked(desk, account, Movement.CORRECTION, entry=entry, content=content, of=of)[1]


def move_account(desk: Desk, content: Content) -> Mapping[str, Any]:
    """Take an account to another pooling area: its treasury now stands for the balance."""
    account = locked(desk, _number(content.get("person_id", "")))
    kind, number = _target(content)
    if kind != "area":
        raise turn(DeskRefusal.UNKNOWN_RECEIPT)
    if number == account.area:
        raise turn(AccountRefusal.SAME_ACCOUNT)
    if row(desk.connection, "ledger.area", area=number) is None:
        raise turn(DeskRefusal.UNKNOWN_REGION)
    entry = _between_areas(account, number)
    facts = _booked(desk, account, Movement.MOVE, entry=entry, content=content)[1]
    person_id = account.state.person_id
    do(desk.connection, "ledger.set_area", person_id=person_id, area=number)
    return facts


def close_account(desk: Desk, content: Content) -> Mapping[str, Any]:
    """Close an account; what is left goes to an heir's account or waits in suspense to be paid out.

    Refusals: ``NO_ACCOUNT``, ``ACCOUNT_CLOSED``, ``HOLD_OPEN``, ``SAME_ACCOUNT``.
    """
    person_id = _number(content.get("person_id", ""))
    kind, heir_id = _target(content)
    account, heir = _pair(desk, person_id, heir_id if kind == "person" else 0)
    state = account.state
    if state.held_fen:
        raise turn(AccountRefusal.HOLD_OPEN, held=yuan(state.held_fen))
    fen = state.balance_fen
    entry = to_suspense(person_id, account.area, account.scheme, fen) if fen else NOTHING
    facts = dict(_booked(desk, account, Movement.CLOSE, entry=entry, content=content)[1])
    do(desk.connection, "ledger.end_coverage", person_id=person_id, day=day_of(account.at))
    if heir is not None and fen:
        inherits = to_suspense(heir_id, account.area, account.scheme, -fen)
        facts["heir"] = dict(_booked(desk, heir, Movement.MOVE, entry=inherits, content=content)[1])
        desk.person_id = person_id
    return facts


def _pair(desk: Desk, person_id: int, heir_id: int) -> tuple[Locked, Locked | None]:
    """Both accounts under their locks, the lower number first, so that nobody waits in a ring."""
    if person_id == heir_id:
        raise turn(AccountRefusal.SAME_ACCOUNT)
    wanted = sorted({person_id, heir_id} - {0})
    found = {each: locked(desk, each) for each in wanted}
    desk.person_id = person_id
    return found[person_id], found.get(heir_id)


def _entry_of(desk: Desk, account: Locked, ref: str) -> Row:
    keys = keys_of(ref)
    if keys is None or keys[1]:
        raise turn(AccountRefusal.NOT_CORRECTABLE if keys else AccountRefusal.UNKNOWN_ENTRY)
    named = {"entry_no": keys[0], "person_id": account.state.person_id}
    found = row(desk.connection, "ledger.entry", **named)
    if found is None:
        raise turn(AccountRefusal.UNKNOWN_ENTRY)
    if found["kind"] not in CORRECTABLE:
        raise turn(AccountRefusal.NOT_CORRECTABLE)
    if row(desk.connection, "ledger.undoing", **named) is not None:
        raise turn(AccountRefusal.ALREADY_UNDONE)
    return found


def _legs(found: Row) -> Entry:
    triples = zip(found["kinds"], found["owners"], found["amounts"], strict=True)
    return Entry(
        tuple(Leg(Account(AccountKind(kind), owner), Fen(fen)) for kind, owner, fen in triples)
    )


def _between_areas(account: Locked, area: int) -> Entry:
    fen = account.state.balance_fen
    if not fen:
        return NOTHING
    old = of_fund(AccountKind.TREASURY, account.area, account.scheme)
    new = of_fund(AccountKind.TREASURY, area, account.scheme)
    return between(new, old, fen)


def _booked(
    desk: Desk,
    account: Locked,
    kind: Movement,
    *,
    entry: Entry,
    content: Content,
    of: int | None = None,
) -> tuple[Locked, Mapping[str, Any]]:
    details = {name: str(content[name]) for name in ("reason", "to", "entry") if name in content}
    key = f"act:{desk.request.key}"
    written = Written(kind.value, key, desk.request.actor, entry, of, details)
    return booked(desk, account, written)


def _number(typed: object) -> int:
    text = str(typed)
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise turn(AccountRefusal.NO_ACCOUNT)
    return int(text)


def _amount(typed: object) -> int:
    text = str(typed)
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 15 and int(digits)):
        raise turn(AccountRefusal.NOT_AN_AMOUNT)
    return int(text)


def _target(content: Content) -> tuple[str, int]:
    kind, _, typed = str(content.get("to", "outside")).partition(":")
    if kind == "outside" and not typed:
        return kind, 0
    if kind not in ("person", "area"):
        raise turn(DeskRefusal.UNKNOWN_RECEIPT)
    return kind, _number(typed)


PERFORM: Mapping[str, Callable[[Desk, Content], Mapping[str, Any]]] = {
    "adjust_account": adjust_account,
    "correct_entry": correct_entry,
    "move_account": move_account,
    "close_account": close_account,
}
"""Each act by its name."""
