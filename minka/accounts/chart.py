"""The chart of accounts: which kinds there are, who owns each, and what it may never do.

| kind | owner | floor | what a positive balance is |
|---|---|---|---|
| individual | a person | 0, purpose-bound | money of the person, for care alone |
| the seven funds | pooling area and scheme | none: derived | money that came into the fund |
| provider_payable | a provider | none: derived | what the provider is still to be paid |
| cash_control, provider_collected | a provider | none: derived | cash taken, both sides |
| suspense | pooling area and scheme | none: derived | money that has not found its place yet |
| fee_income | pooling area and scheme | none: derived | fees of the agency |
| treasury | pooling area and scheme | none: derived | contributions; allocations come from here |
| held | a person | 0 | promised to a provider until an instant, and never posted |
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from minka.kit.words import Words


class AccountKind(IntEnum):
    """The kinds of account, numbered as the register's table ``account_kind`` numbers them."""

    INDIVIDUAL = 1
    POOLING_FUND = 2
    LARGE_FUND = 3
    SERIOUS_FUND = 4
    CIVIL_FUND = 5
    ENTERPRISE_FUND = 6
    ASSISTANCE_FUND = 7
    OTHER_FUND = 8
    PROVIDER_PAYABLE = 9
    CASH_CONTROL = 10
    PROVIDER_COLLECTED = 11
    SUSPENSE = 12
    FEE_INCOME = 13
    TREASURY = 14
    HELD = 15


@dataclass(frozen=True, slots=True)
class KindOfAccount:
    """What one kind of account is."""

    owner: str
    """``person``, ``fund`` (area * 1000 + scheme) or ``provider``."""
    floor_fen: int | None
    """It never goes below this; None where it is derived and may owe."""
    words: Words


_FUND, _PROVIDER, _PERSON = "fund", "provider", "person"

CHART: dict[AccountKind, KindOfAccount] = {
    AccountKind.INDIVIDUAL: KindOfAccount(
        _PERSON, 0, Words("个人账户", "個人帳戶", "Individual account")
    ),
    AccountKind.POOLING_FUND: KindOfAccount(
        _FUND, None, Words("统筹基金", "統籌基金", "Pooling fund")
    ),
    AccountKind.LARGE_FUND: KindOfAccount(
        _FUND, None, Words("大额医疗补助", "大額醫療補助", "Large-sum fund")
    ),
    AccountKind.SERIOUS_FUND: KindOfAccount(
        _FUND, None, Words("大病保险", "大病保險", "Serious illness fund")
    ),
    AccountKind.CIVIL_FUND: KindOfAccount(
        _FUND, None, Words("公务员医疗补助", "公務員醫療補助", "Civil servants' fund")
    ),
    AccountKind.ENTERPRISE_FUND: KindOfAccount(
        _FUND, None, Words("企业补充医疗保险", "企業補充醫療保險", "Enterprise fund")
    ),
    AccountKind.ASSISTANCE_FUND: KindOfAccount(
        _FUND, None, Words("医疗救助", "醫療救助", "Medical assistance")
    ),
    AccountKind.OTHER_FUND: KindOfAccount(
        _FUND, None, Words("其他基金", "其他基金", "Other funds")
    ),
    AccountKind.PROVIDER_PAYABLE: KindOfAccount(
        _PROVIDER, None, Words("应付定点机构", "應付定點機構", "Payable to the provider")
    ),
    AccountKind.CASH_CONTROL: KindOfAccount(
        _PROVIDER, None, Words("现金自付", "現金自付", "Cash control")
    ),
    AccountKind.PROVIDER_COLLECTED: KindOfAccount(
        _PROVIDER, None, Words("机构已收现金", "機構已收現金", "Cash the provider took")
    ),
    AccountKind.SUSPENSE: KindOfAccount(_FUND, None, Words("挂账", "掛帳", "Suspense")),
    AccountKind.FEE_INCOME: KindOfAccount(_FUND, None, Words("手续费", "手續費", "Fee income")),
    AccountKind.TREASURY: KindOfAccount(_FUND, None, Words("财政专户", "財政專戶", "Treasury")),
    AccountKind.HELD: KindOfAccount(_PERSON, 0, Words("预占", "預占", "Held")),
}

PURPOSE_BOUND = frozenset({AccountKind.INDIVIDUAL, AccountKind.HELD})
"""Money that may go to care and nowhere else (G2, K6)."""

DERIVED = frozenset(AccountKind) - PURPOSE_BOUND
"""Accounts that no act updates: many settlements at once meet in them, so they are added up."""


@dataclass(frozen=True, slots=True, order=True)
class Account:
    """One account: its kind and its owner's number."""

    kind: AccountKind
    owner: int


def fund_owner(area: int, scheme: int) -> int:
    """The number that owns the funds of a pooling area's scheme."""
    return area * 1000 + scheme


def individual(person_id: int) -> Account:
    """The individual account of a person."""
    return Account(AccountKind.INDIVIDUAL, person_id)


def of_fund(kind: AccountKind, area: int, scheme: int) -> Account:
    """An account of a pooling area and scheme."""
    assert CHART[kind].owner == _FUND, "only funds belong to an area"
    return Account(kind, fund_owner(area, scheme))


def of_provider(kind: AccountKind, provider_no: int) -> Account:
    """An account of a provider."""
    assert CHART[kind].owner == _PROVIDER, "only these accounts belong to a provider"
    return Account(kind, provider_no)
