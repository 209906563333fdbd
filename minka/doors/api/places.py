"""Where a person can go: the service-point finder."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router
from pydantic import Field, StringConstraints

from minka.desk import preview
from minka.doors.api import desks
from minka.doors.api.answers import PROBLEMS, shown
from minka.doors.api.fields import Given, Id, Region, Word
from minka.doors.api.problems import refusal
from minka.doors.api.refusals import DoorRefusal
from minka.kit.clock import CHINA
from minka.store.connection import row, rows

router = Router(tags=["places"])

Text = Annotated[str, StringConstraints(pattern=r"^[^\u0000-\u001f\u007f]{1,40}$")]


class PlaceShown(Given):
    """A place with what a visitor needs to know."""

    place_id: str
    region: str
    kind: str
    name: str
    name_en: str
    district: str
    address: str
    phone: str
    hours: str
    services: str
    directions: str
    hospital_class: int | None
    bank_id: str | None
    longitude: str | None
    latitude: str | None


class PlacesShown(Given):
    """Places in the order of their ids; ``after`` is where the next page begins, or null."""

    places: list[PlaceShown]
    after: str | None


@router.get("/places", response={200: PlacesShown, **PROBLEMS}, operation_id="places")
def places(
    request: HttpRequest,
    region: Region | None = None,
    kind: Word | None = None,
    district: Text | None = None,
    service: Text | None = None,
    text: Text | None = None,
    after: Id | None = None,
    most: Annotated[int, Field(ge=1, le=100)] = 50,
) -> HttpResponse:
    """Places open today, by region, kind, district, service, or part of name or address."""
    office = desks.opened().everyday
    asked: dict[str, Any] = {
        "region": region,
        "kind": kind,
        "district": district,
        "service": service,
        "text": text,
        "after": after,
        "most": most,
        "day": preview.now(office).astimezone(CHINA).date(),
    }
    with office.register.act() as connection:
        found = rows(connection, "api.places", **asked)
    more = found[-1]["place_id"] if len(found) == most else None
    return shown(PlacesShown(places=[PlaceShown(**each) for each in found], after=more))


@router.get("/places/{place_id}", response={200: PlaceShown, **PROBLEMS}, operation_id="place")
def place(request: HttpRequest, place_id: Path[Id]) -> HttpResponse:
    """One place."""
    with desks.opened().everyday.register.act() as connection:
        found = row(connection, "api.place", id=place_id)
    if found is None:
        raise refusal(DoorRefusal.NOT_FOUND)
    return shown(PlaceShown(**found))
