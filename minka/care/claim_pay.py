"""What a claim pays: its lines split as care is, and the entry that moves the money.

The person paid the whole bill in cash; the funds give back what they would have paid. The
individual account is not asked: its money is the person's own already.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from minka.accounts.chart import AccountKind, of_fund
from minka.accounts.entry import FUND_OF, Entry, Leg
from minka.care.bill import Bill, add_up
from minka.care.claim_refusals import ClaimRefusal
from minka.care.lines import split_line
from minka.care.plan import Plan
from minka.care.split import AccountUse, Split, Used, split
from minka.kit.fen import Fen, yuan
from minka.kit.outcome import Accepted, Refused


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """One line of an invoice as staff read it; fen and ten-thousandths."""

    cls: int
    """1, 2, 3 for 甲, 乙, 丙."""
    amount_fen: int
    limit_fen: int | None = None
    ratio_e4: int = 0


def bill_of(lines: Iterable[ClaimLine], total_fen: int) -> Accepted[Bill] | Refused:
    """The bill of an invoice; ``LINES_DIFFER`` when its lines are not its total."""
    bill = add_up(
        split_line(each.amount_fen, each.cls, each.ratio_e4, limit_fen=each.limit_fen)
        for each in lines
    )
    if bill.total != total_fen or not bill.sound:
        facts = {"lines": yuan(bill.total), "total": yuan(total_fen)}
        return Refused(ClaimRefusal.LINES_DIFFER, facts)
    return Accepted(bill)


def due(plan: Plan, bill: Bill, used: Used) -> Accepted[Split] | Refused:
    """What the funds give back of a bill that was paid in cash; ``NOTHING_DUE`` when nothing."""
    parts = split(plan, bill, used, account_fen=0, use_account=AccountUse.NO)
    return Accepted(parts) if parts.fund > 0 else Refused(ClaimRefusal.NOTHING_DUE)


def entry_of(parts: Split, area: int, scheme: int) -> Entry:
    """Each fund pays its part; the treasury, which pays the holder, is owed the sum."""
    paid = {kind: getattr(parts, name) for name, kind in FUND_OF.items()}
    legs = [Leg(of_fund(kind, area, scheme), Fen(-fen)) for kind, fen in paid.items() if fen]
    treasury = of_fund(AccountKind.TREASURY, area, scheme)
    return Entry((*legs, Leg(treasury, Fen(parts.fund))))
