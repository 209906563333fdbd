"""What real cards carry that the standard does not foresee, to be put onto a virtual one.

Each quirk of card-chip §20 that is a matter of content; those of behaviour are ``Traits``.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from minka.bench.card_plan import Shape, plan
from minka.chip.filespec import specification

Records = Mapping[tuple[str, int], bytes]
"""Values by file and tag, of the items' own lengths."""


class Quirk(Enum):
    """One oddity of content."""

    VERSION_WITH_ZERO = "version_with_zero"
    ASCII_YEARS = "ascii_years"
    NUMBER_OF_DIGITS = "number_of_digits"
    NOT_FILLED_IN = "not_filled_in"
    EMPTY_VERSION = "empty_version"
    OTHER_INSTITUTION = "other_institution"


QUIRKS: Mapping[Quirk, Records] = {
    Quirk.VERSION_WITH_ZERO: {("SSSEEF05", 0x03): b"2.0\0"},
    Quirk.ASCII_YEARS: {("SSSEEF05", 0x05): b"2012", ("SSSEEF05", 0x06): b"2022"},
    Quirk.NUMBER_OF_DIGITS: {("SSSEEF05", 0x07): b"123456789"},
    Quirk.NOT_FILLED_IN: {
        ("SSSEEF06", 0x0B): b"\xff",
        ("SSSEEF06", 0x0C): b"\xff" * 3,
        ("SSSEEF06", 0x0D): b"\xff" * 4,
    },
    Quirk.EMPTY_VERSION: {("SSSEEF05", 0x03): bytes(4)},
    Quirk.OTHER_INSTITUTION: {("SSSEEF05", 0x04): b"\x12" * 12},
}


def with_quirk(shape: Shape, cells: bytes, quirk: Quirk) -> bytes:
    """The memory of the same card with the oddity in it."""
    layout, changed = plan(shape), bytearray(cells)
    whole = specification(shape.version, shape.options)
    for (file, tag), value in QUIRKS[quirk].items():
        start = layout.places[file, whole.file(file).number(tag)]
        changed[start : start + len(value)] = value
    return bytes(changed)
