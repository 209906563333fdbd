"""Changing a key for its next version without a day on which a card is left alone.

Versions overlap: from the day of the change the new one makes new cards, the old one still verifies
the cards it made until the last of them has ended. A card holds up to three versions of a key
(card-chip §9.1), so no more may be in use at once. A key's own dates say all of it; nothing has to
run on the day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from minka.keys.lifecycle import KeyRecord, KeyState, Use, spend
from minka.keys.refusals import KeyRefusal
from minka.kit.outcome import Accepted, Refused

MOST_VERSIONS = 3

_ENDED = frozenset({KeyState.COMPROMISED, KeyState.DESTROYED})


@dataclass(frozen=True, slots=True)
class Rotation:
    """The two versions with their dates, as they are to be written down together."""

    old: KeyRecord
    new: KeyRecord


def for_new(versions: Sequence[KeyRecord], at: datetime) -> Accepted[KeyRecord] | Refused:
    """The version that makes new cards at an instant: the newest that may.

    Refused with the newest version's own reason; ``UNKNOWN`` when there is none.
    """
    return _first(versions, Use.PROTECT, at)


def for_card(
    versions: Sequence[KeyRecord], version: int, at: datetime
) -> Accepted[KeyRecord] | Refused:
    """The version a card was made with, while it may still verify."""
    return _first([v for v in versions if v.name.version == version], Use.VERIFY, at)


def verifying(versions: Sequence[KeyRecord], at: datetime) -> tuple[KeyRecord, ...]:
    """Every version that still verifies at an instant, the newest first."""
    return tuple(
        record
        for record in _newest_first(versions)
        if isinstance(spend(record, Use.VERIFY, at), Accepted)
    )


def rotate(
    versions: Sequence[KeyRecord],
    new: KeyRecord,
    *,
    on: datetime,
    old_verifies_until: datetime,
    now: datetime,
) -> Accepted[Rotation] | Refused:
    """The newest version and its successor with the dates of a change.

    ``old_verifies_until`` is when the last card of the old version ends. Refusals, in order:
    ``UNKNOWN``, ``VERSION_NOT_NEXT``, ``ROTATION_DATES``, ``TOO_MANY_VERSIONS``. A compromised old
    version is left as it is: it verifies nothing, whatever the dates.
    """
    if not versions:
        return Refused(KeyRefusal.UNKNOWN, {"key": new.name.name, "version": new.name.version})
    old = _newest_first(versions)[0]
    if not _follows(old, new):
        return Refused(KeyRefusal.VERSION_NOT_NEXT, {"wanted": old.name.version + 1})
    if on < now or old_verifies_until <= on:
        return Refused(KeyRefusal.ROTATION_DATES)
    kept = [v for v in verifying(versions, on) if v.name != old.name]
    if len(kept) + 2 > MOST_VERSIONS:
        return Refused(KeyRefusal.TOO_MANY_VERSIONS, {"most": MOST_VERSIONS})
    begun = replace(new, active_from=on)
    if old.state in _ENDED:
        return Accepted(Rotation(old, begun))
    ended = replace(old, protects_until=on, verifies_until=old_verifies_until)
    return Accepted(Rotation(ended, begun))


def _follows(old: KeyRecord, new: KeyRecord) -> bool:
    return (
        new.name.name == old.name.name
        and new.name.version == old.name.version + 1
        and (new.purpose, new.level) == (old.purpose, old.level)
    )


def _first(versions: Sequence[KeyRecord], use: Use, at: datetime) -> Accepted[KeyRecord] | Refused:
    reason: Refused | None = None
    for record in _newest_first(versions):
        found = spend(record, use, at, 0 if use is Use.VERIFY else 1)
        if isinstance(found, Accepted):
            return Accepted(record)
        reason = reason or found
    return reason or Refused(KeyRefusal.UNKNOWN)


def _newest_first(versions: Sequence[KeyRecord]) -> list[KeyRecord]:
    return sorted(versions, key=lambda record: -record.name.version)
