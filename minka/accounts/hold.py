"""Money held for a provider: it is posted, released, or runs out; a hold always ends (X38).

Whether a hold stands is computed from its instants, so no timer has to run for it to end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from minka.accounts.entry import Entry, to_provider
from minka.accounts.refusals import AccountRefusal
from minka.accounts.spend import AccountState, Asked, permitted
from minka.kit.fen import yuan
from minka.kit.outcome import Accepted, Refused

LONGEST = timedelta(days=30)
"""No hold is taken for longer; a city may set less."""


@dataclass(frozen=True, slots=True)
class Hold:
    """An amount promised to a provider from an instant until another, in fen."""

    hold_no: int
    person_id: int
    amount_fen: int
    provider_no: int
    from_at: datetime
    until_at: datetime
    ended_at: datetime | None = None
    """When it was posted or released, or None."""

    def stands_at(self, at: datetime) -> int:
        """The amount that is held at an instant: all of it or nothing."""
        ended = self.ended_at is not None and self.ended_at <= at
        return self.amount_fen if self.from_at <= at < self.until_at and not ended else 0


def held(holds: Iterable[Hold], at: datetime) -> int:
    """What all holds of an account hold at an instant, in fen."""
    return sum(hold.stands_at(at) for hold in holds)


def held_until(holds: Iterable[Hold], at: datetime) -> datetime | None:
    """When the last of the holds that stand at an instant runs out, or None."""
    return max((hold.until_at for hold in holds if hold.stands_at(at)), default=None)


def take(
    state: AccountState, asked: Asked, at: datetime, until_at: datetime
) -> Accepted[timedelta] | Refused:
    """Whether an amount may be held, and for how long it then is.

    Refusals: those of ``spend.permitted``, then ``HOLD_TOO_LONG``.
    """
    refused = permitted(state, asked)
    if refused is not None:
        return refused
    if not timedelta(0) < until_at - at <= LONGEST:
        return Refused(AccountRefusal.HOLD_TOO_LONG, {"days": LONGEST.days})
    return Accepted(until_at - at)


def post(
    hold: Hold | None, amount_fen: int, at: datetime, balance_fen: int
) -> Accepted[Entry] | Refused:
    """The entry that pays out of a hold and ends it; what is not needed is free again.

    After a reversal the account may have less than was promised. Refusals: ``UNKNOWN_ENTRY``,
    ``HOLD_ENDED``, ``NOT_AN_AMOUNT``, ``HOLD_TOO_SMALL``, ``BALANCE_SHORT``.
    """
    refused = _standing(hold, at)
    if hold is None or refused is not None:
        return refused or Refused(AccountRefusal.UNKNOWN_ENTRY)
    if amount_fen <= 0:
        return Refused(AccountRefusal.NOT_AN_AMOUNT)
    if amount_fen > hold.amount_fen:
        facts = {"held": yuan(hold.amount_fen), "amount": yuan(amount_fen)}
        return Refused(AccountRefusal.HOLD_TOO_SMALL, facts)
    if amount_fen > balance_fen:
        facts = {"free": yuan(balance_fen), "amount": yuan(amount_fen)}
        return Refused(AccountRefusal.BALANCE_SHORT, facts)
    return Accepted(to_provider(hold.person_id, hold.provider_no, amount_fen))


def release(hold: Hold | None, at: datetime) -> Accepted[Hold] | Refused:
    """The hold that may be given back; ``UNKNOWN_ENTRY`` or ``HOLD_ENDED`` otherwise."""
    refused = _standing(hold, at)
    if hold is None or refused is not None:
        return refused or Refused(AccountRefusal.UNKNOWN_ENTRY)
    return Accepted(hold)


def _standing(hold: Hold | None, at: datetime) -> Refused | None:
    if hold is None:
        return Refused(AccountRefusal.UNKNOWN_ENTRY)
    return None if hold.stands_at(at) else Refused(AccountRefusal.HOLD_ENDED)
