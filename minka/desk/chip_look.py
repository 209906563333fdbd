"""A person's card and file side by side, as a desk, a kiosk or the holder sees them (I5, L3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from minka.cards.card import Card
from minka.cards.number import mask
from minka.chip.contents import Field
from minka.chip.values import write
from minka.cipher.field import FieldKeys
from minka.desk.chip_compare import Line, OnFile, compare
from minka.desk.chip_fact import SEALED
from minka.desk.chip_items import place_of
from minka.desk.chip_money import BalanceLine, explain, taken_on_card
from minka.desk.chip_read import ChipReading, last_reading, said
from minka.desk.chip_write import Pending, pending
from minka.desk.office import Office
from minka.kit.identity import birth_date
from minka.kit.secret import Clear
from minka.people.person import Person
from minka.store import cards, people
from minka.store.connection import Connection, row, rows

BALANCE = "DF04EF00.-"
"""Where a reading keeps the card's own balance, which lies in no file."""
LOG = "DF04EF08.-"
NAME_BYTES = 30


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The last reading of a card, its lines beside the file, and what waits to be written."""

    person: Person
    card_id: int
    card_mask: str
    at: datetime
    """When the file was looked at."""
    reading: ChipReading | None
    lines: tuple[Line, ...]
    waiting: tuple[Pending, ...]
    money: tuple[BalanceLine, ...] = ()


def side_by_side(office: Office, person_id: int, role: str, card_id: int = 0) -> SideBySide | None:
    """The card and the file of a person as a role may see them; None for nobody or no card.

    Without a card's number it is the card that was read last, or the one in hand.
    """
    reading = last_reading(office, person_id, card_id)
    with office.register.act() as connection:
        person = people.load(connection, office.keys, person_id)
        held = cards.of_person(connection, person_id)
        meant = reading.card_id if reading else card_id
        card = next((c for c in held if c.card_id == meant), None) or cards.in_hand(held)
        if person is None or card is None:
            return None
        at = cards.now(connection, office.fence())
        file = tuple(on_file(connection, office.keys, person, card))
        written = _written(connection, card)
        money = _money(connection, card, reading) if reading else ()
    lines = compare(reading, file, role, written) if reading else ()
    waiting = tuple(pending(office, person_id, card.card_id))
    seen = (card.card_id, mask(card.card_number), at, reading)
    return SideBySide(person, *seen, lines, waiting, money)


def on_file(
    connection: Connection, keys: FieldKeys, person: Person, card: Card
) -> Iterator[OnFile]:
    """What the file says of the items of a card: who the holder is, the card, and every fact."""
    yield from identity_on_file(person, card)
    held = {"person_id": card.person_id, "card_id": card.card_id}
    torn = {
        (w["item"], w["nth"])
        for w in rows(connection, "chip.pending", **held)
        if w["step"] in ("begun", "review")
    }
    for fact in rows(connection, "chip.facts", person_id=card.person_id):
        raw = bytes.fromhex(keys.unseal(SEALED, bytes(fact["value"])).reveal())
        key = (fact["item"], fact["nth"])
        yield OnFile(*key, raw, fact["true_on"], int(key in torn))


def identity_on_file(person: Person, card: Card) -> Iterator[OnFile]:
    """The items that say whose card it is, as the register would have them on the chip."""
    number = person.number.reveal()
    values: dict[str, str | date | None] = {
        "SSSEEF05.07": card.card_number,
        "SSSEEF05.06": card.expires_on,
        "SSSEEF06.08": number,
        "SSSEEF06.0A": "1" if number[16:17].isdigit() and int(number[16]) % 2 else "2",
        "SSSEEF06.0D": birth_date(number),
    }
    yield from name_on_file(person.name)
    for address, value in values.items():
        if value is not None:
            yield OnFile(address, 1, write(place_of(address).item, value))


def name_on_file(name: Clear) -> Iterator[OnFile]:
    """The name in its first 30 bytes and their continuation; nothing where GBK cannot write it."""
    first, rest = place_of("SSSEEF06.09").item, place_of("SSSEEF06.4E").item
    try:
        raw = name.reveal().encode("gbk")
    except UnicodeEncodeError:
        return
    cut = NAME_BYTES if len(raw) > NAME_BYTES else len(raw)
    while cut and len(raw) > NAME_BYTES and not _whole(raw[:cut]):
        cut -= 1
    yield OnFile("SSSEEF06.09", 1, raw[:cut].ljust(first.length, b"\0"))
    yield OnFile("SSSEEF06.4E", 1, raw[cut:][: rest.length].ljust(rest.length, b"\0"))


def _whole(raw: bytes) -> bool:
    try:
        raw.decode("gbk")
    except UnicodeDecodeError:
        return False
    return True


def _written(connection: Connection, card: Card) -> dict[tuple[str, int], date]:
    held = {"person_id": card.person_id, "card_id": card.card_id}
    found = rows(connection, "chip.written", **held)
    return {(each["item"], each["nth"]): each["true_on"] for each in found}


def _money(connection: Connection, card: Card, reading: ChipReading) -> tuple[BalanceLine, ...]:
    """The medical account's two sides, when the card has a balance of its own."""
    raw = reading.raw(BALANCE)
    account = row(connection, "account.coverage", person_id=card.person_id)
    if raw is None or account is None:
        return ()
    log: list[Field] = [
        told[1] for each in reading.found if each.item == LOG and (told := said(each))
    ]
    held = {"person_id": card.person_id, "card_id": card.card_id}
    seen = rows(connection, "chip.offline_seen", **held)
    known = frozenset(e["card_seq"] for e in seen if e["outcome"] == "posted")
    taken = taken_on_card(log)
    return explain(account["balance_fen"], int.from_bytes(raw), taken, known)
