"""The directory file: which applications a card says it has (card-chip §3.1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from minka.chip.tlv import Tlv, TlvFault, elements, find, template

ENTRY, NAME, LABEL = 0x61, 0x4F, 0x50


@dataclass(frozen=True, slots=True)
class Entry:
    """One application: its name of 5 to 16 bytes, and its label of up to 16 (none for a DDF)."""

    name: bytes
    label: str = ""

    def __bytes__(self) -> bytes:
        """The entry as a record of the directory file."""
        own = [Tlv(NAME, self.name)]
        return template(ENTRY, [*own, Tlv(LABEL, self.label.encode("gbk"))] if self.label else own)


def parse_directory(records: Iterable[bytes]) -> tuple[Entry, ...]:
    """The entries of a directory file's records; what is no entry is passed over."""
    return tuple(entry for record in records for entry in _entries(record))


def supported(aids: Sequence[bytes], entries: Sequence[Entry] | None) -> tuple[bytes, ...]:
    """Which of the standard's applications a card has; all of them when it has no directory."""
    if entries is None:
        return tuple(aids)
    named = {entry.name for entry in entries}
    return tuple(aid for aid in aids if aid in named)


def _entries(record: bytes) -> Iterable[Entry]:
    try:
        for element in elements(record):
            name = find(element.value, NAME) if element.tag == ENTRY else None
            if name:
                label = find(element.value, LABEL) or b""
                yield Entry(name, label.rstrip(b"\0").decode("gbk", "replace"))
    except TlvFault:
        return
