"""The directory of a virtual chip: 32 bytes for each folder and file, read when the power comes.

| bytes | of a folder | of a file |
|---|---|---|
| 0 | kind | kind |
| 1 | 1 = blocked for good | 0 |
| 2-3 | identifier | identifier |
| 4 | number of the folder above | number of its folder |
| 5-7 | - | what reading needs, its key, the key of writing (00: only the chip) |
| 8-10, 11-12 | - | where its bytes begin, how many there are |
| 13, 14 | - | bytes of a record, records (cyclic files) |
| 15, 16, 17-31 | algorithm named in the FCI, length of the name, name | - |

The layout is ours; the standard leaves it to the maker of the chip.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

ENTRY = 32
ENTRIES = 64
NAMES = slice(17, 32)
BLOCKED_AT = 1


class Kind(IntEnum):
    """What an entry of the directory stands for."""

    NONE = 0
    ROOT = 1
    """The master file of a card whose first environment is not ours (a bank's)."""
    ENVIRONMENT = 2
    FOLDER = 3
    TLV = 4
    CYCLIC = 5
    TRANSPARENT = 6
    KEYS = 7
    """A key file of a PSAM: it can be named, never read."""


FOLDERS = (Kind.ROOT, Kind.ENVIRONMENT, Kind.FOLDER)


class Need(IntEnum):
    """What must have been shown before a file is read."""

    FREE = 0
    PIN = 1
    KEY = 2
    PIN_OR_KEY = 3
    PIN_AND_KEY = 4
    NEVER = 5


@dataclass(frozen=True, slots=True)
class Entry:
    """One folder or file before it has a place in memory."""

    kind: Kind
    fid: int
    above: int = 0
    need: Need = Need.FREE
    read_key: int = 0
    write_key: int = 0
    size: int = 0
    record: int = 0
    count: int = 0
    algorithm: int = 0
    name: bytes = b""

    @property
    def room(self) -> int:
        """Bytes in memory, the file's own counters included."""
        return self.size + (2 if self.kind in (Kind.TLV, Kind.CYCLIC) else 0)

    def written(self, start: int) -> bytes:
        """The 32 bytes of the directory."""
        head = bytes((self.kind, 0)) + self.fid.to_bytes(2)
        rule = bytes((self.above, self.need, self.read_key, self.write_key))
        where = start.to_bytes(3) + self.size.to_bytes(2) + bytes((self.record, self.count))
        return (
            head
            + rule
            + where
            + bytes((self.algorithm, len(self.name)))
            + self.name.ljust(15, b"\0")
        )


@dataclass(frozen=True, slots=True)
class Node:
    """One folder or file with its number in the directory and its place in memory."""

    number: int
    entry: Entry
    start: int

    @property
    def fid(self) -> int:
        """Its two-byte identifier."""
        return self.entry.fid

    @property
    def kind(self) -> Kind:
        """What it is."""
        return self.entry.kind

    def is_folder(self) -> bool:
        """Whether it can be the current folder."""
        return self.entry.kind in FOLDERS


class Tree:
    """All folders and files of a chip, found by number, identifier, short identifier and name."""

    __slots__ = ("environment", "files", "folders", "inner", "named", "nodes", "short")

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.nodes = tuple(nodes)
        self.inner = tuple(node for node in self.nodes if node.is_folder())
        self.folders = {node.fid: node for node in self.inner}
        leaves = [node for node in self.nodes if not node.is_folder()]
        self.files = {(node.entry.above, node.fid): node for node in leaves}
        self.short = {(node.entry.above, node.fid & 0x1F): node for node in leaves}
        self.named = tuple(node for node in self.nodes if node.entry.name)
        self.environment = next(
            (node for node in self.nodes if node.kind is Kind.ENVIRONMENT), self.nodes[0]
        )

    def folder(self, fid: int, near: Node) -> Node | None:
        """A folder by its identifier; of two with one, the one below or beside the current."""
        found = [node for node in self.inner if node.fid == fid]
        for above in (near.number, near.entry.above):
            for node in found:
                if node.entry.above == above:
                    return node
        return found[0] if found else None

    def file(self, folder: int, fid: int) -> Node | None:
        """A file of a folder."""
        return self.files.get((folder, fid))


@lru_cache(maxsize=64)
def read_tree(directory: bytes) -> Tree:
    """The tree of a directory; entries after the last used one are zeros."""
    nodes = []
    for number in range(len(directory) // ENTRY):
        raw = directory[number * ENTRY : (number + 1) * ENTRY]
        if raw[0] == Kind.NONE:
            break
        nodes.append(_node(number, raw))
    return Tree(nodes)


def _node(number: int, raw: bytes) -> Node:
    entry = Entry(
        kind=Kind(raw[0]),
        fid=int.from_bytes(raw[2:4]),
        above=raw[4],
        need=Need(raw[5]),
        read_key=raw[6],
        write_key=raw[7],
        size=int.from_bytes(raw[11:13]),
        record=raw[13],
        count=raw[14],
        algorithm=raw[15],
        name=raw[NAMES][: raw[16]],
    )
    return Node(number, entry, int.from_bytes(raw[8:11]))
