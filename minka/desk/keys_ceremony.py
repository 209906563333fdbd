"""A ceremony step by step: a custodian enters his part, the witness compares, and closes it.

The part itself is no field of a command: it is hashed nowhere, kept nowhere and goes to the vault
alone. What is written down is who entered which part, when, and its check value.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from minka.cipher.block_cipher import BlockCipher, check_value
from minka.cipher.card_key import HsmOnly
from minka.desk.act import Answer, Desk, Request, act
from minka.desk.keys_events import ask
from minka.desk.keys_held import Held, hold, said
from minka.desk.keys_plan import CeremonyPlan, wrong
from minka.desk.keys_record import Record, record_of
from minka.desk.keys_refusals import KeyDeskRefusal
from minka.desk.office import Office
from minka.desk.refusals import DeskRefusal
from minka.desk.rules import turn
from minka.keys import ceremony as rules
from minka.keys.refusals import KeyRefusal
from minka.keys.vault import KeyRefused, VaultGone
from minka.kit.clock import CHINA
from minka.kit.secret import Clear
from minka.store.connection import Connection, do, row, rows

OF_PART = {"custodian": "key_custodian", "witness": "auditor"}


@dataclass(frozen=True, slots=True)
class EnterPart:
    """A custodian enters his own part; the part goes beside the command."""

    ceremony_no: int


@dataclass(frozen=True, slots=True)
class ComparePart:
    """The witness puts the check value he was read beside the vault's; part 0 is the whole key."""

    ceremony_no: int
    part: int
    check_value: str


@dataclass(frozen=True, slots=True)
class CloseCeremony:
    """The witness ends a ceremony: ``closed`` when all agreed, or ``abandoned``."""

    ceremony_no: int
    how: str = "closed"


def enter_part(office: Office, request: Request, command: EnterPart, part: Clear) -> Answer:
    """Take a custodian's part into the vault; answers its number and its check value.

    Refusals, in order: ``NOT_ALLOWED``, ``FIELD_WRONG``, those of ``keys.ceremony.enter``,
    ``VAULT_GONE`` and the vault's own.
    """
    return act(office, request, command, lambda desk: _enter(desk, command, part))


def compare_part(office: Office, request: Request, command: ComparePart) -> Answer:
    """Write down whether two check values agree; one that differs stands, and ends the ceremony.

    Refusals: ``NOT_ALLOWED``, ``NOT_WITNESS``, ``PART_MISSING``, ``PART_COMPARED``, ``CLOSED``.
    """
    return act(office, request, command, lambda desk: _compare(desk, command))


def close_ceremony(office: Office, request: Request, command: CloseCeremony) -> Answer:
    """End a ceremony with the fingerprint of its record; the key is activated by its own act."""
    return act(office, request, command, lambda desk: _close(desk, command))


def _enter(desk: Desk, command: EnterPart, part: Clear) -> Mapping[str, Any]:
    at = desk.now()
    _on_duty(desk, "custodian", at)
    held = hold(desk.connection, command.ceremony_no)
    me = desk.request.actor
    said(rules.may_enter(held.ceremony, me, at))
    component = _bytes(part, held.planned)
    key = held.planned.plan.key
    check = _check(held.planned, component)
    said(rules.enter(held.ceremony, me, check, at))
    told = ask(
        lambda: desk.office.custody().add_component(str(command.ceremony_no), key, component), key
    )
    if told != check:
        raise turn(KeyRefusal.CHECK_VALUE_DIFFERS)
    number = held.planned.custodians.index(me) + 1
    entered = {
        "ceremony_no": command.ceremony_no,
        "part": number,
        "parts": held.found["parts"],
        "staff_number": me,
        "check_value": check.hex().upper(),
        "at": at,
    }
    do(desk.connection, "keys.add_part", **entered)
    facts = {name: entered[name] for name in ("ceremony_no", "part", "parts", "check_value", "at")}
    return {**facts, "audit": desk.audit(facts, at)}


def _compare(desk: Desk, command: ComparePart) -> Mapping[str, Any]:
    at = desk.now()
    _on_duty(desk, "witness", at)
    held = hold(desk.connection, command.ceremony_no)
    if held.ceremony.state not in rules.OPEN:
        raise turn(KeyRefusal.CLOSED)
    if desk.request.actor != held.planned.witness:
        raise turn(KeyRefusal.NOT_WITNESS)
    ours = _ours(desk, held, command.part)
    if command.part in held.comparisons:
        raise turn(KeyDeskRefusal.PART_COMPARED)
    read = _typed(command.check_value)
    verdict = "same" if read == ours else "differs"
    compared = {
        "ceremony_no": command.ceremony_no,
        "part": command.part,
        "staff_number": desk.request.actor,
        "check_value": read,
        "verdict": verdict,
        "at": at,
    }
    do(desk.connection, "keys.add_comparison", **compared)
    facts = {name: compared[name] for name in ("ceremony_no", "part", "verdict", "at")}
    return {**facts, "audit": desk.audit(facts, at)}


