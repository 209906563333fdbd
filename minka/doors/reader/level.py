"""The reader-level functions of SSSE32 (card-chip §15.2): raw commands, for programs only.

A slot is 0x01 … for cards and 0x11 … for modules, in the order of the machine's readers. A card
stays powered until the program lets it go, or until the service takes it back.
"""

from __future__ import annotations

from minka.chip.connection import CardGone
from minka.devices.pcsc_reader import NoCard, PoweredCard, ReaderFault
from minka.doors.reader.card import code_of
from minka.doors.reader.codes import Code, Stop
from minka.doors.reader.driver import Outcome
from minka.doors.reader.forms import HEX, hexed
from minka.doors.reader.terminal import Terminal

MAKER = "MINKA".ljust(16) + "READER SERVICE".ljust(14) + "01"
SAM_SLOTS = 0x10
DEVICES = ("AUTO", "COM", "USB", "LPT")


class Level:
    """The readers as one program sees them, after it opened them."""

    def __init__(self) -> None:
        self._open = False
        self._cards: dict[int, PoweredCard] = {}

    @property
    def holds_a_card(self) -> bool:
        """Whether a card is under this program's power."""
        return bool(self._cards)

    def close(self) -> None:
        """Lets every card go; the program has to open anew."""
        self._open = False
        for card in self._cards.values():
            card.close()
        self._cards.clear()

    def call(self, terminal: Terminal, name: str, *arguments: str) -> Outcome:
        """One function by its name; lengths and handles are its code, bytes its output in hex."""
        try:
            return self._call(terminal, name.removeprefix("ICC_Reader_"), arguments)
        except Stop as stop:
            return Outcome(stop.code)
        except CardGone:
            self.close()
            return Outcome(Code.NO_ANSWER)
        except ReaderFault as fault:
            return Outcome(code_of(fault))

    def _call(self, terminal: Terminal, name: str, arguments: tuple[str, ...]) -> Outcome:
        match name, arguments:
            case "Open", (device,):
                return self._opened(terminal, device)
            case "Libinfo", ():
                return Outcome(Code.DONE, hexed(MAKER.encode("ascii")))
            case "Close", ("0",):
                self._needed()
                self.close()
                return Outcome(Code.DONE)
            case "PowerOn", ("0", slot):
                return self._power_on(terminal, _slot(slot))
            case "PowerOff", ("0", slot):
                self._card(_slot(slot)).close()
                del self._cards[_slot(slot)]
                return Outcome(Code.DONE)
            case "GetStatus", ("0", slot):
                return self._status(terminal, _slot(slot))
            case "Application", ("0", slot, command):
                return self._applied(_slot(slot), command)
            case _:
                raise Stop(Code.WRONG_ARGUMENT)

    def _opened(self, terminal: Terminal, device: str) -> Outcome:
        if device.upper().rstrip("123456789") not in DEVICES:
            raise Stop(Code.WRONG_ARGUMENT)
        if not terminal.readers.names():
            raise Stop(Code.NO_READER)
        self._open = True
        return Outcome(0)

    def _needed(self) -> None:
        if not self._open:
            raise Stop(Code.NOT_OPENED)

    def _reader(self, terminal: Terminal, slot: int) -> str:
        """The reader of a slot, by the settings and then by the machine's own order."""
        self._needed()
        sam = terminal.settings.sam_reader
        cards = [name for name in terminal.readers.names() if name != sam]
        found = ([sam] if sam else []) if slot > SAM_SLOTS else cards
        place = (slot & 0x0F) - 1
        if slot >> 4 > 1 or not 0 <= place < len(found):
            raise Stop(Code.WRONG_ARGUMENT)
        return found[place]

    def _power_on(self, terminal: Terminal, slot: int) -> Outcome:
        reader = self._reader(terminal, slot)
        if slot in self._cards:
            self._cards.pop(slot).close()
        card = self._cards[slot] = terminal.readers.connect(reader)
        return Outcome(len(card.atr), hexed(card.atr))

    def _status(self, terminal: Terminal, slot: int) -> Outcome:
        if not terminal.readers.present(self._reader(terminal, slot)):
            raise NoCard
        return Outcome(Code.DONE if slot in self._cards else Code.NOT_POWERED)

    def _card(self, slot: int) -> PoweredCard:
        self._needed()
        if slot not in self._cards:
            raise Stop(Code.NOT_POWERED)
        return self._cards[slot]

    def _applied(self, slot: int, command: str) -> Outcome:
        if not HEX.fullmatch(command) or len(command) % 2 or not 8 <= len(command) <= 522:
            raise Stop(Code.WRONG_ARGUMENT)
        answer = self._card(slot).transmit(bytes.fromhex(command))
        return Outcome(len(answer), hexed(answer))


def _slot(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 0x20):
        raise Stop(Code.WRONG_ARGUMENT)
    return int(text)
