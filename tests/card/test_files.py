"""SELECT, READ and UPDATE of the virtual card: every way a record can be meant, and the limits.

L3, C7; card-chip §4, §12.1.
"""

from __future__ import annotations

import pytest

from minka.bench.card_core import Answers, CyclicOne, Traits
from minka.bench.card_keys import Counted
from minka.bench.card_maker import card_from, make
from minka.bench.card_plan import Shape
from minka.chip.filespec import ENVIRONMENT_NAME, specification
from minka.cipher import card_key
from minka.cipher.card_key import Algorithm
from tests.card.terminal import Terminal
from tests.card.world import DES, HISTORICAL, SM4, blank, new_card

SELECTED = """
00A40000023F00                                   | 9000 |
00A4000000                                       | 9000 |
00A40000                                         | 9000 |
00A404000F7378312E73682EC9E7BBE1B1A3D5CF         | 9000 | 6F1C
00A404000F7378312E73682EC9E7BBE1B1A3D5CF00       | 9000 | 6F1C
00A4040006D15600000503                           | 9000 | 6F088406D15600000503
00A4040005D156000005                             | 9000 | 6F088406D15600000500
00A4040205D156000005                             | 9000 | 6F088406D15600000500
00A4000002DF04                                   | 9000 |
00A4000002DF09                                   | 6A82 |
00A4020002EF05                                   | 9000 |
00A4000002EF05                                   | 9000 |
00A4020002EF09                                   | 6A82 |
00A4020002DF01                                   | 6A82 |
00A4040004D1560000                               | 6700 |
00A4040011D15600000500D15600000500D1560000AA     | 6700 |
00A404000ED15600000503                           | 6700 |
00A4010002EF05                                   | 6A86 |
00A4040106D15600000503                           | 6A86 |
00A40000033F0000                                 | 6700 |
80A40000023F00                                   | 6E00 |
00A5000002EF05                                   | 6D00 |
"""


@pytest.mark.parametrize("line", SELECTED.strip().splitlines())
def test_select(line: str) -> None:
    """L3: each way, with its word; only a folder asked for by name says what it is."""
    command, word, answer = (field.strip() for field in line.split("|"))
    data, found = Terminal().send(command)
    assert f"{found:04X}" == word
    assert data.hex().upper().startswith(answer) if answer else not data


def test_partial_names_go_on_with_next() -> None:
    """Card-chip §3.2: one application after another by the ministry's identifier alone."""
    terminal, names = Terminal(), []
    p2 = "00"
    while (answer := terminal.send(f"00A404{p2}05D156000005"))[1] == 0x9000:
        names.append(answer[0][-1])
        p2 = "02"
    assert names == [0, 1, 2, 3, 4]
    assert answer[1] == 0x6A82


def test_fci_by_generation() -> None:
    """Card-chip §3.2: generations 1 and 2 name no algorithm, 3 names SM4."""
    by_name = bytes((0, 0xA4, 4, 0, 15)) + ENVIRONMENT_NAME
    old, new = Terminal(DES).done(by_name), Terminal(SM4).done(by_name)
    assert old.hex().upper() == "6F16840F7378312E73682EC9E7BBE1B1A3D5CFA50388011E"
    assert new.hex().upper() == "6F1C840F7378312E73682EC9E7BBE1B1A3D5CFA50988011E9F0C03860103"


def test_an_area_11_card_names_ssf33_and_refuses_what_needs_it() -> None:
    """K1: SSF33 is not public; files that need no key still read (card-chip §22, 1)."""
    shape = Shape("2.0", Algorithm.SSF33)
    terminal = Terminal(shape, card_from(make(shape, blank()), Counted())).environment()
    assert terminal.done(bytes((0, 0xA4, 4, 0, 15)) + ENVIRONMENT_NAME)[-1] == 2
    assert terminal.word("0088000010" + "00" * 16) == 0x6A81
    terminal.done("0084000008")
    assert terminal.word("0082000410" + "00" * 16) == 0x6A81
    assert terminal.done("00B2072C0B")[2:] == b"M00000019"


RECORDS = """
00B2010540 | 9000 | all seven records of the issuer's file
00B2010500 | 6C40 | its length
00B20105FF | 6C40 | a length that is not it
00B2010640 | 9000 | from the last to the first
00B207050B | 9000 | from the seventh on
00B2010412 | 9000 | by number
00B2030006 | 9000 | by identifier
00B2000012 | 9000 | the first whatever its identifier
00B200010B | 9000 | the last
00B2080400 | 6A83 | no eighth
00B2FF0400 | 6A86 | reserved
00B2010700 | 6A86 | mode 7
00B2000400 | 6A83 | no current record yet
00B2010F00 | 6A86 | mode 7 by short identifier
00B2012C12 | 9000 | by short identifier
00B2014C12 | 6A82 | no such short identifier
00B2013C30 | 6981 | a plain file has no records
00B2090000 | 6A83 | no such identifier here
"""


