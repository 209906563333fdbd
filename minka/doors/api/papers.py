"""Papers that can be verified by number: issued by banks and employers, stamped by the office."""

from __future__ import annotations

from typing import Literal

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router

from minka.desk.papers import IssueDocument, StampDocument, issue_document, stamp_document
from minka.doors.api import desks
from minka.doors.api.answers import PROBLEMS, created
from minka.doors.api.bounds import our_receipt, ours
from minka.doors.api.clients import Token, allowed, asked, client_of
from minka.doors.api.fields import (
    Body,
    CitizenNumber,
    Code,
    Given,
    Id,
    Instant,
    Key,
    KeyBody,
    Line,
    Staff,
)
from minka.doors.api.problems import refusal
from minka.doors.api.refusals import DoorRefusal
from minka.store.api_clients import Client

router = Router(tags=["documents"])


class DocumentBody(Body):
    """A paper about a person; a bank issues the bank's papers, an employer its letters."""

    request_key: Key
    kind: Literal["bank_loss_slip", "bank_loss_notice", "employer_letter", "closeout_notice"]
    id_number: CitizenNumber
    employer_id: Id | None = None
    reference: Line | None = None
    staff: Staff = None


class Issued(Given):
    """A paper on file; ``code`` is printed on it and works once."""

    code: str
    kind: str
    issued_by: str
    issued_at: Instant


@router.post(
    "/documents",
    response={201: Issued, **PROBLEMS},
    auth=Token("document:issue"),
    operation_id="issueDocument",
)
def issue(request: HttpRequest, body: DocumentBody) -> HttpResponse:
    """Issue a verifiable paper."""
    client = client_of(request)
    letter = body.kind == "employer_letter"
    if (letter and client.bank_id) or (not letter and client.employer_id):
        raise refusal(DoorRefusal.NOT_YOURS, field="kind")
    employer = allowed(client.employer_id, body.employer_id, "employer_id") if letter else ""
    command = IssueDocument(
        kind=body.kind,
        number=ours(request, body.id_number),
        issued_by=_issuer(client, employer),
        details={"reference": body.reference} if body.reference else {},
        employer_id=employer,
    )
    by = asked(request, body.request_key, staff=body.staff)
    return created(issue_document(desks.opened().everyday, by, command), Issued)


def _issuer(client: Client, employer: str) -> str:
    return client.bank_id or employer or client.client_id


class StampBody(KeyBody):
    """Who stamps."""

    stamped_by: Id


class Stamped(Given):
    """A letter with the office's stamp."""

    code: str
    stamped_at: Instant
    stamped_by: str


@router.post(
    "/documents/{code}/stamp",
    response={201: Stamped, **PROBLEMS},
    auth=Token("document:stamp"),
    operation_id="stampDocument",
)
def stamp(request: HttpRequest, code: Path[Code], body: StampBody) -> HttpResponse:
    """The office confirms a letter; a second stamp changes nothing."""
    command = StampDocument(our_receipt(request, code), body.stamped_by)
    by = asked(request, body.request_key, staff=body.staff)
    return created(stamp_document(desks.opened().everyday, by, command), Stamped)
