"""What a card says of itself when it is selected: name, directory, algorithm, generation.

`6F { 84 name, A5 { 88 directory, 9F0C { 86 algorithm } } }` (card-chip §3.2). The algorithm is read
as BER: a driver in the field looks for the bytes `9F0C86`, never finds them, and takes SM4 cards
for DES cards.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from minka.chip.filespec import ENVIRONMENT_NAME
from minka.chip.tlv import Tlv, TlvFault, find, template

DIRECTORY_SFI = 0x1E
EMPTY_VERSION = "2.0"
"""What an empty specification version means unless the operator says otherwise (a setting)."""


class ChipAlgorithm(IntEnum):
    """The algorithm of a card's keys, as tag 86 of the FCI counts them."""

    TRIPLE_DES = 1
    SSF33 = 2
    SM4 = 3


class Generation(IntEnum):
    """The three generations of cards."""

    FIRST = 1
    SECOND = 2
    THIRD = 3

    @property
    def version(self) -> str:
        """The specification whose files such a card has."""
        return f"{self.value}.0"


@dataclass(frozen=True, slots=True)
class Fci:
    """The file control information of a directory."""

    name: bytes
    directory: int | None = None
    """The short identifier of the directory file, None where none is named."""
    algorithm: ChipAlgorithm | None = None

    def __bytes__(self) -> bytes:
        """The template, as a card answers to SELECT."""
        own = [Tlv(0x84, self.name)]
        proprietary = b""
        if self.directory is not None:
            proprietary += bytes(Tlv(0x88, bytes((self.directory,))))
        if self.algorithm is not None:
            proprietary += template(0x9F0C, [Tlv(0x86, bytes((self.algorithm,)))])
        return template(0x6F, [*own, Tlv(0xA5, proprietary)] if proprietary else own)


def parse_fci(answer: bytes) -> Fci:
    """The FCI a card answered; ``TlvFault`` when it is none."""
    name = find(answer, 0x6F, 0x84)
    if name is None:
        raise TlvFault("an answer without a name")
    directory = find(answer, 0x6F, 0xA5, 0x88)
    named = find(answer, 0x6F, 0xA5, 0x9F0C, 0x86)
    algorithm = ChipAlgorithm(named[0]) if named and named[0] in (1, 2, 3) else None
    return Fci(name, directory[0] if directory else None, algorithm)


def environment_fci(algorithm: ChipAlgorithm) -> Fci:
    """What the environment of a card says: generations 1 and 2 name no algorithm."""
    named = None if algorithm is ChipAlgorithm.TRIPLE_DES else algorithm
    return Fci(ENVIRONMENT_NAME, DIRECTORY_SFI, named)


def algorithm_of(fci: Fci, identification_code: bytes) -> ChipAlgorithm:
    """The card's algorithm: as it says; else SSF33 in area 11, else 3DES (card-chip §1)."""
    if fci.algorithm is not None:
        return fci.algorithm
    return ChipAlgorithm.SSF33 if identification_code[:1] == b"\x11" else ChipAlgorithm.TRIPLE_DES


def generation_of(version: bytes, *, empty: str = EMPTY_VERSION) -> Generation:
    """The generation of the value of tag 03; only its first digit is looked at.

    "3.00" and "2.0" with a zero byte were both seen on cards; ``empty`` is what an empty or strange
    value means.
    """
    first = version[:1].decode("latin-1")
    return Generation(int(first if first in ("1", "2", "3") else empty[0]))
