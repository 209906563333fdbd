"""Acts of two people: one person's token proposes, another person's token approves."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router
from pydantic import Field

from minka.desk.approval import Approve, Propose, approve, propose
from minka.desk.refusals import DeskRefusal
from minka.doors.api import desks
from minka.doors.api.answers import PROBLEMS, created
from minka.doors.api.bounds import our_receipt
from minka.doors.api.clients import Token, asked, client_of
from minka.doors.api.fields import Body, Code, Given, Id, Instant, Key, Line
from minka.doors.api.problems import refusal

router = Router(tags=["approvals"])

Hash = Annotated[str, Field(strict=True, pattern=r"^[0-9a-f]{64}$")]


class ProposalBody(Body):
    """What is to be done with an application, and why."""

    request_key: Key
    act: Literal["destroy_card", "waive_fee", "refund_fee"]
    receipt: Code
    reason: Line
    beneficiary: Id | None = Field(None, description="Staff number of who gains by it.")


class Proposed(Given):
    """A proposal that waits for a second person; ``content_hash`` is what he signs."""

    act_id: int
    act: str
    content_hash: Hash
    expires_at: Instant
    audit: str


class ApprovalBody(Body):
    """The second signature, over the hash of what the approver was shown."""

    request_key: Key
    content_hash: Hash


class Approved(Given):
    """An act approved and carried out in one commit."""

    act_id: int
    act: str
    approved_at: Instant
    audit: str


@router.post(
    "/approvals",
    response={201: Proposed, **PROBLEMS},
    auth=Token("approval:sign"),
    operation_id="propose",
)
def proposal(request: HttpRequest, body: ProposalBody) -> HttpResponse:
    """Put an act before a second person; only a token that is one person's own may."""
    _own_hand(request)
    content = {"receipt": our_receipt(request, body.receipt), "reason": body.reason}
    command = Propose(body.act, content, body.beneficiary or "")
    by = asked(request, body.request_key)
    return created(propose(desks.opened().everyday, by, command), Proposed)


@router.post(
    "/approvals/{act_id}/signature",
    response={201: Approved, **PROBLEMS},
    auth=Token("approval:sign"),
    operation_id="approve",
)
def signature(
    request: HttpRequest,
    act_id: Path[Annotated[int, Field(ge=1, le=2**62)]],
    body: ApprovalBody,
) -> HttpResponse:
    """Approve the very content that was proposed; another person's token must do it."""
    _own_hand(request)
    by = asked(request, body.request_key)
    answer = approve(desks.opened().everyday, by, Approve(act_id, body.content_hash))
    return created(answer, Approved)


def _own_hand(request: HttpRequest) -> None:
    if not client_of(request).staff_number:
        raise refusal(DeskRefusal.NOT_ALLOWED)
