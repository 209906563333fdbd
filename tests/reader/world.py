"""Readers in this process with virtual cards in them, a vault of the bench's keys, and a pad."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from minka.bench.card_core import Chip
from minka.bench.card_slot import Slot
from minka.bench.chip_vault import BenchVault
from minka.chip.connection import CardGone
from minka.devices.pcsc_reader import Change, NoCard, PoweredCard, ReaderGone
from minka.doors.reader.codes import Stop
from minka.doors.reader.driver import Driver, Outcome
from minka.doors.reader.hsm import VaultServices
from minka.doors.reader.pinpad import Ask, GivenPins, NoPad, PinPad
from minka.doors.reader.settings import ReaderSettings
from minka.doors.reader.terminal import Terminal
from tests.card.world import CODE, new_card

WHICH = f"{CODE}|M00000019|"
BASIC = (
    "990100|990101199001010019|M00000019|990100D15600000500000001FFFFFFFF|测试甲|"
    "00990102038699990100000001|3.00|20240101|20340101|990100000001|MINKA0000001|"
)
"""The example of card-chip §15.1."""
CONTACT, SAM = "Contact 00", "Module 00"


class SlotCard:
    """A virtual card under power in this process."""

    def __init__(self, slot: Slot) -> None:
        self.slot, self.atr = slot, slot.insert() if slot.is_present() else b""
        if not self.atr:
            raise NoCard

    def transmit(self, command: bytes) -> bytes:
        return self.slot.transmit(command)

    def reset(self) -> bytes:
        return self.slot.reset()

    def transaction(self) -> AbstractContextManager[None]:
        return nullcontext()

    def close(self) -> None:
        """Power off: what was shown is forgotten when the card is powered again."""


@dataclass(slots=True)
class InProcess:
    """Readers by name, each with a slot or without a card."""

    slots: dict[str, Slot | None] = field(default_factory=dict)

    def names(self) -> tuple[str, ...]:
        return tuple(self.slots)

    def present(self, reader: str) -> bool:
        slot = self.slots[reader]
        return slot is not None and bool(slot.is_present())

    def connect(self, reader: str) -> PoweredCard:
        if reader not in self.slots:
            raise ReaderGone(reader)
        slot = self.slots[reader]
        if slot is None:
            raise NoCard(reader)
        return SlotCard(slot)

    def changes(self) -> Iterator[Change]:
        return iter(())

    def close(self) -> None:
        """Nothing is open."""


class Answers:
    """A pad at which somebody enters what a test says; a code is what went wrong there."""

    def __init__(self, *answers: str | int) -> None:
        self.answers, self.asked = list(answers), list[Ask]()

    def ask(self, ask: Ask) -> str:
        self.asked.append(ask)
        found = self.answers.pop(0)
        if isinstance(found, int):
            raise Stop(found)
        return found


class Counter:
    """A counter's machine with one card in it."""

    def __init__(
        self,
        card: Chip | None = None,
        *,
        pad: PinPad | None = None,
        sam: Chip | None = None,
        **settings: object,
    ) -> None:
        self.slot = Slot(card or new_card())
        slots: dict[str, Slot | None] = {CONTACT: self.slot}
        if sam is not None:
            slots[SAM] = Slot(sam)
            settings["sam_reader"] = SAM
        settings = {"terminal_without_sam": "990100000001", **settings}
        self.settings = ReaderSettings.model_validate(settings)
        self.readers = InProcess(slots)
        self.driver = Driver(Terminal(self.settings, self.readers, pad or NoPad()))
        self.services = VaultServices(BenchVault(), self.settings)

    def call(self, name: str, *arguments: str, pins: Sequence[str] = ()) -> Outcome:
        """A function, with the PINs entered at the pad."""
        if pins:
            self.driver.terminal = Terminal(self.settings, self.readers, GivenPins(pins))
        return self.driver.call(name, *arguments)

    def out(self, name: str, *arguments: str, pins: Sequence[str] = ()) -> str:
        """The output of a function that must succeed."""
        outcome = self.call(name, *arguments, pins=pins)
        assert outcome.code == 0, f"{name}: {outcome.code}"
        return outcome.out

    def code(self, name: str, *arguments: str, pins: Sequence[str] = ()) -> int:
        """The code of a function."""
        return int(self.call(name, *arguments, pins=pins).code)


__all__ = ["BASIC", "WHICH", "Answers", "BenchVault", "CardGone", "Counter", "InProcess"]
