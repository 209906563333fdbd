"""The arithmetic of a social security card's keys: derive, session key, authentication, MAC, TAC.

One page for both algorithms a card may name (card-chip §11.1; 3DES and the rules for 16-byte
ciphers are public text, that SM4 follows the rules of SSF33 is carried over and marked weak):

| step | 3DES (01) | SM4 (03) |
|---|---|---|
| derive(K, F) | 3DES(K, F) then 3DES(K, ~F); an 8-byte key DES(K, F) | E(K, F then ~F) |
| session(K, r) | 3DES or DES of r filled to 8 with 00 | E of r filled to 16 with 00 |
| authentication(SK, o) | DES(SK, o) | E(SK, o then zeros), halves XORed |
| mac(SK, m) | CBC with DES, left 4 bytes | CBC with SM4, its four words XORed |
| tac | a mac under the XOR of the key's halves | a mac under the key |

Every function takes and gives bytes; keys have 8 or 16 bytes, factors and random numbers of a
challenge 4, 8 or 16. SSF33 is not public: naming it here raises ``HsmOnly``.
"""

from __future__ import annotations

from minka.cipher.algorithm import Algorithm, BlockCipher, HsmOnly
from minka.cipher.block_cipher import cbc_encipher, ecb_decipher, ecb_encipher
from minka.cipher.octets import xor

__all__ = [
    "Algorithm",
    "HsmOnly",
    "authentication",
    "decipher",
    "derive",
    "derive_each",
    "encipher",
    "enciphered",
    "mac",
    "pad",
    "session",
    "tac",
]

MAC_BYTES = 4
AUTHENTICATION_BYTES = 8


def encipher(algorithm: Algorithm, key: bytes, blocks: bytes) -> bytes:
    """Whole blocks enciphered each alone (ECB); a DES key of 8 or 16 bytes, an SM4 key of 16."""
    return ecb_encipher(BlockCipher.of_card(algorithm), key, blocks)


def decipher(algorithm: Algorithm, key: bytes, blocks: bytes) -> bytes:
    """The reverse of ``encipher``."""
    return ecb_decipher(BlockCipher.of_card(algorithm), key, blocks)


def derive(algorithm: Algorithm, key: bytes, *factors: bytes) -> bytes:
    """The key one or more levels down, by factors of 8 bytes in the order from the root."""
    for factor in factors:
        key = derive_each(algorithm, key, factor)
    return key


def derive_each(algorithm: Algorithm, key: bytes, factors: bytes) -> bytes:
    """Many keys of one level at once: factors of 8 bytes joined, keys of the root's length joined.

    This is what makes a card factory's rate: one call of the cipher serves every card of a batch.
    """
    if len(key) == 8:
        return encipher(algorithm, key, factors)
    whole = bytearray(2 * len(factors))
    turned = (int.from_bytes(factors) ^ ((1 << 8 * len(factors)) - 1)).to_bytes(len(factors))
    for place in range(8):
        whole[place::16] = factors[place::8]
        whole[8 + place :: 16] = turned[place::8]
    return encipher(algorithm, key, bytes(whole))


def session(algorithm: Algorithm, key: bytes, random: bytes) -> bytes:
    """A session key, to be used once: 8 bytes on a DES card, 16 on an SM4 card."""
    return encipher(algorithm, key, random.ljust(algorithm.block, b"\0"))


def authentication(algorithm: Algorithm, session_key: bytes, original: bytes) -> bytes:
    """The 8 bytes that prove a session key, of 8 bytes of original data."""
    out = encipher(algorithm, session_key, original.ljust(algorithm.block, b"\0"))
    return out if len(out) == 8 else xor(out[:8], out[8:])


def mac(algorithm: Algorithm, key: bytes, message: bytes, start: bytes = b"") -> bytes:
    """Four bytes that authenticate a message, filled with 80 00… to a block, always at least one.

    ``start`` is the initial value, zeros unless given (a key load starts with the challenge). With
    a 16-byte DES key the last block is finished with 3DES (ISO/IEC 9797-1 algorithm 3).
    """
    block = algorithm.block
    padded = pad(algorithm, message)
    chained = key[:8] if block == 8 else key
    cipher = BlockCipher.of_card(algorithm)
    last = cbc_encipher(cipher, chained, start.ljust(block, b"\0"), padded)[-block:]
    if block == 16:
        return xor(xor(last[:4], last[4:8]), xor(last[8:12], last[12:]))
    if len(key) == 16:
        last = encipher(algorithm, key[:8], decipher(algorithm, key[8:], last))
    return last[:MAC_BYTES]


def tac(algorithm: Algorithm, key: bytes, message: bytes) -> bytes:
    """The transaction authorisation code: four bytes under the transaction key itself."""
    if algorithm is Algorithm.TRIPLE_DES and len(key) == 16:
        key = xor(key[:8], key[8:])
    return mac(algorithm, key, message)


def enciphered(algorithm: Algorithm, key: bytes, plain: bytes) -> bytes:
    """Command data under secure messaging: its length in front, filled only if not aligned."""
    data = bytes([len(plain)]) + plain
    return encipher(
        algorithm, key, data if not len(data) % algorithm.block else pad(algorithm, data)
    )


def pad(algorithm: Algorithm, message: bytes) -> bytes:
    """A message with 80 and then 00 up to a whole block; a whole block when it was aligned."""
    return message + b"\x80" + bytes(-(len(message) + 1) % algorithm.block)
