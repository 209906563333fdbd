"""Exactly once: killed, resumed, run twice at once, or met by a registration in between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from minka.bench.register_file import write_register
from minka.desk.office import Office
from minka.doors.files.refusals import FileFault, FileRefusal
from minka.doors.files.runs import Mode
from minka.doors.files.workers import Crew
from minka.kit.secret import Clear
from minka.store import people
from minka.store.people import NewPerson
from tests.files.conftest import SECRET
from tests.files.tables import number, person, sole, table, take

PEOPLE = 4000
COMMAND = """
import sys
from functools import partial
from pathlib import Path
from minka.cipher.field import SoftFieldKeys
from minka.desk.office import Office
from minka.doors.files.runs import Mode, Order, bring_in
from minka.doors.files.workers import Crew
from minka.law.book import read
from minka.store.connection import Register

def main():
    url, kind, path, mode = sys.argv[1:]
    book, keys = read(), partial(SoftFieldKeys, %r)
    office = Office(register=Register(url, wait_s=10), book=lambda: book, keys=keys())
    order = Order(kind, Path(path), mode=Mode(mode), chunk_rows=100)
    bring_in(office, order, Crew(keys, workers=1))

if __name__ == "__main__":
    main()
"""


def once(office: Office) -> None:
    """Every row stands once: person, number, card, moves and the row's own record."""
    counts = (
        "select (select count(*) from person) || ' ' || (select count(*) from person_registry)"
        " || ' ' || (select count(*) from card) || ' ' || (select count(*) from card_registry)"
        " || ' ' || (select count(*) from card_drift)"
    )
    assert sole(office, counts) == f"{PEOPLE} {PEOPLE} {PEOPLE} {PEOPLE} 0"
    rows = "select count(*) from import_row where outcome = 'added'"
    assert sole(office, rows) == 2 * PEOPLE
    assert sole(office, "select count(*) from import_end") == 2


def started(folder: Path, office: Office, *words: str) -> subprocess.Popen[bytes]:
    """An import in a process of its own."""
    script = folder / "bring_in.py"
    script.write_text(COMMAND % SECRET, encoding="utf-8")
    url = str(office.register._pool.conninfo)
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    return subprocess.Popen([sys.executable, str(script), url, *words], env=environment)


@pytest.mark.parametrize("kind", ["persons", "cards"])
def test_a_killed_import_goes_on_where_it_stopped(
    empty: Office, two_workers: Crew, tmp_path: Path, kind: str
) -> None:
    """Kill -9 in the middle, twice; then every row is there once, and no worker lives on."""
    path = tmp_path / "register.csv"
    write_register(path, PEOPLE)
    if kind == "cards":
        take(empty, path, crew=two_workers)
    for mode, least in (("real", 1), ("resume", 3)):
        running = started(tmp_path, empty, kind, str(path), mode)
        _wait_for_chunks(empty, running, kind, least)
        workers = _children(running.pid)
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
        assert workers, "it sealed in a process of its own"
        _wait_for_end(workers)
    table_of = "person" if kind == "persons" else "card"
    kept = sole(empty, "select count(*) from person") if table_of == "person" else 0
    assert kept < PEOPLE, "it was killed before its end"
    with pytest.raises(FileFault) as fault:
        take(empty, path, kind, crew=two_workers)
    assert fault.value.refused.reason is FileRefusal.BEGUN
    arrival = take(empty, path, kind, crew=two_workers, mode=Mode.RESUME)
    assert arrival.counts["added"] == PEOPLE
    assert 0 < arrival.added_now < PEOPLE
    if kind == "persons":
        take(empty, path, "cards", crew=two_workers)
    once(empty)


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _wait_for_end(pids: list[int]) -> None:
    for _ in range(1000):
        if not any(_lives(pid) for pid in pids):
            return
        time.sleep(0.02)
    raise AssertionError("a worker outlived its import")


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _wait_for_chunks(
    office: Office, running: subprocess.Popen[bytes], kind: str, least: int
) -> None:
    words = "select count(*) from import_chunk join import_run using (run_id)"
    for _ in range(3000):
        done = sole(office, f"{words} where kind = '{kind}'")
        if done >= least or running.poll() is not None:
            break
        time.sleep(0.02)
    assert running.poll() is None, "the import ended before it was killed"


def test_two_imports_of_one_file_at_once_write_each_row_once(
    empty: Office, crew: Crew, tmp_path: Path
) -> None:
    """They take turns, chunk by chunk; together they add every row once."""
    path = tmp_path / "register.csv"
    write_register(path, 400)

    def one(kind: str) -> int:
        arrival = take(empty, path, kind, crew=crew, mode=Mode.RESUME, chunk_rows=20)
        assert arrival.counts["added"] == 400
        return arrival.added_now

    for kind in ("persons", "cards"):
        with ThreadPoolExecutor(2) as pool:
            assert sum(pool.map(one, [kind, kind])) == 400
    assert sole(empty, "select count(*) from person") == 400
    assert sole(empty, "select count(*) from card") == 400
    assert sole(empty, "select count(*) from import_run") == 2


def test_two_files_about_the_same_people_at_once(empty: Office, crew: Crew, tmp_path: Path) -> None:
    """The second to write a person finds him known; no chunk is lost to the collision."""
    rows = [person(n) for n in range(1, 301)]
    paths = [table(tmp_path / "a.csv", rows), table(tmp_path / "b.csv", rows[::-1])]

    def one(path: Path) -> tuple[int, int]:
        arrival = take(empty, path, crew=crew, chunk_rows=25)
        return arrival.counts["added"], arrival.counts["known"]

    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(one, paths))
    assert sum(added for added, _ in counts) == 300
    assert sum(known for _, known in counts) == 300
    assert sole(empty, "select count(*) from person") == 300


def test_a_registration_at_the_counter_in_between_is_met(
    empty: Office, crew: Crew, tmp_path: Path
) -> None:
    """The same person from a clerk: known when the content is the same, else a conflict."""
    with empty.register.act() as connection:
        for serial, name in ((1, "陈晓岚"), (2, "另一人")):
            someone = NewPerson("R1", Clear(number(serial)), Clear(name))
            people.add(connection, empty.keys, someone)
    rows = [person(n) for n in range(1, 4)]
    arrival = take(empty, table(tmp_path / "a.csv", rows), crew=crew)
    assert dict(arrival.counts) == {
        "added": 1,
        "known": 1,
        "repeated": 0,
        "refused": 1,
        "warned": 0,
    }


def test_an_ended_import_can_be_asked_again(empty: Office, crew: Crew, tmp_path: Path) -> None:
    """--resume after the end adds nothing and gives the refused rows once more."""
    path = table(tmp_path / "a.csv", [person(1), person(2, name="?")])
    first = take(empty, path, crew=crew)
    again = take(empty, path, crew=crew, mode=Mode.RESUME)
    assert again.run == first.run or again.run is not None
    assert (again.added_now, again.counts["added"]) == (0, 1)
    assert [end.line for end in again.refused] == [end.line for end in first.refused] == [3]
    assert sole(empty, "select count(*) from import_run") == 1
