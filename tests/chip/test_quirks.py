"""Real cards and drivers do these things (card-chip §20): one test each."""

from __future__ import annotations

from datetime import date

import pytest

from minka.bench.card_core import Answers, CyclicOne, Traits
from minka.chip import contents, tlv
from minka.chip import gate as gates
from minka.chip.apdu import Command, send
from minka.chip.faults import CardFault, CardReason
from minka.chip.fci import ChipAlgorithm, Generation, parse_fci
from minka.chip.filespec import specification
from minka.chip.reading import open_card, read_card_file, read_identity, read_item, read_log
from minka.chip.session import AppendBy, CardSession, CardSettings, Gate
from minka.chip.values import Remark, Value
from minka.chip.writing import append
from minka.cipher.card_key import Algorithm
from tests.chip.cards import HOLDER, NUMBER, PIN, SoftKeys, issuer, slot
from tests.chip.scripted import Scripted

SSSE = "00A404000F7378312E73682EC9E7BBE1B1A3D5CF"
SECOND = "6F16840F7378312E73682EC9E7BBE1B1A3D5CFA50388011E"
CODE = "0110990100D15600000500000001FFFFFFFF"
TAIL = "0201330304322E3000040C915600000299010099010001050420240101060420340101"
ISSUER = CODE + TAIL + "07094D3030303030303139"


def scripted(*lines: str, issued: str = ISSUER, fci: str = SECOND) -> Scripted:
    """A card as far as its issuer's file, and then these lines."""
    return Scripted(
        "00A40000023F00 -> 9000",
        f"{SSSE} -> {fci}9000",
        "00A4020002EF05 -> 9000",
        f"00B2010540 -> {issued}9000",
        *lines,
    )


def opened(card: Scripted) -> CardSession:
    """The card, opened."""
    return open_card(card)


@pytest.mark.parametrize("word", ["9000", "6A82", "6A81", "6E00"])
def test_the_master_file_comes_first_and_its_word_is_ignored(word: str) -> None:
    """One maker's cards need it; others refuse it."""
    card = scripted()
    card.lines[0] = f"00A40000023F00 -> {word}"
    assert opened(card).card_number == NUMBER
    card.done()


def test_select_answers_sixty_one() -> None:
    """T=0: the FCI waits for GET RESPONSE; an answer at once is taken too."""
    card = scripted()
    card.lines[1:2] = [f"{SSSE} -> 6118", f"00C0000018 -> {SECOND}9000"]
    assert opened(card).fci == parse_fci(bytes.fromhex(SECOND))
    card.done()
    assert opened(scripted()).fci == opened(scripted()).fci


def test_a_card_that_lets_everything_wait() -> None:
    """Every answer with data by 61xx: the whole session goes all the same."""
    session = open_card(slot(traits=Traits(answers=Answers.WAITING)))
    assert read_identity(session, Gate(SoftKeys()))
    gates.verify(session, PIN)
    assert read_log(session, Gate()) == ()


def test_a_record_with_le_00() -> None:
    """6Cxx names the length, and the record is asked for again."""
    card = slot()
    open_card(card)
    assert card.transmit(bytes.fromhex("00B2010400")).hex() == "6c12"
    answer = send(card, Command(0x00, 0xB2, 1, 4, expected=256))
    assert answer.data.hex().upper() == CODE


def test_a_reader_that_returns_the_whole_rest() -> None:
    """Asked for one record, some readers give all that follow: each is told by its own length."""
    card = scripted()
    card.lines[3] = "00B2010540 -> 6A86"
    rest = bytes.fromhex(ISSUER)
    place = 0
    for number in range(1, 8):
        length = 2 + rest[place + 1]
        card.lines.append(f"00B2{number:02X}04{length:02X} -> {rest[place:].hex()}9000")
        place += length
    card.lines.append("00B2080400 -> 6A83")
    session = opened(card)
    card.done()
    assert session.card_number == NUMBER
    assert session.identification.hex().upper() == CODE[4:]
    assert [f.item.tag for f in session.issuer_fields] == list(range(1, 8))


def test_a_version_with_a_zero_byte() -> None:
    """ "2.0" and 00: the second generation."""
    session = opened(scripted())
    assert session.generation is Generation.SECOND
    (version,) = [f for f in session.issuer_fields if f.item.tag == 0x03]
    assert version.reading.value == "2.0"


def test_a_year_in_characters() -> None:
    """A date written as "2012" is shown as it is, with a remark, and nothing falls over."""
    issued = ISSUER.replace("050420240101", "050432303132")
    session = opened(scripted(issued=issued))
    (day,) = [f for f in session.issuer_fields if f.item.tag == 0x05]
    assert (day.reading.value, day.reading.remark) == ("2012", Remark.ASCII_DIGITS)
    assert day.say() == "2012"


def test_a_number_of_digits_with_a_wrong_check() -> None:
    """All digits, wrong check character, no authentication code: read, with a hint."""
    issued = ISSUER.replace("4D3030303030303139", "303132333435363739")
    session = opened(scripted(issued=issued))
    assert session.card_number == "012345679"
    (number,) = [f for f in session.issuer_fields if f.item.tag == 0x07]
    assert number.reading.remark is Remark.CHECK
    assert session.identification[-4:] == b"\xff" * 4


