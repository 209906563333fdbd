"""The published examples of every cipher that Minka uses, each with its origin (K1)."""

from __future__ import annotations

import gmssl_pyx
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.hmac import HMAC

from minka.cipher.block_cipher import (
    BlockCipher,
    cbc_decipher,
    cbc_encipher,
    check_value,
    cmac,
    ecb_decipher,
    ecb_encipher,
)
from minka.cipher.card_key import Algorithm, HsmOnly, mac
from minka.cipher.field import digest
from minka.cipher.octets import xor
from tests.cipher import reference

EXAMPLE = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
"""GB/T 32907-2016, annex A: key and text at once."""

ECB = [
    # FIPS 197, appendix C.
    ("aes", "000102030405060708090a0b0c0d0e0f", "00112233445566778899aabbccddeeff",
     "69c4e0d86a7b0430d8cdb78070b4c55a"),
    ("aes", "000102030405060708090a0b0c0d0e0f1011121314151617",
     "00112233445566778899aabbccddeeff", "dda97ca4864cdfe06eaf70a0ec0d7191"),
    ("aes", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
     "00112233445566778899aabbccddeeff", "8ea2b7ca516745bfeafc49904b496089"),
    # NIST SP 800-67, appendix B.1: "The qufck brown fox jump".
    ("3des", "0123456789abcdef23456789abcdef01456789abcdef0123",
     "5468652071756663 6b2062726f776e20 666f78206a756d70",
     "a826fd8ce53b855f cce21c8112256fe6 68d5c05dd9b6b900"),
    # FIPS 46-3's cipher with one key; the worked example of NBS Special Publication 500-20.
    ("3des", "0101010101010101", "8000000000000000", "95f8a5e5dd31d900"),
    # GB/T 32907-2016, annex A.1.
    ("sm4", EXAMPLE.hex(), EXAMPLE.hex(), "681edf34d206965e86b3e94f536e4246"),
]  # fmt: skip

CMAC = [
    # NIST SP 800-38B, appendix D.1 (AES-128); RFC 4493 has the same.
    ("aes", "2b7e151628aed2a6abf7158809cf4f3c", 0, "bb1d6929e95937287fa37d129b756746"),
    ("aes", "2b7e151628aed2a6abf7158809cf4f3c", 16, "070a16b46b4d4144f79bdd9dd04a287c"),
    ("aes", "2b7e151628aed2a6abf7158809cf4f3c", 40, "dfa66747de9ae63030ca32611497c827"),
    ("aes", "2b7e151628aed2a6abf7158809cf4f3c", 64, "51f0bebf7e3b9d92fc49741779363cfe"),
    # Appendix D.3 (AES-256).
    ("aes", "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", 16,
     "28a7023f452e8f82bd4bf28d8c37c35c"),
    # Appendix D.4 (3DES of three keys) and D.5 (of two).
    ("3des", "8aa83bf8cbda10620bc1bf19fbb6cd58bc313d4a371ca8b5", 0, "b7a688e122ffaf95"),
    ("3des", "8aa83bf8cbda10620bc1bf19fbb6cd58bc313d4a371ca8b5", 8, "8e8f293136283797"),
    ("3des", "8aa83bf8cbda10620bc1bf19fbb6cd58bc313d4a371ca8b5", 20, "743ddbe0ce2dc2ed"),
    ("3des", "4cf15134a2850dd58a3d10ba80570d38", 0, "bd2ebf9a3ba00361"),
    ("3des", "4cf15134a2850dd58a3d10ba80570d38", 32, "31b1e431dabc4eb8"),
]  # fmt: skip
MESSAGE = bytes.fromhex(
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
)

