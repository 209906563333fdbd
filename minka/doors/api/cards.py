"""Cards at an institution: how one stands, whether one pays, and the list of stopped ones."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router
from pydantic import Field

from minka.cards.card import Standing
from minka.desk.ask import AskStanding, ask_standing
from minka.desk.refusals import DeskRefusal
from minka.desk.use import UseCard, use_card
from minka.doors import settings as surroundings
from minka.doors.api import desks
from minka.doors.api.answers import PROBLEMS, created
from minka.doors.api.bounds import our_card, ours
from minka.doors.api.clients import Token, allowed, asked, client_of, in_region
from minka.doors.api.fields import (
    Body,
    CardText,
    CitizenNumber,
    Fen,
    Given,
    Id,
    Instant,
    Key,
    Moment,
    Region,
    Staff,
)
from minka.doors.api.problems import refusal
from minka.doors.api.validation import broken
from minka.doors.outbox.hotlist import Signed, deltas, whole_list
from minka.doors.outbox.signing import HEADER, HouseKey, house_key
from minka.kit.secret import Clear

router = Router(tags=["cards"])


class StandingBody(Body):
    """Which card, and at which instant; left out or later than now is now."""

    request_key: Key
    card_number: CardText
    at: Moment | None = None
    staff: Staff = None


class Stood(Given):
    """How the card stood; one of another region is as ``unknown`` as one that is not there."""

    standing: Standing
    at: Instant
    asked_at: Instant


@router.post(
    "/card-standings",
    response={201: Stood, **PROBLEMS},
    auth=Token("card:standing"),
    operation_id="askStanding",
)
def standing(request: HttpRequest, body: StandingBody) -> HttpResponse:
    """The standing of a card at an instant, past too; that it was asked is on record."""
    command = AskStanding(our_card(request, body.card_number), body.at)
    by = asked(request, body.request_key, staff=body.staff)
    return created(ask_standing(desks.opened().everyday, by, command), Stood)


class UseBody(Body):
    """A provider asks whether a card pays; named by its number or by the holder's, not both."""

    request_key: Key
    amount_fen: Fen
    provider_id: Id | None = Field(None, description="Left out: the place the token is bound to.")
    card_number: CardText | None = None
    id_number: CitizenNumber | None = None
    staff: Staff = None


class Used(Given):
    """The card pays."""

    use_id: int
    card: str
    auth_at: Instant
    amount_fen: int
    provider_id: str


@router.post(
    "/card-uses",
    response={201: Used, **PROBLEMS},
    auth=Token("card:use"),
    operation_id="useCard",
)
def use(request: HttpRequest, body: UseBody) -> HttpResponse:
    """Use a card at its own instant, once; a stopped card is refused from the stop's instant on."""
    if (body.card_number is None) == (body.id_number is None):
        raise broken("/card_number", "one_of_card_number_and_id_number")
    provider = allowed(client_of(request).place_id, body.provider_id, "provider_id")
    if not provider:
        raise broken("/provider_id", "missing")
    card = our_card(request, body.card_number) if body.card_number else ""
    number = ours(request, body.id_number) if body.id_number else Clear("")
    command = UseCard(body.amount_fen, provider, card, number)
    by = asked(request, body.request_key, staff=body.staff)
    return created(use_card(desks.opened().everyday, by, command), Used)


class HotlistEntry(Given):
    """A stopped card; after ``until`` a terminal with sound time may take it again by itself."""

    card: str
    until: Instant | None


class Hotlist(Given):
    """The whole list of a region, signed."""

    kind: Literal["whole"]
    region: str
    version: int
    at: Instant
    entries: list[HotlistEntry]


class HotlistChange(Given):
    """One numbered change."""

    version: int
    card: str
    entry: Literal["add", "remove"]
    until: Instant | None
    at: Instant


class HotlistChanges(Given):
    """The changes after a version, signed; ask again while ``version`` is below ``latest``."""

    kind: Literal["deltas"]
    region: str
    since: int
    version: int
    latest: int
    at: Instant
    changes: list[HotlistChange]


@router.get(
    "/hotlists/{region}",
    response={200: Hotlist, **PROBLEMS},
    auth=Token("hotlist:read"),
    operation_id="hotlist",
)
def hotlist(request: HttpRequest, region: Path[Region]) -> HttpResponse:
    """Every stopped card of a region; the signature is in ``Minka-Signature``."""
    in_region(client_of(request), region)
    try:
        return _signed(whole_list(desks.opened().everyday, _key(), region))
    except KeyError:
        raise refusal(DeskRefusal.UNKNOWN_REGION) from None


@router.get(
    "/hotlists/{region}/changes",
    response={200: HotlistChanges, **PROBLEMS},
    auth=Token("hotlist:read"),
    operation_id="hotlistChanges",
)
def changes(
    request: HttpRequest,
    region: Path[Region],
    since: Query[Annotated[int, Field(ge=0, le=2**53)]],
) -> HttpResponse:
    """The changes after a version; the signature is in ``Minka-Signature``."""
    in_region(client_of(request), region)
    try:
        return _signed(deltas(desks.opened().everyday, _key(), region, since))
    except KeyError:
        raise refusal(DeskRefusal.UNKNOWN_REGION) from None


def _key() -> HouseKey:
    return house_key(surroundings.current().home)


def _signed(signed: Signed) -> HttpResponse:
    response = HttpResponse(signed.content, content_type="application/json")
    response.headers[HEADER] = signed.signature
    return response
