"""Persons read from and written to the register, sealed on the way in and opened on the way out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from minka.cipher.field import FieldKeys
from minka.kit.identity import birth_date, mask_name, mask_number, mask_phone, normal_form
from minka.kit.secret import Clear
from minka.people.names import comparison_form, written_form
from minka.people.person import Person, PersonId
from minka.store.connection import Connection, Row, do, insert, row, rows, the_row

NUMBER, NAME, PHONE = "number", "name", "phone"


@dataclass(frozen=True, slots=True)
class NewPerson:
    """What is written when a person is registered; texts are clear here and sealed below."""

    region: str
    number: Clear
    name: Clear
    phone: Clear | None = None
    member_number: str = ""
    employer_id: str | None = None
    guardian_id: int | None = None
    photo_code: str = ""
    state: str = "insured"


def number_index(keys: FieldKeys, number: Clear) -> bytes:
    """The index under which a citizen number is found."""
    return keys.index(NUMBER, Clear(normal_form(number.reveal())))


def find(connection: Connection, keys: FieldKeys, number: Clear) -> PersonId | None:
    """The person of a citizen number, or None."""
    found = row(connection, "people.find_by_number", index=number_index(keys, number))
    return PersonId(found["person_id"]) if found else None


def load(connection: Connection, keys: FieldKeys, person_id: int) -> Person | None:
    """A person with his texts opened as ``Clear``, or None."""
    found = row(connection, "people.load", person_id=person_id)
    return _person(keys, found) if found else None


def decoy(keys: FieldKeys) -> None:
    """Spend the time of opening a person where there is none, so that nobody can tell."""
    for domain in (NUMBER, NAME, PHONE):
        keys.seal(domain, Clear("110000190001010000"))


def lock(connection: Connection, person_id: int) -> None:
    """Lock the person's row: the first lock of every act about him, before card and account."""
    do(connection, "people.lock", person_id=person_id)


def by_name(connection: Connection, keys: FieldKeys, region: str, name: Clear) -> list[Row]:
    """Masked rows of the people of a region who bear a name; at most fifty."""
    index = keys.index(NAME, Clear(comparison_form(name.reveal())))
    return rows(connection, "people.by_name", region=region, index=index)


def add(connection: Connection, keys: FieldKeys, person: NewPerson) -> PersonId:
    """Register a person; ``UniqueViolation`` when the citizen number is registered already."""
    person_id = the_row(connection, "cards.person_id")["id"]
    index = number_index(keys, person.number)
    do(connection, "people.register_number", index=index, person_id=person_id)
    insert(connection, "people.insert", sealed_row(keys, person, person_id))
    return PersonId(person_id)


def sealed_row(keys: FieldKeys, person: NewPerson, person_id: int) -> Row:
    """The row of the person table for a new person."""
    number = Clear(normal_form(person.number.reveal()))
    name = Clear(written_form(person.name.reveal()))
    return {
        "person_id": person_id,
        "region": person.region,
        "number_index": keys.index(NUMBER, number),
        "number_sealed": keys.seal(NUMBER, number),
        "number_mask": mask_number(number.reveal()),
        "name_sealed": keys.seal(NAME, name),
        "name_index": keys.index(NAME, Clear(comparison_form(name.reveal()))),
        "name_mask": mask_name(name.reveal()),
        "phone_sealed": keys.seal(PHONE, person.phone) if person.phone else None,
        "phone_mask": mask_phone(person.phone.reveal()) if person.phone else None,
        "member_number": person.member_number or None,
        "employer_id": person.employer_id,
        "guardian_id": person.guardian_id,
        "born_on": birth_date(number.reveal()),
        "photo_code": person.photo_code or None,
        "state": person.state,
    }


def _person(keys: FieldKeys, found: Row) -> Person:
    born: date | None = found["born_on"]
    sealed_phone = found["phone_sealed"]
    return Person(
        person_id=PersonId(found["person_id"]),
        region=found["region"],
        number=keys.unseal(NUMBER, found["number_sealed"]),
        name=keys.unseal(NAME, found["name_sealed"]),
        number_mask=found["number_mask"],
        name_mask=found["name_mask"],
        phone=keys.unseal(PHONE, sealed_phone) if sealed_phone else None,
        phone_mask=found["phone_mask"] or "",
        member_number=found["member_number"] or "",
        employer_id=found["employer_id"] or "",
        employer_name=found["employer_name"],
        guardian_id=found["guardian_id"],
        born_on=born,
        photo_code=found["photo_code"] or "",
    )
