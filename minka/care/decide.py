"""The decision of a settlement: may this bill be settled now, and what does each side pay.

Order of the questions: is it this person's open visit here, may this provider settle, may this
person, may this credential, is there something to settle and is it what the provider thinks it is.
The answer is a whole new journal row, or a named refusal; nothing is decided anywhere else.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from minka.care.bill import Bill
from minka.care.refusals import CareRefusal
from minka.care.split import AccountUse, Used
from minka.care.state import Coverage, Outstanding, Visit


class Credential(IntEnum):
    """What the person showed (就诊凭证类型)."""

    NONE = 0
    TOKEN = 1
    NUMBER = 2
    CARD = 3


class Kind(IntEnum):
    """What a journal row is."""

    SETTLEMENT = 1
    REFUND = 2
    REVERSAL = 3
    REFUSAL = 4
    TOMBSTONE = 5


class Ask(NamedTuple):
    """What a provider asks to settle; ``echo`` are the totals he was told, or None."""

    credential: int
    card_number: bytes
    total: int
    echo: Bill | None
    use_account: AccountUse
    scheme: int


class Contract(NamedTuple):
    """A provider's dated contract with a scheme."""

    scheme: int
    from_on: int
    until_on: int


def may_settle(
    coverage: Coverage, contracts: tuple[Contract, ...], *, on: int, at: int
) -> CareRefusal | None:
    """Whether the person is covered on a day, at a provider with these contracts."""
    scheme = coverage.scheme
    for contract in contracts:
        if contract.scheme == scheme and contract.from_on <= on < contract.until_on:
            break
    else:
        return CareRefusal.NOT_DESIGNATED
    if not coverage.covered_from <= on < coverage.covered_until:
        return CareRefusal.NOT_COVERED
    return CareRefusal.SUSPENDED if at < coverage.suspended_until else None


def may_show(coverage: Coverage, ask: Ask, at: int, bound_card: int = 0) -> CareRefusal | None:
    """Whether what the person showed lets money move; a bound card must still be the same card."""
    if ask.card_number != coverage.card_number or not coverage.card_id:
        return CareRefusal.CARD_UNKNOWN
    if not coverage.opens(at):
        return CareRefusal.CARD_STOPPED
    if bound_card and bound_card != coverage.card_id:
        return CareRefusal.CARD_REPLACED
    return None


def same_bill(ask: Ask, due: Bill) -> CareRefusal | None:
    """Whether the provider means the bill that stands here."""
    if ask.total != due.total or (ask.echo is not None and ask.echo[1:] != due[1:]):
        return CareRefusal.BILL_CHANGED
    return None


def used(coverage: Coverage, due: Outstanding, year: int) -> Used:
    """What the year has used before this bill; a new year starts from nothing."""
    scope, deductible = due.visit_scope, due.visit_deductible
    if coverage.year != year:
        return Used(0, 0, 0, 0, 0, 0, scope, deductible, 0)
    return Used(
        coverage.op_deductible,
        coverage.op_scope,
        coverage.op_fund,
        coverage.admissions,
        coverage.pool_paid,
        coverage.large_paid,
        scope,
        deductible,
        coverage.own_scope,
    )


def asked_of(visit: Visit | None, person_id: int, provider_no: int) -> CareRefusal | None:
    """Whether a visit is this person's, at this provider, and still open."""
    if visit is None or visit.person_id != person_id or visit.provider_no != provider_no:
        return CareRefusal.VISIT_UNKNOWN
    return CareRefusal.VISIT_CLOSED if visit.ended else None
