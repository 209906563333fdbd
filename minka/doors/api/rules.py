"""The rules, for everyone: what a region asks, what it promises, and the instants it comes to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router
from pydantic import Field

from minka.desk import preview, wording
from minka.desk.refusals import DeskRefusal
from minka.doors.api import desks
from minka.doors.api.answers import PROBLEMS, shown
from minka.doors.api.fields import Given, Instant, Moment, Region, Texts, Word
from minka.doors.api.language import language_of
from minka.doors.api.problems import refusal
from minka.doors.api.receipts import iso, texts
from minka.doors.api.refusals import DoorRefusal
from minka.law.explain import as_data, explain
from minka.law.region import RegionLaw

router = Router(tags=["rules"])

FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
At = Annotated[Moment | None, Field(description="The instant that counts; left out it is now.")]


class RegionRules(Given):
    """A region whose rules are on file."""

    region: str
    names: Texts
    card_name: str
    invented: bool = Field(description="The whole region is an invented example.")
    channels: list[str] = Field(description="On which a loss can be reported today.")
    topics: list[str]


class Regions(Given):
    """All regions."""

    regions: list[RegionRules]


@router.get("/rules", response={200: Regions, **PROBLEMS}, operation_id="regions")
def regions(request: HttpRequest) -> HttpResponse:
    """The regions whose rules are on file."""
    office = desks.opened().everyday
    now = preview.now(office)
    laws = [office.law(region, now) for region in office.book().regions]
    return shown(Regions(regions=[_region(law) for law in laws]))


def _region(law: RegionLaw) -> RegionRules:
    return RegionRules(
        region=law.id,
        names=texts(law.names),
        card_name=law.card_name,
        invented=bool(law.invented),
        channels=list(law.channels()),
        topics=list(dict.fromkeys(entry.kind for entry in law.entries())),
    )


class Explanation(Given):
    """What the rules of a topic say at an instant, where they stand, and what they come to."""

    region: str
    topic: str
    at: Instant
    rules: list[dict[str, Any]]


@router.get(
    "/rules/{region}/explanation",
    response={200: Explanation, **PROBLEMS},
    operation_id="explain",
)
def explanation(
    request: HttpRequest,
    region: Path[Region],
    topic: Query[Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,20}$", examples=["loss"])]],
    at: At = None,
) -> HttpResponse:
    """The rules of a kind (or the one of an id) with each computed instant and its phrase."""
    law, now = _law(region, at)
    workdays = desks.opened().everyday.book().workdays(region)
    found = explain(law, topic, now, workdays)
    if not found:
        raise refusal(DoorRefusal.NOT_FOUND)
    data = [as_data(each, language_of(request)) for each in found]
    return shown(Explanation(region=region, topic=topic, at=now.isoformat(), rules=data))


class LossForm(Given):
    """A loss report before it is made: what to ask, what to show, what would follow."""

    facts: list[str]
    papers: Texts
    reasons: list[str]
    force: str
    confirmed_by: str
    at: Instant
    stops_by: Instant | None
    lapses_at: Instant | None
    at_lapse: str
    rule: str
    assumed: list[str]


@router.get(
    "/rules/{region}/loss-form", response={200: LossForm, **PROBLEMS}, operation_id="lossForm"
)
def loss_form(
    request: HttpRequest,
    region: Path[Region],
    channel: Query[Word],
    force: Word | None = None,
    actor: Word = "holder",
) -> HttpResponse:
    """What a report by a channel asks, and the instants it would come to if made now."""
    _law(region, None)
    office = desks.opened().everyday
    form = preview.loss_form(office, region, channel, force=force or "", actor=actor)
    if form is None:
        raise refusal(DoorRefusal.NOT_FOUND)
    return shown(
        LossForm(
            facts=list(form.facts),
            papers=texts(form.papers_words),
            reasons=list(form.reasons),
            force=form.force.value,
            confirmed_by=form.needs_staff,
            at=form.at.isoformat(),
            stops_by=iso(form.stops_by),
            lapses_at=iso(form.lapses_at),
            at_lapse=form.at_lapse.value,
            rule=form.terms.rule_ref,
            assumed=list(form.terms.assumed),
        )
    )


class ReplacementForm(Given):
    """A replacement before it is applied for."""

    papers: Texts
    reasons: list[str]
    promised_at: Instant | None
    provisional: str
    fee_fen: int
    on_the_spot: bool
    rule: str
    assumed: list[str]


@router.get(
    "/rules/{region}/replacement-form",
    response={200: ReplacementForm, **PROBLEMS},
    operation_id="replacementForm",
)
def replacement_form(
    request: HttpRequest,
    region: Path[Region],
    place: Word | None = None,
    reason: Word = "lost",
    actor: Word = "holder",
) -> HttpResponse:
    """What a replacement at a kind of place asks, costs and promises if applied for now."""
    _law(region, None)
    office = desks.opened().everyday
    form = preview.replace_form(office, region, place=place or "", reason=reason, actor=actor)
    if form is None:
        raise refusal(DoorRefusal.NOT_FOUND)
    return shown(
        ReplacementForm(
            papers=texts(form.papers_words),
            reasons=list(form.reasons),
            promised_at=iso(form.promised_at),
            provisional=form.provisional,
            fee_fen=form.fee_fen,
            on_the_spot=form.terms.on_the_spot(),
            rule=form.terms.rule_ref,
            assumed=list(form.terms.assumed),
        )
    )


class WithdrawalForm(Given):
    """A withdrawal before it is made."""

    channels: list[str]
    papers: Texts
    rule: str
    assumed: list[str]


@router.get(
    "/rules/{region}/withdrawal-form",
    response={200: WithdrawalForm, **PROBLEMS},
    operation_id="withdrawalForm",
)
def withdrawal_form(
    request: HttpRequest, region: Path[Region], channel: Word | None = None
) -> HttpResponse:
    """How a report is taken back in a region today."""
    _law(region, None)
    terms = preview.withdraw_form(desks.opened().everyday, region, channel or "")
    if terms is None:
        raise refusal(DoorRefusal.NOT_FOUND)
    return shown(
        WithdrawalForm(
            channels=list(terms.channels),
            papers=texts(wording.papers(terms.papers)),
            rule=terms.rule_ref,
            assumed=list(terms.assumed),
        )
    )


def _law(region: str, at: datetime | None) -> tuple[RegionLaw, datetime]:
    office = desks.opened().everyday
    now = at or preview.now(office)
    if region not in office.book().regions or not FIRST <= now < LAST:
        raise refusal(DeskRefusal.UNKNOWN_REGION)
    return office.law(region, now), now
