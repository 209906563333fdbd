"""The keys a vault holds and what it keeps each of them to: purpose, standing, levels, counter.

The order of refusals: unknown, wrong purpose, not active, wrong levels, counter spent. A count is
on the disk before the answer leaves: exactly for a batch of cards and for a key with an end, and
for the rest by a reservation, so that a crash may lose some uses but never gives one back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from enum import Enum

import msgspec

from minka.devices.vault_keeping import Keeping, wipe
from minka.keys.vault import (
    KeyFacts,
    KeyName,
    KeyReason,
    KeyRefused,
    Purpose,
    Standing,
    VaultGone,
)

FAULTS = (OSError, VaultGone)
"""What a write may meet; the record is then as it was."""

AHEAD = 4096
"""Uses reserved at once for a key without end."""


class Use(Enum):
    """Whether a key works with a card that exists or makes something new."""

    EXISTING = "existing"
    NEW = "new"


class Record(msgspec.Struct):
    """A key as it is remembered."""

    facts: KeyFacts
    stored: bytearray
    """Soft: the key itself. PKCS#11: the object's id. SDF: the key under the machine's KEK."""
    reserved: int = 0

    def __repr__(self) -> str:
        return f"Record({self.facts.name.name}, …)"


class Content(msgspec.Struct):
    """A whole vault."""

    records: list[Record] = []


class Shelf:
    """The records of a vault over its file."""

    def __init__(self, keeping: Keeping) -> None:
        self._keeping = keeping
        self._encoder = msgspec.msgpack.Encoder()
        self._records = {record.facts.name: record for record in self._read()}

    def __iter__(self) -> Iterator[Record]:
        return iter(self._records.values())

    def find(self, name: KeyName) -> Record:
        """A key's record; ``UNKNOWN``."""
        try:
            return self._records[name]
        except KeyError:
            raise KeyRefused(KeyReason.UNKNOWN) from None

    def admit(
        self, name: KeyName, purposes: tuple[Purpose, ...], use: Use, *, levels: int | None = None
    ) -> Record:
        """A key that may be used so; ``levels`` are the factors about to be applied."""
        record = self.find(name)
        terms = record.facts.terms
        if record.facts.purpose not in purposes:
            raise KeyRefused(KeyReason.WRONG_PURPOSE)
        if terms.standing is not Standing.ACTIVE and not (
            terms.standing is Standing.HISTORY and use is Use.EXISTING
        ):
            raise KeyRefused(KeyReason.NOT_ACTIVE)
        if levels is not None and terms.levels not in (None, levels):
            raise KeyRefused(KeyReason.WRONG_LEVELS)
        return record

    def count(self, record: Record, uses: int, use: Use) -> None:
        """So many uses; ``COUNTER_SPENT`` and none counted when they are too many."""
        end, used = record.facts.terms.uses, record.facts.used + uses
        if end is not None and used > end:
            raise KeyRefused(KeyReason.COUNTER_SPENT)
        exact = use is Use.NEW or end is not None
        before, reserved = record.facts, record.reserved
        record.facts = replace(before, used=used)
        if exact or used > reserved:
            record.reserved = used if exact else used + AHEAD
            try:
                self.write()
            except FAULTS:
                record.facts, record.reserved = before, reserved
                raise

    def add(self, record: Record) -> KeyFacts:
        """A new key; ``EXISTS``."""
        self.room(record.facts.name)
        self._records[record.facts.name] = record
        try:
            self.write()
        except FAULTS:
            del self._records[record.facts.name]
            raise
        return record.facts

    def room(self, name: KeyName) -> None:
        """A name that is free; ``EXISTS``."""
        if name in self._records:
            raise KeyRefused(KeyReason.EXISTS)

    def set_standing(self, name: KeyName, standing: Standing) -> KeyFacts:
        """See ``VaultCustody.set_standing``."""
        record = self.find(name)
        before = record.facts
        record.facts = replace(before, terms=replace(before.terms, standing=standing))
        try:
            self.write()
        except FAULTS:
            record.facts = before
            raise
        return record.facts

    def remove(self, name: KeyName) -> Record:
        """A key that is held no more, gone from the disk's newest file too."""
        record = self.find(name)
        del self._records[name]
        try:
            self.write()
        except FAULTS:
            self._records[name] = record
            raise
        return record

    def write(self) -> None:
        """Everything as it is now."""
        buffer = bytearray()
        self._encoder.encode_into(Content(list(self._records.values())), buffer)
        try:
            self._keeping.write(buffer)
        finally:
            wipe(buffer)

    def close(self) -> None:
        """True counts instead of reservations; the keys in memory are overwritten."""
        for record in self:
            record.reserved = record.facts.used
        try:
            self.write()
        finally:
            for record in self:
                wipe(record.stored)
            self._records.clear()

    def _read(self) -> list[Record]:
        content = self._keeping.read()
        if content is None:
            return []
        try:
            found = msgspec.msgpack.decode(content, type=Content).records
        finally:
            wipe(content)
        for record in found:
            record.facts = replace(record.facts, used=max(record.facts.used, record.reserved))
        return found
