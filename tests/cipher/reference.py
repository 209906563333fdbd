"""DES and SM4 written out from their standards, slow and plain: an oracle beside the libraries.

DES is FIPS 46-3 with its tables. SM4 is GB/T 32907; its S-box is computed from the algebra that is
published for it (inversion in GF(256) between two affine maps) rather than copied.
"""

from __future__ import annotations

from functools import cache

IP = (58, 50, 42, 34, 26, 18, 10, 2, 60, 52, 44, 36, 28, 20, 12, 4, 62, 54, 46, 38, 30, 22, 14, 6,
      64, 56, 48, 40, 32, 24, 16, 8, 57, 49, 41, 33, 25, 17, 9, 1, 59, 51, 43, 35, 27, 19, 11, 3,
      61, 53, 45, 37, 29, 21, 13, 5, 63, 55, 47, 39, 31, 23, 15, 7)  # fmt: skip
PC1 = (57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3,
       60, 52, 44, 36, 63, 55, 47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45,
       37, 29, 21, 13, 5, 28, 20, 12, 4)  # fmt: skip
PC2 = (14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2, 41,
       52, 31, 37, 47, 55, 30, 40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29,
       32)  # fmt: skip
P = (16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10, 2, 8, 24, 14, 32, 27, 3, 9, 19,
     13, 30, 6, 22, 11, 4, 25)  # fmt: skip
SHIFTS = (1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1)
BOXES = (
    "e4d12fb83a6c59070f74e2d1a6cb953841e8d62bfc973a50fc8249175b3ea06d",
    "f18e6b34972dc05a3d47f28ec01a69b50e7ba4d158c6932fd8a13f42b67c05e9",
    "a09e63f51dc7b428d709346a285ecbf1d6498f30b12c5ae71ad069874fe3b52c",
    "7de3069a1285bc4fd8b56f03472c1ae9a690cb7df13e52843f06a1d8945bc72e",
    "2c417ab6853fd0e9eb2c47d150fa3986421bad78f9c5630eb8c71e2d6f09a453",
    "c1af92680d34e75baf427c9561de0b389ef528c3704a1db6432c95fabe17608d",
    "4b2ef08d3c975a61d0b7491ae35c2f8614bdc37eaf6805926bd814a7950fe23c",
    "d2846fb1a93e50c71fd8a374c56b0e927b419ce206adf35821e74a8dfc90356b",
)


def _take(value: int, width: int, table: tuple[int, ...]) -> int:
    out = 0
    for place in table:
        out = out << 1 | value >> width - place & 1
    return out


@cache
def _des_rounds(key: bytes) -> tuple[int, ...]:
    value = _take(int.from_bytes(key), 64, PC1)
    left, right, rounds = value >> 28, value & 0xFFFFFFF, []
    for shift in SHIFTS:
        left = (left << shift | left >> 28 - shift) & 0xFFFFFFF
        right = (right << shift | right >> 28 - shift) & 0xFFFFFFF
        rounds.append(_take(left << 28 | right, 56, PC2))
    return tuple(rounds)


def _mixed(half: int, key: int) -> int:
    out = 0
    for box in range(8):
        # Six bits around the box's four, the neighbours' edges included (table E).
        six = (half << 33 | half << 1 | half >> 31) >> 28 - 4 * box & 63
        six ^= key >> 42 - 6 * box & 63
        row, column = six >> 4 & 2 | six & 1, six >> 1 & 15
        out = out << 4 | int(BOXES[box][16 * row + column], 16)
    return _take(out, 32, P)


def _des(rounds: tuple[int, ...], block: bytes) -> bytes:
    value = _take(int.from_bytes(block), 64, IP)
    left, right = value >> 32, value & 0xFFFFFFFF
    for key in rounds:
        left, right = right, left ^ _mixed(right, key)
    joined = right << 32 | left
    inverse = tuple(IP.index(place) + 1 for place in range(1, 65))
    return _take(joined, 64, inverse).to_bytes(8)


def des(key: bytes, block: bytes) -> bytes:
    """One block enciphered with single DES."""
    return _des(_des_rounds(key), block)


