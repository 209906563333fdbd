"""The virtual PSAM: session keys of three levels, purchases, its own keys, and power cuts.

T10, P18, K1.
"""

from __future__ import annotations

from random import Random

import pytest

from minka.bench.card_core import Answers, Traits
from minka.bench.card_keys import Counted
from minka.bench.card_memory import PowerCut
from minka.bench.card_plan import Shape
from minka.bench.psam import COMMANDS, Psam
from minka.bench.psam_maker import Terminal as SamTerminal
from minka.bench.psam_maker import own_key, sam_cells, sam_from
from minka.cipher import card_key
from minka.cipher.card_key import Algorithm
from minka.cipher.octets import xor
from tests.card.terminal import ORIGINAL, TERMINAL, TIME, Terminal
from tests.card.world import DES, SM4

CARD = bytes.fromhex("8699990100000001")
CITY = bytes.fromhex("3939303130307378")
PROVINCE = bytes.fromhex("3939303030307368")
FACTORS = (CARD, CITY, PROVINCE)
SHAPES = pytest.mark.parametrize("shape", [SM4, DES], ids=["SM4", "3DES"])
WORDS = {
    0xA4: {0x6700, 0x6985, 0x6A81, 0x6A82, 0x6A86},
    0xEC: {0x6700, 0x6985, 0x6A80, 0x6A86},
    0x82: {0x6700, 0x6982, 0x6983, 0x6984, 0x6985, 0x6A86, 0x6A88},
    0xD4: {0x6581, 0x6700, 0x6982, 0x6983, 0x6984, 0x6985, 0x6988, 0x6A86, 0x6A88}
    | {0x6A80, 0x6A81, 0x6A82, 0x6A83, 0x6A84},
    0xDE: {0x6A80, 0x6A88, 0x6700, 0x6982, 0x6983, 0x6985},
    0xFA: {0x6700, 0x6901, 0x6985, 0x6A86},
    0x70: {0x6700, 0x6985, 0x6A80, 0x6A86, 0x9402, 0x9403},
    0x72: {0x6700, 0x6901, 0x6A86, 0x9302},
}
"""Where the reference names words for a command (card-chip §14.2), and those of §12.2 it needs."""


class Sam:
    """A PSAM at hand, its DF01 chosen."""

    def __init__(self, shape: Shape, level: int = 1, *, sequence: int = 9) -> None:
        told = SamTerminal(algorithms=(shape.algorithm,), level=level, sequence=sequence)
        self.algorithm = shape.algorithm
        self.chip: Psam = sam_from(sam_cells(told), Counted("SAM-"), Traits())
        self.level = level
        self.done("00A4000002DF01")

    def send(self, command: str | bytes) -> tuple[bytes, int]:
        """The answer, as data and word."""
        answer = self.chip.apdu(bytes.fromhex(command) if isinstance(command, str) else command)
        return answer[:-2], int.from_bytes(answer[-2:])

    def done(self, command: str | bytes) -> bytes:
        """The data of a command that must succeed."""
        data, sw = self.send(command)
        assert sw == 0x9000, f"{sw:04X} to {command!r}"
        return data

    def deliver(self, type_: int, number: int, factor: bytes, level: int | None = None) -> int:
        """DELIVERY SESSION KEY; its word."""
        count = self.level if level is None else level
        data = b"".join(FACTORS[:count]) + factor.ljust(self.algorithm.block, b"\0")
        return self.send(bytes((0xBF, 0xDE, self.level << 5 | type_, number, len(data))) + data)[1]

    def cipher(self, mode: int, data: bytes) -> bytes:
        """CIPHER DATA."""
        return self.done(bytes((0x80, 0xFA, mode, 0, len(data))) + data)

    def shown(self, type_: int, number: int, challenge: bytes) -> bytes:
        """Authentication data for a card's challenge."""
        assert self.deliver(type_, number, challenge) == 0x9000
        out = self.cipher(0, ORIGINAL.ljust(self.algorithm.block, b"\0"))
        return out if len(out) == 8 else xor(out[:8], out[8:])

    def secured(self, header: str, challenge: bytes, plain: bytes = b"") -> bytes:
        """A command under STK, as a terminal makes it with a PSAM (card-chip §11.2)."""
        front, block = bytes.fromhex(header), self.algorithm.block
        body = b""
        if plain:
            assert self.deliver(8, 9, challenge) == 0x9000
            data = bytes((len(plain),)) + plain
            body = self.cipher(0, card_key.pad(self.algorithm, data))
        front += bytes((len(body) + 4,)) + body
        assert self.deliver(8, 9, challenge) == 0x9000
        last = self.cipher(5, bytes(block) + card_key.pad(self.algorithm, front))
        if block == 16:
            last = xor(xor(last[:4], last[4:8]), xor(last[8:12], last[12:]))
        return front + last[:4]

    def init(self, offer: bytes, amounts: bytes, time: bytes = TIME) -> bytes:
        """INIT SAM FOR PURCHASE for what a card offered; the command."""
        data = offer[18:22] + offer[14:16] + amounts + b"2" + time
        data += bytes((1, self.algorithm)) + b"".join(FACTORS[: self.level])
        return bytes.fromhex("80700100") + bytes((len(data),)) + data + b"\x08"