@pytest.mark.parametrize("line", RECORDS.strip().splitlines())
def test_read_record(line: str) -> None:
    """L3: card-chip §12.1, P2 in all its modes."""
    command, word, _ = (field.strip() for field in line.split("|"))
    terminal = Terminal().environment()
    terminal.done("00A4020002EF05")
    data, found = terminal.send(command)
    assert f"{found:04X}" == word
    assert len(data) == (int(command[8:10], 16) if found == 0x9000 else 0)


def test_the_length_of_the_rest_of_the_file() -> None:
    """A vendor's note (card-chip §4): 91 bytes for all of EF06 on 2.0 and 3.0."""
    terminal = Terminal().environment().show("RKSSSE")
    terminal.done("00A4020002EF06")
    assert len(terminal.done("00B201055B")) == 91


def test_the_pointer_moves_by_identifier_alone() -> None:
    """Card-chip §4: next and previous go from the record read by its identifier."""
    terminal = Terminal().environment()
    terminal.done("00A4020002EF05")
    tags = [terminal.done("00B2030006")[0], terminal.done("00B207040B")[0]]
    tags += [terminal.done("00B200020E")[0], terminal.done("00B2000406".replace("06", "0E"))[0]]
    tags.append(terminal.done("00B2000306")[0])
    assert tags == [3, 7, 4, 4, 3]
    assert terminal.word("00B2010100") == 0x6C12
    assert terminal.word("00B2010200") == 0x6A83


def test_repeated_items_are_found_one_after_another() -> None:
    """Card-chip §4: items that repeat are several records of one tag."""
    terminal = Terminal().application("DF02").show("RK1DF02").show("UK5DF02")
    for place in range(4):
        record = bytes((0x99, 16)) + bytes((place + 1,)) * 16
        terminal.done(bytes((0, 0xDC, place + 1, 0xAC, 18)) + record)
    found = [terminal.done("00B299A812")[2]]
    found += [terminal.done("00B299AA12")[2] for _ in range(3)]
    assert found == [1, 2, 3, 4]
    assert terminal.word("00B299AA12") == 0x6A83
    assert terminal.done("00B299AB12")[2] == 3
    assert terminal.done("00B299A912")[2] == 4


def test_a_ring_keeps_the_newest_first_and_earlier_ones_as_they_were() -> None:
    """C7: five employment records into a ring of four; the first one falls out."""
    terminal = Terminal().application("DF02").show("UK3DF02").show("RK1DF02")
    assert terminal.word("00B2013C55") == 0x6A83
    for number in range(1, 6):
        terminal.done("00DC003B55" + f"{number:02X}" * 0x55)
    assert [terminal.done(f"00B20{n}3C55")[0] for n in range(1, 5)] == [5, 4, 3, 2]
    assert terminal.word("00B2053C55") == 0x6A83
    assert terminal.word("00DC003B54" + "00" * 0x54) == 0x6700
    assert terminal.word("00B2013800") == 0x6A83, "records of a ring have no identifier"


@pytest.mark.parametrize(("trait", "seen"), [(CyclicOne.REPLACES, [2]), (CyclicOne.ADDS, [2, 1])])
def test_quirk_record_one_of_a_ring(trait: CyclicOne, seen: list[int]) -> None:
    """Card-chip §20: drivers write a ring with ``00DC 01 04``; cards differ in what it does."""
    card = new_card(SM4, traits=Traits(cyclic_one=trait))
    terminal = Terminal(SM4, card).application("DF02").show("UK3DF02").show("RK1DF02")
    for number in (1, 2):
        terminal.done("00DC013C55" + f"{number:02X}" * 0x55)
    found = []
    for number in range(1, 5):
        data, word = terminal.send(f"00B20{number}3C55")
        found += [data[0]] if word == 0x9000 else []
    assert found == seen


UPDATES = """
00DC0234052403990102 | 9000 | by number
00DC2430052403990102 | 9000 | by identifier
00DC00300523049901AA | 6A85 | the length is not the record's
00DC0234062403990102 | 6700 | Lc is not the data's
00DC0234052303990102 | 6A85 | a record keeps its tag
00DC2430052303990102 | 6A85 | another tag than asked for
00DC0234072405990102 | 6700 | torn
00DC0235052403990102 | 6A86 | no mode of writing
00DC0237052403990102 | 6A86 | mode 7
00DC02340600990102AA | 6700 | torn again
00DC02340400029901   | 6A85 | no tag
00DC7034037001AA     | 6A84 | appended: the file is full
00DC7030037001AA     | 6A84 | the same by identifier
00DC0264052403990102 | 6A82 | no such file
04DC0234092403990102DEADBEEF | 6984 | secured, no challenge
"""


