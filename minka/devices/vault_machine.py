"""What a vault asks of the machine that holds its keys, and card arithmetic over plain blocks.

The soft machine computes with ``cipher.card_key``; one that only knows blocks (PKCS#11, SDF) makes
the card's rules (card-chip §11.1) of the functions below and of its own block calls.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from minka.cipher.block_cipher import CHECK_BYTES, TRIPLE_DES_CHECK_BYTES, BlockCipher
from minka.cipher.card_key import AUTHENTICATION_BYTES, MAC_BYTES, Algorithm, pad
from minka.cipher.octets import xor
from minka.keys.block import Blocked, from_block_by
from minka.keys.vault import KeyFacts, KeyReason, KeyRefused

K = TypeVar("K")
"""A key as the machine knows it: an object's handle, never bytes outside the soft vault."""


class Machine(Protocol[K]):
    """A holder of keys; every method may raise ``VaultGone``, or ``KeyRefused(ALGORITHM)``."""

    def maker(self) -> str:
        """Who made it, as it says itself."""

    def make(self, algorithm: Algorithm, bits: int) -> bytearray:
        """A new key inside; what must be remembered to find it again."""

    def take(self, algorithm: Algorithm, value: bytearray) -> bytearray:
        """A key given from outside; the same. The caller overwrites the value."""

    def load(self, algorithm: Algorithm, bits: int, stored: bytearray) -> K:
        """A remembered key, ready for use."""

    def forget(self, stored: bytearray) -> None:
        """A remembered key is destroyed."""

    def lend(self, algorithm: Algorithm, value: bytearray) -> K:
        """A key given from outside for this moment only."""

    def drop(self, key: K) -> None:
        """A loaded, lent or derived key is no longer needed."""

    def derive(self, key: K, factor: bytes) -> K:
        """The key one level down; factor of 8 bytes."""

    def session(self, key: K, random: bytes) -> K:
        """A session key."""

    def authentication(self, key: K, original: bytes) -> bytes:
        """Eight bytes under a session key."""

    def enciphered(self, key: K, plain: bytes) -> bytes:
        """A command's data under a session key."""

    def mac(self, key: K, message: bytes) -> bytes:
        """Four bytes under a session key."""

    def transaction_code(self, key: K, factors: tuple[bytes, ...], message: bytes) -> bytes:
        """The TAC under a root's key once the factors are applied."""

    def each(self, key: K, factors: bytes, under: K) -> bytes:
        """Keys one level down for joined factors, joined, enciphered under another key."""

    def wrap(self, facts: KeyFacts, key: K, under: K) -> bytes:
        """A key block; ``NOT_EXPORTABLE`` from a machine that lets no key go."""

    def unwrap(self, block: bytes, under: K) -> Blocked:
        """What a key block holds; ``BAD_BLOCK``."""

    def check_value(self, key: K) -> bytes:
        """See ``KeyFacts.check_value``."""

    def close(self) -> None:
        """Everything that was loaded is let go; the next call begins anew."""


class BlockKey(Protocol):
    """What a key of a block machine says of itself."""

    @property
    def algorithm(self) -> Algorithm:
        """The algorithm it is for."""

    @property
    def bits(self) -> int:
        """64 or 128."""


B = TypeVar("B", bound=BlockKey)


class Folding(Protocol[B]):
    """What a TAC asks of a block machine."""

    def derive(self, key: B, factor: bytes) -> B:
        """See ``Machine.derive``."""

    def folded(self, key: B, factor: bytes) -> B:
        """The XOR of the halves of the key one level down, as a single DES key."""

    def mac(self, key: B, message: bytes) -> bytes:
        """See ``Machine.mac``."""

    def drop(self, key: B) -> None:
        """See ``Machine.drop``."""


def transaction_code_by(
    machine: Folding[B], key: B, factors: tuple[bytes, ...], message: bytes
) -> bytes:
    """A TAC; a 3DES root of no levels is refused, for its halves cannot be had."""
    folds = key.algorithm.block == 8 and key.bits == 128
    if folds and not factors:
        raise KeyRefused(KeyReason.NOT_EXPORTABLE)
    made: list[B] = []
    try:
        for factor in factors[:-1] if folds else factors:
            key = machine.derive(key, factor)
            made.append(key)
        if folds:
            key = machine.folded(key, factors[-1])
            made.append(key)
        return machine.mac(key, message)
    finally:
        for held in made:
            machine.drop(held)


def authentication_by(
    algorithm: Algorithm, blocks: Callable[[bytes], bytes], original: bytes
) -> bytes:
    """Authentication data made of one block."""
    out = blocks(original.ljust(algorithm.block, b"\0"))
    return out if len(out) == AUTHENTICATION_BYTES else xor(out[:8], out[8:])


def mac_by(algorithm: Algorithm, last_block: Callable[[bytes], bytes], message: bytes) -> bytes:
    """A MAC made of the last block of CBC from zeros."""
    last = last_block(pad(algorithm, message))
    if algorithm.block == 8:
        return last[:MAC_BYTES]
    return xor(xor(last[:4], last[4:8]), xor(last[8:12], last[12:]))


def enciphered_by(algorithm: Algorithm, blocks: Callable[[bytes], bytes], plain: bytes) -> bytes:
    """Command data: its length in front, filled only if not aligned."""
    content = bytes([len(plain)]) + plain
    return blocks(content if not len(content) % algorithm.block else pad(algorithm, content))


def check_value_by(algorithm: Algorithm, blocks: Callable[[bytes], bytes]) -> bytes:
    """CMAC of a block of zeros cut short; for DES the start of zeros enciphered."""
    size = algorithm.block
    if size == 8:
        return blocks(bytes(size))[:TRIPLE_DES_CHECK_BYTES]
    return cmac_by(algorithm, blocks, blocks, bytes(size))[:CHECK_BYTES]


def cmac_by(
    algorithm: Algorithm,
    blocks: Callable[[bytes], bytes],
    last_block: Callable[[bytes], bytes],
    message: bytes,
) -> bytes:
    """CMAC (NIST SP 800-38B) made of one enciphered block and the last block of CBC."""
    size = algorithm.block
    subkey = _doubled(blocks(bytes(size)))
    if not message or len(message) % size:
        subkey, message = _doubled(subkey), pad(algorithm, message)
    return last_block(message[:-size] + xor(message[-size:], subkey))


def unwrap_by(
    algorithm: Algorithm,
    blocks: Callable[[bytes], bytes],
    last_block: Callable[[bytes], bytes],
    block: bytes,
) -> Blocked:
    """A key block whose transport key of 16 bytes is held by a machine; ``BAD_BLOCK``."""

    def proves(cipher: BlockCipher, message: bytes) -> bytes:
        if cipher is not BlockCipher.of_card(algorithm):
            raise KeyRefused(KeyReason.BAD_BLOCK)
        return cmac_by(algorithm, blocks, last_block, message)

    return from_block_by(block, 16, proves)


def _doubled(block: bytes) -> bytes:
    size = len(block)
    twice = int.from_bytes(block) << 1
    carried = (0x87 if size == 16 else 0x1B) if twice >> 8 * size else 0
    return ((twice & ((1 << 8 * size) - 1)) ^ carried).to_bytes(size)


def spread(factors: bytes) -> bytes:
    """Joined factors of 8 bytes, each followed by its inverse: the blocks of their keys."""
    whole = bytearray(2 * len(factors))
    inverse = xor(factors, b"\xff" * len(factors)) if factors else b""
    for place in range(8):
        whole[place::16] = factors[place::8]
        whole[8 + place :: 16] = inverse[place::8]
    return bytes(whole)
