"""Replacement: apply, pay, make, collect, activate, take back."""

from __future__ import annotations

from typing import Literal

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router
from pydantic import Field

from minka.desk.apply import (
    ApplyReplacement,
    LoseAndReplace,
    apply_replacement,
    lose_and_replace,
)
from minka.desk.collect import (
    ActivateCard,
    AdvanceCard,
    CollectCard,
    PayFee,
    WithdrawApplication,
    activate_card,
    advance_card,
    collect_card,
    pay_fee,
    withdraw_application,
)
from minka.desk.loss import ReportLoss
from minka.desk.photo import SubmitPhoto, submit_photo
from minka.doors.api import desks
from minka.doors.api.answers import PROBLEMS, created
from minka.doors.api.bounds import our_receipt, ours
from minka.doors.api.clients import Token, allowed, asked, client_of, in_region
from minka.doors.api.fields import (
    AgentBody,
    Body,
    CitizenNumber,
    Code,
    Documents,
    Given,
    Id,
    Image,
    Instant,
    Key,
    KeyBody,
    Papers,
    Region,
    Staff,
    Stated,
    Word,
    agent_of,
    papers_of,
)
from minka.doors.api.loss import LossReported
from minka.issue.refusals import IssueRefusal

router = Router(tags=["replacement"])


class ApplicationBody(Body):
    """An application for a new card in place of one that is lost, stolen or broken."""

    request_key: Key
    region: Region
    channel: Word = Field("counter", examples=["counter"])
    id_number: CitizenNumber
    place_id: Id | None = Field(None, description="Left out: the place the token is bound to.")
    reason: Word = Field("lost", examples=["lost", "damaged"])
    stated: Stated = Stated()
    actor: Word = "holder"
    agent: AgentBody | None = None
    papers: Papers = ()
    documents: Documents = ()
    photo_code: Id | None = None
    waiver: Word | None = None
    bank_id: Id | None = Field(None, description="Where the new card is another bank's.")
    collect_at: Id | None = Field(None, description="Left out: where it is applied for.")
    staff: Staff = None


class Applied(Given):
    """An application on record, with its promise and its fee."""

    receipt: str
    slip: str
    reason: str
    accepted_at: Instant
    promised_at: Instant | None
    promise: Literal["firm", "provisional", "none"]
    on_the_spot: Literal["yes", "no"]
    fee_fen: int
    collect_at: str
    old_card: str
    old_card_stop: str = Field(description="``formal``, ``provisional``, or empty: it works on.")
    rule: str
    assumed: list[str]
    audit: str


class LostAndApplied(Given):
    """Both or neither."""

    loss: LossReported
    replacement: Applied


@router.post(
    "/applications",
    response={201: Applied, **PROBLEMS},
    auth=Token("issue:apply"),
    operation_id="applyReplacement",
)
def apply(request: HttpRequest, body: ApplicationBody) -> HttpResponse:
    """Apply for a replacement."""
    by = asked(request, body.request_key, staff=body.staff)
    command = _application(request, body)
    return created(apply_replacement(desks.opened().everyday, by, command), Applied)


@router.post(
    "/loss-reports/with-replacement",
    response={201: LostAndApplied, **PROBLEMS},
    auth=Token("issue:apply"),
    operation_id="loseAndReplace",
)
def lose(request: HttpRequest, body: ApplicationBody) -> HttpResponse:
    """Formal loss and replacement as one case: one visit, one check, both or neither."""
    application = _application(request, body)
    loss = ReportLoss(
        region=application.region,
        channel=application.channel,
        number=application.number,
        stated=application.stated,
        reason=application.reason,
        force="formal",
        actor=application.actor,
        agent=application.agent,
        employer_id=client_of(request).employer_id,
        place_id=application.place_id,
        papers=application.papers,
        documents=body.documents,
    )
    by = asked(request, body.request_key, staff=body.staff)
    answer = lose_and_replace(desks.opened().loss, by, LoseAndReplace(loss, application))
    return created(answer, LostAndApplied)


def _application(request: HttpRequest, body: ApplicationBody) -> ApplyReplacement:
    client = client_of(request)
    return ApplyReplacement(
        region=in_region(client, body.region),
        channel=body.channel,
        number=ours(request, body.id_number),
        place_id=allowed(client.place_id, body.place_id, "place_id"),
        reason=body.reason,
        stated=body.stated.known(),
        actor=body.actor,
        agent=agent_of(body.agent),
        papers=papers_of(body.papers),
        documents=body.documents,
        photo_code=body.photo_code or "",
        waiver=body.waiver or "",
        bank_id=allowed(client.bank_id, body.bank_id, "bank_id") if body.bank_id else "",
        collect_at=body.collect_at or "",
    )


class PhotoBody(Body):
    """A photo: JPEG or PNG in base64."""

    request_key: Key
    region: Region
    id_number: CitizenNumber
    image: Image
    staff: Staff = None


class PhotoTaken(Given):
    """A photo on file; its code goes into the application."""

    photo_code: str
    taken_at: Instant


