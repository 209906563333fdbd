"""A photo handed in for a card: through the region's gate, sealed, and known by its code."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from minka.cipher.field import digest
from minka.desk.act import Answer, Desk, Request, act
from minka.desk.office import Office
from minka.desk.rules import the_law, turn
from minka.issue.refusals import IssueRefusal
from minka.kit.secret import Clear
from minka.law.values import Photo
from minka.people.photo import FAULTS, PhotoRule, fault
from minka.store import people
from minka.store.connection import do, row

STANDARD = PhotoRule(358, 441)
"""One inch at 350 dpi, seen in practice; a region's own rule comes first."""


@dataclass(frozen=True, slots=True)
class SubmitPhoto:
    """A photo for a person: JPEG or PNG bytes in base64."""

    region: str
    number: Clear
    image: Clear


def submit_photo(office: Office, request: Request, command: SubmitPhoto) -> Answer:
    """Put a photo on file; refused with the exact fault. The code goes into the application."""
    return act(office, request, command, lambda desk: _submit(desk, command))


def _submit(desk: Desk, command: SubmitPhoto) -> Mapping[str, Any]:
    desk.attempt = {"channel": "photo"}
    at = desk.now()
    law = the_law(desk, command.region, at)
    found = people.find(desk.connection, desk.keys, command.number)
    person = people.load(desk.connection, desk.keys, found or 0)
    if person is None or person.region != command.region:
        raise turn(IssueRefusal.NOT_VERIFIED)
    desk.person_id = person.person_id
    people.lock(desk.connection, person.person_id)
    rules = [entry.value("photo") for entry in law.entries("replace")]
    rule = next((_rule(each) for each in rules if each is not None), STANDARD)
    try:
        image = base64.b64decode(command.image.reveal(), validate=True)
    except ValueError:
        image = b""
    wrong = fault(image, rule)
    if wrong:
        raise turn(IssueRefusal.PHOTO_REJECTED, fault=FAULTS[wrong])
    code = f"P{digest(image).hex()[:16].upper()}"
    place = {"person_id": person.person_id, "photo_code": code}
    sealed = desk.keys.seal("photo", command.image)
    do(
        desk.connection,
        "photo.add",
        **place,
        sealed=sealed,
        taken_at=at,
        operator=desk.request.actor,
    )
    do(desk.connection, "people.set_photo", **place)
    desk.audit({"photo": code}, at)
    return {"photo_code": code, "taken_at": at}


def _rule(photo: Photo) -> PhotoRule:
    return PhotoRule(photo.width_px, photo.height_px)


def photo_on_file(office: Office, person_id: int) -> bytes:
    """The newest photo of a person for a clerk to compare; empty when there is none."""
    with office.register.act() as connection:
        found = row(connection, "photo.newest", person_id=person_id)
    if found is None:
        return b""
    clear = office.keys.unseal("photo", found["sealed"])
    return base64.b64decode(clear.reveal())
