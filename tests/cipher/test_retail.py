"""MACs and keys of terminals, against published vectors and psec: T11."""

from __future__ import annotations

import random

import psec
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4

from minka.cipher.retail import (
    Block,
    KeyFault,
    agrees,
    check_value,
    encipher,
    retail_mac,
    sm4_cbc_mac,
    sm4_cmac,
    unwrap,
    wrap,
)

pytestmark = pytest.mark.filterwarnings("ignore:.*TripleDES.*")  # psec speaks of itself

KEY = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
CHANCE = random.Random(8583)


@pytest.mark.parametrize(
    ("content", "mac"),
    [
        (b"Now is the time for all ", "a1c72e74ea3fa9b6"),
        (b"Now is the time for it", "2e2b1428cc78254f"),
    ],
)
def test_retail_mac_of_the_standard(content: bytes, mac: str) -> None:
    """Origin: ISO/IEC 9797-1:2011 annex B.4, MAC algorithm 3, padding 1."""
    assert retail_mac(KEY)(content).hex() == mac


def test_retail_mac_agrees_with_psec() -> None:
    """Origin: psec 1.x as oracle; one keyed context serves all messages in turn."""
    for _ in range(20):
        key = CHANCE.randbytes(16)
        mac = retail_mac(key)
        for _ in range(20):
            content = CHANCE.randbytes(CHANCE.randint(0, 200))
            assert mac(content) == psec.mac.generate_retail_mac(key[:8], key[8:], content, 1)


def test_sm4_block_of_the_standard() -> None:
    """Origin: GB/T 32907 annex A, example 1."""
    assert encipher(Block.SM4, KEY, KEY).hex() == "681edf34d206965e86b3e94f536e4246"


def slow_cmac(key: bytes, content: bytes) -> bytes:
    """CMAC step by step as SP 800-38B section 6 writes it, over single blocks."""

    def block(data: bytes) -> bytes:
        return Cipher(SM4(key), modes.ECB()).encryptor().update(data)

    def double(data: bytes) -> bytes:
        number = int.from_bytes(data, "big") << 1
        return (number % (1 << 128) ^ (0x87 if number >> 128 else 0)).to_bytes(16, "big")

    first = double(block(bytes(16)))
    whole = len(content) % 16 == 0 and content != b""
    padded = content if whole else content + b"\x80" + bytes(-(len(content) + 1) % 16)
    pieces = [padded[i : i + 16] for i in range(0, len(padded), 16)]
    last = first if whole else double(first)
    pieces[-1] = bytes(a ^ b for a, b in zip(pieces[-1], last, strict=True))
    state = bytes(16)
    for piece in pieces:
        state = block(bytes(a ^ b for a, b in zip(state, piece, strict=True)))
    return state


def test_sm4_cmac_step_by_step() -> None:
    """Origin: made here from SP 800-38B and the block of GB/T 32907; cut to eight bytes."""
    mac = sm4_cmac(KEY)
    for size in (0, 1, 15, 16, 17, 32, 100):
        content = CHANCE.randbytes(size)
        assert mac(content) == slow_cmac(KEY, content)[:8]


def test_sm4_cbc_mac_step_by_step() -> None:
    """Origin: made here from GB/T 15852.1 algorithm 1 with padding 3, over single blocks."""
    mac = sm4_cbc_mac(KEY)
    for size in (0, 1, 16, 33, 90):
        content = CHANCE.randbytes(size)
        padded = (8 * size).to_bytes(16, "big") + content + bytes(-size % 16)
        state = bytes(16)
        for i in range(0, len(padded), 16):
            mixed = bytes(a ^ b for a, b in zip(state, padded[i : i + 16], strict=True))
            state = encipher(Block.SM4, KEY, mixed)
        assert mac(content) == state[:8]


@pytest.mark.parametrize("made", [retail_mac, sm4_cmac, sm4_cbc_mac])
def test_every_bit_counts(made: type) -> None:
    """T11: a message with any one bit turned has another MAC."""
    mac, content = made(KEY), CHANCE.randbytes(40)
    good = mac(content)
    assert agrees(mac, content, good)
    for bit in range(320):
        turned = bytearray(content)
        turned[bit // 8] ^= 1 << bit % 8
        assert not agrees(mac, bytes(turned), good)


@pytest.mark.parametrize("block", list(Block))
def test_working_keys_travel_under_the_master_key(block: Block) -> None:
    """A key arrives whole or is known to be wrong, in the check value or the length."""
    master, key = CHANCE.randbytes(16), CHANCE.randbytes(16)
    sent = wrap(block, master, key)
    assert unwrap(block, master, sent) == key
    assert check_value(block, key) == sent[16:]
    for wrong in (sent[:-1], sent[:10], bytes([sent[0] ^ 1]) + sent[1:], b""):
        with pytest.raises(KeyFault):
            unwrap(block, master, wrong)
    with pytest.raises(KeyFault):
        unwrap(block, CHANCE.randbytes(16), sent)
    with pytest.raises(KeyFault):
        retail_mac(key[:8])


def test_check_value_of_psec() -> None:
    """Origin: psec 1.x as oracle."""
    key = CHANCE.randbytes(16)
    assert check_value(Block.TRIPLE_DES, key) == psec.des.generate_kcv(key, 3)
