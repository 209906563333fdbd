"""Residents whose cards are virtual chips in a slot, for the tests."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from minka.bench.card_account import Account
from minka.bench.card_maker import NEW_ACCOUNT
from minka.bench.card_memory import Memory
from minka.bench.card_os import card as powered
from minka.bench.card_plan import Shape
from minka.bench.card_slot import Slot
from minka.bench.chip_city import image
from minka.cards.card import Card
from minka.chip.contents import Filling
from minka.desk import chip_contact
from minka.desk.act import Answer, Request
from minka.desk.chip_contact import Contact
from minka.desk.chip_fact import RecordFact, record_fact
from minka.desk.office import Office
from minka.kit.secret import Clear
from minka.people.person import Person
from minka.store import cards, people
from tests.chip_use.town import VAULT
from tests.desk.town import Resident, request, settle_in

TRUE_ON = date(2026, 10, 31)
MADE_ON = date(2026, 1, 5)


@dataclass(frozen=True, slots=True)
class Bearer:
    """A resident, his card of the register, and the slot his chip lies in."""

    resident: Resident
    person: Person
    card: Card
    slot: Slot

    @property
    def person_id(self) -> int:
        """The person's number in the register."""
        return int(self.person.person_id)


def with_vault(office: Office) -> Office:
    """The office with the bench's vault."""
    return replace(office, vault=lambda: VAULT)


def bearer(
    office: Office,
    *,
    more: Mapping[str, Filling] | None = None,
    account: Account = NEW_ACCOUNT,
    resident: Resident | None = None,
    shape: Shape | None = None,
) -> Bearer:
    """Somebody new with an active card whose chip says what the file says."""
    someone = resident or settle_in(office)
    with office.register.act() as connection:
        person = people.load(connection, office.keys, someone.person_id)
        card = cards.load(connection, int(someone.person_id), someone.card_id)
    assert person is not None
    assert card is not None
    cells = image(person, card, MADE_ON, more=more, account=account, shape=shape)
    return Bearer(someone, person, card, Slot(powered(Memory(cells), random=os.urandom)))


def posts(role: str) -> Callable[[], Request]:
    """Fresh requests of a post."""
    return lambda: request(role)


def meet(office: Office, someone: Bearer, role: str = "counter_clerk", *, pin: str = "") -> Contact:
    """The card put into the reader of a post."""
    typed = Clear(pin) if pin else None
    desk = with_vault(office)
    return chip_contact.meet(desk, someone.slot, "reader-1", posts(role), pin=typed)


def tell(office: Office, someone: Bearer, item: str, role: str = "reviewer", **more: str) -> Answer:
    """A post records a fact; ``v`` is the value of an item without parts."""
    values = {("" if mark == "v" else mark.replace("p", "#")): t for mark, t in more.items()}
    typed = {mark: Clear(text) for mark, text in values.items()}
    command = RecordFact(someone.person_id, item, typed, TRUE_ON)
    return record_fact(office, request(role), command)
