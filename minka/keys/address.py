"""Where a real encryption machine keeps which key: the operator's own table, read and checked.

The addresses of a machine are in its owner's documents (card-chip §10): none is written here. A
table is a CSV file of four columns, one line a key:

| column | content |
|---|---|
| key | name of the card specification, or a name of the area's own |
| version | 1 to 99 |
| algorithm | 3des or sm4 (``ssf33`` only where the machine itself has it) |
| address | as the machine wants it: letters, digits, ``-`` ``_`` ``.`` ``:`` ``/``, up to 64 |

Lines that begin with ``#`` say what the table is. ``addresses_demo.csv`` is our own invention for
the bench and fits no machine.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from minka.cipher.card_key import Algorithm
from minka.keys.vault import KeyName, KeyReason, KeyRefused

COLUMNS = ["key", "version", "algorithm", "address"]
ALGORITHMS = {
    "3des": Algorithm.TRIPLE_DES,
    "ssf33": Algorithm.SSF33,
    "sm4": Algorithm.SM4,
}
_ADDRESS = re.compile(r"[A-Za-z0-9_.:/-]{1,64}")
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,23}")


class AddressFault(Exception):
    """A table that does not hold together; the message names the line, never an address."""


@dataclass(frozen=True, slots=True)
class AddressTable:
    """The keys of one machine by name and version."""

    places: Mapping[KeyName, str]

    def address(self, key: KeyName) -> str:
        """Where a key lies; ``KeyRefused`` (``UNKNOWN``) for one the machine does not have."""
        try:
            return self.places[key]
        except KeyError:
            raise KeyRefused(KeyReason.UNKNOWN) from None


@cache
def demo_addresses() -> AddressTable:
    """The bench's table: invented, complete for cards of every version."""
    here = files("minka.keys").joinpath("addresses_demo.csv")
    return read_addresses(here.read_text(encoding="utf-8"))


def read_addresses(text: str) -> AddressTable:
    """A machine's table; ``AddressFault`` for a line that is wrong, or a key or address twice."""
    lines = [(n, t) for n, t in enumerate(text.splitlines(), 1) if t.strip() and t[0] != "#"]
    rows = list(csv.reader(line for _, line in lines))
    if not rows or rows[0] != COLUMNS:
        raise AddressFault(f"the first line is {','.join(COLUMNS)}")
    places: dict[KeyName, str] = {}
    for (number, _), row in zip(lines[1:], rows[1:], strict=True):
        name, address = _line(number, row)
        if name in places or address in places.values():
            raise AddressFault(f"line {number}: a key or an address stands twice")
        places[name] = address
    return AddressTable(places)


def _line(number: int, row: list[str]) -> tuple[KeyName, str]:
    if len(row) != len(COLUMNS):
        raise AddressFault(f"line {number}: four columns are wanted")
    key, version, algorithm, address = row
    fits = _KEY.fullmatch(key) and _ADDRESS.fullmatch(address)
    if not fits or algorithm not in ALGORITHMS or version not in _VERSIONS:
        raise AddressFault(f"line {number}: a column is wrong")
    return KeyName(key, int(version), ALGORITHMS[algorithm]), address


_VERSIONS = frozenset(str(number) for number in range(1, 100))
