"""The figures of a statement: what was there, what came, what went, what is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One movement as a statement adds it up, in fen."""

    kind: str
    amount_fen: int
    total_fen: int = 0
    fund_fen: int = 0
    cash_fen: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """The sums of a period; ``opening + credited - debited = closing``, in fen."""

    opening_fen: int
    credited_fen: int
    debited_fen: int
    closing_fen: int
    by_kind: Mapping[str, int]
    """The change of the account by each kind of movement, with its sign."""
    spent_fen: int
    """All bills of the period, refunds taken off."""
    fund_fen: int
    """What the funds paid of them."""
    cash_fen: int
    """What was paid in cash."""


def figures(opening_fen: int, lines: Iterable[Line]) -> Figures:
    """Add up a period from the balance before it and its movements."""
    credited = debited = spent = fund = cash = 0
    by_kind: dict[str, int] = {}
    for line in lines:
        credited += max(line.amount_fen, 0)
        debited += max(-line.amount_fen, 0)
        by_kind[line.kind] = by_kind.get(line.kind, 0) + line.amount_fen
        spent += line.total_fen
        fund += line.fund_fen
        cash += line.cash_fen
    return Figures(
        opening_fen=opening_fen,
        credited_fen=credited,
        debited_fen=debited,
        closing_fen=opening_fen + credited - debited,
        by_kind={kind: fen for kind, fen in by_kind.items() if fen},
        spent_fen=spent,
        fund_fen=fund,
        cash_fen=cash,
    )
