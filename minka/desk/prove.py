"""Proof that it is the holder: a code sent to the registered telephone, of use once.

Blocking asks for no proof; whatever lets a card pay again, or ends it for good, does. The answer to
"send me a code" is the same for a known and an unknown person; only the registered telephone rings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from minka.desk.act import Answer, Desk, Request, act
from minka.desk.office import Office
from minka.desk.refusals import DeskRefusal
from minka.desk.rules import the_law, turn
from minka.kit.outcome import Refused
from minka.kit.secret import Clear
from minka.people.facts import verify
from minka.store import people
from minka.store.connection import do, insert, row, the_row

LASTS = timedelta(minutes=10)
TRIES = 5
SENT_IN_WINDOW = 5


@dataclass(frozen=True, slots=True)
class SendCode:
    """Ask for a code for one purpose."""

    region: str
    number: Clear
    name: Clear
    purpose: str


def send_code(office: Office, request: Request, command: SendCode) -> Answer:
    """Send a code to the registered telephone, if there is such a person; says nothing of it."""
    return act(office, request, command, lambda desk: _send(desk, command))


def _send(desk: Desk, command: SendCode) -> Mapping[str, Any]:
    at = desk.now()
    the_law(desk, command.region, at)
    handle = desk.new_code("C")
    found = people.find(desk.connection, desk.keys, command.number)
    person = people.load(desk.connection, desk.keys, found or 0)
    stated = {"id_number": command.number, "name": command.name}
    known = verify(stated, ("id_number", "name"), person, "").all_match()
    facts = {"proof": handle, "expires_at": at + LASTS}
    if person is None or not known or person.region != command.region:
        people.decoy(desk.keys)
        return facts
    desk.person_id = person.person_id
    lately = the_row(
        desk.connection, "proof.sent_lately", person_id=desk.person_id, since=at - LASTS
    )
    if lately["sent"] >= SENT_IN_WINDOW:
        return facts
    code = f"{int.from_bytes(desk.office.randomness(8), 'big') % 10**6:06d}"
    proof_id = desk.fact_id()
    insert(
        desk.connection,
        "proof.add",
        {
            "person_id": desk.person_id,
            "proof_id": proof_id,
            "handle": handle,
            "purpose": command.purpose,
            "code_index": _index(desk, handle, code),
            "sent_at": at,
            "expires_at": at + LASTS,
        },
    )
    sealed = desk.keys.seal("code", Clear(code)).hex()
    told = {"code_sealed": sealed, "purpose": command.purpose}
    until = {"until_at": (at + LASTS).isoformat()}
    desk.send("notice.code", {**told, **until}, card_id=0, at=at)
    return facts


def _index(desk: Desk, handle: str, code: str) -> bytes:
    return desk.keys.index("code", Clear(f"{handle}:{code}"))


@dataclass(frozen=True, slots=True)
class CheckCode:
    """A code as typed, for the handle it was sent under."""

    proof: str
    code: Clear
    purpose: str


def check_code(office: Office, request: Request, command: CheckCode) -> Answer:
    """Whether the code is the one that was sent; a right one is used up, five wrong ones end it."""
    return act(office, request, command, lambda desk: _check(desk, command))


def _check(desk: Desk, command: CheckCode) -> Mapping[str, Any]:
    refused = Refused(DeskRefusal.CODE_WRONG)
    proof = row(desk.connection, "proof.of_handle", handle=command.proof.strip().upper())
    at = desk.now()
    if proof is None or proof["purpose"] != command.purpose:
        raise turn(refused.reason)
    desk.person_id = proof["person_id"]
    people.lock(desk.connection, desk.person_id)
    proof = the_row(desk.connection, "proof.of_handle", handle=proof["handle"])
    if proof["used"] or proof["wrong"] >= TRIES or at > proof["expires_at"]:
        raise turn(DeskRefusal.CODE_SPENT)
    right = _index(desk, proof["handle"], command.code.reveal().strip())
    place = {"person_id": proof["person_id"], "proof_id": proof["proof_id"], "at": at}
    if right != bytes(proof["code_index"]):
        do(desk.connection, "proof.add_try", **place, outcome="wrong")
        return {"proved": "no"}
    do(desk.connection, "proof.add_try", **place, outcome="used")
    desk.audit({"proof": proof["proof_id"], "purpose": command.purpose}, at)
    return {"proved": "yes", "person": desk.person_id}