def des_undone(key: bytes, block: bytes) -> bytes:
    """One block deciphered with single DES."""
    return _des(_des_rounds(key)[::-1], block)


def triple_des(key: bytes, block: bytes) -> bytes:
    """One block enciphered: E-D-E with K1, K2, K1 (16 bytes) or K1, K2, K3 (24)."""
    first, second, third = key[:8], key[8:16], key[16:] or key[:8]
    return des(third, des_undone(second, des(first, block)))


@cache
def sm4_box() -> tuple[int, ...]:
    """SM4's S-box: inversion modulo x^8+x^7+x^6+x^5+x^4+x^2+1 between two affine maps."""
    return tuple(_affine(_inverse(_affine(value))) for value in range(256))


def _affine(value: int) -> int:
    rows = [0xA7 << turn & 255 | 0xA7 >> 8 - turn for turn in range(8)]
    return sum((row & value).bit_count() % 2 << place for place, row in enumerate(rows)) ^ 0xD3


def _times(one: int, other: int) -> int:
    out = 0
    while other:
        out ^= one if other & 1 else 0
        one = one << 1 ^ (0x1F5 if one & 128 else 0)
        other >>= 1
    return out


def _inverse(value: int) -> int:
    return next((other for other in range(256) if _times(value, other) == 1), 0)


def _turned(word: int, *turns: int) -> int:
    out = word
    for turn in turns:
        out ^= (word << turn | word >> 32 - turn) & 0xFFFFFFFF
    return out


def _substituted(word: int) -> int:
    return int.from_bytes(bytes(sm4_box()[byte] for byte in word.to_bytes(4)))


@cache
def _sm4_rounds(key: bytes) -> tuple[int, ...]:
    family = (0xA3B1BAC6, 0x56AA3350, 0x677D9197, 0xB27022DC)
    words = [int.from_bytes(key[4 * n : 4 * n + 4]) ^ family[n] for n in range(4)]
    for n in range(32):
        constant = int.from_bytes(bytes((28 * n + 7 * place) % 256 for place in range(4)))
        mixed = _substituted(words[n + 1] ^ words[n + 2] ^ words[n + 3] ^ constant)
        words.append(words[n] ^ _turned(mixed, 13, 23))
    return tuple(words[4:])


def sm4(key: bytes, block: bytes) -> bytes:
    """One block enciphered with SM4."""
    words = [int.from_bytes(block[4 * n : 4 * n + 4]) for n in range(4)]
    for n, round_key in enumerate(_sm4_rounds(key)):
        mixed = _substituted(words[n + 1] ^ words[n + 2] ^ words[n + 3] ^ round_key)
        words.append(words[n] ^ _turned(mixed, 2, 10, 18, 24))
    return b"".join(word.to_bytes(4) for word in words[:-5:-1])


def block(cipher: str, key: bytes, content: bytes) -> bytes:
    """One block of "3des" (8, 16 or 24 bytes of key) or "sm4"."""
    if cipher == "sm4":
        return sm4(key, content)
    return des(key, content) if len(key) == 8 else triple_des(key, content)


def cmac(cipher: str, key: bytes, message: bytes) -> bytes:
    """CMAC as SP 800-38B writes it."""
    size = 16 if cipher == "sm4" else 8
    subkey = _doubled(block(cipher, key, bytes(size)))
    rest = len(message) % size
    if rest or not message:
        subkey = _doubled(subkey)
        message = message + b"\x80" + bytes(size - rest - 1)
    blocks = [message[at : at + size] for at in range(0, len(message), size)]
    state = bytes(size)
    for number, one in enumerate(blocks, 1):
        mixed = _xor(state, one) if number < len(blocks) else _xor(_xor(state, one), subkey)
        state = block(cipher, key, mixed)
    return state


def _doubled(value: bytes) -> bytes:
    size = len(value)
    number = int.from_bytes(value) << 1
    if number >> 8 * size:
        number ^= 1 << 8 * size | (0x87 if size == 16 else 0x1B)
    return number.to_bytes(size)


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
