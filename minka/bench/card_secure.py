"""Secure messaging of a virtual chip: the MAC of a command, and enciphered data opened.

The session key comes from the key of secure messaging of the environment or the current folder and
the card's latest challenge (card-chip §11.1, rules 3, 5, 6).
"""

from __future__ import annotations

import hmac

from minka.bench.card_core import Chip, Key, Order, Says
from minka.bench.card_image import Usage
from minka.chip import status
from minka.cipher import card_key
from minka.cipher.card_key import MAC_BYTES, Algorithm

SECURE = 0x04
MESSAGE_KEY = 0x02
APPLICATION = 0x80


def session_key(key: Key, challenge: bytes) -> bytes:
    """A session key of a challenge."""
    return session_of(key.algorithm, key.value, challenge)


def session_of(algorithm: Algorithm, key: bytes, challenge: bytes) -> bytes:
    """A session key of a key's bytes and a challenge; DES takes its first eight bytes."""
    return card_key.session(algorithm, key, challenge[: algorithm.block])


def checked(order: Order, key: Key, challenge: bytes) -> tuple[bytes, bytes]:
    """The data before a command's MAC, and the session key; 6988 when the MAC is wrong."""
    own = session_key(key, challenge)
    data, mac = order.data[:-MAC_BYTES], order.data[-MAC_BYTES:]
    if not hmac.compare_digest(card_key.mac(key.algorithm, own, order.header + data), mac):
        raise Says(status.MESSAGE_WRONG)
    return data, own


def opened(chip: Chip, order: Order) -> bytes:
    """The data of a READ or UPDATE, freed from the MAC when the command came secured."""
    if not order.cla & SECURE:
        return order.data
    folder = chip.session.folder
    own = (
        MESSAGE_KEY if folder.number == chip.tree.environment.number else MESSAGE_KEY | APPLICATION
    )
    key = chip.key(own, Usage.MESSAGE)
    if key is None:
        raise Says(status.SECURITY)
    if len(order.data) <= MAC_BYTES:
        raise Says(status.MESSAGE_WRONG)
    data, _ = checked(order, key, chip.take_challenge())
    return data


def deciphered(key: Key, own: bytes, data: bytes) -> bytes:
    """The plain data of a command under a session key."""
    return deciphered_with(key.algorithm, own, data)


def deciphered_with(algorithm: Algorithm, key: bytes, data: bytes) -> bytes:
    """The plain data of rule 6: its length in front, filled up behind; 6A80 when it is neither."""
    if not data or len(data) % algorithm.block:
        raise Says(status.WRONG_DATA)
    whole = card_key.decipher(algorithm, key, data)
    length, rest = whole[0], whole[1 + whole[0] :]
    if length >= len(whole) or rest.rstrip(b"\0") not in (b"", b"\x80"):
        raise Says(status.WRONG_DATA)
    return whole[1 : 1 + length]