@router.post(
    "/photos",
    response={201: PhotoTaken, **PROBLEMS},
    auth=Token("issue:apply"),
    operation_id="submitPhoto",
)
def photo(request: HttpRequest, body: PhotoBody) -> HttpResponse:
    """Put a photo on file, if it passes the region's gate; else the exact fault is named."""
    region = in_region(client_of(request), body.region)
    command = SubmitPhoto(region, ours(request, body.id_number), body.image)
    by = asked(request, body.request_key, staff=body.staff)
    return created(submit_photo(desks.opened().everyday, by, command), PhotoTaken)


class FeeBody(KeyBody):
    """How the fee was paid."""

    means: Literal["cash", "qr", "card"]


class Paid(Given):
    """A fee taken."""

    receipt: str
    fee_receipt: str
    amount_fen: int
    means: Literal["cash", "qr", "card"]
    paid_at: Instant


@router.post(
    "/applications/{receipt}/fee",
    response={201: Paid, **PROBLEMS},
    auth=Token("issue:fee"),
    operation_id="payFee",
)
def fee(request: HttpRequest, receipt: Path[Code], body: FeeBody) -> HttpResponse:
    """Take the fee of a replacement, once."""
    command = PayFee(our_receipt(request, receipt), body.means)
    by = asked(request, body.request_key, staff=body.staff)
    return created(pay_fee(desks.opened().everyday, by, command), Paid)


class AdvanceBody(KeyBody):
    """What was done with the new card: made, put in stock where it is collected, or both."""

    move: Literal["make", "stock", "instant"]


class Advanced(Given):
    """A card one step on."""

    receipt: str
    status: Literal["made", "ready"]
    at: Instant


@router.post(
    "/applications/{receipt}/advances",
    response={201: Advanced, **PROBLEMS},
    auth=Token("factory"),
    operation_id="advanceCard",
)
def advance(request: HttpRequest, receipt: Path[Code], body: AdvanceBody) -> HttpResponse:
    """The factory made the card, or the place of collection booked it in."""
    command = AdvanceCard(our_receipt(request, receipt), body.move)
    by = asked(request, body.request_key, staff=body.staff)
    return created(advance_card(desks.opened().everyday, by, command), Advanced)


class CollectionBody(Body):
    """Someone comes for a finished card."""

    request_key: Key
    slip: Code
    id_number: CitizenNumber = Field(description="The holder's, as read from the paper shown.")
    place_id: Id | None = Field(None, description="Left out: the place the token is bound to.")
    papers: Papers = ()
    actor: Word = "holder"
    agent: AgentBody | None = None
    staff: Staff = None


class Collected(Given):
    """A card handed over, still sealed."""

    receipt: str
    card: str
    collected_at: Instant
    rule: str
    assumed: list[str]


@router.post(
    "/collections",
    response={201: Collected, **PROBLEMS},
    auth=Token("issue:collect"),
    operation_id="collectCard",
)
def collect(request: HttpRequest, body: CollectionBody) -> HttpResponse:
    """Hand the card over, once."""
    client = client_of(request)
    command = CollectCard(
        slip=our_receipt(request, body.slip, IssueRefusal.SLIP_UNKNOWN),
        place_id=allowed(client.place_id, body.place_id, "place_id"),
        number=body.id_number,
        papers=papers_of(body.papers),
        actor=body.actor,
        agent=agent_of(body.agent),
    )
    by = asked(request, body.request_key, staff=body.staff)
    return created(collect_card(desks.opened().everyday, by, command), Collected)


class ActivationBody(Body):
    """The holder brings the new card to life."""

    request_key: Key
    receipt: Code = Field(description="Of the application, or the slip.")
    id_number: CitizenNumber
    actor: Word = "holder"
    proof: Literal["counter", "code"] = "counter"
    stated: Stated = Stated()
    staff: Staff = None


class Activated(Given):
    """The new card lives; the old ones are dead."""

    receipt: str
    card: str
    activated_at: Instant
    old_card: list[str]


@router.post(
    "/activations",
    response={201: Activated, **PROBLEMS},
    auth=Token("issue:activate"),
    operation_id="activateCard",
)
def activate(request: HttpRequest, body: ActivationBody) -> HttpResponse:
    """Activate the new card; the one it replaces dies in the same commit."""
    command = ActivateCard(
        receipt=our_receipt(request, body.receipt),
        number=body.id_number,
        actor=body.actor,
        proof=body.proof,
        stated=body.stated.known(),
    )
    by = asked(request, body.request_key, staff=body.staff)
    return created(activate_card(desks.opened().everyday, by, command), Activated)


class ApplicationWithdrawalBody(KeyBody):
    """The applicant, by the number of his paper."""

    id_number: CitizenNumber


class ApplicationWithdrawn(Given):
    """An application taken back."""

    receipt: str
    withdrawn_at: Instant
    refund_fen: int
    refund_receipt: str


@router.post(
    "/applications/{receipt}/withdrawal",
    response={201: ApplicationWithdrawn, **PROBLEMS},
    auth=Token("issue:withdraw"),
    operation_id="withdrawApplication",
)
def withdraw(
    request: HttpRequest, receipt: Path[Code], body: ApplicationWithdrawalBody
) -> HttpResponse:
    """Take an application back before the card is handed over; a paid fee is given back."""
    command = WithdrawApplication(our_receipt(request, receipt), body.id_number)
    by = asked(request, body.request_key, staff=body.staff)
    answer = withdraw_application(desks.opened().everyday, by, command)
    return created(answer, ApplicationWithdrawn)
