"""Acts of two people: one proposes, another approves the very same content, then it is done.

A proposal is a row with the hash of its content; each signature names that hash and the
beneficiary, and the keys and checks of the table keep the two signers apart from each other and
from the beneficiary, whatever a screen does. The act is carried out in the transaction that
approves.
Signers must be on file as staff, in a post that may sign, at the instant they sign.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from psycopg.errors import CheckViolation, UniqueViolation
from psycopg.types.json import Jsonb

from minka.cipher.field import digest
from minka.desk.act import Answer, Desk, Request, act
from minka.desk.office import Office
from minka.desk.privileged import ACTS
from minka.desk.refusals import DeskRefusal
from minka.desk.rules import turn
from minka.kit.clock import CHINA, china_text
from minka.store import cards, people
from minka.store.connection import Row, do, insert, row, rows
from minka.store.journal import canonical

STANDS_FOR = timedelta(hours=24)
EVERY_REGION = ("security_administrator",)


@dataclass(frozen=True, slots=True)
class Propose:
    """The first signature: what is to be done, by the name of an act in ``privileged.ACTS``."""

    act: str
    content: Mapping[str, str] = field(default_factory=dict)
    beneficiary: str = ""
    """Staff number of who gains by it, where that is not the person the act is about."""


@dataclass(frozen=True, slots=True)
class Approve:
    """The second signature, over the hash of what the approver was shown."""

    act_id: int
    content_hash: str


def propose(office: Office, request: Request, command: Propose) -> Answer:
    """Put an act before a second person; it can be approved for 24 hours."""
    return act(office, request, command, lambda desk: _propose(desk, command))


def approve(office: Office, request: Request, command: Approve) -> Answer:
    """Approve an act and carry it out, once, in this commit.

    Refusals, in order: unknown act, ``NOT_ALLOWED``, ``APPROVAL_DONE``, ``APPROVAL_EXPIRED``,
    ``APPROVAL_CHANGED``, ``SAME_PERSON``, and those of the act itself.
    """
    return act(office, request, command, lambda desk: _approve(desk, command))


def waiting(office: Office, acts: Iterable[str] = tuple(ACTS)) -> list[Row]:
    """The proposals that wait for a second person, oldest first."""
    with office.register.act() as connection:
        now = cards.now(connection, office.fence())
        return rows(connection, "approval.waiting", now=now, acts=list(acts))


def set_aside(office: Office) -> list[Row]:
    """The messages in quarantine with their last fault, oldest first; two people release one."""
    with office.register.act() as connection:
        return rows(connection, "outbox.quarantined")


def _propose(desk: Desk, command: Propose) -> Mapping[str, Any]:
    privileged = ACTS.get(command.act)
    if privileged is None:
        raise turn(DeskRefusal.UNKNOWN_RECEIPT)
    desk.person_id = privileged.about(desk, command.content)
    at = desk.now()
    signer = _signer(desk, privileged.proposers, at)
    gainers = sorted(set(privileged.gains(desk, command.content)))
    beneficiary = " ".join(gainers) or _beneficiary(desk, command)
    if signer["person_id"] == desk.person_id or desk.request.actor == beneficiary:
        raise turn(DeskRefusal.SAME_PERSON)
    _gains_nothing(desk, signer, gainers)
    content = {name: str(value) for name, value in command.content.items()}
    content_hash = _hash(command.act, content, beneficiary)
    proposed = {
        "act_id": desk.fact_id(),
        "content_hash": content_hash,
        "beneficiary": beneficiary,
        "at": at,
    }
    expires_at = at + STANDS_FOR
    insert(
        desk.connection,
        "approval.add_proposal",
        {**proposed, "act": command.act, "content": Jsonb(content), "expires_at": expires_at},
    )
    for each in gainers:
        do(
            desk.connection,
            "approval.add_beneficiary",
            act_id=proposed["act_id"],
            staff_number=each,
        )
    _sign(desk, proposed, "propose")
    facts = {
        "act_id": proposed["act_id"],
        "act": command.act,
        "content_hash": content_hash.hex(),
        "expires_at": expires_at,
    }
    return {**facts, "audit": desk.audit({**facts, "content": content}, at)}


def _approve(desk: Desk, command: Approve) -> Mapping[str, Any]:
    do(desk.connection, "approval.claim", act_id=command.act_id)
    found = row(desk.connection, "approval.proposal", act_id=command.act_id)
    privileged = ACTS.get(found["act"]) if found else None
    if found is None or privileged is None:
        raise turn(DeskRefusal.UNKNOWN_RECEIPT)
    at = desk.now()
    if found["approved_by"] is None:
        desk.person_id = privileged.about(desk, found["content"])
    signer = _signer(desk, privileged.approvers, at)
    _still_open(found, command, at)
    _stands_apart(desk, found, signer)
    named = rows(desk.connection, "approval.beneficiaries", act_id=command.act_id)
    gainers = [each["staff_number"] for each in named]
    _gains_nothing(desk, signer, [*gainers, *privileged.gains(desk, found["content"])])
    signed = {name: found[name] for name in ("act_id", "content_hash", "beneficiary")}
    _sign(desk, {**signed, "at": at}, "approve")
    desk.signed_act = command.act_id
    done = privileged.perform(desk, found["content"])
    facts = {"act_id": command.act_id, "act": found["act"], "approved_at": at, **done}
    signers = {"proposed_by": found["proposed_by"], "content_hash": command.content_hash}
    return {**facts, "audit": desk.audit({**facts, **signers}, at)}


def _still_open(found: Row, command: Approve, at: datetime) -> None:
    if found["approved_by"] is not None:
        when = china_text(found["approved_at"])
        raise turn(DeskRefusal.APPROVAL_DONE, by=found["approved_by"], at=when)
    if at >= found["expires_at"]:
        raise turn(DeskRefusal.APPROVAL_EXPIRED)
    kept = _hash(found["act"], found["content"], found["beneficiary"])
    if bytes(found["content_hash"]) != kept or command.content_hash != kept.hex():
        raise turn(DeskRefusal.APPROVAL_CHANGED)


def _stands_apart(desk: Desk, found: Row, signer: Row) -> None:
    """Two staff numbers of one natural person are one person; nobody signs for himself."""
    first = row(desk.connection, "approval.operator", staff_number=found["proposed_by"])
    persons = [signer["person_id"], first["person_id"] if first else None]
    same = persons[0] is not None and persons[0] in (persons[1], desk.person_id)
    if same or desk.request.actor in (found["proposed_by"], found["beneficiary"]):
        raise turn(DeskRefusal.SAME_PERSON)


def _gains_nothing(desk: Desk, signer: Row, gainers: Iterable[str]) -> None:
    """Nobody signs what he gains by, under whatever staff number."""
    named = list(gainers)
    persons = {p["person_id"] for p in rows(desk.connection, "approval.persons", staff=named)}
    if desk.request.actor in named or signer["person_id"] in persons:
        raise turn(DeskRefusal.SAME_PERSON)


def _signer(desk: Desk, roles: frozenset[str], at: datetime) -> Row:
    """Who signs, as staff are on file now; the door's own word on his role is not enough."""
    found = row(desk.connection, "approval.operator", staff_number=desk.request.actor)
    if found is None or found["role"] not in roles or found["role"] != desk.request.role:
        raise turn(DeskRefusal.NOT_ALLOWED)
    until = found["valid_until"]
    if until is not None and until < at.astimezone(CHINA).date():
        raise turn(DeskRefusal.NOT_ALLOWED)
    person = people.load(desk.connection, desk.keys, desk.person_id) if desk.person_id else None
    elsewhere = person is not None and person.region != found["region"]
    if elsewhere and found["role"] not in EVERY_REGION:
        raise turn(DeskRefusal.NOT_ALLOWED)
    return found


def _beneficiary(desk: Desk, command: Propose) -> str:
    staff = row(desk.connection, "approval.staff_of_person", person_id=desk.person_id)
    if staff is not None:
        return str(staff["staff_number"])
    return command.beneficiary or f"person:{desk.person_id}"


def _sign(desk: Desk, signed: Mapping[str, Any], part: str) -> None:
    """Put a signature down; the table itself refuses a second one of the same hand."""
    try:
        with desk.connection.transaction():
            do(
                desk.connection,
                "approval.sign",
                act_id=signed["act_id"],
                part=part,
                signer=desk.request.actor,
                content_hash=signed["content_hash"],
                beneficiary=signed["beneficiary"],
                at=signed["at"],
            )
    except (CheckViolation, UniqueViolation):
        raise turn(DeskRefusal.SAME_PERSON) from None


def _hash(name: str, content: Mapping[str, Any], beneficiary: str) -> bytes:
    return digest(canonical({"act": name, "content": content, "beneficiary": beneficiary}))
