"""The medical account of the virtual card: vectors, states, the year, the log (T10, K1, C5)."""

from __future__ import annotations

import pytest

from minka.bench.card_account import Account, account_of
from minka.bench.card_core import Chip, Purse, Traits
from minka.bench.card_keys import Counted
from minka.bench.card_maker import card_from, make
from minka.bench.card_plan import Shape, plan, value_place
from minka.cipher.card_key import Algorithm
from tests.card.terminal import TERMINAL, TIME, Terminal
from tests.card.world import DES, SM4, blank

CARD_KEY = {
    Algorithm.TRIPLE_DES: "F6B8E7941294E0B461CA0A637CCDA871",
    Algorithm.SM4: "E543D66BC2C1F4A7F4EEFF0AB5335D01",
}
YEAR = bytes.fromhex("2024")
SHAPES = pytest.mark.parametrize("shape", [DES, SM4], ids=["3DES", "SM4"])
INIT_PURCHASE = "B02801011301"
INIT_LOAD = "B02800010B01"
NUMBER = TERMINAL.hex()


def vector_card(shape: Shape) -> Terminal:
    """The card of the vectors of card-chip §11.3: its keys, counters, balance and random number."""
    account = Account(3, 7, 10_000, 0, 0, YEAR, bytes.fromhex("0101"))
    cells = bytearray(make(shape, blank(account=account)))
    key = bytes.fromhex(CARD_KEY[shape.algorithm])
    for name in ("DPK", "DLK", "DTK"):
        place = value_place(plan(shape).key(name))
        cells[place : place + 16] = key
    card = card_from(bytes(cells), lambda length: bytes.fromhex("A1A2A3A4")[:length])
    return Terminal(shape, card).application("DF04").show_pin()


def rich(shape: Shape = SM4, traits: Traits | None = None, **account: object) -> Terminal:
    """A card with 100 yuan, the account open."""
    held: dict[str, object] = {"loads": 0, "purchases": 0, "balance": 10_000}
    held |= {"self_paid": 0, "pooled": 0, "year": YEAR, "starting": bytes.fromhex("0101")}
    held |= account
    cells = make(shape, blank(account=Account(**held)))  # type: ignore[arg-type]
    return Terminal(shape, card_from(cells, Counted(), traits)).application("DF04").show_pin()


@SHAPES
def test_the_purchase_of_the_reference(shape: Shape) -> None:
    """K1: the answers of card-chip §11.3 and §12.6, byte for byte."""
    terminal, algorithm = vector_card(shape), shape.algorithm
    offer = terminal.done(f"{INIT_PURCHASE}00000000000003E8000001F4{NUMBER}16")
    assert offer.hex() == f"00002710000000000000000020240007010{algorithm:d}a1a2a3a4"
    mac1 = {Algorithm.TRIPLE_DES: "2A346431", Algorithm.SM4: "AB0F2F66"}[algorithm]
    answer = terminal.done(f"B02C01000F00000009{TIME.hex()}{mac1}08")
    wanted = {Algorithm.TRIPLE_DES: "AEF79E889F559F40", Algorithm.SM4: "8C4C3A98FAB1EC93"}
    assert answer.hex().upper() == wanted[algorithm]
    assert terminal.done("B02E003202000708") == answer[4:] + answer[:4]


@SHAPES
def test_the_load_of_the_reference(shape: Shape) -> None:
    """K1: MAC1, MAC2 and TAC of a load, byte for byte."""
    terminal, algorithm = vector_card(shape), shape.algorithm
    mac1 = {Algorithm.TRIPLE_DES: "39363caa", Algorithm.SM4: "fa5cb0b0"}[algorithm]
    offer = terminal.done(f"{INIT_LOAD}000003E8{NUMBER}10")
    assert offer.hex() == f"000027100003010{algorithm:d}a1a2a3a4{mac1}"
    mac2 = {Algorithm.TRIPLE_DES: "DB195BA4", Algorithm.SM4: "A0A13600"}[algorithm]
    answer = terminal.done(f"B02A00000B{TIME.hex()}{mac2}04")
    wanted = {Algorithm.TRIPLE_DES: "8F08A713", Algorithm.SM4: "F25FEB81"}
    assert answer.hex().upper() == wanted[algorithm]
    assert terminal.done("B026000104") == (11_000).to_bytes(4)


