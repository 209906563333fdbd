"""SM2 against the standard written out by hand: signatures both ways, wrapped keys opened (K1)."""

from __future__ import annotations

import hashlib

import pytest

from minka.cipher.mac import SignKey, verify, wrap
from tests.cipher import reference_sm2 as by_hand


def _number(label: str) -> int:
    return int.from_bytes(hashlib.sha512(label.encode()).digest()) % (by_hand.N - 2) + 1


def _pair(label: str) -> tuple[SignKey, int, tuple[int, int]]:
    secret = _number(label)
    public = by_hand.public_of(secret)
    octets = b"".join(value.to_bytes(32) for value in public)
    return SignKey(octets, secret.to_bytes(32)), secret, public


def _piece(der: bytes) -> tuple[int, bytes, bytes]:
    """Tag, content and the rest after the first piece of some DER."""
    head = 2 if der[1] < 128 else 3
    end = head + der[head - 1]
    return der[0], der[head:end], der[end:]


def _read(der: bytes) -> list[int | bytes]:
    """The integers and octet strings of a DER sequence, in order."""
    _, content, _ = _piece(der)
    found: list[int | bytes] = []
    while content:
        tag, value, content = _piece(content)
        found.append(int.from_bytes(value) if tag == 2 else value)
    return found


def _written(*numbers: int) -> bytes:
    pieces = b"".join(
        bytes([2, len(value)]) + value
        for value in (n.to_bytes(n.bit_length() // 8 + 1) for n in numbers)
    )
    return bytes([0x30, len(pieces)]) + pieces


@pytest.mark.parametrize("number", range(4))
def test_what_the_library_signs_is_right_by_hand(number: int) -> None:
    """K1: GB/T 32918.2 with the default signer's id; another message or signer is refused."""
    key, _, public = _pair(f"pair {number}")
    message = f"message {number}".encode() * number
    r, s = _read(key.sign(message))
    assert isinstance(r, int)
    assert isinstance(s, int)
    assert by_hand.verifies(public, message, r, s)
    assert not by_hand.verifies(public, message + b"x", r, s)
    assert not by_hand.verifies(_pair("another")[2], message, r, s)


@pytest.mark.parametrize("number", range(4))
def test_what_is_signed_by_hand_the_library_takes(number: int) -> None:
    """K1: and refuses with one bit of message or signature changed."""
    key, secret, _ = _pair(f"hand {number}")
    message = f"plan {number}".encode()
    r, s = by_hand.signed(secret, message, _number(f"once {number}"))
    assert verify(key.public, message, _written(r, s))
    assert not verify(key.public, message + b"x", _written(r, s))
    assert not verify(key.public, message, _written(r ^ 1, s))
    assert not verify(key.public, message, _written(r, s ^ 1))


def test_a_wrapped_key_opens_by_hand() -> None:
    """K1: GB/T 32918.4: point, hash and text, in the order of GB/T 35276."""
    key, secret, _ = _pair("receiver")
    session = hashlib.sha256(b"session").digest()
    x, y, proof, sealed = _read(wrap(key.public, session))
    assert isinstance(x, int)
    assert isinstance(y, int)
    assert isinstance(proof, bytes)
    assert isinstance(sealed, bytes)
    assert by_hand.opened(secret, (x, y), proof, sealed) == session
    assert key.unwrap(wrap(key.public, session)) == session
