"""Every item of the table goes onto a card and comes back (C1 to C8; card-chip §4, §8)."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minka.chip import contents, tlv, values
from minka.chip.filespec import VERSIONS, CardFile, Item, Kind, Structure, specification
from minka.chip.values import Meaning, Remark, Value, ValueFault, meaning_of
from minka.kit.clock import CHINA

ITEMS = [
    pytest.param(part, id=f"{version} {file.name} {item.mark} {part.mark}")
    for version in VERSIONS
    for file in specification(version).files()
    for item in file.items
    for part in (item, *item.parts)
    if meaning_of(part) is not Meaning.NESTED
]
HAN = st.sampled_from("张王李赵測試甲乙丙镕囍喆𠮷"[:-1])
DAYS = st.dates(date(1900, 1, 1), date(2999, 12, 31))
TIMES = DAYS.map(lambda day: datetime(day.year, day.month, day.day, 23, 59, 58, tzinfo=CHINA))
MOMENT = datetime(2024, 1, 2, 3, 4, 5, tzinfo=CHINA)


def fixed(item: Item) -> Value:
    """One plain value an item can hold, for an example that never changes."""
    match meaning_of(item):
        case Meaning.TEXT:
            return "测试甲"[: item.length // 2] or "1"
        case Meaning.DIGITS:
            return ("990101" * 10)[: 2 * item.length]
        case Meaning.HEX:
            return "990100D15600000500000001FFFFFF00"
        case Meaning.DATE:
            return date(2024, 2, 29)
        case Meaning.TIME:
            return MOMENT
        case Meaning.FEN | Meaning.COUNT:
            return 1234
        case _:
            return bytes(range(256)) * 2 if item.length > 512 else b"\x01" * item.length


def any_value(item: Item) -> st.SearchStrategy[Value]:
    """Values an item can hold."""
    match meaning_of(item):
        case Meaning.TEXT:
            letters = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1)
            han = st.lists(HAN, min_size=1).map("".join)
            return (letters | han).map(lambda text: text[: item.length // 2] or "9")
        case Meaning.DIGITS:
            return st.text("0123456789", min_size=1, max_size=2 * item.length)
        case Meaning.HEX:
            return st.binary(min_size=15, max_size=15).map(lambda raw: raw.hex().upper() + "00")
        case Meaning.DATE:
            return DAYS
        case Meaning.TIME:
            return TIMES
        case Meaning.FEN if item.kind is Kind.DIGITS:
            return st.integers(0, 99_999_999)
        case Meaning.FEN | Meaning.COUNT:
            return st.integers(0, (1 << 8 * item.length) - 1)
        case _:
            return st.binary(min_size=item.length, max_size=item.length).map(
                lambda raw: b"\x01" + raw[1:]
            )


@pytest.mark.parametrize("item", ITEMS)
def test_a_fixed_value_comes_back(item: Item) -> None:
    """Written with just the item's bytes, read as it was, without a remark."""
    value = fixed(item)
    raw = values.write(item, value)
    assert len(raw) == item.length
    reading = values.read(item, raw)
    if isinstance(value, bytes):
        assert isinstance(reading.value, bytes)
        assert reading.value.rstrip(b"\0") == value.rstrip(b"\0")
    else:
        assert reading.value == value
    assert reading.remark in (None, Remark.CHECK)


@settings(max_examples=2, deadline=None)
@pytest.mark.parametrize("item", ITEMS)
@given(data=st.data())
def test_any_value_comes_back(item: Item, data: st.DataObject) -> None:
    """The same for values that chance chooses."""
    value = data.draw(any_value(item))
    reading = values.read(item, values.write(item, value))
    assert reading.value == value or reading.raw == bytes(reading.raw) == value


