"""A card is opened, proven, unlocked and read (I5, K2; card-chip §12.3 to §12.5)."""

from __future__ import annotations

import pytest

from minka.bench.card_core import Honesty, Traits
from minka.chip import gate as gates
from minka.chip.contents import Filling
from minka.chip.faults import CardFault, CardReason
from minka.chip.fci import ChipAlgorithm, Generation
from minka.chip.filespec import Structure, specification
from minka.chip.reading import (
    open_card,
    prove_card,
    read_card_file,
    read_identity,
    read_item,
    read_log,
    same_card,
)
from minka.chip.rules import Free, Key, Pin, PinAnd, PinOr
from minka.chip.session import BothOrder, CardSession, CardSettings, Gate
from minka.cipher.card_key import Algorithm
from minka.kit.secret import Clear
from tests.chip.cards import AREA, CODE, NUMBER, PIN, RANDOM, SoftKeys, slot
from tests.chip.scripted import HISTORICAL, Scripted
from tests.chip.test_items import filled, same

GENERATIONS = [
    pytest.param("1.0", Algorithm.TRIPLE_DES, Generation.FIRST, id="first"),
    pytest.param("2.0", Algorithm.TRIPLE_DES, Generation.SECOND, id="second"),
    pytest.param("3.0", Algorithm.SM4, Generation.THIRD, id="third"),
]


@pytest.mark.parametrize(("version", "algorithm", "generation"), GENERATIONS)
def test_a_card_is_told_apart(version: str, algorithm: Algorithm, generation: Generation) -> None:
    """Algorithm by the FCI, generation by tag 03, number and area by EF05."""
    session = open_card(slot(version, algorithm))
    assert session.generation is generation
    assert int(session.algorithm) == int(algorithm)
    assert session.card_number == NUMBER
    assert session.identification.hex().upper() == CODE
    assert (session.area, session.historical) == (AREA, HISTORICAL)
    assert session.factor == HISTORICAL[5:]


@pytest.mark.parametrize(("version", "algorithm", "generation"), GENERATIONS)
def test_who_the_holder_is(version: str, algorithm: Algorithm, generation: Generation) -> None:
    """Name, number and sex in plain words; generation 3 only with its key."""
    session = open_card(slot(version, algorithm))
    fields = read_identity(session, Gate(SoftKeys(algorithm)))
    said = {field.item.tag: field.say() for field in fields}
    assert said[0x09] == "测试甲"
    assert said[0x08] == "990101199001010019"
    assert said[0x0A] == "男性"
    assert said[0x06] == "2034-01-01"
    assert 0x4E not in said


def test_third_generation_hides_the_name() -> None:
    """Without RKSSSE the holder's file stays shut, and the sentence names the key."""
    session = open_card(slot())
    with pytest.raises(CardFault) as caught:
        read_identity(session, Gate())
    assert caught.value.reason is CardReason.KEY_NEEDED
    assert "RKSSSE" in caught.value.say()


@pytest.mark.parametrize(("version", "algorithm", "generation"), GENERATIONS)
def test_a_true_card_proves_itself(
    version: str, algorithm: Algorithm, generation: Generation
) -> None:
    """Internal authentication with random bytes of the terminal's own (K2)."""
    prove_card(open_card(slot(version, algorithm)), Gate(SoftKeys(algorithm)), random=RANDOM)


def test_a_copied_card_is_found_out() -> None:
    """A clone holds every file, lets everybody in, and has not the issuer's key (K2)."""
    session = open_card(slot(traits=Traits(honesty=Honesty.CLONE), keys_of="990200"))
    with pytest.raises(CardFault) as caught:
        prove_card(session, Gate(SoftKeys()), random=RANDOM)
    assert caught.value.reason is CardReason.NOT_GENUINE
    with pytest.raises(CardFault) as caught:
        prove_card(session, Gate(), random=RANDOM)
    assert caught.value.reason is CardReason.KEY_NEEDED
    with pytest.raises(ValueError, match="sixteen"):
        prove_card(session, Gate(SoftKeys()), random=b"")


def everything(version: str) -> dict[str, Filling]:
    """Every file filled, as far as somebody may write it."""
    return {
        file.name: {item.mark: filled(item) for item in file.items}
        for file in specification(version).files()
        if file.application not in ("DF05", "DF06") and file.name[:7] != "SSSEEF0"
    }


