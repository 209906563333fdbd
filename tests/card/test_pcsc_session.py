"""The virtual card and PSAM through the real pcscd, the terminal in another process.

K1, L3, J3, X32, P18.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import minka.bench.pcscd as pcscd_module
from minka.bench.card_core import Chip
from minka.bench.card_keys import Counted
from minka.bench.card_plan import Shape
from minka.bench.card_slot import Slot
from minka.bench.pcsc_line import Line, LineCard, wait_until
from minka.bench.pcscd import Pcscd, free_pair
from minka.bench.psam_maker import Terminal as SamTerminal
from minka.bench.psam_maker import sam_cells, sam_from
from minka.bench.vpcd import VirtualReader
from minka.chip.connection import CardGone
from tests.card.terminal import TERMINAL, TIME, Terminal
from tests.card.test_psam import Sam
from tests.card.world import DES, SM4, needs_pcscd, new_card, session

SHAPES = pytest.mark.parametrize("shape", [SM4, DES], ids=["SM4", "3DES"])


@pytest.fixture(scope="module")
def pcscd() -> Iterator[Pcscd]:
    """A pcscd of this module's own; where there is none, skipped here and failed in CI."""
    needs_pcscd()
    with Pcscd() as daemon:
        yield daemon


class Readers:
    """Both slots of the daemon, and a terminal at the other end of PC/SC."""

    def __init__(self, daemon: Pcscd, inside: ExitStack) -> None:
        self.daemon, self.inside = daemon, inside
        self.line = inside.enter_context(Line(daemon.environment()))

    def put(self, chip: Chip, slot: int = 0) -> tuple[VirtualReader, LineCard]:
        """Put a chip into a slot; the terminal's connection to it once the reader has noticed."""
        wait_until(self.line, slot, 0)
        reader = VirtualReader(Slot(chip), self.daemon.port + slot)
        self.inside.enter_context(reader)
        return reader, self.connected(slot)

    def connected(self, slot: int = 0) -> LineCard:
        """The connection to the card in a slot, as soon as the reader has noticed it."""
        wait_until(self.line, slot, 1)
        return LineCard(self.line, slot)

    def again(self, reader: VirtualReader) -> LineCard:
        """Take a card out, put it in again, and connect to it."""
        reader.remove()
        wait_until(self.line, 0, 0)
        reader.insert()
        return self.connected()


@pytest.fixture
def readers(pcscd: Pcscd) -> Iterator[Readers]:
    """Slots that are empty again after the test."""
    with ExitStack() as inside:
        yield Readers(pcscd, inside)


def terminal_of(shape: Shape, connection: LineCard) -> Terminal:
    """A test terminal that speaks through PC/SC."""
    return Terminal(shape, connection)  # type: ignore[arg-type]


@SHAPES
def test_the_golden_session_through_pcscd(readers: Readers, shape: Shape) -> None:
    """K1: identical bytes in process and through the real pcscd, T=0."""
    chip = new_card(shape)
    _, card = readers.put(chip)
    assert card.atr == chip.atr
    twin = new_card(shape)
    for step in session(shape.algorithm):
        answer = card.transmit(step.command)
        assert answer.hex() == step.answer.hex() == twin.apdu(step.command).hex(), step.what


@SHAPES
def test_a_day_of_a_card(readers: Readers, shape: Shape) -> None:
    """L3, J3: read, change the PIN, lock and unlock it, debit with the PSAM of the second slot,
    read the log; every answer the same as of a card without any reader between."""
    _, card = readers.put(new_card(shape))
    told = SamTerminal(algorithms=(shape.algorithm,))
    _, sam_line = readers.put(sam_from(sam_cells(told), Counted("SAM-")), slot=1)
    through = _day(terminal_of(shape, card), _sam(shape, sam_line))
    beside = _day(Terminal(shape), Sam(shape))
    assert through == beside


def _sam(shape: Shape, line: LineCard) -> Sam:
    sam = Sam(shape)
    sam.chip = _Waiting(line)  # type: ignore[assignment]
    sam.done("00A4000002DF01")
    return sam


class _Waiting:
    """A PSAM whose answers wait (61xx), fetched."""

    def __init__(self, line: LineCard) -> None:
        self.line = line

    def apdu(self, command: bytes) -> bytes:
        """The whole answer."""
        answer = self.line.transmit(command)
        if answer[-2] == 0x61:
            return self.line.transmit(bytes.fromhex("00C00000") + answer[-1:])
        return answer


