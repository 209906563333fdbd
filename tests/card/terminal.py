"""A terminal with all keys of the bench in hand: what tests put in front of a virtual card."""

from __future__ import annotations

from dataclasses import replace

from minka.bench import card_keys
from minka.bench.card_core import Chip
from minka.bench.card_keys import Counted
from minka.bench.card_memory import Memory
from minka.bench.card_plan import Shape, plan
from minka.chip.filespec import ENVIRONMENT_NAME
from minka.cipher import card_key
from minka.cipher.card_key import Algorithm
from minka.keys.table import CardVersion, KeyRow, key_table
from tests.card.world import AREA, HISTORICAL, SM4, new_card

ORIGINAL = bytes.fromhex("0102030405060708")
TERMINAL = bytes.fromhex("990100000001")
TIME = bytes.fromhex("20240102030405")


class Terminal:
    """A card of a shape and the keys to it."""

    def __init__(self, shape: Shape = SM4, card: Chip | None = None) -> None:
        self.shape = shape
        self.card = card or new_card(shape)

    def send(self, command: str | bytes) -> tuple[bytes, int]:
        """The answer, as data and word."""
        raw = bytes.fromhex(command) if isinstance(command, str) else command
        answer = self.card.apdu(raw)
        return answer[:-2], int.from_bytes(answer[-2:])

    def done(self, command: str | bytes) -> bytes:
        """The data of a command that must succeed."""
        data, sw = self.send(command)
        assert sw == 0x9000, f"{sw:04X} to {command if isinstance(command, str) else command.hex()}"
        return data

    def word(self, command: str | bytes) -> int:
        """The status word alone."""
        return self.send(command)[1]

    def key(self, name: str) -> bytes:
        """The card's own key of a name."""
        row = self._row(name)
        length = row.length if self.algorithm is Algorithm.TRIPLE_DES else 16
        return card_keys.of_card(
            name, self.algorithm, area=AREA, historical=HISTORICAL, length=length
        )

    @property
    def algorithm(self) -> Algorithm:
        """The card's."""
        return self.shape.algorithm

    def environment(self) -> Terminal:
        """Select the environment."""
        self.done(bytes((0x00, 0xA4, 0x04, 0x00, len(ENVIRONMENT_NAME))) + ENVIRONMENT_NAME)
        return self

    def application(self, name: str) -> Terminal:
        """Select an application by its identifier, or the environment."""
        if name == "SSSE":
            return self.environment()
        self.done(f"00A4000002{name}")
        return self

    def authentication(self, name: str, key: bytes = b"") -> bytes:
        """The command that shows a key for a new challenge."""
        challenge = self.done("0084000008")
        own = card_key.session(self.algorithm, key or self.key(name), challenge)
        data = card_key.authentication(self.algorithm, own, ORIGINAL) + ORIGINAL
        return bytes((0x00, 0x82, 0x00, self.number(name), 16)) + data

    def show(self, name: str) -> Terminal:
        """Show a key."""
        self.done(self.authentication(name))
        return self

    def show_pin(self, pin: str = "123456") -> Terminal:
        """Show the PIN."""
        self.done(f"00200000{len(pin) // 2:02X}{pin}")
        return self

    def number(self, name: str) -> int:
        """P2 of a key."""
        return plan(self.shape).key(name).number

    def secured(self, header: str, key: str, data: bytes = b"") -> bytes:
        """A command with a MAC for a new challenge; Lc is added."""
        own = card_key.session(self.algorithm, self.key(key), self.done("0084000008"))
        body = card_key.enciphered(self.algorithm, own, data) if data else b""
        front = bytes.fromhex(header) + bytes((len(body) + 4,)) + body
        return front + card_key.mac(self.algorithm, own, front)

    def purchase(self, own: int, paid: int, pooled: int, time: bytes = TIME) -> bytes:
        """INITIALIZE FOR PURCHASE done; the DEBIT command with a right MAC1."""
        amounts = b"".join(amount.to_bytes(4) for amount in (own, paid, pooled))
        answer = self.done(bytes.fromhex("B028010113") + b"\x01" + amounts + TERMINAL)
        sequence = (9).to_bytes(4)
        mac1 = self.money(
            "DPK", answer[18:22] + answer[14:16] + sequence[2:], amounts + b"2" + TERMINAL + time
        )
        return bytes.fromhex("B02C01000F") + sequence + time + mac1

    def load(self, amount: int) -> bytes:
        """INITIALIZE FOR LOAD done; the CREDIT command with a right MAC2."""
        given = amount.to_bytes(4)
        answer = self.done(bytes.fromhex("B02800010B") + b"\x01" + given + TERMINAL)
        said = given + b"1" + TERMINAL + TIME
        mac2 = self.money("DLK", answer[8:12] + answer[4:6] + b"\x80\x00", said)
        return bytes.fromhex("B02A00000B") + TIME + mac2

    def money(self, key: str, spend: bytes, message: bytes) -> bytes:
        """A MAC under the session key of a purchase or load."""
        own = card_key.session(self.algorithm, self.key(key), spend)
        return card_key.mac(self.algorithm, own, message)

    def _row(self, name: str) -> KeyRow:
        version = CardVersion(self.shape.version)
        return next(row for row in key_table() if row.name == name and row.on(version))


def twin(card: Chip) -> Chip:
    """Another chip in just the same state, to be spoilt."""
    assert isinstance(card.random, Counted)
    random = Counted(card.random.seed)
    random.count = card.random.count
    memory = Memory(bytes(card.memory.cells), bytes(card.memory.journal))
    other = Chip(memory, card.commands, atr=card.atr, random=random, traits=card.traits)
    other.session = replace(card.session)
    return other
