"""What stands on the chip beside what is on file: each difference with reason and one cure (L3).

| seen | difference | what cures it |
|---|---|---|
| the same bytes | same | nothing |
| other bytes that mean the same | otherwise | nothing |
| key information differs (name, number, sex, card number) | key | a new card (X26) |
| the file is newer than the card | older | it is written at the next contact |
| the card is empty, the file is not | missing | it is written at the next contact |
| a write was begun and not seen to end | torn | put the card in again (X32) |
| the card bears a later date than the file | newer | the office looks into the file |
| it is about the card itself, or written by its own system | own | nothing |
| the card has what no file knows | only_card | the office that wrote it records it |
| the file was not read, or this post may not see it | closed | an entitled office |

Dates: a value on the card is of the day its own date item says, else of the day it was last
written; a value on file of the day on which it was true.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from minka.chip.compare import Difference as Beside
from minka.chip.compare import difference as compare_values
from minka.chip.contents import Field
from minka.chip.filespec import ENVIRONMENT
from minka.chip.values import Meaning, meaning_of
from minka.desk.chip_items import Place, blank, may_see, place_of, shown
from minka.desk.chip_read import FIRST, ChipReading, said
from minka.kit.words import Words


class Difference(Enum):
    """How an item on the card stands to the file."""

    SAME = Words("一致", "一致", "The same")
    OTHERWISE = Words("内容一致，写法不同", "內容一致，寫法不同", "The same, written otherwise")
    KEY = Words(
        "关键信息不一致：登记变更后没有换卡",
        "關鍵資訊不一致：登記變更後沒有換卡",
        "Key information differs: the file changed and the card was not replaced",
    )
    OLDER = Words(
        "卡内是旧的：登记在上次写卡之后变了",
        "卡內是舊的：登記在上次寫卡之後變了",
        "The card is older: the file changed after it was last written",
    )
    MISSING = Words(
        "卡内还没有：登记后没有写过卡",
        "卡內還沒有：登記後沒有寫過卡",
        "Not on the card yet: it was never written since",
    )
    TORN = Words(
        "上次写卡中断，不能确定写完没有",
        "上次寫卡中斷，不能確定寫完沒有",
        "The last write broke off; whether it was done is not known",
    )
    NEWER = Words(
        "卡内的日期比登记的新", "卡內的日期比登記的新", "The card bears a later date than the file"
    )
    ONLY_CARD = Words("卡内有，登记里没有", "卡內有，登記裡沒有", "On the card, and not on file")
    OWN = Words("卡自身的信息", "卡自身的資訊", "About the card itself")
    CLOSED = Words("没有读取这一项", "沒有讀取這一項", "This item was not read")


class Cure(Enum):
    """The one thing that removes a difference."""

    NONE = Words("不用办理", "不用辦理", "Nothing to do")
    NEXT_CONTACT = Words(
        "到窗口或自助终端插卡，会自动写入",
        "到窗口或自助終端插卡，會自動寫入",
        "Put the card in at a counter or kiosk: it is written then",
    )
    NEW_CARD = Words("办理换卡", "辦理換卡", "Apply for a new card")
    LOOK_INTO = Words("请经办人员核对登记", "請經辦人員核對登記", "The office checks the file")
    RECORD = Words(
        "请写卡的部门补登记", "請寫卡的部門補登記", "The office that wrote it records it on file"
    )
    ENTITLED = Words("到有权限的部门查询", "到有權限的部門查詢", "Ask at an office that may see it")


CURES: Mapping[Difference, Cure] = {
    Difference.SAME: Cure.NONE,
    Difference.OTHERWISE: Cure.NONE,
    Difference.KEY: Cure.NEW_CARD,
    Difference.OLDER: Cure.NEXT_CONTACT,
    Difference.MISSING: Cure.NEXT_CONTACT,
    Difference.TORN: Cure.NEXT_CONTACT,
    Difference.NEWER: Cure.LOOK_INTO,
    Difference.ONLY_CARD: Cure.RECORD,
    Difference.OWN: Cure.NONE,
    Difference.CLOSED: Cure.ENTITLED,
}

DATED: Mapping[str, str] = {
    "DF03EF05": "DF03EF05.62",
    "DF03EF06": "DF03EF06.67",
    "DF03EF07": "DF03EF07.73",
    "DF03EF15": "DF03EF15.7C",
    "DF03EF17": "DF03EF17.3E",
    "DF03EF18": "DF03EF18.78",
}
"""The item of a file that says on which day the others were true."""
DATED_INSIDE: Mapping[str, str] = {"DF03EF19.79": "1E", "DF02EF05.43": "5D", "DF02EF05.44": "35"}
"""The part of an item that says so."""
OF_THE_CARD = "SSSEEF05"
"""The file about the card itself, of which only the number stands on file for certain."""


@dataclass(frozen=True, slots=True)
class OnFile:
    """What the file says of one item."""

    item: str
    nth: int
    raw: bytes = field(repr=False)
    true_on: date | None = None
    torn: int = 0
    """One when a write of it was begun and never ended."""


@dataclass(frozen=True, slots=True)
class Line:
    """One item, the card's side and the file's."""

    place: Place
    nth: int
    on_card: Field | None
    on_file: Field | None
    card_day: date | None
    file_day: date | None
    difference: Difference

    @property
    def cure(self) -> Cure:
        """The one act that removes the difference."""
        return CURES[self.difference]

    @property
    def raw_card(self) -> str:
        """The card's bytes in hexadecimal, with their tag and length as they lie there."""
        if self.on_card is None:
            return ""
        raw = self.on_card.reading.raw
        framed = bytes((self.place.item.tag, len(raw))) + raw if self.place.item.tag else raw
        return framed.hex(" ").upper()

    @property
    def raw_file(self) -> str:
        """The bytes the file's value has on a card."""
        return self.on_file.reading.raw.hex(" ").upper() if self.on_file else ""