@pytest.mark.nightly
@settings(max_examples=100, deadline=None)
@pytest.mark.parametrize("item", ITEMS)
@given(data=st.data())
def test_any_value_comes_back_often(item: Item, data: st.DataObject) -> None:
    """The same, a hundred values for each item."""
    value = data.draw(any_value(item))
    reading = values.read(item, values.write(item, value))
    assert reading.value == value or reading.raw == value


@pytest.mark.parametrize("item", ITEMS)
def test_an_empty_item_is_empty(item: Item) -> None:
    """FF for digits, 00 otherwise; a number in bytes is nought."""
    raw = values.write(item, None)
    assert raw == (b"\xff" if item.kind is Kind.DIGITS else b"\0") * item.length
    reading = values.read(item, raw)
    assert reading.value in (None, 0)
    assert (reading.remark is Remark.EMPTY) == (reading.value is None)
    assert values.read(item, b"").remark is Remark.EMPTY


@pytest.mark.parametrize("item", ITEMS)
def test_too_much_is_refused(item: Item) -> None:
    """Nothing is cut silently, and no sort of value stands for another."""
    too_much: dict[Meaning, Value] = {
        Meaning.TEXT: "9" * (item.length + 1),
        Meaning.DIGITS: "9" * (2 * item.length + 1),
        Meaning.HEX: "00" * (item.length + 1),
        Meaning.FEN: -1,
        Meaning.COUNT: 1 << 8 * item.length,
    }
    wrong = too_much.get(meaning_of(item), "990101")
    with pytest.raises(ValueFault):
        values.write(item, wrong)
    with pytest.raises(ValueFault):
        values.write(item, date(2024, 1, 1) if meaning_of(item) is not Meaning.DATE else 20240101)


@given(st.sampled_from([case.values[0] for case in ITEMS]), st.binary(max_size=100))
def test_whatever_a_card_gives_is_read(item: Item, raw: bytes) -> None:
    """Real cards differ in length and filling: reading never fails, and keeps the bytes."""
    assert values.read(item, raw).raw == raw


@pytest.mark.parametrize("version", VERSIONS)
def test_every_file_comes_back(version: str) -> None:
    """All files filled to the last record, written, joined, and read again field by field."""
    for file in specification(version).files():
        filling = {item.mark: filled(item) for item in file.items}
        records = contents.file_records(file, filling)
        assert len(records) == file.records
        assert sum(map(len, records)) == file.size
        fields = contents.read_file(file, records)
        assert len(fields) == file.records
        assert all(same(field) for field in fields), file.name


def filled(item: Item) -> contents.Given:
    """An item with all its repeats and parts filled."""
    one = {part.mark: fixed(part) for part in item.parts} if item.parts else fixed(item)
    return [one] * item.repeat if item.repeat > 1 else one


def same(field: contents.Field) -> bool:
    """Whether a field says what ``filled`` put there."""
    if field.parts:
        return all(same(part) for part in field.parts)
    value, wanted = field.reading.value, fixed(field.item)
    if isinstance(wanted, bytes) and isinstance(value, bytes):
        return value.rstrip(b"\0") == wanted.rstrip(b"\0")
    return value == wanted


@pytest.mark.parametrize("version", VERSIONS)
def test_an_empty_card(version: str) -> None:
    """Every file can be made empty, with every record of its own length."""
    for file in specification(version).files():
        records = contents.file_records(file, {})
        if file.structure is Structure.CYCLIC:
            assert records == ()
            continue
        assert sum(map(len, records)) == file.size
        assert all(f.reading.remark is Remark.EMPTY for f in contents.read_file(file, records))
        assert {f.say("en") for f in contents.read_file(file, records)} == {"not filled in"}


def the(name: str, tag: int, version: str = "3.0") -> tuple[CardFile, Item]:
    """An item by its place."""
    file = specification(version).file(name)
    return file, file.item(tag)


