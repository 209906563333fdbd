"""A large file costs a row a small part of what a registration at the counter costs."""

from __future__ import annotations

import time
from pathlib import Path

from minka.bench.register_file import rows, write_register
from minka.desk.office import Office
from minka.doors.files.workers import Crew
from minka.kit.secret import Clear
from minka.store import people
from minka.store.people import NewPerson
from tests.files.conftest import NewOffice
from tests.files.tables import sole, take

PEOPLE = 20_000
ONE_BY_ONE = 200


def test_twenty_thousand_rows_come_in_at_a_multiple_of_the_counters_rate(
    new_office: NewOffice, two_workers: Crew, tmp_path: Path
) -> None:
    """Ratios, because machines differ: people alone at least twice the rate of single acts."""
    path = tmp_path / "register.csv"
    write_register(path, PEOPLE)
    office, counter = new_office(), new_office()
    slow = _one_by_one(counter)
    begun = time.perf_counter()
    arrival = take(office, path, crew=two_workers)
    quick = (time.perf_counter() - begun) / PEOPLE
    assert arrival.counts["added"] == PEOPLE
    assert take(office, path, "cards", crew=two_workers).counts["added"] == PEOPLE
    assert sole(office, "select count(*) from card_drift") == 0
    print(f"one by one {slow * 1e6:.0f} us, in bulk {quick * 1e6:.0f} us")
    assert slow / quick >= 2, (slow, quick)


def _one_by_one(office: Office) -> float:
    """Seconds for one registration in a commit of its own."""
    someone = [NewPerson("R1", Clear(r[0]), Clear(r[1])) for r in rows(ONE_BY_ONE)]
    begun = time.perf_counter()
    for person in someone:
        with office.register.act() as connection:
            people.add(connection, office.keys, person)
    return (time.perf_counter() - begun) / ONE_BY_ONE
