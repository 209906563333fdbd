"""Loss: report, confirm, take back, freeze."""

from __future__ import annotations

from typing import Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from minka.desk.loss import Agent, ReportLoss, report_loss
from minka.doors.api import desks
from minka.doors.api.answers import PROBLEMS, created
from minka.doors.api.clients import (
    CITIZEN,
    TokenOrCitizen,
    allowed,
    asked,
    client_of,
    in_region,
)
from minka.doors.api.fields import (
    AgentBody,
    Body,
    CitizenNumber,
    Code,
    Given,
    Id,
    Instant,
    Key,
    Phone,
    Region,
    ShownPaperBody,
    Stated,
    Word,
)
from minka.doors.api.problems import refusal
from minka.doors.api.refusals import DoorRefusal
from minka.law.papers import Copy, Owner, ShownPaper

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
    papers: list[ShownPaperBody] = Field([], max_length=20)
    documents: list[Code] = Field([], max_length=10)
    caller: Phone | None = Field(None, description="The telephone number the report came from.")
    staff: Id | None = Field(None, description="Who of the partner's staff took it.")


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


@router.post(
    "/loss-reports",
    response={201: LossReported, **PROBLEMS},
    auth=TokenOrCitizen("loss:report"),
    operation_id="reportLoss",
)
def report(request: HttpRequest, body: LossReportBody) -> HttpResponse:
    """Report a card lost: it is stopped when this is answered with ``state`` ``in_force``."""
    client = client_of(request)
    if client is CITIZEN and body.model_fields_set - _CITIZENS:
        raise refusal(DoorRefusal.NO_TOKEN)
    if client is CITIZEN and body.channel != "web":
        raise refusal(DoorRefusal.NO_TOKEN)
    command = ReportLoss(
        region=in_region(client, body.region),
        channel=body.channel,
        number=body.id_number,
        stated=body.stated.known(),
        reason=body.reason,
        force=body.force or "",
        actor=body.actor,
        agent=agent_of(body.agent),
        employer_id=allowed(client.employer_id, body.employer_id or "", "employer_id"),
        place_id=allowed(client.place_id, body.place_id or "", "place_id"),
        kiosk_id=body.kiosk_id or "",
        papers=papers_of(body.papers),
        documents=tuple(body.documents),
    )
    caller = asked(request, body.request_key, staff=body.staff or "", caller=body.caller)
    return created(report_loss(desks.opened().loss, caller, command), LossReported)


_CITIZENS = {"request_key", "region", "channel", "id_number", "stated", "reason"}


def agent_of(body: AgentBody | None) -> Agent | None:
    """The agent of a body."""
    return Agent(body.name, body.id_number, body.relation or "") if body else None


def papers_of(papers: list[ShownPaperBody]) -> tuple[ShownPaper, ...]:
    """The papers of a body."""
    return tuple(ShownPaper(p.kind, Copy(p.copy_), Owner(p.owner)) for p in papers)
