"""The bench's key set: a root for every name, taken from the name, so anyone can make it again.

The root of X is the beginning of SHA-256 of ``MINKA-TEST-X`` (card-chip §13); every key comes from
its root with all three factors. Nothing of it may ever be used outside the bench.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from minka.bench.card_plan import Plan
from minka.cipher import card_key
from minka.cipher.card_key import Algorithm
from minka.cipher.recipe import Root, recipes

SAME_ROOT = {"STKSSSE": "STK"}
"""The session of card-chip §13 calls the environment's key of messages just STK."""
OTHER_VERSION = "-V"


def root(name: str, length: int = 16, version: int = 1) -> bytes:
    """The root of a key of the bench."""
    called = SAME_ROOT.get(name, name) + ("" if version == 1 else f"{OTHER_VERSION}{version}")
    return sha256(f"MINKA-TEST-{called}".encode()).digest()[:length]


def factors(area: str, historical: bytes) -> tuple[bytes, ...]:
    """Province, city and card, as every key of the bench takes them."""
    return recipes().of(area).factors(Root.MINISTRY, area, historical)


def of_card(
    name: str,
    algorithm: Algorithm,
    *,
    area: str,
    historical: bytes,
    length: int = 16,
    version: int = 1,
) -> bytes:
    """One card's key."""
    return card_key.derive(algorithm, root(name, length, version), *factors(area, historical))


def card_keys(plan: Plan, area: str, historicals: Iterable[bytes]) -> list[bytes]:
    """For each key of a plan, the keys of many cards one behind the other."""
    cards = [recipes().of(area).card(historical) for historical in historicals]
    joined = b"".join(cards)
    shared = recipes().of(area).shared(Root.MINISTRY, area)
    algorithm = plan.shape.algorithm
    made = []
    for key in plan.keys:
        start = root(key.load.key.name, key.load.length, key.head[2])
        made.append(
            card_key.derive_each(algorithm, card_key.derive(algorithm, start, *shared), joined)
        )
    return made


class Counted:
    """The challenges of card-chip §13: the i-th begins SHA-256 of the seed and i."""

    def __init__(self, seed: str = "MINKA-RND-") -> None:
        self.seed, self.count = seed, 0

    def __call__(self, length: int) -> bytes:
        self.count += 1
        return sha256(f"{self.seed}{self.count}".encode()).digest()[:length]
