"""Texts that stand in several items, and old cards that were given new meanings.

Version 2.0 keeps a long name in two items, version 1.0 long texts in two or three (card-chip §6).
A version 1.0 card may carry a version 2.0 item under a tag that meant something else; its value is
then filled with E on the right, so a last byte EE tells (card-chip §7).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from minka.chip.contents import Field, read_file
from minka.chip.filespec import CardFile, Item, Kind, specification
from minka.chip.values import Reading, Remark, Value, ValueFault, read, write

LATER = specification("2.0")

JOINS: Mapping[str, tuple[tuple[int, ...], ...]] = {
    "SSSEEF06": ((0x09, 0x4E),),
    "DF01EF05": ((0x21, 0x22),),
    "DF01EF06": ((0x25, 0x26),),
    "DF01EF09": ((0x2E, 0x2F),),
    "DF02EF08": ((0x53, 0x94),),
    "DF02EF09": ((0x56, 0x95),),
    "DF03EF06": ((0x68, 0x69, 0x6A),),
    "DF04EF05": ((0x81, 0x82), (0x84, 0x85), (0x87, 0x88)),
}
"""Items that together hold one text; where a card has the first alone, it is the whole text."""

_TOLD_BY_ITSELF = {
    "DF01EF09": (0x32,),
    "DF01EF0A": (0x37, 0x38),
    "DF02EF06": (0x4B, 0x4D, 0x4F, 0x50),
    "DF02EF09": (0x55, 0x97),
    "DF03EF05": (0x61,),
    "DF03EF07": (0x71,),
    "DF04EF05": (0x81, 0x84, 0x87),
    "DF04EF06": (0x90, 0x93),
}
_TOLD_BY_ANOTHER = {
    ("DF01EF0A", 0x39): 0x38,
    ("DF02EF09", 0x56): 0x55,
    ("DF02EF09", 0x96): 0x55,
    ("DF03EF07", 0x6F): 0x71,
    ("DF03EF07", 0x70): 0x71,
    ("DF04EF06", 0x92): 0x90,
    ("DF04EF06", 0x93): 0x90,
}
"""Items that were written together with another, which tells for both."""

_CERTIFICATE_BYTES = 8
"""Tag 55 has sixteen digits in eight bytes when it stands on an old card (annex C of V2)."""


def join(parts: Sequence[bytes]) -> str:
    """The text that several items hold; a character may have been cut between two of them."""
    return b"".join(parts).replace(b"\0", b"").rstrip(b"\xff ").decode("gbk")


def split(text: str, lengths: Sequence[int]) -> tuple[bytes, ...]:
    """A text over items of these lengths, never in the middle of a character; filled with 00.

    ``ValueFault`` when it does not fit or has a character outside GBK.
    """
    rest = list(text)
    made: list[bytes] = []
    for length in lengths:
        part = b""
        while rest and len(part) + len(_gbk(rest[0])) <= length:
            part += _gbk(rest.pop(0))
        made.append(part.ljust(length, b"\0"))
    if rest:
        raise ValueFault("the text is too long for its items")
    return tuple(made)


def later_item(file: CardFile, tag: int, records: Mapping[int, bytes]) -> Item | None:
    """The version 2.0 item that stands under a tag of an old card; None for the old meaning.

    ``records`` are the values of the file by tag.
    """
    raw = records.get(tag, b"")
    own = tag in _TOLD_BY_ITSELF.get(file.name, ()) and _is_later(file, tag, raw)
    teller = _TOLD_BY_ANOTHER.get((file.name, tag))
    told = teller is not None and _is_later(file, teller, records.get(teller, b""))
    return _later(file, tag) if own or told else None


def write_later(file: CardFile, tag: int, value: Value) -> bytes:
    """A version 2.0 value for an old card: filled with E up to the old item's length.

    A value that is longer than the old item (tags 4B and 4F) makes the record longer.
    """
    return write(_later(file, tag), value).ljust(file.item(tag).length, b"\xee")


def read_rewritten(file: CardFile, records: Sequence[bytes]) -> tuple[Field, ...]:
    """The fields of a version 1.0 file, each under the meaning that it was written with."""
    fields = read_file(file, records)
    values = {field.item.tag: field.reading.raw for field in fields}
    return tuple(_meant(field, values) for field in fields)


def joined(fields: Sequence[Field]) -> tuple[Field, ...]:
    """The fields with texts in one piece; the continuations are left out."""
    return tuple(_joined(fields))


def _joined(fields: Sequence[Field]) -> Iterator[Field]:
    by_tag = {field.item.tag: field for field in fields}
    groups = JOINS.get(fields[0].file.name, ()) if fields else ()
    heads = {group[0]: group for group in groups if _same_text(by_tag, group)}
    tails = {tag for group in heads.values() for tag in group[1:]}
    for field in fields:
        if field.item.tag in heads:
            yield _whole(field, [by_tag[tag] for tag in heads[field.item.tag] if tag in by_tag])
        elif field.item.tag not in tails:
            yield field


def _same_text(by_tag: Mapping[int, Field], group: Sequence[int]) -> bool:
    """Whether a text is really in pieces: not where the first item got a later meaning."""
    first = by_tag.get(group[0])
    return first is not None and first.item.kind is Kind.TEXT and first.item.length in (0x1E, 0x3E)


def _whole(first: Field, parts: Sequence[Field]) -> Field:
    raw = b"".join(part.reading.raw for part in parts)
    item = replace(
        first.item,
        name_zh=first.item.name_zh.partition("（")[0],
        name_en=first.item.name_en.partition(" (first")[0],
        length=len(raw),
    )
    try:
        text = join([part.reading.raw for part in parts])
    except UnicodeDecodeError:
        return replace(first, item=item, reading=Reading(raw, raw.hex().upper(), Remark.NOT_TEXT))
    reading = Reading(raw, text) if text else Reading(raw, None, Remark.EMPTY)
    return replace(first, item=item, reading=reading)


def _meant(field: Field, values: Mapping[int, bytes]) -> Field:
    item = later_item(field.file, field.item.tag, values)
    if item is None:
        return field
    raw = field.reading.raw
    return replace(field, item=item, reading=read(item, raw[: item.length]))


def _is_later(file: CardFile, tag: int, raw: bytes) -> bool:
    """Whether a value is of version 2.0: it ends in EE, or has only the later item's length."""
    if raw[-1:] == b"\xee":
        return True
    later = _later(file, tag).length
    return later > file.item(tag).length and len(raw) == later


def _later(file: CardFile, tag: int) -> Item:
    item = LATER.file(file.name).item(tag)
    if (file.name, tag) != ("DF02EF09", 0x55):
        return item
    return replace(item, length=_CERTIFICATE_BYTES, kind=Kind.DIGITS)


def _gbk(character: str) -> bytes:
    try:
        return character.encode("gbk")
    except UnicodeEncodeError:
        raise ValueFault("a character outside GBK") from None