@SHAPES
@pytest.mark.parametrize("level", [1, 2, 3])
def test_a_pin_reload_with_the_psam_alone(shape: Shape, level: int) -> None:
    """K1: the PUK shown and the PIN reset as in the field, whatever root the PSAM holds (§11.2)."""
    card, sam = Terminal(shape).environment(), Sam(shape, level)
    shown = sam.shown(8, 0x10, card.done("0084000008"))
    card.done(bytes.fromhex("0082000610") + shown + ORIGINAL)
    card.done(sam.secured("84240001", card.done("0084000008"), bytes.fromhex("654321")))
    card.done("0020000003654321")
    card.done(sam.secured("84240000", card.done("0084000008")))


@SHAPES
@pytest.mark.parametrize("level", [1, 2, 3])
def test_another_level_says_6a80(shape: Shape, level: int) -> None:
    """Card-chip §9.3: the wrong number of factors is told from a key that is not there."""
    sam = Sam(shape, level)
    for count in range(4):
        wanted = 0x9000 if count == level else 0x6A80
        assert sam.deliver(8, 9, bytes(8), count) == wanted
    assert sam.deliver(8, 0x77, bytes(8)) == 0x6A88


@SHAPES
@pytest.mark.parametrize("level", [1, 2, 3])
def test_a_purchase_in_the_order_of_the_field(shape: Shape, level: int) -> None:
    """T10: the terminal's order of WAPP; the card's MAC2 closes it, the log bears it."""
    card, sam = Terminal(shape).environment(), Sam(shape, level)
    assert sam.done("00A40000023F00") is not None
    assert sam.done("00B0960006") == TERMINAL
    sam.done("00A4000002DF01")
    assert sam.done("00B09C0001") == b"\1"
    sam.done("00A40200020019")
    assert sam.done("00B0000004") == (9).to_bytes(4)
    card.application("DF04").show_pin()
    card.done(card.load(5_000))
    amounts = b"".join(amount.to_bytes(4) for amount in (1_000, 200, 300))
    offer = card.done(bytes.fromhex("B02801011301") + amounts + TERMINAL + b"\x16")
    answer = sam.done(sam.init(offer, amounts))
    debit = bytes.fromhex("B02C01000F") + answer[:4] + TIME + answer[4:]
    tac_and_mac2 = card.done(debit)
    assert sam.send(bytes.fromhex("8072000004") + tac_and_mac2[4:])[1] == 0x9000
    assert sam.done("00B0000004") == (10).to_bytes(4)
    assert card.done("B026000104") == (4_000).to_bytes(4)
    assert card.done("00B201441C")[3:16] == TERMINAL + TIME


@SHAPES
def test_the_vectors_of_the_reference(shape: Shape) -> None:
    """K1: MAC1 of card-chip §11.3, with its card key as the purchase key's card key."""
    wanted = {Algorithm.SM4: "AB0F2F66", Algorithm.TRIPLE_DES: "2A346431"}[shape.algorithm]
    key = {
        Algorithm.SM4: "E543D66BC2C1F4A7F4EEFF0AB5335D01",
        Algorithm.TRIPLE_DES: "F6B8E7941294E0B461CA0A637CCDA871",
    }[shape.algorithm]
    own = card_key.session(shape.algorithm, bytes.fromhex(key), bytes.fromhex("A1A2A3A400070009"))
    message = "00000000000003E8000001F43299010000000120240102030405"
    assert card_key.mac(shape.algorithm, own, bytes.fromhex(message)).hex().upper() == wanted


def test_no_two_purchases_share_a_sequence() -> None:
    """T10: INIT itself counts, whether or not the card's MAC2 ever comes back."""
    card, sam = Terminal(SM4).application("DF04").show_pin(), Sam(SM4)
    offer = card.done(bytes.fromhex("B02801011301") + bytes(12) + TERMINAL + b"\x16")
    seen = [sam.done(sam.init(offer, bytes(12)))[:4] for _ in range(50)]
    assert seen == [(9 + n).to_bytes(4) for n in range(50)]


