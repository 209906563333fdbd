"""A chip's non-volatile memory, written through a journal: after a cut the old or the new.

A cut of power at any byte leaves every file, counter, PIN and balance as it was or as it was to
become.

| step of a write | cut here leaves |
|---|---|
| places and new bytes into the journal | the old: the journal's seal does not fit |
| the journal's seal (length and checksum) | the old, until the seal's last byte stands |
| the new bytes to their places | the new: power-up writes them again from the journal |
| the seal away | the new |

The byte that was being written when the power went is spoilt; nothing relies on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from zlib import crc32

SEAL = 8
PLACE = 5
JOURNAL = 1536
"""Bytes of the journal: the longest single write is a record file moved up by a new length."""

Write = tuple[int, bytes]
"""A place in memory and the bytes to stand there."""


class PowerCut(Exception):
    """The power went while the chip was writing; whoever asked gets no answer."""


class WornOut(Exception):
    """A cell of the memory takes no more writing."""


class Torn(Enum):
    """What the byte under the pen looks like after a cut."""

    OLD = "old"
    SPOILT = "spoilt"


class Power:
    """Counts the bytes written and cuts the power when its allowance is used up."""

    __slots__ = ("allowance", "torn", "written")

    def __init__(self) -> None:
        self.written = 0
        self.allowance: int | None = None
        self.torn = Torn.SPOILT

    def cut_after(self, octets: int, torn: Torn = Torn.SPOILT) -> None:
        """The power goes when so many more bytes were written."""
        self.allowance, self.torn = octets, torn

    def restored(self) -> None:
        """The power is back; nothing cuts it until somebody asks again."""
        self.allowance = None

    def put(self, region: bytearray, place: int, octets: bytes) -> None:
        """Write bytes one after the other, up to the cut."""
        left, count = self.allowance, len(octets)
        if left is None or count <= left:
            region[place : place + count] = octets
            self.written += count
            if left is not None:
                self.allowance = left - count
            return
        region[place : place + left] = octets[:left]
        if self.torn is Torn.SPOILT:
            region[place + left] ^= 0xA5
        self.written += left
        self.allowance = 0
        raise PowerCut


class Memory:
    """The cells of a chip: read as ``cells``, written by ``write`` alone, all or nothing."""

    __slots__ = ("cells", "journal", "power", "worn")

    def __init__(self, cells: bytes, journal: bytes = b"") -> None:
        self.cells = bytearray(cells)
        self.journal = bytearray(journal or bytes(JOURNAL))
        self.power = Power()
        self.worn: str = ""
        """Why nothing can be written any more; empty for a sound chip."""

    def write(self, *writes: Write) -> None:
        """Put bytes at their places, all or none; ``PowerCut``, ``WornOut``."""
        if self.worn:
            raise WornOut(self.worn)
        note = b"".join(
            place.to_bytes(3) + len(octets).to_bytes(2) + octets for place, octets in writes
        )
        assert len(note) <= len(self.journal) - SEAL, "a write longer than the journal"
        put = self.power.put
        put(self.journal, SEAL, note)
        put(self.journal, 0, _seal(note))
        for place, octets in writes:
            put(self.cells, place, octets)
        put(self.journal, 0, bytes(SEAL))

    def recover(self) -> None:
        """What a chip does first when the power comes: finish a write that was sealed."""
        length = int.from_bytes(self.journal[:4])
        note = bytes(self.journal[SEAL : SEAL + length])
        if length and len(note) == length and self.journal[:SEAL] == _seal(note):
            for place, octets in _writes(note):
                self.power.put(self.cells, place, octets)
        if any(self.journal[:SEAL]):
            self.power.put(self.journal, 0, bytes(SEAL))

    def copy(self) -> Memory:
        """Another chip with the same cells and journal."""
        return Memory(bytes(self.cells), bytes(self.journal))


def _seal(note: bytes) -> bytes:
    length = len(note).to_bytes(4)
    return length + crc32(length + note).to_bytes(4)


def _writes(note: bytes) -> Iterable[Write]:
    at = 0
    while at < len(note):
        count = int.from_bytes(note[at + 3 : at + PLACE])
        yield int.from_bytes(note[at : at + 3]), note[at + PLACE : at + PLACE + count]
        at += PLACE + count
