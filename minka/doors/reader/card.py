"""The card in hand during one function: found, selected, read; every refusal a driver's code.

Each function selects the environment anew and reads the identification code and the card number
again, so that nothing is ever done to another card than the one the caller named (-22).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from minka.chip.apdu import Answer, ApduFault, Command, send
from minka.chip.atr import AtrFault, parse_atr
from minka.chip.connection import CardGone
from minka.chip.fci import Fci, algorithm_of, generation_of, parse_fci
from minka.chip.filespec import ENVIRONMENT, ENVIRONMENT_NAME, Specification, specification
from minka.chip.tlv import TlvFault
from minka.cipher.card_key import Algorithm
from minka.devices.pcsc_reader import (
    CardBusy,
    MuteCard,
    NoCard,
    NotInstalled,
    PoweredCard,
    ReaderFault,
)
from minka.doors.reader.codes import Code, Stop, of_status
from minka.doors.reader.forms import CardNames, hexed
from minka.keys.table import CardVersion, KeyRow, key_table

IDENTIFICATION_BYTES = 16
NO_RECORD = 0x6A83


def code_of(fault: ReaderFault) -> Code:
    """The code of what is wrong with a reader."""
    match fault:
        case NoCard():
            return Code.NO_CARD
        case MuteCard() | CardBusy():
            return Code.NO_ANSWER
        case NotInstalled():
            return Code.NO_LIBRARY
        case _:
            return Code.NO_READER


@contextmanager
def translated() -> Iterator[None]:
    """What may go wrong with readers and cards, as a driver's code."""
    try:
        yield
    except CardGone:
        raise Stop(Code.NO_ANSWER) from None
    except ReaderFault as fault:
        raise Stop(code_of(fault)) from None
    except AtrFault:
        raise Stop(Code.WRONG_CARD_KIND) from None
    except (TlvFault, ApduFault):
        raise Stop(Code.NO_ANSWER) from None


@dataclass(slots=True)
class CardInHand:
    """A powered card whose environment is selected; ``close`` lets it go."""

    connection: PoweredCard
    factor: bytes
    historical: bytes
    algorithm: Algorithm
    identification: bytes
    number: str
    version_text: str
    specification: Specification
    application: str = ENVIRONMENT
    pin_shown: bool = False
    """The PIN was verified, or the card has none; it lasts until the card loses power."""
    shown: set[str] = field(default_factory=set)
    """The keys shown in the current application."""
    kept: dict[str, bytes] = field(default_factory=dict)
    """What one step leaves for the next."""

    def __repr__(self) -> str:
        return "CardInHand(…)"

    @property
    def area(self) -> str:
        """The six digits of the issuing area."""
        return hexed(self.identification[:3])

    @property
    def is_third(self) -> bool:
        """Whether even the holder's own data are read under a key."""
        return self.specification.version == "3.0"

    def send(self, command: Command) -> Answer:
        """The card's answer, whatever its word."""
        with translated():
            return send(self.connection, command)

    def must(self, command: Command) -> bytes:
        """The card's data, or the end of the function with minus its word."""
        answer = self.send(command)
        if not answer.ok:
            raise Stop(of_status(answer.sw))
        return answer.data

    def select(self, application: str) -> None:
        """An application, or the environment; rights won in another are lost."""
        if application == self.application:
            return
        found = self.specification.application(application)
        self.shown.clear()
        if application == ENVIRONMENT:
            self.must(Command(0x00, 0xA4, 0x04, data=ENVIRONMENT_NAME))
        else:
            self.must(Command(0x00, 0xA4, data=found.fid.to_bytes(2)))
        self.application = application

    def select_file(self, fid: int) -> None:
        """A file of the current application."""
        self.must(Command(0x00, 0xA4, 0x02, data=fid.to_bytes(2)))

    def challenge(self) -> bytes:
        """Eight random bytes; the latest is what the card goes by."""
        return self.must(Command(0x00, 0x84, expected=8))

    def prove(self, key: str, proof: bytes, original: bytes) -> None:
        """External authentication under a key of the current application."""
        row = find_row(key, self.specification.version)
        if row is None or row.card_id is None:
            raise Stop(Code.KEY_NOT_FOUND)
        self.must(Command(0x00, 0x82, 0, row.card_id, proof + original))
        self.shown.add(key)

    def record(self, tag: int, turn: int = 0) -> bytes | None:
        """The value of the first record of a tag, or of a later one; None when there is none.

        Reading is by tag and the length is the card's own: real cards differ from the tables.
        Later ones are counted by number: asking twice for "the next" after a 6Cxx would skip one.
        """
        if not turn:
            return _value(self._record(tag, 0x00))
        for number in range(1, 0xFF):
            found = self._record(number, 0x04)
            if found is None:
                return None
            turn -= found[:1] == bytes([tag])
            if turn < 0:
                return _value(found)
        return None

    def _record(self, p1: int, p2: int) -> bytes | None:
        answer = self.send(Command(0x00, 0xB2, p1, p2, expected=256))
        if answer.sw == NO_RECORD:
            return None
        if not answer.ok:
            raise Stop(of_status(answer.sw))
        return answer.data

    def close(self) -> None:
        """Powers the card off; a second time does nothing."""
        self.connection.close()