def test_a_wrong_mac2_and_a_mac2_out_of_turn() -> None:
    """T10: 9302, and 6901 without INIT before; a wrong one ends the purchase."""
    card, sam = Terminal(SM4).application("DF04").show_pin(), Sam(SM4)
    assert sam.send("807200000400000000")[1] == 0x6901
    offer = card.done(bytes.fromhex("B02801011301") + bytes(12) + TERMINAL + b"\x16")
    sam.done(sam.init(offer, bytes(12)))
    assert sam.send("807200000400000000")[1] == 0x9302
    assert sam.send("807200000400000000")[1] == 0x6901


@SHAPES
def test_cipher_data_in_pieces_is_the_same(shape: Shape) -> None:
    """Card-chip §14.2: 07, 03, 01 chain as 05 does; 02 and 00 encipher as one 00 does."""
    sam, block = Sam(shape), shape.algorithm.block
    message = bytes(range(3 * block))
    sam.deliver(8, 9, bytes(8))
    whole = sam.cipher(5, bytes(block) + message)
    sam.deliver(8, 9, bytes(8))
    assert sam.cipher(7, bytes(block) + message[:block]) == b""
    assert sam.cipher(3, message[block : 2 * block]) == b""
    assert sam.cipher(1, message[2 * block :]) == whole
    sam.deliver(8, 9, bytes(8))
    first = sam.cipher(2, message[:block]) + sam.cipher(0, message[block:])
    sam.deliver(8, 9, bytes(8))
    assert sam.cipher(0, message) == first
    assert sam.send(bytes((0x80, 0xFA, 0, 0, block)) + bytes(block))[1] == 0x6901


@SHAPES
def test_a_key_keeps_to_its_type(shape: Shape) -> None:
    """K1: a key for authentication makes no MAC; a purchase key is never delivered."""
    sam, block = Sam(shape), shape.algorithm.block
    assert sam.deliver(7, 0x2D, bytes(8)) == 0x9000
    assert sam.send(bytes((0x80, 0xFA, 5, 0, 2 * block)) + bytes(2 * block))[1] == 0x6985
    assert sam.deliver(2, 1, bytes(8)) == 0x6985


def test_answers_wait_as_t0_wants() -> None:
    """Card-chip §14.2: CIPHER DATA says 61 08, GET RESPONSE fetches."""
    told = SamTerminal(algorithms=(Algorithm.TRIPLE_DES,))
    sam = sam_from(sam_cells(told), Counted("SAM-"))
    assert sam.traits.answers is Answers.WAITING
    sam.apdu(bytes.fromhex("00A4000002DF01"))
    data = b"".join(FACTORS[:1]) + bytes(8)
    assert sam.apdu(bytes((0xBF, 0xDE, 0x28, 9, len(data))) + data) == b"\x90\x00"
    assert sam.apdu(bytes.fromhex("80FA000008") + bytes(8)) == b"\x61\x08"
    assert len(sam.apdu(bytes.fromhex("00C0000008"))) == 10


def test_both_environments_are_reachable_at_any_time() -> None:
    """Card-chip §14.1: SELECT goes from one to the other; area 11 has none here."""
    sam = sam_from(sam_cells(SamTerminal()), Counted("SAM-"), Traits())
    name = b"sx3" + bytes.fromhex("2E73682EC9E7BBE1B1A3D5CF")
    for command in (bytes((0, 0xA4, 4, 0, 15)) + name, bytes.fromhex("00A4000002DF01")):
        assert sam.apdu(command)[-2:] == b"\x90\x00"
    assert sam.tree.nodes[sam.session.folder.entry.above].entry.algorithm == Algorithm.SM4
    assert sam.apdu(bytes.fromhex("BFEC00000199")) == b"\x90\x00"
    assert sam.session.folder.fid == 0x3F00
    assert sam.apdu(bytes.fromhex("BFEC00000111")) == b"\x6a\x80"