@pytest.mark.parametrize("line", UPDATES.strip().splitlines())
def test_update_record(line: str) -> None:
    """C2: each refusal with its word, and nothing written by it."""
    command, word, _ = (field.strip() for field in line.split("|"))
    terminal = Terminal().application("DF01").show("UK4DF01")
    before = bytes(terminal.card.memory.cells)
    assert f"{terminal.word(command):04X}" == word
    assert (bytes(terminal.card.memory.cells) != before) == (word == "9000")


def test_a_longer_record_when_there_is_room() -> None:
    """Card-chip §7: a rewritten item may be longer; others move up and stay whole."""
    shape = Shape("1.0", Algorithm.TRIPLE_DES, spare=8)
    terminal = Terminal(shape, card_from(make(shape, blank(contents={})), Counted()))
    terminal.application("DF02").show("UK2DF02")
    terminal.done("00DC4B30074B053031323334")
    file = specification("1.0").file("DF02EF06")
    after = terminal.done(bytes((0, 0xB2, 0x4C, 0x30, file.item(0x4C).record_bytes)))
    assert after[:2] == bytes((0x4C, file.item(0x4C).length))
    assert terminal.done("00B24B3007") == bytes.fromhex("4B053031323334")
    tight = Shape("1.0", Algorithm.TRIPLE_DES)
    other = Terminal(tight, card_from(make(tight, blank(contents={})), Counted()))
    other.application("DF02").show("UK2DF02")
    assert other.word("00DC4B30074B053031323334") == 0x6A84


def test_update_under_a_mac() -> None:
    """Card-chip §12.2: CLA 04 carries a MAC under the folder's key of messages."""
    terminal = Terminal().application("DF01").show("UK4DF01").show_pin()
    key = terminal.key("STKDF01")
    own = card_key.session(Algorithm.SM4, key, terminal.done("0084000008"))
    front = bytes.fromhex("04DC0234092403990107")
    command = front + card_key.mac(Algorithm.SM4, own, front)
    assert terminal.word(command) == 0x9000
    assert terminal.done("00B2023405")[-1] == 7
    terminal.done("0084000008")
    assert terminal.word(command) == 0x6988


PLAIN = """
00B0880004     | 6982 | the photograph needs RKSSSE
00B0000004     | 6986 | no file chosen
00B0850004     | 6981 | records cannot be read so
00B09E0004     | 6A82 | no such short identifier
00B0800004     | 6A86 | short identifier nought
00B0A80004     | 6A86 | bits that are reserved
"""


@pytest.mark.parametrize("line", PLAIN.strip().splitlines())
def test_read_binary_refused(line: str) -> None:
    """C8: each with its word."""
    command, word, _ = (field.strip() for field in line.split("|"))
    assert f"{Terminal().environment().word(command):04X}" == word


def test_a_photograph_of_4096_bytes() -> None:
    """Card-chip §18.2: pieces of 255 bytes from offset 0; 256 come back at once; past it 6B00."""
    terminal = Terminal().environment().show("UKSSSE").show("RKSSSE")
    photo = bytes(n % 253 for n in range(4096))
    terminal.done("00A4020002EF08")
    for offset in range(0, 4096, 255):
        piece = photo[offset : offset + 255]
        terminal.done(bytes((0, 0xD6)) + offset.to_bytes(2) + bytes((len(piece),)) + piece)
    back = b"".join(terminal.done(bytes((0, 0xB0, page, 0, 0))) for page in range(16))
    assert back == photo
    assert terminal.word("00B0100001") == 0x6B00
    assert terminal.word("00B00FF020") == 0x6C10
    assert terminal.word("00D60FF0" + "20" + "00" * 32) == 0x6B00


def test_answers_that_wait() -> None:
    """Card-chip §3.2, §20: on T=0 SELECT says 61 1E, GET RESPONSE fetches, a wrong Le 6Cxx."""
    card = new_card(SM4, traits=Traits(answers=Answers.WAITING))
    terminal = Terminal(SM4, card)
    by_name = bytes((0, 0xA4, 4, 0, 15)) + ENVIRONMENT_NAME
    assert terminal.word(by_name) == 0x611E
    assert terminal.word("00C0000000") == 0x6C1E
    assert terminal.word("00C00000FF") == 0x6C1E
    first, word = terminal.send("00C0000010")
    assert word == 0x610E
    assert len(first + terminal.done("00C000000E")) == 0x1E
    assert terminal.word("00C0000001") == 0x6F00
    assert terminal.word(by_name) == 0x611E
    terminal.done("00A40000023F00")
    assert terminal.word("00C000001E") == 0x6F00, "another command lets it go"


def test_atr() -> None:
    """Card-chip §2: thirteen historical bytes, direct convention, T=0, no TCK."""
    assert new_card().atr == bytes.fromhex("3B6D0000") + HISTORICAL
