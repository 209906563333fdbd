"""Entries sum to zero: I6, P7; properties over random entries."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minka.accounts.chart import AccountKind, individual, of_fund, of_provider
from minka.accounts.entry import (
    FUND_OF,
    Entry,
    Leg,
    Payers,
    allocation,
    balances,
    below_floor,
    between,
    entries,
    to_provider,
)
from minka.kit.fen import Fen

PAYERS = Payers(17, 990100, 310, 3)
AMOUNTS = st.integers(-(10**9), 10**9)
PARTS = st.fixed_dictionaries(dict.fromkeys([*FUND_OF, "account", "cash"], AMOUNTS))


def test_an_entry_that_does_not_balance_cannot_be_made() -> None:
    """P7: there is no such entry, not even for a moment."""
    with pytest.raises(AssertionError):
        Entry((Leg(individual(1), Fen(5)),))
    with pytest.raises(AssertionError):
        Entry((Leg(individual(1), Fen(0)),))
    with pytest.raises(AssertionError):
        Entry((Leg(individual(1), Fen(5)), Leg(individual(1), Fen(-5))))


def test_an_allocation_comes_from_the_treasury() -> None:
    """I6: both sides are named."""
    entry = allocation(17, 990100, 310, 18000)
    assert entry.change(individual(17)) == 18000
    assert entry.change(of_fund(AccountKind.TREASURY, 990100, 310)) == -18000


def test_a_settlement_pays_the_provider_from_every_payer() -> None:
    """Example A of the interface reference: pool 36,720.00, account 5,000.00, cash 8,280.00."""
    entry = entries({"pool": 3672000, "account": 500000, "cash": 828000}, PAYERS)
    payable = of_provider(AccountKind.PROVIDER_PAYABLE, 3)
    assert entry.change(payable) == 3672000 + 500000
    assert entry.change(individual(17)) == -500000
    assert entry.change(of_provider(AccountKind.PROVIDER_COLLECTED, 3)) == 828000


@given(PARTS)
def test_every_settlement_balances_and_a_refund_undoes_it(parts: dict[str, int]) -> None:
    """P7: for any amounts; a refund is the same negated, and both together move nothing."""
    entry = entries(parts, PAYERS)
    back = entries({name: -fen for name, fen in parts.items()}, PAYERS)
    assert back == entry.opposite()
    found = balances([entry, back])
    assert set(found.values()) <= {0}


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 10**6)), max_size=20))
def test_books_add_up_to_zero(paid: list[tuple[int, int]]) -> None:
    """P7: whatever is entered, all accounts together hold nothing."""
    made = [allocation(who, 990100, 310, fen) for who, fen in paid]
    made += [to_provider(who, 3, fen) for who, fen in paid[::2]]
    found = balances(made)
    assert sum(found.values()) == 0
    assert below_floor(found) == []


def test_an_account_below_its_floor_is_named() -> None:
    """K6: the checker of the floor sees it, and forgives funds, which may owe."""
    found = balances([to_provider(17, 3, 100)])
    assert below_floor(found) == [individual(17)]
    fund = of_fund(AccountKind.POOLING_FUND, 990100, 310)
    assert below_floor(balances([between(fund, individual(17), 5)])) == []