@pytest.mark.parametrize(
    ("name", "tag", "given", "raw"),
    [
        ("SSSEEF06", 0x08, "990101199001010019", "393930313031313939303031303130303139"),
        ("SSSEEF06", 0x09, "测试甲", "B2E2CAD4BCD7" + "00" * 24),
        ("SSSEEF06", 0x0A, "1", "31"),
        ("SSSEEF06", 0x0B, "01", "01"),
        ("SSSEEF06", 0x0D, date(1990, 1, 1), "19900101"),
        ("SSSEEF05", 0x07, "M00000019", "4D3030303030303139"),
        ("DF04EF06", 0x92, 150, "00000150"),
        ("DF03EF18", 0x76, "1", "1F"),
        ("DF01EF06", 0x24, "990100", "990100"),
    ],
)
def test_bytes_of_the_reference_session(name: str, tag: int, given: Value, raw: str) -> None:
    """The bytes of card-chip §13 and §4; money is written with all eight digits."""
    _, item = the(name, tag)
    assert values.write(item, given).hex().upper() == raw
    assert values.read(item, bytes.fromhex(raw)).value == given


@pytest.mark.parametrize(
    ("name", "tag", "value", "zh", "en"),
    [
        ("SSSEEF06", 0x0A, "2", "女性", "female"),
        ("SSSEEF06", 0x0B, "01", "汉族", "汉族"),
        ("DF01EF07", 0x29, "3", "退休", "retired"),
        ("DF03EF06", 0x47, "07", "七级", "disability grade 7"),
        ("DF04EF06", 0x92, 1234567, "12345.67", "12345.67"),
        ("SSSEEF06", 0x0D, date(1990, 1, 1), "1990-01-01", "1990-01-01"),
        ("DF02EF06", 0x4B, "10010", "实现就业、单位就业", None),
        ("DF02EF06", 0x4F, "102000", "失业登记、与企业解除或终止劳动关系、无", None),
        ("DF04EF05", 0x81, "31001000", "职工基本医疗保险、否、是、否、否、否", None),
        ("SSSEEF06", 0x0A, "7", "7", "7"),
    ],
)
def test_plain_words(name: str, tag: int, value: Value, zh: str, en: str | None) -> None:
    """A person reads a code's meaning, a date, yuan (I5, C2, C8)."""
    file, _ = the(name, tag)
    (field,) = [
        f
        for f in contents.read_file(file, contents.file_records(file, {f"{tag:02X}": value}))
        if f.item.tag == tag
    ]
    assert field.say() == zh
    assert en is None or field.say("en") == en


def test_plain_words_of_a_transaction() -> None:
    """The log of the medical account in words (C5)."""
    file = specification("3.0").file("DF04EF08")
    record: dict[str, Value] = {
        "#1": 7,
        "#2": "2",
        "#3": "990100000001",
        "#4": MOMENT,
        "#5": 0,
        "#6": 1000,
        "#7": 500,
    }
    (raw,) = contents.file_records(file, {"-": [record]})
    assert raw.hex().upper() == "0007329901000000012024010203040500000000000003E8000001F4"
    (field,) = contents.read_file(file, [raw])
    assert [part.say("en") for part in field.parts] == [
        *("7", "medical settlement", "990100000001", "2024-01-02 03:04:05"),
        *("0.00", "10.00", "5.00"),
    ]
    short = contents.read_file(file, [raw[:20]])[0]
    assert [part.say("en") for part in short.parts][-2:] == ["not filled in"] * 2


def test_repeated_and_nested_items() -> None:
    """Two degrees of three: three records with one tag, the last of them empty (C6)."""
    file = specification("3.0").file("DF01EF15")
    degree = {"57": "203", "58": "080901", "59": "测试大学"}
    records = contents.file_records(file, {"40": [degree, {**degree, "57": "304"}], "2A": "21"})
    assert [record[0] for record in records] == [0x2A, 0x40, 0x40, 0x40]
    fields = contents.read_file(file, [b"".join(records)])
    assert [f.address for f in fields][1:] == [f"DF01EF15.40[{n}]" for n in (1, 2, 3)]
    assert [p.reading.value for p in fields[2].parts] == ["304", "080901", "测试大学"]
    assert fields[3].reading.remark is Remark.EMPTY
    with pytest.raises(ValueFault):
        contents.file_records(file, {"40": [degree] * 4})
    with pytest.raises(ValueFault):
        contents.file_records(file, {"40": {"5A": "1"}})
    with pytest.raises(ValueFault):
        contents.file_records(file, {"41": "1"})


