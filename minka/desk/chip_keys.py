"""The keys of one card in the vault: by name, with the factors that lead from the vault's root.

The vault says how many factors are still to apply to the key it holds (three from a national root,
two from a province's, one from a city's); the factors are the area's recipe.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from minka.chip.keys import STK
from minka.chip.session import Authenticator, Messenger
from minka.cipher.card_key import Algorithm
from minka.cipher.recipe import Root, recipes
from minka.keys.vault import KeyName, KeyPath, KeyRefused, KeyVault

AREA_BYTES = 3
BEFORE_FACTOR = 5
"""Historical bytes before the eight that tell a card's keys apart."""
IN_VAULT = {STK: "STKSSSE"}
"""Names that the table of keys writes in full."""


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

    def path(self, vault: KeyVault, name: str) -> KeyPath:
        """The way to one of the card's keys; ``KeyRefused`` when the vault lacks it."""
        root = KeyName(IN_VAULT.get(name, name), 1, self.algorithm)
        levels = vault.facts(root).terms.levels
        historical = bytes(BEFORE_FACTOR) + self.factor
        way = recipes().of(self.area).factors(Root.MINISTRY, self.area, historical)
        return KeyPath(root, way if levels is None else way[len(way) - levels :])


@dataclass(frozen=True, slots=True)
class VaultCardKeys:
    """``chip.session.CardKeys`` for one card, out of the vault; ``VaultGone`` comes through."""

    vault: KeyVault
    card: ChipKeys

    def internal(self, key: str) -> Authenticator | None:
        """What proves the card."""
        path = self._path(key)
        if path is None:
            return None
        return lambda factor, original: self.vault.internal_authentication(path, factor, original)

    def external(self, key: str) -> Authenticator | None:
        """What opens a file or a function."""
        path = self._path(key)
        if path is None:
            return None
        return lambda factor, original: self.vault.external_authentication(path, factor, original)

    def message(self, key: str) -> Messenger | None:
        """What secures a command."""
        path = self._path(key)
        if path is None:
            return None
        return lambda factor, header, plain: self.vault.secure_message(path, factor, header, plain)

    def _path(self, key: str) -> KeyPath | None:
        try:
            return self.card.path(self.vault, key)
        except KeyRefused:
            return None


def chip_keys(found: Mapping[str, Any]) -> ChipKeys:
    """The keys of a chip as its row in the register names them."""
    return ChipKeys(bytes(found["id_code"]), bytes(found["factor"]), Algorithm(found["algorithm"]))
