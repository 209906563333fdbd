"""What purpose-bound money may do: care at a designated domestic provider, and nothing else.

Whatever channel asks, the answer is found here. The refusals in order: ``NO_ACCOUNT`` is the
desk's, then ``ACCOUNT_CLOSED``, ``CASH``, ``TRANSFER``, ``CREDIT``, ``ABROAD``, ``NOT_DESIGNATED``,
``NOT_AN_AMOUNT``, ``BALANCE_SHORT`` (G2, K6, K7; R5-05).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from minka.accounts.entry import Entry, to_provider
from minka.accounts.refusals import AccountRefusal
from minka.kit.fen import yuan
from minka.kit.outcome import Accepted, Refused

HOME = "CN"


class Purpose(Enum):
    """What money is asked for."""

    CARE = "care"
    CASH = "cash"
    TRANSFER = "transfer"
    CREDIT = "credit"


FORBIDDEN = {
    Purpose.CASH: AccountRefusal.CASH,
    Purpose.TRANSFER: AccountRefusal.TRANSFER,
    Purpose.CREDIT: AccountRefusal.CREDIT,
}
"""Purposes that no channel, post or signature opens."""


class Life(Enum):
    """Whether an account can still be used."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class AccountState:
    """An individual account as it stands, in fen."""

    person_id: int
    balance_fen: int
    held_fen: int = 0
    life: Life = Life.OPEN

    @property
    def free_fen(self) -> int:
        """What can be spent; nothing when a reversal left less than was promised."""
        return max(self.balance_fen - self.held_fen, 0)


class Contract(Enum):
    """Whether a provider may settle with the person's scheme today."""

    DESIGNATED = "designated"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Asked:
    """A wish to take money from an individual account."""

    purpose: Purpose
    amount_fen: int
    provider_no: int = 0
    contract: Contract = Contract.NONE
    country: str = HOME
    """ISO 3166 code of where the transaction comes from; Hong Kong, Macao and Taiwan are not
    the mainland, where the card works (K7)."""


def spend(state: AccountState, asked: Asked) -> Accepted[Entry] | Refused:
    """The entry that pays a provider from an individual account, or why not."""
    refused = permitted(state, asked)
    if refused is not None:
        return refused
    return Accepted(to_provider(state.person_id, asked.provider_no, asked.amount_fen))


def permitted(state: AccountState, asked: Asked) -> Refused | None:
    """Why money may not be taken, or None; the first refusal in order is the answer."""
    if state.life is Life.CLOSED:
        return Refused(AccountRefusal.ACCOUNT_CLOSED)
    if asked.purpose in FORBIDDEN:
        return Refused(FORBIDDEN[asked.purpose])
    if asked.country != HOME:
        return Refused(AccountRefusal.ABROAD)
    if asked.contract is not Contract.DESIGNATED:
        return Refused(AccountRefusal.NOT_DESIGNATED)
    return enough(state, asked.amount_fen)


def enough(state: AccountState, amount_fen: int) -> Refused | None:
    """Why an amount cannot come from what is free: no account goes below zero (K6)."""
    if amount_fen <= 0:
        return Refused(AccountRefusal.NOT_AN_AMOUNT)
    if amount_fen > state.free_fen:
        facts = {"free": yuan(state.free_fen), "amount": yuan(amount_fen)}
        return Refused(AccountRefusal.BALANCE_SHORT, facts)
    return None
