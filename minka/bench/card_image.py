"""Where everything stands in a virtual chip's memory; the layout is ours.

| place | bytes | what |
|---|---|---|
| 0 | 1 | life cycle |
| 1 | 1 | class of chip: 1 user card, 2 PSAM |
| 2 | 13 | historical bytes |
| 16 | 11 | PIN: length, digits packed, limit, tries left |
| 32 | 20 | medical account: load counter, purchase counter, balance, year's self-payment, year's |
| | | pooled payment, year of payment, starting day |
| 52 | 11 | proof of the last amount changed: type, counter, MAC, TAC |
| 64 | 5 | first free byte, number of keys, 0 |
| 128 | 2,048 | directory (``card_tree``) |
| 2,176 | 2,304 | keys, 24 bytes each: folder, number, version, algorithm, usage, limit, left, |
| | | length, value |
| 4,480 | … | bytes of the files |
"""

from __future__ import annotations

from enum import IntEnum

from minka.bench.card_tree import ENTRIES, ENTRY

LIFE = 0
CLASS = 1
HISTORICAL = slice(2, 15)
PIN_LENGTH, PIN, PIN_LIMIT, PIN_LEFT = 16, slice(17, 25), 25, 26
PIN_BLOCK = slice(16, 27)
ACCOUNT = 32
ACCOUNT_BYTES = 20
PROOF = 52
PROOF_BYTES = 11
FREE = slice(64, 67)
KEY_COUNT = 67
DIRECTORY = 128
DIRECTORY_END = DIRECTORY + ENTRIES * ENTRY
KEYS = DIRECTORY_END
KEY = 24
MOST_KEYS = 96
LIMIT_AT, LEFT_AT, VALUE_AT = 5, 6, 8
CONTENT = KEYS + KEY * MOST_KEYS
WHOLE = 32_768
"""Bytes of memory of a chip that will be given its files by commands."""


class Life(IntEnum):
    """The life of a chip; from BLOCKED on it answers 6A81 to everything."""

    BLANK = 0
    """The transport key alone."""
    INITIALISED = 1
    """Files and keys are there, values are empty."""
    PERSONALISED = 2
    ISSUED = 3
    BLOCKED = 4
    TERMINATED = 5


class Usage(IntEnum):
    """What a key is for (card-chip §9.3)."""

    MASTER = 0
    PURCHASE = 2
    STARTING = 5
    """Opens UPDATE STARTING DAY (DSK); the usage is ours."""
    ENCIPHER = 7
    """Internal and external authentication."""
    MESSAGE = 8
    LOAD = 9
    TAC = 12


class ChipClass(IntEnum):
    """What kind of chip a memory belongs to."""

    CARD = 1
    PSAM = 2
