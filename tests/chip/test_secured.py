"""Secured commands: how they are built, and what they are made of (card-chip §11.3)."""

from __future__ import annotations

import pytest

from minka.chip.apdu import ApduFault
from minka.chip.commands import BLOCK_APPLICATION, BLOCK_CARD, RELOAD_PIN, UNBLOCK_PIN
from minka.chip.secured import aligned, counted, covered, filled, take_apart
from minka.cipher import card_key
from minka.cipher.card_key import Algorithm

KEYS = {
    Algorithm.TRIPLE_DES: bytes.fromhex("F6B8E7941294E0B461CA0A637CCDA871"),
    Algorithm.SM4: bytes.fromhex("E543D66BC2C1F4A7F4EEFF0AB5335D01"),
}
FACTOR = bytes.fromhex("0102030405060708")
VECTORS = [
    (Algorithm.TRIPLE_DES, RELOAD_PIN, "123456", "842400010C9E950E5BFBDCC371D5502EF8"),
    (
        Algorithm.SM4,
        RELOAD_PIN,
        "123456",
        "8424000114AD0C05A8C40379590AEC91921C67E4761410BF85",
    ),
    (Algorithm.TRIPLE_DES, UNBLOCK_PIN, "", "84240000042DC45C21"),
    (Algorithm.SM4, UNBLOCK_PIN, "", "8424000004AD6BEB37"),
    (Algorithm.TRIPLE_DES, BLOCK_APPLICATION, "", "841E0001045DBBB8A8"),
    (Algorithm.SM4, BLOCK_APPLICATION, "", "841E000104072E8D55"),
    (Algorithm.TRIPLE_DES, BLOCK_CARD, "", "84160000046469F7D3"),
    (Algorithm.SM4, BLOCK_CARD, "", "84160000042C297589"),
]
"""Self-made vectors of the reference, computed there by two programs."""


@pytest.mark.parametrize(("algorithm", "header", "pin", "command"), VECTORS)
def test_commands_of_the_reference(
    algorithm: Algorithm, header: bytes, pin: str, command: str
) -> None:
    """Built from parts, byte for byte; taken apart again into the same parts."""
    session = card_key.session(algorithm, KEYS[algorithm], FACTOR)
    plain = bytes.fromhex(pin)
    block = algorithm.block
    inside = card_key.encipher(algorithm, session, aligned(counted(plain), block)) if pin else b""
    message = covered(header, inside)
    mac = card_key.mac(algorithm, session, message)
    assert (message + mac).hex().upper() == command
    parts = take_apart(bytes.fromhex(command))
    assert (parts.covered, parts.enciphered, parts.mac) == (message, inside, mac)
    assert bytes(parts).hex().upper() == command
    assert filled(message, block) == card_key.pad(algorithm, message)


@pytest.mark.parametrize("command", ["0084000008", "842400000401020304"[:16], "8424000000"])
def test_what_is_not_secured(command: str) -> None:
    """No CLA of secure messaging, or no room for a MAC."""
    with pytest.raises(ApduFault):
        take_apart(bytes.fromhex(command))
