"""SM2 written out from GB/T 32918, affine and slow: an oracle beside the library.

The curve is the recommended one of GB/T 32918.5; the signer's id is the standard's default.
"""

from __future__ import annotations

from minka.cipher.field import digest

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
SIGNER = b"1234567812345678"

Point = tuple[int, int] | None
"""A point of the curve; None is the point at infinity."""


def added(one: Point, other: Point) -> Point:
    """The sum of two points."""
    if one is None or other is None:
        return one or other
    if one[0] == other[0] and (one[1] + other[1]) % P == 0:
        return None
    if one == other:
        slope = (3 * one[0] ** 2 + A) * pow(2 * one[1], -1, P)
    else:
        slope = (other[1] - one[1]) * pow(other[0] - one[0], -1, P)
    x = (slope**2 - one[0] - other[0]) % P
    return x, (slope * (one[0] - x) - one[1]) % P


def times(scalar: int, point: Point) -> Point:
    """A point added to itself so many times."""
    found: Point = None
    for bit in bin(scalar)[2:]:
        found = added(found, found)
        found = added(found, point) if bit == "1" else found
    return found


def public_of(secret: int) -> tuple[int, int]:
    """The public point of a secret."""
    found = times(secret, G)
    assert found is not None
    return found


def verifies(public: tuple[int, int], message: bytes, r: int, s: int) -> bool:
    """GB/T 32918.2, 7.1."""
    if not (1 <= r < N and 1 <= s < N) or (r + s) % N == 0:
        return False
    point = added(times(s, G), times((r + s) % N, public))
    return point is not None and (_e(public, message) + point[0]) % N == r


def signed(secret: int, message: bytes, once: int) -> tuple[int, int]:
    """GB/T 32918.2, 6.1, with the number that is used once."""
    point = times(once, G)
    assert point is not None
    r = (_e(public_of(secret), message) + point[0]) % N
    return r, (once - r * secret) * pow(1 + secret, -1, N) % N


def opened(secret: int, point: tuple[int, int], proof: bytes, sealed: bytes) -> bytes:
    """GB/T 32918.4, 7.1: the text, once its hash agrees."""
    shared = times(secret, point)
    assert shared is not None
    x, y = (value.to_bytes(32) for value in shared)
    rounds = -(-len(sealed) // 32)
    stream = b"".join(digest(x + y + n.to_bytes(4)) for n in range(1, rounds + 1))
    clear = bytes(a ^ b for a, b in zip(sealed, stream, strict=False))
    assert digest(x + clear + y) == proof
    return clear


def _e(public: tuple[int, int], message: bytes) -> int:
    numbers = (A, B, *G, *public)
    joined = b"".join(value.to_bytes(32) for value in numbers)
    z = digest((8 * len(SIGNER)).to_bytes(2) + SIGNER + joined)
    return int.from_bytes(digest(z + message))
