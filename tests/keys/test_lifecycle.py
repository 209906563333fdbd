"""The life of a key: every move in every state, every use in every state, and the counter (I1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minka.keys.lifecycle import MOVES, KeyMove, KeyRecord, KeyState, Use, move, spend
from minka.keys.refusals import KeyRefusal
from minka.keys.table import Level
from minka.keys.vault import KeyName, Purpose
from minka.kit.outcome import Accepted, Refused

NOW = datetime(2026, 5, 6, 2, tzinfo=UTC)
DAY = timedelta(days=1)
KEY = KeyRecord(KeyName("UK1DF01"), Purpose.EXTERNAL, Level.PROVINCE, bytes(5))

LIVES = """
            activate suspend   resume deactivate  compromise  destroy
pre_active  active   -         -      -           compromised destroyed
active      -        suspended -      deactivated compromised -
suspended   -        -         active deactivated compromised -
deactivated -        -         -      -           compromised destroyed
compromised -        -         -      -           -           destroyed
destroyed   -        -         -      -           -           -
"""


def _cells() -> list[tuple[KeyState, KeyMove, str]]:
    head, *lines = [line.split() for line in LIVES.strip().splitlines()]
    return [
        (KeyState(state), KeyMove(name), to)
        for state, *row in lines
        for name, to in zip(head, row, strict=True)
    ]


@pytest.mark.parametrize(("state", "wanted", "to"), _cells())
def test_every_cell_of_the_table(state: KeyState, wanted: KeyMove, to: str) -> None:
    """I1: 36 cells of state and move; what is not in the table is refused by name."""
    found = move(replace(KEY, state=state), wanted, NOW)
    if to == "-":
        assert isinstance(found, Refused)
        assert found.reason is KeyRefusal.NO_SUCH_MOVE
    else:
        assert found == Accepted(replace(KEY, state=KeyState(to)))


def test_the_table_above_is_the_whole_table() -> None:
    """I1: no move is possible that a reader of this file does not see; destroyed is the end."""
    assert len(_cells()) == len(KeyState) * len(KeyMove)
    assert {(s, m) for s, m, to in _cells() if to != "-"} == set(MOVES)
    assert not [m for (s, m) in MOVES if s is KeyState.DESTROYED]


USES = """
            protect       verify
pre_active  not_active    not_active
active      yes           yes
suspended   suspended     suspended
deactivated only_verifies yes
compromised compromised   compromised
destroyed   not_active    not_active
"""


@pytest.mark.parametrize("line", USES.strip().splitlines()[1:], ids=lambda line: line.split()[0])
def test_what_a_key_does_in_each_state(line: str) -> None:
    """I1, K3: only an active key makes something new; a compromised one not even verifies."""
    state, *answers = line.split()
    for use, wanted in zip(Use, answers, strict=True):
        found = spend(replace(KEY, state=KeyState(state)), use, NOW)
        said = "yes" if isinstance(found, Accepted) else found.reason.name.lower()
        assert said == wanted


@pytest.mark.parametrize(
    ("use", "at", "wanted"),
    [
        (Use.PROTECT, -1, KeyRefusal.NOT_YET),
        (Use.PROTECT, 0, None),
        (Use.PROTECT, 9, None),
        (Use.PROTECT, 10, KeyRefusal.ONLY_VERIFIES),
        (Use.VERIFY, -1, KeyRefusal.NOT_YET),
        (Use.VERIFY, 10, None),
        (Use.VERIFY, 19, None),
        (Use.VERIFY, 20, KeyRefusal.PERIOD_OVER),
        (Use.PROTECT, 20, KeyRefusal.PERIOD_OVER),
    ],
)
def test_dates_say_what_a_key_does_whether_or_not_anything_runs(
    use: Use, at: int, wanted: KeyRefusal | None
) -> None:
    """I1: from day 0, new cards until day 10, old cards until day 20; the first instant counts."""
    record = replace(
        KEY,
        state=KeyState.ACTIVE,
        active_from=NOW,
        protects_until=NOW + 10 * DAY,
        verifies_until=NOW + 20 * DAY,
    )
    found = spend(record, use, NOW + at * DAY)
    assert (found.reason if isinstance(found, Refused) else None) is wanted


def test_a_key_begins_on_its_day_and_is_kept_while_cards_need_it() -> None:
    """I1: NOT_YET before its day; STILL_NEEDED until its last card ended, unless compromised."""
    coming = replace(KEY, active_from=NOW + DAY)
    early = move(coming, KeyMove.ACTIVATE, NOW)
    assert isinstance(early, Refused)
    assert early.reason is KeyRefusal.NOT_YET
    assert isinstance(move(coming, KeyMove.ACTIVATE, NOW + DAY), Accepted)
    old = replace(KEY, state=KeyState.DEACTIVATED, verifies_until=NOW + DAY)
    kept = move(old, KeyMove.DESTROY, NOW)
    assert isinstance(kept, Refused)
    assert kept.reason is KeyRefusal.STILL_NEEDED
    assert isinstance(move(old, KeyMove.DESTROY, NOW + DAY), Accepted)
    leaked = replace(old, state=KeyState.COMPROMISED)
    assert isinstance(move(leaked, KeyMove.DESTROY, NOW), Accepted)


@given(
    limit=st.integers(0, 50),
    batches=st.lists(st.tuples(st.sampled_from(Use), st.integers(1, 20)), max_size=20),
)
def test_a_counter_never_goes_beyond_its_limit(limit: int, batches: list[tuple[Use, int]]) -> None:
    """I1: uses are those of batches that were accepted whole; verifying costs nothing."""
    record, made = replace(KEY, state=KeyState.ACTIVE, use_limit=limit), 0
    for use, times in batches:
        found = spend(record, use, NOW, times)
        if use is Use.VERIFY:
            assert found == Accepted(record)
        elif made + times <= limit:
            made += times
            assert isinstance(found, Accepted)
            record = found.value
        else:
            assert isinstance(found, Refused)
            assert found.reason is KeyRefusal.COUNTER_SPENT
            assert found.facts["left"] == limit - made
        assert (record.uses, record.uses_left) == (made, limit - made)


def test_a_key_without_a_limit_has_none() -> None:
    """I1: None is no limit, zero is one."""
    record = replace(KEY, state=KeyState.ACTIVE)
    found = spend(record, Use.PROTECT, NOW, 10**9)
    assert isinstance(found, Accepted)
    assert found.value.uses_left is None


@pytest.mark.parametrize("use", Use)
def test_a_transport_key_serves_five_years(use: Use) -> None:
    """I1: whatever its own dates say; other keys follow theirs alone."""
    end = NOW + 1825 * DAY
    record = replace(KEY, state=KeyState.ACTIVE, purpose=Purpose.TRANSPORT, active_from=NOW)
    assert isinstance(spend(record, use, end - timedelta(microseconds=1)), Accepted)
    late = spend(record, use, end)
    assert isinstance(late, Refused)
    assert late.reason is KeyRefusal.PERIOD_OVER
    assert isinstance(spend(replace(record, purpose=Purpose.MASTER), use, end), Accepted)