def test_the_cards_length_is_trusted() -> None:
    """A shorter item is read by its own length byte, and said to be so."""
    file = specification("3.0").file("SSSEEF06")
    fields = contents.read_file(file, [tlv.record(0x09, "测试".encode("gbk"))])
    assert fields[0].reading == values.Reading("测试".encode("gbk"), "测试", Remark.LENGTH)


def test_torn_and_unknown_records() -> None:
    """A record that ends outside is shown as torn, a foreign tag as itself."""
    file = specification("3.0").file("SSSEEF06")
    unknown, torn = contents.read_file(file, [b"\x77\x01A" + b"\x09\x1e" + b"A" * 5])
    assert (unknown.address, unknown.reading.value) == ("SSSEEF06.77", b"A")
    assert torn.reading.remark is Remark.TORN


def test_a_code_outside_its_table() -> None:
    """Shown as it is, with a remark: areas add codes of their own (card-chip §8.2)."""
    file = specification("3.0").file("SSSEEF06")
    fields = contents.read_file(file, [b"\x0a\x01" + b"7", b"\x0b\x01\x57", b"\x0a\x01" + b"1"])
    assert [f.reading.remark for f in fields] == [Remark.CODE, Remark.CODE, None]
    joined = specification("3.0").file("DF02EF06")
    (field,) = contents.read_file(joined, [tlv.record(0x4B, b"10999")])
    assert (field.say(), field.reading.remark) == ("实现就业、999", Remark.CODE)


@pytest.mark.parametrize(
    ("name", "tag", "raw", "value", "remark"),
    [
        ("DF02EF09", 0x55, "9901002024000001", "9901002024000001", Remark.LENGTH),
        ("DF01EF06", 0x24, "393930313030", "990100", Remark.LENGTH),
        ("DF01EF06", 0x24, "99010A", "99010A", Remark.NOT_DIGITS),
        ("SSSEEF06", 0x0D, "19901345", "19901345", Remark.NOT_A_DATE),
        ("SSSEEF06", 0x0D, "00000000", None, Remark.EMPTY),
        ("SSSEEF06", 0x09, "C1" + "00" * 29, "C1" + "00" * 29, Remark.NOT_TEXT),
        ("SSSEEF06", 0x09, "0741" + "00" * 28, "0741" + "00" * 28, Remark.NOT_TEXT),
        ("DF04EF06", 0x92, "FFFFFFFF", None, Remark.EMPTY),
        ("DF04EF06", 0x92, "00000000", 0, None),
        ("DF04EF06", 0x92, "150FFFFF", 150, None),
    ],
)
def test_odd_values(name: str, tag: int, raw: str, value: Value, remark: Remark | None) -> None:
    """Two readings of one item, text for digits, no date, no text, nought and nothing."""
    _, item = the(name, tag)
    reading = values.read(item, bytes.fromhex(raw))
    assert (reading.value, reading.remark) == (value, remark)


def test_an_impossible_time() -> None:
    """A transaction's time that is none is shown as its digits."""
    item = specification("3.0").file("DF04EF08").items[0].parts[3]
    reading = values.read(item, bytes.fromhex("20241301000000"))
    assert (reading.value, reading.remark) == ("20241301000000", Remark.NOT_A_DATE)


def test_a_name_outside_gbk_is_refused() -> None:
    """The card's code has no such character; nothing is written in its place."""
    _, item = the("SSSEEF06", 0x09)
    with pytest.raises(ValueFault, match="outside GBK"):
        values.write(item, "\U00020bb7")
