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

from enum import Enum

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES, SM4
from cryptography.hazmat.primitives.cmac import CMAC

from minka.cipher.card_key import Algorithm, HsmOnly

CHECK_BYTES = 5
TRIPLE_DES_CHECK_BYTES = 3


class BlockCipher(Enum):
    """A block cipher that keys may be for; the value is its name in configuration."""

    TRIPLE_DES = "3des"
    AES = "aes"
    SM4 = "sm4"

    @property
    def block(self) -> int:
        """Bytes of a block."""
        return 8 if self is BlockCipher.TRIPLE_DES else 16

    @property
    def key_bytes(self) -> tuple[int, ...]:
        """Lengths a key may have."""
        return _KEY_BYTES[self]

    @classmethod
    def of_card(cls, algorithm: Algorithm) -> BlockCipher:
        """The cipher behind a card's algorithm; ``HsmOnly`` for SSF33."""
        if algorithm is Algorithm.SSF33:
            raise HsmOnly
        return cls.SM4 if algorithm is Algorithm.SM4 else cls.TRIPLE_DES


_KEY_BYTES = {
    BlockCipher.TRIPLE_DES: (8, 16, 24),
    BlockCipher.AES: (16, 24, 32),
    BlockCipher.SM4: (16,),
}


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
