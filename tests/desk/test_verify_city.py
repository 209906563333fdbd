"""The demo city verifies, and so does a register that the switch itself wrote to: P7, I6."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from minka.bench import care_city, settle_checks
from minka.bench.city import laws_now, seed_people
from minka.bench.people import invent
from minka.bench.settle_race import race_settling
from minka.desk.allocate import AllocateMonth, allocate_month
from minka.desk.office import Office
from minka.desk.verify import Verified, verify
from minka.store.connection import Register
from tests.desk.town import request


def test_the_demo_city_has_no_differences(office: Office, tmp_path: Path) -> None:
    """Everything that was seeded can be derived again, and a month allocated on top of it."""
    laws = [law for law in laws_now(office) if law.id in ("R1", "R2")]
    seed_people(office, laws)
    codes = {law.id: law.administrative_code for law in laws}
    assert care_city.seed_care(office, tmp_path, laws, invent(codes)) > 100
    found = verify(office.register)
    assert (found.differences, found.shown) == (0, ())
    assert found.accounts > 100
    with office.register.act() as connection:
        areas = connection.execute("select area from pooling_area").fetchall()
    today = datetime.now(UTC).date()
    done = [
        allocate_month(office, request(), AllocateMonth(each["area"], today)).people
        for each in areas
    ]
    assert sum(done) > 50
    assert verify(office.register).differences == 0


@pytest.mark.nightly
def test_a_raced_register_has_no_differences(monkeypatch: pytest.MonkeyPatch) -> None:
    """After settlements over HTTP at full load against loss reports: every check, every trace."""
    seen: list[Verified] = []

    def check(url: str, keys: list[tuple[int, int]]) -> object:
        register = Register(url)
        seen.append(verify(register))
        register.close()
        return settle_checks.check(url, keys)

    monkeypatch.setattr("minka.bench.settle_race.check", check)
    race_settling(25)
    assert seen[0].settlements > 100
    assert (seen[0].differences, seen[0].shown) == (0, ())