STATES = """
idle     | B02800010B01000003E8990100000001                   | 9000 | load
idle     | B02801011301000000000000000000000000990100000001   | 9000 | purchase
idle     | B02A00000B2024010203040500000000                   | 6901 | idle
idle     | B02C01000F000000092024010203040500000000           | 6901 | idle
idle     | B026000104                                         | 9000 | idle
idle     | B02E003202000008                                   | 9406 | idle
load     | B02800010B01000003E8990100000001                   | 9000 | load
load     | B02801011301000000000000000000000000990100000001   | 9000 | purchase
load     | B02C01000F000000092024010203040500000000           | 6901 | idle
load     | B02A00000B2024010203040500000000                   | 9302 | idle
load     | B026000206                                         | 9000 | load
load     | B02E003202000008                                   | 9406 | idle
load     | 0084000008                                         | 9000 | idle
load     | 00B2014400                                         | 6A83 | idle
purchase | B02800010B01000003E8990100000001                   | 9000 | load
purchase | B02801011301000000000000000000000000990100000001   | 9000 | purchase
purchase | B02A00000B2024010203040500000000                   | 6901 | idle
purchase | B02C01000F000000092024010203040500000000           | 9302 | idle
purchase | B026000306                                         | 9000 | purchase
purchase | B02E003202000008                                   | 9406 | idle
purchase | 00A4000002DF03                                     | 9000 | idle
"""


@pytest.mark.parametrize("line", STATES.strip().splitlines())
def test_the_table_of_states(line: str) -> None:
    """T10: card-chip §12.6; whatever else comes, and every failure, leads back to idle."""
    before, command, word, after = (field.strip() for field in line.split("|"))
    terminal = rich()
    if before != "idle":
        terminal.done(
            f"{INIT_LOAD if before == 'load' else INIT_PURCHASE}"
            + (f"000003E8{NUMBER}" if before == "load" else f"{'00' * 12}{NUMBER}")
        )
    assert f"{terminal.word(command):04X}" == word
    assert terminal.card.session.purse is Purse[after.upper()]


def test_a_balance_asked_between_init_and_debit_disturbs_nothing() -> None:
    """T10: GET BALANCE keeps the state, and the DEBIT goes through."""
    terminal = rich()
    command = terminal.purchase(1_000, 0, 0)
    assert terminal.done("B026000104") == (10_000).to_bytes(4)
    assert len(terminal.done(command)) == 8
    assert terminal.word(command) == 0x6901, "once and no more"


YEARS = """
2024 0101 | 20241231 | 500+20 | 500+30
2024 0101 | 20250101 | 20     | 30
2024 0701 | 20250630 | 500+20 | 500+30
2024 0701 | 20250701 | 20     | 30
2024 0701 | 20260301 | 20     | 30
2024 0701 | 20240101 | 500+20 | 500+30
"""


@pytest.mark.parametrize("line", YEARS.strip().splitlines())
def test_the_year_rolls_on_the_starting_day(line: str) -> None:
    """C5: below 10000 the sums go on, from 10000 they begin again with this settlement."""
    begins, day, paid, pooled = (field.strip() for field in line.split("|"))
    year, starting = (bytes.fromhex(part) for part in begins.split())
    terminal = rich(self_paid=500, pooled=500, year=year, starting=starting)
    terminal.done(terminal.purchase(0, 20, 30, bytes.fromhex(f"{day}120000")))
    account = account_of(terminal.card)
    assert (account.self_paid, account.pooled) == (sum(map(int, paid.split("+"))), _sum(pooled))
    rolled = "+" not in paid
    assert (account.year != year) == (rolled and day != f"{begins[:4]}{day[4:]}")


def _sum(text: str) -> int:
    return sum(map(int, text.split("+")))


def test_the_year_after_a_roll_is_the_one_the_day_falls_into() -> None:
    """C5: in March 2026 a year that begins in July is still the one of 2025."""
    terminal = rich(year=YEAR, starting=bytes.fromhex("0701"))
    terminal.done(terminal.purchase(0, 1, 1, bytes.fromhex("20260301120000")))
    assert account_of(terminal.card).year == bytes.fromhex("2025")


