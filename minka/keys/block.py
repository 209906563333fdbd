"""Keys of this house as key blocks: what a header says of a ``KeyName`` and its purpose.

| purpose | usage | mode | why |
|---|---|---|---|
| transport | K1 | B | wraps key blocks (X9.143) |
| master | K0 | B | enciphers keys as they are loaded into cards (X9.143) |
| internal, external, message, purchase, load, tac | 10 to 15 | X | roots of card keys; ours |

The key's version is the header's, its name stands in an optional block LB: both are proved with the
rest, so that a block of UK1DF01 is never taken in as RK1DF01. Algorithm letters: T and D for 3DES
and DES, A for AES, 4 for SM4 (ours).
"""

from __future__ import annotations

from dataclasses import dataclass

from minka.cipher.block_cipher import BlockCipher, cmac
from minka.cipher.card_key import Algorithm
from minka.cipher.key_block import (
    BlockFault,
    Export,
    Form,
    Header,
    Proves,
    fill_bytes,
    unwrap_by,
    wrap,
)
from minka.keys.vault import KeyName, KeyReason, KeyRefused, Purpose

LABEL = "LB"
HIDE_TO = 32
"""Every key fills as much as a key of 32 bytes, so that a block does not tell its length."""

USAGES: dict[Purpose, tuple[str, str]] = {
    Purpose.TRANSPORT: ("K1", "B"),
    Purpose.MASTER: ("K0", "B"),
    Purpose.INTERNAL: ("10", "X"),
    Purpose.EXTERNAL: ("11", "X"),
    Purpose.MESSAGE: ("12", "X"),
    Purpose.PURCHASE: ("13", "X"),
    Purpose.LOAD: ("14", "X"),
    Purpose.TAC: ("15", "X"),
}
"""Usage and mode of use of every purpose; no two purposes share a usage."""

_PURPOSES = {usage: purpose for purpose, usage in USAGES.items()}
_FORMS = {
    BlockCipher.TRIPLE_DES: Form.TDES,
    BlockCipher.AES: Form.AES,
    BlockCipher.SM4: Form.SM4,
}
_ALGORITHMS = {"T": Algorithm.TRIPLE_DES, "D": Algorithm.TRIPLE_DES, "4": Algorithm.SM4}
_LENGTHS = {"T": (16, 24), "D": (8,), "4": (16,)}


@dataclass(frozen=True, slots=True)
class Blocked:
    """What a key block held: the key's name, its purpose, whether it may go on, and its bytes."""

    name: KeyName
    purpose: Purpose
    export: Export
    key: bytes

    def __repr__(self) -> str:
        return f"Blocked({self.name}, {self.purpose}, …)"


def random_bytes(under: BlockCipher, key: bytes) -> int:
    """How many random bytes ``to_block`` asks for."""
    return fill_bytes(_FORMS[under], key, HIDE_TO)


def to_block(content: Blocked, under_cipher: BlockCipher, under: bytes, fill: bytes) -> bytes:
    """A key as a key block in ASCII under a transport key of a cipher; ``fill`` is random.

    ``KeyRefused`` (``NOT_EXPORTABLE``, ``ALGORITHM``) for a key that may not leave or whose
    algorithm is not public.
    """
    if content.export is Export.NEVER:
        raise KeyRefused(KeyReason.NOT_EXPORTABLE)
    header = header_of(content, under_cipher)
    return wrap(header, under, content.key, fill).encode("ascii")


def from_block(block: bytes, under: bytes) -> Blocked:
    """What a key block holds; ``KeyRefused`` (``BAD_BLOCK``) for anything changed or foreign."""
    return from_block_by(block, len(under), lambda cipher, message: cmac(cipher, under, message))


def from_block_by(block: bytes, length: int, proves: Proves) -> Blocked:
    """The same where a machine holds the transport key of ``length`` bytes and gives its CMAC."""
    try:
        header, key = unwrap_by(block.decode("ascii"), length, proves)
        purpose = _PURPOSES[header.usage, header.mode]
        label = dict(header.optional)[LABEL]
        name = KeyName(label, int(header.version), _ALGORITHMS[header.algorithm])
        if len(key) not in _LENGTHS[header.algorithm]:
            raise BlockFault("a key of a length that its algorithm does not have")
    except (BlockFault, KeyError, ValueError) as fault:
        raise KeyRefused(KeyReason.BAD_BLOCK) from fault
    return Blocked(name, purpose, header.export, key)


def header_of(content: Blocked, under_cipher: BlockCipher) -> Header:
    """The header that binds a key; versions go from 1 to 99."""
    name = content.name
    if name.algorithm is Algorithm.SSF33:
        raise KeyRefused(KeyReason.ALGORITHM)
    if not 1 <= name.version <= 99:
        raise KeyRefused(KeyReason.UNKNOWN)
    letter = "4" if name.algorithm is Algorithm.SM4 else "D" if len(content.key) == 8 else "T"
    usage, mode = USAGES[content.purpose]
    return Header(
        _FORMS[under_cipher],
        usage,
        letter,
        mode,
        f"{name.version:02}",
        content.export,
        ((LABEL, name.name),),
    )
