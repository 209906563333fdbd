"""The PIN of a card: standing, tries and lock as intervals over what happened, never a timer.

| standing | since | until |
|---|---|---|
| not_set | the card exists | the holder sets a first PIN; there is no default one |
| good | it was set, changed or reset | |
| locked | the wrong PIN that filled the row of tries | the law's time, or a reset |
| lost | it was reported lost | a reset |

Wrong PINs are counted since the last right one; a lock that ended does not forget them.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from minka.cards.pin_refusals import PinRefusal
from minka.cards.pin_weak import Holder, weakness
from minka.kit.clock import china_text
from minka.kit.outcome import Accepted, Refused
from minka.kit.secret import Clear
from minka.law.pins import PinLaw


class PinStanding(StrEnum):
    """What a PIN is worth at an instant; only ``GOOD`` can be tried."""

    NOT_SET = "not_set"
    GOOD = "good"
    LOCKED = "locked"
    LOCKED_UNTIL_RESET = "locked_until_reset"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class PinState:
    """The PIN of one card as the register has it; ``value`` stands in the place of the PIN.

    Source of ``value``: ``cipher.pin.verification_value``.
    """

    value: bytes = b""
    wrong: int = 0
    last_wrong_at: datetime | None = None
    lost_at: datetime | None = None
    version: int = 0
    """Counts what happened; a write that saw another version is done again."""

    def locked_until(self, law: PinLaw) -> datetime | None:
        """The end of the last lock, past or future; None when there is none or it has no end."""
        if self.last_wrong_at is None or law.lock is None or not self.wrong:
            return None
        return self.last_wrong_at + law.lock if self.wrong % law.tries == 0 else None

    def standing_at(self, law: PinLaw, at: datetime) -> PinStanding:
        """The standing at an instant."""
        if self.lost_at is not None and self.lost_at <= at:
            return PinStanding.LOST
        if not self.value:
            return PinStanding.NOT_SET
        if self.wrong >= law.most_wrong or (law.lock is None and self.wrong >= law.tries):
            return PinStanding.LOCKED_UNTIL_RESET
        until = self.locked_until(law)
        return PinStanding.LOCKED if until is not None and at < until else PinStanding.GOOD

    def left(self, law: PinLaw) -> int:
        """Wrong PINs that are still possible before the next lock."""
        in_row = law.tries - self.wrong % law.tries
        return max(min(in_row, law.most_wrong - self.wrong), 0)


@dataclass(frozen=True, slots=True)
class Tried:
    """A PIN was tried: the state to write whatever else becomes of the act, and the refusal."""

    state: PinState
    refused: Refused | None = None


def try_pin(state: PinState, value: bytes, law: PinLaw, at: datetime) -> Tried:
    """Compare a PIN's value with the stored one and move the counter.

    Refusals: ``PIN_NOT_SET``, ``PIN_LOST``, ``PIN_LOCKED``, ``PIN_LOCKED_UNTIL_RESET`` (nothing is
    compared then), ``PIN_WRONG``, or the lock that this wrong PIN set.
    """
    stopped = _stopped(state, law, at)
    if stopped is not None:
        return Tried(state, stopped)
    if hmac.compare_digest(state.value, value):
        return Tried(_after_right(state))
    moved = replace(state, wrong=state.wrong + 1, last_wrong_at=at, version=state.version + 1)
    refused = _stopped(moved, law, at) or Refused(PinRefusal.PIN_WRONG, {"left": moved.left(law)})
    return Tried(moved, refused)


def _after_right(state: PinState) -> PinState:
    """Nothing moves when nothing was wrong before: a right PIN writes no row."""
    if not state.wrong:
        return state
    return replace(state, wrong=0, last_wrong_at=None, version=state.version + 1)


def _stopped(state: PinState, law: PinLaw, at: datetime) -> Refused | None:
    match state.standing_at(law, at):
        case PinStanding.GOOD:
            return None
        case PinStanding.LOST:
            return Refused(PinRefusal.PIN_LOST)
        case PinStanding.NOT_SET:
            return Refused(PinRefusal.PIN_NOT_SET)
        case PinStanding.LOCKED_UNTIL_RESET:
            return Refused(PinRefusal.PIN_LOCKED_UNTIL_RESET)
        case PinStanding.LOCKED:
            until = state.locked_until(law)
            assert until is not None, "a lock that is not until a reset has an end"
            return Refused(PinRefusal.PIN_LOCKED, {"until": china_text(until)})


def choose(pin: Clear, holder: Holder, law: PinLaw) -> Refused | None:
    """Whether a new PIN may be taken: ``PIN_LENGTH``, ``PIN_WEAK`` with the habit, or None."""
    digits = pin.reveal()
    if not (len(digits) == law.length and digits.isascii() and digits.isdecimal()):
        return Refused(PinRefusal.PIN_LENGTH, {"length": law.length})
    why = weakness(pin, holder)
    return None if why is None else Refused(PinRefusal.PIN_WEAK, {"why": why.value})


def set_first(state: PinState, value: bytes) -> Accepted[PinState] | Refused:
    """The first PIN of a card: ``PIN_LOST`` or ``PIN_ALREADY_SET`` when there was one before."""
    if state.lost_at is not None:
        return Refused(PinRefusal.PIN_LOST)
    if state.value:
        return Refused(PinRefusal.PIN_ALREADY_SET)
    return Accepted(_fresh(state, value))


def change(state: PinState, value: bytes) -> Accepted[PinState] | Refused:
    """Another PIN after the old one was tried and right: ``PIN_SAME``."""
    if hmac.compare_digest(state.value, value):
        return Refused(PinRefusal.PIN_SAME)
    return Accepted(_fresh(state, value))


def report_lost(state: PinState, at: datetime) -> Accepted[PinState] | Refused:
    """The PIN is of no use from now on: ``PIN_ALREADY_LOST``, ``PIN_NOT_SET``."""
    if state.lost_at is not None:
        return Refused(PinRefusal.PIN_ALREADY_LOST)
    if not state.value:
        return Refused(PinRefusal.PIN_NOT_SET)
    return Accepted(replace(state, lost_at=at, version=state.version + 1))


def reset(state: PinState, value: bytes) -> Accepted[PinState] | Refused:
    """A new PIN in the place of one that is lost or locked: ``PIN_NOT_SET``, ``PIN_SAME``."""
    if not state.value:
        return Refused(PinRefusal.PIN_NOT_SET)
    if hmac.compare_digest(state.value, value):
        return Refused(PinRefusal.PIN_SAME)
    return Accepted(_fresh(state, value))


def _fresh(state: PinState, value: bytes) -> PinState:
    return PinState(value=value, version=state.version + 1)


def account_digits(card_number: str) -> str:
    """The twelve digits PIN blocks of a card are bound to.

    A number of digits: its last twelve without the check digit, as ISO 9564-1 says. A social
    security card's number: its letter as two digits (A = 10 … Z = 35), then its seven digits,
    without the check character, zeros in front; that rule is ours.
    """
    body = card_number[:-1]
    spelt = "".join(str(int(c, 36)) if c.isascii() and c.isalnum() else "" for c in body)
    return spelt[-12:].rjust(12, "0")
