"""The demo city: reference data, staff, people and cards of every region, seeded once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from minka.bench import places, staff
from minka.bench.care_city import seed_care
from minka.bench.cases import open_cases
from minka.bench.faces import keep_face
from minka.bench.people import Invented, invent
from minka.cards.card import Card, Move, Status
from minka.cards.number import card_number
from minka.desk.office import Office
from minka.law.region import RegionLaw
from minka.store import cards, people
from minka.store.connection import Connection, the_row
from minka.store.people import NewPerson

LIFE = (Move.MAKE, Move.STOCK, Move.COLLECT, Move.ACTIVATE)
ISSUED_BEFORE = timedelta(days=400)
"""How long before the seeding the cards were issued."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """What the seeding found missing and made."""

    places: int
    accounts: int
    people: int


def _silently(word: str) -> None:
    """Tell nobody how far the seeding is."""


def seed(office: Office, home: Path, *, tell: Callable[[str], None] = _silently) -> Seeded:
    """Seed every region; what is there already is left as it is. Django must be set up."""
    laws = laws_now(office)
    tell("网点、银行、单位 · places, banks, employers")
    made_places = seed_reference(laws)
    tell("工作人员 · staff")
    posts = [post for law in laws for post in staff.posts(law)]
    accounts = staff.open_accounts(posts, staff.demo_password(home))
    tell("居民和卡 · people and cards")
    people_made = seed_people(office, laws)
    tell("参保和账户 · coverage and accounts")
    seed_care(office, home, laws, invent(_codes(laws)))
    open_cases(office, {(p.region, p.serial): p for p in invent(_codes(laws))})
    return Seeded(made_places, accounts, people_made)


def laws_now(office: Office) -> list[RegionLaw]:
    """The law of every region on the register's own day."""
    with office.register.act() as connection:
        at = cards.now(connection, office.fence())
    return [office.law(region, at) for region in office.book().regions]


def seed_reference(laws: list[RegionLaw]) -> int:
    """Banks, employers, places and terminals; gives how many places are new."""
    from minka.store.models import Bank, Employer, Kiosk, Place

    fields = ("bank_id", "name", "name_en", "phone", "lapse_days")
    banks = [Bank(**dict(zip(fields, bank, strict=True))) for bank in places.BANKS]
    Bank.objects.bulk_create(banks, ignore_conflicts=True)
    employers = [Employer(**asdict(each)) for law in laws for each in places.employers(law)]
    Employer.objects.bulk_create(employers, ignore_conflicts=True)
    before = Place.objects.count()
    invented = [place for law in laws for place in places.places(law)]
    Place.objects.bulk_create([Place(**asdict(p)) for p in invented], ignore_conflicts=True)
    kiosks = [
        Kiosk(kiosk_id=places.kiosk_id(place.place_id), place_id=place.place_id)
        for place in invented
        if places.has_kiosk(place)
    ]
    Kiosk.objects.bulk_create(kiosks, ignore_conflicts=True)
    return Place.objects.count() - before


def seed_people(office: Office, laws: list[RegionLaw]) -> int:
    """Register the people who are not there yet, each with a card; gives how many are new."""
    kinds = {law.id: law.card_kind for law in laws}
    new = 0
    for region_people in _by_region(laws):
        known: dict[int, int] = {}
        with office.register.act() as connection:
            issued = cards.now(connection, office.fence()) - ISSUED_BEFORE
            for person in region_people:
                found = people.find(connection, office.keys, person.number)
                person_id = found or _register(
                    connection, office, person, known.get(person.guardian)
                )
                known[person.serial] = person_id
                if found is None:
                    give_card(connection, _card_of(connection, person, person_id, kinds), issued)
                    new += 1
    return new


def _codes(laws: list[RegionLaw]) -> dict[str, str]:
    return {law.id: law.administrative_code for law in laws}


def _by_region(laws: list[RegionLaw]) -> Iterator[list[Invented]]:
    everyone = list(invent(_codes(laws)))
    for region in _codes(laws):
        yield [person for person in everyone if person.region == region]


def _register(
    connection: Connection, office: Office, person: Invented, guardian_id: int | None
) -> int:
    person_id = people.add(
        connection,
        office.keys,
        NewPerson(
            region=person.region,
            number=person.number,
            name=person.name,
            phone=person.phone,
            member_number=person.member_number,
            employer_id=f"{person.region}-E{person.employer}" if person.employer else None,
            guardian_id=guardian_id,
        ),
    )
    if person.photo_code:
        keep_face(connection, office.keys, person_id, person.photo_code)
    return person_id


def _card_of(
    connection: Connection, person: Invented, person_id: int, kinds: dict[str, str]
) -> Card:
    bank = "BOC" if person.region == "R5" else f"BANK{person.bank}"
    bank = "BANK1" if person.region == "R4" else bank
    return new_card(
        connection, person_id, (person.region, kinds[person.region]), bank if person.bank else ""
    )


def new_card(
    connection: Connection, person_id: int, place: tuple[str, str], bank_id: str = ""
) -> Card:
    """A card that is not yet written down: region and kind, and the bank it is served by."""
    card_id: int = the_row(connection, "cards.card_id")["id"]
    region, kind = place
    number = card_number("M", card_id)
    return Card(person_id, card_id, kind, region, number, Status.ORDERED, (), bank_id)


def give_card(connection: Connection, card: Card, issued: datetime) -> None:
    """Write a card down as ordered at an instant, and walk it to its holder within three weeks."""
    with connection.pipeline():
        cards.order(connection, card, at=issued, cause="seed", pan_mask="6200****0000")
        for day, move in enumerate(LIFE, start=1):
            at = issued + timedelta(days=5 * day)
            card = replace(card, status=cards.move(connection, card, move, at=at, cause="seed"))
