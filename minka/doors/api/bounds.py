"""Whose people, receipts and cards a client may touch; what is not his looks as if not there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from minka.desk.refusals import DeskRefusal
from minka.doors.api import desks
from minka.doors.api.clients import client_of
from minka.doors.api.problems import refusal
from minka.doors.api.refusals import DoorRefusal
from minka.kit.codes import read_code
from minka.kit.outcome import Reason
from minka.kit.secret import Clear
from minka.store.api_clients import CITIZEN, Client
from minka.store.connection import row
from minka.store.people import number_index

NOBODY = Clear("000000000000000000")
"""A number that is nobody's: the desk takes the same steps for it as for an unknown one."""
NO_CARD = "0"


def ours(request: HttpRequest, number: Clear) -> Clear:
    """The number, or nobody's when its person lies outside what the client is bound to."""
    client = client_of(request)
    if client is CITIZEN:
        return number
    office = desks.at_desk(request.path)
    with office.register.act() as connection:
        index = number_index(office.keys, number)
        found = row(connection, "api.of_person", index=index)
    return number if _within(client, found) else NOBODY


def our_card(request: HttpRequest, card_number: str) -> str:
    """The card's number, or none's when the card is of another region."""
    with desks.at_desk(request.path).register.act() as connection:
        found = row(connection, "api.of_card", card_number=card_number)
    known = found is not None and found["region"] in client_of(request).regions
    return card_number if known else NO_CARD


def our_kiosk(request: HttpRequest, kiosk_id: str | None) -> str:
    """The terminal, which must stand where the client is bound to; ``Refusal`` 403."""
    place_id = client_of(request).place_id
    if place_id and kiosk_id:
        with desks.at_desk(request.path).register.act() as connection:
            found = row(connection, "reference.kiosk", id=kiosk_id)
        if found is None or found["place_id"] != place_id:
            raise refusal(DoorRefusal.NOT_YOURS, field="kiosk_id")
    return kiosk_id or ""


def our_receipt(
    request: HttpRequest, typed: str, unknown: Reason = DeskRefusal.UNKNOWN_RECEIPT
) -> str:
    """The code in its printed form; ``Refusal`` 404 alike for unknown and not the client's."""
    code = read_code(typed) or ""
    with desks.at_desk(request.path).register.act() as connection:
        found = row(connection, "api.of_receipt", code=code)
    if not _within(client_of(request), found):
        raise refusal(unknown)
    return code


def _within(client: Client, found: Mapping[str, Any] | None) -> bool:
    if found is None or found["region"] not in client.regions:
        return False
    employer = not client.employer_id or client.employer_id == found["employer_id"]
    return employer and (not client.bank_id or client.bank_id in found["banks"])
