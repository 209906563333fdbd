"""The lanes of this house as its settings say, and an office of the worker's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from minka.desk.office import Office
from minka.doors import settings
from minka.doors.office import office
from minka.doors.outbox.bank import BankDoor
from minka.doors.outbox.hotlist import HotlistDoor
from minka.doors.outbox.post import client
from minka.doors.outbox.signing import HouseKey, house_key
from minka.doors.outbox.sms import SmsDoor
from minka.doors.outbox.worker import Lane, Pace
from minka.store.cluster import database_url
from minka.store.connection import Register

BANK_HANDS = 2
HANDS = BANK_HANDS + 3
"""The hands of all lanes, and the one that follows the journal."""


def key_of_the_house() -> HouseKey:
    """The key pair this house signs with."""
    return house_key(settings.current().home)


def lanes_of(house: Office, key: HouseKey) -> Sequence[Lane]:
    """Banks, texts and the hot list, with the addresses and patience of the settings."""
    known = settings.current()
    pace = Pace(longest=timedelta(seconds=known.outbox_longest_wait_s), tries=known.outbox_tries)
    line = client(known.outbox_patience_ms)
    texts = SmsDoor(house, line, key, known.sms_endpoint, known.sms_language)
    return (
        Lane("bank", BankDoor(line, key), BANK_HANDS, pace),
        Lane("notice", texts, 1, pace),
        Lane("hotlist", HotlistDoor(), 1, pace),
    )


def own_office() -> Office:
    """The office with a register of the worker's own: it takes no connection from the loss desk."""
    return replace(office(), register=Register(database_url(), size=HANDS + 1, wait_s=2))
