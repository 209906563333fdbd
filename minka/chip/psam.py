"""The terminal's own card (PSAM): its numbers, its keys for files, and its side of a purchase.

Keys are found by usage byte and identifier; which key has which is the issuer's to say. A usage
byte tells in its high three bits how many factors are still to be applied; a PSAM of another level
answers 6A80, and the next number of factors is tried (card-chip §9.3, §14).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from minka.chip import status
from minka.chip.apdu import Answer, Command, send
from minka.chip.connection import CardConnection
from minka.chip.faults import CardFault, CardReason, fault
from minka.chip.fci import ChipAlgorithm
from minka.chip.filespec import ENVIRONMENT_NAME
from minka.chip.purchase import Offer, Purchase
from minka.chip.secured import aligned, counted, covered, filled
from minka.chip.session import Authenticator, Messenger

APPLICATION = 0xDF01
TERMINAL_SFI, PUBLIC_SFI = 0x16, 0x15
SEQUENCE_FILE = 0x0019
MOST_FACTORS = 3
MAC_WRONG = (status.MAC_INVALID, 0x63CF)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a PSAM holds a key."""

    usage: int
    identifier: int

    @property
    def factors(self) -> int:
        """How many factors are still to be applied."""
        return self.usage >> 5

    def at_level(self, factors: int) -> Place:
        """The same key held as the root of another level."""
        return replace(self, usage=factors << 5 | self.usage & 0x1F)


