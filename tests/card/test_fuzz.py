"""Random commands: the card never crashes, and answers only words that the command may answer.

K5; card-chip §12.2.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random

import pytest

from minka.bench.card_core import Answers, Traits
from minka.bench.card_image import LIFE, PIN_LEFT, PIN_LIMIT, Life
from minka.bench.card_keys import Counted
from minka.bench.card_maker import card_from, make
from minka.bench.card_os import COMMANDS
from minka.bench.card_plan import Shape
from minka.chip.status import MAY_ANSWER, family
from minka.cipher.card_key import Algorithm, HsmOnly
from tests.card.terminal import Terminal
from tests.card.world import blank

SHAPES = [
    Shape("1.0", Algorithm.TRIPLE_DES),
    Shape("2.0", Algorithm.TRIPLE_DES),
    Shape("3.0", Algorithm.SM4),
    Shape("3.0", Algorithm.SSF33),
]
OURS = frozenset(
    {0x9000, 0x6581, 0x6700, 0x6A86, 0x6A88, 0x6988, 0x6A81, 0x6E00, 0x9303}
    | {*range(0x6982, 0x6986), *range(0x6A80, 0x6A85)}
)
"""The words of the PSAM's CREATE KEY (card-chip §14.2), for the commands that are our own."""
NAMES = {
    (0x1E, None): "APPLICATION BLOCK",
    (0x16, None): "CARD BLOCK",
    (0x5E, None): "CHANGE PIN",
    (0x82, None): "EXTERNAL AUTHENTICATION",
    (0x84, None): "GET CHALLENGE",
    (0xC0, None): "GET RESPONSE",
    (0x88, None): "INTERNAL AUTHENTICATION",
    (0x24, None): "PIN CHANGE/UNBLOCK",
    (0xB0, None): "READ BINARY",
    (0xB2, None): "READ RECORD",
    (0xA4, None): "SELECT",
    (0xD6, None): "UPDATE BINARY",
    (0xDC, None): "UPDATE RECORD",
    (0x20, None): "VERIFY",
    (0x28, 0): "INITIALIZE FOR LOAD",
    (0x28, None): "INITIALIZE FOR PURCHASE",
    (0x2A, None): "CREDIT FOR LOAD",
    (0x2C, None): "DEBIT FOR PURCHASE",
    (0x26, None): "GET BALANCE",
    (0x2E, None): "GET TRANSACTION PROOF",
    (0x56, 0): "UPDATE STARTING DAY",
    (0x56, None): "GET STARTING DAY",
}
FILES = [f"EF{number:02X}" for number in (*range(5, 11), *range(0x15, 0x1B))]
FOLDERS = ["3F00", *(f"DF0{number}" for number in range(1, 8))]
KEYS = ["UKSSSE", "PUK", "BK", "RKSSSE", "UK4DF01", "RK1DF01", "RK1DF04", "UK2DF04", "LKDF04"]
KEYS += ["DSK", "MKSSSE", "UK3DF02", "UK8DF01", "LKDF03"]
MACS = [("84240000", "STKSSSE"), ("84240001", "STKSSSE"), ("84160000", "STKSSSE")]
MACS += [("841E0001", "STKDF04"), ("841E0001", "STKDF03")]


def allowed(raw: bytes) -> frozenset[int]:
    """The words a command may be answered with."""
    if len(raw) < 4:
        return frozenset({0x6700, 0x6A81})
    cla, ins, p1 = raw[:3]
    if ins not in COMMANDS:
        return frozenset({0x6D00, 0x6A81})
    if cla not in COMMANDS[ins][0]:
        return frozenset({0x6E00, 0x6A81})
    name = NAMES.get((ins, p1)) or NAMES.get((ins, None))
    return MAY_ANSWER[name] | {0x6100} if name else OURS


