"""Whether the loss door can work: the register answers on the reserved way."""

from __future__ import annotations

from typing import Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router

from minka.doors.api import desks
from minka.doors.api.answers import PROBLEMS, shown
from minka.doors.api.fields import Given, Instant
from minka.store import cards

router = Router(tags=["health"])


class Health(Given):
    """The register answers; its time is trusted, or held because the sources disagree."""

    status: Literal["ready"]
    at: Instant


@router.get("/health", response={200: Health, **PROBLEMS}, operation_id="health")
def health(request: HttpRequest) -> HttpResponse:
    """200 when a loss report would reach the register; 503 ``desk.away`` when not."""
    office = desks.opened().loss
    with office.register.act() as connection:
        at = cards.now(connection, office.fence())
    return shown(Health(status="ready", at=at.isoformat()))