def _ours(desk: Desk, held: Held, part: int) -> str:
    """The check value on our side: of a part as the vault gave it, or of the key it made."""
    number = held.found["ceremony_no"]
    if part == 0 and held.found["check_value"]:
        return str(held.found["check_value"])
    for each in rows(desk.connection, "keys.parts", ceremony_no=number):
        if each["part"] == part:
            return str(each["check_value"])
    raise turn(KeyDeskRefusal.PART_MISSING)


def _close(desk: Desk, command: CloseCeremony) -> Mapping[str, Any]:
    at = desk.now()
    _on_duty(desk, "witness", at)
    held = hold(desk.connection, command.ceremony_no)
    if desk.request.actor != held.planned.witness:
        raise turn(KeyRefusal.NOT_WITNESS)
    if command.how == "closed":
        said(rules.close(held.ceremony, at))
    elif command.how == "abandoned":
        said(rules.abandon(held.ceremony, at))
        _forget(desk, held, command.ceremony_no)
        with suppress(VaultGone, KeyRefused):  # A vault that is away holds its parts no longer.
            key = held.planned.plan.key
            desk.office.custody().forget_components(str(command.ceremony_no), key)
    else:
        raise turn(DeskRefusal.UNKNOWN_RECEIPT)
    record = record_in(desk.connection, command.ceremony_no)
    ended = {
        "ceremony_no": command.ceremony_no,
        "staff_number": desk.request.actor,
        "how": command.how,
        "key_no": held.found["key_no"] if command.how == "closed" else None,
        "record_hash": f"sm3:{record.hash}",
        "at": at,
    }
    do(desk.connection, "keys.add_end", **ended)
    facts = {name: ended[name] for name in ("ceremony_no", "how", "key_no", "record_hash", "at")}
    return {**facts, "audit": desk.audit(facts, at)}


def _forget(desk: Desk, held: Held, ceremony_no: int) -> None:
    """The vault overwrites the parts; one that is gone forgets them by itself when it restarts."""
    with suppress(VaultGone, KeyRefused):
        desk.office.custody().forget_components(str(ceremony_no), held.planned.plan.key)


def record_in(connection: Connection, ceremony_no: int) -> Record:
    """The record of a ceremony from its facts, its fingerprint over all but its end."""
    found = row(connection, "keys.ceremony", ceremony_no=ceremony_no)
    if found is None:
        raise wrong("ceremony_no")
    return record_of(
        found,
        row(connection, "keys.rests_on", act_id=found["act_id"]) or {},
        people=rows(connection, "keys.people", ceremony_no=ceremony_no),
        parts=rows(connection, "keys.parts", ceremony_no=ceremony_no),
        comparisons=rows(connection, "keys.comparisons", ceremony_no=ceremony_no),
    )


def _on_duty(desk: Desk, duty: str, at: datetime) -> None:
    """Whoever steps forward is on file in the post of his duty, at this instant."""
    found = row(desk.connection, "approval.operator", staff_number=desk.request.actor)
    if found is None or found["role"] != OF_PART[duty] or found["role"] != desk.request.role:
        raise turn(DeskRefusal.NOT_ALLOWED)
    until = found["valid_until"]
    if until is not None and until < at.astimezone(CHINA).date():
        raise turn(DeskRefusal.NOT_ALLOWED)


def _bytes(part: Clear, planned: CeremonyPlan) -> bytes:
    """The part as typed: hex, in groups or not, as long as the key is to be."""
    try:
        component = bytes.fromhex(part.reveal())
    except ValueError:
        raise turn(KeyRefusal.COMPONENT_WRONG) from None
    if len(component) * 8 != planned.plan.bits:
        raise turn(KeyRefusal.COMPONENT_WRONG)
    return component


def _check(planned: CeremonyPlan, component: bytes) -> bytes:
    try:
        return check_value(BlockCipher.of_card(planned.plan.key.algorithm), component)
    except HsmOnly:
        raise turn(KeyRefusal.ALGORITHM) from None


def _typed(check: str) -> str:
    """A check value as typed: hex of three to five bytes, spaces allowed."""
    text = "".join(check.split()).upper()
    try:
        long = len(bytes.fromhex(text))
    except ValueError:
        raise wrong("key_check") from None
    if not 3 <= long <= 5:
        raise wrong("key_check")
    return text
