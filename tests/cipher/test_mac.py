"""Messages are authenticated as the standards say, checked against a second library (I4, P13)."""

from __future__ import annotations

import hmac
import timeit

import gmssl_pyx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minka.cipher.mac import (
    BadPoint,
    MacKind,
    MessageMac,
    NotOurs,
    SignKey,
    public_key,
    verify,
    wrap,
)

# Origin: GB/T 32918.5-2017, annexes A and C (the recommended curve's worked examples).
SECRET = bytes.fromhex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")
PUBLIC = bytes.fromhex(
    "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
R = "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
S = "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
X1 = "04EBFC718E8D1798620432268E77FEB6415E2EDE0E073C0F4F640ECD2E149A73"
Y1 = "E858F9D81E5430A57B36DAAB8F950A3C64E6EE6A63094D99283AFF767E124DF0"
C3 = "59983C18F809E262923C53AEC295D30383B54E39D609D160AFCB1908D0BD8766"
C2 = "21886CA989CA9C7D58087307CA93092D651EFA"

PAIR = SignKey(PUBLIC, SECRET)
SM4_EXAMPLE = "0123456789abcdeffedcba9876543210"
"""GB/T 32907-2016, annex A.1: key and text."""


def _integer(hexed: str) -> bytes:
    number = bytes.fromhex(hexed)
    padded = b"\0" + number if number[0] > 127 else number
    return bytes([2, len(padded)]) + padded


def _octets(hexed: str) -> bytes:
    content = bytes.fromhex(hexed)
    return bytes([4, len(content)]) + content


def _sequence(*parts: bytes) -> bytes:
    body = b"".join(parts)
    head = bytes([0x30, len(body)]) if len(body) < 128 else bytes([0x30, 0x81, len(body)])
    return head + body


def _block(key: bytes, block: bytes) -> bytes:
    """One SM4 block by GmSSL: its counter mode over zeros gives the block cipher itself."""
    made: bytes = gmssl_pyx.sm4_ctr_encrypt(key, block, bytes(16))
    return made


def _doubled(block: bytes) -> bytes:
    number = int.from_bytes(block, "big") << 1
    return ((number & (1 << 128) - 1) ^ (0x87 if number >> 128 else 0)).to_bytes(16, "big")


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def _cmac(key: bytes, message: bytes) -> bytes:
    """RFC 4493 written out, over the second library's SM4."""
    subkey = _doubled(_block(key, bytes(16)))
    *whole, last = [message[i : i + 16] for i in range(0, len(message), 16)] or [b""]
    if len(last) < 16:
        subkey, last = _doubled(subkey), (last + b"\x80").ljust(16, b"\0")
    state = bytes(16)
    for block in (*whole, _xor(last, subkey)):
        state = _block(key, _xor(state, block))
    return state


def _covered(timestamp: str, nonce: str, body: bytes) -> bytes:
    return f"{timestamp}\n{nonce}\n".encode() + body


def test_the_second_library_knows_sm4_and_sm3() -> None:
    """The oracle itself stands on GB/T 32907 A.1 and GB/T 32905 A.1."""
    key = bytes.fromhex(SM4_EXAMPLE)
    assert _block(key, key).hex() == "681edf34d206965e86b3e94f536e4246"
    abc = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert gmssl_pyx.sm3_hash(b"abc").hex() == abc


@given(st.binary(min_size=16, max_size=16), st.text("0123456789", max_size=10), st.binary())
def test_sm4_cmac_is_what_a_second_library_says(key: bytes, timestamp: str, body: bytes) -> None:
    """OpenSSL's CMAC and RFC 4493 written out over GmSSL's SM4 give one code."""
    code = MessageMac(MacKind.SM4_CMAC, key).code(timestamp, "n", body)
    assert code == _cmac(key, _covered(timestamp, "n", body))


@given(st.binary(min_size=32, max_size=32), st.text("abcdef-", max_size=36), st.binary())
def test_hmac_sm3_is_what_a_second_library_says(key: bytes, nonce: str, body: bytes) -> None:
    """OpenSSL's HMAC and GmSSL's give one code."""
    code = MessageMac(MacKind.HMAC_SM3, key).code("1", nonce, body)
    assert code == gmssl_pyx.sm3_hmac(key, _covered("1", nonce, body))


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        (MacKind.SM4_CMAC, "741bcbef80aad03e623640d0cf405d26"),
        (MacKind.HMAC_SM3, "284d3289ecc06ff6947cbe44e68128942267c431c1ef13848bfbb90646a15595"),
    ],
)
def test_known_codes(kind: MacKind, wanted: str) -> None:
    """Self-made vectors, computed once by OpenSSL and by GmSSL; they must never change."""
    key = bytes(range(kind.key_bytes))
    code = MessageMac(kind, key).code("1700000000", "00000000-0000-4000-8000-000000000001", b"{}")
    assert code.hex() == wanted


