"""The card's arithmetic against two oracles: written out by hand, and the OpenSSL command (K1).

The first oracle is ``reference`` and the rules of card-chip §11.1 written anew in this file; the
second is the ``openssl`` program, asked once for many blocks. Both are compared over drawn keys.
"""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable

import gmssl_pyx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minka.cipher import card_key
from minka.cipher.block_cipher import BlockCipher, cmac, ecb_encipher
from minka.cipher.card_key import Algorithm
from minka.cipher.field import digest
from tests.cipher import reference

NAMES = {Algorithm.TRIPLE_DES: "3des", Algorithm.SM4: "sm4"}
BOTH = pytest.mark.parametrize("algorithm", NAMES)
KEYS = st.binary(min_size=16, max_size=16)
EIGHT = st.binary(min_size=8, max_size=8)
FEW = settings(max_examples=25, deadline=None)


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _derived(name: str, key: bytes, factor: bytes) -> bytes:
    turned = bytes(255 - byte for byte in factor)
    if name == "sm4":
        return reference.sm4(key, factor + turned)
    if len(key) == 8:
        return reference.des(key, factor)
    return reference.triple_des(key, factor) + reference.triple_des(key, turned)


def _session(name: str, key: bytes, random: bytes) -> bytes:
    size = 16 if name == "sm4" else 8
    return reference.block(name, key, random + bytes(size - len(random)))


def _mac(name: str, key: bytes, message: bytes, start: bytes) -> bytes:
    size = 16 if name == "sm4" else 8
    message += b"\x80"
    while len(message) % size:
        message += b"\0"
    state = start + bytes(size - len(start))
    for at in range(0, len(message), size):
        mixed = _xor(state, message[at : at + size])
        single = key[:8] if name == "3des" else key
        state = reference.block(name, single, mixed)
    if name == "sm4":
        return bytes(state[n] ^ state[n + 4] ^ state[n + 8] ^ state[n + 12] for n in range(4))
    if len(key) == 16:
        state = reference.des(key[:8], reference.des_undone(key[8:], state))
    return state[:4]


@BOTH
@FEW
@given(key=KEYS, factors=st.lists(EIGHT, min_size=1, max_size=3))
def test_keys_are_derived_as_the_rules_say(
    algorithm: Algorithm, key: bytes, factors: list[bytes]
) -> None:
    """K3: each derived key can be traced to its parents, level by level."""
    wanted = key
    for factor in factors:
        wanted = _derived(NAMES[algorithm], wanted, factor)
    assert card_key.derive(algorithm, key, *factors) == wanted


@FEW
@given(key=EIGHT, factor=EIGHT, random=st.binary(min_size=4, max_size=8))
def test_short_keys_follow_single_des(key: bytes, factor: bytes, random: bytes) -> None:
    """K1: the 8-byte key of secure messaging."""
    one = Algorithm.TRIPLE_DES
    assert card_key.derive(one, key, factor) == reference.des(key, factor)
    assert card_key.session(one, key, random) == _session("3des", key, random)


@BOTH
@FEW
@given(key=KEYS, random=st.binary(min_size=4, max_size=4) | EIGHT, original=EIGHT)
def test_session_keys_and_proofs_are_those_of_the_rules(
    algorithm: Algorithm, key: bytes, random: bytes, original: bytes
) -> None:
    """K1: session key and authentication data."""
    name = NAMES[algorithm]
    once = _session(name, key, random)
    assert card_key.session(algorithm, key, random) == once
    if name == "sm4":
        out = reference.sm4(once, original + bytes(8))
        wanted = _xor(out[:8], out[8:])
    else:
        wanted = reference.des(once, original)
    assert card_key.authentication(algorithm, once, original) == wanted


