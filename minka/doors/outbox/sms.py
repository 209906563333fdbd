"""Text messages to the registered telephone, opened only at the moment they go out.

The letter to the SMS centre: ``key`` (the same at every try), ``phone`` and ``text``; signed. The
answer repeats the key. Neither number nor text is ever logged or named in a fault.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import httpx

from minka.cards.number import mask
from minka.desk.office import Office
from minka.desk.rules import hotline_of
from minka.doors.outbox.meaning import CardNow, Stop, card_now
from minka.doors.outbox.message import DELIVERED, End, Message, Outcome, Rejected, dropped
from minka.doors.outbox.notices import NOTICES, Told, spoken_facts, text
from minka.doors.outbox.post import post
from minka.doors.outbox.signing import HouseKey
from minka.kit.clock import CHINA
from minka.kit.secret import Clear
from minka.people.person import Person
from minka.store import people
from minka.store.connection import Connection, row

CODE = "code"
"""The domain under which a one-time code is sealed."""


@dataclass(frozen=True, slots=True)
class SmsDoor:
    """Delivers every ``notice.…``."""

    office: Office
    line: httpx.Client
    key: HouseKey
    address: str
    language: str = "zh-hans"

    def __call__(self, connection: Connection, message: Message, now: datetime) -> Outcome:
        """Send the text to the holder's registered telephone, a minor's to the guardian's."""
        if message.topic not in NOTICES:
            raise Rejected(f"unknown topic {message.topic}")
        card = card_now(connection, message.person_id, message.card_id, now)
        stop = card.stop(message.block_id) if card else None
        why = _lost_meaning(message, card, stop, now)
        if why:
            return dropped(why)
        person = people.load(connection, self.office.keys, message.person_id)
        if person is None:
            raise Rejected("the person is not on file")
        phone = self._phone(connection, person, now)
        if phone is None:
            return Outcome(End.UNDELIVERABLE, "no registered telephone")
        told = self._told(connection, message, (person, card, stop), now)
        letter = {
            "key": message.key,
            "phone": phone.reveal(),
            "text": text(message.topic, told, self.language),
        }
        said = post(self.line, self.address, letter, self.key)
        if said.get("key") != message.key:
            raise Rejected("the answer is to another message")
        return DELIVERED

    def _phone(self, connection: Connection, person: Person, now: datetime) -> Clear | None:
        if person.guardian_id is None or not person.is_minor_on(now.astimezone(CHINA).date()):
            return person.phone or None
        guardian = people.load(connection, self.office.keys, person.guardian_id)
        return guardian.phone or None if guardian else None

    def _told(
        self,
        connection: Connection,
        message: Message,
        about: tuple[Person, CardNow | None, Stop | None],
        now: datetime,
    ) -> Told:
        person, card, stop = about
        body = dict(message.body)
        known = {"hotline": self._hotline(person.region, now)}
        if card is not None:
            known["card"] = mask(card.card_number)
        if "code_sealed" in body:
            sealed = bytes.fromhex(body.pop("code_sealed"))
            known["code"] = self.office.keys.unseal(CODE, sealed).reveal()
        if "place_id" in body:
            place = row(connection, "reference.place", id=body["place_id"])
            known["place"] = place["name"] if place else body["place_id"]
        at = message.created_at
        instants = {"at": at, "from_at": stop.from_at if stop else at, "ended_at": at}
        facts = {
            **spoken_facts({name: each.isoformat() for name, each in instants.items()}),
            **spoken_facts(body, **known),
        }
        return Told(body, card, stop, facts)

    def _hotline(self, region: str, now: datetime) -> str:
        try:
            return hotline_of(self.office.law(region, now))
        except KeyError:
            return "12333"


def _lost_meaning(message: Message, card: CardNow | None, stop: Stop | None, now: datetime) -> str:
    if message.topic == "notice.code":
        ends = message.body.get("until_at")
        late = ends is not None and datetime.fromisoformat(ends) <= now
        return "the code has expired" if late else ""
    asked = {"notice.lapses_soon": CardNow.lapses_soon, "notice.lapsed": CardNow.lapsed}
    if message.topic not in asked:
        return ""
    if card is None or stop is None:
        raise Rejected("the stop is not on file")
    return "" if asked[message.topic](card, stop) else "the stop no longer ends like that"
