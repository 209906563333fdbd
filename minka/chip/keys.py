"""The keys of a card by name, and the number a command gives each (card-chip §9.2).

A name is the standard's: ``UK1DF01`` is the first update key of DF01. Numbers that no open source
gives are settings; ``BENCH`` holds the bench's own for them, marked so (card-chip §22). The
table of the keys room holds the same numbers with level and purpose; a test compares the two.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from minka.chip.filespec import ENVIRONMENT

IRK, STK, UKSSSE, BK, PUK, RKSSSE = "IRK", "STKSSSE", "UKSSSE", "BK", "PUK", "RKSSSE"
DPK, DLK, DTK, DSK = "DPK", "DLK", "DTK", "DSK"

KNOWN: Mapping[str, int] = MappingProxyType(
    {IRK: 0x00, STK: 0x02, UKSSSE: 0x04, "UKMF": 0x04, BK: 0x05, PUK: 0x06, RKSSSE: 0x0A}
    | {f"STKDF0{n}": 0x82 for n in (1, 2, 3, 4)}
    | {"LKDF03": 0x83, "LKDF04": 0x83}
    | {"UK1DF01": 0x83, "UK2DF01": 0x84, "UK3DF01": 0x85, "UK4DF01": 0x86, "UK5DF01": 0x87}
    | {"RK1DF01": 0x88, "UK6DF01": 0x89}
    | {"UK1DF02": 0x83, "UK2DF02": 0x84, "UK3DF02": 0x85, "UK4DF02": 0x86, "UK5DF02": 0x87}
    | {"RK1DF02": 0x88, "UK6DF02": 0x89}
    | {"RK1DF03": 0x84, "RK2DF03": 0x85, "UK1DF03": 0x86, "UK2DF03": 0x87, "UK3DF03": 0x88}
    | {"UK4DF03": 0x89, "UK5DF03": 0x8A, "UK6DF03": 0x8B, "UK7DF03": 0x8C, "UK8DF03": 0x8D}
    | {"RK1DF04": 0x84, "UK1DF04": 0x85, "UK2DF04": 0x86}
)
"""Numbers read in open sources."""

BENCH: Mapping[str, int] = MappingProxyType(
    {f"UK{n}DF01": 0x83 + int(n, 16) for n in "789AB"}
    | {f"STKDF0{n}": 0x82 for n in (5, 6, 7)}
    | {DSK: 0x8A, "UK1DF05": 0x84}
    | {"LKDF06": 0x83, "RK1DF06": 0x84, "UK1DF06": 0x85, "UK2DF06": 0x86}
    | {"RK1DF07": 0x84, "UK1DF07": 0x85, "RK2DF07": 0x86, "UK2DF07": 0x87}
    | {"RK3DF07": 0x88, "UK3DF07": 0x89}
)
"""The bench's own numbers where the standard's are not published; never law."""

NUMBERS: Mapping[str, int] = MappingProxyType({**BENCH, **KNOWN})
"""What is used unless the operator's own documents say otherwise."""

_OWNER = re.compile(r"(?:STK|LK|RK\d|UK[0-9A-B])(DF0\d)")


def owner(key: str) -> str:
    """The application a key belongs to: ``DF01`` …, or the environment."""
    found = _OWNER.fullmatch(key)
    if found:
        return found[1]
    return "DF04" if key in (DPK, DLK, DTK, DSK) else ENVIRONMENT


def messaging(application: str) -> str:
    """The key of secure messaging in an application or the environment."""
    return f"STK{application}"


def blocking(application: str) -> str:
    """The key that must be shown before an application, or the whole card, is blocked."""
    return BK if application == ENVIRONMENT else f"LK{application}"
