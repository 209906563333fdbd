"""The items of a card as the office speaks of them: addresses, typed values, and who may do what.

| items | recorded and written by | seen by |
|---|---|---|
| SSSE: identity, card number, dates | nobody: key information (X26) | every desk |
| DF03EF06, DF03EF17: disability, injury (C8) | medical, reviewer | the same, and the holder |
| DF04: medical insurance (C5) | medical, reviewer | every desk |
| the rest (C2, C3, C4, C6, C7) | counter, reviewer | every desk |

No public rule names the posts: the table is configuration, and this is its default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from minka.chip import codes
from minka.chip.contents import Field, item_bytes, read_file
from minka.chip.filespec import CardFile, Item, Structure, specification
from minka.chip.tlv import record
from minka.chip.values import Meaning, Value, ValueFault, meaning_of
from minka.kit.clock import CHINA
from minka.kit.fen import from_yuan
from minka.kit.secret import Clear

NEWEST = "3.0"
COUNTER, MEDICAL, REVIEWER = "counter_clerk", "medical_staff", "reviewer"
HOLDER, KIOSK = "holder", "kiosk"
"""The holder himself: on line, or at a terminal with his ID card and his own card in it."""
CLOSED = {"DF03EF06": (MEDICAL, REVIEWER), "DF03EF17": (MEDICAL, REVIEWER)}
"""Files that only these posts may see."""
_WRITERS = {**CLOSED, "DF04": (MEDICAL, REVIEWER)}
_READERS = ("hotline_agent", "bank_clerk", "auditor", "factory", COUNTER, MEDICAL, REVIEWER)


class NoSuchItem(Exception):
    """An address that no card has."""


@dataclass(frozen=True, slots=True)
class Place:
    """One item of one file, with its address: ``DF01EF07.29``."""

    file: CardFile
    item: Item

    @property
    def address(self) -> str:
        """File and tag."""
        return f"{self.file.name}.{self.item.mark}"

    @property
    def is_key(self) -> bool:
        """Whether a change of it means a new card."""
        return self.file.application == "SSSE"

    @property
    def appends(self) -> bool:
        """Whether a new record is added beside the earlier ones."""
        return self.file.structure is Structure.CYCLIC

    def name(self, language: str = "zh-hans") -> str:
        """The item's name in the standard."""
        return self.item.name_en if language == "en" else self.item.name_zh


def place_of(address: str, version: str = NEWEST) -> Place:
    """The item of an address; ``NoSuchItem`` when no card of that version has it."""
    name, _, mark = address.partition(".")
    try:
        file = specification(version).file(name)
    except (KeyError, ValueError):
        raise NoSuchItem(address) from None
    if file.structure is not Structure.TLV and mark == "-":
        return Place(file, file.items[0])
    for item in file.items:
        if item.mark == mark:
            return Place(file, item)
    raise NoSuchItem(address)


def may_write(role: str, place: Place) -> bool:
    """Whether a post may record an item and have it written."""
    own = _WRITERS.get(place.file.name) or _WRITERS.get(place.file.application)
    return role in (own or (COUNTER, REVIEWER))


def may_carry_out(role: str, place: Place) -> bool:
    """Whether what was recorded may be written here: at such a post, or at a kiosk."""
    return role == KIOSK or may_write(role, place)


def may_see(role: str, file: CardFile) -> bool:
    """Whether a post may see what stands in a file; the holder sees his own card."""
    return role in (HOLDER, KIOSK) or role in CLOSED.get(file.name, _READERS)


def typed(item: Item, text: str) -> Value:
    """A value as it was typed; ``ValueFault`` for what the item cannot mean.

    Dates as 2026-11-22, instants as 2026-11-22T15:00, amounts in yuan, bytes in hexadecimal.
    """
    text = text.strip()
    if not text:
        return None
    try:
        match meaning_of(item):
            case Meaning.DATE:
                return date.fromisoformat(text)
            case Meaning.TIME:
                at = datetime.fromisoformat(text)
                return at if at.tzinfo else at.replace(tzinfo=CHINA)
            case Meaning.FEN:
                return from_yuan(text)
            case Meaning.COUNT:
                return int(text)
            case Meaning.BYTES | Meaning.NESTED:
                return bytes.fromhex(text)
    except ValueError:
        raise ValueFault(f"{item.name_en}: not as it is typed") from None
    return text


def made(place: Place, values: Mapping[str, Clear]) -> bytes:
    """The bytes of an item from what was typed, by part (``""`` for an item without parts).

    ``ValueFault`` names the item, never the value; a code that its table lacks is one, too.
    """
    item = place.item
    if not item.parts:
        value = typed(item, values[""].reveal()) if set(values) == {""} else None
        _known(place, item, value)
        return item_bytes(item, value)
    parts = {part.mark: part for part in item.parts}
    if not values or set(values) - set(parts):
        raise ValueFault(f"{item.name_en}: no such part")
    inner = {mark: typed(parts[mark], text.reveal()) for mark, text in values.items()}
    for mark, value in inner.items():
        _known(place, parts[mark], value)
    return item_bytes(item, inner)


def _known(place: Place, item: Item, value: Value) -> None:
    if value is None:
        raise ValueFault(f"{item.name_en}: nothing given")
    if isinstance(value, str) and not codes.known(place.file, item, value):
        raise ValueFault(f"{item.name_en}: no such code")


def shown(place: Place, raw: bytes) -> Field:
    """What the bytes of an item say."""
    framed = record(place.item.tag, raw) if place.item.tag else raw
    return read_file(place.file, [framed])[0]


def blank(place: Place, raw: bytes) -> bool:
    """Whether nothing stands in the item, nor in any part of it."""
    said = shown(place, raw)
    sides = said.parts or (said,)
    return said.reading.value is None or all(part.reading.value is None for part in sides)
