"""A visitor at a terminal calls for help; the staff of the place see it until it is old."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from minka.desk.act import Answer, Desk, Request, act
from minka.desk.office import Office
from minka.desk.refusals import DeskRefusal
from minka.desk.rules import turn
from minka.store import cards
from minka.store.connection import Row, row, rows

STANDS = timedelta(minutes=10)
"""After this a call is no longer shown: whoever needed help has got it or gone."""


@dataclass(frozen=True, slots=True)
class CallStaff:
    """Somebody at a terminal asks for a person."""

    kiosk_id: str


def call_staff(office: Office, request: Request, command: CallStaff) -> Answer:
    """Call the staff of the place where the terminal stands."""
    return act(office, request, command, lambda desk: _call(desk, command))


def _call(desk: Desk, command: CallStaff) -> Mapping[str, Any]:
    place = row(desk.connection, "reference.kiosk", id=command.kiosk_id)
    if place is None:
        raise turn(DeskRefusal.UNKNOWN_PLACE)
    at = desk.now()
    facts = {"kiosk_id": command.kiosk_id, "place_id": place["place_id"], "called_at": at}
    desk.audit(facts, at)
    return facts


def calls_at(office: Office, place_id: str) -> list[Row]:
    """The calls of the last minutes at a place, the newest first: ``at`` and ``kiosk_id``."""
    with office.register.act() as connection:
        since = cards.now(connection, office.fence()) - STANDS
        return rows(connection, "kiosk.calls", place_id=place_id, since=since)
