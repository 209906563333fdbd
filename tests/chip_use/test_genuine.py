"""The attack list: forged, cloned without keys, replayed, another issuer: all refused (K5, K2)."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from minka.bench.card_image import HISTORICAL
from minka.bench.card_memory import Memory
from minka.bench.card_os import card as powered
from minka.bench.card_plan import Shape, plan, value_place
from minka.bench.card_slot import Slot
from minka.chip.connection import CardConnection
from minka.desk import chip_contact
from minka.desk.office import Office
from tests.chip_use.cards import Bearer, bearer, meet, posts, tell, with_vault

INTERNAL = 0x88


class Altered:
    """A card whose every answer goes through somebody's hands."""

    def __init__(self, card: CardConnection, alter: Callable[[bytes, bytes], bytes]) -> None:
        self._card, self._alter = card, alter

    @property
    def atr(self) -> bytes:
        """The answer to reset."""
        return self._card.atr

    def transmit(self, command: bytes) -> bytes:
        """The answer as it was altered."""
        return self._alter(command, self._card.transmit(command))

    def reset(self) -> bytes:
        """A warm reset."""
        return self._card.reset()


def forged(someone: Bearer) -> CardConnection:
    """A card that answers internal authentication with whatever it likes."""

    def alter(command: bytes, answer: bytes) -> bytes:
        return b"\x12" * 8 + b"\x90\x00" if command[1] == INTERNAL else answer

    return Altered(someone.slot, alter)


def cloned_without_keys(someone: Bearer) -> CardConnection:
    """Every file copied, the keys made up: files can be read off a card, keys cannot."""
    cells = bytearray(someone.slot.card.memory.cells)
    for key in plan(Shape()).keys:
        place = value_place(key)
        cells[place : place + 16] = os.urandom(16)
    return Slot(powered(Memory(bytes(cells)), random=os.urandom))


def replayed(someone: Bearer) -> CardConnection:
    """A card that gives the answer it once heard a true card give."""
    heard: list[bytes] = []

    def listen(command: bytes, answer: bytes) -> bytes:
        if command[1] == INTERNAL:
            heard.append(answer)
        return answer

    def repeat(command: bytes, answer: bytes) -> bytes:
        return heard[0] if command[1] == INTERNAL else answer

    true = Altered(someone.slot, listen)
    true.transmit(bytes.fromhex("00A404000F7378312E73682EC9E7BBE1B1A3D5CF"))
    true.transmit(bytes.fromhex("0088000010") + os.urandom(16))
    return Altered(someone.slot, repeat)


def other_chip(someone: Bearer) -> CardConnection:
    """The same files and keys in a chip with other historical bytes: one card, one key."""
    cells = bytearray(someone.slot.card.memory.cells)
    cells[HISTORICAL] = os.urandom(13)
    return Slot(powered(Memory(bytes(cells)), random=os.urandom))


def other_issuer(someone: Bearer) -> CardConnection:
    """A card whose identification code says another area than its keys were made for."""
    memory = someone.slot.card.memory
    code = bytes.fromhex(someone.person.number.reveal()[:6]) + bytes.fromhex("D156000005")
    place = bytes(memory.cells).index(code)
    cells = bytearray(memory.cells)
    cells[place : place + 3] = bytes.fromhex("990200")
    return Slot(powered(Memory(bytes(cells)), random=os.urandom))


ATTACKS = (forged, cloned_without_keys, replayed, other_chip, other_issuer)


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_copy_proves_itself(office: Office, attack: Callable[[Bearer], CardConnection]) -> None:
    """Its files may be perfect: internal authentication fails, so nothing is taken (K5)."""
    someone = bearer(office)
    assert meet(office, someone).card.proof == "proved"
    desk = with_vault(office)
    contact = chip_contact.meet(desk, attack(someone), "reader-1", posts("counter_clerk"))
    assert contact.card.proof == "refused"
    chip_contact.read(contact, ("SSSEEF05",))
    kept = chip_contact.keep(contact)
    assert kept.code == "desk.unproved"
    assert "chip" in kept.say("en")


def test_a_copy_is_refused_for_money_and_writes(office: Office) -> None:
    """A card that did not prove itself is neither written nor blocked (K2)."""
    someone = bearer(office)
    chip_contact.keep(meet(office, someone))
    tell(office, someone, "DF01EF07.29", v="3")
    desk = with_vault(office)
    contact = chip_contact.meet(desk, forged(someone), "reader-1", posts("counter_clerk"))
    done = list(chip_contact.write(contact, someone.person_id, someone.card.card_id))
    assert [answer.code for _, answer in done] == ["desk.unproved"]


def test_without_a_vault_nothing_counts_as_proved(office: Office) -> None:
    """No key, no proof: the reading is kept as unproved, and no chip becomes known by it (K2)."""
    someone = bearer(office)
    contact = chip_contact.meet(office, someone.slot, "reader-1", posts("counter_clerk"))
    chip_contact.read(contact, ("SSSEEF05",))
    assert contact.card.proof == "untried"
    kept = chip_contact.keep(contact)
    assert kept.facts["proof"] == "unproved"
    with office.register.act() as connection:
        found = connection.execute(
            "select count(*) as n from chip where person_id = %s", (someone.person_id,)
        ).fetchone()
    assert found is not None
    assert found["n"] == 0


def test_another_chip_under_a_known_number_is_refused(office: Office) -> None:
    """A true chip of somebody else that bears this card's number is not this card (K5)."""
    someone, other = bearer(office), bearer(office)
    assert chip_contact.keep(meet(office, someone)).accepted
    contact = meet(office, other)
    contact.session.card_number = someone.card.card_number
    assert chip_contact.keep(contact).code == "desk.not_this_card"
