"""The life of a key as one table, what it may do in each state, and for how often.

| from        | move       | to          | why |
|-------------|------------|-------------|-----|
| pre_active  | activate   | active      | its check value was compared and its day has come |
| active      | suspend    | suspended   | doubt; nothing is done with it until resumed |
| suspended   | resume     | active      | the doubt is gone |
| active, suspended | deactivate | deactivated | replaced: it verifies old cards and makes no new |
| all but destroyed | compromise | compromised | known or believed known to others |
| pre_active, deactivated, compromised | destroy | destroyed | the bytes are gone for ever |

States and moves follow NIST SP 800-57 part 1 (recalled; its further ways out of suspension are
left out). Every move is a privileged act of two people (``approval``); these functions decide only
whether a key admits it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from minka.keys.refusals import KeyRefusal
from minka.keys.table import Level
from minka.keys.vault import KeyName, Purpose
from minka.kit.outcome import Accepted, Refused

TRANSPORT_LIFE = timedelta(days=5 * 365)
"""A transport key serves five years and not a day longer (card specification part 10, 6.2)."""


class KeyState(StrEnum):
    """Where a key is in its life."""

    PRE_ACTIVE = "pre_active"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    DEACTIVATED = "deactivated"
    COMPROMISED = "compromised"
    DESTROYED = "destroyed"


class KeyMove(StrEnum):
    """What can happen to a key."""

    ACTIVATE = "activate"
    SUSPEND = "suspend"
    RESUME = "resume"
    DEACTIVATE = "deactivate"
    COMPROMISE = "compromise"
    DESTROY = "destroy"


class Use(StrEnum):
    """Whether a key makes something new or reads something that was made."""

    PROTECT = "protect"
    """Derives keys of new cards, enciphers, wraps."""
    VERIFY = "verify"
    """Works with cards and messages that exist already."""


MOVES: dict[tuple[KeyState, KeyMove], KeyState] = {
    (KeyState.PRE_ACTIVE, KeyMove.ACTIVATE): KeyState.ACTIVE,
    (KeyState.PRE_ACTIVE, KeyMove.COMPROMISE): KeyState.COMPROMISED,
    (KeyState.PRE_ACTIVE, KeyMove.DESTROY): KeyState.DESTROYED,
    (KeyState.ACTIVE, KeyMove.SUSPEND): KeyState.SUSPENDED,
    (KeyState.ACTIVE, KeyMove.DEACTIVATE): KeyState.DEACTIVATED,
    (KeyState.ACTIVE, KeyMove.COMPROMISE): KeyState.COMPROMISED,
    (KeyState.SUSPENDED, KeyMove.RESUME): KeyState.ACTIVE,
    (KeyState.SUSPENDED, KeyMove.DEACTIVATE): KeyState.DEACTIVATED,
    (KeyState.SUSPENDED, KeyMove.COMPROMISE): KeyState.COMPROMISED,
    (KeyState.DEACTIVATED, KeyMove.COMPROMISE): KeyState.COMPROMISED,
    (KeyState.DEACTIVATED, KeyMove.DESTROY): KeyState.DESTROYED,
    (KeyState.COMPROMISED, KeyMove.DESTROY): KeyState.DESTROYED,
}
"""Every move there is; a pair that is not here is refused."""

_STOPPED: dict[KeyState, KeyRefusal] = {
    KeyState.PRE_ACTIVE: KeyRefusal.NOT_ACTIVE,
    KeyState.SUSPENDED: KeyRefusal.SUSPENDED,
    KeyState.COMPROMISED: KeyRefusal.COMPROMISED,
    KeyState.DESTROYED: KeyRefusal.NOT_ACTIVE,
}
"""States in which a key does nothing at all."""


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key as the register knows it: everything but its bytes; times are aware."""

    name: KeyName
    purpose: Purpose
    level: Level
    check_value: bytes
    state: KeyState = KeyState.PRE_ACTIVE
    active_from: datetime | None = None
    protects_until: datetime | None = None
    """From then on it makes nothing new."""
    verifies_until: datetime | None = None
    """From then on it does nothing; until then it is not destroyed unless compromised."""
    uses: int = 0
    use_limit: int | None = None
    """How often in its life it may protect; None for no limit."""
    ceremony: str = ""
    """The number of the ceremony that brought it."""
    parent: KeyName | None = None
    """The key it was derived from, when it is not a root."""

    @property
    def uses_left(self) -> int | None:
        """How often it may still protect; None for no limit."""
        return None if self.use_limit is None else max(0, self.use_limit - self.uses)


def move(record: KeyRecord, wanted: KeyMove, at: datetime) -> Accepted[KeyRecord] | Refused:
    """The key after a move, or why not: ``NO_SUCH_MOVE``, ``NOT_YET``, ``STILL_NEEDED``."""
    to = MOVES.get((record.state, wanted))
    if to is None:
        facts = {"state": record.state.value, "move": wanted.value}
        return Refused(KeyRefusal.NO_SUCH_MOVE, facts)
    if wanted is KeyMove.ACTIVATE and _before(at, record.active_from):
        return _refused(KeyRefusal.NOT_YET, record, since=record.active_from)
    if wanted is KeyMove.DESTROY and _still_needed(record, at):
        return _refused(KeyRefusal.STILL_NEEDED, record, until=record.verifies_until)
    return Accepted(replace(record, state=to))


def spend(
    record: KeyRecord, use: Use, at: datetime, times: int = 1
) -> Accepted[KeyRecord] | Refused:
    """The key after ``times`` uses (its counter goes up by those that protect), or why not.

    Refused all or nothing: a batch of a thousand cards with 999 uses left makes no card.
    """
    assert times >= 0, "a counter never goes back"
    stopped = _STOPPED.get(record.state) or _over(record, use, at)
    if stopped is not None:
        return _refused(stopped, record, since=record.active_from)
    if use is Use.VERIFY:
        return Accepted(record)
    left = record.uses_left
    if left is not None and times > left:
        return _refused(KeyRefusal.COUNTER_SPENT, record, left=left, wanted=times)
    return Accepted(replace(record, uses=record.uses + times))


def _over(record: KeyRecord, use: Use, at: datetime) -> KeyRefusal | None:
    if _before(at, record.active_from):
        return KeyRefusal.NOT_YET
    if record.verifies_until is not None and at >= record.verifies_until:
        return KeyRefusal.PERIOD_OVER
    if record.purpose is Purpose.TRANSPORT and _outlived(record, at):
        return KeyRefusal.PERIOD_OVER
    ended = record.protects_until is not None and at >= record.protects_until
    if use is Use.PROTECT and (ended or record.state is KeyState.DEACTIVATED):
        return KeyRefusal.ONLY_VERIFIES
    return None


def _outlived(record: KeyRecord, at: datetime) -> bool:
    return record.active_from is not None and at >= record.active_from + TRANSPORT_LIFE


def _still_needed(record: KeyRecord, at: datetime) -> bool:
    return record.state is KeyState.DEACTIVATED and _before(at, record.verifies_until)


def _before(at: datetime, point: datetime | None) -> bool:
    return point is not None and at < point


def _refused(reason: KeyRefusal, record: KeyRecord, **facts: object) -> Refused:
    return Refused(reason, {"key": record.name.name, **facts})
