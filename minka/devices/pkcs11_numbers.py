"""Which key types and mechanisms a token is asked for: the standard's, or its maker's own.

Those of 3DES are the standard's.

PKCS#11 gives SM4 no numbers, so a maker's own stand in the settings under these names; whatever
is missing there is refused with ``ALGORITHM``, except ``derive``: without it a card's key is made
by enciphering, and its bytes pass through the vault's process.

| name | asks the token to |
|---|---|
| key | hold a key (a key type) |
| generate | make one |
| ecb, cbc | encipher whole blocks |
| derive | make a key of data enciphered inside (parameter: pointer and length of the data) |
"""

from __future__ import annotations

from dataclasses import dataclass

from pkcs11 import KeyType, Mechanism

from minka.cipher.card_key import Algorithm
from minka.keys.vault import KeyReason, KeyRefused

_PREFIX = {Algorithm.TRIPLE_DES: "DES3", Algorithm.SM4: "SM4"}
_STANDARD = {
    "DES3.key": KeyType.DES3,
    "DES3.generate": Mechanism.DES2_KEY_GEN,
    "DES3.ecb": Mechanism.DES3_ECB,
    "DES3.cbc": Mechanism.DES3_CBC,
    "DES3.derive": Mechanism.DES3_ECB_ENCRYPT_DATA,
}


@dataclass(frozen=True, slots=True)
class Numbers:
    """What one algorithm is called by one token; None where the token cannot."""

    key: KeyType
    ecb: Mechanism
    cbc: Mechanism
    generate: Mechanism | None
    derive: Mechanism | None


def numbers(table: dict[str, int], algorithm: Algorithm) -> Numbers:
    """The numbers of an algorithm; ``ALGORITHM`` when a key could not be used at all.

    A number 0 in the settings takes a standard mechanism away that a token does not have.
    """
    prefix = _PREFIX.get(algorithm)
    found = {**{name: int(number) for name, number in _STANDARD.items()}, **table}
    key, ecb, cbc, generate, derive = (
        found.get(f"{prefix}.{name}", 0) for name in ("key", "ecb", "cbc", "generate", "derive")
    )
    if not (key and ecb and cbc):
        raise KeyRefused(KeyReason.ALGORITHM)
    return Numbers(
        key_type(key),
        mechanism(ecb),
        mechanism(cbc),
        mechanism(generate) if generate else None,
        mechanism(derive) if derive else None,
    )


def mechanism(number: int) -> Mechanism:
    """A mechanism by its number, a vendor's too, which the library's list does not hold."""
    try:
        return Mechanism(number)
    except ValueError:
        made = int.__new__(Mechanism, number)
        made._name_, made._value_ = f"VENDOR_{number:08X}", number
        return made


def key_type(number: int) -> KeyType:
    """A key type by its number, a vendor's too."""
    try:
        return KeyType(number)
    except ValueError:
        made = int.__new__(KeyType, number)
        made._name_, made._value_ = f"VENDOR_{number:08X}", number
        return made
