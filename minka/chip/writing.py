"""Writing a card: items, whole files, new records; read back, compared, and mended when torn.

A write may be repeated without harm: an item holds the old or the new value. So a write that was
torn away is mended by writing again, once the card is proven to be the same one (X32).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from minka.chip import commands, reading, status
from minka.chip import gate as gates
from minka.chip.contents import Filling, Inner, file_records, item_record
from minka.chip.faults import CardFault, CardReason, fault
from minka.chip.filespec import CardFile, Structure
from minka.chip.session import AppendBy, CardSession, Gate
from minka.chip.values import Value

PIECE = 255
"""Bytes of one UPDATE BINARY, as kiosks in the field use."""


class Mended(Enum):
    """What was found when a torn write was looked into."""

    WAS_WHOLE = "was_whole"
    """The new content stood on the card already."""
    WRITTEN_AGAIN = "written_again"


@dataclass(frozen=True, slots=True)
class Intended:
    """What should stand in one file of one card: what a torn write is mended towards."""

    identification: bytes
    card_number: str
    file: str
    records: tuple[bytes, ...]
    """Whole records in the order of their numbers; for a transparent file its bytes."""


def intended(session: CardSession, name: str, filling: Filling) -> Intended:
    """The content of a whole file for the card in the reader; to be kept before it is written."""
    file = reading.named_file(session, name)
    records = file_records(file, filling)
    return Intended(session.identification, session.card_number, name, records)


def write_item(
    session: CardSession, place: tuple[str, int], given: Value | Inner, gate: Gate, *, nth: int = 1
) -> bytes:
    """Write one item of a file of items (``("DF01EF06", 0x24)``); answers the record.

    The record in its place must have the item's tag or be missing: a card whose records stand in
    another order is not overwritten.
    """
    name, tag = place
    file = _writable(session, name)
    record = item_record(file.item(tag), given)
    _open(session, file, gate)
    _put(session, file, file.number(tag) + nth - 1, record)
    return record


def write_file(session: CardSession, want: Intended, gate: Gate) -> None:
    """Write every record of a file; a cyclic file is never written whole."""
    file = _writable(session, want.file)
    if file.structure is Structure.CYCLIC:
        raise CardFault(CardReason.NEVER_WRITTEN, file=file.name)
    _open(session, file, gate)
    if file.structure is Structure.TRANSPARENT:
        _put_binary(session, want.records[0])
        return
    for number, record in enumerate(want.records, start=1):
        _put(session, file, number, record)


def append(session: CardSession, name: str, values: Inner, gate: Gate) -> bytes:
    """Add a record to a cyclic file; the older ones move down by one (C7). Answers the record."""
    file = _writable(session, name)
    if file.structure is not Structure.CYCLIC:
        raise CardFault(CardReason.NEVER_WRITTEN, file=file.name)
    record = item_record(file.items[0], values)
    _open(session, file, gate)
    by_number = session.settings.append is AppendBy.NUMBER_ONE
    command = commands.update_record(1, record) if by_number else commands.add_record(record)
    session.must(command, file=name)
    return record


def compare(session: CardSession, want: Intended, gate: Gate) -> tuple[int, ...]:
    """The numbers of the records that differ from what was intended, byte for byte; C1's check."""
    held = reading.read_records(session, want.file, gate)
    file = reading.named_file(session, want.file)
    if file.structure is Structure.TLV:
        return _differing(b"".join(held), want.records)
    same = held == want.records
    return () if same else (1,)


def must_hold(session: CardSession, want: Intended, gate: Gate) -> None:
    """``CardFault`` when what is read back is not what was written."""
    if compare(session, want, gate):
        raise CardFault(CardReason.NOT_WRITTEN)


def mend(session: CardSession, want: Intended, gate: Gate) -> Mended:
    """Finish a write that was torn away: the same card, what differs written again, read back.

    ``CardFault`` OTHER_CARD before anything is written when the card is another one, NOT_WRITTEN
    when it still differs afterwards.
    """
    reading.same_card(session, want.identification, want.card_number)
    if not compare(session, want, gate):
        return Mended.WAS_WHOLE
    write_file(session, want, gate)
    must_hold(session, want, gate)
    return Mended.WRITTEN_AGAIN


def _differing(held: bytes, wanted: Sequence[bytes]) -> tuple[int, ...]:
    """Record numbers whose bytes are not the wanted ones; a missing record differs."""
    place, numbers = 0, []
    for number, record in enumerate(wanted, start=1):
        own = held[place : place + 2 + (held[place + 1] if place + 1 < len(held) else 0)]
        place += max(len(own), 1)
        if own != record:
            numbers.append(number)
    return tuple(numbers)


def _writable(session: CardSession, name: str) -> CardFile:
    file = reading.named_file(session, name)
    if file.write_key is None:
        raise CardFault(CardReason.NEVER_WRITTEN, file=name)
    return file


def _open(session: CardSession, file: CardFile, gate: Gate) -> None:
    assert file.write_key is not None, "a writable file has its key"
    gates.authenticate(session, file.write_key, gate)
    session.choose(file)


def _put(session: CardSession, file: CardFile, number: int, record: bytes) -> None:
    held = session.ask(commands.read_record(number, len(record)))
    if held.ok and held.data[:1] != record[:1]:
        raise CardFault(CardReason.NO_SUCH_RECORD)
    if held.sw == status.APPLICATION_BLOCKED:
        raise fault(held.sw)
    session.must(commands.update_record(number, record), file=file.name)


def _put_binary(session: CardSession, content: bytes) -> None:
    for offset in range(0, len(content), PIECE):
        session.must(commands.update_binary(offset, content[offset : offset + PIECE]))
