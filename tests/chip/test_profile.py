"""What goes onto a card: the order, the bytes, and what is printed (C1; card-chip §18)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from time import process_time

import pytest

from minka.chip import contents, profile, tlv
from minka.chip.apdu import parse_command
from minka.chip.compare import Difference, Face, difference, face_faults, unusual
from minka.chip.contents import Field
from minka.chip.faults import CardFault, CardReason
from minka.chip.filespec import specification
from minka.chip.numbers import IdentificationCode, institution_number
from minka.chip.personalize import personalize, read_back
from minka.chip.profile import CardProfile, Fill, Form, expected_records, script, scripts, template
from minka.chip.reading import open_card, read_card_file, read_identity
from minka.chip.session import Gate
from minka.chip.values import Remark, ValueFault
from minka.kit.secret import Clear
from tests.chip.cards import NUMBER, PIN, SoftKeys, slot

ALL = Gate(SoftKeys(), PIN)
CARD = CardProfile(
    identification=bytes(IdentificationCode("990100", 1)),
    institution=institution_number("990100", "990100", 1),
    issued_on=date(2024, 1, 1),
    valid_until=date(2034, 1, 1),
    card_number=NUMBER,
    person_number=Clear("990101199001010019"),
    name=Clear("测试甲"),
    sex="1",
    ethnic_group="01",
    born_on=date(1990, 1, 1),
    address=Clear("测试市甲区乙路一号"),
    address_area="990100",
    phone=Clear("13800000000"),
    employer_code="000000000",
    nationality="CHN",
    standing="1",
)
FACE = Face(CARD.person_number, CARD.name, CARD.sex, NUMBER)


def test_the_order_of_a_kiosk() -> None:
    """Files, keys and record numbers of card-chip §18.2."""
    steps = script(replace(CARD, photo=b"\x01" * 600), template())
    assert [(step.file, step.key) for step in steps] == [
        ("SSSEEF06", "UKSSSE"),
        ("SSSEEF05", "UKSSSE"),
        ("SSSEEF08", "UKSSSE"),
        ("DF01EF06", "UK4DF01"),
        ("DF01EF09", "UK2DF01"),
        ("DF01EF0A", "UK5DF01"),
        ("DF01EF07", "UK2DF01"),
    ]
    heads = [[command[:6].hex().upper() for command in step.commands] for step in steps]
    assert heads[0][:2] == ["00DC01041408", "00DC02042009"]
    assert [head[4:6] + head[10:] for head in heads[0]] == [
        *("0108", "0209", "034E", "040A", "050B", "060C", "070D"),
    ]
    assert [head[4:6] + head[10:] for head in heads[1]] == [f"0{n}0{n}" for n in range(1, 8)]
    assert heads[2] == ["00D60000FF01", "00D600FFFF01", "00D601FE5A01"]
    assert heads[3:] == [
        ["00DC01045223", "00DC02040524", "00DC03041128"],
        ["00DC02040B30"],
        ["00DC01040537"],
        ["00DC01040329"],
    ]


def test_bytes_of_the_pattern_are_those_of_the_items() -> None:
    """The compiled pattern writes what the plain codec writes, record by record."""
    for fill in Fill:
        for file, records in expected_records(script(CARD, template("3.0", fill))).items():
            filling = {
                found.item.mark: found.reading.value
                for found in contents.read_file(specification("3.0").file(file), records)
            }
            whole = contents.file_records(specification("3.0").file(file), filling)
            assert set(records) <= set(whole), file
            assert fill is Fill.GIVEN or records == whole


def test_whole_files_in_memory() -> None:
    """The pattern of records gives each file as the plain codec has it, for a batch in memory."""
    made = template("3.0", Fill.WHOLE, Form.RECORDS)
    images = made.images(made.fill(CARD))
    written = expected_records(script(CARD, template("3.0", Fill.WHOLE)))
    assert images == {file: b"".join(records) for file, records in written.items()}
    assert all(len(image) == specification("3.0").file(f).size for f, image in images.items())


def test_personalized_and_read_back() -> None:
    """A card gets its script, is read back, and says who the holder is (C1)."""
    session = open_card(slot(more={"SSSEEF06": {}}))
    more: dict[str, contents.Filling] = {
        "DF04EF05": {"81": "31001000", "84": "990100", "8F": "1"},
        "DF03EF07": {"70": "110", "73": date(2024, 6, 1)},
    }
    steps = script(replace(CARD, photo=bytes(range(256)) * 4, more=more), template())
    personalize(session, steps, ALL)
    read_back(session, steps, ALL)
    session = open_card(session.connection)
    fields = read_identity(session, ALL)
    assert face_faults(fields, FACE, FACE) == ()
    said = {found.item.tag: found.say() for found in read_card_file(session, "DF04EF05", ALL)}
    assert said[0x81].startswith("职工基本医疗保险")


def test_a_card_that_did_not_keep_it_is_not_handed_over() -> None:
    """One byte otherwise on the chip is found by reading back (C1)."""
    session = open_card(slot())
    steps = script(CARD, template())
    personalize(session, steps, ALL)
    other = script(replace(CARD, sex="2"), template())
    with pytest.raises(CardFault) as caught:
        read_back(session, other, ALL)
    assert caught.value.reason is CardReason.NOT_WRITTEN
    assert caught.value.facts == {"file": "SSSEEF06"}


def test_a_photograph_is_compared_too() -> None:
    """The picture is read back from its first byte to its last."""
    session = open_card(slot())
    steps = script(replace(CARD, photo=b"\x01\x02" * 300), template())
    personalize(session, steps, ALL)
    read_back(session, steps, ALL)
    with pytest.raises(CardFault):
        read_back(session, script(replace(CARD, photo=b"\x01\x03" * 300), template()), ALL)


def test_a_long_name_is_split_between_characters() -> None:
    """31 bytes and more go on in tag 4E, never in the middle of a character."""
    name = "阿卜杜热合曼·买买提明·艾力江别克"
    steps = script(replace(CARD, name=Clear(name)), template())
    records = expected_records(steps)["SSSEEF06"]
    head, rest = records[1][2:], records[2][2:]
    assert len(head) == 30
    assert head.rstrip(b"\0").decode("gbk") + rest.rstrip(b"\0").decode("gbk") == name
    session = open_card(slot())
    personalize(session, steps, ALL)
    said = {found.item.tag: found.say() for found in read_identity(session, ALL)}
    assert said[0x09] == name


@pytest.mark.parametrize(
    "broken",
    [
        {"name": Clear("\U00020bb7")},
        {"name": Clear("测" * 26)},
        {"person_number": Clear("9" * 19)},
        {"address_area": "99010"},
        {"address_area": "9901001"},
        {"ethnic_group": "x"},
        {"identification": b"\x99"},
        {"photo": bytes(4097)},
        {"more": {"DF04EF08": {}}},
    ],
)
def test_what_does_not_fit_is_refused(broken: dict[str, object]) -> None:
    """Nothing is cut, and no refusal prints the value."""
    if broken == {"address_area": "99010"}:
        assert script(replace(CARD, address_area="99010"), template())
        return
    with pytest.raises(ValueFault) as caught:
        script(replace(CARD, **broken), template())  # type: ignore[arg-type]
    assert "9901" not in str(caught.value)


def test_commands_are_whole() -> None:
    """Each cut of the pattern is one command whose lengths agree."""
    for step in script(CARD, template("3.0", Fill.WHOLE)):
        for command in step.commands:
            (found,) = tlv.records(parse_command(command).data)
            assert specification("3.0").file(step.file).item(found.tag).length == len(found.value)


def test_a_batch_is_fast() -> None:
    """Filling and cutting take well under 50 µs a card; ten times that fails on any machine."""
    cards = [replace(CARD, card_number=f"M{n:07d}9") for n in range(500)]
    made = template()
    began = process_time()
    assert sum(1 for _ in scripts(cards, made)) == 500
    assert (process_time() - began) / 500 < 0.000_5


def fields_of(values: contents.Filling) -> tuple[Field, ...]:
    """Holder's fields with these values."""
    file = specification("3.0").file("SSSEEF06")
    return contents.read_file(file, contents.file_records(file, values))