def take(connection: PoweredCard, *, empty_version: str) -> CardInHand:
    """The card under power as ours: -1 for a card that is none, -20 for an unreadable code."""
    with translated():
        return _taken(connection, empty_version)


def _taken(connection: PoweredCard, empty_version: str) -> CardInHand:
    atr = parse_atr(connection.atr)
    send(connection, Command(0x00, 0xA4, data=b"\x3f\x00"))
    chosen = send(connection, Command(0x00, 0xA4, 0x04, data=ENVIRONMENT_NAME))
    if not chosen.ok:
        raise Stop(Code.WRONG_CARD_KIND if chosen.sw == 0x6A82 else of_status(chosen.sw))
    found = CardInHand(
        connection,
        factor=atr.factor,
        historical=atr.historical,
        algorithm=Algorithm.TRIPLE_DES,
        identification=b"",
        number="",
        version_text="",
        specification=specification("2.0"),
    )
    _introduced(found, parse_fci(chosen.data), empty_version)
    return found


def _introduced(card: CardInHand, fci: Fci, empty_version: str) -> None:
    """Reads what every function needs of file EF05: code, version, number."""
    card.select_file(0xEF05)
    identification = card.record(0x01) or b""
    if len(identification) != IDENTIFICATION_BYTES:
        raise Stop(Code.BAD_IDENTIFICATION)
    version = card.record(0x03) or b""
    if empty_version == "refuse" and version[:1] not in (b"1", b"2", b"3"):
        raise Stop(Code.WRONG_CARD_KIND)
    generation = generation_of(version, empty=empty_version)
    card.identification = identification
    card.algorithm = Algorithm(int(algorithm_of(fci, identification)))
    card.version_text = text_of(version)
    card.specification = specification(generation.version)
    card.number = text_of(card.record(0x07) or b"")


def _value(record: bytes | None) -> bytes | None:
    """What stands behind tag and length."""
    if record is None or len(record) < 2:
        return None
    return record[2 : 2 + record[1]]


def find_row(key: str, version: str = "3.0") -> KeyRow | None:
    """What the table of keys says of a key on cards of a version; None when it has none such."""
    rows = [row for row in key_table() if row.name == key]
    fitting = [row for row in rows if row.on(CardVersion(version))]
    return next(iter(fitting or rows), None)


def compared(card: CardInHand, names: CardNames) -> None:
    """-22 unless the card is the one the caller named."""
    if (hexed(card.identification), card.number) != (names.identification, names.number):
        raise Stop(Code.NOT_THIS_CARD)


def text_of(value: bytes) -> str:
    """Characters of an item without their filling; what is no GBK is shown as a question mark."""
    cleaned = value.rstrip(b"\0\xff")
    return cleaned.decode("gbk", "replace").replace("�", "?")
