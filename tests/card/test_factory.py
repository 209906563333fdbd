"""A blank chip becomes, command by command, the card that the maker puts together.

C1, K3, P18.
"""

from __future__ import annotations

import pytest

from minka.bench.card_core import Chip
from minka.bench.card_factory import TRANSPORT, Line, blank_cells, produce
from minka.bench.card_image import LIFE, Life
from minka.bench.card_keys import Counted
from minka.bench.card_maker import card_from, make
from minka.bench.card_memory import PowerCut
from minka.bench.card_plan import Shape
from minka.cipher.card_key import Algorithm
from tests.card.terminal import Terminal, twin
from tests.card.world import HISTORICAL, SM4, blank

SHAPES = [
    Shape("1.0", Algorithm.TRIPLE_DES),
    Shape("2.0", Algorithm.TRIPLE_DES),
    Shape("2.0", Algorithm.SM4),
    Shape("3.0", Algorithm.SM4),
    Shape("3.0", Algorithm.TRIPLE_DES),
]


class Recorder:
    """A way to a card that insists on 9000 and keeps what it sent."""

    def __init__(self, card: Chip) -> None:
        self.card = card
        self.sent: list[bytes] = []

    def __call__(self, command: bytes) -> bytes:
        self.sent.append(command)
        answer = self.card.apdu(command)
        assert answer[-2:] == b"\x90\x00", f"{command.hex()} {answer.hex()}"
        return answer[:-2]


def blank_chip(shape: Shape) -> Chip:
    """A chip as its maker sends it."""
    return card_from(blank_cells(HISTORICAL, shape.algorithm), Counted())


@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: f"{s.version} {s.algorithm.name}")
def test_what_the_factory_makes_is_what_the_maker_makes(shape: Shape) -> None:
    """C1: two ways to a card, and not one byte of memory differs."""
    card = blank_chip(shape)
    produce(Recorder(card), shape, blank())
    wanted = make(shape, blank())
    assert bytes(card.memory.cells[: len(wanted)]) == wanted
    assert not any(card.memory.cells[len(wanted) :])
    assert card.memory.cells[LIFE] == Life.ISSUED


def test_nothing_is_built_any_more_once_issued() -> None:
    """K3: the transport key is gone, and CREATE FILE, CREATE KEY and SET LIFE backward refuse."""
    terminal = Terminal()
    assert terminal.environment().word(terminal.authentication("MKSSSE", TRANSPORT)) == 0x63C5
    assert terminal.word("80E0000010" + "00" * 16) == 0x6985
    terminal.show("MKSSSE")
    assert terminal.word("80E000000B 04EF1C0000000000000000".replace(" ", "")) == 0x6985
    assert terminal.word("80F0000200") == 0x6985
    challenge = terminal.done("0084000008")
    assert len(challenge) == 8
    assert terminal.word("84D4000024" + "00" * 36) == 0x6985


def test_a_key_is_changed_under_the_master_and_opens_at_once() -> None:
    """K3: CHANGE KEY goes on after issue; the old value no longer opens."""
    terminal = Terminal()
    terminal.environment()
    line = Line(terminal.done, Algorithm.SM4)
    fresh = bytes(range(16))
    line.load(1, bytes((7, 0x04, 1)) + fresh, terminal.key("MKSSSE"))
    assert terminal.word(terminal.authentication("UKSSSE")) == 0x63C5
    terminal.done(terminal.authentication("UKSSSE", fresh))
    wrong = b"\1" * 16
    assert _word(terminal, line, wrong) == 0x6988


def _word(terminal: Terminal, line: Line, master: bytes) -> int:
    sent: list[bytes] = []

    def keep(command: bytes) -> bytes:
        if command[1] == 0x84:
            return terminal.done(command)
        sent.append(command)
        return b""

    Line(keep, line.algorithm).load(1, bytes((7, 0x04, 1)) + bytes(16), master)
    return terminal.word(sent[0])


def test_a_cut_at_every_byte_of_a_making() -> None:
    """P18: CREATE FILE, CREATE KEY, CHANGE KEY, SET PIN and SET LIFE are all or nothing."""
    shape = Shape("1.0", Algorithm.TRIPLE_DES)
    recorder = Recorder(blank_chip(shape))
    produce(recorder, shape, blank())
    card, seen = blank_chip(shape), set()
    for command in recorder.sent:
        kind = (command[1], command[2])
        if command[1] in (0xE0, 0xD4, 0xF0) and (kind, len(command)) not in seen:
            seen.add((kind, len(command)))
            _cut_everywhere(card, command)
        assert card.apdu(command)[-2:] == b"\x90\x00"
    assert {(0xE0, 0), (0xD4, 0), (0xD4, 1), (0xF0, 0), (0xF0, 1)} == {kind for kind, _ in seen}


def _cut_everywhere(card: Chip, command: bytes) -> None:
    old = bytes(card.memory.cells)
    whole = twin(card)
    start = whole.memory.power.written
    whole.apdu(command)
    new = bytes(whole.memory.cells)
    for cut in range(whole.memory.power.written - start):
        other = twin(card)
        other.memory.power.cut_after(cut)
        with pytest.raises(PowerCut):
            other.apdu(command)
        other.power_on()
        assert bytes(other.memory.cells) in (old, new)


def test_a_blocked_and_a_terminated_card_answer_6a81_to_everything() -> None:
    """J5: the end of a chip's life; no command brings it back."""
    for life in (Life.BLOCKED, Life.TERMINATED):
        terminal = Terminal(SM4)
        terminal.environment().show("MKSSSE")
        terminal.done(f"80F000{life:02X}00")
        for command in ("00A40000023F00", "0084000008", "00FF000000", "80F0000300"):
            assert terminal.word(command) == 0x6A81
        terminal.card.power_on()
        assert terminal.word("00A40000023F00") == 0x6A81
