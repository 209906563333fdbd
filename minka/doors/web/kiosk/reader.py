"""Who stands before the terminal: an ID card that was tapped, or a number typed with digits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac

from minka.desk.look import PersonFile, file_of_number, file_of_person
from minka.desk.preview import LossForm
from minka.doors import settings as surroundings
from minka.doors.office import office
from minka.doors.web.kiosk.terminal import Stand
from minka.kit.clock import wall
from minka.kit.identity import fault, normal_form
from minka.kit.secret import Clear
from minka.law.papers import NOTHING, ShownPaper
from minka.people.names import comparison_form
from minka.store.connection import rows

SESSION = "reading"
FRESH = timedelta(seconds=60)
INVENTED_AREA = "1199"
"""Area digits that no place has; demo ID cards exist for such numbers alone."""
DIGITS = ("id_number", "card_number", "card_last4", "card_computer_number", "phone")
"""Facts that a person can type without writing Chinese."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the terminal knows of the person until the screen is wiped."""

    number: str
    name: str = ""
    how: str = "typed"
    """``read`` from the ID card's chip, or ``typed``."""

    def papers(self) -> tuple[ShownPaper, ...]:
        """A tapped ID card is a paper that was shown."""
        return (ShownPaper("resident_id"),) if self.how == "read" else ()

    def stated(self) -> Mapping[str, Clear]:
        """What was read, as facts for the desk."""
        return {"name": Clear(self.name)} if self.name else {}


def keep(request: HttpRequest, reading: Reading) -> None:
    """Remember the person until the visit ends; the session is encrypted."""
    request.session[SESSION] = asdict(reading)


def kept(request: HttpRequest) -> Reading | None:
    """The person of this visit."""
    found = request.session.get(SESSION)
    return Reading(**found) if found else None


def take(request: HttpRequest, stand: Stand) -> Reading | None:
    """The person of a submitted form: the reader's signed words, a demo card, or typed digits."""
    given = request.POST
    if given.get("reader"):
        return signed_reading(stand.terminal.kiosk_id, given["reader"])
    number = normal_form(given.get("number", ""))
    if demo_readers() == "yes":
        return _demo_reading(stand, given.get("demo", ""), number)
    return Reading(number) if number and fault(number) is None else None


def signed_reading(kiosk_id: str, text: str) -> Reading | None:
    """A card reading signed by this terminal's reader service; None for anything else or stale."""
    try:
        told: Any = json.loads(text)
        at = datetime.fromtimestamp(int(told["at"]), UTC)
        number, name, mac = (str(told[key]) for key in ("number", "name", "mac"))
    except (ValueError, KeyError, TypeError, OverflowError):
        return None
    known = constant_time_compare(mac, reading_mac(kiosk_id, int(told["at"]), number, name))
    fresh = abs(wall() - at) <= FRESH
    return Reading(normal_form(number), name, "read") if known and fresh else None


def reading_mac(kiosk_id: str, at_s: int, number: str, name: str) -> str:
    """The signature of a reading, in hex, under the key of the terminal's reader service."""
    message = json.dumps([at_s, number, name], ensure_ascii=False)
    return salted_hmac(reader_key(kiosk_id), message, algorithm="sha256").hexdigest()


def reader_key(kiosk_id: str) -> str:
    """The key that the local reader service of a terminal signs with."""
    return salted_hmac("minka.kiosk.reader", kiosk_id, algorithm="sha256").hexdigest()


def person(stand: Stand, reading: Reading) -> PersonFile | None:
    """The file of a tapped card: of this city, and with the name that stands on the card."""
    if reading.how != "read":
        return None
    file = file_of_number(office(), Clear(reading.number))
    if file is None or file.person.region != stand.region:
        return None
    same = comparison_form(file.person.name.reveal()) == comparison_form(reading.name)
    return file if same else None


def typable(asked: LossForm) -> str:
    """``yes`` when the rule needs nothing that digits cannot say: then the pad is offered."""
    digits_only = all(fact == "id_number" for fact in asked.facts)
    return "yes" if asked.papers == NOTHING and digits_only else ""


def demo_readers() -> str:
    """``yes`` when this city is a demonstration and pretends to have card readers."""
    return "yes" if surroundings.current().demo_readers else ""


def demo_cards(stand: Stand) -> list[Mapping[str, Any]]:
    """A few ID cards to tap, of invented people of this city; none in a real one."""
    if demo_readers() != "yes":
        return []
    with office().register.act() as connection:
        found = rows(connection, "kiosk.demo_people", region=stand.region, most=4)
    return [each for each in found if each["number_mask"].startswith(INVENTED_AREA)]


def _demo_reading(stand: Stand, person_id: str, number: str) -> Reading | None:
    """Pretend that the card of an invented person was tapped."""
    file = None
    if person_id.isascii() and person_id.isdigit():
        file = file_of_person(office(), int(person_id[:18]))
    elif number and fault(number) is None:
        file = file_of_number(office(), Clear(number))
    if file is None or not file.person.number.reveal().startswith(INVENTED_AREA):
        return Reading(number) if number and fault(number) is None else None
    return Reading(file.person.number.reveal(), file.person.name.reveal(), "read")
