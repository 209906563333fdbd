"""The office a desk stands in: the register, the law book, the field keys and trusted time."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from minka.cipher.field import FieldKeys
from minka.kit.clock import CHINA, TOLERANCE, Fence, monotonic_ns
from minka.law.book import Book, RegionLaw
from minka.store.connection import Register


def unfenced() -> datetime | None:
    """No fence: the register's own clock is trusted (tests, and a register just being built)."""
    return None


@dataclass(frozen=True, slots=True)
class Office:
    """Everything a desk needs; nothing here is global."""

    register: Register
    book: Callable[[], Book]
    keys: FieldKeys
    fence: Callable[[], datetime | None] = unfenced
    randomness: Callable[[int], bytes] = field(default=secrets.token_bytes)

    def law(self, region: str, at: datetime) -> RegionLaw:
        """The law of a region on the day of an instant in China; ``KeyError`` if unknown."""
        return self.book().on(region, at.astimezone(CHINA).date())


def fenced_by(fence: Fence) -> Callable[[], datetime | None]:
    """The bound of trusted time for every act; a fence that holds stays where it was agreed."""

    def bound() -> datetime | None:
        trusted = fence.now(fence.agreed_ns if fence.holds else monotonic_ns())
        return trusted + TOLERANCE

    return bound
