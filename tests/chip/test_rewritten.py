"""Old cards with new meanings, and texts in several items (card-chip §6, §7)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minka.chip import contents, tlv
from minka.chip.filespec import specification
from minka.chip.rewritten import (
    JOINS,
    join,
    joined,
    later_item,
    read_rewritten,
    split,
    write_later,
)
from minka.chip.values import Remark, Value, ValueFault

OLD = specification("1.0")

LATER: list[tuple[str, int, Value, str]] = [
    ("DF01EF09", 0x32, "24", "人员身份类别"),
    ("DF01EF0A", 0x37, "CHN", "国籍"),
    ("DF01EF0A", 0x38, "13", "政治面貌"),
    ("DF02EF06", 0x4B, "10010", "就业登记类型及形式"),
    ("DF02EF06", 0x4D, "990101", "就业登记地行政区划代码"),
    ("DF02EF06", 0x4F, "102000", "失业登记类型、原因及注销原因"),
    ("DF02EF06", 0x50, "990101", "失业登记地行政区划代码"),
    ("DF02EF09", 0x55, "9901002024000001", "就业失业登记证编号"),
    ("DF02EF09", 0x97, "990101", "就业失业登记证发证地行政区划代码"),
    ("DF03EF05", 0x61, "990101", "失业保险参保地所属行政区划代码"),
    ("DF03EF07", 0x71, "990101", "养老保险参保地所属行政区划代码"),
    ("DF04EF05", 0x81, "31001000", "医疗保险险种类型及标识"),
    ("DF04EF05", 0x84, "990101", "医疗保险参保地所属行政区划代码"),
    ("DF04EF05", 0x87, "H0123456789012345", "健康档案编号"),
    ("DF04EF06", 0x90, "1", "准许脱网医保结算标识"),
    ("DF04EF06", 0x93, "03", "脱网医保结算累计次数"),
]


@pytest.mark.parametrize(("name", "tag", "value", "title"), LATER)
def test_a_later_item_under_an_old_tag(name: str, tag: int, value: Value, title: str) -> None:
    """Filled with E to the old length, it is told by its last byte and read with its new name."""
    file = OLD.file(name)
    raw = write_later(file, tag, value)
    longer = tag in (0x4B, 0x4F)
    assert longer or (len(raw) == file.item(tag).length and raw[-1] == 0xEE)
    (field,) = read_rewritten(file, [tlv.record(tag, raw)])
    assert (field.item.name_zh, field.reading.value) == (title, value)


@pytest.mark.parametrize(("name", "tag", "value", "title"), LATER)
def test_an_old_item_keeps_its_meaning(name: str, tag: int, value: Value, title: str) -> None:
    """Without the E the tag means what it always meant."""
    file = OLD.file(name)
    raw = contents.item_bytes(file.item(tag), None)
    (field,) = read_rewritten(file, [tlv.record(tag, raw)])
    assert field.item == file.item(tag)
    assert later_item(file, tag, {}) is None


@pytest.mark.parametrize(
    ("name", "teller", "tag", "title"),
    [
        ("DF01EF0A", 0x38, 0x39, "参加党派日期"),
        ("DF02EF09", 0x55, 0x96, "就业失业登记证发证/年检日期"),
        ("DF02EF09", 0x55, 0x56, "就业失业登记证发证机构"),
        ("DF03EF07", 0x71, 0x6F, "待遇享受开始日期"),
        ("DF03EF07", 0x71, 0x70, "养老保险险种类型"),
        ("DF04EF06", 0x90, 0x92, "脱网医保结算累计金额"),
        ("DF04EF06", 0x90, 0x93, "脱网医保结算累计次数"),
    ],
)
def test_items_written_together(name: str, teller: int, tag: int, title: str) -> None:
    """Some items tell for others that were written with them."""
    file = OLD.file(name)
    new = {teller: b"1" + b"\xee" * 3, tag: b""}
    old = {teller: bytes(4), tag: b""}
    item = later_item(file, tag, new)
    assert item is not None
    assert item.name_zh == title
    assert later_item(file, tag, old) is None


def test_pension_class_of_an_old_card_in_words() -> None:
    """Tag 70 counts months on an old card and names a scheme on a rewritten one."""
    file = OLD.file("DF03EF07")
    area = write_later(file, 0x71, "990101")
    fields = read_rewritten(file, [tlv.record(0x70, b"110"), tlv.record(0x71, area)])
    assert fields[0].say() == "城镇企业职工基本养老保险"
    assert read_rewritten(file, [tlv.record(0x70, b"110")])[0].say() == "110"


@pytest.mark.parametrize(
    ("name", "group"),
    [(name, group) for name, groups in JOINS.items() for group in groups],
)
def test_every_text_in_pieces(name: str, group: tuple[int, ...]) -> None:
    """Each pair and the triple: one field with the whole text, the continuation left out."""
    version = "2.0" if name == "SSSEEF06" else "1.0"
    file = specification(version).file(name)
    lengths = [file.item(tag).length for tag in group]
    text = "测试" * (sum(lengths) // 4 - 1)
    parts = split(text, lengths)
    records = [tlv.record(tag, part) for tag, part in zip(group, parts, strict=True)]
    (field,) = joined(contents.read_file(file, records))
    assert field.reading.value == text
    assert "前段" not in field.item.name_zh
    (alone,) = joined(contents.read_file(file, records[:1]))
    assert text.startswith(str(alone.reading.value))


def test_a_character_cut_between_two_items() -> None:
    """A card that cut in the middle of a character is read right, one that did not too."""
    raw = ("测" * 15 + "试").encode("gbk")
    odd = ("A" + "测" * 15).encode("gbk")
    assert join([odd[:30], odd[30:]]) == "A" + "测" * 15
    assert join([raw[:30], raw[30:]]) == "测" * 15 + "试"
    assert split("A" + "测" * 15, (30, 20))[0] == ("A" + "测" * 14).encode("gbk") + b"\0"


def test_a_text_that_cannot_be_read() -> None:
    """Bytes outside GBK are shown as they are."""
    file = specification("2.0").file("SSSEEF06")
    records = [tlv.record(0x09, b"\xff\x01".ljust(30, b"\0")), tlv.record(0x4E, bytes(20))]
    (field,) = joined(contents.read_file(file, records))
    assert field.reading.remark is Remark.NOT_TEXT
    (empty,) = joined(contents.read_file(file, [tlv.record(0x09, bytes(30))]))
    assert empty.reading.remark is Remark.EMPTY


@given(st.text(st.sampled_from("AB测试镕·"), max_size=40))
def test_split_and_join(text: str) -> None:
    """What was split comes back whole, or is refused as too long."""
    try:
        parts = split(text, (30, 20))
    except ValueFault:
        assert len(text.encode("gbk")) > 46
        return
    assert list(map(len, parts)) == [30, 20]
    assert join(parts) == text


def test_a_later_date_on_an_old_card() -> None:
    """39 bears the day of joining when 38 says so."""
    file = OLD.file("DF01EF0A")
    party = write_later(file, 0x38, "01")
    day = bytes.fromhex("20100701")
    fields = read_rewritten(file, [tlv.record(0x38, party), tlv.record(0x39, day)])
    assert [f.say("en") for f in fields] == ["Communist Party member", "2010-07-01"]
    assert fields[1].reading.value == date(2010, 7, 1)
