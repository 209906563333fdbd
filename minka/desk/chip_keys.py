"""Where the key of one card lies: its root in the vault, and the factors that lead to the card.

Factors are those of card-chip §11.1 (province, city, card); a province's own key begins below the
province. An area that does otherwise sets its own in the vault's configuration, not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from minka.cipher.card_key import Algorithm
from minka.keys.table import Level, key_row
from minka.keys.vault import KeyName, KeyPath

AREA_BYTES = 3
FACTOR_BYTES = 8


@dataclass(frozen=True, slots=True)
class ChipKeys:
    """What tells one card's keys from another's."""

    id_code: bytes
    """The 16 bytes of the card identification code; the first three are the area's digits."""
    factor: bytes
    """Historical bytes 6 to 13 of the answer to reset."""
    algorithm: Algorithm

    @property
    def area(self) -> str:
        """The six digits of the issuing area."""
        return self.id_code[:AREA_BYTES].hex()

    def path(self, name: str, version: int = 1) -> KeyPath:
        """The way to one of the card's keys by its name in the card specification."""
        province, city = f"{self.area[:2]}0000sh".encode(), f"{self.area}sx".encode()
        level = key_row(name).level
        above = {Level.MINISTRY: (province, city), Level.PROVINCE: (city,), Level.CITY: ()}[level]
        return KeyPath(KeyName(name, version, self.algorithm), (*above, self.factor))


def chip_keys(found: Mapping[str, Any]) -> ChipKeys:
    """The keys of a chip as its row in the register names them."""
    return ChipKeys(bytes(found["id_code"]), bytes(found["factor"]), Algorithm(found["algorithm"]))
