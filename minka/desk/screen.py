"""What stands beside a person's file on a staff screen: last uses, waiting cases, near places."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from minka.cards.card import Card, Status
from minka.desk.office import Office
from minka.desk.stops import CONFIRMERS
from minka.kit.clock import CHINA
from minka.law.region import Entry
from minka.loss.throttle import REPORTS_PER_CARD
from minka.store import cards
from minka.store.connection import row, rows, the_row


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a card; ``amount_fen`` in fen."""

    at: datetime
    amount_fen: int
    provider: str


@dataclass(frozen=True, slots=True)
class Beside:
    """What a hotline screen shows of a card besides its file."""

    uses: tuple[Use, ...]
    reports_today: int
    bank: str
    """Name of the bank that serves the card, with its telephone number; empty without one."""

    @property
    def next_is_suspicious(self) -> bool:
        """Whether one more report within the day would be flagged."""
        return self.reports_today + 1 >= REPORTS_PER_CARD


def beside(office: Office, card: Card, at: datetime) -> Beside:
    """The last three uses of a card, and how often its holder was reported within a day."""
    with office.register.act() as connection:
        who = {"person_id": card.person_id}
        found = rows(connection, "screen.uses", **who, card_id=card.card_id, most=3)
        since = at - timedelta(days=1)
        counted = the_row(connection, "screen.reports_since", **who, since=since)
        bank = row(connection, "reference.bank", id=card.bank_id) if card.bank_id else None
    uses = tuple(Use(each["at"], each["amount_fen"], each["provider"]) for each in found)
    return Beside(uses, counted["reports"], f"{bank['name']} {bank['phone']}" if bank else "")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case that waits for staff, masked."""

    person_id: int
    receipt: str
    name_mask: str
    number_mask: str
    since: datetime
    channel: str = ""
    confirmed_by: str = ""
    status: Status | None = None


def unconfirmed(office: Office, region: str, role: str) -> tuple[Waiting, ...]:
    """Reports of a region that take effect with a word this role may give, oldest first."""
    with office.register.act() as connection:
        found = rows(connection, "screen.unconfirmed", region=region)
    waiting = []
    for each in found:
        entry = office.book().cited(each["rule_ref"])
        who = str(entry.value("confirmed_by") or "") if entry else ""
        if role in CONFIRMERS.get(who, ()):
            masks = (each["name_mask"], each["number_mask"], each["accepted_at"])
            waiting.append(
                Waiting(each["person_id"], each["receipt"], *masks, each["channel"], who)
            )
    return tuple(waiting)


def at_place(office: Office, place_id: str, statuses: Collection[Status]) -> tuple[Waiting, ...]:
    """Replacements that are collected at a place and have got this far, oldest first."""
    wanted = [status.value for status in statuses]
    with office.register.act() as connection:
        found = rows(connection, "screen.at_place", place_id=place_id, statuses=wanted)
    return tuple(
        Waiting(
            each["person_id"],
            each["receipt"],
            each["name_mask"],
            each["number_mask"],
            each["accepted_at"],
            status=Status(each["status"]),
        )
        for each in found
    )


@dataclass(frozen=True, slots=True)
class Where:
    """A place to send somebody to."""

    name: str
    name_en: str
    district: str
    address: str
    hours: str
    phone: str

    def say(self, language: str) -> str:
        """The name in a language; English where the place has one."""
        return self.name_en if language == "en" and self.name_en else self.name


def places(office: Office, region: str, kinds: Collection[str]) -> tuple[Where, ...]:
    """Up to six open places of these kinds in a region."""
    with office.register.act() as connection:
        day = cards.now(connection, office.fence()).astimezone(CHINA).date()
        found = rows(connection, "screen.places", region=region, kinds=list(kinds), day=day)
    names = ("name", "name_en", "district", "address", "hours", "phone")
    return tuple(Where(**{name: each[name] for name in names}) for each in found)


def place_name(office: Office, place_id: str, language: str) -> str:
    """The name of a place in a language; its number when it is not on file."""
    with office.register.act() as connection:
        found = row(connection, "screen.place_name", place_id=place_id)
    if found is None:
        return place_id
    english = found["name_en"] if language == "en" else ""
    return str(english or found["name"])


@dataclass(frozen=True, slots=True)
class Paid:
    """What a fee receipt says beside the application: how it was paid, and when."""

    means: str
    at: datetime


def fee_paid(office: Office, person_id: int, application_id: int) -> Paid | None:
    """The charge of an application, or None."""
    with office.register.act() as connection:
        place = {"person_id": person_id, "application_id": application_id}
        found = rows(connection, "issue.fees", **place)
    charge = next((each for each in found if each["entry"] == "charge"), None)
    return Paid(charge["means"], charge["at"]) if charge else None


def made_here(office: Office, person_id: int, application_id: int) -> bool:
    """Whether the rule of an application has its card made in the same visit."""
    with office.register.act() as connection:
        place = {"person_id": person_id, "application_id": application_id}
        found = row(connection, "issue.application", **place)
    return found is not None and found["details"].get("on_the_spot") == "yes"


def rule_of(office: Office, person_id: int, application_id: int) -> Entry | None:
    """The rule an application was accepted under."""
    with office.register.act() as connection:
        place = {"person_id": person_id, "application_id": application_id}
        found = row(connection, "issue.application", **place)
    return office.book().cited(found["rule_ref"]) if found else None


def has_photo(office: Office, person_id: int) -> bool:
    """Whether there is a photo to compare the visitor with."""
    with office.register.act() as connection:
        return row(connection, "screen.has_photo", person_id=person_id) is not None
