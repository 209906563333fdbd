"""Block ciphers by name, CMAC, and the check values by which two sides know that a key is the same.

| cipher | block | keys | source |
|---|---|---|---|
| TRIPLE_DES | 8 | 8, 16 or 24 bytes | NIST SP 800-67; 8 bytes is single DES, for old cards |
| AES | 16 | 16, 24 or 32 | FIPS 197 |
| SM4 | 16 | 16 | GB/T 32907 |

CMAC is NIST SP 800-38B (GB/T 15852.1 algorithm 5). A check value of SM4 and AES is the CMAC of a
block of zeros, cut to five bytes: the enciphered block of zeros itself is never shown, for it is a
subkey of every CMAC under the same key. The trade's three bytes of enciphered zeros remain for
3DES, where every terminal and machine of the field prints them.
"""

from __future__ import annotations

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES, SM4
from cryptography.hazmat.primitives.cmac import CMAC

from minka.cipher.algorithm import BlockCipher

__all__ = [
    "BlockCipher",
    "cbc_decipher",
    "cbc_encipher",
    "check_value",
    "cmac",
    "ecb_decipher",
    "ecb_encipher",
]

CHECK_BYTES = 5
TRIPLE_DES_CHECK_BYTES = 3


def cmac(cipher: BlockCipher, key: bytes, message: bytes) -> bytes:
    """The whole CMAC of a message: as many bytes as a block has."""
    state = CMAC(_prepared(cipher, key))
    state.update(message)
    return state.finalize()


def ecb_encipher(cipher: BlockCipher, key: bytes, blocks: bytes) -> bytes:
    """Whole blocks enciphered each alone."""
    return Cipher(_prepared(cipher, key), modes.ECB()).encryptor().update(blocks)


def ecb_decipher(cipher: BlockCipher, key: bytes, blocks: bytes) -> bytes:
    """The reverse of ``ecb_encipher``."""
    return Cipher(_prepared(cipher, key), modes.ECB()).decryptor().update(blocks)


def cbc_encipher(cipher: BlockCipher, key: bytes, start: bytes, blocks: bytes) -> bytes:
    """Whole blocks chained from an initial value of one block."""
    return Cipher(_prepared(cipher, key), modes.CBC(start)).encryptor().update(blocks)


def cbc_decipher(cipher: BlockCipher, key: bytes, start: bytes, blocks: bytes) -> bytes:
    """The reverse of ``cbc_encipher``."""
    return Cipher(_prepared(cipher, key), modes.CBC(start)).decryptor().update(blocks)


def check_value(cipher: BlockCipher, key: bytes) -> bytes:
    """Five bytes (three for 3DES) that tell a key from every other and nothing about it."""
    if cipher is BlockCipher.TRIPLE_DES:
        return ecb_encipher(cipher, key, bytes(8))[:TRIPLE_DES_CHECK_BYTES]
    return cmac(cipher, key, bytes(16))[:CHECK_BYTES]


def _prepared(cipher: BlockCipher, key: bytes) -> TripleDES | AES | SM4:
    if len(key) not in cipher.key_bytes:
        raise ValueError(f"a key of {cipher.value} has {cipher.key_bytes} bytes")
    if cipher is BlockCipher.AES:
        return AES(key)
    if cipher is BlockCipher.SM4:
        return SM4(key)
    # The library wants three keys: one key thrice is DES, two keys are K1 K2 K1.
    return TripleDES({8: key * 3, 16: key + key[:8], 24: key}[len(key)])