def _day(card: Terminal, sam: Sam) -> list[str]:
    """What a card and a PSAM answer on the way."""
    said = [card.environment().show("RKSSSE").done("00B2093020").hex()]
    card.done("805E010007123456FF654321")
    for tries in (5, 4, 3, 2, 1, 0):
        assert card.word("0020000003123456") == 0x63C0 | tries
    assert card.word("0020000003654321") == 0x6983
    shown = sam.shown(8, 0x10, card.done("0084000008"))
    card.done(bytes.fromhex("0082000610") + shown + bytes.fromhex("0102030405060708"))
    unblock = sam.secured("84240000", card.done("0084000008"))
    said.append(unblock.hex())
    card.done(unblock)
    card.application("DF04").show_pin("654321")
    card.done(card.load(5_000))
    amounts = b"".join(amount.to_bytes(4) for amount in (1_000, 200, 300))
    offer = card.done(bytes.fromhex("B02801011301") + amounts + TERMINAL + b"\x16")
    answer = sam.done(sam.init(offer, amounts))
    codes = card.done(bytes.fromhex("B02C01000F") + answer[:4] + TIME + answer[4:])
    assert sam.send(bytes.fromhex("8072000004") + codes[4:])[1] == 0x9000
    said += [offer.hex(), answer.hex(), codes.hex()]
    said += [card.done("B026000104").hex(), card.done("00B201441C").hex()]
    return [*said, card.done("00B202441C").hex()]


def test_a_card_pulled_and_put_in_again(readers: Readers) -> None:
    """X32: the terminal sees the card go; put in again it asks for the proof."""
    card = new_card(SM4)
    reader, line = readers.put(card)
    terminal = terminal_of(SM4, line)
    terminal.application("DF04").show_pin()
    command = terminal.load(5_000)
    reader.slot.faults.lose_answer(0)
    with pytest.raises(CardGone):
        terminal.send(command)
    again = terminal_of(SM4, readers.again(reader)).application("DF04")
    assert len(again.done("B02E003102000008")) == 8


def test_power_cut_through_pcscd(readers: Readers) -> None:
    """P18: the power goes in the middle of a write; at the next contact the old stands."""
    card = new_card(SM4)
    reader, line = readers.put(card)
    terminal = terminal_of(SM4, line)
    terminal.application("DF01").show("UK4DF01").show_pin()
    before = terminal.done("00B2023405")
    reader.slot.cut_power_after(3)
    with pytest.raises(CardGone):
        terminal.send("00DC0234052403990102")
    again = terminal_of(SM4, readers.again(reader)).application("DF01").show_pin()
    assert again.done("00B2023405") == before


def test_a_warm_reset_forgets_who_was_shown(readers: Readers) -> None:
    """K5: PIN and keys last until power-off or reset, not longer."""
    _, line = readers.put(new_card(SM4))
    terminal = terminal_of(SM4, line)
    terminal.application("DF01").show_pin()
    terminal.done("00B2023405")
    line.reset()
    assert terminal.application("DF01").word("00B2023405") == 0x6982


def test_what_is_missing_is_said_with_the_command_that_helps(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """J4: whoever has no pcscd is told what to run."""
    monkeypatch.setattr(pcscd_module, "DRIVER", tmp_path / "none.so")
    with pytest.raises(pcscd_module.NoPcscd, match=r"apt-get install .*vsmartcard-vpcd"), Pcscd():
        pytest.fail("there is no driver")


def test_a_card_is_inserted_from_the_command_line(pcscd: Pcscd, readers: Readers) -> None:
    """L3: `python -m minka.bench.card_insert` says what to start when no pcscd runs."""
    wait_until(readers.line, 0, 0)
    tried = subprocess.run(
        [sys.executable, "-c", INSERT.format(port=free_pair())],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert tried.returncode == 1
    assert "pcscd" in tried.stderr
    with subprocess.Popen([sys.executable, "-c", INSERT.format(port=pcscd.port)]) as running:
        try:
            terminal = terminal_of(SM4, readers.connected()).environment()
            assert terminal.done("00B2072C0B")[2:] == b"M00000019"
        finally:
            running.send_signal(signal.SIGINT)
            running.wait(20)


INSERT = (
    "import minka.bench.card_insert as c;"
    "c.FIRST_PORT, c.SECOND_PORT = {port}, {port} + 1;"
    "import sys; sys.argv = ['card_insert']; c.main()"
)
