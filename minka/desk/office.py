"""The office a desk stands in: the register, the law book, the field keys and trusted time."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from minka.cipher.field import FieldKeys
from minka.kit.clock import CHINA
from minka.law.book import Book, RegionLaw
from minka.store.connection import Register


def unfenced() -> datetime | None:
    """No fence: the register's own clock is trusted (tests, and a register just being built)."""
    return None


def no_slack() -> timedelta:
    """Trusted time is not in doubt."""
    return timedelta(0)


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

    def law(self, region: str, at: datetime) -> RegionLaw:
        """The law of a region on the day of an instant in China; ``KeyError`` if unknown."""
        return self.book().on(region, at.astimezone(CHINA).date())
