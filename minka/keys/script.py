"""Which keys a card of one specification version is loaded with, where, and in which order.

The order is that of card-chip §18.1: in every application the function keys under a temporary
master key, the environment first; then the masters themselves, the environment's last, so that a
card that failed half way can be done again. DF05 and DF06 are informative and made only on request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from minka.cipher.card_key import Algorithm
from minka.cipher.recipe import Recipe, Root
from minka.keys.table import CardVersion, KeyRow, Level, keys_on
from minka.keys.vault import KeyName, KeyPath, Purpose

ENVIRONMENT = "SSSE"
STANDARD = (ENVIRONMENT, "DF01", "DF02", "DF03", "DF04", "DF07")
INFORMATIVE = ("DF05", "DF06")

ROOT_OF: dict[Level, Root] = {
    Level.MINISTRY: Root.MINISTRY,
    Level.PROVINCE: Root.PROVINCE,
    Level.CITY: Root.CITY,
}


@dataclass(frozen=True, slots=True)
class KeyLoad:
    """One key to be loaded: where, under which id, and which root it comes from."""

    df: str
    key: KeyName
    card_id: int | None
    purpose: Purpose
    length: int
    """Bytes on the card."""
    root: Root

    @property
    def is_master(self) -> bool:
        """Whether it replaces the temporary master key of its application."""
        return self.purpose is Purpose.MASTER

    def path(self, recipe: Recipe, area: str, historical: bytes) -> KeyPath:
        """Where the vault finds one card's key, for 13 historical bytes."""
        return KeyPath(self.key, recipe.factors(self.root, area, historical))


def key_script(
    card: CardVersion,
    algorithm: Algorithm,
    *,
    applications: Iterable[str] = STANDARD,
    held: Mapping[str, Root] | None = None,
    version: int = 1,
) -> tuple[KeyLoad, ...]:
    """The keys of a card, in the order in which they are loaded.

    ``held`` says for single keys (or ``*`` for all) which root the vault holds, where that is not
    the level of the key table.
    """
    wanted = tuple(applications)
    rows = sorted(
        (row for row in keys_on(card) if row.df in wanted), key=lambda row: wanted.index(row.df)
    )
    loads = [_load(row, algorithm, held or {}, version) for row in rows]
    masters = [load for load in loads if load.is_master]
    return (*(load for load in loads if not load.is_master), *masters[1:], *masters[:1])


def roots(script: Iterable[KeyLoad]) -> tuple[KeyName, ...]:
    """The keys a vault must hold for a script, each once."""
    return tuple(dict.fromkeys(load.key for load in script))


def _load(row: KeyRow, algorithm: Algorithm, held: Mapping[str, Root], version: int) -> KeyLoad:
    root = held.get(row.name) or held.get("*") or ROOT_OF[row.level]
    length = row.length if algorithm is Algorithm.TRIPLE_DES else 16
    name = KeyName(row.name, version, algorithm)
    return KeyLoad(row.df, name, row.card_id, row.purpose, length, root)