REFUSED = {
    "more than there is": (f"{INIT_PURCHASE}00002711{'00' * 8}{NUMBER}", 0x9401),
    "no such key index": (f"B02801011309{'00' * 12}{NUMBER}", 0x9403),
    "no key index nought": (f"B02801011300{'00' * 12}{NUMBER}", 0x9403),
    "more than a card can hold": (f"{INIT_LOAD}FFFFFFFF{NUMBER}", 0x6985),
    "a short command": ("B0280101120100", 0x6700),
    "a wrong Le": (f"{INIT_PURCHASE}{'00' * 12}{NUMBER}10", 0x6700),
    "a balance that is none": ("B026000404", 0x6A86),
    "a balance of another length": ("B026000105", 0x6700),
    "another's proof": ("B02E003302000008", 0x6A86),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    """T10: each with its word, and nothing is written."""
    terminal = rich()
    before = bytes(terminal.card.memory.cells)
    command, word = REFUSED[name]
    assert terminal.word(command) == word
    assert bytes(terminal.card.memory.cells) == before


def test_counters_end() -> None:
    """T10: a counter at its maximum ends purchases and loads (9402)."""
    terminal = rich(loads=0xFFFF, purchases=0xFFFF)
    assert terminal.word(f"{INIT_PURCHASE}{'00' * 12}{NUMBER}") == 0x9402
    assert terminal.word(f"{INIT_LOAD}000003E8{NUMBER}") == 0x9402


def test_no_account_on_a_card_of_mode_1_nor_elsewhere() -> None:
    """C5: mode 1 (online) has no account; DF03 has none; without the PIN nothing is said."""
    online = Terminal(SM4, _card(blank(contents={"DF04EF05": {"8F": "1"}})))
    assert online.application("DF04").show_pin().word("B026000104") == 0x6985
    assert rich().application("DF03").word("B026000104") == 0x6985
    closed = Terminal().application("DF04")
    assert closed.word("B026000104") == 0x6982
    assert closed.word(f"{INIT_PURCHASE}{'00' * 12}{NUMBER}") == 0x6982


def _card(told: object) -> Chip:
    return card_from(make(SM4, told), Counted())  # type: ignore[arg-type]


def test_the_log_keeps_thirty_and_the_newest_is_first() -> None:
    """C5: 35 purchases; record 1 is the last one, record 30 the sixth."""
    terminal = rich()
    for number in range(35):
        terminal.done(terminal.purchase(number, 0, 0))
    for record, count in ((1, 34), (30, 5)):
        found = terminal.done(bytes((0, 0xB2, record, 0x44, 28)))
        assert found[:2] == count.to_bytes(2)
        assert found[16:20] == count.to_bytes(4)
    assert terminal.word("00B21F441C") == 0x6A83


def test_account_only_mode() -> None:
    """C5: records of 20 bytes; self-payment and pool carry no meaning."""
    shape = Shape(log_record=20)
    terminal = rich(shape)
    terminal.done(terminal.purchase(1_000, 200, 300))
    record = terminal.done("00B2014414")
    assert record == bytes(2) + b"2" + TERMINAL + TIME + (1_000).to_bytes(4)
    assert account_of(terminal.card).self_paid == 0


def test_the_starting_day_needs_its_key() -> None:
    """C5: DSK opens it; a day that is none is refused."""
    terminal = rich()
    assert terminal.word("B0560000020701") == 0x6982
    terminal.show("DSK")
    assert terminal.word("B0560000021301") == 0x6985
    terminal.done("B0560000020701")
    assert terminal.done("B056010002") == bytes.fromhex("0701")


@pytest.mark.parametrize(("step", "seen"), [(0, [0, 0, 0]), (1, [0, 1, 2]), (3, [0, 3, 6])])
def test_a_stuck_and_a_skipping_counter(step: int, seen: list[int]) -> None:
    """T10: what the centre must flag can be made on the bench: the same number, or gaps."""
    terminal = rich(traits=Traits(counter_step=step))
    counts = []
    for _ in seen:
        terminal.done(terminal.purchase(1, 0, 0))
        counts.append(int.from_bytes(terminal.done("00B201441C")[:2]))
    assert counts == seen


def test_two_groups_of_purchase_keys() -> None:
    """Card-chip §9.1: the key index names the version."""
    terminal = rich(Shape(key_versions=2))
    offers = [terminal.done(f"B028010113{index:02X}{'00' * 12}{NUMBER}")[16] for index in (1, 2)]
    assert offers == [1, 2]
    assert terminal.word(f"B02801011303{'00' * 12}{NUMBER}") == 0x9403
