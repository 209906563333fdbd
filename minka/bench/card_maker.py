"""Ready cards for the bench: a plan, a person's values, the bench's keys, and a PIN of one's own.

``make`` gives the memory of an issued card as a factory would leave it; ``card_from`` powers it.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from minka.bench.card_account import Account
from minka.bench.card_auth import LONGEST_PIN
from minka.bench.card_core import Chip, Honesty, Random, Traits
from minka.bench.card_image import (
    ACCOUNT,
    ACCOUNT_BYTES,
    HISTORICAL,
    KEY,
    KEY_COUNT,
    KEYS,
    PIN_BLOCK,
    VALUE_AT,
)
from minka.bench.card_keys import card_keys
from minka.bench.card_memory import Memory
from minka.bench.card_os import card
from minka.bench.card_plan import TRIES, Plan, Shape, plan, value_place
from minka.chip.contents import Filling, file_records
from minka.chip.filespec import CardFile, Structure, specification
from minka.cipher.card_key import Algorithm
from minka.kit.secret import Clear

NOTHING: Mapping[str, Filling] = MappingProxyType({})
NEW_ACCOUNT = Account(0, 0, 0, 0, 0, bytes(2), bytes(2))
"""As a chip is born; the first purchase sets the year, UPDATE STARTING DAY the day."""


@dataclass(frozen=True, slots=True)
class Blank:
    """What a factory is told about one card: whose area, which chip, what stands in its files."""

    area: str
    historical: bytes
    """Thirteen bytes; the last eight are the card's factor."""
    contents: Mapping[str, Filling] = field(default_factory=lambda: NOTHING)
    """Values by file (``SSSEEF06``) and tag, as ``chip.contents`` takes them."""
    pin: Clear = field(default_factory=lambda: Clear(""))
    """Digits; empty for a blank PIN. There is no PIN unless one is given."""
    tries: int = TRIES
    account: Account = NEW_ACCOUNT


def make(shape: Shape, blank: Blank) -> bytes:
    """The memory of an issued card."""
    layout = plan(shape)
    cells = bytearray(layout.template)
    cells[HISTORICAL] = blank.historical
    cells[PIN_BLOCK] = pin_block(blank.pin, blank.tries)
    cells[ACCOUNT : ACCOUNT + ACCOUNT_BYTES] = bytes(blank.account)
    if shape.algorithm is not Algorithm.SSF33:
        _put_keys(cells, layout, blank)
    whole = specification(shape.version, shape.options)
    for name, filling in blank.contents.items():
        _put_file(cells, layout, whole.file(name), filling)
    return bytes(cells)


def card_from(cells: bytes, random: Random | None = None, traits: Traits | None = None) -> Chip:
    """A card with a memory, powered; its challenges are random unless told."""
    return card(Memory(cells), random=random or secrets.token_bytes, traits=traits)


def cloned(original: Chip) -> Chip:
    """A forger's copy: the same data and answer to reset, no key, and everybody is let in (T10)."""
    cells = bytearray(original.memory.cells)
    for place in range(KEYS, KEYS + KEY * cells[KEY_COUNT], KEY):
        cells[place + VALUE_AT : place + KEY] = bytes(KEY - VALUE_AT)
    return card_from(bytes(cells), traits=Traits(honesty=Honesty.CLONE))


def packed(pin: Clear) -> bytes:
    """The digits of a PIN as VERIFY takes them: two a byte, an odd one filled with F."""
    digits = pin.reveal()
    return bytes.fromhex(digits + "f" * (len(digits) % 2))


def pin_block(pin: Clear, tries: int) -> bytes:
    """The eleven bytes of a PIN in memory, with all its tries."""
    held = packed(pin)
    return bytes((len(held),)) + held.ljust(LONGEST_PIN, b"\0") + bytes((tries, tries))


def _put_keys(cells: bytearray, layout: Plan, blank: Blank) -> None:
    made = card_keys(layout, blank.area, [blank.historical])
    for key, value in zip(layout.keys, made, strict=True):
        cells[value_place(key) : value_place(key) + len(value)] = value


def _put_file(cells: bytearray, layout: Plan, file: CardFile, filling: Filling) -> None:
    records, start = file_records(file, filling), layout.starts[file.name]
    if file.structure is Structure.CYCLIC:
        count = len(records)
        cells[start : start + 2] = bytes(((count - 1) % 256 if count else 0, count))
        whole = b"".join(reversed(records))
        cells[start + 2 : start + 2 + len(whole)] = whole
        return
    whole = b"".join(records)
    if file.structure is Structure.TLV:
        whole = len(whole).to_bytes(2) + whole
    cells[start : start + len(whole)] = whole
