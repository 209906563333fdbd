"""What a settlement is decided from: rows of the register as plain values.

Instants are microseconds and days are days, both since 2000-01-01 (UTC for instants); money is fen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from minka.care.bill import Bill


class Coverage(NamedTuple):
    """The narrow row of a person's coverage; ``last_at`` is its clock and its version."""

    person_id: int
    scheme: int
    psn_type: int
    area: int
    civil: int
    covered_from: int
    covered_until: int
    card_id: int
    balance: int
    held: int
    year: int
    op_deductible: int
    op_scope: int
    op_fund: int
    admissions: int
    pool_paid: int
    large_paid: int
    own_scope: int
    prev_msg_no: int
    prev_origin_no: int
    last_at: int
    open_from: int
    open_until: int
    suspended_until: int
    held_until: int
    card_number: bytes

    def available(self, at: int) -> int:
        """What the account can pay at an instant: the balance without what is held."""
        return self.balance - (self.held if at < self.held_until else 0)

    def opens(self, at: int) -> int:
        """One when the person's card may settle at an instant."""
        return int(self.card_id > 0 and self.open_from <= at < self.open_until)


class Visit(NamedTuple):
    """A visit as it was registered; ``ended`` counts the steps that undid it."""

    visit_no: int
    person_id: int
    provider_no: int
    basis: int
    med_type: int
    scheme: int
    credential: int
    card_id: int
    ended: int
    shown: bytes


class Upload(NamedTuple):
    """One upload of charges, its lines already split and added up; a counter-row is negative."""

    fee_no: int
    served_on: int
    total: int
    own_pay: int
    over_limit: int
    self_first: int
    in_scope: int
    batch: bytes


class Earlier(NamedTuple):
    """An earlier settlement (kind 1) of the visit, or what undid one (kinds 2 and 3).

    ``sign`` is minus one for what undid a settlement, plus one for what undid a refund.
    """

    bill_no: int
    fee_upto: int
    round: int
    kind: int
    sign: int
    in_scope: int
    deductible: int


class Outstanding(NamedTuple):
    """What of a visit is still to be settled, and what its earlier parts have used."""

    bill_no: int
    fee_upto: int
    round: int
    served_on: int
    bill: Bill
    visit_scope: int
    visit_deductible: int
    settled_before: int


def outstanding(
    uploads: Sequence[Upload], earlier: Sequence[Earlier], batch: bytes
) -> Outstanding | None:
    """The charges of a batch (all of the visit when it is empty) that no live settlement covers."""
    mine = [each for each in uploads if each.batch == batch] if batch else list(uploads)
    if earlier:
        return _remainder(mine, earlier)
    if len(mine) == 1:
        one = mine[0]
        bill = Bill(one.total, one.own_pay, one.over_limit, one.self_first, one.in_scope)
        return Outstanding(one.fee_no, one.fee_no, 0, one.served_on, bill, 0, 0, 0)
    return _added(mine, round_no=0, live=()) if mine else None


def standing(earlier: Sequence[Earlier]) -> list[Earlier]:
    """The settlements that nothing has undone."""
    stands: dict[tuple[int, int], int] = {}
    for each in earlier:
        part = (each.bill_no, each.round)
        stands[part] = stands.get(part, 0) + each.sign
    return [e for e in earlier if e.kind == 1 and stands[e.bill_no, e.round] > 0]


def uncovered(uploads: Sequence[Upload], live: Sequence[Earlier]) -> list[list[Upload]]:
    """The uploads of one batch that no settlement covers, in the stretches between those that do.

    A settlement covers what lies from its first upload to its last; after an earlier part of a
    stay was refunded and a later one stands, what is open lies before it.
    """
    stretches: list[list[Upload]] = [[]]
    for each in uploads:
        if any(part.bill_no <= each.fee_no <= part.fee_upto for part in live):
            stretches.append([])
        else:
            stretches[-1].append(each)
    return [stretch for stretch in stretches if stretch]


def _remainder(mine: list[Upload], earlier: Sequence[Earlier]) -> Outstanding | None:
    numbers = {each.fee_no for each in mine}
    own = [each for each in earlier if each.bill_no in numbers]
    live = standing(own)
    rest = next(iter(uncovered(mine, live)), None)
    if rest is None:
        return None
    rounds = [each.round for each in own if each.kind == 1 and each.bill_no == rest[0].fee_no]
    return _added(rest, round_no=max(rounds, default=-1) + 1, live=live)


def _added(rest: list[Upload], *, round_no: int, live: Sequence[Earlier]) -> Outstanding:
    bill = Bill(*(sum(column) for column in zip(*(each[2:7] for each in rest), strict=True)))
    return Outstanding(
        rest[0].fee_no,
        rest[-1].fee_no,
        round_no,
        max(each.served_on for each in rest),
        bill,
        sum(each.in_scope for each in live),
        sum(each.deductible for each in live),
        len(live),
    )
