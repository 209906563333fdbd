"""Proof that it is the holder: a code sent to the registered telephone."""

from __future__ import annotations

from typing import Literal

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router

from minka.desk.prove import CheckCode, SendCode, check_code, send_code
from minka.doors.api import desks
from minka.doors.api.answers import PROBLEMS, created
from minka.doors.api.bounds import ours
from minka.doors.api.clients import Token, asked, client_of, in_region
from minka.doors.api.fields import (
    Body,
    CitizenNumber,
    Code,
    Digits,
    Given,
    Instant,
    Key,
    KeyBody,
    Name,
    Region,
    Staff,
    Word,
)

router = Router(tags=["proofs"])


class ProofBody(Body):
    """Whose telephone, and what for."""

    request_key: Key
    region: Region
    id_number: CitizenNumber
    name: Name
    purpose: Word
    staff: Staff = None


class Proof(Given):
    """Under which number the code was sent, if there is such a person; nothing tells whether."""

    proof: str
    expires_at: Instant


@router.post(
    "/proofs", response={201: Proof, **PROBLEMS}, auth=Token("proof"), operation_id="sendCode"
)
def send(request: HttpRequest, body: ProofBody) -> HttpResponse:
    """Send a code to the registered telephone; the answer is the same for an unknown person."""
    command = SendCode(
        region=in_region(client_of(request), body.region),
        number=ours(request, body.id_number),
        name=body.name,
        purpose=body.purpose,
    )
    by = asked(request, body.request_key, staff=body.staff)
    return created(send_code(desks.opened().everyday, by, command), Proof)


class CheckBody(KeyBody):
    """The code as typed."""

    purpose: Word
    code: Digits


class Checked(Given):
    """Whether it was the code; a right one is used up, five wrong ones end it."""

    proved: Literal["yes", "no"]


@router.post(
    "/proofs/{proof}/check",
    response={201: Checked, **PROBLEMS},
    auth=Token("proof"),
    operation_id="checkCode",
)
def check(request: HttpRequest, proof: Path[Code], body: CheckBody) -> HttpResponse:
    """Check a code."""
    command = CheckCode(proof, body.code, body.purpose)
    by = asked(request, body.request_key, staff=body.staff)
    return created(check_code(desks.opened().everyday, by, command), Checked)
