"""Writing, reading back, and mending what was torn away (C1 to C8, X32)."""

from __future__ import annotations

from datetime import date

import pytest

from minka.bench.card_core import CyclicOne, Traits
from minka.bench.card_slot import Slot
from minka.chip.connection import CardGone
from minka.chip.contents import Filling
from minka.chip.faults import CardFault, CardReason
from minka.chip.filespec import Structure, specification
from minka.chip.reading import open_card, read_card_file, read_item, read_records
from minka.chip.session import AppendBy, CardSettings, Gate
from minka.chip.writing import (
    Mended,
    append,
    compare,
    intended,
    mend,
    must_hold,
    write_file,
    write_item,
)
from minka.cipher.card_key import Algorithm
from tests.chip.cards import PIN, SoftKeys, slot
from tests.chip.test_items import filled

ALL = Gate(SoftKeys(), PIN)
PENSION: Filling = {"70": "110", "71": "990101", "6E": date(2010, 1, 1), "73": date(2024, 6, 1)}


@pytest.mark.parametrize(
    ("version", "algorithm"), [("1.0", Algorithm.TRIPLE_DES), ("3.0", Algorithm.SM4)]
)
def test_every_file_is_written_and_held(version: str, algorithm: Algorithm) -> None:
    """Every file of the standard's applications, with its own key, read back byte for byte."""
    card = slot(version, algorithm)
    gate = Gate(SoftKeys(algorithm), PIN)
    session = open_card(card)
    for file in specification(version).files():
        if file.application in ("DF05", "DF06") or file.structure is Structure.CYCLIC:
            continue
        if file.name == "SSSEEF05":
            continue  # It names the card; the profile's test writes it.
        want = intended(session, file.name, {item.mark: filled(item) for item in file.items})
        write_file(session, want, gate)
        must_hold(session, want, gate)


def test_without_its_key_a_file_is_not_written() -> None:
    """The key of another file does not open this one (C8)."""
    session = open_card(slot())
    with pytest.raises(CardFault) as caught:
        write_item(session, ("DF03EF06", 0x47), "07", Gate(SoftKeys(only=("UK1DF03",)), PIN))
    assert caught.value.reason is CardReason.KEY_NEEDED
    assert caught.value.facts == {"key": "UK2DF03"}


def test_one_item_is_written() -> None:
    """A person's standing on the card changes, the rest stays (C2)."""
    session = open_card(slot())
    record = write_item(session, ("DF01EF07", 0x29), "3", ALL)
    assert record == bytes.fromhex("290133")
    assert read_item(session, "DF01EF07", 0x29, ALL).say("en") == "retired"


def test_one_of_several_records() -> None:
    """The second degree of three (C6)."""
    session = open_card(slot())
    degree = {"57": "203", "58": "080901", "59": "测试大学"}
    write_item(session, ("DF01EF15", 0x40), degree, ALL, nth=2)
    said = [field.say("en") for field in read_card_file(session, "DF01EF15", ALL)]
    assert said[1] == said[3] == "not filled in"
    fields = read_card_file(session, "DF01EF15", ALL)
    assert fields[2].parts[2].say() == "测试大学"


def test_contributions_with_their_day() -> None:
    """What stands on the card bears the date on which it was true (C3, C4)."""
    session = open_card(slot())
    want = intended(session, "DF03EF07", PENSION)
    write_file(session, want, ALL)
    said = {f.item.tag: f.say("en") for f in read_card_file(session, "DF03EF07", ALL)}
    assert said[0x70] == "urban enterprise employee basic pension"
    assert said[0x73] == "2024-06-01"


def work(year: int) -> dict[str, str | date]:
    """One employment."""
    return {
        "#1": "2-02-10",
        "#2": date(year, 1, 1),
        "#3": date(year, 12, 31),
        "#4": f"测试{year}公司",
    }


def test_an_employment_is_added() -> None:
    """The newest is record 1, the older ones move down unchanged, the oldest falls out (C7)."""
    session = open_card(slot())
    for year in range(2018, 2024):
        before = read_records(session, "DF02EF07", ALL)
        append(session, "DF02EF07", work(year), ALL)
        after = read_records(session, "DF02EF07", ALL)
        assert after[1:] == before[:3]
    fields = read_card_file(session, "DF02EF07", ALL)
    assert [f.parts[3].say() for f in fields] == [f"测试{y}公司" for y in (2023, 2022, 2021, 2020)]


def test_a_card_that_adds_at_record_one() -> None:
    """Some cards add when record 1 is written: a setting, never tried by itself."""
    card = slot(traits=Traits(cyclic_one=CyclicOne.ADDS))
    session = open_card(card, CardSettings(append=AppendBy.NUMBER_ONE))
    append(session, "DF02EF07", work(2022), ALL)
    append(session, "DF02EF07", work(2023), ALL)
    assert len(read_records(session, "DF02EF07", ALL)) == 2


def test_what_is_never_written() -> None:
    """The log is the card's own; a cyclic file is not written whole, others get no records."""
    session = open_card(slot())
    with pytest.raises(CardFault) as caught:
        append(session, "DF04EF08", {}, ALL)
    assert caught.value.reason is CardReason.NEVER_WRITTEN
    with pytest.raises(CardFault) as caught:
        append(session, "DF01EF05", {}, ALL)
    assert caught.value.reason is CardReason.NEVER_WRITTEN
    with pytest.raises(CardFault) as caught:
        write_file(session, intended(session, "DF02EF07", {}), ALL)
    assert caught.value.reason is CardReason.NEVER_WRITTEN


def torn(card: Slot, commands: int) -> None:
    """A write of the pension file whose card is pulled at a command."""
    session = open_card(card)
    want = intended(session, "DF03EF07", PENSION)
    card.faults.pull_before(commands)
    with pytest.raises(CardGone):
        write_file(session, want, ALL)
    card.insert()


@pytest.mark.parametrize("commands", [6, 9, 12, 16])
def test_a_torn_write_is_mended(commands: int) -> None:
    """The same card, put in again, gets what it should hold, and is read back (X32)."""
    card = slot()
    session = open_card(card)
    want = intended(session, "DF03EF07", PENSION)
    torn(card, commands)
    session = open_card(card)
    assert compare(session, want, ALL)
    assert mend(session, want, ALL) is Mended.WRITTEN_AGAIN
    assert mend(session, want, ALL) is Mended.WAS_WHOLE


def test_another_card_is_not_mended() -> None:
    """Nothing is written on a card that is not the one in the ledger (X32)."""
    card = slot()
    want = intended(open_card(card), "DF03EF07", PENSION)
    torn(card, 9)
    other = slot(more={"DF03EF07": {"70": "120"}})
    session = open_card(other)
    before = read_records(session, "DF03EF07", ALL)
    changed = type(want)(bytes(16), want.card_number, want.file, want.records)
    with pytest.raises(CardFault) as caught:
        mend(session, changed, ALL)
    assert caught.value.reason is CardReason.OTHER_CARD
    assert read_records(session, "DF03EF07", ALL) == before


def test_records_in_another_order_are_not_overwritten() -> None:
    """A card whose record 3 has another tag is left as it is."""
    from tests.chip.scripted import Scripted

    session = open_card(slot())
    session.enter("DF01")
    session.shown |= {"UK4DF01"}
    session.connection = script = Scripted(
        "00A4020002EF06 -> 9000", "00B2020405 -> 2803313233" + "9000"
    )
    with pytest.raises(CardFault) as caught:
        write_item(session, ("DF01EF06", 0x24), "990100", ALL)
    assert caught.value.reason is CardReason.NO_SUCH_RECORD
    script.done()
