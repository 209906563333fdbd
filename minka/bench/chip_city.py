"""Virtual chip cards of a few invented people: made once, kept as files, put into a slot by number.

``virtual:1`` is the first of them, ``virtual:<card number>`` any. A card's file is its memory, and
is written back when the card leaves the slot; its keys are the bench's and open nothing real.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from minka.bench.card_account import Account
from minka.bench.card_image import WHOLE
from minka.bench.card_maker import NEW_ACCOUNT, Blank, make
from minka.bench.card_memory import JOURNAL, Memory
from minka.bench.card_os import card as powered_chip
from minka.bench.card_plan import Shape
from minka.bench.card_slot import Slot
from minka.bench.chip_vault import BenchVault
from minka.bench.people import RARE
from minka.cards.card import Card
from minka.chip.contents import Filling
from minka.chip.faults import CardFault
from minka.chip.filespec import specification
from minka.chip.numbers import IdentificationCode, institution_number
from minka.desk import chip_contact
from minka.desk.act import Request
from minka.desk.chip_fact import RecordFact, record_fact
from minka.desk.chip_items import place_of, shown
from minka.desk.chip_look import identity_on_file
from minka.desk.office import Office
from minka.kit.secret import Clear
from minka.people.person import Person
from minka.store import cards, people
from minka.store.connection import rows

FOLDER = "cards"
PIN = "123456"
"""The PIN of every virtual card; invented people have no secrets."""
HOW_MANY = 3
REGION = "R1"
_MAKER = bytes.fromhex("0099010203")
ON_CARD: Mapping[str, Filling] = {
    "DF01EF07": {"29": "1"},
    "DF03EF07": {"70": "110", "73": date(2026, 6, 30)},
}
"""What every card carries since it was made."""


def make_cards(office: Office, home: Path, *, most: int = HOW_MANY) -> list[str]:
    """Make cards for the first people of a city who hold an active one; the numbers of all."""
    folder = home / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    desk = replace(office, vault=BenchVault)
    with office.register.act() as connection:
        found = rows(connection, "chip.demo_holders", region=REGION, most=most + len(RARE))
        held = [_holder(office, each["person_id"], each["card_id"]) for each in found]
        at = cards.now(connection, office.fence())
    for person, card in held:
        path = folder / f"{card.card_number}.card"
        if len(virtual_cards(home)) >= most or path.exists() or not _writable(person.name):
            continue
        keep_image(path, image(person, card, at.date()))
        _introduce(desk, home, card)
        _record_news(desk, person, at.date())
    return virtual_cards(home)


def _holder(office: Office, person_id: int, card_id: int) -> tuple[Person, Card]:
    with office.register.act() as connection:
        person = people.load(connection, office.keys, person_id)
        card = cards.load(connection, person_id, card_id)
    assert person is not None, "listed"
    assert card is not None, "listed"
    return person, card


def _writable(name: Clear) -> bool:
    """Whether GBK has every character: a chip knows no other."""
    try:
        name.reveal().encode("gbk")
    except UnicodeEncodeError:
        return False
    return True


def area_of(person: Person) -> str:
    """The six invented digits of a person's area."""
    return person.number.reveal()[:6]


def image(
    person: Person,
    card: Card,
    today: date,
    *,
    more: Mapping[str, Filling] | None = None,
    account: Account = NEW_ACCOUNT,
    shape: Shape | None = None,
) -> bytes:
    """The memory of a person's card as the factory would leave it."""
    historical = _MAKER + card.card_id.to_bytes(8)
    version = shape.version if shape else "3.0"
    known = identity(person, card, today, version)
    contents: dict[str, Filling] = {**known, **ON_CARD, **(more or {})}
    blank = Blank(area_of(person), historical, contents, Clear(PIN), account=account)
    return make(shape or Shape(), blank)