@BOTH
@FEW
@given(
    key=KEYS, message=st.binary(max_size=60), start=st.sampled_from([b"", b"\1\2\3\4\5\6\7\x08"])
)
def test_macs_are_those_of_the_rules(
    algorithm: Algorithm, key: bytes, message: bytes, start: bytes
) -> None:
    """K1: four bytes over any message, from any initial value, and the TAC's folded key."""
    name = NAMES[algorithm]
    assert card_key.mac(algorithm, key, message, start) == _mac(name, key, message, start)
    folded = _xor(key[:8], key[8:]) if name == "3des" else key
    assert card_key.tac(algorithm, key, message) == _mac(name, folded, message, b"")


@BOTH
@FEW
@given(key=KEYS, plain=st.binary(max_size=40))
def test_command_data_is_enciphered_as_the_rules_say(
    algorithm: Algorithm, key: bytes, plain: bytes
) -> None:
    """K1: the length in front, filled only when not aligned."""
    name = NAMES[algorithm]
    size = 16 if name == "sm4" else 8
    data = bytes([len(plain)]) + plain
    if len(data) % size:
        data += b"\x80"
        data += bytes(-len(data) % size)
    blocks = [data[at : at + size] for at in range(0, len(data), size)]
    wanted = b"".join(reference.block(name, key, one) for one in blocks)
    assert card_key.enciphered(algorithm, key, plain) == wanted


@FEW
@given(name=st.sampled_from(["3des", "sm4"]), key=KEYS, message=st.binary(max_size=50))
def test_cmac_is_that_of_the_standard(name: str, key: bytes, message: bytes) -> None:
    """K1: SP 800-38B, over the hand-written ciphers."""
    assert cmac(BlockCipher(name), key, message) == reference.cmac(name, key, message)


def _openssl(*words: str, content: bytes) -> bytes:
    return subprocess.run(
        ["openssl", *words], input=content, capture_output=True, check=True
    ).stdout


def _drawn(label: str, count: int) -> bytes:
    return b"".join(hashlib.sha256(f"{label} {n}".encode()).digest() for n in range(count))


@pytest.mark.parametrize(
    ("mode", "length", "tool"),
    [
        ("3des", 16, "des-ede-ecb"),
        ("3des", 24, "des-ede3-ecb"),
        ("sm4", 16, "sm4-ecb"),
        ("aes", 16, "aes-128-ecb"),
        ("aes", 32, "aes-256-ecb"),
    ],
)
def test_openssl_enciphers_the_same(mode: str, length: int, tool: str) -> None:
    """K1: 8,192 bytes under each of four keys, by the OpenSSL command line."""
    content = _drawn(mode, 256)
    # Debian's program names DES with two keys "des-ede": that is its ECB.
    name = tool.removesuffix("-ecb") if tool.startswith("des") else tool
    for number in range(4):
        key = _drawn(f"key {number}", 1)[:length]
        wanted = _openssl("enc", f"-{name}", "-nopad", "-K", key.hex(), content=content)
        assert ecb_encipher(BlockCipher(mode), key, content) == wanted


def test_openssl_derives_the_same_keys() -> None:
    """K3: a batch of 512 cards' keys, both algorithms, by the OpenSSL command line."""
    factors = _drawn("cards", 128)
    turned = bytes(255 - byte for byte in factors)
    pairs = b"".join(factors[at : at + 8] + turned[at : at + 8] for at in range(0, len(factors), 8))
    key = _drawn("root", 1)[:16]
    for algorithm, tool in ((Algorithm.SM4, "sm4-ecb"), (Algorithm.TRIPLE_DES, "des-ede")):
        wanted = _openssl("enc", f"-{tool}", "-nopad", "-K", key.hex(), content=pairs)
        assert card_key.derive_each(algorithm, key, factors) == wanted


@pytest.mark.parametrize(
    "sm3", [gmssl_pyx.sm3_hash, lambda m: _openssl("dgst", "-sm3", "-binary", content=m)]
)
def test_sm3_is_the_same_everywhere(sm3: Callable[[bytes], bytes]) -> None:
    """K1: messages around the block's edges, by GmSSL and by OpenSSL."""
    for length in (0, 1, 55, 56, 63, 64, 65, 119, 120, 1000):
        message = _drawn("sm3", 32)[:length]
        assert digest(message) == sm3(message)
