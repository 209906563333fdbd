"""A key vault of the bench alone: every key of the card table from the bench's published roots.

It answers the port's operations about cards in this process, for tests and for trying the virtual
cards by hand. Its roots are known to everyone, so nothing real may ever be sealed under them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Never

from minka.bench.card_keys import root
from minka.cipher import card_key
from minka.cipher.card_key import Algorithm
from minka.keys.table import KeyRow, key_table
from minka.keys.vault import (
    ORDINARY,
    KeyFacts,
    KeyName,
    KeyPath,
    KeyReason,
    KeyRefused,
    Purpose,
    VaultGone,
)

LEVELS = 3
"""Every key of the bench comes from its root with all three factors."""


class BenchVault:
    """``KeyVault`` over the bench's roots; ``away`` makes it answer nothing."""

    def __init__(self) -> None:
        self.away = 0

    def facts(self, key: KeyName) -> KeyFacts:
        """See ``KeyVault.facts``."""
        row = self._row(key)
        terms = replace(ORDINARY, bits=8 * self._length(key, row), levels=LEVELS)
        return KeyFacts(key, row.purpose, terms.bits, b"", terms)

    def internal_authentication(self, key: KeyPath, factor: bytes, original: bytes) -> bytes:
        """See ``KeyVault.internal_authentication``."""
        once = self._session(key, factor, Purpose.INTERNAL)
        return card_key.authentication(key.root.algorithm, once, original)

    def external_authentication(self, key: KeyPath, factor: bytes, original: bytes) -> bytes:
        """See ``KeyVault.external_authentication``."""
        once = self._session(key, factor, Purpose.EXTERNAL)
        return card_key.authentication(key.root.algorithm, once, original)

    def secure_message(
        self, key: KeyPath, factor: bytes, header: bytes, plain: bytes | None
    ) -> bytes:
        """See ``KeyVault.secure_message``."""
        algorithm, once = key.root.algorithm, self._session(key, factor, Purpose.MESSAGE)
        body = b"" if plain is None else card_key.enciphered(algorithm, once, plain)
        command = header[:4] + bytes((len(body) + card_key.MAC_BYTES,)) + body
        return command + card_key.mac(algorithm, once, command)

    def purchase_mac(self, key: KeyPath, spend: bytes, message: bytes) -> bytes:
        """See ``KeyVault.purchase_mac``."""
        once = self._session(key, spend, Purpose.PURCHASE, Purpose.LOAD)
        return card_key.mac(key.root.algorithm, once, message)

    def transaction_code(self, key: KeyPath, message: bytes) -> bytes:
        """See ``KeyVault.transaction_code``."""
        return card_key.tac(key.root.algorithm, self._own(key, Purpose.TAC), message)

    def wrap(self, key: KeyName, under: KeyName) -> Never:
        """Not here: the bench's roots are no secret to be wrapped."""
        del key, under
        raise KeyRefused(KeyReason.NOT_EXPORTABLE)

    def diversify_and_wrap(
        self, key: KeyName, shared: tuple[bytes, ...], cards: Sequence[bytes], under: KeyName
    ) -> Never:
        """Not here: see ``wrap``."""
        del key, shared, cards, under
        raise KeyRefused(KeyReason.NOT_EXPORTABLE)

    def _session(self, key: KeyPath, random: bytes, *purposes: Purpose) -> bytes:
        return card_key.session(key.root.algorithm, self._own(key, *purposes), random)

    def _own(self, key: KeyPath, *purposes: Purpose) -> bytes:
        row = self._row(key.root)
        if row.purpose not in purposes:
            raise KeyRefused(KeyReason.WRONG_PURPOSE)
        if len(key.factors) != LEVELS:
            raise KeyRefused(KeyReason.WRONG_LEVELS)
        if key.root.algorithm is Algorithm.SSF33:
            raise KeyRefused(KeyReason.ALGORITHM)
        start = root(key.root.name, self._length(key.root, row), key.root.version)
        return card_key.derive(key.root.algorithm, start, *key.factors)

    def _row(self, key: KeyName) -> KeyRow:
        if self.away:
            raise VaultGone("the bench's vault was switched off")
        for row in key_table():
            if row.name == key.name:
                return row
        raise KeyRefused(KeyReason.UNKNOWN)

    @staticmethod
    def _length(key: KeyName, row: KeyRow) -> int:
        return row.length if key.algorithm is Algorithm.TRIPLE_DES else 16
