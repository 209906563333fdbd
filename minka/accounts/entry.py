"""Entries: legs in integer fen that sum to zero, or there is no entry.

A positive leg is owed to the account's owner; a negative one is taken from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from minka.accounts.chart import CHART, Account, AccountKind, individual, of_fund, of_provider
from minka.kit.fen import Fen


@dataclass(frozen=True, slots=True)
class Leg:
    """One account moved by one amount in fen, never zero."""

    account: Account
    amount: Fen


@dataclass(frozen=True, slots=True)
class Entry:
    """Legs that sum to zero; no legs where money is promised and has not moved."""

    legs: tuple[Leg, ...]

    def __post_init__(self) -> None:
        """Hold the books' first law; breaking it is a bug of the caller, never an answer."""
        assert sum(leg.amount for leg in self.legs) == 0, "an entry sums to zero"
        assert all(leg.amount for leg in self.legs), "a leg moves something"
        accounts = [leg.account for leg in self.legs]
        assert len(set(accounts)) == len(accounts), "an account stands once in an entry"

    def change(self, account: Account) -> int:
        """What the entry does to an account, in fen."""
        return sum(leg.amount for leg in self.legs if leg.account == account)

    def opposite(self) -> Entry:
        """The entry that undoes this one: the same legs negated."""
        return Entry(tuple(Leg(leg.account, Fen(-leg.amount)) for leg in self.legs))


NOTHING = Entry(())
"""Money promised or a promise ended: nothing moves."""


def between(source: Account, target: Account, amount_fen: int) -> Entry:
    """Move an amount from one account to another; ``amount_fen`` may be negative, not zero."""
    return Entry((Leg(source, Fen(-amount_fen)), Leg(target, Fen(amount_fen))))


def allocation(person_id: int, area: int, scheme: int, amount_fen: int) -> Entry:
    """Contributions that are credited to a person's individual account."""
    treasury = of_fund(AccountKind.TREASURY, area, scheme)
    return between(treasury, individual(person_id), amount_fen)


def to_suspense(person_id: int, area: int, scheme: int, amount_fen: int) -> Entry:
    """Money that leaves an individual account for a place outside these books, or another's."""
    suspense = of_fund(AccountKind.SUSPENSE, area, scheme)
    return between(individual(person_id), suspense, amount_fen)


def to_provider(person_id: int, provider_no: int, amount_fen: int) -> Entry:
    """What a person's account pays for care."""
    payable = of_provider(AccountKind.PROVIDER_PAYABLE, provider_no)
    return between(individual(person_id), payable, amount_fen)


FUND_OF: Mapping[str, AccountKind] = {
    "pool": AccountKind.POOLING_FUND,
    "large": AccountKind.LARGE_FUND,
    "serious": AccountKind.SERIOUS_FUND,
    "civil": AccountKind.CIVIL_FUND,
    "enterprise": AccountKind.ENTERPRISE_FUND,
    "assistance": AccountKind.ASSISTANCE_FUND,
    "other": AccountKind.OTHER_FUND,
}
"""Which account pays which part of a settlement."""


@dataclass(frozen=True, slots=True)
class Payers:
    """Whose accounts a settlement moves."""

    person_id: int
    area: int
    scheme: int
    provider_no: int


def entries(parts: Mapping[str, int], payers: Payers) -> Entry:
    """The legs of a settlement: who pays the provider what (the register's view ``posting``).

    ``parts`` are the amounts of a settlement in fen by the journal's names: the funds of
    ``FUND_OF``, ``account`` and ``cash``. A refund is the same with every amount negated.
    """
    funds = {kind: parts.get(name, 0) for name, kind in FUND_OF.items()}
    account, cash = parts.get("account", 0), parts.get("cash", 0)
    moved = [
        (individual(payers.person_id), -account),
        *((of_fund(kind, payers.area, payers.scheme), -fen) for kind, fen in funds.items()),
        (
            of_provider(AccountKind.PROVIDER_PAYABLE, payers.provider_no),
            account + sum(funds.values()),
        ),
        (of_provider(AccountKind.CASH_CONTROL, payers.provider_no), -cash),
        (of_provider(AccountKind.PROVIDER_COLLECTED, payers.provider_no), cash),
    ]
    return Entry(tuple(Leg(each, Fen(fen)) for each, fen in moved if fen))


def balances(entries_posted: Iterable[Entry]) -> dict[Account, int]:
    """The balance of every account that entries touch; they add up to zero."""
    found: dict[Account, int] = {}
    for entry in entries_posted:
        for leg in entry.legs:
            found[leg.account] = found.get(leg.account, 0) + leg.amount
    return found


def below_floor(found: Mapping[Account, int]) -> list[Account]:
    """The accounts that stand below what their kind allows; none is the only right answer."""
    return sorted(
        account
        for account, fen in found.items()
        if (floor := CHART[account.kind].floor_fen) is not None and fen < floor
    )
