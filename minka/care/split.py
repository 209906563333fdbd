"""Who bears a bill: deductible, pool, large-sum layer, the layers above, account and cash.

Order of the interface reference 6.1, steps 5 to 10, in whole fen:
1. the deductible still open of the year (outpatient) or of the admission (inpatient);
2. tiers of the year, or brackets of the admission counted from zero with the deductible inside the
   first, each rounded by itself; a later bill of one stay goes on where the last one ended;
3. the large-sum layer, then the caps of the year;
4. serious illness, on what the person bore in the year; then the layers of civil servants,
   enterprises and assistance;
5. the individual account, then cash.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from minka.care.bill import Bill
from minka.care.plan import WHOLE, Brackets, Plan
from minka.care.trace import Step


class AccountUse(Enum):
    """Whether the person pays from the individual account (``acct_used_flag``)."""

    NO = 0
    YES = 1


class Used(NamedTuple):
    """The accumulators of the year of the service date before a bill, in fen."""

    op_deductible: int = 0
    """Deductible paid at outpatient visits, pharmacies and chronic clinics."""
    op_scope: int = 0
    op_fund: int = 0
    admissions: int = 0
    """Admissions that had in-scope fees; the running one counts from its first bill."""
    pool_paid: int = 0
    """What the pool paid for admissions and chronic diseases."""
    large_paid: int = 0
    visit_scope: int = 0
    """In-scope fees of earlier bills of the same admission."""
    visit_deductible: int = 0
    own_scope: int = 0
    """In-scope fees that neither pool nor large-sum layer paid: what serious illness counts."""


class Split(NamedTuple):
    """Who bears what, in fen, the accumulators after it, and how it came about."""

    deductible: int
    pool: int
    large: int
    serious: int
    civil: int
    enterprise: int
    assistance: int
    other: int
    hospital: int
    account: int
    mutual_aid: int
    cash: int
    after: Used
    trace: tuple[Step, ...]

    @property
    def fund(self) -> int:
        """What all funds pay, without the individual account (6.2, invariant 6)."""
        return sum(self[1:8])

    @property
    def person_part(self) -> int:
        """What the person bears, from the account or in cash."""
        return self.account + self.mutual_aid + self.cash


_Parts = tuple[int, int, int]
"""Deductible, pool, large-sum layer."""


def split(
    plan: Plan,
    bill: Bill,
    used: Used,
    *,
    account_fen: int,
    use_account: AccountUse,
    mutual_fen: int = 0,
) -> Split:
    """The split of a sound bill; the account holds ``account_fen``, the family's ``mutual_fen``.

    ``used`` are the accumulators before the bill; those after it come back in ``after``.
    """
    total, own_pay, over_limit, _, scope = bill
    assert 0 <= scope <= total, "ask Bill.sound first"
    trace: list[Step] = []
    if plan.brackets:
        deductible, pool, large = _stay(plan, scope, used, trace)
    else:
        deductible, pool, large = _year(plan, scope, used, trace)
    own = scope - pool - large
    serious = civil = enterprise = assistance = 0
    if plan.layered:
        serious, civil, enterprise, assistance = _layers(plan, own, used.own_scope, trace)
    person = total - pool - large - serious - civil - enterprise - assistance
    account = mutual = 0
    if use_account is AccountUse.YES:
        payable = person if plan.account_pays_all else person - own_pay - over_limit
        account = account_fen if account_fen < payable else payable
        mutual = mutual_fen if mutual_fen < payable - account else payable - account
    return Split(
        deductible,
        pool,
        large,
        serious,
        civil,
        enterprise,
        assistance,
        0,
        0,
        account,
        mutual,
        person - account - mutual,
        _after(plan, scope, used, (deductible, pool, large)),
        tuple(trace),
    )


def _after(plan: Plan, scope: int, used: Used, parts: _Parts) -> Used:
    """The accumulators after a bill."""
    op_deductible, op_scope, op_fund, admissions, pool_paid, large_paid, stay, stay_ded, own = used
    deductible, pool, large = parts
    own += scope - pool - large
    if plan.brackets:
        if scope and not stay:
            admissions += 1
        stay, stay_ded = stay + scope, stay_ded + deductible
        pool_paid, large_paid = pool_paid + pool, large_paid + large
    else:
        op_deductible += deductible
        if plan.pooled:
            pool_paid, large_paid = pool_paid + pool, large_paid + large
        else:
            op_scope, op_fund = op_scope + scope, op_fund + pool
    return Used(
        op_deductible, op_scope, op_fund, admissions, pool_paid, large_paid, stay, stay_ded, own
    )


def _year(plan: Plan, scope: int, used: Used, trace: list[Step]) -> _Parts:
    """A visit without a bed: deductible and tiers of the year."""
    deductible = plan.deductible - used.op_deductible
    deductible = 0 if deductible < 0 else scope if deductible > scope else deductible
    if deductible:
        trace.append(Step("deductible", deductible, WHOLE, deductible))
    rest, pool, add = scope - deductible, 0, plan.round_add
    counted = used.op_scope + deductible if plan.by_scope else used.op_fund
    for upto, ratio, code in plan.tiers:
        room = upto - counted
        if room <= 0:
            continue
        if not rest:
            break
        covered, part = rest, (rest * ratio + add) // WHOLE
        if plan.by_scope:
            if covered > room:
                covered, part = room, (room * ratio + add) // WHOLE
            counted += covered
        else:
            if part > room:
                covered, part = _behind(room, ratio, add), room
            counted += part
        trace.append(Step(code, covered, ratio, part))
        pool += part
        rest -= covered
    if rest:
        trace.append(Step("uncovered", rest, 0, 0))
    if plan.pooled:
        done = [(scope - deductible, plan.tiers[0][1], pool)]
        return (deductible, *_capped(plan, used, (pool, 0), (done, trace)))
    return deductible, pool, 0


def _behind(amount: int, ratio: int, add: int) -> int:
    """The in-scope fen that bring exactly this amount at a ratio above zero."""
    if add:
        return (2 * amount * WHOLE + ratio) // (2 * ratio)
    return -(-amount * WHOLE // ratio)


_Done = list[tuple[int, int, int]]
"""Of each bracket what this bill added: in-scope fen, ratio, what the pool pays of it."""


def _stay(plan: Plan, scope: int, used: Used, trace: list[Step]) -> _Parts:
    """One bill of an admission, from where the last bill of the same admission ended."""
    begins = used.visit_scope
    nth = used.admissions if begins else used.admissions + 1
    deductible = (plan.deductible if nth <= 1 else plan.later_deductible) - used.visit_deductible
    deductible = 0 if deductible < 0 else scope if deductible > scope else deductible
    if deductible:
        trace.append(Step("deductible", deductible, WHOLE, deductible))
    open_at = used.visit_deductible + deductible
    stretch = (open_at, max(begins, open_at), begins + scope)
    done: _Done = []
    pool, reached = _counted(plan.brackets, stretch, plan.round_add, (done, trace))
    large = 0
    if plan.large:
        large, above = _counted(plan.large, stretch, plan.round_add, ([], trace))
        reached += above
    rest = scope - deductible - reached
    if rest:
        trace.append(Step("uncovered", rest, 0, 0))
    return (deductible, *_capped(plan, used, (pool, large), (done, trace)))


def _counted(
    brackets: Brackets, stretch: tuple[int, int, int], add: int, noted: tuple[_Done, list[Step]]
) -> tuple[int, int]:
    """What brackets pay of a stretch, and how much of it they reach.

    The stretch: where the fund begins to pay, where earlier bills ended, where this bill ends.
    Each bracket is rounded on all it holds so far, less what it held before, so that a stay billed
    in parts costs what it costs in one.
    """
    open_at, before, ends = stretch
    done, trace = noted
    paid = reached = 0
    for low, high, ratio, code in brackets:
        if ends <= low:
            break
        first = low if low > open_at else open_at
        upto = high if high < ends else ends
        held = (high if high < before else before) - first
        held = 0 if held < 0 else held
        now = upto - first
        if now <= held:
            continue
        amount = (now * ratio + add) // WHOLE
        trace.append(Step(code, now, ratio, amount))
        if held:
            earlier = (held * ratio + add) // WHOLE
            trace.append(Step(code, -held, ratio, -earlier))
            amount -= earlier
        done.append((now - held, ratio, amount))
        paid += amount
        reached += now - held
    return paid, reached


def _capped(
    plan: Plan, used: Used, paid: tuple[int, int], noted: tuple[_Done, list[Step]]
) -> tuple[int, int]:
    """Pool and large-sum layer within the caps of the year."""
    pool, large = paid
    done, trace = noted
    left = plan.pool_cap - used.pool_paid
    if pool > left:
        left = max(left, 0)
        trace.append(_cut("pool_cap", pool - left))
        pool = left
        if plan.large_after_cap:
            moved = _beyond(done, left, plan.round_add)
            part = (moved * plan.large_after_cap + plan.round_add) // WHOLE
            trace.append(Step("taken_over", moved, plan.large_after_cap, part))
            large += part
    left = max(plan.large_cap - used.large_paid, 0)
    if large > left:
        trace.append(_cut("large_cap", large - left))
        large = left
    left = max(plan.total_cap - used.pool_paid - used.large_paid, 0)
    if pool > left:
        trace.append(_cut("total_cap_pool", pool - left))
        pool = left
    if large > left - pool:
        trace.append(_cut("total_cap_large", large - left + pool))
        large = left - pool
    return pool, large


def _cut(code: str, excess: int) -> Step:
    return Step(code, -excess, WHOLE, -excess)


def _beyond(done: _Done, left: int, add: int) -> int:
    """The in-scope fen behind what the pool no longer pays."""
    beyond = 0
    for inside, ratio, amount in done:
        if amount <= left:
            left -= amount
            continue
        beyond += inside - (_behind(left, ratio, add) if left else 0)
        left = 0
    return beyond


def _layers(plan: Plan, own: int, own_before: int, trace: list[Step]) -> tuple[int, int, int, int]:
    """Serious illness on what the person bore in the year, then the extra layers on the rest."""
    serious = 0
    if plan.serious:
        low = plan.serious[0][0]
        stretch = (low, max(own_before, low), own_before + own)
        serious, _ = _counted(plan.serious, stretch, plan.round_add, ([], trace))
    rest = own - serious
    paid = []
    for code, ratio in _extras(plan):
        part = (rest * ratio + plan.round_add) // WHOLE
        if part:
            trace.append(Step(code, rest, ratio, part))
        paid.append(part)
        rest -= part
    return serious, paid[0], paid[1], paid[2]


def _extras(plan: Plan) -> tuple[tuple[str, int], ...]:
    return (
        ("civil", plan.civil),
        ("enterprise", plan.enterprise),
        ("assistance", plan.assistance),
    )


def mirror(done: Split, before: Used, now: Used) -> Split:
    """The refund of a split: every amount negated, the accumulators moved back by what it moved.

    ``before`` are the accumulators before the split, ``now`` those before the refund, which other
    bills may have moved since (6.2, invariant 7).
    """
    back = Used(*(n - (a - b) for n, a, b in zip(now, done.after, before, strict=True)))
    trace = tuple(Step(s.code, -s.of_fen, s.ratio_e4, -s.amount_fen) for s in done.trace)
    parts = [-part for part in done[:12]]
    return Split._make((*parts, back, trace))
