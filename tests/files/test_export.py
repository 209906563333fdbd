"""A register goes out and comes in again without a byte's difference, and on record."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minka.bench.people import RARE
from minka.bench.register_file import write_register
from minka.cards.number import card_number
from minka.desk.office import Office
from minka.doors.files.cells import is_name
from minka.doors.files.export import Wanted, take_out
from minka.doors.files.refusals import FileFault
from minka.doors.files.source import escaped
from minka.doors.files.workers import Crew
from minka.people.names import written_form
from tests.files.conftest import NewOffice
from tests.files.tables import card, number, person, reasons, table, take

KINDS = ("agencies", "persons", "cards")
PLACE = {
    "place_id": "W001",
    "region": "R1",
    "kind": "agency",
    "name": "示例经办机构",
    "district": "示例区",
    "address": "示例路 1 号",
    "phone": "+86 12333",
    "hours": "-9:00",
    "longitude": "120.100000",
    "open_from": "2020-01-31",
}


def out(office: Office, kind: str, path: Path, crew: Crew, **wanted: str) -> Path:
    """Write a register to a file."""
    take_out(office, Wanted(kind, path, "test", "cli:1", **wanted), crew)
    return path


def town(folder: Path) -> dict[str, Path]:
    """Two dozen people with everything a register can hold."""
    people = [person(n, name=name) for n, name in enumerate(RARE, start=1)]
    people[0] |= {"phone": "13800000001", "member_number": "=7", "photo_code": "p1"}
    people[1] |= {"employer_id": "UNIT1", "employer_name": "@示例", "state": "retired"}
    people.append({**person(60, region="R2"), "guardian_number": number(1)})
    numbers = [card_number("N", n) for n in range(10)]
    made = [
        card(1, numbers[0], status="cancelled", lost="formal", lost_from="2025-01-01 08:00:01"),
        card(1, numbers[1], replaces=numbers[0], issued_on="2025-02-01", expires_on="2035-01-31"),
        card(2, numbers[2], lost="provisional", lost_until="2099-01-01", lost_at_lapse="cancel"),
        card(3, numbers[3], lost="provisional", pan="6222020000001234567"),
        card(4, numbers[4], frozen_from="2025-06-01T00:00:00.000007"),
        card(60, numbers[5], status="sealed", region="R2", kind="medical_card"),
        card(5, numbers[6], status="destroyed"),
        card(6, numbers[7], status="ordered"),
    ]
    return {
        "agencies": table(folder / "agencies.csv", [PLACE]),
        "persons": table(folder / "persons.csv", people),
        "cards": table(folder / "cards.csv", made),
    }


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_out_and_in_and_out_again_is_the_same_to_the_byte(
    new_office: NewOffice, crew: Crew, tmp_path: Path, ending: str
) -> None:
    """Nothing is lost, added or reordered on the way through a file."""
    first, second = new_office(), new_office()
    files = town(tmp_path)
    for kind in KINDS:
        assert reasons(take(first, files[kind], kind, crew=crew)) == {}, kind
    for kind in KINDS:
        written = out(first, kind, tmp_path / f"1-{kind}.{ending}", crew)
        assert reasons(take(second, written, kind, crew=crew)) == {}, kind
        again = out(second, kind, tmp_path / f"2-{kind}.{ending}", crew)
        assert written.read_bytes() == again.read_bytes(), kind
        assert written.stat().st_mode & 0o777 == 0o600


def test_what_goes_out_is_what_came_in(empty: Office, crew: Crew, tmp_path: Path) -> None:
    """Names, numbers and stops stand in the file as they were given."""
    files = town(tmp_path)
    for kind in KINDS:
        take(empty, files[kind], kind, crew=crew)
    found = out(empty, "persons", tmp_path / "p.csv", crew)
    text = found.read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    assert [row["name"] for row in rows[: len(RARE)]] == [*RARE]
    assert rows[-1]["guardian_number"] == number(1)
    assert rows[0]["member_number"] == "'=7", "a spreadsheet must not run it"
    cards = out(empty, "cards", tmp_path / "c.csv", crew, region="R1")
    lost = {row["card_number"]: row for row in csv.DictReader(cards.open(encoding="utf-8-sig"))}
    assert len(lost) == 7
    assert lost[card_number("N", 0)]["lost_from"] == "2025-01-01T08:00:01+08:00"
    assert lost[card_number("N", 3)]["pan"] == "622202******4567"
    assert lost[card_number("N", 1)]["replaces"] == card_number("N", 0)


def test_a_register_goes_out_in_a_partners_words(empty: Office, crew: Crew, tmp_path: Path) -> None:
    """AAZ502 by the card centres' digits, and back in again without a conflict."""
    path = tmp_path / "aac.csv"
    write_register(path, 300, dialect="aac")
    for kind in ("persons", "cards"):
        assert reasons(take(empty, path, kind, crew=crew)) == {}
        written = out(empty, kind, tmp_path / f"{kind}.csv", crew, mapping="aac")
        arrival = take(empty, written, kind, crew=crew, mapping="aac")
        assert arrival.counts["known"] == 300, reasons(arrival)
    states = [row["AAZ502"] for row in csv.DictReader(path.open(encoding="utf-8"))]
    found = csv.DictReader((tmp_path / "cards.csv").open(encoding="utf-8-sig"))
    assert [row["AAZ502"] for row in found] == states


def test_who_took_it_and_why_is_on_record_before_the_first_row(
    empty: Office, crew: Crew, tmp_path: Path
) -> None:
    """Two audit events; a file that exists is not overwritten and nothing is recorded."""
    out(empty, "persons", tmp_path / "p.csv", crew, region="R1")
    with pytest.raises(FileFault):
        out(empty, "persons", tmp_path / "p.csv", crew)
    with empty.register.act() as connection:
        events = connection.execute(
            "select content from audit_event where act = 'export' order by event_id"
        ).fetchall()
    assert [each["content"]["state"] for each in events] == ["begun", "written"]
    assert events[1]["content"]["rows"] == 0
    assert {each["content"]["reason"] for each in events} == {"test"}
    assert {each["content"]["actor"] for each in events} == {"cli:1"}


names = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn")), min_size=1, max_size=12
).filter(lambda name: bool(is_name(written_form(name))) and name.strip(" \t\u3000\u200b") != "")


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(names, min_size=1, max_size=40))
def test_any_names_survive_the_way_through(
    new_office: NewOffice, crew: Crew, tmp_path_factory: pytest.TempPathFactory, people: list[str]
) -> None:
    """Whatever Unicode calls letters, in csv and with workers' sealing."""
    folder = tmp_path_factory.mktemp("names")
    first, second = new_office(), new_office()
    rows = [person(n, name=escaped(name)) for n, name in enumerate(people, start=1)]
    arrival = take(first, table(folder / "a.csv", rows), crew=crew)
    assert reasons(arrival) == {}
    written = out(first, "persons", folder / "1.csv", crew)
    found = [row["name"] for row in csv.DictReader(written.open(encoding="utf-8-sig", newline=""))]
    assert found == [written_form(name) for name in people]
    assert reasons(take(second, written, crew=crew)) == {}
    assert out(second, "persons", folder / "2.csv", crew).read_bytes() == written.read_bytes()
