"""What is planted: people whose numbers, names and telephones occur nowhere else, keys, PINs.

The same seed plants the same city. PINs have sixteen digits here: six of them stand in any dump by
chance, so a PIN of six could not be told from a time of day.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from minka.kit.identity import check_character
from tests.canary.scanner import Canary

AREA = "119901"
"""An area that no place has."""
SEED = 13


@dataclass(frozen=True, slots=True)
class Planted:
    """Someone to be registered."""

    number: str
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class Plants:
    """Everything that must be found nowhere."""

    people: tuple[Planted, ...]
    components: tuple[tuple[bytes, bytes], ...]
    """Each pair makes one root."""
    pins: tuple[str, ...]

    def roots(self) -> list[bytes]:
        """The keys that the components make."""
        return [
            bytes(a ^ b for a, b in zip(one, other, strict=True)) for one, other in self.components
        ]

    def canaries(self) -> Iterator[Canary]:
        """All of it."""
        for person in self.people:
            yield Canary("number", text=person.number)
            yield Canary("name", text=person.name)
            yield Canary("phone", text=person.phone)
        for pair in self.components:
            yield from (Canary("component", octets=part) for part in pair)
        yield from (Canary("root", octets=root) for root in self.roots())
        yield from (Canary("pin", text=pin) for pin in self.pins)


def plant(people: int, *, keys: int = 20, pins: int = 20) -> Plants:
    """So many of each."""
    chance = random.Random(SEED)
    return Plants(
        tuple(Planted(canary_number(n), _name(n), f"166{n:08d}") for n in range(people)),
        tuple((chance.randbytes(16), chance.randbytes(16)) for _ in range(keys)),
        tuple(canary_pin(n) for n in range(pins)),
    )


def canary_number(serial: int) -> str:
    """A citizen number with a valid check character, a birthday for every seven people."""
    born = date(1950, 1, 1) + timedelta(days=serial // 7)
    first = f"{AREA}{born:%Y%m%d}{143 + serial % 7 * 121:03d}"
    return first + check_character(first)


def canary_pin(serial: int) -> str:
    """Sixteen digits."""
    return f"{(serial + 1) * 7_368_787_331_653_477 % 10**16:016d}"


def _name(serial: int) -> str:
    """A name that nobody has, of characters that GBK knows too."""
    return "张" + "".join(chr(0x5000 + (serial * 131 + turn * 4099) % 9973) for turn in (1, 2, 3))
