"""Papers one office issues and another verifies: loss slips, letters, stamps, their one use."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from minka.desk.act import Answer, Desk, Request, act
from minka.desk.office import Office
from minka.desk.refusals import DeskRefusal
from minka.desk.rules import turn
from minka.kit.codes import read_code
from minka.kit.outcome import Refused
from minka.kit.secret import Clear
from minka.law.papers import Copy, ShownPaper
from minka.loss.refusals import LossRefusal
from minka.store import cards, people
from minka.store.connection import Row, do, insert, row

KINDS = ("bank_loss_slip", "bank_loss_notice", "employer_letter", "closeout_notice")
NEEDS_STAMP = {"employer_letter": "employer_letter_stamped"}
"""A letter counts as the stamped paper only once the office has stamped it."""


@dataclass(frozen=True, slots=True)
class Paperwork:
    """Papers shown, with those verified by number among them, or why one was not."""

    shown: tuple[ShownPaper, ...]
    documents: tuple[Row, ...] = ()
    refused: Refused | None = None


def verify_documents(
    desk: Desk, codes: Collection[str], papers: Collection[ShownPaper], *, case: str = ""
) -> Paperwork:
    """Look up each numbered paper; a good one joins the papers shown.

    A paper that was used for ``case`` itself, in the same act, still counts.
    """
    shown, found = list(papers), list[Row]()
    for typed in codes:
        document = _document(desk, typed, case)
        if isinstance(document, Refused):
            return Paperwork(tuple(shown), tuple(found), document)
        found.append(document)
        kind: str = document["kind"]
        shown.append(ShownPaper(NEEDS_STAMP.get(kind, kind), Copy.ORIGINAL))
    return Paperwork(tuple(shown), tuple(found))


def _document(desk: Desk, typed: str, case: str) -> Row | Refused:
    code = read_code(typed) or ""
    known = row(desk.connection, "loss.receipt", code=code)
    if known is None or known["kind"] != "document" or known["person_id"] != desk.person_id:
        return Refused(LossRefusal.DOCUMENT_UNKNOWN, {"code": code or "—"})
    document = row(
        desk.connection,
        "loss.document",
        person_id=known["person_id"],
        document_id=known["fact_id"],
    )
    assert document is not None, "a registered document is on file"
    if document["used_at"] is not None and document["used_for"] != case:
        return Refused(LossRefusal.DOCUMENT_USED, {"code": code})
    if document["kind"] in NEEDS_STAMP and document["stamped_at"] is None:
        return Refused(LossRefusal.DOCUMENT_NOT_STAMPED, {"code": code})
    return document


def use_documents(desk: Desk, paperwork: Paperwork, *, used_for: str, at: datetime) -> None:
    """Use each numbered paper up, once and for ever, in this act's commit."""
    for document in paperwork.documents:
        if document["used_at"] is not None:  # by the report of the same case
            continue
        do(
            desk.connection,
            "loss.use_document",
            person_id=document["person_id"],
            document_id=document["document_id"],
            used_for=used_for,
            used_at=at,
        )


@dataclass(frozen=True, slots=True)
class IssueDocument:
    """A bank or an employer issues a paper about a person."""

    kind: str
    number: Clear
    issued_by: str
    details: Mapping[str, str] = field(default_factory=dict)
    employer_id: str = ""
    """Set for an employer's letter: the person must be insured through this employer."""


def issue_document(office: Office, request: Request, command: IssueDocument) -> Answer:
    """Issue a verifiable paper; its code is printed on it and works once."""
    assert command.kind in KINDS, f"no such paper: {command.kind}"
    return act(office, request, command, lambda desk: _issue(desk, command))


def _issue(desk: Desk, command: IssueDocument) -> Mapping[str, Any]:
    desk.attempt = {"channel": "document"}
    found = people.find(desk.connection, desk.keys, command.number)
    person = people.load(desk.connection, desk.keys, found or 0)
    if person is None or (command.employer_id and person.employer_id != command.employer_id):
        raise turn(LossRefusal.NOT_VERIFIED)
    desk.person_id = person.person_id
    people.lock(desk.connection, person.person_id)
    card = cards.in_hand(cards.of_person(desk.connection, person.person_id))
    at, document_id, code = desk.now(), desk.fact_id(), desk.new_code("D")
    insert(
        desk.connection,
        "loss.add_document",
        {
            "person_id": person.person_id,
            "document_id": document_id,
            "code": code,
            "kind": command.kind,
            "card_id": card.card_id if card else None,
            "issued_by": command.issued_by,
            "issued_at": at,
            "details": Jsonb(dict(command.details)),
        },
    )
    do(
        desk.connection,
        "loss.add_receipt",
        code=code,
        person_id=person.person_id,
        kind="document",
        fact_id=document_id,
    )
    facts = {"code": code, "kind": command.kind, "issued_by": command.issued_by, "issued_at": at}
    desk.audit({"document": code, "kind": command.kind}, at)
    return facts


@dataclass(frozen=True, slots=True)
class StampDocument:
    """The medical insurance office confirms an employer's letter by its stamp (R5-02)."""

    code: str
    stamped_by: str


def stamp_document(office: Office, request: Request, command: StampDocument) -> Answer:
    """Stamp a letter, once."""
    return act(office, request, command, lambda desk: _stamp(desk, command))


def _stamp(desk: Desk, command: StampDocument) -> Mapping[str, Any]:
    known = row(desk.connection, "loss.receipt", code=read_code(command.code) or "")
    if known is None or known["kind"] != "document":
        raise turn(DeskRefusal.UNKNOWN_RECEIPT)
    desk.person_id = known["person_id"]
    people.lock(desk.connection, desk.person_id)
    place = {"person_id": desk.person_id, "document_id": known["fact_id"]}
    document = row(desk.connection, "loss.document", **place)
    assert document is not None, "a registered document is on file"
    at = desk.now()
    if document["stamped_at"] is None:
        do(
            desk.connection,
            "loss.stamp_document",
            **place,
            stamped_by=command.stamped_by,
            stamped_at=at,
            operator=desk.request.actor,
        )
    stamped_at = document["stamped_at"] or at
    desk.audit({"document": known["code"], "stamped_by": command.stamped_by}, at)
    return {"code": known["code"], "stamped_at": stamped_at, "stamped_by": command.stamped_by}
