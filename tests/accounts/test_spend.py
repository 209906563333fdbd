"""What purpose-bound money may not do: G2, K6, K7, X38."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minka.accounts.chart import individual
from minka.accounts.hold import LONGEST, Hold, held, held_until, post, release, take
from minka.accounts.refusals import AccountRefusal
from minka.accounts.spend import AccountState, Asked, Contract, Life, Purpose, enough, spend
from minka.kit.outcome import Accepted, Refused, Retry

RICH = AccountState(17, 10_000, 4_000)
CARE = Asked(Purpose.CARE, 5_000, 3, Contract.DESIGNATED)
NOON = datetime(2026, 5, 4, 4, tzinfo=UTC)

TABLE = [
    (RICH, CARE, None),
    (replace(RICH, life=Life.CLOSED), CARE, AccountRefusal.ACCOUNT_CLOSED),
    (RICH, replace(CARE, purpose=Purpose.CASH), AccountRefusal.CASH),
    (RICH, replace(CARE, purpose=Purpose.TRANSFER), AccountRefusal.TRANSFER),
    (RICH, replace(CARE, purpose=Purpose.CREDIT), AccountRefusal.CREDIT),
    (RICH, replace(CARE, country="HK"), AccountRefusal.ABROAD),
    (RICH, replace(CARE, country="MO"), AccountRefusal.ABROAD),
    (RICH, replace(CARE, country="US"), AccountRefusal.ABROAD),
    (RICH, replace(CARE, contract=Contract.NONE), AccountRefusal.NOT_DESIGNATED),
    (RICH, replace(CARE, amount_fen=0), AccountRefusal.NOT_AN_AMOUNT),
    (RICH, replace(CARE, amount_fen=-1), AccountRefusal.NOT_AN_AMOUNT),
    (RICH, replace(CARE, amount_fen=6_000), None),
    (RICH, replace(CARE, amount_fen=6_001), AccountRefusal.BALANCE_SHORT),
]


@pytest.mark.parametrize(("state", "asked", "refusal"), TABLE)
def test_the_table_of_uses(
    state: AccountState, asked: Asked, refusal: AccountRefusal | None
) -> None:
    """G2, K6, K7: each use that is not care at home at a contracted place has its own refusal."""
    answer = spend(state, asked)
    if refusal is None:
        assert isinstance(answer, Accepted)
        assert answer.value.change(individual(17)) == -asked.amount_fen
    else:
        assert isinstance(answer, Refused)
        assert answer.reason is refusal


@pytest.mark.parametrize("purpose", [p for p in Purpose if p is not Purpose.CARE])
@given(balance=st.integers(0, 10**9), amount=st.integers(-(10**9), 10**9))
def test_nothing_opens_a_forbidden_purpose(purpose: Purpose, balance: int, amount: int) -> None:
    """G2: never, whatever the balance, the amount, the provider."""
    asked = Asked(purpose, amount, 3, Contract.DESIGNATED)
    assert isinstance(spend(AccountState(1, balance), asked), Refused)


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(-(10**6), 2 * 10**6))
def test_no_payment_takes_an_account_below_zero(balance: int, part: int, amount: int) -> None:
    """K6: nor below what is held."""
    state = AccountState(1, balance, min(part, balance))
    answer = spend(state, replace(CARE, amount_fen=amount))
    if isinstance(answer, Accepted):
        assert balance + answer.value.change(individual(1)) >= state.held_fen
    else:
        assert amount <= 0 or amount > state.free_fen


def test_short_balance_says_how_much_is_free() -> None:
    """The sentence says what can be paid."""
    refused = enough(RICH, 7_000)
    assert refused is not None
    assert "60.00" in refused.say("en")
    assert "70.00" in refused.say("zh-hans")


def test_every_refusal_speaks_three_languages() -> None:
    """A refusal says what, why and what next; only the day's close may be tried again."""
    for reason in AccountRefusal:
        assert len(reason.words.zh_hans) > 8
        assert reason.words.zh_hant
        assert reason.words.en.endswith(".")
        assert len(re.findall("[。；，：]", reason.words.zh_hans)) >= 2, reason
        assert len(re.findall(r"[.;,]( |$)", reason.words.en)) >= 2, reason
        holes = [sorted(re.findall(r"{(\w+)}", t)) for t in (reason.words.zh_hans, reason.words.en)]
        assert holes[0] == holes[1]
    assert [r for r in AccountRefusal if r.retry is Retry.LATER] == [AccountRefusal.DAY_NOT_OVER]


