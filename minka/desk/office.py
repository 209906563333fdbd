"""The office a desk stands in: the register, the law book, the field keys and trusted time."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from minka.cipher.field import FieldKeys
from minka.keys.vault import KeyVault, VaultCustody, VaultGone
from minka.kit.clock import CHINA
from minka.law.book import Book, RegionLaw
from minka.store.connection import Register


def unfenced() -> datetime | None:
    """No fence: the register's own clock is trusted (tests, and a register just being built)."""
    return None


def no_slack() -> timedelta:
    """Trusted time is not in doubt."""
    return timedelta(0)


def no_vault() -> KeyVault:
    """No vault stands here: whatever needs a key is refused, and nothing else is."""
    raise VaultGone("no vault is named in the settings")


def no_custody() -> VaultCustody:
    """The side of a vault that ceremonies use is not here."""
    raise VaultGone("no vault is named in the settings")


@dataclass(frozen=True, slots=True)
class Office:
    """Everything a desk needs; nothing here is global."""

    register: Register
    book: Callable[[], Book]
    keys: FieldKeys
    fence: Callable[[], datetime | None] = unfenced
    slack: Callable[[], timedelta] = no_slack
    """How much later it may truly be: blocks that begin now stand so much longer."""
    randomness: Callable[[int], bytes] = field(default=secrets.token_bytes)
    vault: Callable[[], KeyVault] = no_vault
    """The vault that holds the keys; ``VaultGone`` when it is not there."""
    custody: Callable[[], VaultCustody] = no_custody
    """Its other side, for acts of two people and for ceremonies."""
    vault_id: str = "none:none"
    """Which vault, as the inventory names it: kind and name."""

    def law(self, region: str, at: datetime) -> RegionLaw:
        """The law of a region on the day of an instant in China; ``KeyError`` if unknown."""
        return self.book().on(region, at.astimezone(CHINA).date())