@pytest.mark.parametrize("kind", list(MacKind))
@given(st.binary(min_size=1, max_size=200), st.integers(0, 10**6))
def test_one_changed_bit_is_seen(kind: MacKind, body: bytes, place: int) -> None:
    """A message changed on its way is refused; the unchanged one passes (I4)."""
    mac = MessageMac(kind, bytes(kind.key_bytes))
    code = mac.code("1", "n", body)
    changed = bytearray(body)
    changed[place % len(body)] ^= 1 << (place % 8)
    assert mac.fits("1", "n", body, code=code)
    assert mac.fits_hex("1", "n", body, code=code.hex().upper())
    assert not mac.fits("1", "n", bytes(changed), code=code)
    assert not mac.fits("2", "n", body, code=code)
    assert not mac.fits("1", "m", body, code=code)
    assert not mac.fits_hex("1", "n", body, code="é" + code.hex()[1:])


@pytest.mark.parametrize("kind", list(MacKind))
def test_a_key_has_its_length_and_is_not_printed(kind: MacKind) -> None:
    """A short key is a mistake, not a weak code; a printed key is lost (P13)."""
    with pytest.raises(ValueError, match="bytes"):
        MessageMac(kind, b"short")
    assert "k" * 8 not in repr(MessageMac(kind, b"k" * kind.key_bytes))
    assert SECRET.hex() not in repr(PAIR)
    assert repr(SECRET) not in repr(PAIR)


def test_codes_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both comparisons go through ``compare_digest``."""
    asked: list[tuple[bytes, bytes]] = []

    def compare(wanted: bytes, shown: bytes) -> bool:
        asked.append((wanted, shown))
        return True

    monkeypatch.setattr(hmac, "compare_digest", compare)
    mac = MessageMac(MacKind.SM4_CMAC, bytes(16))
    assert mac.fits("1", "n", b"", code=b"wrong")
    assert mac.fits_hex("1", "n", b"", code="wrong")
    assert [shown for _, shown in asked] == [b"wrong", b"wrong"]


def test_the_standards_signature_verifies() -> None:
    """GB/T 32918.5 annex A: the signature of "message digest"; nothing else passes for it."""
    signature = _sequence(_integer(R), _integer(S))
    assert verify(PUBLIC, b"message digest", signature)
    assert not verify(PUBLIC, b"message digesT", signature)
    assert not verify(PUBLIC, b"message digest", _sequence(_integer(S), _integer(R)))
    assert not verify(PUBLIC, b"message digest", b"no signature")
    assert not verify(bytes(64), b"message digest", signature)


def test_the_standards_ciphertext_opens() -> None:
    """GB/T 32918.5 annex C: "encryption standard"; a changed one does not open."""
    wrapped = _sequence(_integer(X1), _integer(Y1), _octets(C3), _octets(C2))
    assert PAIR.unwrap(wrapped) == b"encryption standard"
    for broken in (wrapped[:-1] + b"\0", wrapped[:20], b""):
        with pytest.raises(NotOurs):
            PAIR.unwrap(broken)


def test_a_session_key_travels_wrapped() -> None:
    """What is wrapped for a pair opens for it alone."""
    other_public, other_secret = gmssl_pyx.sm2_key_generate()
    wrapped = wrap(other_public, b"k" * 16)
    other = SignKey(other_public, other_secret)
    assert other.unwrap(wrapped) == b"k" * 16
    with pytest.raises(NotOurs):
        PAIR.unwrap(wrapped)
    assert verify(other_public, b"sign-in", other.sign(b"sign-in"))
    assert not verify(PUBLIC, b"sign-in", other.sign(b"sign-in"))


@pytest.mark.parametrize("text", ["", "00", "zz" * 64, "00" * 64, "05" + PUBLIC.hex()])
def test_only_points_of_the_curve_are_public_keys(text: str) -> None:
    """A key off the curve is refused before anything is wrapped for it."""
    with pytest.raises(BadPoint):
        public_key(text)
    with pytest.raises(BadPoint):
        wrap(bytes(64), b"k" * 16)


def test_public_keys_come_in_three_writings() -> None:
    """Bare, marked 04, and compressed are the same point."""
    compressed = f"{2 + PUBLIC[-1] % 2:02x}{PUBLIC[:32].hex()}"
    for text in (PUBLIC.hex(), "04" + PUBLIC.hex(), compressed):
        assert public_key(text) == PUBLIC


@pytest.mark.parametrize("kind", list(MacKind))
def test_a_message_costs_microseconds(kind: MacKind) -> None:
    """One code over 1 KB, far below SM2's millisecond: generous here, printed by the bench."""
    mac, body = MessageMac(kind, bytes(kind.key_bytes)), bytes(1024)
    seconds = min(timeit.repeat(lambda: mac.code("1", "n", body), number=100, repeat=20)) / 100
    assert seconds < 200e-6
