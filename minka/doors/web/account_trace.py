"""How the shares of a bill were found, step by step, in the words of the room of care."""

from __future__ import annotations

from minka.care.bill import Bill
from minka.care.split import Split, Used
from minka.care.trace import decode
from minka.care.words import explain
from minka.desk.account_look import SettlementView

_BILL = ("total", "own_pay", "over_limit", "self_first", "in_scope")
_FUNDS = ("deductible", "pool", "large", "serious", "civil", "enterprise", "assistance", "other")
_NOT_ASKED = Used()


def sentences(view: SettlementView, language: str) -> list[str]:
    """From the bill to what each side pays; nothing for a row that billed nothing."""
    amounts = view.amounts
    if not amounts["total"]:
        return []
    steps = decode(view.trace) if view.trace else ()
    bill = Bill(*(amounts[name] for name in _BILL))
    split = Split(
        **{name: amounts[name] for name in _FUNDS},
        hospital=amounts["hospital"],
        account=amounts["account"],
        mutual_aid=0,
        cash=amounts["cash"],
        after=_NOT_ASKED,
        trace=steps,
    )
    return explain(steps, bill, split, language)