def test_empty_birthplace_group_and_birth_date() -> None:
    """FF throughout is not filled in."""
    file = specification("2.0").file("SSSEEF06")
    records = [b"\x0b\x01\xff", b"\x0c\x03" + b"\xff" * 3, b"\x0d\x04" + b"\xff" * 4]
    fields = contents.read_file(file, records)
    assert [f.reading.remark for f in fields] == [Remark.EMPTY] * 3


def test_a_cyclic_file_written_by_number() -> None:
    """00DC 01 04 in place of "previous": a setting; without it the standard's command is sent."""
    record: dict[str, Value] = {"#1": "010", "#2": date(2024, 1, 1), "#5": "990101"}
    for how, head in ((AppendBy.NUMBER_ONE, "00DC0104"), (AppendBy.PREVIOUS, "00DC0003")):
        session = open_card(
            slot(traits=Traits(cyclic_one=CyclicOne.ADDS)), CardSettings(append=how)
        )
        session.enter("DF02")
        session.shown.add("UK6DF02")
        session.connection = script = Scripted("00A4020002EF16 -> 9000", f"{head}* -> 9000")
        append(session, "DF02EF16", record, Gate())
        script.done()


def test_short_digits_filled_with_zeros() -> None:
    """Inside an item of items a driver fills with 00: digits come, and a register can be compared.

    The comparison says "written otherwise" (see the profile's tests)."""
    file = specification("3.0").file("DF01EF15")
    inner = tlv.record(0x57, b"203") + tlv.record(0x58, b"\x08\x09\x00") + tlv.record(0x59, b"A")
    (field,) = contents.read_file(file, [tlv.record(0x40, inner)])
    assert [part.reading.value for part in field.parts] == ["203", "080900", "A"]


def test_sm4_is_found_where_a_driver_misses_it() -> None:
    """9F0C 03 86 01 03 does not hold the bytes 9F0C86; as BER it is there."""
    raw = bytes.fromhex("6F1C840F7378312E73682EC9E7BBE1B1A3D5CFA50988011E9F0C03860103")
    assert bytes.fromhex("9F0C86") not in raw
    assert parse_fci(raw).algorithm is ChipAlgorithm.SM4


def test_the_order_of_the_challenges_is_not_the_drivers() -> None:
    """With factor and original exchanged a real card never opens; ours opens at once."""
    session = open_card(slot())
    keys = SoftKeys()
    found = gates.external_challenges(session)
    authenticator = keys.external("RKSSSE")
    assert authenticator is not None
    exchanged = authenticator(found.original, found.factor)
    with pytest.raises(CardFault) as caught:
        gates.show_key(session, "RKSSSE", exchanged, found.factor)
    assert caught.value.reason is CardReason.KEY_REFUSED
    gates.authenticate(session, "RKSSSE", Gate(keys))


def test_answers_of_256_bytes_and_names_outside_gb_2312() -> None:
    """A terminal takes 256 bytes at once, and 镕 is in GBK alone."""
    card = Scripted(f"00B0000000 -> {'5A' * 256}9000")
    assert len(send(card, Command(0x00, 0xB0, expected=256)).data) == 256
    with pytest.raises(UnicodeEncodeError):
        "朱镕囍".encode("gb2312")
    session = open_card(slot(more={"SSSEEF06": {**HOLDER, "09": "朱镕囍"}}))
    assert read_item(session, "SSSEEF06", 0x09, Gate(SoftKeys())).say() == "朱镕囍"


def test_the_pin_in_the_medical_application() -> None:
    """VERIFY works without going back to the environment, and the environment keeps it."""
    session = open_card(slot())
    session.enter("DF04")
    gates.verify(session, PIN)
    assert read_log(session, Gate()) == ()
    assert read_card_file(session, "DF01EF05", Gate())


def test_a_card_of_the_bank_first() -> None:
    """Its master file answers with the bank's name; ours is found by name all the same."""
    card = scripted()
    card.lines[0] = "00A40000023F00 -> 6F10840E315041592E5359532E44444630319000"
    assert opened(card).generation is Generation.SECOND


@pytest.mark.parametrize(
    ("master", "answer", "reason"),
    [
        ("9000", "6A82", CardReason.NOT_OURS),
        ("9000", "6A81", CardReason.NOT_OURS),
        ("6A81", "6A81", CardReason.CARD_BLOCKED),
        ("9000", "9303", CardReason.APPLICATION_BLOCKED),
        ("9000", "01029000", CardReason.NOT_OURS),
    ],
)
def test_foreign_and_blocked_cards(master: str, answer: str, reason: CardReason) -> None:
    """What is no card of ours says so in a sentence."""
    card = scripted()
    card.lines[:2] = [f"00A40000023F00 -> {master}", f"{SSSE} -> {answer}"]
    with pytest.raises(CardFault) as caught:
        opened(card)
    assert caught.value.reason is reason


def test_a_foreign_answer_to_reset() -> None:
    """Thirteen historical bytes, or it is not ours; no table of answers is needed."""
    with pytest.raises(CardFault) as caught:
        open_card(Scripted(atr=bytes.fromhex("3B650000B0450001")))
    assert caught.value.reason is CardReason.NOT_OURS


def test_area_11_means_ssf33() -> None:
    """Beijing's cards name no algorithm: nothing of ours computes it, the machine must."""
    session = open_card(
        slot("2.0", Algorithm.SSF33, {"SSSEEF05": {**issuer("2.0"), "01": "1101" + CODE[8:]}})
    )
    assert session.algorithm is ChipAlgorithm.SSF33