def _load(sam: Sam, p1: int, plain: bytes, kid: int = 2) -> bytes:
    """A key file's own key shown, then CREATE KEY or CHANGE KEY as a command."""
    own = own_key(f"KID{kid}", sam.algorithm)
    session = card_key.session(sam.algorithm, own, sam.done("0084000008"))
    shown = card_key.authentication(sam.algorithm, session, ORIGINAL)
    sam.done(bytes((0, 0x82, 0, kid, 16)) + shown + ORIGINAL)
    master = own_key("MK", sam.algorithm)
    body = card_key.enciphered(sam.algorithm, master, plain)
    front = bytes((0x84, 0xD4, p1, 0x10 | kid, len(body) + 4)) + body
    return front + card_key.mac(sam.algorithm, master, front, sam.done("0084000008"))


@SHAPES
def test_keys_are_made_and_changed(shape: Shape) -> None:
    """K3: a new key serves at once, a changed one gives another answer; a wrong MAC gives 6988."""
    sam, code = Sam(shape), 0 if shape is DES else 3
    made = bytes((0x28, 0x55, 0, code)) + bytes(4) + bytes(range(16))
    command = _load(sam, 0, made)
    assert command[4] == 0x24
    assert sam.send(command[:-1] + b"\0")[1] == 0x6988
    sam.done(_load(sam, 0, made))
    assert sam.deliver(8, 0x55, bytes(8)) == 0x9000
    before = sam.cipher(0, bytes(16))
    changed = _load(sam, 1, bytes((0x28, 0x55, 0)) + bytes(range(1, 17)))
    assert changed[4] == (0x1C if shape is DES else 0x24)
    sam.done(changed)
    sam.deliver(8, 0x55, bytes(8))
    assert sam.cipher(0, bytes(16)) != before


def test_no_key_without_its_own_key() -> None:
    """K3: 6982 without the key file's KID; 6983 after it was tried too often."""
    sam = Sam(SM4)
    assert sam.send(bytes.fromhex("84D4001224") + bytes(36))[1] == 0x6982
    for _ in range(15):
        sam.done("0084000008")
        assert sam.send(bytes.fromhex("0082000210") + bytes(16))[1] == 0x6982
    sam.done("0084000008")
    assert sam.send(bytes.fromhex("0082000210") + bytes(16))[1] == 0x6983


def test_power_cuts_in_a_psam() -> None:
    """P18: INIT, a wrong key, CREATE KEY and CHANGE KEY leave the old or the new at every byte."""
    card = Terminal(SM4).application("DF04").show_pin()
    offer = card.done(bytes.fromhex("B02801011301") + bytes(12) + TERMINAL + b"\x16")
    made = bytes((0x28, 0x55, 0, 3)) + bytes(4) + bytes(range(16))

    def _wrong(sam: Sam) -> bytes:
        sam.done("0084000008")
        return bytes.fromhex("0082000210") + bytes(16)

    def _changed(sam: Sam) -> bytes:
        sam.done(_load(sam, 0, made))
        return _load(sam, 1, bytes((0x28, 0x55, 0)) + bytes(16))

    for case in (lambda s: s.init(offer, bytes(12)), _wrong, lambda s: _load(s, 0, made), _changed):
        cut, found = 0, set()
        while True:
            sam = Sam(SM4)
            command = case(sam)
            old = bytes(sam.chip.memory.cells)
            sam.chip.memory.power.cut_after(cut)
            try:
                sam.chip.apdu(command)
            except PowerCut:
                sam.chip.power_on()
                found.add(bytes(sam.chip.memory.cells))
                cut += 1
            else:
                new = bytes(sam.chip.memory.cells)
                break
        assert found == {old, new}
        assert old != new


def test_ten_thousand_random_commands_to_a_psam() -> None:
    """K5: no crash, and a word of the command's own."""
    random, sam = Random(7), Sam(SM4)
    heads = [(cla, ins) for ins, (classes, _) in COMMANDS.items() for cla in classes]
    met = set()
    for turn in range(10_000):
        if turn % 50 == 0:
            sam = Sam(random.choice([SM4, DES]), random.randrange(1, 4))
        cla, ins = random.choice(heads)
        p1, p2 = random.choice([0, 1, 5, 0x28]), random.choice([0, 9, 0x11, random.randrange(256)])
        size = random.choice([0, 1, 2, 4, 8, 16, 24, 32, 36])
        raw = bytes((cla, ins, p1, p2, size)) + random.randbytes(size + random.randrange(2))
        if not random.randrange(4):
            raw = random.choice([b"\x00\xa4\x00\x00\x02\xdf\x01", b"\x00\x84\x00\x00\x08", raw])
        word = sam.send(raw)[1]
        allowed = WORDS.get(raw[1])
        assert allowed is None or word in allowed | {0x9000}, f"{raw.hex()} {word:04X}"
        met.add(word)
    assert len(met) > 12
