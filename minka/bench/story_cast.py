"""The people of a story: invented, registered with a card, and what they hold in their hands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta

from minka.bench.city import give_card, new_card
from minka.bench.people import area_of, invented_number
from minka.bench.places import BANKS, employers, has_kiosk, kiosk_id, places
from minka.bench.story_text import Person
from minka.cards.card import Card, Status
from minka.desk.office import Office
from minka.kit.secret import Clear
from minka.law.region import RegionLaw
from minka.store import people
from minka.store.connection import Connection, row
from minka.store.people import NewPerson

WALKED = timedelta(days=400)
_BORN = "19850310"


@dataclass(slots=True)
class Player:
    """One person of a story with all receipts and papers."""

    name: str
    person_id: int
    number: Clear
    member_number: str
    employer_id: str
    employer_name: str
    card_number: str = ""
    loss: str = ""
    application: str = ""
    slip: str = ""
    photo: str = ""
    documents: dict[str, str] = field(default_factory=dict)

    def truth(self) -> Mapping[str, str]:
        """The facts he can state truthfully."""
        return {
            "name": self.name,
            "id_number": self.number.reveal(),
            "card_number": self.card_number,
            "card_computer_number": self.member_number,
            "employer_name": self.employer_name,
        }


def furnish(connection: Connection, laws: list[RegionLaw]) -> None:
    """Write the reference data of every region into an empty register (in the owner's role)."""
    for bank_id, name, name_en, phone, lapse_days in BANKS:
        connection.execute(
            "insert into bank (bank_id, name, name_en, phone, endpoint, lapse_days)"
            " values (%s, %s, %s, %s, '', %s)",
            (bank_id, name, name_en, phone, lapse_days),
        )
    for law in laws:
        for employer in employers(law):
            connection.execute(
                "insert into employer (employer_id, region, name, uscc) values (%s, %s, %s, '')",
                (employer.employer_id, employer.region, employer.name),
            )
        for place in places(law):
            names = [each.name for each in fields(place)]
            slots = ", ".join(f"%({name})s" for name in names)
            connection.execute(
                f"insert into place ({', '.join(names)}) values ({slots})".encode(), asdict(place)
            )
            if has_kiosk(place):
                connection.execute(
                    "insert into kiosk (kiosk_id, place_id, active) values (%s, %s, true)",
                    (kiosk_id(place.place_id), place.place_id),
                )


def settle(office: Office, law: RegionLaw, cast: list[Person], at: datetime) -> dict[str, Player]:
    """Register the people of a story, each with the card his introduction names."""
    settled: dict[str, Player] = {}
    with office.register.act() as connection:
        for serial, person in enumerate(cast, start=1):
            player = _register(connection, office, law, (person, serial, settled))
            settled[person.name] = player
            if person.trait("卡", "正常") != "无":
                card = _card(connection, law, person, player)
                give_card(connection, card, at - WALKED)
                player.card_number = card.card_number
    return settled


def _register(
    connection: Connection,
    office: Office,
    law: RegionLaw,
    who: tuple[Person, int, Mapping[str, Player]],
) -> Player:
    person, serial, settled = who
    region = person.trait("城市", law.id)
    born = person.trait("生日", _BORN).replace("-", "")
    number = Clear(invented_number(area_of(law.administrative_code), born, 500 + serial))
    name = person.trait("姓名", person.name)
    employer_id = f"{law.id}-E{person.trait('单位')}" if person.trait("单位") else ""
    guardian = settled.get(person.trait("监护人"))
    member_number = f"{law.administrative_code[:4]}{90000 + serial}"
    person_id = people.add(
        connection,
        office.keys,
        NewPerson(
            region=region,
            number=number,
            name=Clear(name),
            phone=Clear(f"1380000{9000 + serial}"),
            member_number=member_number,
            employer_id=employer_id or None,
            guardian_id=guardian.person_id if guardian else None,
            photo_code="" if person.trait("照片") == "无" else f"photo-{serial}",
        ),
    )
    employer = connection.execute(
        "select name from employer where employer_id = %s", (employer_id,)
    ).fetchone()
    named = employer["name"] if employer else ""
    return Player(name, person_id, number, member_number, employer_id, named)


def _card(connection: Connection, law: RegionLaw, person: Person, player: Player) -> Card:
    bank = person.trait("银行")
    assert not bank or row(connection, "reference.bank", id=bank), f"no such bank: {bank}"
    region = person.trait("城市", law.id)
    kind = person.trait("卡种", law.card_kind)
    card = new_card(connection, player.person_id, (region, kind), bank)
    assert card.status is Status.ORDERED, "a card begins as ordered"
    return card
