"""The soft vault's machine: keys as bytes in this one process, computed with ``cipher.card_key``.

Keys are kept in byte arrays that are overwritten when dropped. What Python cannot promise: OpenSSL
copies a key into its own context (and cleans it), a derived key is an immutable ``bytes`` until its
last reference goes, and freed memory is not cleaned by the interpreter. So the process also locks
its memory and writes no core dumps (``vault_harden``), and production refuses a soft vault.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import cast

from minka.cipher import card_key
from minka.cipher.block_cipher import BlockCipher, check_value
from minka.cipher.card_key import Algorithm
from minka.cipher.key_block import Export
from minka.devices.vault_keeping import wipe
from minka.keys.block import Blocked, from_block, random_bytes, to_block
from minka.keys.vault import KeyFacts, KeyReason, KeyRefused


@dataclass(slots=True)
class SoftKey:
    """A key in memory; its bytes are never printed."""

    algorithm: Algorithm
    value: bytearray = field(repr=False)

    @property
    def octets(self) -> bytes:
        """The same memory under the type that the ciphers ask for; nothing is copied."""
        return cast("bytes", self.value)


class SoftMachine:
    """``Machine`` in software."""

    def maker(self) -> str:
        """See ``Machine.maker``."""
        return "Minka soft vault"

    def make(self, algorithm: Algorithm, bits: int) -> bytearray:
        """See ``Machine.make``."""
        _known(algorithm)
        return bytearray(secrets.token_bytes(bits // 8))

    def take(self, algorithm: Algorithm, value: bytearray) -> bytearray:
        """See ``Machine.take``."""
        _known(algorithm)
        return bytearray(value)

    def load(self, algorithm: Algorithm, bits: int, stored: bytearray) -> SoftKey:  # noqa: ARG002
        """See ``Machine.load``."""
        return SoftKey(algorithm, bytearray(stored))

    def forget(self, stored: bytearray) -> None:
        """See ``Machine.forget``."""
        wipe(stored)

    def lend(self, algorithm: Algorithm, value: bytearray) -> SoftKey:
        """See ``Machine.lend``."""
        if len(value) not in BlockCipher.of_card(_known(algorithm)).key_bytes:
            raise KeyRefused(KeyReason.BAD_PARTS)
        return SoftKey(algorithm, bytearray(value))

    def drop(self, key: SoftKey) -> None:
        """See ``Machine.drop``."""
        wipe(key.value)

    def derive(self, key: SoftKey, factor: bytes) -> SoftKey:
        """See ``Machine.derive``."""
        return _made(key, card_key.derive_each(key.algorithm, key.octets, factor))

    def session(self, key: SoftKey, random: bytes) -> SoftKey:
        """See ``Machine.session``."""
        return _made(key, card_key.session(key.algorithm, key.octets, random))

    def authentication(self, key: SoftKey, original: bytes) -> bytes:
        """See ``Machine.authentication``."""
        return card_key.authentication(key.algorithm, key.octets, original)

    def enciphered(self, key: SoftKey, plain: bytes) -> bytes:
        """See ``Machine.enciphered``."""
        return card_key.enciphered(key.algorithm, key.octets, plain)

    def mac(self, key: SoftKey, message: bytes) -> bytes:
        """See ``Machine.mac``."""
        return card_key.mac(key.algorithm, key.octets, message)

    def transaction_code(self, key: SoftKey, factors: tuple[bytes, ...], message: bytes) -> bytes:
        """See ``Machine.transaction_code``."""
        card = _made(key, card_key.derive(key.algorithm, key.octets, *factors))
        try:
            return card_key.tac(card.algorithm, card.octets, message)
        finally:
            self.drop(card)

    def each(self, key: SoftKey, factors: bytes, under: SoftKey) -> bytes:
        """See ``Machine.each``."""
        made = card_key.derive_each(key.algorithm, key.octets, factors)
        return card_key.encipher(under.algorithm, under.octets, made)

    def wrap(self, facts: KeyFacts, key: SoftKey, under: SoftKey) -> bytes:
        """See ``Machine.wrap``."""
        cipher = BlockCipher.of_card(under.algorithm)
        value = bytes(key.value)
        content = Blocked(facts.name, facts.purpose, Export.TRUSTED, value)
        return to_block(
            content, cipher, under.octets, secrets.token_bytes(random_bytes(cipher, value))
        )

    def unwrap(self, block: bytes, under: SoftKey) -> Blocked:
        """See ``Machine.unwrap``."""
        if not block.startswith(b"4" if under.algorithm is Algorithm.SM4 else b"B"):
            raise KeyRefused(KeyReason.BAD_BLOCK)
        return from_block(block, bytes(under.value))

    def check_value(self, key: SoftKey) -> bytes:
        """See ``Machine.check_value``."""
        return check_value(BlockCipher.of_card(key.algorithm), key.octets)

    def close(self) -> None:
        """See ``Machine.close``."""


def _made(parent: SoftKey, value: bytes) -> SoftKey:
    return SoftKey(parent.algorithm, bytearray(value))


def _known(algorithm: Algorithm) -> Algorithm:
    if algorithm is Algorithm.SSF33:
        raise KeyRefused(KeyReason.ALGORITHM)
    return algorithm
