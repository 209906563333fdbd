"""The power is cut at every byte of every command that writes (P18, X32, T10)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from minka.bench.card_core import Chip
from minka.bench.card_image import PROOF
from minka.bench.card_memory import SEAL, PowerCut, Torn
from minka.bench.card_plan import Shape
from minka.chip.tlv import record
from tests.card.terminal import Terminal, twin
from tests.card.world import DES, SM4

Case = Callable[[Terminal], bytes]
"""Brings a card to the point, and gives the command during which the power goes."""


def _in(application: str, key: str, command: str, *before: str) -> Case:
    def case(terminal: Terminal) -> bytes:
        terminal.application(application).show(key)
        for one in before:
            terminal.done(one)
        return bytes.fromhex(command)

    return case


def _just(command: str) -> Case:
    def case(terminal: Terminal) -> bytes:
        terminal.environment()
        return bytes.fromhex(command)

    return case


def _offline(terminal: Terminal) -> Terminal:
    terminal.application("DF04").show_pin()
    terminal.done(terminal.load(5_000))
    return terminal


def _wrong(command: bytes) -> bytes:
    return command[:-1] + bytes((command[-1] ^ 1,))


def _puk(terminal: Terminal) -> Terminal:
    return terminal.environment().show("PUK")


JOB = record(0x24, bytes.fromhex("990102")).hex()
LONGER = record(0x24, bytes(2)).hex()
WORK = bytes(range(0x55)).hex()

CASES: Mapping[str, Case] = {
    "UPDATE RECORD, same length": _in("DF01", "UK4DF01", f"00DC020405{JOB}", "00A4020002EF06"),
    "UPDATE RECORD, shorter": _in("DF01", "UK4DF01", f"00DC020404{LONGER}", "00A4020002EF06"),
    "UPDATE RECORD, longer": _in(
        "DF01", "UK4DF01", f"00DC020405{JOB}", "00A4020002EF06", f"00DC020404{LONGER}"
    ),
    "UPDATE RECORD, first of a ring": _in("DF02", "UK3DF02", f"00DC003B55{WORK}"),
    "UPDATE RECORD, fifth of a ring of four": _in(
        "DF02", "UK3DF02", f"00DC003B55{WORK}", *[f"00DC003B55{WORK}"] * 4
    ),
    "UPDATE RECORD, newest of a ring": _in(
        "DF02", "UK3DF02", f"00DC013C55{'00' * 0x55}", f"00DC003B55{WORK}"
    ),
    "UPDATE BINARY": _in("SSSE", "UKSSSE", f"00D68805FF{'5A' * 255}"),
    "VERIFY, right": _just("0020000003123456"),
    "VERIFY, wrong": _just("0020000003111111"),
    "CHANGE PIN": _just("805E010008123456FF87654321"),
    "CHANGE PIN, wrong": _just("805E010007111111FF654321"),
    "PIN UNBLOCK": lambda t: (
        t.word("0020000003111111"),
        _puk(t).secured("84240000", "STKSSSE"),
    )[1],
    "PIN UNBLOCK, wrong": lambda t: _wrong(_puk(t).secured("84240000", "STKSSSE")),
    "PIN RELOAD": lambda t: _puk(t).secured("84240001", "STKSSSE", bytes.fromhex("654321")),
    "EXTERNAL AUTHENTICATION": lambda t: t.environment().authentication("UKSSSE"),
    "EXTERNAL AUTHENTICATION, wrong": lambda t: t.environment().authentication(
        "UKSSSE", b"\1" * 16
    ),
    "APPLICATION BLOCK": lambda t: (
        t.application("DF04").show("LKDF04").secured("841E0001", "STKDF04")
    ),
    "CARD BLOCK": lambda t: t.environment().show("BK").secured("84160000", "STKSSSE"),
    "CREDIT FOR LOAD": lambda t: t.application("DF04").show_pin().load(1_000),
    "DEBIT FOR PURCHASE": lambda t: _offline(t).purchase(1_000, 200, 300),
    "UPDATE STARTING DAY": _in("DF04", "DSK", "B0560000020701"),
}


def prepared(shape: Shape, case: Case) -> tuple[Chip, bytes]:
    """A card just before a command, and the command."""
    terminal = Terminal(shape)
    return terminal.card, case(terminal)


@pytest.mark.parametrize("shape", [SM4, DES], ids=["SM4", "3DES"])
@pytest.mark.parametrize("name", CASES)
def test_old_or_new_never_between(name: str, shape: Shape) -> None:
    """P18: whatever byte the cut falls on, the memory is the old one or the new one."""
    card, command = prepared(shape, CASES[name])
    old = bytes(card.memory.cells)
    whole = twin(card)
    before = whole.memory.power.written
    whole.apdu(command)
    new, total = bytes(whole.memory.cells), whole.memory.power.written - before
    assert new != old or "right" in name or name == "EXTERNAL AUTHENTICATION"
    assert total > SEAL
    found = set()
    for torn in Torn:
        for cut in range(total):
            cells = _after_cut(card, command, cut, torn)
            assert cells in (old, new), f"{name} cut at byte {cut} of {total}"
            found.add(cells)
    assert found == {old, new}


def test_a_second_cut_while_the_card_repairs_itself() -> None:
    """P18: at power-on the power goes again, at every byte; the third power-on finds the new."""
    card, command = prepared(SM4, CASES["DEBIT FOR PURCHASE"])
    whole = twin(card)
    start = whole.memory.power.written
    whole.apdu(command)
    total, new = whole.memory.power.written - start, bytes(whole.memory.cells)
    seconds = 0
    for cut in range(total):
        torn = _cut(card, command, cut, Torn.SPOILT)
        for second in range(total):
            again = torn.memory.copy()
            again.power.cut_after(second)
            try:
                again.recover()
            except PowerCut:
                seconds += 1
                again.power.restored()
                again.recover()
                assert bytes(again.cells) in (new, bytes(card.memory.cells))
            else:
                break
    assert seconds > total


def test_the_answer_tells_no_more_than_the_cut() -> None:
    """T10: a right and a wrong PIN, a right and a wrong key, write just as many bytes.

    Otherwise whoever cuts the power at the first byte of the counter has free tries.
    """
    for right, wrong in [
        ("VERIFY, right", "VERIFY, wrong"),
        ("EXTERNAL AUTHENTICATION", "EXTERNAL AUTHENTICATION, wrong"),
    ]:
        written = []
        for name in (right, wrong):
            card, command = prepared(SM4, CASES[name])
            start = card.memory.power.written
            card.apdu(command)
            written.append(card.memory.power.written - start)
        assert written[0] == written[1]


@pytest.mark.parametrize("shape", [SM4, DES], ids=["SM4", "3DES"])
@pytest.mark.parametrize(
    ("name", "kind"), [("DEBIT FOR PURCHASE", "32"), ("CREDIT FOR LOAD", "31")]
)
def test_the_proof_tells_what_became_of_it(name: str, kind: str, shape: Shape) -> None:
    """X32: after a cut at any byte the proof answers when the money moved, else 9406."""
    card, command = prepared(shape, CASES[name])
    old = bytes(card.memory.cells)
    whole = twin(card)
    start = whole.memory.power.written
    answer = whole.apdu(command)
    total = whole.memory.power.written - start
    answered = 0
    for cut in range(total):
        torn = _cut(card, command, cut, Torn.SPOILT)
        torn.power_on()
        terminal = Terminal(shape, torn).application("DF04")
        data, sw = terminal.send(f"B02E00{kind}02000008")
        if bytes(torn.memory.cells) == old:
            assert sw == 0x9406
        else:
            assert sw == 0x9000
            assert data[4:] == answer[:4]
            answered += 1
    assert 0 < answered < total


def test_the_proof_stays_until_the_next_amount() -> None:
    """X32: INITIALIZE, balances and a failed DEBIT leave it; the next DEBIT replaces it."""
    terminal = _offline(Terminal())
    answer = terminal.done(terminal.purchase(100, 0, 0))
    proof = terminal.done("B02E003202000008")
    assert proof == answer[4:] + answer[:4], "the order differs from DEBIT"
    wrong = _wrong(terminal.purchase(100, 0, 0))
    assert terminal.word(wrong) == 0x9302
    assert terminal.done("B02E003202000008") == proof
    terminal.done(terminal.purchase(100, 0, 0))
    assert terminal.word("B02E003202000008") == 0x9406
    assert terminal.word("B02E003202000108") == 0x9000
    assert terminal.card.memory.cells[PROOF] == 0x32


def _cut(card: Chip, command: bytes, cut: int, torn: Torn) -> Chip:
    other = twin(card)
    other.memory.power.cut_after(cut, torn)
    with pytest.raises(PowerCut):
        other.apdu(command)
    other.memory.power.restored()
    return other


def _after_cut(card: Chip, command: bytes, cut: int, torn: Torn) -> bytes:
    other = _cut(card, command, cut, torn)
    other.power_on()
    assert not any(other.memory.journal[:SEAL])
    return bytes(other.memory.cells)
