"""The origin of each yuan: which credits paid which payment, the oldest money first (X39).

A payment takes from the oldest credit that has something left. A refund puts back what its payment
took, where it was taken. A corrected credit is taken back from itself as far as it is unspent, and
from the oldest money for the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Flow:
    """One movement of an account in fen, in the order of its instants."""

    ref: str
    amount_fen: int
    undoes: str = ""
    """The movement that this one undoes, or empty."""


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a payment that came from one credit, in fen."""

    source: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where every payment came from, and what is left of every credit."""

    paid: dict[str, tuple[Share, ...]]
    """For each payment that stands, its shares; they add up to the payment."""
    left: tuple[Share, ...]
    """What is left of each credit, oldest first; it adds up to the balance."""


@dataclass(slots=True)
class _Purse:
    """Credits with what is left of each, in the order they came."""

    left: dict[str, int] = field(default_factory=dict)
    paid: dict[str, tuple[Share, ...]] = field(default_factory=dict)

    def take(self, amount_fen: int, first: str = "") -> tuple[Share, ...]:
        shares = []
        for source in [first, *self.left] if first else list(self.left):
            part = min(self.left.get(source, 0), amount_fen)
            if part > 0:
                self.left[source] -= part
                amount_fen -= part
                shares.append(Share(source, part))
        assert amount_fen == 0, "no account goes below zero"
        return tuple(shares)

    def put_back(self, shares: Iterable[Share]) -> None:
        for share in shares:
            self.left[share.source] += share.amount_fen


def lineage(flows: Sequence[Flow]) -> Lineage:
    """Follow every fen of an account through its movements, oldest first."""
    purse = _Purse()
    for flow in flows:
        if flow.amount_fen > 0 and flow.undoes in purse.paid:
            purse.put_back(purse.paid.pop(flow.undoes))
        elif flow.amount_fen > 0:
            purse.left[flow.ref] = flow.amount_fen
        elif flow.amount_fen < 0:
            purse.paid[flow.ref] = purse.take(-flow.amount_fen, flow.undoes)
    left = tuple(Share(source, fen) for source, fen in purse.left.items() if fen)
    return Lineage(purse.paid, left)