HELD = {"08": "990101199001010019", "09": "测试甲", "0A": "1"}


@pytest.mark.parametrize(
    ("values", "printed", "faults"),
    [
        ({}, {}, ()),
        ({"09": "测试乙"}, {}, (("name", Difference.DIFFERENT),)),
        ({"0A": None}, {}, (("sex", Difference.NOT_ON_CARD),)),
        ({}, {"sex": "2"}, (("sex", Difference.DIFFERENT),)),
        (
            {"08": "990101199001010027"},
            {"name": Clear("测试丙")},
            (("person_number", Difference.DIFFERENT), ("name", Difference.DIFFERENT)),
        ),
    ],
)
def test_face_register_and_chip(
    values: dict[str, str], printed: dict[str, Clear], faults: tuple[tuple[str, Difference], ...]
) -> None:
    """Printed, on file and on the chip: three times the same bytes, or the item is named (C1)."""
    register = replace(FACE, card_number="")
    seen = replace(register, **printed)  # type: ignore[arg-type]
    assert face_faults(fields_of({**HELD, **values}), seen, register) == faults
    assert face_faults((), register, register)[0] == ("person_number", Difference.NOT_ON_CARD)


def test_card_and_file_side_by_side() -> None:
    """Each item with how it stands to the file (L3, C4, C5)."""
    fields = {f.item.tag: f for f in fields_of({**HELD, "0D": date(1990, 1, 1)})}
    assert {
        tag: difference(fields[tag], on_file)
        for tag, on_file in (
            (0x09, "测试甲"),
            (0x0A, None),
            (0x0B, "01"),
            (0x0C, None),
            (0x0D, date(1990, 1, 2)),
        )
    } == {
        0x09: Difference.SAME,
        0x0A: Difference.NOT_ON_FILE,
        0x0B: Difference.NOT_ON_CARD,
        0x0C: Difference.SAME,
        0x0D: Difference.DIFFERENT,
    }


def test_the_same_written_otherwise() -> None:
    """A shorter record of the same text, and digits filled with zeros (card-chip §20)."""
    file = specification("3.0").file("SSSEEF06")
    (short,) = contents.read_file(file, [tlv.record(0x09, "测试甲".encode("gbk"))])
    assert difference(short, "测试甲") is Difference.FILLED_OTHERWISE
    assert [(a, r) for _, a, r in unusual([short])] == [("SSSEEF06.09", Remark.LENGTH)]
    degree = specification("3.0").file("DF01EF15")
    inner = tlv.record(0x57, b"203") + tlv.record(0x58, b"\x08\x09\x00")
    (found,) = contents.read_file(degree, [tlv.record(0x40, inner)])
    assert difference(found.parts[1], "0809") is Difference.FILLED_OTHERWISE


def test_secrets_are_not_printed() -> None:
    """A profile's representation shows neither number nor name."""
    assert "9900" not in repr(CARD.person_number)
    assert "测试甲" not in repr(CARD)
    assert "990101199001010019" not in repr(CARD)
    assert profile.PHOTO_BYTES == 4096
