"""Places, banks and employers for the tests of the API, and one case to go on with."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import psycopg

from minka.desk.office import Office
from tests.api.asking import Asking, Partners, Told
from tests.desk.town import Resident, settle_in

SHOWN = [{"kind": "resident_id", "copy": "original_and_copy"}]


def a_place(url: str, region: str = "R1", kind: str = "service_point") -> str:
    """A new place of a kind; its number."""
    place_id = f"P{secrets.token_hex(5).upper()}"
    with psycopg.connect(url) as connection:
        connection.execute(
            "insert into place (place_id, region, kind, name, name_en, district, address, phone,"
            " hours, services, directions)"
            " values (%s, %s, %s, '测试网点', '', '', '', '', '', '', '')",
            (place_id, region, kind),
        )
    return place_id


def a_bank(url: str) -> str:
    """A new bank; its number."""
    bank_id = f"B{secrets.token_hex(4).upper()}"
    with psycopg.connect(url) as connection:
        connection.execute(
            "insert into bank (bank_id, name, name_en, phone, endpoint)"
            " values (%s, '测试银行', '', '', '')",
            (bank_id,),
        )
    return bank_id


def an_employer(url: str, region: str = "R1") -> str:
    """A new employer; its number."""
    employer_id = f"E{secrets.token_hex(4).upper()}"
    with psycopg.connect(url) as connection:
        connection.execute(
            "insert into employer (employer_id, region, name, uscc)"
            " values (%s, %s, '测试单位', '')",
            (employer_id, region),
        )
    return employer_id


def an_operator(url: str, role: str, region: str = "R1") -> str:
    """A new member of staff on file; the staff number."""
    staff_number = f"S{secrets.token_hex(4).upper()}"
    with psycopg.connect(url) as connection:
        made = connection.execute(
            "insert into auth_user (password, is_superuser, username, first_name, last_name, email,"
            " is_staff, is_active, date_joined)"
            " values ('!', false, %s, '', '', '', true, true, clock_timestamp()) returning id",
            (staff_number,),
        ).fetchone()
        assert made is not None
        connection.execute(
            "insert into operator (user_id, staff_number, role, region) values (%s, %s, %s, %s)",
            (made[0], staff_number, role, region),
        )
    return staff_number


def employ(url: str, someone: Resident, employer_id: str) -> None:
    """Insure a resident through an employer."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "update person set employer_id = %s where person_id = %s",
            (employer_id, someone.person_id),
        )


@dataclass(frozen=True, slots=True)
class Case:
    """A resident with a formal loss and a replacement applied for."""

    someone: Resident
    place_id: str
    told: Told

    @property
    def loss(self) -> str:
        """The receipt of the loss."""
        return str(self.told["loss"]["receipt"])

    @property
    def receipt(self) -> str:
        """The receipt of the application."""
        return str(self.told["replacement"]["receipt"])

    @property
    def slip(self) -> str:
        """The collection slip."""
        return str(self.told["replacement"]["slip"])


COUNTER = (
    "loss:report loss:confirm loss:withdraw loss:freeze issue:apply issue:fee factory issue:collect"
    " issue:activate issue:withdraw document:issue document:stamp receipt:read card:standing"
    " card:use hotlist:read proof approval:sign"
    " account:balance account:statement account:question"
).split()


def apply_for_new_card(ask: Asking, office: Office, partners: Partners, region: str = "R1") -> Case:
    """Formal loss and replacement of a new resident in one POST."""
    someone = settle_in(office, region)
    place_id = a_place(partners.url, region)
    counter = ask.as_(partners.enrol(*COUNTER, regions=region, role="counter_clerk"))
    told = counter.post(
        "/v1/loss-reports/with-replacement",
        region=region,
        channel="counter",
        id_number=someone.number,
        stated={"name": someone.name},
        papers=SHOWN,
        place_id=place_id,
        photo_code="PHOTO1",
    )
    assert told.status == 201, told
    return Case(someone, place_id, told)
