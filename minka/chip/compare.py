"""How the card stands to the register, item by item, and the card's face to both (C1, L3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from minka.chip.contents import Field
from minka.chip.filespec import CardFile, Item, Kind
from minka.chip.values import Remark, Value, ValueFault, write
from minka.kit.secret import Clear
from minka.kit.words import Words


class Difference(Enum):
    """How two sides of one item stand to each other."""

    SAME = Words("一致", "一致", "the same")
    FILLED_OTHERWISE = Words(
        "内容一致，写法不同", "內容一致，寫法不同", "the same, written otherwise"
    )
    NOT_ON_CARD = Words("卡内没有", "卡內沒有", "not on the card")
    NOT_ON_FILE = Words("系统没有", "系統沒有", "not on file")
    DIFFERENT = Words("不一致", "不一致", "different")


@dataclass(frozen=True, slots=True)
class Face:
    """What is printed on a card (or stands in the register for it)."""

    person_number: Clear
    name: Clear
    sex: str
    """The code: 1, 2 or 9."""
    card_number: str = ""


FACE_ITEMS: Mapping[str, tuple[str, int]] = {
    "person_number": ("SSSEEF06", 0x08),
    "name": ("SSSEEF06", 0x09),
    "sex": ("SSSEEF06", 0x0A),
    "card_number": ("SSSEEF05", 0x07),
}


def difference(found: Field, on_file: Value) -> Difference:
    """How a field of the card stands to the register's value."""
    value = found.reading.value
    if value is None or on_file is None:
        if value is None and on_file is None:
            return Difference.SAME
        return Difference.NOT_ON_CARD if value is None else Difference.NOT_ON_FILE
    if value == on_file:
        same = _as_written(found.item, on_file) == found.reading.raw
        return Difference.SAME if same else Difference.FILLED_OTHERWISE
    return Difference.FILLED_OTHERWISE if _zero_filled(found, on_file) else Difference.DIFFERENT


def face_faults(
    fields: Sequence[Field], printed: Face, register: Face
) -> tuple[tuple[str, Difference], ...]:
    """The items of the face that are not the same three times: printed, on file, on the chip (C1).

    Byte for byte in the card's own code: an item missing anywhere is a fault too. The answer names
    items, never their content.
    """
    chip = {(found.file.name, found.item.tag): found for found in fields}
    faults = []
    for name, place in FACE_ITEMS.items():
        wanted = _clear(getattr(register, name))
        if not wanted and name == "card_number":
            continue
        found = chip.get(place)
        if _clear(getattr(printed, name)) != wanted:
            faults.append((name, Difference.DIFFERENT))
        elif found is None:
            faults.append((name, Difference.NOT_ON_CARD))
        elif _bytes(found) != wanted.encode("gbk", "replace"):
            faults.append((name, difference(found, wanted)))
    return tuple(faults)


def _bytes(found: Field) -> bytes:
    """The text's bytes without filling."""
    return found.reading.raw.replace(b"\0", b"")


def _clear(value: Clear | str) -> str:
    return value.reveal() if isinstance(value, Clear) else value


def _as_written(item: Item, value: Value) -> bytes | None:
    try:
        return write(item, value)
    except ValueFault:
        return None


def _zero_filled(found: Field, on_file: Value) -> bool:
    """Short digits filled with zeros where the standard has F: a driver's habit (card-chip §20)."""
    value = found.reading.value
    if found.item.kind is not Kind.DIGITS or not isinstance(value, str):
        return False
    return isinstance(on_file, str) and value.rstrip("0") == on_file.rstrip("0")


def unusual(fields: Sequence[Field]) -> tuple[tuple[CardFile, str, Remark], ...]:
    """What a card has otherwise than the standard: file, address and remark, empties left out."""
    found = (
        (part.file, part.address, part.reading.remark)
        for whole in fields
        for part in (whole, *whole.parts)
    )
    return tuple(
        (file, address, remark)
        for file, address, remark in found
        if remark is not None and remark is not Remark.EMPTY
    )