HOLD = Hold(5, 17, 4_000, 3, NOON, NOON + timedelta(days=1))


def test_a_hold_always_ends() -> None:
    """X38: it runs out by its instant alone, and nothing is held for longer than a month."""
    assert HOLD.stands_at(NOON) == 4_000
    assert HOLD.stands_at(HOLD.until_at - timedelta(microseconds=1)) == 4_000
    assert HOLD.stands_at(HOLD.until_at) == 0
    assert HOLD.stands_at(NOON - timedelta(microseconds=1)) == 0
    ended = replace(HOLD, ended_at=NOON + timedelta(hours=1))
    assert (ended.stands_at(NOON), ended.stands_at(NOON + timedelta(hours=1))) == (4_000, 0)
    assert held([HOLD, ended], NOON) == 8_000
    assert held_until([HOLD, ended], NOON) == HOLD.until_at
    assert held_until([], NOON) is None


@pytest.mark.parametrize(
    ("until", "refusal"),
    [
        (LONGEST, None),
        (LONGEST + timedelta(microseconds=1), AccountRefusal.HOLD_TOO_LONG),
        (timedelta(0), AccountRefusal.HOLD_TOO_LONG),
        (-timedelta(days=1), AccountRefusal.HOLD_TOO_LONG),
    ],
)
def test_how_long_money_is_held(until: timedelta, refusal: AccountRefusal | None) -> None:
    """X38: neither for ever nor into the past."""
    answer = take(RICH, CARE, NOON, NOON + until)
    assert (answer.reason if isinstance(answer, Refused) else None) is refusal


def test_a_hold_is_refused_like_a_payment() -> None:
    """G2: what may not be paid may not be promised."""
    answer = take(RICH, replace(CARE, purpose=Purpose.CASH), NOON, NOON + timedelta(days=1))
    assert isinstance(answer, Refused)
    assert answer.reason is AccountRefusal.CASH


@pytest.mark.parametrize(
    ("hold", "amount", "at", "refusal"),
    [
        (HOLD, 4_000, NOON, None),
        (HOLD, 1, NOON, None),
        (None, 1, NOON, AccountRefusal.UNKNOWN_ENTRY),
        (HOLD, 4_001, NOON, AccountRefusal.HOLD_TOO_SMALL),
        (HOLD, 0, NOON, AccountRefusal.NOT_AN_AMOUNT),
        (HOLD, 1, HOLD.until_at, AccountRefusal.HOLD_ENDED),
        (replace(HOLD, ended_at=NOON), 1, NOON, AccountRefusal.HOLD_ENDED),
    ],
)
def test_what_is_paid_out_of_a_hold(
    hold: Hold | None, amount: int, at: datetime, refusal: AccountRefusal | None
) -> None:
    """X38: at most what was held, once, before it ran out."""
    answer = post(hold, amount, at, 4_000)
    assert (answer.reason if isinstance(answer, Refused) else None) is refusal
    given_back = release(hold, at)
    if refusal in (AccountRefusal.UNKNOWN_ENTRY, AccountRefusal.HOLD_ENDED):
        assert isinstance(given_back, Refused)
        assert given_back.reason is refusal
    else:
        assert isinstance(given_back, Accepted)


def test_a_hold_posts_no_more_than_is_there() -> None:
    """K6, X38: after a reversal took money back, the promise is worth what is left."""
    answer = post(HOLD, 4_000, NOON, 3_999)
    assert isinstance(answer, Refused)
    assert answer.reason is AccountRefusal.BALANCE_SHORT
    assert isinstance(post(HOLD, 3_999, NOON, 3_999), Accepted)
