"""The code tables of the standard, and which item uses which (card-chip §8.2)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from minka.chip.filespec import CardFile, Item, Kind, data_rows

_ITEMS = """
SSSEEF05 02 11 | SSSEEF06 0A 13 | SSSEEF06 0B 14
DF01EF05 20 16 | DF01EF07 29 17 | DF01EF07 2A 21 | DF01EF08 2B 18 | DF01EF09 32 19
DF01EF0A 38 20 | DF01EF15 2A 21
DF02EF05 41 22 | DF02EF05 33 23 | DF02EF15 10 29 | DF02EF16 #1 30
DF03EF06 46 31 | DF03EF06 13 31 | DF03EF06 47 32 | DF03EF06 48 33 | DF03EF06 49 34
DF03EF06 14 35 | DF03EF07 70 36 | DF03EF16 5F 37 | DF03EF17 3D 38 | DF03EF18 74 39
DF03EF18 76 40 | DF03EF19 18 41
DF04EF05 8C 48 | DF04EF05 8F 49 | DF04EF06 90 43-47,50 | DF04EF08 #2 51 | DF04EF15 #2 52
DF07EF05 F0 53 | DF07EF05 F1 54 | DF07EF05 F3 55 | DF07EF06 F5 56 | DF07EF07 F9 57
DF05EF05 A0 B9 | DF05EF05 A1 B10 | DF05EF05 B9 B11 | DF05EF05 A9 B12
DF05EF05 AC B13-B25 | DF05EF05 AD B13-B25 | DF05EF05 AE B13-B25 | DF05EF05 AF B13-B25
DF05EF05 B0 B13-B25 | DF05EF05 B1 B13-B25 | DF05EF05 B2 B13-B25 | DF05EF05 B3 B13-B25
DF05EF05 B4 B13-B25 | DF05EF05 B5 B13-B25 | DF05EF05 B6 B13-B25 | DF05EF05 B7 B13-B25
DF05EF05 BC B13-B25
DF06EF05 E3 B26 | DF06EF06 C9 B27 | DF06EF06 CE B27 | DF06EF06 D3 B27 | DF06EF06 D8 B27
"""
"""File, tag and table; ``tables_of`` leaves out what version 1.0 means otherwise."""

_JOINED: Mapping[tuple[str, str], tuple[tuple[int, str], ...]] = MappingProxyType(
    {
        ("DF02EF06", "4B"): ((2, "24"), (3, "25")),
        ("DF02EF06", "4F"): ((2, "26"), (2, "27"), (2, "28")),
        ("DF04EF05", "81"): ((3, "42"), *(((1, "43-47,50"),) * 5)),
    }
)
"""Items that are several codes one after another: characters and table of each."""

_MONTHS_IN_1 = "养老保险费累计缴纳月数"
"""Tag 70 of version 1.0 has the length of a later code and is none (card-chip §7)."""


_SPARE = {Kind.TEXT: (0,), Kind.DIGITS: (0, 1), Kind.BYTES: (), Kind.NESTED: ()}
"""A code of one digit leaves half a byte."""


@cache
def table(name: str) -> Mapping[str, tuple[str, str]]:
    """The codes of one table of the standard, each with its Chinese and (if any) English name."""
    rows = (row for row in data_rows("card-codes.csv") if row["table"] == name)
    return MappingProxyType({row["code"]: (row["name_zh"], row["name_en"]) for row in rows})


@cache
def tables() -> tuple[str, ...]:
    """The names of all tables, in order."""
    return tuple(dict.fromkeys(row["table"] for row in data_rows("card-codes.csv")))


@cache
def _by_item() -> Mapping[tuple[str, str], str]:
    rows = (cell.split() for line in _ITEMS.strip().split("\n") for cell in line.split("|"))
    return {(file, mark): name for file, mark, name in rows}


def tables_of(file: CardFile, item: Item) -> tuple[tuple[int, str], ...]:
    """The tables of an item, each with how many characters it takes; empty when it has none.

    An item that is shorter or longer than the codes of its table is not one of them: version 1.0
    gave several tags another meaning.
    """
    parts = _JOINED.get((file.name, item.mark), ())
    if parts and item.length == sum(width for width, _ in parts):
        return parts
    name = _by_item().get((file.name, item.mark))
    if name is None or item.name_zh == _MONTHS_IN_1:
        return ()
    characters = item.length * (2 if item.kind is Kind.DIGITS else 1)
    spare = characters - len(next(iter(table(name))))
    return ((characters, name),) if spare in _SPARE[item.kind] else ()


def meaning(file: CardFile, item: Item, value: str) -> tuple[str, str] | None:
    """What a code says, in Chinese and English; None when the item has no table.

    A code that is not in its table stands in the answer as it is. Codes with an empty English name
    answer the Chinese one in its place.
    """
    parts = tables_of(file, item)
    if not parts:
        return None
    spoken: list[tuple[str, str]] = []
    for width, name in parts:
        code, value = value[:width], value[width:]
        chinese, english = _lookup(name, code)
        spoken.append((chinese, english or chinese))
    return "、".join(zh for zh, _ in spoken), "; ".join(en for _, en in spoken)


def known(file: CardFile, item: Item, value: str) -> bool:
    """Whether every code of a value stands in its table (or the item has no table)."""
    for width, name in tables_of(file, item):
        code, value = value[:width], value[width:]
        if not _found(name, code):
            return False
    return True


def _lookup(name: str, code: str) -> tuple[str, str]:
    found = _found(name, code)
    if found is None:
        return (code, code)
    return found


def _found(name: str, code: str) -> tuple[str, str] | None:
    """A code of a table; 00 in a joined item says that nothing applies."""
    codes = table(name)
    if code in codes:
        return codes[code]
    return ("无", "none") if code and not code.strip("0") and name in ("27", "28") else None
