"""PIN blocks: a PIN bound to an account, enciphered, opened, and moved from key to key.

| format | block | source |
|---|---|---|
| ISO_0 | 0, length, PIN, F … XOR account; 3DES | ISO 9564-1 format 0 |
| ISO_3 | 3, length, PIN, random A-F … XOR account; 3DES | ISO 9564-1 format 3 |
| SM4_4 | 4, length, PIN, A …, eight random bytes; SM4, XOR account, SM4 | ours, see below |

SM4_4 is format 4 of ISO 9564-1 with SM4 in the place of AES; no standard that we read says so.
The account is what the block is bound to: twelve digits (``cards.pin.account_digits`` takes them
from a card number). A PIN has four to twelve digits; which length is allowed is the law's to say.
"""

from __future__ import annotations

from enum import Enum

from minka.cipher.field import FieldKeys
from minka.cipher.octets import xor
from minka.cipher.retail import Block, decipher, encipher
from minka.kit.secret import Clear

ACCOUNT_DIGITS = 12
SHORTEST, LONGEST = 4, 12


class PinFormat(Enum):
    """How a PIN stands in its block."""

    ISO_0 = "iso_0"
    ISO_3 = "iso_3"
    SM4_4 = "sm4_4"

    @property
    def block(self) -> Block:
        """The cipher the format is used with here."""
        return Block.SM4 if self is PinFormat.SM4_4 else Block.TRIPLE_DES

    @property
    def fill_bytes(self) -> int:
        """Random bytes that sealing asks for."""
        return {PinFormat.ISO_0: 0, PinFormat.ISO_3: 8, PinFormat.SM4_4: 8}[self]

    @property
    def block_bytes(self) -> int:
        """Bytes of the enciphered block."""
        return 16 if self is PinFormat.SM4_4 else 8


class PinBlockFault(Exception):
    """A block that does not open to a PIN: wrong key, wrong account, or damaged."""


def seal(form: PinFormat, key: bytes, pin: Clear, account: str, *, fill: bytes = b"") -> bytes:
    """The enciphered block of a PIN; ``fill`` are ``form.fill_bytes`` random bytes.

    ``PinBlockFault`` for a PIN that is none. Never call it twice with the same ``fill``.
    """
    digits = pin.reveal()
    if not (digits.isascii() and digits.isdecimal() and SHORTEST <= len(digits) <= LONGEST):
        raise PinBlockFault("a PIN has four to twelve digits")
    if len(fill) != form.fill_bytes:
        raise PinBlockFault("a block needs its random bytes")
    if form is PinFormat.SM4_4:
        plain = bytes.fromhex(f"4{len(digits):x}{digits:a<14}") + fill
        return encipher(form.block, key, xor(encipher(form.block, key, plain), _wide(account)))
    control = 0 if form is PinFormat.ISO_0 else 3
    rest = "f" * 14 if form is PinFormat.ISO_0 else "".join("abcdef"[b % 6] for b in fill) + "a" * 6
    plain = bytes.fromhex(f"{control}{len(digits):x}{(digits + rest)[:14]}")
    return encipher(form.block, key, xor(plain, _narrow(account)))


def unseal(form: PinFormat, key: bytes, block: bytes, account: str) -> Clear:
    """The PIN in a block; ``PinBlockFault`` when it does not open to one."""
    if len(block) != form.block_bytes:
        raise PinBlockFault("the block has not its length")
    plain = decipher(form.block, key, block)
    if form is PinFormat.SM4_4:
        plain = decipher(form.block, key, xor(plain, _wide(account)))
        return _pin(plain[:8].hex(), control="4", fill=frozenset("a"))
    opened = xor(plain, _narrow(account)).hex()
    if form is PinFormat.ISO_0:
        return _pin(opened, control="0", fill=frozenset("f"))
    return _pin(opened, control="3", fill=frozenset("abcdef"))


def translate(
    block: bytes,
    account: str,
    *,
    given: tuple[PinFormat, bytes],
    wanted: tuple[PinFormat, bytes],
    fill: bytes = b"",
) -> bytes:
    """The PIN of one block in another format and under another key, for the same account."""
    return seal(wanted[0], wanted[1], unseal(*given, block, account), account, fill=fill)


def verification_value(keys: FieldKeys, holder: str, pin: Clear) -> bytes:
    """What is kept in the place of a PIN: 16 bytes of HMAC-SM3 under the register's key.

    ``holder`` names person and card, so that one PIN gives another value on every card and a
    value moved to another row is of no use. Source: HMAC of GB/T 15852.2 with SM3.
    """
    return keys.index("pin", Clear(f"{holder}:{pin.reveal()}"))


def _pin(opened: str, *, control: str, fill: frozenset[str]) -> Clear:
    length = int(opened[1], 16)
    digits, rest = opened[2 : 2 + length], opened[2 + length :]
    good = opened[0] == control and SHORTEST <= length <= LONGEST and digits.isdecimal()
    if not (good and fill.issuperset(rest)):
        raise PinBlockFault("the block does not open to a PIN")
    return Clear(digits)


def _narrow(account: str) -> bytes:
    """The account as eight bytes: four zeros and twelve digits."""
    _check(account)
    return bytes.fromhex(f"0000{account}")


def _wide(account: str) -> bytes:
    """The account as sixteen bytes: a nought for twelve digits, the digits, zeros."""
    _check(account)
    return bytes.fromhex(f"0{account}".ljust(32, "0"))


def _check(account: str) -> None:
    if not (len(account) == ACCOUNT_DIGITS and account.isascii() and account.isdecimal()):
        raise PinBlockFault("a block is bound to twelve digits")
