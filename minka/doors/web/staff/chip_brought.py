"""What a workstation's own reader service gave to the page, brought by its script.

The service answers fields by name and items by file and tag, as the national driver writes them.
The server has not proven that card, so the reading is kept as unproved: it can be looked at, and
nothing is written or handed over because of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from minka.chip.values import Meaning, ValueFault, meaning_of
from minka.chip.values import write as to_bytes
from minka.desk.chip_items import NoSuchItem, Place, place_of
from minka.desk.chip_read import Found, KeepReading, packed
from minka.desk.chip_write import InReader

SERVICE_PORT = 18080
"""Where the local reader service speaks Minka's own form, unless its settings say otherwise."""
FILES = "DF01EF07|29|$DF03EF07|70|73|$DF04EF05|81|84|"
"""What the script asks for besides the basic information."""
MOST = 64 * 1024
BASIC = {
    "card_number": "SSSEEF05.07",
    "identity_number": "SSSEEF06.08",
    "name": "SSSEEF06.09",
    "issued_on": "SSSEEF05.05",
    "valid_until": "SSSEEF05.06",
}


def reading(text: str, place_id: str) -> KeepReading | None:
    """The reading a script brought; None when it is none."""
    if len(text) > MOST:
        return None
    try:
        told = json.loads(text)
        card = {str(name): str(value) for name, value in told["card"].items()}
        items = {str(f): dict(marks) for f, marks in told.get("items", {}).items()}
        code = bytes.fromhex(card["identification_code"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    found = (*_basic(card), *_items(items))
    terminal = InReader(code, "untried", f"service {card.get('device', '')}"[:40])
    return KeepReading(card.get("card_number", ""), terminal, packed(found), place_id)


def _basic(card: Mapping[str, str]) -> Iterator[Found]:
    for name, address in BASIC.items():
        yield from _found(place_of(address), card.get(name, ""))


def _items(items: Mapping[str, Mapping[str, Any]]) -> Iterator[Found]:
    for file, marks in items.items():
        for mark, value in marks.items():
            try:
                place = place_of(f"{file}.{mark}")
            except NoSuchItem:
                continue
            yield from _found(place, str(value))


def _found(place: Place, text: str) -> Iterator[Found]:
    try:
        raw = to_bytes(place.item, _value(place, text))
    except (ValueFault, ValueError):
        return
    yield Found(place.address, 1, raw)


def _value(place: Place, text: str) -> Any:
    """A value as the driver writes it: digits, dates as eight of them, amounts in fen."""
    text = text.strip()
    if not text:
        return None
    match meaning_of(place.item):
        case Meaning.DATE:
            return date.fromisoformat(text)
        case Meaning.FEN | Meaning.COUNT:
            return int(text)
        case Meaning.BYTES | Meaning.NESTED:
            return bytes.fromhex(text)
    return text
