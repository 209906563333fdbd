"""Rotation leaves no day without a key and no card without its version (I1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minka.keys.lifecycle import KeyRecord, KeyState
from minka.keys.refusals import KeyRefusal
from minka.keys.rotation import Rotation, for_card, for_new, rotate, verifying
from minka.keys.table import Level
from minka.keys.vault import KeyName, Purpose
from minka.kit.outcome import Accepted, Refused

NOW = datetime(2026, 5, 6, 2, tzinfo=UTC)
YEAR = timedelta(days=365)


def _key(version: int, state: KeyState = KeyState.ACTIVE) -> KeyRecord:
    name = KeyName("UK1DF01", version)
    return KeyRecord(name, Purpose.EXTERNAL, Level.PROVINCE, bytes([version]) * 5, state)


def _said(found: Accepted[KeyRecord] | Accepted[Rotation] | Refused) -> KeyRefusal | None:
    if isinstance(found, Accepted):
        return None
    assert isinstance(found.reason, KeyRefusal)
    return found.reason


def _rotated(on: datetime, until: datetime) -> tuple[KeyRecord, KeyRecord]:
    found = rotate([_key(1)], _key(2), on=on, old_verifies_until=until, now=NOW)
    assert isinstance(found, Accepted)
    return found.value.old, found.value.new


def test_the_new_version_makes_cards_from_its_day_and_the_old_one_verifies_on() -> None:
    """I1: the change on one instant, ten years of overlap for the cards in the field."""
    pair = _rotated(NOW + YEAR, NOW + 11 * YEAR)
    for at, making, reading in (
        (NOW, 1, [1]),
        (NOW + YEAR - timedelta(microseconds=1), 1, [1]),
        (NOW + YEAR, 2, [2, 1]),
        (NOW + 10 * YEAR, 2, [2, 1]),
        (NOW + 11 * YEAR, 2, [2]),
    ):
        new = for_new(pair, at)
        assert isinstance(new, Accepted)
        assert new.value.name.version == making
        assert [v.name.version for v in verifying(pair, at)] == reading
    assert _said(for_card(pair, 1, NOW + 10 * YEAR)) is None
    assert _said(for_card(pair, 1, NOW + 11 * YEAR)) is KeyRefusal.PERIOD_OVER
    assert _said(for_card(pair, 2, NOW)) is KeyRefusal.NOT_YET
    assert _said(for_card(pair, 3, NOW)) is KeyRefusal.UNKNOWN


@given(change=st.integers(0, 4000), overlap=st.integers(1, 4000), day=st.integers(0, 9000))
def test_there_is_no_day_on_which_no_version_makes_cards(
    change: int, overlap: int, day: int
) -> None:
    """I1: whatever the dates, one version makes cards, and the version that does verifies too."""
    on = NOW + timedelta(days=change)
    pair = _rotated(on, on + timedelta(days=overlap))
    at = NOW + timedelta(days=day)
    found = for_new(pair, at)
    assert isinstance(found, Accepted)
    assert found.value in verifying(pair, at)


@pytest.mark.parametrize(
    ("versions", "new", "on", "until", "wanted"),
    [
        ([1], 2, 0, 1, None),
        ([], 1, 0, 1, KeyRefusal.UNKNOWN),
        ([1], 3, 0, 1, KeyRefusal.VERSION_NOT_NEXT),
        ([1, 2], 2, 0, 1, KeyRefusal.VERSION_NOT_NEXT),
        ([1], 2, -1, 1, KeyRefusal.ROTATION_DATES),
        ([1], 2, 1, 1, KeyRefusal.ROTATION_DATES),
        ([2, 1], 3, 0, 1, None),
        ([3, 1, 2], 4, 0, 1, KeyRefusal.TOO_MANY_VERSIONS),
    ],
)
def test_why_a_rotation_is_refused(
    versions: list[int], new: int, on: int, until: int, wanted: KeyRefusal | None
) -> None:
    """I1: the next version of the same key, not in the past, at most three on a card."""
    found = rotate(
        [_key(v) for v in versions],
        _key(new),
        on=NOW + on * YEAR,
        old_verifies_until=NOW + until * YEAR,
        now=NOW,
    )
    assert _said(found) is wanted


@pytest.mark.parametrize(
    "change",
    [
        {"purpose": Purpose.MASTER},
        {"level": Level.MINISTRY},
        {"name": KeyName("UK2DF01", 2)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_version_is_of_the_same_key(change: dict[str, object]) -> None:
    """K3: purpose, level and name stay as they are."""
    new = replace(_key(2), **change)  # type: ignore[arg-type]
    found = rotate([_key(1)], new, on=NOW, old_verifies_until=NOW + YEAR, now=NOW)
    assert _said(found) is KeyRefusal.VERSION_NOT_NEXT


def test_a_fourth_version_may_come_when_the_first_has_ended() -> None:
    """I1: three at once is what a card holds; ended ones do not count."""
    first = replace(_key(1), verifies_until=NOW)
    versions = [first, _key(2), _key(3)]
    found = rotate(versions, _key(4), on=NOW, old_verifies_until=NOW + YEAR, now=NOW)
    assert isinstance(found, Accepted)


def test_a_compromised_version_is_replaced_and_verifies_nothing() -> None:
    """I1: rotation out of a leak leaves no overlap, whatever dates are given."""
    leaked = _key(1, KeyState.COMPROMISED)
    found = rotate([leaked], _key(2), on=NOW, old_verifies_until=NOW + YEAR, now=NOW)
    assert isinstance(found, Accepted)
    pair = (found.value.old, found.value.new)
    assert found.value.old == leaked
    assert [v.name.version for v in verifying(pair, NOW)] == [2]
    assert _said(for_card(pair, 1, NOW)) is KeyRefusal.COMPROMISED


def test_the_newest_version_says_why_none_makes_cards() -> None:
    """I1: suspended, spent, or not there at all."""
    assert _said(for_new([], NOW)) is KeyRefusal.UNKNOWN
    old = replace(_key(1), protects_until=NOW)
    spent = replace(_key(2), use_limit=5, uses=5)
    assert _said(for_new([old, spent], NOW)) is KeyRefusal.COUNTER_SPENT
    assert _said(for_new([old, _key(2, KeyState.SUSPENDED)], NOW)) is KeyRefusal.SUSPENDED
