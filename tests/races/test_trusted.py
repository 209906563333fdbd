"""Trusted time on a real register: the mark, the bounds, and a server whose clock is set (P10)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from minka.bench.crowd import settle
from minka.bench.errands import Errand, carry_out
from minka.bench.race import Line
from minka.bench.scratch import scratch_cluster, scratch_office
from minka.bench.stepping import FalseTime, NoFakeTimeError, faketime_words, false_time
from minka.desk.office import Office
from minka.doors import trusted
from minka.doors.trusted import TrustedTime, mark_time, trusted_time
from minka.kit.clock import Fence, monotonic_ns, wall
from minka.store import cards
from minka.store.connection import Register

DAY = timedelta(days=1)
SOON = timedelta(minutes=5)


@pytest.fixture
def register(database_url: str) -> Iterator[Register]:
    """A register of a few connections, without any mark."""
    register = Register(database_url, size=4, wait_s=5)
    with register.act() as connection:
        connection.execute("reset role")
        connection.execute("delete from time_mark")
    yield register
    register.close()


def marked(register: Register) -> datetime | None:
    """The mark as it stands in the register."""
    with register.act() as connection:
        found = connection.execute("select at from time_mark").fetchone()
    return found["at"] if found else None


def test_a_bench_believes_its_clock_and_leaves_a_mark(register: Register) -> None:
    """The next start has something to compare with."""
    fence = trusted_time(register)
    assert not fence.holds
    mark = marked(register)
    assert mark is not None
    assert abs(mark - wall()) < SOON


def test_a_process_that_starts_again_keeps_its_time(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P10: the machine's clock was set eleven days on; the mark of this boot knows better."""
    trusted_time(register)
    honest = wall()
    monkeypatch.setattr(trusted, "wall", lambda: honest + 11 * DAY)
    fence = trusted_time(register)
    assert not fence.holds
    assert abs(fence.now(monotonic_ns()) - honest) < SOON


def test_a_machine_that_starts_again_holds_in_a_real_city(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P10: too few sources after a restart; time counts on from the mark, blocks stand longer."""
    honest = wall()
    mark_time(register, Fence(honest - DAY, monotonic_ns()))
    monkeypatch.setattr(trusted, "_boot_id", lambda: "another boot")
    monkeypatch.setattr(trusted, "wall", lambda: honest + 11 * DAY)
    monkeypatch.setenv("MINKA_TIME_STRICT", "1")
    clock = TrustedTime(register)
    assert clock.holds() == "too few time sources"
    bound = clock.bound()
    assert bound is not None
    assert abs(bound - (honest - DAY)) < SOON
    assert abs(clock.slack() - 12 * DAY) < SOON
    assert marked(register) == pytest.approx(honest - DAY, abs=SOON), "doubt leaves no mark"


def test_the_mark_never_goes_back(register: Register) -> None:
    """A slower neighbour does not rewrite what was trusted already."""
    later, now = wall() + DAY, monotonic_ns()
    mark_time(register, Fence(later, now))
    mark_time(register, Fence(later - DAY, now))
    assert abs((marked(register) or wall()) - later) < SOON


def test_without_a_register_the_clock_of_the_machine_is_all_there_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The process starts all the same; a real city then holds until it can ask."""
    nowhere = Register("postgresql://nobody@127.0.0.1:1/none", wait_s=1)
    assert not trusted_time(nowhere).holds
    monkeypatch.setenv("MINKA_TIME_STRICT", "1")
    assert trusted_time(nowhere).holds
    nowhere.close()


@pytest.mark.parametrize(
    ("fence", "expected"),
    [
        (datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)),
        (datetime(2090, 1, 1, tzinfo=UTC), datetime(2089, 12, 31, 23, 59, 56, tzinfo=UTC)),
    ],
)
def test_the_register_stays_by_the_fence(
    register: Register, fence: datetime, expected: datetime
) -> None:
    """Never beyond it, and never more than four seconds behind, whatever the clock says."""
    with register.act() as connection:
        assert cards.now(connection, fence) == expected


@pytest.fixture
def lying(tmp_path: Path) -> Iterator[tuple[FalseTime, Office]]:
    """An office with trusted time over a server whose clock can be set by libfaketime."""
    try:
        faketime_words(tmp_path)
    except NoFakeTimeError as missing:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(missing))
    with false_time() as stamp, scratch_cluster({}, faketime_words(stamp.path)) as cluster:
        line = Line(cluster.url(), lambda: None)
        honest = Fence(wall(), monotonic_ns())
        plain = scratch_office(line, bytes(32))
        office = Office(plain.register, plain.book, plain.keys, lambda: honest.now(monotonic_ns()))
        settle(office, "R1", 2)
        yield stamp, office
        line.close()


def test_a_server_clock_that_is_set_neither_frees_a_card_nor_shortens_a_block(
    lying: tuple[FalseTime, Office],
) -> None:
    """P10 end to end: eleven days forward frees nothing; eleven days back shortens nothing."""
    stamp, office = lying

    def code(act: str, serial: int, nth: int) -> str:
        return carry_out(office, Errand(f"{act}-{serial}-{nth}", act, serial, "")).code

    assert code("report", 0, 1) == "accepted"
    stamp.say(11 * 86_400_000)
    assert code("use", 0, 1) == "cards.provisional_loss"
    stamp.say(-11 * 86_400_000)
    answer = carry_out(office, Errand("report-1", "report", 1, ""))
    lapses = datetime.fromisoformat(answer.facts["lapses_at"])
    assert abs(lapses - (wall() + 10 * DAY)) < SOON
    stamp.say(0)
    assert code("use", 1, 1) == "cards.provisional_loss"
