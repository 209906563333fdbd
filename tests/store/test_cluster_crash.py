"""Our own PostgreSQL after kill -9, half-made starts and rivals (issue: Database, Shows)."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from minka.store import cluster as clusters
from minka.store.cluster import Cluster
from tests.store.clusters import ROOT, new_folder, query, run


@pytest.fixture
def folder() -> Iterator[Path]:
    """A place for one test's own cluster."""
    with new_folder() as place:
        yield place


def write_until_broken(url: str, acknowledged: list[int]) -> None:
    """Insert 0, 1, 2 … one commit each, noting what was acknowledged, until the server dies."""
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            for number in range(len(acknowledged), 1_000_000):
                connection.execute("INSERT INTO written VALUES (%s)", (number,))
                acknowledged.append(number)
    except psycopg.OperationalError:
        return


def family(pid: int) -> list[int]:
    """A process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [pid, *map(int, children.split())]


def only(pid: int) -> list[int]:
    """A process without its children, which are left to notice."""
    return [pid]


def crash_under_load(cluster: Cluster, victims: Callable[[int], list[int]]) -> list[int]:
    """Kill the server without warning while it writes; what had been acknowledged."""
    acknowledged = [int(str(row[0])) for row in query(cluster.url(), "TABLE written")]
    writer = threading.Thread(target=write_until_broken, args=(cluster.url(), acknowledged))
    writer.start()
    time.sleep(0.2)
    for pid in victims(cluster.pid()):
        os.kill(pid, 9)
    writer.join(timeout=30)
    assert not writer.is_alive()
    return acknowledged


def prove_crash_safe(folder: Path, rounds: int) -> None:
    """Kill and start again: all that was acknowledged is there, and at most one more."""
    cluster = clusters.start(folder)
    run(cluster.url(), "CREATE TABLE written (number int PRIMARY KEY)")
    for turn in range(rounds):
        acknowledged = crash_under_load(cluster, family if turn % 2 else only)
        cluster = clusters.start(folder)
        stored = [row[0] for row in query(cluster.url(), "SELECT * FROM written ORDER BY 1")]
        assert stored[: len(acknowledged)] == acknowledged
        assert len(stored) - len(acknowledged) in (0, 1)
    assert len(stored) > rounds


def test_killed_server_starts_clean_with_every_acknowledged_row(folder: Path) -> None:
    """Kill -9 of the server alone and of all its processes; what was acknowledged stays."""
    prove_crash_safe(folder, rounds=4)


@pytest.mark.nightly
def test_two_hundred_kills_lose_nothing(folder: Path) -> None:
    """The same two hundred times (issue: Shows)."""
    prove_crash_safe(folder, rounds=200)


def test_reused_process_number_is_no_obstacle(folder: Path) -> None:
    """After a crash the old server's number may belong to a stranger, such as this test."""
    clusters.start(folder).stop()
    lines = [str(os.getpid()), f"{folder}/data", "0", "5432", "", "", "0", "ready", ""]
    (folder / "data" / "postmaster.pid").write_text("\n".join(lines))
    assert clusters.running(folder) is None
    assert query(clusters.start(folder).url(), "SELECT 1") == [(1,)]


def test_start_killed_half_way_leaves_nothing_in_the_way(folder: Path) -> None:
    """Data appear all at once: half-made ones are made anew."""
    folder.mkdir(mode=0o711)
    folder.chmod(0o711)
    (folder / "data.new").mkdir()
    (folder / "data.new" / "PG_VERSION").write_text("3\n")
    assert query(clusters.start(folder).url(), "SELECT 1") == [(1,)]
    assert not (folder / "data.new").exists()


def test_of_two_starts_at_once_one_wins(folder: Path) -> None:
    """The other is refused in a sentence; there is one server."""
    words = "import sys, pathlib; from minka.store.cluster import ClusterFault, start\n"
    words += "try: print('started', start(pathlib.Path(sys.argv[1])).port)\n"
    words += "except ClusterFault as fault: print(fault)"
    rivals = [
        subprocess.Popen(
            [sys.executable, "-c", words, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    said = sorted(rival.communicate(timeout=60)[0] for rival in rivals)
    assert [line for line in said if line.startswith("started")] == said[-1:]
    assert all("already running" in line for line in said[:-1])
