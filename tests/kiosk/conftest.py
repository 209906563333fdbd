"""A terminal on a fresh register: the web's own office, invented people with invented ID cards."""

from __future__ import annotations

from collections.abc import Iterator

import django
import pytest

from minka.desk.office import Office
from minka.kit.identity import check_character
from minka.kit.secret import Clear
from minka.store import people
from minka.store.people import NewPerson
from tests.desk.town import Resident, give_card

django.setup()

from django.db import connections  # noqa: E402  # needs Django's settings
from django.test import Client  # noqa: E402

from minka.doors import office as shelf  # noqa: E402
from minka.doors import settings  # noqa: E402
from minka.doors.web.database import databases  # noqa: E402

PLACES = (
    ("R1-SP-1", "R1", "service_point", None),
    ("R1-H-1", "R1", "hospital", 1),
    ("R1-H-2", "R1", "hospital", 2),
    ("R5-BANK-1", "R5", "bank", None),
    ("V2-SP-1", "V2", "service_point", None),
    ("R3-CC-1", "R3", "city_centre", None),
)
"""Number, region, kind and hospital class of the places that have a terminal."""


@pytest.fixture(scope="module")
def hall(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The module's register behind every page, in a city that pretends to have card readers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MINKA_DATABASE_URL", database_url)
        patch.setenv("MINKA_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("MINKA_DEMO_READERS", "true")
        settings.current.cache_clear()
        shelf.office.cache_clear()
        connections["default"].close()
        kept = dict(connections["default"].settings_dict)
        connections["default"].settings_dict.update(databases()["default"])
        _furnish()
        yield shelf.office()
        shelf.office().register.close()
        connections["default"].close()
        connections["default"].settings_dict.update(kept)
    shelf.office.cache_clear()
    settings.current.cache_clear()


def _furnish() -> None:
    from minka.store.models import Kiosk, Place

    for place_id, region, kind, level in PLACES:
        Place.objects.create(
            place_id=place_id,
            region=region,
            kind=kind,
            name=f"试验{place_id}",
            district="试验区",
            address="试验路1号",
            hours="周一至周五 9:00-17:00",
            hospital_class=level,
        )
        Kiosk.objects.create(kiosk_id=f"K-{place_id}", place_id=place_id)


@pytest.fixture
def screen(hall: Office) -> Client:
    """The screen of the terminal in the service point of R1, already set up."""
    return set_up("K-R1-SP-1")


def set_up(kiosk_id: str) -> Client:
    """A screen that was made this terminal."""
    from minka.doors.web.kiosk.terminal import setup_code

    client = Client(SERVER_NAME="localhost")
    given = {"kiosk": kiosk_id, "code": setup_code(kiosk_id)}
    assert client.post("/kiosk/setup/", given).status_code == 302
    return client


_serial = iter(range(1, 1000))


def move_in(hall: Office, region: str = "R1", *, bank_id: str = "") -> Resident:
    """Register a person whose invented number stands in an area that no place has."""
    serial = next(_serial)
    first = f"11990119850310{serial:03d}"
    number, name = Clear(first + check_character(first)), Clear(f"㼆{serial}某")
    with hall.register.act() as connection:
        person_id = people.add(
            connection, hall.keys, NewPerson(region, number, name, phone=Clear("13800000000"))
        )
        kind = "social_security_card"
        card = give_card(connection, person_id, region, kind=kind, bank_id=bank_id)
    return Resident(person_id, card.card_id, number, name, card.card_number)
