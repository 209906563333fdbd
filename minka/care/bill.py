"""The bill of one visit: the parts of its lines, added up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from minka.care.lines import LineSplit


class Bill(NamedTuple):
    """What a visit costs, in fen; the four parts re-add to the total (6.2, invariant 1)."""

    total: int
    own_pay: int
    over_limit: int
    self_pay_first: int
    in_scope: int

    @property
    def sound(self) -> bool:
        """Whether no part is below zero and the parts re-add: what ``split`` asks for."""
        return min(self) >= 0 and self.total == sum(self[1:])

    def negated(self) -> Bill:
        """The bill of the refund."""
        return Bill(*(-part for part in self))


def add_up(lines: Iterable[LineSplit]) -> Bill:
    """The bill of these lines."""
    own = over = first = scope = 0
    for line in lines:
        own += line[0]
        over += line[1]
        first += line[2]
        scope += line[3]
    return Bill(own + over + first + scope, own, over, first, scope)
