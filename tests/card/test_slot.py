"""A slot's faults, the quirks of real cards, and cards made by the batch (X32, T10, C1)."""

from __future__ import annotations

import pytest

from minka.bench.card_batch import Batch
from minka.bench.card_keys import Counted
from minka.bench.card_maker import Blank, card_from, make
from minka.bench.card_plan import First, Shape
from minka.bench.card_quirks import QUIRKS, Quirk, with_quirk
from minka.bench.card_slot import Slot
from minka.bench.chip_bench import AREA, Plan, measure_chip, people
from minka.chip.connection import CardConnection, CardGone
from minka.chip.contents import Filling
from minka.cipher.card_key import Algorithm
from tests.card.terminal import Terminal
from tests.card.world import SM4, blank, needs_pcscd, new_card

VERIFY = bytes.fromhex("0020000003123456")
CHALLENGE = bytes.fromhex("0084000008")


def test_a_slot_is_a_card_connection() -> None:
    """X32: the reader's code cannot tell a virtual card from another."""
    slot: CardConnection = Slot(new_card())
    assert slot.transmit(CHALLENGE)[-2:] == b"\x90\x00"
    assert slot.reset() == slot.atr


def test_a_card_that_is_pulled_does_nothing_more() -> None:
    """P18: pulled before a command, the command has no effect."""
    slot = Slot(new_card())
    slot.faults.pull_before(1)
    slot.transmit(CHALLENGE)
    before = bytes(slot.card.memory.cells)
    for _ in range(2):
        with pytest.raises(CardGone):
            slot.transmit(bytes.fromhex("0020000003111111"))
    assert bytes(slot.card.memory.cells) == before
    with pytest.raises(CardGone):
        slot.reset()
    slot.insert()
    slot.transmit(CHALLENGE)


def test_a_lost_answer_has_had_its_effect() -> None:
    """X32: the wrong PIN counted, though nobody heard the answer."""
    slot = Slot(new_card())
    slot.faults.lose_answer(0)
    with pytest.raises(CardGone):
        slot.transmit(bytes.fromhex("0020000003111111"))
    slot.insert()
    assert slot.transmit(bytes.fromhex("0020000000")) == b"\x63\xc5"


def test_a_short_answer_a_slow_card_and_a_worn_one() -> None:
    """X32: a byte too few, milliseconds that pass, and 6581."""
    waited: list[float] = []
    slot = Slot(new_card(), wait=waited.append)
    slot.faults.shorten_answer(0)
    assert len(slot.transmit(CHALLENGE)) == 9
    assert len(slot.transmit(CHALLENGE)) == 10
    slot.faults.slow_down(250)
    slot.transmit(CHALLENGE)
    assert waited == [0.25]
    slot.wear_out()
    assert slot.transmit(bytes.fromhex("0020000003123456")) == b"\x6a\x81"


def test_a_cut_takes_the_card_away_until_it_is_put_in_again() -> None:
    """P18: through the slot the reader only sees that the card is gone."""
    slot = Slot(new_card())
    slot.cut_power_after(5)
    with pytest.raises(CardGone):
        slot.transmit(VERIFY)
    assert not slot.is_present()
    slot.insert()
    assert slot.transmit(VERIFY) == b"\x90\x00"


ODD = {
    Quirk.VERSION_WITH_ZERO: ("00B2032806", b"\x03\x042.0\0"),
    Quirk.ASCII_YEARS: ("00B2052806", b"\x05\x042012"),
    Quirk.NUMBER_OF_DIGITS: ("00B207280B", b"\x07\x09123456789"),
    Quirk.EMPTY_VERSION: ("00B2032806", bytes.fromhex("030400000000")),
    Quirk.OTHER_INSTITUTION: ("00B204280E", b"\x04\x0c" + b"\x12" * 12),
    Quirk.NOT_FILLED_IN: ("00B20B3003", b"\x0b\x01\xff"),
}


@pytest.mark.parametrize("quirk", Quirk)
def test_quirks_of_content(quirk: Quirk) -> None:
    """L3: what real cards carry (card-chip §20) on a virtual one, all else the same."""
    cells = make(SM4, blank())
    odd = with_quirk(SM4, cells, quirk)
    command, answer = ODD[quirk]
    terminal = Terminal(SM4, card_from(odd, Counted())).environment().show("RKSSSE")
    assert terminal.done(command) == answer
    values = QUIRKS[quirk].values()
    assert 0 < sum(a != b for a, b in zip(cells, odd, strict=True)) <= sum(map(len, values))


def test_a_card_whose_master_file_is_the_bank_s() -> None:
    """L3: the bank's name is answered (card-chip §3.2); ours must be selected by name."""
    shape = Shape(first=First.BANK)
    terminal = Terminal(shape, card_from(make(shape, blank()), Counted()))
    assert terminal.done("00A40000023F00").hex().upper() == "6F10840E315041592E5359532E4444463031"
    assert terminal.word("00A4020002EF05") == 0x6A82
    terminal.environment()
    assert terminal.done("00B2072C0B")[2:] == b"M00000019"
    terminal.application("DF01").show("UK4DF01").done("00DC0234052403990102")
    terminal.environment().show("BK").done(terminal.secured("84160000", "STKSSSE"))
    assert terminal.word("00A40000023F00") == 0x6A81


def test_quirk_the_master_file_first() -> None:
    """Card-chip §20: some cards want it; here it is taken and answered 9000."""
    assert Terminal().done("00A40000023F00") == b""


@pytest.mark.parametrize("algorithm", [Algorithm.SM4, Algorithm.TRIPLE_DES])
def test_a_batch_makes_what_the_maker_makes(algorithm: Algorithm) -> None:
    """C1: not a byte differs between a batch of cards and cards made one by one."""
    asked, shape = people(7), Shape(algorithm=algorithm)
    made = Batch(shape, AREA).made(asked)
    for cells, one in zip(made, asked, strict=True):
        person = one.profile
        contents: dict[str, Filling] = {
            "SSSEEF05": {
                "01": person.identification.hex(),
                "02": "3",
                "03": "3.00",
                "04": person.institution.hex(),
                "05": person.issued_on,
                "06": person.valid_until,
                "07": person.card_number,
            },
            "SSSEEF06": {
                "08": person.person_number.reveal(),
                "09": person.name.reveal(),
                "0A": person.sex,
                "0B": "01",
                "0C": AREA,
                "0D": person.born_on,
            },
            "DF01EF06": {
                "23": person.address.reveal() if person.address else None,
                "24": AREA,
                "28": person.phone.reveal() if person.phone else None,
            },
            "DF01EF07": {"29": "1"},
            "DF01EF0A": {"37": "CHN"},
        }
        told = Blank(AREA, one.historical, contents, pin=one.pin)
        assert cells == make(shape, told)
        assert card_from(cells, Counted()).apdu(CHALLENGE)[-2:] == b"\x90\x00"


def test_an_empty_batch() -> None:
    """C1: nothing asked, nothing made."""
    assert Batch(Shape(), AREA).made([]) == []


def test_the_measurement_looks_at_what_it_measures() -> None:
    """Issue 4: every figure is there, and what was checked holds."""
    needs_pcscd()
    small = Plan(1, cards=50, commands=800, through_pcscd=50, derivations=2_000, signatures=5)
    report = measure_chip(small, str)
    for name in (
        *("apdu_in_process_per_s", "apdu_pcsc_per_s", "diversifications_per_s"),
        *("cards_personalized_per_s", "sm2_verifications_per_s"),
    ):
        assert report[name] > 0, name
    assert report["checked"]["faults"] == 0, report
    assert report["checked"]["stored"] > 200
