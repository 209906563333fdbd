"""What must hold of every split, asserted (interface reference 6.2)."""

from __future__ import annotations

from minka.care.bill import Bill
from minka.care.plan import WHOLE, Plan
from minka.care.split import Split
from minka.care.trace import CODES

_PART_OF = {code: row.part for code, row in CODES.items()}
_COUNTS = frozenset(code for code, row in CODES.items() if row.counts)


def check(split: Split, bill: Bill, plan: Plan) -> None:
    """Raise ``AssertionError`` when an invariant breaks; a refund is held to the same."""
    sign = -1 if bill.total < 0 else 1
    amounts = split[:12]
    assert bill.total == sum(bill[1:]), "1: the bill re-adds"
    assert bill.total == split.fund + split.person_part + split.hospital, "2: it is all paid"
    assert min(sign * each for each in amounts) >= 0, "no part has the wrong sign"
    assert sign * split.fund <= sign * bill.in_scope, "6: funds pay for what is in scope"
    parts = {"deductible": 0, "pool": 0, "large": 0, "serious": 0}
    parts |= {"civil": 0, "enterprise": 0, "assistance": 0, "none": 0}
    counted = 0
    for code, of, ratio, amount in split.trace:
        size = (abs(of) * ratio + plan.round_add) // WHOLE
        assert amount == (size if of >= 0 else -size), f"5: {code} re-adds"
        parts[_PART_OF[code]] += amount
        counted += of if code in _COUNTS else 0
    assert counted == bill.in_scope, "5: every fen in scope stands in one step"
    assert tuple(parts.values())[:7] == split[:7], "5: the steps re-add to the parts"
