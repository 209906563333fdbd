"""A key in parts: XOR components for loading, SLIP-39 shares for backup and unsealing (T15).

| form | who holds | how many bring the key back | for |
|---|---|---|---|
| XOR components | one custodian each | all | loading a key: what every HSM takes |
| SLIP-39 shares | one custodian each | any M of N | backup of the seal, unsealing a vault |

With one component too few, every key is as likely as every other: a missing XOR component exists
for each of them, and so does a missing share but for the four bytes of SLIP-39's own digest, which
helps nobody who cannot already try every key. Randomness comes in as an argument.
"""

from __future__ import annotations

from functools import reduce
from hmac import new as hmac_of

from shamir_mnemonic import MnemonicError, combine_mnemonics
from shamir_mnemonic.shamir import EncryptedMasterSecret
from shamir_mnemonic.share import Share

from minka.cipher.block_cipher import BlockCipher, check_value
from minka.cipher.octets import xor

FEWEST, MOST = 2, 16
SECRET_AT, DIGEST_AT = 255, 254
DIGEST_BYTES = 4
IDENTIFIER_BITS = 15
ITERATIONS = 0
"""Exponent of SLIP-39's key stretching: the secret is a random key, so the least will do."""


class ShareFault(Exception):
    """Shares that do not bring a secret back; the message never holds a word of them."""


def components(key: bytes, parts: int, fill: bytes) -> tuple[bytes, ...]:
    """A key as XOR components, each as long as the key; ``fill`` are all but one of them, random.

    ``ValueError`` unless there are 2 to 16 parts and just as many random bytes as they need.
    """
    length = len(key)
    if not FEWEST <= parts <= MOST or len(fill) != length * (parts - 1):
        raise ValueError("a key is split into 2 to 16 parts, all but one random")
    random = [fill[at : at + length] for at in range(0, len(fill), length)]
    return (*random, reduce(xor, random, key))


def joined(parts: tuple[bytes, ...]) -> bytes:
    """The key of all its components, in any order."""
    return reduce(xor, parts)


def component_check(cipher: BlockCipher, component: bytes) -> bytes:
    """The check value of a component: that of a key of the same bytes."""
    return check_value(cipher, component)


def share_fill(secret_bytes: int, needed: int) -> int:
    """How many random bytes ``shares`` asks for, the two of the identifier among them."""
    return 2 + secret_bytes * (needed - 1) - DIGEST_BYTES


def shares(
    secret: bytes, needed: int, holders: int, fill: bytes, *, passphrase: bytes = b""
) -> tuple[str, ...]:
    """A secret as SLIP-39 word lists, one a holder, of which any ``needed`` bring it back.

    The secret has 16 to 32 bytes, an even number; ``fill`` is ``share_fill`` random bytes.
    ``ValueError`` for a number of holders or bytes that does not fit.
    """
    length = len(secret)
    if not FEWEST <= needed <= holders <= MOST or length < 16 or length % 2:
        raise ValueError("2 to 16 holders of a secret of 16 bytes or more")
    if len(fill) != share_fill(length, needed):
        raise ValueError("the random bytes do not fit the shares")
    identifier = int.from_bytes(fill[:2]) >> 16 - IDENTIFIER_BITS
    sealed = EncryptedMasterSecret.from_master_secret(
        secret, passphrase, identifier, extendable=True, iteration_exponent=ITERATIONS
    ).ciphertext
    points = _points(sealed, needed, fill[2:])
    return tuple(
        Share(identifier, True, ITERATIONS, 0, 1, 1, at, needed, value_at(points, at)).mnemonic()
        for at in range(holders)
    )


def restored(mnemonics: tuple[str, ...], passphrase: bytes = b"") -> bytes:
    """The secret of as many shares as it needs; ``ShareFault`` for too few, wrong or mixed ones."""
    try:
        secret: bytes = combine_mnemonics(mnemonics, passphrase)
    except (MnemonicError, ValueError) as fault:
        raise ShareFault("these shares do not bring the secret back") from fault
    return secret


def value_at(points: dict[int, bytes], place: int) -> bytes:
    """The value at a place of the polynomials over GF(256) through the given points."""
    if place in points:
        return points[place]
    found = bytes(len(next(iter(points.values()))))
    for here, value in points.items():
        weight = 1
        for other in points:
            if other != here:
                weight = _times(weight, _over(place ^ other, here ^ other))
        found = xor(found, bytes(_times(weight, byte) for byte in value))
    return found


def _points(sealed: bytes, needed: int, fill: bytes) -> dict[int, bytes]:
    length = len(sealed)
    random, rest = fill[: length * (needed - 2)], fill[length * (needed - 2) :]
    proof = hmac_of(rest, sealed, "sha256").digest()[:DIGEST_BYTES]
    points = {at: random[at * length : (at + 1) * length] for at in range(needed - 2)}
    return {**points, DIGEST_AT: proof + rest, SECRET_AT: sealed}


def _tables() -> tuple[list[int], list[int]]:
    powers, logs, value = [0] * 255, [0] * 256, 1
    for exponent in range(255):
        powers[exponent], logs[value] = value, exponent
        value ^= value << 1
        value ^= 0x11B if value > 255 else 0
    return powers, logs


_POWERS, _LOGS = _tables()


def _times(one: int, other: int) -> int:
    return _POWERS[(_LOGS[one] + _LOGS[other]) % 255] if one and other else 0


def _over(one: int, other: int) -> int:
    return _POWERS[(_LOGS[one] - _LOGS[other]) % 255] if one else 0