SM3_EXAMPLES = [
    # GB/T 32905-2016, annex A.
    (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
    (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
]


@pytest.mark.parametrize(("name", "key", "clear", "sealed"), ECB)
def test_one_block_after_another_is_enciphered_as_published(
    name: str, key: str, clear: str, sealed: str
) -> None:
    """K1: AES, 3DES, DES and SM4, there and back."""
    cipher, made = BlockCipher(name), bytes.fromhex(key)
    assert ecb_encipher(cipher, made, bytes.fromhex(clear)) == bytes.fromhex(sealed)
    assert ecb_decipher(cipher, made, bytes.fromhex(sealed)) == bytes.fromhex(clear)


def test_sm4_enciphered_a_million_times_over_is_as_published() -> None:
    """K1: GB/T 32907-2016, annex A.2."""
    encryptor = Cipher(SM4(EXAMPLE), modes.ECB()).encryptor()
    block = EXAMPLE
    for _ in range(1_000_000):
        block = encryptor.update(block)
    assert block.hex() == "595298c7c6fd271f0402f804c33d3f66"


@pytest.mark.parametrize(("name", "key", "length", "code"), CMAC)
def test_cmac_is_as_published(name: str, key: str, length: int, code: str) -> None:
    """K1: CMAC of messages of none, one, several and broken blocks."""
    assert cmac(BlockCipher(name), bytes.fromhex(key), MESSAGE[:length]).hex() == code


@pytest.mark.parametrize(("content", "wanted"), SM3_EXAMPLES)
def test_sm3_is_as_published(content: bytes, wanted: str) -> None:
    """K1: GB/T 32905, by both libraries."""
    assert digest(content).hex() == wanted
    assert gmssl_pyx.sm3_hash(content).hex() == wanted


def test_hmac_of_sm3_is_as_published() -> None:
    """K1: the example of GM/T 0042-2015, annex D.3 (the number of the clause is recalled)."""
    keyed = HMAC(bytes(range(1, 33)), SM3())
    keyed.update(b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq" * 2)
    found = keyed.finalize()
    assert found == gmssl_pyx.sm3_hmac(
        bytes(range(1, 33)), b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq" * 2
    )
    assert found.hex() == "ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a"


PLAIN = bytes.fromhex(
    "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"
    "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa"
)
BESIDE = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
NONCE = bytes.fromhex("00001234567800000000abcd")


def test_sm4_gcm_is_as_published() -> None:
    """K1: RFC 8998, appendix A.1 (the sealing of fields and of the soft vault's file)."""
    encryptor = Cipher(SM4(EXAMPLE), modes.GCM(NONCE)).encryptor()
    encryptor.authenticate_additional_data(BESIDE)
    sealed = encryptor.update(PLAIN) + encryptor.finalize()
    assert sealed.hex() == (
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
    )
    assert encryptor.tag.hex() == "83de3541e4c2b58177e065a9bf7b62ec"


def test_sm4_ccm_is_as_published() -> None:
    """K1: RFC 8998, appendix A.2, made of our blocks and chains as RFC 3610 says."""
    first = b"\x7a" + NONCE[:12] + len(PLAIN).to_bytes(3)
    beside = len(BESIDE).to_bytes(2) + BESIDE
    beside += bytes(-len(beside) % 16)
    chained = cbc_encipher(BlockCipher.SM4, EXAMPLE, bytes(16), first + beside + PLAIN)
    counters = b"".join(b"\x02" + NONCE + n.to_bytes(3) for n in range(5))
    stream = ecb_encipher(BlockCipher.SM4, EXAMPLE, counters)
    assert xor(stream[16:80], PLAIN).hex() == (
        "48af93501fa62adbcd414cce6034d895dda1bf8f132f042098661572e7483094"
        "fd12e518ce062c98acee28d95df4416bed31a2f04476c18bb40c84a74b97dc5b"
    )
    assert xor(chained[-16:], stream[:16]).hex() == "16842d4fa186f56ab33256971fa110f4"


@pytest.mark.parametrize(
    ("text", "code"),
    [(b"Now is the time for all ", "e9086230"), (b"Now is the time for it", "5a692ce6")],
)
def test_the_cards_mac_of_a_long_des_key_is_as_published(text: bytes, code: str) -> None:
    """K1: ISO/IEC 9797-1, annex B: algorithm 3, padding 2, cut to four bytes."""
    assert mac(Algorithm.TRIPLE_DES, EXAMPLE, text).hex() == code


def test_check_values_are_those_other_machines_print() -> None:
    """K1, K3: 3 bytes of enciphered zeros for 3DES; of SM4 and AES a CMAC, never those zeros."""
    sixteen = bytes(16)
    assert check_value(BlockCipher.TRIPLE_DES, EXAMPLE).hex() == "08d7b4"
    for cipher in (BlockCipher.SM4, BlockCipher.AES):
        found = check_value(cipher, EXAMPLE)
        assert found == cmac(cipher, EXAMPLE, sixteen)[:5]
        assert not ecb_encipher(cipher, EXAMPLE, sixteen).startswith(found[:3])
    assert check_value(BlockCipher.SM4, EXAMPLE) == reference.cmac("sm4", EXAMPLE, sixteen)[:5]


def test_a_chain_begins_with_its_initial_value() -> None:
    """K1: CBC is ECB over the text mixed with what went before; it comes back."""
    start = bytes(range(16))
    sealed = cbc_encipher(BlockCipher.SM4, EXAMPLE, start, PLAIN)
    assert sealed[:16] == reference.sm4(EXAMPLE, xor(start, PLAIN[:16]))
    assert sealed[16:32] == reference.sm4(EXAMPLE, xor(sealed[:16], PLAIN[16:32]))
    assert cbc_decipher(BlockCipher.SM4, EXAMPLE, start, sealed) == PLAIN


@pytest.mark.parametrize(("name", "length"), [("sm4", 8), ("sm4", 32), ("aes", 8), ("3des", 12)])
def test_a_key_of_a_wrong_length_is_no_key(name: str, length: int) -> None:
    """Nothing is cut or filled up: 0 of 4 wrong lengths are taken, and no key is in the words."""
    key = b"\xa5" * length
    with pytest.raises(ValueError, match="bytes") as caught:
        cmac(BlockCipher(name), key, b"")
    assert "a5" not in str(caught.value)


def test_the_cipher_of_a_card_is_that_of_its_fci() -> None:
    """K1: 01 is 3DES, 03 is SM4, 02 stays in real machines."""
    assert BlockCipher.of_card(Algorithm.SM4) is BlockCipher.SM4
    assert BlockCipher.of_card(Algorithm.TRIPLE_DES) is BlockCipher.TRIPLE_DES
    with pytest.raises(HsmOnly):
        BlockCipher.of_card(Algorithm.SSF33)
