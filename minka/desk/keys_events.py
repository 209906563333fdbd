"""The events of keys: a key read under its lock, moved by one signed act, or made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from minka.desk.act import Desk
from minka.desk.keys_plan import ALGORITHMS, FIELDS, Content, Periods, Plan, whole, wrong
from minka.desk.keys_refusals import KeyDeskRefusal
from minka.desk.keys_words import act_name, state_name
from minka.desk.rules import turn
from minka.keys.lifecycle import KeyRecord, KeyState
from minka.keys.refusals import FROM_VAULT, KeyRefusal
from minka.keys.table import Level
from minka.keys.vault import KeyFacts, KeyName, KeyReason, KeyRefused, Purpose, VaultGone
from minka.kit.outcome import Reason
from minka.store.connection import Connection, Row, do, insert, row

T = TypeVar("T")
_OURS: Mapping[KeyReason, Reason] = {
    KeyReason.EXISTS: KeyDeskRefusal.VAULT_HAS_IT,
    KeyReason.BAD_PARTS: KeyDeskRefusal.PARTS_SPOILED,
}
LONGEST_TEXT, KEY_DIGITS = 200, 16
"""The shortest key has eight bytes."""
LEVELS = {"ministry": Level.MINISTRY, "province": Level.PROVINCE}
NAMES = {algorithm: name for name, algorithm in ALGORITHMS.items()}


@dataclass(frozen=True, slots=True)
class Known:
    """A key as the register knows it, under its lock: its number, where its events stand."""

    key_no: int
    seq: int
    held_for: str
    tier: str
    record: KeyRecord

    @property
    def periods(self) -> Periods:
        """Its periods and its limit as they stand."""
        found = self.record
        ends = (found.active_from, found.protects_until, found.verifies_until)
        return Periods(*ends, found.use_limit)


def known(found: Row) -> Known:
    """A row of ``key_now`` as a key."""
    record = KeyRecord(
        name_of(found),
        Purpose(found["purpose"]),
        LEVELS.get(found["tier"], Level.CITY),
        bytes.fromhex(found["check_value"]),
        KeyState(found["state"]),
        active_from=found["active_from"],
        protects_until=found["protects_until"],
        verifies_until=found["verifies_until"],
        uses=found["used"],
        use_limit=found["use_limit"],
        ceremony=str(found["ceremony_no"] or ""),
    )
    return Known(found["key_no"], found["seq"], found["held_for"], found["tier"], record)


def name_of(found: Row) -> KeyName:
    """The name under which the vault holds a key of a row."""
    return KeyName(found["name"], found["version"], ALGORITHMS[found["algorithm"]])


def locked(connection: Connection, key_no: int | None) -> Known:
    """A key under its lock, read after the lock was taken; ``FIELD_WRONG`` when there is none."""
    held = row(connection, "keys.lock", key_no=key_no) if key_no else None
    found = row(connection, "keys.key", key_no=key_no) if held else None
    if found is None:
        raise wrong("key_no")
    return known(found)


def the_key(desk: Desk, content: Content, field: str = "key_no") -> Known:
    """The key that a content names, under its lock."""
    return locked(desk.connection, whole(content, field))


def moved(
    desk: Desk,
    act: str,
    key: Known,
    *,
    at: datetime,
    to: KeyState | None = None,
    periods: Periods | None = None,
    reason: str = "",
) -> Mapping[str, Any]:
    """Write the event of a signed act about a key; gives its facts."""
    target = to or key.record.state
    event = {
        **_periods(periods or key.periods),
        "key_no": key.key_no,
        "seq": key.seq + 1,
        "act": act,
        "from_state": key.record.state.value,
        "to_state": target.value,
        "act_id": desk.signed_act,
        "at": at,
        "reason": spare(reason),
    }
    insert(desk.connection, "keys.add_event", event)
    named = key.record.name
    return {
        "key_no": key.key_no,
        "name": named.name,
        "version": named.version,
        "state": target,
        "check_value": key.record.check_value.hex().upper(),
        "at": at,
    }


def made(
    desk: Desk,
    act: str,
    plan: Plan,
    facts: KeyFacts,
    *,
    at: datetime,
    ceremony_no: int | None = None,
    state: KeyState = KeyState.PRE_ACTIVE,
) -> Known:
    """Enter a key that a vault now holds, with its first event."""
    key_no = desk.fact_id()
    entered = {
        "key_no": key_no,
        "name": plan.key.name,
        "version": plan.key.version,
        "algorithm": NAMES[plan.key.algorithm],
        "bits": facts.bits,
        "tier": plan.tier,
        "purpose": plan.purpose.value,
        "check_value": facts.check_value.hex().upper(),
        "parent_no": plan.parent_no,
        "held_for": plan.held_for,
        "ceremony_no": ceremony_no,
        "vault": desk.office.vault_id,
        "at": at,
    }
    insert(desk.connection, "keys.add_key", entered)
    do(desk.connection, "keys.add_use", key_no=key_no)
    event = {
        **_periods(plan.periods),
        "key_no": key_no,
        "seq": 1,
        "act": act,
        "from_state": "none",
        "to_state": state.value,
        "act_id": desk.signed_act,
        "at": at,
        "reason": "",
    }
    insert(desk.connection, "keys.add_event", event)
    return locked(desk.connection, key_no)


def facts_of(key: Known, **more: Any) -> Mapping[str, Any]:
    """What an answer says of a key that was made."""
    named = key.record.name
    return {
        "key_no": key.key_no,
        "name": named.name,
        "version": named.version,
        "state": key.record.state,
        "check_value": key.record.check_value.hex().upper(),
        **more,
    }


def new_name(desk: Desk, plan: Plan) -> None:
    """Refuse a name and version that stands in the inventory, or a parent that does not."""
    named = {"name": plan.key.name, "version": plan.key.version}
    taken = {**named, "algorithm": NAMES[plan.key.algorithm]}
    if row(desk.connection, "keys.taken", **taken) is not None:
        raise turn(KeyDeskRefusal.KEY_THERE, key=plan.key.name, version=plan.key.version)
    parent = plan.parent_no
    if parent is not None and row(desk.connection, "keys.key", key_no=parent) is None:
        raise wrong("parent_no")


def ask(question: Callable[[], T], key: KeyName) -> T:
    """What a vault says; its refusals and its absence as refusals of the act, nothing done."""
    try:
        return question()
    except VaultGone:
        raise turn(KeyRefusal.VAULT_GONE) from None
    except KeyRefused as refused:
        reason = _OURS.get(refused.reason) or FROM_VAULT[refused.reason]
        raise turn(reason, key=key.name, version=key.version) from None


def not_now(act: str, key: Known) -> Exception:
    """The refusal of an act that the state of a key does not admit."""
    state = state_name(key.record.state)
    return turn(KeyRefusal.NO_SUCH_MOVE, state=state, move=act_name(act))


def spare(text: str, field: str = "reason") -> str:
    """A text short enough to be kept, and nothing that could be a key."""
    digits = "".join(text.split()).lower()
    run = longest = 0
    for letter in digits:
        run = run + 1 if letter in "0123456789abcdef" else 0
        longest = max(longest, run)
    if len(text) > LONGEST_TEXT or longest >= KEY_DIGITS:
        raise wrong(field)
    return text


def kept(content: Content) -> None:
    """Refuse a content that names what no act knows, or holds what could be a key.

    A proposal is a fact: what is typed into the wrong field would stay for ever.
    """
    for name, value in content.items():
        if name not in FIELDS:
            raise wrong(name)
        several = name in ("custodians", "part_checks")
        for text in str(value).split() if several else [str(value)]:
            spare(text, name)


def later(key: Known, **change: Any) -> Periods:
    """The periods of a key with some of them set anew."""
    return replace(key.periods, **change)


def _periods(periods: Periods) -> dict[str, Any]:
    return {
        "active_from": periods.active_from,
        "protects_until": periods.protects_until,
        "verifies_until": periods.verifies_until,
        "use_limit": periods.use_limit,
    }