@pytest.mark.parametrize(("version", "algorithm", "generation"), GENERATIONS)
def test_every_file_is_read_under_its_rule(
    version: str, algorithm: Algorithm, generation: Generation
) -> None:
    """With PIN and keys every item comes back; without, every file with a rule stays shut (I5)."""
    card = slot(version, algorithm, everything(version))
    for file in specification(version).files():
        if file.application in ("DF05", "DF06"):
            continue
        session = open_card(card)
        fields = read_card_file(session, file.name, Gate(SoftKeys(algorithm), PIN))
        assert fields or file.structure is Structure.CYCLIC
        if file.application != "SSSE" and version != "1.0":
            assert all(same(field) for field in fields), file.name
        card.reset()
        if not isinstance(file.read, Free):
            with pytest.raises(CardFault) as caught:
                read_card_file(open_card(card), file.name, Gate())
            assert caught.value.reason in (CardReason.PIN_NEEDED, CardReason.KEY_NEEDED)
        card.reset()


@pytest.mark.parametrize(
    ("name", "rule", "pin", "key"),
    [
        ("DF04EF08", Pin, "opens", "shut"),
        ("SSSEEF06", Key, "shut", "opens"),
        ("DF04EF05", PinOr, "opens", "opens"),
        ("DF04EF06", PinAnd, "shut", "shut"),
    ],
)
def test_what_opens_a_file(name: str, rule: type, pin: str, key: str) -> None:
    """The PIN alone, a key alone, either, both."""
    assert isinstance(specification("3.0").file(name).read, rule)
    for gate, wanted in ((Gate(pin=PIN), pin), (Gate(SoftKeys()), key)):
        session = open_card(slot())
        if wanted == "opens":
            read_card_file(session, name, gate)
            continue
        with pytest.raises(CardFault):
            read_card_file(session, name, gate)
    read_card_file(open_card(slot()), name, Gate(SoftKeys(), PIN))


@pytest.mark.parametrize("order", list(BothOrder))
def test_pin_and_key_in_either_order(order: BothOrder) -> None:
    """No open source says which comes first: it is a setting (card-chip §22)."""
    session = open_card(slot(), CardSettings(both=order))
    fields = read_card_file(session, "DF04EF06", Gate(SoftKeys(), PIN))
    assert [field.item.tag for field in fields] == [0x90, 0x92, 0x93]


def test_a_key_is_not_asked_for_twice() -> None:
    """A key holds while its application is current; the PIN until power-off."""
    keys = SoftKeys(only=("RK1DF01",))
    session = open_card(slot())
    for name in ("DF01EF05", "DF01EF06", "DF01EF15"):
        read_card_file(session, name, Gate(keys))
    assert keys.asked == ["RK1DF01", "RK1DF01"]  # Once whether it is there, once to use it.
    read_card_file(session, "SSSEEF05", Gate(keys))
    read_card_file(session, "DF01EF05", Gate(keys))
    assert len(keys.asked) == 4
    read_card_file(session, "DF01EF05", Gate(pin=PIN))


def test_a_card_without_pin_asks_for_none() -> None:
    """VERIFY without data says 9000: files under the PIN are free then (card-chip §12.5)."""
    session = open_card(slot(pin=Clear("")))
    assert gates.tries_of_pin(session) is None
    assert read_log(session, Gate()) == ()


def test_one_item() -> None:
    """A single item by its tag."""
    session = open_card(slot())
    field = read_item(session, "SSSEEF06", 0x0D, Gate(SoftKeys()))
    assert field.say() == "1990-01-01"
    with pytest.raises(CardFault) as caught:
        read_item(session, "SSSEEF06", 0x77, Gate(SoftKeys()))
    assert caught.value.reason is CardReason.NO_SUCH_RECORD
    with pytest.raises(CardFault) as caught:
        read_item(session, "DF09EF06", 0x77, Gate(SoftKeys()))
    assert caught.value.reason is CardReason.NO_SUCH_FILE