def compare(
    reading: ChipReading,
    file: Sequence[OnFile],
    role: str,
    written: Mapping[tuple[str, int], date] | None = None,
) -> tuple[Line, ...]:
    """Every item that was read or is on file and that this role may see, in the card's order.

    ``written`` tells on which day the value that was last written on the card was true.
    """
    same = [each for each in file if reading.version != FIRST or each.item.startswith(ENVIRONMENT)]
    wanted = {(each.item, each.nth): each for each in same}
    keys = [(f.item, f.nth) for f in reading.found]
    keys += [key for key in wanted if key not in set(keys)]
    lines = (_line(reading, key, wanted.get(key), (role, written or {})) for key in keys)
    return tuple(line for line in lines if line is not None)


def differing(lines: Iterable[Line]) -> tuple[Line, ...]:
    """The lines that name a difference somebody should cure."""
    return tuple(line for line in lines if line.cure is not Cure.NONE)


def _line(
    reading: ChipReading,
    key: tuple[str, int],
    on_file: OnFile | None,
    seen_by: tuple[str, Mapping[tuple[str, int], date]],
) -> Line | None:
    (item, nth), (role, written) = key, seen_by
    place = place_of(item) if on_file else None
    raw = reading.raw(item, nth)
    if place is None:
        found = next(f for f in reading.found if (f.item, f.nth) == key)
        told = said(found, reading.version)
        if told is None:
            return None
        place = told[0]
    hidden = not may_see(role, place.file)
    card = None if hidden or raw is None else shown(place, raw)
    file = None if hidden or on_file is None else shown(place, on_file.raw)
    days = (
        _card_day(reading, place, card, written.get(key)),
        on_file.true_on if on_file and not hidden else None,
    )
    if file is None and not hidden and (card is None or blank(place, card.reading.raw)):
        return None
    told_apart = Difference.CLOSED if hidden else _difference(place, (card, on_file), days)
    if reading.version == FIRST and told_apart is Difference.ONLY_CARD:
        told_apart = Difference.OWN
    return Line(place, nth, card, file, *days, told_apart)


def _card_day(
    reading: ChipReading, place: Place, card: Field | None, written: date | None
) -> date | None:
    if card is None or blank(place, card.reading.raw):
        return None
    inside = DATED_INSIDE.get(place.address)
    if inside:
        found = next((p.reading.value for p in card.parts if p.item.mark == inside), None)
        return found if isinstance(found, date) else written
    dated = DATED.get(place.file.name)
    raw = reading.raw(dated) if dated else None
    value = shown(place_of(dated), raw).reading.value if dated and raw is not None else None
    return value if isinstance(value, date) else written


def _difference(
    place: Place,
    sides: tuple[Field | None, OnFile | None],
    days: tuple[date | None, date | None],
) -> Difference:
    card, file = sides
    if file is None:
        own = place.file.name == OF_THE_CARD or place.file.write_key is None
        return Difference.OWN if own else Difference.ONLY_CARD
    if file.torn:
        return Difference.TORN
    if card is None:
        return Difference.CLOSED
    if card.reading.raw == file.raw:
        return Difference.SAME
    on_file = shown(place, file.raw)
    filled = compare_values(card, on_file.reading.value) is Beside.FILLED_OTHERWISE
    if _means(card) == _means(on_file) or (filled and not card.parts):
        return Difference.OTHERWISE
    if place.is_key:
        return Difference.KEY
    if blank(place, card.reading.raw):
        return Difference.MISSING
    later = days[0] is not None and days[1] is not None and days[0] > days[1]
    return Difference.NEWER if later else Difference.OLDER


def _means(side: Field) -> object:
    """What a side says, whatever way it is filled or packed."""
    if side.parts:
        return tuple((part.item.mark, _means(part)) for part in side.parts)
    value = side.reading.value
    if isinstance(value, date) and meaning_of(side.item) is Meaning.DATE:
        return f"{value:%Y%m%d}"
    return value
