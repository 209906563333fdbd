"""The vault itself: the port's operations over any machine, each under the rules of its shelf."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Generic

from minka.cipher.key_block import Export as BlockExport
from minka.devices.vault_keeping import wipe
from minka.devices.vault_machine import K, Machine
from minka.devices.vault_shelf import Record, Shelf, Use
from minka.keys.block import Blocked
from minka.keys.vault import (
    ORDINARY,
    Export,
    KeyFacts,
    KeyName,
    KeyPath,
    KeyReason,
    KeyRefused,
    KeyTerms,
    Purpose,
    Standing,
)

FACTOR = 8
CHALLENGES = (4, 8, 16)
HEADER = 5
MOST_PLAIN = 230
"""Enciphered, filled and with its MAC it still fits a short command."""

OF_CARDS = tuple(purpose for purpose in Purpose if purpose is not Purpose.TRANSPORT)


class CardVault(Generic[K]):
    """``KeyVault`` and ``VaultCustody`` over one machine; not for several threads."""

    def __init__(self, machine: Machine[K], shelf: Shelf) -> None:
        self._machine = machine
        self._shelf = shelf
        self._loaded: dict[KeyName, K] = {}
        self._parts: dict[tuple[str, KeyName], list[bytearray]] = {}

    def facts(self, key: KeyName) -> KeyFacts:
        """See ``KeyVault.facts``."""
        return self._shelf.find(key).facts

    def internal_authentication(self, key: KeyPath, factor: bytes, original: bytes) -> bytes:
        """See ``KeyVault.internal_authentication``."""
        return self._authentication(key, factor, original, Purpose.INTERNAL)

    def external_authentication(self, key: KeyPath, factor: bytes, original: bytes) -> bytes:
        """See ``KeyVault.external_authentication``."""
        return self._authentication(key, factor, original, Purpose.EXTERNAL)

    def secure_message(
        self, key: KeyPath, factor: bytes, header: bytes, plain: bytes | None
    ) -> bytes:
        """See ``KeyVault.secure_message``."""
        _fits(len(header) == HEADER and len(plain or b"") <= MOST_PLAIN)
        with self._session(key, factor, Purpose.MESSAGE) as once:
            body = b"" if plain is None else self._machine.enciphered(once, plain)
            command = header[:4] + bytes([len(body) + 4]) + body
            return command + self._machine.mac(once, command)

    def purchase_mac(self, key: KeyPath, spend: bytes, message: bytes) -> bytes:
        """See ``KeyVault.purchase_mac``."""
        with self._session(key, spend, Purpose.PURCHASE, Purpose.LOAD) as once:
            return self._machine.mac(once, message)

    def transaction_code(self, key: KeyPath, message: bytes) -> bytes:
        """See ``KeyVault.transaction_code``."""
        record = self._admit(key, Purpose.TAC)
        return self._machine.transaction_code(self._root(record), key.factors, message)

    def wrap(self, key: KeyName, under: KeyName) -> bytes:
        """See ``KeyVault.wrap``."""
        record = self._shelf.admit(key, OF_CARDS, Use.NEW)
        outer = self._shelf.admit(under, (Purpose.TRANSPORT,), Use.NEW)
        if record.facts.terms.export is not Export.UNDER_TRANSPORT:
            raise KeyRefused(KeyReason.NOT_EXPORTABLE)
        self._shelf.count(outer, 1, Use.NEW)
        self._shelf.count(record, 1, Use.NEW)
        return self._machine.wrap(record.facts, self._root(record), self._root(outer))

    def diversify_and_wrap(
        self, key: KeyName, shared: tuple[bytes, ...], cards: Sequence[bytes], under: KeyName
    ) -> Sequence[bytes]:
        """See ``KeyVault.diversify_and_wrap``."""
        _fits(all(len(factor) == FACTOR for factor in (*shared, *cards)))
        record = self._shelf.admit(key, OF_CARDS, Use.NEW, levels=len(shared) + 1)
        outer = self._shelf.admit(under, (Purpose.TRANSPORT,), Use.NEW)
        if key.algorithm is not under.algorithm:
            raise KeyRefused(KeyReason.ALGORITHM)
        size = record.facts.bits // 8
        with ExitStack() as held:
            above = self._derived(self._root(record), shared, held)
            joined = self._machine.each(above, b"".join(cards), self._root(outer))
        self._shelf.count(outer, 1, Use.EXISTING)
        self._shelf.count(record, len(cards), Use.NEW)
        return [joined[at : at + size] for at in range(0, len(joined), size)]

    def inventory(self) -> Sequence[KeyFacts]:
        """See ``VaultCustody.inventory``."""
        facts = [record.facts for record in self._shelf]
        return sorted(facts, key=lambda f: (f.name.name, f.name.version, f.name.algorithm))

    def generate(self, key: KeyName, purpose: Purpose, *, terms: KeyTerms = ORDINARY) -> KeyFacts:
        """See ``VaultCustody.generate``."""
        self._may_begin(key, purpose, terms)
        stored = self._machine.make(key.algorithm, terms.bits)
        return self._begin(key, purpose, terms, stored)

    def add_component(self, ceremony: str, key: KeyName, component: bytes) -> bytes:
        """See ``VaultCustody.add_component``."""
        part = bytearray(component)
        lent = self._machine.lend(key.algorithm, part)
        try:
            check_value = self._machine.check_value(lent)
        finally:
            self._machine.drop(lent)
        entered = self._parts.setdefault((ceremony, key), [])
        if part not in entered:
            entered.append(part)
        return check_value

    def forget_components(self, ceremony: str, key: KeyName) -> None:
        """See ``VaultCustody.forget_components``."""
        for part in self._parts.pop((ceremony, key), []):
            wipe(part)

    def combine(
        self,
        ceremony: str,
        key: KeyName,
        purpose: Purpose,
        parts: int,
        *,
        terms: KeyTerms = ORDINARY,
    ) -> KeyFacts:
        """See ``VaultCustody.combine``; the parts are forgotten whatever comes of it."""
        entered = self._parts.pop((ceremony, key), [])
        whole = bytearray(terms.bits // 8)
        try:
            if parts < 2 or len(entered) != parts or any(len(p) != len(whole) for p in entered):
                raise KeyRefused(KeyReason.BAD_PARTS)
            self._may_begin(key, purpose, terms)
            for part in entered:
                for place, octet in enumerate(part):
                    whole[place] ^= octet
            return self._begin(key, purpose, terms, self._machine.take(key.algorithm, whole))
        finally:
            for part in (*entered, whole):
                wipe(part)

    def unwrap(
        self,
        block: bytes,
        under: KeyName,
        key: KeyName,
        purpose: Purpose,
        *,
        terms: KeyTerms = ORDINARY,
    ) -> KeyFacts:
        """See ``VaultCustody.unwrap``."""
        outer = self._shelf.admit(under, (Purpose.TRANSPORT,), Use.NEW)
        self._may_begin(key, purpose, terms)
        found = self._machine.unwrap(block, self._root(outer))
        value = bytearray(found.key)
        try:
            if not _is_asked(found, key, purpose, terms):
                raise KeyRefused(KeyReason.BAD_BLOCK)
            self._shelf.count(outer, 1, Use.NEW)
            return self._begin(key, purpose, terms, self._machine.take(key.algorithm, value))
        finally:
            wipe(value)

    def set_standing(self, key: KeyName, standing: Standing) -> KeyFacts:
        """See ``VaultCustody.set_standing``."""
        return self._shelf.set_standing(key, standing)

    def destroy(self, key: KeyName) -> None:
        """See ``VaultCustody.destroy``."""
        record = self._shelf.remove(key)
        self._unload(key)
        self._machine.forget(record.stored)
        wipe(record.stored)

    def reset(self) -> None:
        """What the machine had loaded is not used again; the next operation begins anew."""
        self._loaded.clear()
        self._machine.close()

    def close(self) -> None:
        """Counts are written exactly; keys and components in memory are overwritten."""
        for parts in self._parts.values():
            for part in parts:
                wipe(part)
        self._parts.clear()
        for name in tuple(self._loaded):
            self._unload(name)
        self._shelf.close()
        self._machine.close()

    def _authentication(
        self, key: KeyPath, factor: bytes, original: bytes, purpose: Purpose
    ) -> bytes:
        _fits(len(original) == FACTOR)
        with self._session(key, factor, purpose) as once:
            return self._machine.authentication(once, original)

    @contextmanager
    def _session(self, key: KeyPath, random: bytes, *purposes: Purpose) -> Iterator[K]:
        _fits(len(random) in CHALLENGES and len(random) <= key.root.algorithm.block)
        record = self._admit(key, *purposes)
        with ExitStack() as held:
            card = self._derived(self._root(record), key.factors, held)
            once = self._machine.session(card, random)
            held.callback(self._machine.drop, once)
            yield once

    def _derived(self, key: K, factors: tuple[bytes, ...], held: ExitStack) -> K:
        for factor in factors:
            key = self._machine.derive(key, factor)
            held.callback(self._machine.drop, key)
        return key

    def _admit(self, key: KeyPath, *purposes: Purpose) -> Record:
        _fits(all(len(factor) == FACTOR for factor in key.factors))
        record = self._shelf.admit(key.root, purposes, Use.EXISTING, levels=len(key.factors))
        self._shelf.count(record, 1, Use.EXISTING)
        return record

    def _root(self, record: Record) -> K:
        name = record.facts.name
        if name not in self._loaded:
            self._loaded[name] = self._machine.load(
                name.algorithm, record.facts.bits, record.stored
            )
        return self._loaded[name]

    def _unload(self, name: KeyName) -> None:
        if name in self._loaded:
            self._machine.drop(self._loaded.pop(name))

    def _may_begin(self, key: KeyName, purpose: Purpose, terms: KeyTerms) -> None:
        self._shelf.room(key)
        short = terms.bits == 64 and key.algorithm.block == 8 and purpose is not Purpose.TRANSPORT
        _fits(terms.bits == 128 or short)

    def _begin(
        self, key: KeyName, purpose: Purpose, terms: KeyTerms, stored: bytearray
    ) -> KeyFacts:
        loaded = self._machine.load(key.algorithm, terms.bits, stored)
        check_value = self._machine.check_value(loaded)
        facts = KeyFacts(key, purpose, terms.bits, check_value, terms)
        added = self._shelf.add(Record(facts, stored))
        self._loaded[key] = loaded
        return added


def _is_asked(found: Blocked, key: KeyName, purpose: Purpose, terms: KeyTerms) -> bool:
    """Whether a key block holds the key that is expected, and lets it go no further than asked."""
    may_go = found.export is not BlockExport.NEVER or terms.export is Export.NEVER
    same = found.name == key and found.purpose is purpose
    return same and may_go and len(found.key) * 8 == terms.bits


def _fits(condition: object) -> None:
    if not condition:
        raise KeyRefused(KeyReason.BAD_LENGTH)