Step = str | Callable[[], bytes]
SSSE, MEDICAL, VERIFY = "00A40000023F00", "00A4000002DF04", "0020000003123456"
WRITES = [
    ("00A4000002DF01", "UK4DF01", "00DC0234052403990100", "00B2013400", "00B2023405"),
    ("00A4000002DF01", "UK7DF01", "00D6960003010203", "00B0960003", "00B0960100"),
    ("00A4000002DF02", "UK3DF02", "00DC003B55" + "31" * 85, "00B2013C55", "00B2013D55"),
    (SSSE, "UKSSSE", "00D6880004FFD8FFE0", SSSE, "00B0880004"),
    ("00A4000002DF04", "DSK", "B0560000020701", "B056010002"),
]


class Driver:
    """One card after another under random commands."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.cells = [make(shape, blank()) for shape in SHAPES]
        self.words: Counter[tuple[str, int]] = Counter()
        self.new_card()

    def new_card(self) -> None:
        """Another card, of any shape and manner of answering."""
        self.scene: list[Step] = []
        kind = self.random.choice([0, 1, 1, 2, 2, 2, 3])
        traits = Traits(answers=self.random.choice(list(Answers)))
        self.card = card_from(self.cells[kind], Counted(), traits)
        self.terminal = Terminal(SHAPES[kind], self.card)

    def run(self, count: int) -> None:
        """So many commands, each answer looked at."""
        for turn in range(count):
            if turn % 2_000 == 1_999 or self.card.memory.cells[LIFE] >= Life.BLOCKED:
                self.new_card()
            if not self.random.randrange(200):
                self.card.power_on()
            self.one()

    def one(self) -> None:
        """One command."""
        raw = self.choose()
        answer = self.card.apdu(raw)
        assert len(answer) >= 2, raw.hex()
        assert len(answer) <= 258, raw.hex()
        word = family(int.from_bytes(answer[-2:]))
        assert word in allowed(raw), f"{raw.hex()} {word:04X}"
        self.words[f"{raw[1]:02X}" if len(raw) > 3 else "", word] += 1
        cells = self.card.memory.cells
        assert cells[PIN_LEFT] <= cells[PIN_LIMIT]

    def choose(self) -> bytes:
        """A command: noise, a true one, a true one spoilt, or the next of a scene."""
        draw = self.random.randrange(20)
        if draw == 0:
            return self.random.randbytes(self.random.randrange(0, 40))
        if draw == 1:
            ins = self.random.choice(list(COMMANDS))
            cla = self.random.choice(sorted(COMMANDS[ins][0]))
            head = bytes((cla, ins)) + self.random.randbytes(2)
            return head + self._body()
        if draw < 8:
            raw = self._true()
            return raw if draw < 5 else self._spoilt(raw)
        if not self.scene:
            self.scene = self._new_scene()
        return self._next()

    def _next(self) -> bytes:
        step = self.scene.pop(0)
        if isinstance(step, str):
            return bytes.fromhex(step)
        try:
            return step()
        except (AssertionError, KeyError, StopIteration, IndexError, HsmOnly):
            self.scene = []
            return bytes.fromhex("0084000010")

    def _new_scene(self) -> list[Step]:
        """Commands that belong together, so that the card is met in every state."""
        terminal, pick = self.terminal, self.random.choice
        match self.random.randrange(8):
            case 0 | 1:
                folder, key, *rest = pick(WRITES)
                return [folder, lambda: terminal.authentication(key), *rest]
            case 2:
                return [SSSE, lambda: terminal.authentication("PUK"), self._secured, VERIFY]
            case 3:
                return [MEDICAL, VERIFY, lambda: terminal.load(1_000), "B02E003102000008"]
            case 4:
                asked = "B028010113" + "01" + "00" * 12 + "990100000001"
                return [MEDICAL, VERIFY, asked, self._money, "B02E003202000108", "B026000306"]
            case 5:
                return [SSSE, "0088000010" + "5A" * 16, "00C0000008", "00C0000009"]
            case 6:
                last = pick(["80F0000100", "80F0000300", "80E000000B" + "00" * 11, "80F0000500"])
                return [SSSE, lambda: terminal.authentication("MKSSSE"), last, SSSE]
            case _:
                key = pick(["BK", "LKDF04", "LKDF03"])
                folder = SSSE if key == "BK" else f"00A4000002{key[2:]}"
                return [folder, lambda: terminal.authentication(key), self._secured]

    def _body(self) -> bytes:
        size = self.random.choice([0, 0, 1, 2, 4, 8, 11, 16, 19, 20, 255])
        data = self.random.randbytes(size)
        if self.random.random() < 0.7:
            data = bytes((size,)) + data
        return data + bytes(self.random.randrange(2))

    def _spoilt(self, raw: bytes) -> bytes:
        spoilt = bytearray(raw)
        at = self.random.randrange(len(spoilt))
        spoilt[at] = self.random.randrange(256)
        cut = self.random.randrange(8)
        return bytes(spoilt[: -1 - cut]) if cut < 2 else bytes(spoilt)

    def _true(self) -> bytes:
        pick = self.random.choice
        match self.random.randrange(14):
            case 0 | 1:
                return bytes.fromhex("00A4000002" + pick(FOLDERS))
            case 2:
                return bytes.fromhex("00A4020002" + pick(FILES))
            case 3:
                return bytes((0, 0xB2, self.random.randrange(12), self.random.randrange(256), 16))
            case 4:
                return bytes((0, 0xB0, self.random.randrange(256), self.random.randrange(40), 9))
            case 5:
                return bytes.fromhex(pick(["0020000003123456", "0020000000", "0020000003654321"]))
            case 6 | 7:
                return self._shown()
            case 8:
                return self._secured()
            case 9:
                return self._money()
            case 10:
                value = self.random.randbytes(self.random.randrange(20))
                record = bytes((self.random.randrange(256), len(value))) + value
                p1, p2 = self.random.randrange(30), pick([0x2C, 0x34, 0x3B, 0x30, 0x04, 0xAB])
                return bytes((0, 0xDC, p1, p2, len(record))) + record
            case 11:
                return bytes.fromhex(pick(["805E010007123456FF654321", "00C0000008", "00C0000000"]))
            case 12:
                return bytes.fromhex(
                    pick(["B026000104", "B026000206", "B056010002", "B0560000020701"])
                )
            case _:
                return bytes.fromhex("0084000008")

    def _shown(self) -> bytes:
        name = self.random.choice(KEYS)
        return self._or_challenge(lambda: self.terminal.authentication(name))

    def _secured(self) -> bytes:
        header, key = self.random.choice(MACS)
        data = bytes.fromhex("123456") if header == "84240001" else b""
        return self._or_challenge(lambda: self.terminal.secured(header, key, data))

    def _money(self) -> bytes:
        amounts = [self.random.randrange(1 << self.random.choice([1, 32])) for _ in range(3)]
        if self.random.randrange(2):
            return self._or_challenge(lambda: self.terminal.load(amounts[0]))
        own, paid, pooled = amounts
        return self._or_challenge(lambda: self.terminal.purchase(own, paid, pooled))

    def _or_challenge(self, make: Callable[[], bytes]) -> bytes:
        """A command that needs the card's help, or a challenge when the card gives none."""
        try:
            return make()
        except (AssertionError, KeyError, StopIteration, IndexError, HsmOnly):
            return bytes.fromhex("0084000008")


def _check(driver: Driver) -> None:
    """The run came everywhere: a campaign that only met 6D00 would prove nothing."""
    succeeded = {ins for (ins, word), _ in driver.words.items() if word == 0x9000}
    assert len(succeeded) >= 20
    assert len({word for _, word in driver.words}) >= 24


def test_twenty_thousand_random_commands() -> None:
    """K5: a status word for each, and one that the table of §12.2 has."""
    driver = Driver(4)
    driver.run(20_000)
    _check(driver)


@pytest.mark.nightly
def test_a_million_random_commands() -> None:
    """K5: the same a million times."""
    driver = Driver(1_000_003)
    driver.run(1_000_000)
    assert sum(driver.words.values()) == 1_000_000
    _check(driver)
