"""A card in a reader: opened, told apart, and asked; what was shown to it is remembered.

Every step sends commands and either gives values or raises ``CardFault``; ``CardGone`` of the
connection comes through. A PIN holds until power-off, a key until another application is selected;
that a key of the environment is lost with it too is assumed (card-chip §12.3, §22).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol, TypeAlias

from minka.chip import commands, status, tlv
from minka.chip.apdu import Answer, Command, send
from minka.chip.atr import AtrFault, parse_atr
from minka.chip.connection import CardConnection
from minka.chip.contents import Field
from minka.chip.faults import CardFault, CardReason, fault
from minka.chip.fci import (
    EMPTY_VERSION,
    ChipAlgorithm,
    Fci,
    Generation,
    algorithm_of,
    generation_of,
    parse_fci,
)
from minka.chip.filespec import ENVIRONMENT, CardFile, Options, Specification, specification
from minka.chip.rules import PIN
from minka.kit.secret import Clear

Authenticator: TypeAlias = Callable[[bytes, bytes], bytes]
"""Factor and original data, 8 bytes each, into the 8 bytes of authentication data."""
Messenger: TypeAlias = Callable[[bytes, bytes, bytes | None], bytes]
"""Factor, header and plain data into a whole command with its MAC."""


class CardKeys(Protocol):
    """Where keys may be used: a PSAM, an encryption machine, a vault; None for a key it lacks."""

    def internal(self, key: str) -> Authenticator | None:
        """What proves a card (IRK)."""

    def external(self, key: str) -> Authenticator | None:
        """What opens a file or a function."""

    def message(self, key: str) -> Messenger | None:
        """What secures a command."""


class NoKeys:
    """A reader without any key."""

    def internal(self, key: str) -> None:
        """None."""

    def external(self, key: str) -> None:
        """None."""

    def message(self, key: str) -> None:
        """None."""


class BothOrder(Enum):
    """What is shown first where a file asks for PIN and key; no open source says."""

    PIN_FIRST = "pin_first"
    KEY_FIRST = "key_first"


class AppendBy(Enum):
    """How a record is added to a cyclic file: as the standard has it, or as one driver does."""

    PREVIOUS = "previous"
    NUMBER_ONE = "number_one"


@dataclass(frozen=True, slots=True)
class CardSettings:
    """What differs from place to place, with the bench's defaults (card-chip §22)."""

    empty_version: str = EMPTY_VERSION
    options: Options = field(default_factory=Options)
    both: BothOrder = BothOrder.PIN_FIRST
    append: AppendBy = AppendBy.PREVIOUS


@dataclass(frozen=True, slots=True)
class Gate:
    """What may be shown to a card on the way to a file."""

    keys: CardKeys = field(default_factory=NoKeys)
    pin: Clear | None = None


@dataclass(slots=True)
class CardSession:
    """An open card; made by ``reading.open_card``, and made anew after ``CardGone`` or a reset."""

    connection: CardConnection
    settings: CardSettings
    historical: bytes
    fci: Fci
    identification: bytes = b""
    card_number: str = ""
    algorithm: ChipAlgorithm = ChipAlgorithm.TRIPLE_DES
    generation: Generation = Generation.SECOND
    application: str = ENVIRONMENT
    shown: set[str] = field(default_factory=set)
    issuer_fields: tuple[Field, ...] = ()

    @property
    def files(self) -> Specification:
        """The files of this card's generation."""
        return specification(self.generation.version, self.settings.options)

    @property
    def factor(self) -> bytes:
        """The eight historical bytes that diversify this card's keys."""
        return self.historical[5:13]

    @property
    def area(self) -> str:
        """The six digits of the issuing area, from the identification code."""
        return self.identification[:3].hex()

    def ask(self, command: Command) -> Answer:
        """The card's answer, whatever its status word."""
        return send(self.connection, command)

    def must(self, command: Command, **facts: object) -> bytes:
        """The card's data; ``CardFault`` when the word is not 9000."""
        answer = self.ask(command)
        if not answer.ok:
            raise fault(answer.sw, **facts)
        return answer.data

    def enter(self, application: str) -> None:
        """Make an application (or the environment) the current one; keys shown before are lost."""
        if application == self.application:
            return
        wanted = self.files.application(application)
        self.shown &= {PIN}
        self.application = ""
        if application == ENVIRONMENT:
            self.must(commands.select_name(wanted.aid), file=application)
        else:
            self._enter_directory(wanted.fid, wanted.aid, application)
        self.application = application

    def _enter_directory(self, fid: int, aid: bytes, name: str) -> None:
        answer = self.ask(commands.select_directory(fid))
        if answer.sw == status.NO_FILE and aid:
            answer = self.ask(commands.select_name(aid))
        if not answer.ok:
            raise fault(answer.sw, file=name)

    def choose(self, file: CardFile) -> None:
        """Enter a file's application and select the file."""
        self.enter(file.application)
        self.must(commands.select_file(file.fid), file=file.name)

    def challenge(self, length: int = commands.CHALLENGE_BYTES) -> bytes:
        """Random bytes of the card; only the latest counts, and only once."""
        return self.must(commands.get_challenge(length))


def enter_environment(
    connection: CardConnection, settings: CardSettings | None = None
) -> CardSession:
    """Select the environment; ``CardFault`` when the card is none of ours.

    The master file is selected first, whatever it answers: one maker's cards need it.
    """
    try:
        atr = parse_atr(connection.atr)
        _ = atr.factor
    except AtrFault:
        raise CardFault(CardReason.NOT_OURS) from None
    master = send(connection, commands.SELECT_MASTER)
    fci = _environment(connection, master.sw)
    return CardSession(connection, settings or CardSettings(), atr.historical, fci)


def _environment(connection: CardConnection, master: int) -> Fci:
    """The environment's FCI. A blocked card answers 6A81 to everything, a foreign one to this."""
    name = specification("3.0").application(ENVIRONMENT).aid
    answer = send(connection, commands.select_name(name))
    if answer.sw == master == status.NOT_SUPPORTED:
        raise CardFault(CardReason.CARD_BLOCKED, answer.sw)
    if answer.sw == status.APPLICATION_BLOCKED:
        raise fault(answer.sw)
    if not answer.ok:
        raise CardFault(CardReason.NOT_OURS, answer.sw)
    try:
        return parse_fci(answer.data) if answer.data else Fci(name)
    except tlv.TlvFault:
        raise CardFault(CardReason.NOT_OURS, answer.sw) from None


def tell_apart(session: CardSession, fields: tuple[Field, ...]) -> None:
    """Take identification code, card number, algorithm and generation from the fields of EF05."""
    raw = {found.item.tag: found.reading for found in fields}
    if 0x01 not in raw:
        raise CardFault(CardReason.TORN_DATA)
    session.issuer_fields = fields
    session.identification = raw[0x01].raw
    number = raw[0x07].value if 0x07 in raw else None
    session.card_number = number if isinstance(number, str) else ""
    session.algorithm = algorithm_of(session.fci, session.identification)
    version = raw[0x03].raw if 0x03 in raw else b""
    session.generation = generation_of(version, empty=session.settings.empty_version)