def identity(person: Person, card: Card, today: date, version: str = "3.0") -> dict[str, Filling]:
    """The environment's two files, from the register's own record."""
    area = area_of(person)
    marks = {item.mark for item in specification(version).file("SSSEEF06").items}
    holder = {
        each.item.partition(".")[2]: shown(place_of(each.item), each.raw).reading.value
        for each in identity_on_file(person, card)
        if each.item.startswith("SSSEEF06") and each.item.partition(".")[2] in marks
    }
    issuer: Filling = {
        "01": bytes(IdentificationCode(area, card.card_id)).hex(),
        "02": "3",
        "03": f"{version}0",
        "04": institution_number(area, area, 1).hex(),
        "05": today - timedelta(days=400),
        "06": card.expires_on or today + timedelta(days=3250),
        "07": card.card_number,
    }
    return {"SSSEEF05": issuer, "SSSEEF06": holder}


def keep_image(path: Path, cells: bytes) -> None:
    """Write a card's memory, readable by its owner alone."""
    draft = path.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(cells)
    draft.replace(path)


def virtual_cards(home: Path) -> list[str]:
    """The numbers of the virtual cards of a home, in their order."""
    return sorted(path.stem for path in (home / FOLDER).glob("*.card"))


class NoSuchVirtualCard(LookupError):
    """No virtual card has this number."""


@contextmanager
def powered(home: Path, name: str) -> Iterator[Slot]:
    """A virtual card in a slot, until the block is left; then its memory is written back.

    ``NoSuchVirtualCard`` for an unknown one. Whoever holds the card keeps others waiting.
    """
    known = virtual_cards(home)
    place = int(name) - 1 if name.isdecimal() and len(name) < 4 else -1
    number = known[place] if 0 <= place < len(known) else name.upper()
    if number not in known:
        raise NoSuchVirtualCard(name)
    path = home / FOLDER / f"{number}.card"
    with path.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        held = path.read_bytes()
        memory = Memory(held[:-JOURNAL], held[-JOURNAL:]) if _has_journal(held) else Memory(held)
        slot = Slot(powered_chip(memory, random=os.urandom))
        try:
            yield slot
        finally:
            keep_image(path, bytes(memory.cells) + bytes(memory.journal))


def _has_journal(held: bytes) -> bool:
    """Whether the journal was kept behind the cells: all but a new card's file has it."""
    return len(held) > WHOLE


def _introduce(office: Office, home: Path, card: Card) -> None:
    """Let the register meet the new chip, as the factory's read-back does."""
    with powered(home, card.card_number) as slot:
        contact = chip_contact.meet(office, slot, "factory", _asked("factory"))
        with suppress(CardFault):
            chip_contact.read(contact)
        answer = chip_contact.keep(contact)
        assert answer.accepted, answer.code


def _asked(role: str) -> Callable[[], Request]:
    def fresh() -> Request:
        return Request(f"bench:{os.urandom(9).hex()}", "bench", f"bench-{role}", role)

    return fresh


@dataclass(frozen=True, slots=True)
class News:
    """Something that changed on file after the card was made."""

    role: str
    item: str
    values: Mapping[str, str]


NEWS = (
    News("reviewer", "DF01EF07.29", {"": "3"}),
    News(
        "reviewer",
        "DF03EF19.79",
        {
            "18": "110",
            "19": "119901",
            "1A": "2008-07-01",
            "1C": "86400",
            "1D": "216",
            "1E": "2026-10-31",
        },
    ),
    News(
        "reviewer",
        "DF02EF07.-",
        {"#1": "2-02-10", "#2": "2012-03-01", "#3": "2019-08-31", "#4": "示例机械厂"},
    ),
    News("medical_staff", "DF03EF06.47", {"": "09"}),
)


def _record_news(office: Office, person: Person, today: date) -> None:
    for news in NEWS:
        typed = {mark: Clear(text) for mark, text in news.values.items()}
        command = RecordFact(int(person.person_id), news.item, typed, today - timedelta(days=20))
        answer = record_fact(office, _asked(news.role)(), command)
        assert answer.accepted, (news.item, answer.code)
