"""Message authentication and key transport between terminals and the switch.

| name | what | source |
|---|---|---|
| retail MAC | DES in CBC, the last block in 3DES | ISO/IEC 9797-1 algorithm 3, padding 1 (X9.19) |
| SM4-CMAC | CMAC over SM4 | GB/T 15852.1 algorithm 5 (CMAC), SM4 of GB/T 32907 |
| SM4 CBC-MAC | CBC over SM4, the length in front | GB/T 15852.1 algorithm 1, padding 3 |
| key under key | each block enciphered alone | as terminals expect; a check value goes with it |
| check value | the first three bytes of enciphered zeros | the trade's habit |

MACs are cut to eight bytes. CBC-MAC without the length in front can be forged for messages of
different lengths, so only padding 3 is offered. 3DES is here because terminals in the field know
nothing else; a dialect that can should use SM4.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from enum import Enum

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.cmac import CMAC

from minka.cipher.block_cipher import BlockCipher, ecb_decipher, ecb_encipher
from minka.cipher.octets import xor

KEY_BYTES = 16
MAC_BYTES = 8
CHECK_BYTES = 3

Mac = Callable[[bytes], bytes]
"""Eight bytes of any content, under a key that is inside."""


class Block(Enum):
    """The block cipher a terminal's keys are for."""

    TRIPLE_DES = "3des"
    SM4 = "sm4"


_CIPHERS = {Block.TRIPLE_DES: BlockCipher.TRIPLE_DES, Block.SM4: BlockCipher.SM4}


class KeyFault(Exception):
    """A key that came in is not the one it says it is, or has not sixteen bytes."""


def retail_mac(key: bytes) -> Mac:
    """The retail MAC under a double-length key."""
    _whole(key)
    chain = Cipher(TripleDES(key[:8] * 3), modes.CBC(bytes(8))).encryptor()
    state = bytes(8)
    undo = Cipher(TripleDES(key[8:] * 3), modes.ECB()).decryptor()
    again = Cipher(TripleDES(key[:8] * 3), modes.ECB()).encryptor()

    def mac(content: bytes) -> bytes:
        # One cipher context serves every message: what the last one left is taken out again.
        nonlocal state
        padded = content + bytes(-len(content) % 8) or bytes(8)
        state = chain.update(xor(padded[:8], state) + padded[8:])[-8:]
        return again.update(undo.update(state))

    return mac


def sm4_cmac(key: bytes) -> Mac:
    """SM4-CMAC cut to eight bytes."""
    _whole(key)
    fresh = CMAC(SM4(key))

    def mac(content: bytes) -> bytes:
        state = fresh.copy()
        state.update(content)
        return state.finalize()[:MAC_BYTES]

    return mac


def sm4_cbc_mac(key: bytes) -> Mac:
    """SM4 CBC-MAC with the length in bits before the content, cut to eight bytes."""
    _whole(key)
    chain = Cipher(SM4(key), modes.CBC(bytes(16))).encryptor()
    state = bytes(16)

    def mac(content: bytes) -> bytes:
        nonlocal state
        length = (8 * len(content)).to_bytes(16, "big")
        padded = xor(length, state) + content + bytes(-len(content) % 16)
        state = chain.update(padded)[-16:]
        return state[:MAC_BYTES]

    return mac


def agrees(mac: Mac, content: bytes, given: bytes) -> int:
    """One when a MAC is right; takes the same time when it is not."""
    return int(hmac.compare_digest(mac(content), given))


def encipher(block: Block, key: bytes, content: bytes) -> bytes:
    """Whole blocks, each for itself; for single blocks and keys, never for text."""
    _whole(key)
    return ecb_encipher(_CIPHERS[block], key, content)


def decipher(block: Block, key: bytes, content: bytes) -> bytes:
    """What ``encipher`` did, undone."""
    _whole(key)
    return ecb_decipher(_CIPHERS[block], key, content)


def check_value(block: Block, key: bytes) -> bytes:
    """Three bytes by which both sides tell that they hold the same key."""
    zeros = bytes(16 if block is Block.SM4 else 8)
    return encipher(block, key, zeros)[:CHECK_BYTES]


def wrap(block: Block, master: bytes, key: bytes) -> bytes:
    """A working key under a terminal's master key, and its check value behind it."""
    _whole(key)
    return encipher(block, master, key) + check_value(block, key)


def unwrap(block: Block, master: bytes, wrapped: bytes) -> bytes:
    """The working key of ``wrap``; ``KeyFault`` when its check value does not agree."""
    body, check = wrapped[:KEY_BYTES], wrapped[KEY_BYTES:]
    if len(body) != KEY_BYTES:
        raise KeyFault("a wrapped key has sixteen bytes and a check value")
    key = decipher(block, master, body)
    if not hmac.compare_digest(check_value(block, key), check):
        raise KeyFault("the check value of a key does not agree")
    return key


def _whole(key: bytes) -> None:
    if len(key) != KEY_BYTES:
        raise KeyFault("a key has sixteen bytes")
