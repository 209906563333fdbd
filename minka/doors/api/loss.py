"""Loss: report, confirm, take back, freeze."""

from __future__ import annotations

from typing import Literal

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router
from pydantic import Field

from minka.desk.confirm import ConfirmReport, confirm_report
from minka.desk.loss import ReportLoss, report_loss
from minka.desk.withdraw import FreezeCard, WithdrawLoss, freeze_card, withdraw_loss
from minka.doors.api import desks
from minka.doors.api.answers import PROBLEMS, created
from minka.doors.api.bounds import our_kiosk, our_receipt, ours
from minka.doors.api.clients import (
    Token,
    TokenOrCitizen,
    allowed,
    asked,
    client_of,
    in_region,
)
from minka.doors.api.fields import (
    AgentBody,
    Body,
    CardText,
    CitizenNumber,
    Code,
    Documents,
    Given,
    Id,
    Instant,
    Key,
    KeyBody,
    Papers,
    Phone,
    Region,
    Staff,
    Stated,
    Word,
    agent_of,
    papers_of,
)
from minka.doors.api.problems import refusal
from minka.doors.api.refusals import DoorRefusal
from minka.store.api_clients import CITIZEN

router = Router(tags=["loss"])


class LossReportBody(Body):
    """A loss report; without a token only ``channel`` ``web`` and the fields up to ``reason``."""

    request_key: Key
    region: Region
    channel: Word = Field("web", examples=["web", "hotline"])
    id_number: CitizenNumber
    stated: Stated = Stated()
    reason: Word = Field("lost", examples=["lost", "stolen"])
    force: Literal["provisional", "formal"] | None = Field(
        None, description="Left out: what the rule of the channel says."
    )
    actor: Word = "holder"
    agent: AgentBody | None = None
    employer_id: Id | None = None
    place_id: Id | None = None
    kiosk_id: Id | None = None
    papers: Papers = ()
    documents: Documents = ()
    caller: Phone | None = Field(None, description="The telephone number the report came from.")
    staff: Staff = None


class LossReported(Given):
    """A report on record. ``state`` ``unconfirmed``: it takes effect only with staff's word."""

    receipt: str
    card: str
    state: Literal["in_force", "unconfirmed"]
    force: Literal["provisional", "formal"]
    reason: str
    accepted_at: Instant
    stopped_at: Instant | None = None
    stops_by: Instant | None = None
    lapses_at: Instant | None = None
    at_lapse: Literal["release", "cancel", "none"] | None = None
    bank: Literal["none", "pending"] | None = None
    bank_lapses_at: Instant | None = None
    confirmed_by: str | None = None
    rule: str
    assumed: list[str]
    audit: str


class Stopped(Given):
    """A report in force."""

    receipt: str
    state: Literal["in_force"]
    stopped_at: Instant
    stops_by: Instant | None
    lapses_at: Instant | None
    at_lapse: Literal["release", "cancel", "none"]
    bank: Literal["none", "pending"]
    bank_lapses_at: Instant | None
    audit: str


@router.post(
    "/loss-reports",
    response={201: LossReported, **PROBLEMS},
    auth=TokenOrCitizen("loss:report"),
    operation_id="reportLoss",
)
def report(request: HttpRequest, body: LossReportBody) -> HttpResponse:
    """Report a card lost: it is stopped when this is answered with ``state`` ``in_force``."""
    client = client_of(request)
    if client is CITIZEN and (body.channel != "web" or body.model_fields_set - _CITIZENS):
        raise refusal(DoorRefusal.NO_TOKEN)
    command = ReportLoss(
        region=in_region(client, body.region),
        channel=body.channel,
        number=ours(request, body.id_number),
        stated=body.stated.known(),
        reason=body.reason,
        force=body.force or "",
        actor=body.actor,
        agent=agent_of(body.agent),
        employer_id=allowed(client.employer_id, body.employer_id, "employer_id"),
        place_id=allowed(client.place_id, body.place_id, "place_id"),
        kiosk_id=our_kiosk(request, body.kiosk_id),
        papers=papers_of(body.papers),
        documents=body.documents,
    )
    by = asked(request, body.request_key, staff=body.staff, caller=body.caller)
    return created(report_loss(desks.opened().loss, by, command), LossReported)


_CITIZENS = {"request_key", "region", "channel", "id_number", "stated", "reason"}


@router.post(
    "/loss-reports/{receipt}/confirmation",
    response={201: Stopped, **PROBLEMS},
    auth=Token("loss:confirm"),
    operation_id="confirmReport",
)
def confirm(request: HttpRequest, receipt: Path[Code], body: KeyBody) -> HttpResponse:
    """Staff confirm a report that takes effect only with their word; the client's role counts."""
    command = ConfirmReport(our_receipt(request, receipt))
    by = asked(request, body.request_key, staff=body.staff)
    return created(confirm_report(desks.opened().loss, by, command), Stopped)


class WithdrawalBody(Body):
    """The holder found the card."""

    request_key: Key
    region: Region
    channel: Word = Field(examples=["counter"])
    id_number: CitizenNumber
    place_id: Id | None = None
    papers: Papers = ()
    found_card_number: CardText | None = Field(
        None, description="As read from the found card, where the rule asks for the card."
    )
    actor: Word = "holder"
    staff: Staff = None


class Withdrawn(Given):
    """A report taken back."""

    receipt: str
    card: str
    withdrawn_at: Instant
    resumes_by: Instant | None
    resumed_at: Instant
    bank: Literal["none", "pending"]
    rule: str
    assumed: list[str]
    audit: str


@router.post(
    "/loss-withdrawals",
    response={201: Withdrawn, **PROBLEMS},
    auth=Token("loss:withdraw"),
    operation_id="withdrawLoss",
)
def withdraw(request: HttpRequest, body: WithdrawalBody) -> HttpResponse:
    """Take a provisional report back; a formal one never."""
    client = client_of(request)
    command = WithdrawLoss(
        region=in_region(client, body.region),
        channel=body.channel,
        number=ours(request, body.id_number),
        place_id=allowed(client.place_id, body.place_id, "place_id"),
        papers=papers_of(body.papers),
        found_card_number=body.found_card_number or "",
        actor=body.actor,
    )
    by = asked(request, body.request_key, staff=body.staff)
    return created(withdraw_loss(desks.opened().everyday, by, command), Withdrawn)


class FreezeBody(Body):
    """The holder stops or restarts the own card; the client has proved that it is the holder."""

    request_key: Key
    region: Region
    what: Literal["freeze", "unfreeze"]
    id_number: CitizenNumber
    stated: Stated
    staff: Staff = None


class Frozen(Given):
    """A card frozen (``stopped_at``) or let go (``resumed_at``)."""

    receipt: str
    card: str
    stopped_at: Instant | None = None
    resumed_at: Instant | None = None
    bank: Literal["none", "pending"]
    audit: str


@router.post(
    "/card-freezes",
    response={201: Frozen, **PROBLEMS},
    auth=Token("loss:freeze"),
    operation_id="freezeCard",
)
def freeze(request: HttpRequest, body: FreezeBody) -> HttpResponse:
    """Freeze or unfreeze a card; no loss report."""
    command = FreezeCard(
        region=in_region(client_of(request), body.region),
        number=ours(request, body.id_number),
        what=body.what,
        stated=body.stated.known(),
    )
    by = asked(request, body.request_key, staff=body.staff)
    return created(freeze_card(desks.opened().loss, by, command), Frozen)