@dataclass(slots=True)
class Psam:
    """A PSAM whose application is selected; for one user card at a time."""

    connection: CardConnection
    terminal: str
    """Twelve digits."""
    places: Mapping[str, Place]
    algorithm: ChipAlgorithm = ChipAlgorithm.TRIPLE_DES
    factors: tuple[bytes, ...] = ()
    """The user card's factors, the card's own first, then city, then province."""
    levels: dict[str, int] = field(default_factory=dict)
    """Found out once: how many factors a key of this PSAM takes."""

    def serves(self, algorithm: ChipAlgorithm, factors: Sequence[bytes]) -> None:
        """From now on for this user card: its algorithm, and its factors, the card's own first."""
        self.algorithm, self.factors = algorithm, tuple(factors)

    def internal(self, key: str) -> Authenticator | None:
        """What proves a card; None when the PSAM has not the key."""
        return self.external(key)

    def external(self, key: str) -> Authenticator | None:
        """What opens a file of a card; None when the PSAM has not the key."""
        if key not in self.places:
            return None
        return lambda factor, original: self._authentication(key, factor, original)

    def message(self, key: str) -> Messenger | None:
        """What secures a command; None when the PSAM has not the key."""
        if key not in self.places:
            return None
        return lambda factor, header, plain: self._secured(key, factor, header, plain)

    def begin(self, offer: Offer, purchase: Purchase) -> tuple[int, bytes]:
        """INIT SAM FOR PURCHASE: the PSAM's own sequence and MAC1."""
        data = offer.random + offer.sequence.to_bytes(2) + bytes(purchase.amounts)
        data += bytes((purchase.kind,)) + purchase.time
        data += bytes((offer.key_version, offer.algorithm))
        for factors in self._tries("DPK"):
            command = Command(0x80, 0x70, 0x01, 0x00, data + b"".join(factors), 8)
            answer = send(self.connection, command)
            if answer.sw != status.WRONG_DATA:
                break
        _check(answer)
        self.levels["DPK"] = len(factors)
        return int.from_bytes(answer.data[:4]), answer.data[4:8]

    def finish(self, mac2: bytes) -> None:
        """CREDIT SAM FOR PURCHASE; ``CardFault`` MAC_WRONG when the card's MAC2 is wrong."""
        answer = send(self.connection, Command(0x80, 0x72, 0x00, 0x00, mac2))
        if answer.sw in MAC_WRONG:
            raise CardFault(CardReason.MAC_WRONG, answer.sw)
        _check(answer)

    def _authentication(self, key: str, factor: bytes, original: bytes) -> bytes:
        self._deliver(key, factor)
        block = self._block
        out = self._cipher(0x00, original.ljust(block, b"\0"))
        return out if block == 8 else _xor(out[:8], out[8:16])

    def _secured(self, key: str, factor: bytes, header: bytes, plain: bytes | None) -> bytes:
        enciphered = b""
        if plain is not None:
            self._deliver(key, factor)
            enciphered = self._cipher(0x00, aligned(counted(plain), self._block))
        message = covered(header, enciphered)
        self._deliver(key, factor)
        mac = self._cipher(0x05, bytes(self._block) + filled(message, self._block))
        return message + self._mac(mac)

    def _mac(self, last: bytes) -> bytes:
        """Left four bytes of a DES block; the four words of a longer one, or those four already."""
        if len(last) != 16:
            return last[:4]
        return _xor(_xor(last[:4], last[4:8]), _xor(last[8:12], last[12:]))

    def _deliver(self, key: str, factor: bytes) -> None:
        """DELIVERY SESSION KEY, with as many factors as this PSAM turns out to want."""
        place = self.places[key]
        length = 16 if self._block == 16 else len(factor)
        session = factor.ljust(length, b"\0")
        for factors in self._tries(key):
            at = place.at_level(len(factors))
            data = b"".join(factors) + session
            answer = send(self.connection, Command(0xBF, 0xDE, at.usage, at.identifier, data))
            if answer.sw not in (status.WRONG_DATA, status.NO_KEY):
                break
        if answer.sw == status.NO_KEY:
            raise CardFault(CardReason.KEY_NEEDED, answer.sw, key=key)
        _check(answer)
        self.levels[key] = len(factors)

    def _tries(self, key: str) -> Sequence[tuple[bytes, ...]]:
        """The factors to try: those that served before, else the place's own number first."""
        if key in self.levels:
            return [self.factors[: self.levels[key]]]
        own = self.places[key].factors if key in self.places else 2
        counts = sorted(range(1, MOST_FACTORS + 1), key=lambda count: (count != own, count))
        return [self.factors[:count] for count in counts if count <= len(self.factors)]

    def _cipher(self, mode: int, data: bytes) -> bytes:
        answer = send(self.connection, Command(0x80, 0xFA, mode, 0x00, data, self._block))
        _check(answer)
        return answer.data

    @property
    def _block(self) -> int:
        return 8 if self.algorithm is ChipAlgorithm.TRIPLE_DES else 16


def open_psam(
    connection: CardConnection, places: Mapping[str, Place], *, name: bytes = ENVIRONMENT_NAME
) -> Psam:
    """Select a PSAM's environment, read its terminal number, select its application.

    A PSAM has an environment for each algorithm; the name of SM4's stands in no open source.
    """
    answer = send(connection, Command(0x00, 0xA4, 0x04, 0x00, name))
    if not answer.ok and name == ENVIRONMENT_NAME:
        answer = send(connection, Command(0x00, 0xA4, 0x00, 0x00, b"\x3f\x00"))
    _check(answer)
    number = send(connection, Command(0x00, 0xB0, 0x80 | TERMINAL_SFI, 0x00, expected=6))
    _check(number)
    _check(send(connection, Command(0x00, 0xA4, 0x00, 0x00, APPLICATION.to_bytes(2))))
    return Psam(connection, number.data.hex(), places)


def terminal_sequence(psam: Psam) -> int:
    """The sequence the PSAM gave last."""
    select = Command(0x00, 0xA4, 0x02, 0x00, SEQUENCE_FILE.to_bytes(2))
    _check(send(psam.connection, select))
    answer = send(psam.connection, Command(0x00, 0xB0, expected=4))
    _check(answer)
    return int.from_bytes(answer.data)


def _check(answer: Answer) -> None:
    if not answer.ok:
        raise fault(answer.sw)


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
