"""Registered devices: readers, terminals, kiosks, PSAM cards, and their stop lists (X30, X31).

A device is added once; what becomes of it is appended. A terminal proves that it holds a version of
the stop list by the digest of the list under its own number, so a list that never arrived cannot be
claimed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from minka.cipher.field import digest
from minka.desk.act import Answer, Desk, Request, act
from minka.desk.chip_refusals import ChipRefusal
from minka.desk.office import Office
from minka.desk.refusals import DeskRefusal
from minka.desk.rules import the_law, turn
from minka.kit.words import Words
from minka.store.connection import Row, do, insert, row, rows
from minka.store.journal import canonical

KINDS: Mapping[str, Words] = {
    "reader": Words("读卡器", "讀卡器", "Card reader"),
    "pos": Words("刷卡终端", "刷卡終端", "Card terminal"),
    "kiosk": Words("自助终端", "自助終端", "Kiosk"),
    "psam": Words("PSAM 卡", "PSAM 卡", "PSAM card"),
}
STATES: Mapping[str, Words] = {
    "stored": Words("在库", "在庫", "In store"),
    "in_use": Words("在用", "在用", "In use"),
    "stopped": Words("停用", "停用", "Stopped"),
    "lost": Words("丢失", "遺失", "Lost"),
    "ended": Words("报废", "報廢", "Ended"),
}
KEEPERS = ("security_administrator", "reference_clerk")
"""Posts that register devices."""


@dataclass(frozen=True, slots=True)
class Held:
    """Where a device is and what it holds."""

    state: str
    place_id: str
    owner: str
    version: str
    key_set: str


@dataclass(frozen=True, slots=True)
class AddDevice:
    """A device comes into use; a PSAM's number is its terminal number of 12 digits."""

    region: str
    device_no: str
    kind: str
    held: Held
    provider_no: int = 0
    """Whose tills it serves; 0 for our own."""


@dataclass(frozen=True, slots=True)
class ChangeDevice:
    """A device is moved, stopped, lost, given new keys, or ended."""

    device_no: str
    held: Held
    reason: str


@dataclass(frozen=True, slots=True)
class ProveList:
    """A terminal says which version of the stop list it holds, and proves it."""

    device_no: str
    region: str
    version: int
    proof: bytes


def add_device(office: Office, request: Request, command: AddDevice) -> Answer:
    """Register a device. Refusals: NOT_ALLOWED, UNKNOWN_REGION, UNKNOWN_PLACE, DEVICE_EXISTS."""
    assert command.kind in KINDS, command.kind
    return act(office, request, command, lambda desk: _add(desk, command))


def change_device(office: Office, request: Request, command: ChangeDevice) -> Answer:
    """Put a change of a device on record. Refusals: NOT_ALLOWED, UNKNOWN_DEVICE."""
    assert command.held.state in STATES, command.held.state
    return act(office, request, command, lambda desk: _change(desk, command))


def prove_list(office: Office, request: Request, command: ProveList) -> Answer:
    """Take a terminal's proof that it holds a version of the stop list.

    Refusals: UNKNOWN_DEVICE, also when the proof is not that of the list.
    """
    return act(office, request, command, lambda desk: _prove(desk, command))


def devices(office: Office, region: str) -> list[Row]:
    """The devices of a region as they stand, with the newest list each has proven."""
    with office.register.act() as connection:
        return rows(connection, "chip.devices", region=region)


def list_proof(device_no: str, region: str, version: int, numbers: list[str]) -> bytes:
    """What a terminal answers for a list: the digest of the list's numbers under its own."""
    return digest(canonical({"device": device_no, "list": [region, version, sorted(numbers)]}))


def in_use(desk: Desk, device_no: str, at: datetime) -> Row | None:
    """The device as it stood at an instant; None for an unknown one."""
    return row(desk.connection, "chip.device_at", device_no=device_no, at=at)


def _keeper(desk: Desk) -> None:
    if desk.request.role not in KEEPERS:
        raise turn(DeskRefusal.NOT_ALLOWED)


def _add(desk: Desk, command: AddDevice) -> Mapping[str, Any]:
    _keeper(desk)
    at = desk.now()
    the_law(desk, command.region, at)
    provider = {"provider_no": command.provider_no}
    if command.provider_no and row(desk.connection, "chip.provider", **provider) is None:
        raise turn(DeskRefusal.UNKNOWN_PLACE)
    added = {
        "device_no": command.device_no,
        "kind": command.kind,
        "region": command.region,
        "provider_no": command.provider_no or None,
        "at": at,
    }
    if not do(desk.connection, "chip.add_device", **added):
        raise turn(ChipRefusal.DEVICE_EXISTS, device=command.device_no)
    return _step(desk, command.device_no, command.held, at=at, reason="")


def _change(desk: Desk, command: ChangeDevice) -> Mapping[str, Any]:
    _keeper(desk)
    at = desk.now()
    if row(desk.connection, "chip.lock_device", device_no=command.device_no) is None:
        raise turn(ChipRefusal.UNKNOWN_DEVICE, device=command.device_no)
    return _step(desk, command.device_no, command.held, at=at, reason=command.reason)


def _step(
    desk: Desk, device_no: str, held: Held, *, at: datetime, reason: str
) -> Mapping[str, Any]:
    facts = {
        "device_no": device_no,
        "state": held.state,
        "place_id": held.place_id,
        "owner": held.owner,
        "version": held.version,
        "key_set": held.key_set,
        "reason": reason,
        "at": at,
    }
    insert(desk.connection, "chip.add_device_step", {**facts, "operator": desk.request.actor})
    return {**facts, "audit": desk.audit(facts, at)}


def _prove(desk: Desk, command: ProveList) -> Mapping[str, Any]:
    at = desk.now()
    known = in_use(desk, command.device_no, at)
    named = {"region": command.region, "version": command.version, "now": at}
    numbers = [each["card_number"] for each in rows(desk.connection, "outbox.whole_list", **named)]
    wanted = list_proof(command.device_no, command.region, command.version, numbers)
    if known is None or wanted != command.proof:
        raise turn(ChipRefusal.UNKNOWN_DEVICE, device=command.device_no)
    facts = {"device_no": command.device_no, "region": command.region, "version": command.version}
    do(desk.connection, "chip.add_delivery", **facts, at=at, proof=command.proof)
    return {**facts, "at": at, "audit": desk.audit(facts, at)}
