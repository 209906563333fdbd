"""What the virtual card lets whom do: PIN, keys, blocks, and how long a right lasts.

K5, J3, J4, T10; card-chip §12.3.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from minka.bench.card_core import Key
from minka.bench.card_image import KEY, VALUE_AT
from minka.bench.card_keys import Counted, of_card
from minka.bench.card_maker import Blank, card_from, cloned, make
from minka.bench.card_plan import Shape, plan
from minka.cipher import card_key
from minka.cipher.card_key import Algorithm
from minka.kit.secret import Clear
from tests.card.terminal import ORIGINAL, Terminal
from tests.card.world import AREA, DES, HISTORICAL, SM4, blank, new_card

SHAPES = pytest.mark.parametrize("shape", [SM4, DES], ids=["SM4", "3DES"])


def pinless() -> Terminal:
    """A card with a blank PIN."""
    return Terminal(SM4, card_from(make(SM4, blank(pin=Clear(""))), Counted()))


def test_pin_tries_count_down_and_success_fills_them_up() -> None:
    """J3: 63Cx names the tries left, success resets them, at none left 6983."""
    terminal = Terminal()
    assert terminal.word("0020000000") == 0x63C6
    assert terminal.word("0020000003111111") == 0x63C5
    terminal.done("0020000003123456")
    assert terminal.word("0020000000") == 0x63C6
    for left in range(5, -1, -1):
        assert terminal.word("0020000003111111") == 0x63C0 | left
    for pin in ("123456", "111111"):
        assert terminal.word(f"0020000003{pin}") == 0x6983
    assert terminal.word("0020000000") == 0x63C0


def test_a_blank_pin() -> None:
    """J3: query says 9000; what asks for the PIN is open; the first PIN is set without an old."""
    terminal = pinless()
    assert terminal.word("0020000000") == 0x9000
    assert terminal.word("0020000003123456") == 0x6984
    terminal.application("DF01").done("00B2023405")
    assert terminal.word("805E010007123456FF654321") == 0x6A80
    terminal.done("805E010004FF654321")
    assert terminal.word("00B2023405") == 0x6982
    terminal.done("0020000003654321")
    terminal.done("805E010004654321FF")
    assert terminal.word("0020000000") == 0x9000


CHANGES = """
805E010007123456FF654321               | 9000
805E010006123456FF1234                 | 9000
805E010007123456FF12345F               | 9000
805E01000C123456FF1234567812345678     | 9000
805E010007111111FF654321               | 63C5
805E010005123456FF12                   | 6A80
805E010006123456FF123F                 | 6A80
805E010006123456FF12AB                 | 6A80
805E010006123456654321                 | 6A80
805E010004FF654321                     | 6A80
805E0100021234                         | 6700
805E010007123456FF6543                 | 6700
805E010012123456FF1234567812345678123456789012 | 6700
805E000007123456FF654321               | 6A86
005E010007123456FF654321               | 6E00
"""


@pytest.mark.parametrize("line", CHANGES.strip().splitlines())
def test_change_pin(line: str) -> None:
    """J3: at least four digits, packed, an odd one filled with F."""
    command, word = (field.strip() for field in line.split("|"))
    terminal = Terminal()
    before = bytes(terminal.card.memory.cells)
    assert f"{terminal.word(command):04X}" == word
    written = word in ("9000", "63C5")
    assert (bytes(terminal.card.memory.cells) != before) == written


@SHAPES
def test_unblock_and_reload(shape: Shape) -> None:
    """J4: unblock keeps the PIN and fills up its tries; reload sets a new one, or none."""
    terminal = Terminal(shape).environment()
    for _ in range(6):
        terminal.word("0020000003111111")
    assert terminal.word(terminal.secured("84240000", "STKSSSE")) == 0x6982
    terminal.show("PUK")
    assert terminal.word("842400000400000000") == 0x6984
    assert terminal.word(terminal.secured("84240000", "STKSSSE")) == 0x9000
    terminal.done("0020000003123456")
    terminal.done(terminal.secured("84240001", "STKSSSE", bytes.fromhex("12345678")))
    terminal.done("002000000412345678")
    assert terminal.word(terminal.secured("84240001", "STKSSSE", b"\xab\xcd")) == 0x6A80
    terminal.done(terminal.secured("84240001", "STKSSSE"))
    assert terminal.word("0020000000") == 0x9000


def test_wrong_macs_of_unblock_lock_the_puk() -> None:
    """J4: six wrong MACs, then the PUK is gone: 6982 at once, 6983 when shown again."""
    terminal = Terminal().environment().show("PUK")
    for _ in range(6):
        wrong = terminal.secured("84240000", "STKSSSE")[:-1] + b"\0"
        assert terminal.word(wrong) == 0x6988
    assert terminal.word(terminal.secured("84240000", "STKSSSE")) == 0x6982
    assert terminal.word(terminal.authentication("PUK")) == 0x6983


def test_a_key_is_locked_by_wrong_tries() -> None:
    """K5: six wrong authentications lock a key for good, right ones in between fill it up."""
    terminal = Terminal().environment()
    wrong = bytes(16)
    assert terminal.word(terminal.authentication("UKSSSE", wrong)) == 0x63C5
    terminal.show("UKSSSE")
    for left in range(5, -1, -1):
        assert terminal.word(terminal.authentication("UKSSSE", wrong)) == 0x63C0 | left
    assert terminal.word(terminal.authentication("UKSSSE")) == 0x6983


@pytest.mark.parametrize(("name", "where"), [("BK", "SSSE"), ("LKDF04", "DF04")])
def test_keys_of_blocking_never_lock(name: str, where: str) -> None:
    """K5: whoever must stop a card may try as often as need be (card-chip §12.3)."""
    terminal = Terminal().application(where)
    for _ in range(20):
        assert terminal.word(terminal.authentication(name, bytes(16))) == 0x63C6
    terminal.show(name)


SHOWN = """
00820004100000000000000000 | 6700
0082000410{zero}           | 6984
0082000010{zero}           | 6A88
0082000210{zero}           | 6A88
0082007F10{zero}           | 6A88
0082008310{zero}           | 6A88
0082010410{zero}           | 6A86
0082000411{zero}02         | 6A88
"""


@pytest.mark.parametrize("line", SHOWN.strip().splitlines())
def test_external_authentication_refused(line: str) -> None:
    """K5: no challenge, no such key, the reserved key 00, a key of messages, another group."""
    command, word = (field.strip() for field in line.split("|"))
    terminal = Terminal().environment()
    assert f"{terminal.word(command.format(zero='00' * 16)):04X}" == word


def test_a_version_may_be_named() -> None:
    """Card-chip §9.1: the seventeenth byte names the group."""
    terminal = Terminal().environment()
    command = terminal.authentication("UKSSSE")
    assert terminal.word(command[:4] + bytes((17,)) + command[5:] + b"\1") == 0x9000


@SHAPES
def test_three_groups_of_a_key(shape: Shape) -> None:
    """Card-chip §9.1: the first group unless a version is named; each opens with its own key."""
    grouped = replace(shape, key_versions=3)
    terminal = Terminal(grouped, card_from(make(grouped, blank()), Counted())).environment()
    for version in (1, 2, 3):
        key = of_card("UKSSSE", shape.algorithm, area=AREA, historical=HISTORICAL, version=version)
        command = terminal.authentication("UKSSSE", key)
        assert terminal.word(command) == {1: 0x9000, 2: 0x63C5, 3: 0x63C4}[version]
        command = terminal.authentication("UKSSSE", key)
        named = command[:4] + bytes((17,)) + command[5:] + bytes((version,))
        assert terminal.word(named) == 0x9000
    ask = ORIGINAL.hex() * 2
    answers = {terminal.done(f"0088000011{ask}{version:02X}") for version in (1, 2, 3)}
    assert len(answers) == 3
    assert terminal.done(f"0088000010{ask}") == terminal.done(f"0088000011{ask}01")
    assert terminal.word(f"0088000011{ask}04") == 0x6A88


def test_a_challenge_is_good_once_and_in_its_application() -> None:
    """T10: used up by success and by failure, and forgotten when another application comes."""
    terminal = Terminal().environment()
    command = terminal.authentication("UKSSSE")
    terminal.done(command)
    assert terminal.word(command) == 0x6984
    terminal.done("0084000008")
    terminal.application("DF01")
    assert terminal.word("0082000410" + "00" * 16) == 0x6984


def test_the_latest_challenge_counts() -> None:
    """Card-chip §12.4: two are fetched, the second is the session factor."""
    for place, word in ((0, 0x63C5), (1, 0x9000)):
        terminal = Terminal().environment()
        fetched = terminal.done("0084000008"), terminal.done("0084000008")
        own = card_key.session(Algorithm.SM4, terminal.key("UKSSSE"), fetched[place])
        data = card_key.authentication(Algorithm.SM4, own, fetched[0]) + fetched[0]
        assert terminal.word(bytes.fromhex("0082000410") + data) == word


def test_rights_end_with_the_application_and_with_the_power() -> None:
    """K5: keys until another application is chosen, the PIN until power-off."""
    terminal = Terminal().application("DF01").show("RK1DF01")
    terminal.done("00B2023405")
    terminal.application("DF01")
    terminal.done("00B2023405")
    terminal.application("DF02").application("DF01")
    assert terminal.word("00B2023405") == 0x6982
    terminal.show_pin()
    terminal.application("DF02").application("DF01")
    terminal.done("00B2023405")
    terminal.card.power_on()
    assert terminal.application("DF01").word("00B2023405") == 0x6982


def test_the_pin_is_verified_in_any_application() -> None:
    """Card-chip §20: PIN in DF04 without choosing the environment again."""
    terminal = Terminal().application("DF04").show_pin()
    terminal.done("B026000104")


@SHAPES
def test_application_block_is_for_good(shape: Shape) -> None:
    """J5: 9303 to everything until another application; after power-on still 9303."""
    terminal = Terminal(shape).application("DF04")
    assert terminal.word(terminal.secured("841E0001", "STKDF04")) == 0x6982
    terminal.show("LKDF04")
    wrong = terminal.secured("841E0001", "STKDF04")[:-1] + b"\0"
    assert terminal.word(wrong) == 0x6988
    terminal.done(terminal.secured("841E0001", "STKDF04"))
    for command in ("00B2012C00", "0084000008", "0020000003123456", "B026000104", "00A4020002EF05"):
        assert terminal.word(command) == 0x9303
    terminal.environment().done("0084000008")
    for _ in range(2):
        assert terminal.word("00A4000002DF04") == 0x9303
        assert terminal.word("00A4040006D15600000503") == 0x9303
        terminal.application("DF01").done("0084000008")
        terminal.card.power_on()


@SHAPES
def test_card_block_is_for_good(shape: Shape) -> None:
    """J5: 6A81 to every command ever after; out of the environment 6985."""
    terminal = Terminal(shape).application("DF04")
    assert terminal.word("841600000400000000") == 0x6985
    terminal.environment()
    assert terminal.word(terminal.secured("84160000", "STKSSSE")) == 0x6982
    terminal.show("BK")
    terminal.done(terminal.secured("84160000", "STKSSSE"))
    terminal.card.power_on()
    for command in ("00A40000023F00", "0020000000", "00FF0000", "00B2012C00"):
        assert terminal.word(command) == 0x6A81


def test_an_application_without_a_lock_key_cannot_be_blocked() -> None:
    """Card-chip §9.2: in DF01, 83 is UK1DF01 and opens no lock."""
    terminal = Terminal().application("DF01").show("UK1DF01")
    assert terminal.word("841E00010400000000") == 0x6A88


def test_a_clone_has_the_data_and_no_key() -> None:
    """K5, T10: same ATR, same files, and everybody may in; internal authentication tells it."""
    genuine = Terminal(SM4)
    clone = cloned(genuine.card)
    forged = Terminal(SM4, clone)
    assert genuine.card.atr == clone.atr
    for terminal in (genuine, forged):
        terminal.environment()
    assert genuine.done("00B2012C12") == forged.done("00B2012C12")
    assert forged.word("0020000003999999") == 0x9000
    assert forged.word(forged.authentication("UKSSSE")) == 0x9000
    challenge = "0088000010" + ORIGINAL.hex() * 2
    assert genuine.done(challenge) != forged.done(challenge)


def test_a_hundred_clones_are_all_refused() -> None:
    """K5: guessed keys never give the answer that the card's own key gives."""
    genuine = Terminal().environment()
    wanted = genuine.done("0088000010" + ORIGINAL.hex() * 2)
    place = plan(SM4).key("IRK").place + VALUE_AT
    cells = bytearray(make(SM4, blank()))
    same = 0
    for number in range(100):
        cells[place : place + 16] = number.to_bytes(16)
        other = Terminal(SM4, card_from(bytes(cells), Counted())).environment()
        same += other.done("0088000010" + ORIGINAL.hex() * 2) == wanted
    assert same == 0


def test_worn_memory_says_so() -> None:
    """Card-chip §12.2: 6581 where the word is allowed; nothing was changed."""
    terminal = Terminal().application("DF01").show("UK4DF01")
    command = terminal.authentication("UK4DF01")
    terminal.card.memory.worn = "cell"
    before = bytes(terminal.card.memory.cells)
    assert terminal.word("00DC0234052403990102") == 0x6581
    assert terminal.word(command) == 0x6581
    assert terminal.word("0020000003123456") == 0x6A81
    assert bytes(terminal.card.memory.cells) == before


def test_no_key_and_no_pin_in_any_repr() -> None:
    """K3: what a log or a traceback might print holds no secret."""
    card = new_card()
    key = card.key(0x04)
    assert isinstance(key, Key)
    assert key.value.hex() not in repr(key).lower()
    assert str(key.value) not in repr(key)
    told = Blank("990100", bytes(13), pin=Clear("135792"))
    assert "135792" not in repr(told)
    assert len(bytes(card.memory.cells[key.place : key.place + KEY])) == KEY
