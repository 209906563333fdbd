"""A pending write carried out at a terminal: begun, read back, and repaired when it was torn (X32).

| step | who says so | what it means |
|---|---|---|
| begun | before the first byte goes to the card | from here on either content may stand there |
| done | read back, the same bytes | the write is over |
| failed | read back, other bytes, or the card refused | it waits for another contact |
| repaired | the next contact finds the new content | the answer was lost, not the write |
| review | neither the old nor the new content stands there | a person looks |

A torn write is touched only when the card in the reader is the card on file, proven by its keys and
its identification code, and when the write was the last thing done to that card.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from minka.cards.card import Standing, Status
from minka.cards.number import mask
from minka.cipher.field import FieldKeys
from minka.desk.act import Answer, Desk, Request, act
from minka.desk.chip_fact import SEALED, add_step, waiting_write
from minka.desk.chip_items import Place, place_of
from minka.desk.chip_refusals import ChipRefusal
from minka.desk.office import Office
from minka.desk.rules import turn
from minka.kit.secret import Clear
from minka.store import cards
from minka.store.connection import Row, do, row, rows


@dataclass(frozen=True, slots=True)
class InReader:
    """The card in a reader, as its terminal proved it."""

    id_code: bytes
    proof: str
    """``proved`` by internal authentication, ``refused``, or ``untried``."""
    terminal: str
    factor: bytes = b""
    """Historical bytes 6 to 13."""
    version: str = ""
    algorithm: int = 0


@dataclass(frozen=True, slots=True)
class BeginWrite:
    """The next command goes to the card: what stands in the item now."""

    person_id: int
    write_id: int
    card: InReader
    found: Clear = field(default_factory=lambda: Clear(""))
    """The bytes that stand in the item, in hexadecimal."""


@dataclass(frozen=True, slots=True)
class EndWrite:
    """The item was read back after the write."""

    person_id: int
    write_id: int
    card: InReader
    found: Clear
    reason: str = ""
    """What the card answered when it refused, in its own status word."""


@dataclass(frozen=True, slots=True)
class RepairWrite:
    """A later contact finds a write that was begun and never ended."""

    person_id: int
    write_id: int
    card: InReader
    found: Clear


@dataclass(frozen=True, slots=True)
class Pending:
    """A write that waits for its card."""

    person_id: int
    write_id: int
    card_id: int
    place: Place
    nth: int
    how: str
    value: bytes = field(repr=False)
    since_at: datetime = field()
    step: str = ""
    """How far it got: empty, ``begun`` (torn), ``failed`` or ``review``."""


def begin_write(office: Office, request: Request, command: BeginWrite) -> Answer:
    """Put down that a write begins.

    Refusals, in order: NO_SUCH_WRITE, NOT_ENTITLED, WRITE_ENDED, UNPROVED, NOT_THIS_CARD, STOPPED,
    NOT_THE_LAST when an earlier write of the card was torn and is not settled.
    """
    return act(office, request, command, lambda desk: _begin(desk, command))


def end_write(office: Office, request: Request, command: EndWrite) -> Answer:
    """Put down what was read back: ``done`` or ``failed``. Refusals: those of ``begin_write``."""
    return act(office, request, command, lambda desk: _end(desk, command))


def repair_write(office: Office, request: Request, command: RepairWrite) -> Answer:
    """Settle a torn write by what now stands on the card (X32).

    Refusals: those of ``begin_write``; NOT_THE_LAST unless it was the last thing done to the card.
    """
    return act(office, request, command, lambda desk: _repair(desk, command))


def pending(office: Office, person_id: int, card_id: int) -> list[Pending]:
    """What is still to be written on a card, oldest first."""
    with office.register.act() as connection:
        found = rows(connection, "chip.pending", person_id=person_id, card_id=card_id)
    return [_pending(each, office.keys) for each in found]


def _pending(found: Row, keys: FieldKeys) -> Pending:
    value = keys.unseal(SEALED, bytes(found["value"])).reveal()
    return Pending(
        person_id=found["person_id"],
        write_id=found["write_id"],
        card_id=found["card_id"],
        place=place_of(found["item"]),
        nth=found["nth"],
        how=found["how"],
        value=bytes.fromhex(value),
        since_at=found["since_at"],
        step=found["step"] or "",
    )


def this_card(desk: Desk, card_id: int, card: InReader) -> None:
    """Refuse whatever is not the proven card of the register."""
    if card.proof != "proved":
        raise turn(ChipRefusal.UNPROVED)
    held = {"person_id": desk.person_id, "card_id": card_id}
    known = row(desk.connection, "chip.of_card", **held)
    if known is None or bytes(known["id_code"]) != card.id_code:
        found = cards.load(desk.connection, desk.person_id, card_id)
        raise turn(ChipRefusal.NOT_THIS_CARD, card=mask(found.card_number if found else ""))


def _contact(desk: Desk, command: BeginWrite | EndWrite | RepairWrite) -> tuple[Row, datetime]:
    """The write, its card proven and locked, and the instant."""
    found = waiting_write(desk, command.person_id, command.write_id)
    at = desk.tick(found["card_id"])
    this_card(desk, found["card_id"], command.card)
    return found, at


def _begin(desk: Desk, command: BeginWrite) -> Mapping[str, Any]:
    found, at = _contact(desk, command)
    card = cards.load(desk.connection, desk.person_id, found["card_id"])
    assert card is not None, "a write has a card"
    standing = card.standing_at(at)
    waits = standing is Standing.NOT_ACTIVE and card.status is Status.SEALED
    if standing is not Standing.USABLE and not waits:
        raise turn(ChipRefusal.STOPPED)
    last = _last(desk, found)
    if last is not None and last["step"] in ("begun", "review"):
        raise turn(ChipRefusal.NOT_THE_LAST)
    return _step(desk, command, (found, at), {"step": "begun"})


def _end(desk: Desk, command: EndWrite) -> Mapping[str, Any]:
    found, at = _contact(desk, command)
    if not _is_last(desk, found):
        raise turn(ChipRefusal.NOT_THE_LAST)
    same = _index(desk, command.found) == bytes(found["value_index"])
    step = "done" if same and not command.reason else "failed"
    reason = command.reason or ("" if same else "read back differently")
    return _step(desk, command, (found, at), {"step": step, "reason": reason})


def _repair(desk: Desk, command: RepairWrite) -> Mapping[str, Any]:
    found, at = _contact(desk, command)
    if not _is_last(desk, found):
        raise turn(ChipRefusal.NOT_THE_LAST)
    last = _last(desk, found)
    assert last is not None, "it is the last"
    now = _index(desk, command.found)
    steps = {
        bytes(last["before_index"]): ("failed", "the old content stands"),
        bytes(found["value_index"]): ("repaired", ""),
    }
    step, reason = steps.get(now, ("review", "neither the old nor the new content"))
    return _step(desk, command, (found, at), {"step": step, "reason": reason})


def _last(desk: Desk, found: Row) -> Row | None:
    held = {"person_id": desk.person_id, "card_id": found["card_id"]}
    return row(desk.connection, "chip.last_turn", **held)


def _is_last(desk: Desk, found: Row) -> bool:
    last = _last(desk, found)
    return last is not None and (last["write_id"], last["step"]) == (found["write_id"], "begun")


def _index(desk: Desk, found: Clear) -> bytes:
    return desk.keys.index(SEALED, Clear(found.reveal().lower()))


def _step(
    desk: Desk,
    command: BeginWrite | EndWrite | RepairWrite,
    of: tuple[Row, datetime],
    step: Mapping[str, Any],
) -> Mapping[str, Any]:
    found, at = of
    held = {"person_id": desk.person_id, "card_id": found["card_id"]}
    index = "before_index" if step["step"] == "begun" else "found_index"
    kept = {
        **step,
        index: _index(desk, command.found),
        "write_id": found["write_id"],
        "at": at,
        "terminal": command.card.terminal,
    }
    turn_no = add_step(desk, held, kept)
    facts = {"write_id": found["write_id"], "item": found["item"], "turn": turn_no, "at": at}
    facts |= {"step": step["step"], "reason": step.get("reason", "")}
    return {**facts, "audit": desk.audit(facts, at)}


def register_chip(desk: Desk, card_id: int, card: InReader, at: datetime) -> None:
    """Know a card's chip from its first proven contact; another card's code is refused."""
    held = {"person_id": desk.person_id, "card_id": card_id}
    if row(desk.connection, "chip.of_card", **held) is not None:
        this_card(desk, card_id, card)
        return
    if not do(desk.connection, "chip.register_code", id_code=card.id_code, **held):
        raise turn(ChipRefusal.NOT_THIS_CARD, card="")
    do(
        desk.connection,
        "chip.add_chip",
        **held,
        id_code=card.id_code,
        factor=card.factor,
        version=card.version,
        algorithm=card.algorithm,
        at=at,
        operator=desk.request.actor,
    )
