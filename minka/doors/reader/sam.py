"""The PSAM in the terminal's second slot, as a driver uses it (card-chip §14, §11.2).

The module holds roots of keys; it is given the factors that lead down to the card (card, city,
province: the order of command data), then a session factor, and computes with the session key. An
area's module may hold a root of any level, so one, two and three factors are tried; what fails:

| module | code |
|---|---|
| not there, or taken out | -2201 |
| does not know the card's algorithm | -2202 |
| no such key: RKSSSE / any other | -2203 / -27272 |
| has the key at a level from which the factors do not lead | -24 |
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from minka.chip.apdu import Answer, Command, send
from minka.chip.connection import CardConnection, CardGone
from minka.cipher.card_key import Algorithm, pad
from minka.cipher.octets import xor
from minka.doors.reader.codes import Code, Stop, of_status

WRONG_LEVELS, WRONG_LENGTH, NO_KEY = 0x6A80, 0x6700, 0x6A88


@dataclass(frozen=True, slots=True)
class SamKey:
    """A key's name and the places (usage, id) at which modules keep it, in the order to try."""

    name: str
    places: tuple[tuple[int, int], ...]

    def tried(self) -> Iterator[tuple[int, int]]:
        """The places, then the same ids as roots of the other levels."""
        yield from self.places
        for usage, number in self.places:
            for levels in (3, 2, 1):
                other = (levels << 5 | usage & 0x1F, number)
                if other not in self.places:
                    yield other


@dataclass(frozen=True, slots=True)
class Purchase:
    """What the module needs for MAC1: the card's answer to INITIALIZE and the amounts, in fen."""

    challenge: bytes
    sequence: bytes
    amounts: bytes
    kind: bytes
    at: str
    key_version: int


class Sam:
    """The module, powered; ``environments`` names the directory of each algorithm it computes."""

    def __init__(self, connection: CardConnection, environments: Mapping[int, str]) -> None:
        self._connection, self._environments = connection, environments

    def _send(self, command: Command) -> Answer:
        try:
            return send(self._connection, command)
        except CardGone:
            raise Stop(Code.NO_SAM) from None

    def _must(self, command: Command) -> bytes:
        answer = self._send(command)
        if not answer.ok:
            raise Stop(of_status(answer.sw))
        return answer.data

    def terminal(self) -> str:
        """终端机编号: twelve digits of file 0016."""
        self._must(Command(0x00, 0xA4, data=b"\x3f\x00"))
        return self._must(Command(0x00, 0xB0, 0x96, 0x00, expected=6)).hex().upper()

    def open(self, algorithm: Algorithm) -> None:
        """The application, in the algorithm's environment; a module for one has it in 3F00."""
        if algorithm not in self._environments:
            raise Stop(Code.SAM_ALGORITHM)
        named = bytes.fromhex(self._environments[algorithm])
        if not self._send(Command(0x00, 0xA4, data=named)).ok:
            self._must(Command(0x00, 0xA4, data=b"\x3f\x00"))
        self._must(Command(0x00, 0xA4, data=b"\xdf\x01"))

    def proof(
        self, key: SamKey, factors: Sequence[bytes], session: Session, original: bytes
    ) -> bytes:
        """Authentication data (8 bytes) of original data, under a card's key."""
        self._deliver(key, factors, session)
        block = session.algorithm.block
        out = self._must(Command(0x80, 0xFA, data=original.ljust(block, b"\0"), expected=block))
        return out if len(out) == 8 else xor(out[:8], out[8:16])

    def message(
        self, key: SamKey, factors: Sequence[bytes], session: Session, plain: Plain
    ) -> bytes:
        """A whole command under secure messaging: header, enciphered data if any, MAC."""
        secret = b""
        if plain.data is not None:
            self._deliver(key, factors, session)
            data = bytes([len(plain.data)]) + plain.data
            block = session.algorithm.block
            filled = data if not len(data) % block else pad(session.algorithm, data)
            secret = self._must(Command(0x80, 0xFA, data=filled, expected=len(filled)))
        header = plain.header[:4] + bytes([len(secret) + 4])
        self._deliver(key, factors, session)
        return header + secret + self._mac(session.algorithm, header + secret)

    def _mac(self, algorithm: Algorithm, message: bytes) -> bytes:
        data = bytes(algorithm.block) + pad(algorithm, message)
        out = self._must(Command(0x80, 0xFA, 0x05, data=data, expected=algorithm.block))
        if len(out) < 16:
            return out[:4]
        return xor(xor(out[:4], out[4:8]), xor(out[8:12], out[12:16]))

    def _deliver(self, key: SamKey, factors: Sequence[bytes], session: Session) -> None:
        """The session key made inside, from whichever level the module begins at."""
        worst = Code.SAM_WITHOUT_KEY if key.name == "RKSSSE" else Code.KEY_NOT_FOUND
        for usage, number in key.tried():
            found = self._delivered((usage, number), factors, session)
            if found == 0x9000:
                return
            if found == WRONG_LEVELS:
                worst = Code.SAM_LEVEL
        raise Stop(worst)

    def _delivered(self, place: tuple[int, int], factors: Sequence[bytes], session: Session) -> int:
        usage, number = place
        own = usage >> 5
        for count in (own, *(n for n in (3, 2, 1) if n != own)):
            tail = session.factor.ljust(session.algorithm.block, b"\0")
            data = b"".join(factors[:count]) + tail
            word = self._send(Command(0xBF, 0xDE, usage, number, data)).sw
            if word not in (WRONG_LEVELS, WRONG_LENGTH):
                return word
        return WRONG_LEVELS

    def purchase_index(self) -> int:
        """The key index the area's module names for purchases; 1 when it names none."""
        for file in (0x9C, 0x9B, 0x9A):
            answer = self._send(Command(0x00, 0xB0, file, 0x00, expected=1))
            if answer.ok and answer.data != b"\0":
                return answer.data[0]
        return 1

    def debit(
        self, purchase: Purchase, algorithm: Algorithm, factors: Sequence[bytes]
    ) -> tuple[bytes, bytes]:
        """Terminal sequence (4 bytes) and MAC1 (4 bytes) of a purchase."""
        start = purchase.challenge + purchase.sequence + purchase.amounts + purchase.kind
        start += bytes.fromhex(purchase.at) + bytes([purchase.key_version, algorithm])
        word = NO_KEY
        for count in (3, 2, 1):
            data = start + b"".join(factors[:count])
            answer = self._send(Command(0x80, 0x70, 0x01, 0x00, data, 8))
            if answer.ok:
                return answer.data[:4], answer.data[4:8]
            word = answer.sw
            if word not in (WRONG_LEVELS, WRONG_LENGTH, NO_KEY):
                break
        raise Stop(Code.SAM_LEVEL if word in (WRONG_LEVELS, WRONG_LENGTH) else of_status(word))

    def confirm(self, mac2: bytes) -> None:
        """The card's MAC2, for the module to check; -37634 when it is wrong."""
        self._must(Command(0x80, 0x72, data=mac2))


@dataclass(frozen=True, slots=True)
class Session:
    """The algorithm of the card's key and the factor of this one session key."""

    algorithm: Algorithm
    factor: bytes


@dataclass(frozen=True, slots=True)
class Plain:
    """A command before it is secured: four bytes of header, and data to encipher or None."""

    header: bytes
    data: bytes | None