def test_the_same_card() -> None:
    """Identification code and number are read again from the chip (X32)."""
    session = open_card(slot())
    same_card(session, bytes.fromhex(CODE), NUMBER)
    for code, number in ((bytes(16), NUMBER), (bytes.fromhex(CODE), "M00000027")):
        with pytest.raises(CardFault) as caught:
            same_card(session, code, number)
        assert caught.value.reason is CardReason.OTHER_CARD


def test_sm4_is_not_taken_for_des() -> None:
    """The FCI is read as BER: 9F0C 03 86 01 03 (card-chip §20)."""
    assert open_card(slot()).algorithm is ChipAlgorithm.SM4


def script_for(*lines: str) -> CardSession:
    """An open card that answers these lines from now on."""
    session = open_card(slot())
    session.shown |= {"PIN", "RKSSSE"}
    session.connection = Scripted(*lines)
    return session


@pytest.mark.parametrize(
    ("name", "lines", "reason"),
    [
        ("SSSEEF08", ["00A4020002EF08 -> 6A82"], CardReason.NO_SUCH_FILE),
        (
            "SSSEEF06",
            ["00A4020002EF06 -> 9000", "00B201055B -> 6982"],
            CardReason.NOT_ALLOWED,
        ),
        (
            "SSSEEF06",
            ["00A4020002EF06 -> 9000", "00B201055B -> 6A86", "00B2010414 -> 6581"],
            CardReason.MEMORY,
        ),
        (
            "SSSEEF07",
            ["00A4020002EF07 -> 9000", "00B00000F0 -> 6F00"],
            CardReason.UNEXPECTED,
        ),
        ("DF05EF05", ["00A4000002DF05 -> 6A82"], CardReason.NO_SUCH_FILE),
        ("DF04EF05", ["00A4000002DF04 -> 9303"], CardReason.APPLICATION_BLOCKED),
        (
            "DF04EF05",
            ["00A4000002DF04 -> 6A82", "00A4040006D15600000503 -> 9303"],
            CardReason.APPLICATION_BLOCKED,
        ),
    ],
)
def test_faults_while_reading(name: str, lines: list[str], reason: CardReason) -> None:
    """Each bad word on the way is one named fault, and the file is in its sentence."""
    session = script_for(*lines)
    with pytest.raises(CardFault) as caught:
        read_card_file(session, name, Gate())
    assert caught.value.reason is reason
    if reason is CardReason.NO_SUCH_FILE:
        assert name[:4] in caught.value.say()


def test_a_short_photograph() -> None:
    """A file that ends early is read as far as it goes, however the card says so."""
    for ending in ("6B00", "9000"):
        session = script_for(
            "00A4020002EF07 -> 9000", f"00B00000F0 -> {'AA' * 240}9000", f"00B000F0F0 -> {ending}"
        )
        (field,) = read_card_file(session, "SSSEEF07", Gate())
        assert field.reading.raw == b"\xaa" * 240


def test_a_card_that_cuts_the_answer() -> None:
    """Half a record in "all records" is no record: they are read one by one then."""
    session = script_for(
        "00A4020002EF06 -> 9000",
        "00B201055B -> 0812399000",
        "00B2010414 -> 0801399000",
        "00B2020420 -> 6A83",
    )
    (field,) = read_card_file(session, "SSSEEF06", Gate())
    assert field.reading.value == "9"


def test_a_card_that_gives_one_record_for_all() -> None:
    """Asked for all, some answer the first alone: the others are read by number."""
    session = script_for(
        "00A4020002EF06 -> 9000",
        "00B201055B -> 0801399000",
        "00B2020420 -> 0901419000",
        "00B2030416 -> 6A83",
    )
    fields = read_card_file(session, "SSSEEF06", Gate())
    assert [f.reading.value for f in fields] == ["9", "A"]


def test_a_card_without_its_identification_code_is_not_opened() -> None:
    """EF05 without tag 01 names no card."""
    card = slot(more={"SSSEEF05": {}})
    assert open_card(card).identification == b"\xff" * 16
    script = Scripted(
        "00A40000023F00 -> 9000",
        "00A404000F7378312E73682EC9E7BBE1B1A3D5CF -> 9000",
        "00A4020002EF05 -> 9000",
        "00B2010540 -> 0201339000",
        "00B2020403 -> 6A83",
    )
    with pytest.raises(CardFault) as caught:
        open_card(script)
    assert caught.value.reason is CardReason.TORN_DATA
