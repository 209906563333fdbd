"""The arithmetic of a card's keys, against vectors made by two independent programs (K1).

The vectors are our own (card-chip §11.3): none was compared with a real card. The one published
value is SM4's own example of GB/T 32907.
"""

from __future__ import annotations

import pytest

from minka.cipher.card_key import (
    Algorithm,
    HsmOnly,
    authentication,
    derive,
    derive_each,
    encipher,
    enciphered,
    mac,
    session,
    tac,
)

ROOT = bytes.fromhex("00112233445566778899AABBCCDDEEFF")
FACTORS = [bytes.fromhex(f) for f in "3939303030307368 3939303130307378 8699990100000001".split()]
RANDOM = bytes.fromhex("0102030405060708")
ORIGINAL = bytes.fromhex("1112131415161718")
EACH = {
    Algorithm.TRIPLE_DES: "8DA86E66A2CC3912DD7D71E562F7A0B6 69FF8BB0F1A15E048B117B1DC2D8801D "
    "F6B8E7941294E0B461CA0A637CCDA871 7A8548A226153959 0CF6742DD4738FF4 1D4B84DBC0CAD967 "
    "9E950E5BFBDCC371 FCA4BDE4CA7771AB D5502EF8 2DC45C21 5DBBB8A8 6469F7D3 4949D99AED26389B "
    "2A346431 9F559F40 AEF79E88",
    Algorithm.SM4: "130E1DACFEF414735970C01DE1F81B2E D9CCA310803EC752D250E8D09E4AA8C0 "
    "E543D66BC2C1F4A7F4EEFF0AB5335D01 459903F36C8BFB840F905369A2613911 "
    "9A700EA8753D061B58B87D0443DF1717 7DFA1AF3913EFB80 AD0C05A8C40379590AEC91921C67E476 "
    "B0200511F31B5F10657A38EAD40D5130 1410BF85 AD6BEB37 072E8D55 2C297589 "
    "780D10E3B3660BF6CD563BB66DA3D25F AB0F2F66 FAB1EC93 8C4C3A98",
}
AMOUNTS = "00000000000003E8000001F4"
TERMINAL = "32990100000001"
TIME = "20240102030405"


def _found(algorithm: Algorithm) -> list[str]:
    card = derive(algorithm, ROOT, *FACTORS)
    once = session(algorithm, card, RANDOM)
    pin = enciphered(algorithm, once, bytes.fromhex("123456"))
    reload_header = bytes([0x84, 0x24, 0, 1, len(pin) + 4])
    spend = session(algorithm, card, bytes.fromhex("A1A2A3A400070009"))
    blocks = (b"\x84\x24\0\0\4", b"\x84\x1e\0\1\4", b"\x84\x16\0\0\4")
    found = [
        derive(algorithm, ROOT, FACTORS[0]),
        derive(algorithm, ROOT, *FACTORS[:2]),
        card,
        once,
        session(algorithm, card, bytes.fromhex("A1A2A3A4")),
        authentication(algorithm, once, ORIGINAL),
        pin,
        enciphered(algorithm, once, bytes.fromhex("12345678")),
        mac(algorithm, once, reload_header + pin),
        *(mac(algorithm, once, header) for header in blocks),
        spend,
        mac(algorithm, spend, bytes.fromhex(AMOUNTS + TERMINAL + TIME)),
        mac(algorithm, spend, bytes.fromhex(AMOUNTS)),
        tac(algorithm, card, bytes.fromhex(AMOUNTS + TERMINAL + "00000009" + TIME)),
    ]
    return [value.hex().upper() for value in found]


@pytest.mark.parametrize("algorithm", EACH)
def test_every_step_gives_the_value_that_two_other_programs_gave(algorithm: Algorithm) -> None:
    """K1, K3: derivation, session key, authentication, PIN reload, blocks, purchase, TAC."""
    wanted = EACH[algorithm].split()
    found = _found(algorithm)
    assert [f.endswith(w) for f, w in zip(found, wanted, strict=True)] == [True] * len(wanted)
    assert [len(f) >= len(w) for f, w in zip(found, wanted, strict=True)] == [True] * len(wanted)


def test_a_short_key_of_secure_messaging_follows_its_own_rule() -> None:
    """K1: the 8-byte STK of a DES card."""
    one = Algorithm.TRIPLE_DES
    levels = [derive(one, ROOT[:8], *FACTORS[:n]).hex().upper() for n in (1, 2, 3)]
    assert levels == "F25AA61A5D690A37 6DB9291934BABE73 8DAA8A210CC95638".split()
    once = session(one, derive(one, ROOT[:8], *FACTORS), RANDOM)
    assert once.hex().upper() == "98AE9DB7E0254375"
    body = enciphered(one, once, bytes.fromhex("123456"))
    assert body.hex().upper() == "767DD8BF90725FE9"
    assert mac(one, once, bytes.fromhex("842400010C") + body).hex().upper() == "F79BDF51"


def test_the_published_example_of_sm4_holds() -> None:
    """K1: GB/T 32907, annex A, example 1."""
    key = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
    assert encipher(Algorithm.SM4, key, key).hex() == "681edf34d206965e86b3e94f536e4246"


@pytest.mark.parametrize(
    ("algorithm", "length"),
    [(Algorithm.TRIPLE_DES, 8), (Algorithm.TRIPLE_DES, 16), (Algorithm.SM4, 16)],
)
def test_a_batch_of_cards_has_the_keys_that_each_would_have_alone(
    algorithm: Algorithm, length: int
) -> None:
    """One card one key (K3), whether a factory derives one or a thousand at once."""
    root = ROOT[:length]
    factors = [n.to_bytes(8) for n in range(1000, 2000)]
    alone = [derive(algorithm, root, factor) for factor in factors]
    assert derive_each(algorithm, root, b"".join(factors)) == b"".join(alone)
    assert len(set(alone)) == 1000


def test_ssf33_is_refused_in_software() -> None:
    """K1: what is not public is left to a real encryption machine."""
    with pytest.raises(HsmOnly):
        derive(Algorithm.SSF33, ROOT, FACTORS[0])
