"""People come in: each row once, each refusal with its reason, and nothing clear is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from minka.bench.people import RARE
from minka.desk.office import Office
from minka.doors.files.refusals import FileFault, FileRefusal
from minka.doors.files.reports import summary, write_refused
from minka.doors.files.runs import Mode
from minka.doors.files.source import open_table
from minka.doors.files.workers import Crew
from minka.kit.secret import Clear
from minka.store import people
from tests.files.tables import (
    column,
    dry,
    number,
    person,
    reasons,
    sole,
    table,
    take,
    workbook,
)


def test_people_come_in_and_are_found_as_if_registered_here(
    empty: Office, crew: Crew, tmp_path: Path
) -> None:
    """Rare names, telephone, employer and guardian; in UTF-8 and in GB18030."""
    rows = [
        person(n, name=name, phone="138 0000 0001", member_number=f"M{n}")
        for n, name in enumerate(RARE, start=1)
    ]
    rows[1] |= {"employer_id": "UNIT9", "employer_name": "示例纺织有限公司"}
    rows[2] |= {"employer_id": "UNIT9"}
    rows += [{**person(50, name="小禾"), "guardian_number": number(1)}]
    for encoding in ("utf-8", "gb18030"):
        path = table(tmp_path / f"{encoding}.csv", rows, encoding=encoding)
        arrival = take(empty, path, crew=crew)
        assert reasons(arrival) == {}
        assert arrival.table.encoding.startswith(encoding)
    assert sole(empty, "select count(*) from person") == len(rows)
    with empty.register.act() as connection:
        for n, name in enumerate(RARE, start=1):
            found = people.find(connection, empty.keys, Clear(number(n)))
            known = people.load(connection, empty.keys, found or 0)
            assert known is not None
            assert known.name == Clear(name)
            assert known.phone == Clear("13800000001")
        ward = people.load(
            connection,
            empty.keys,
            people.find(connection, empty.keys, Clear(number(50))) or 0,
        )
        assert ward is not None
        assert ward.guardian_id == people.find(connection, empty.keys, Clear(number(1)))
    assert column(empty, "select name from employer") == ["示例纺织有限公司"]


def test_the_same_file_again_adds_nothing(empty: Office, crew: Crew, tmp_path: Path) -> None:
    """Same content is known; another content is a conflict that names the fields."""
    path = table(tmp_path / "a.csv", [person(1), person(2, phone="13800000001")])
    assert take(empty, path, crew=crew).counts["added"] == 2
    again = take(empty, path, crew=crew)
    assert (again.counts["added"], again.counts["known"]) == (0, 2)
    changed = table(tmp_path / "b.csv", [person(1, name="另一人"), person(2)])
    arrival = take(empty, changed, crew=crew)
    assert arrival.counts["known"] == 1, "an empty telephone says nothing"
    assert [(end.code, end.facts) for end in arrival.refused] == [
        ("register_differs", {"fields": "name"})
    ]
    assert sole(empty, "select count(*) from person") == 2


def test_each_refused_row_has_its_reason_and_the_others_come_in(
    empty: Office, crew: Crew, tmp_path: Path
) -> None:
    """One bad row never stops a file."""
    rows = [
        person(1),
        person(2, name="王?"),
        person(3, region="R77"),
        person(4, phone="none"),
        person(5, employer_id="UNIT404"),
        person(6, guardian_number=number(99)),
        person(7, guardian_number="123"),
        person(1, name="陈晓岚"),
        person(1, name="别人"),
        person(8, birth="1980-01-02"),
        person(9, birth="19800101"),
        person(10, state="!"),
        {**person(11), "number": number(11)[:17] + "?"},
    ]
    arrival = take(empty, table(tmp_path / "a.csv", rows), crew=crew, mapping=_with_birth(tmp_path))
    assert reasons(arrival) == {
        3: "name",
        4: "region",
        5: "phone",
        6: "employer_unknown",
        7: "guardian_unknown",
        8: "guardian_number",
        10: "repeated",
        11: "birth_differs",
        13: "code",
        14: "number_characters",
    }
    assert dict(arrival.counts) == {
        "added": 2,
        "known": 0,
        "repeated": 1,
        "refused": 10,
        "warned": 0,
    }
    told = summary(arrival)
    assert set(told["first_refused"][0]["sentence"]) == {"zh-hans", "zh-hant", "en"}


def _with_birth(folder: Path) -> str:
    path = folder / "with_birth.yaml"
    path.write_text("extends: minka\npersons: {fields: {birth: [birth]}}\n", encoding="utf-8")
    return str(path)


def test_a_dry_run_says_the_same_and_changes_nothing(
    empty: Office, crew: Crew, tmp_path: Path
) -> None:
    """Also across chunks: a repetition and a guardian that a real run would have written."""
    rows = [
        person(1),
        person(2, guardian_number=number(1)),
        person(1),
        person(1, name="别人"),
        person(3, employer_id="UNIT1", employer_name="示例"),
        person(4, employer_id="UNIT1"),
        person(5, guardian_number=number(77)),
    ]
    path = table(tmp_path / "a.csv", rows)
    before = _fingerprint(empty)
    rehearsed = take(empty, path, crew=crew, mode=Mode.DRY, chunk_rows=1)
    assert _fingerprint(empty) == before
    real = take(empty, path, crew=crew, chunk_rows=1)
    assert rehearsed.run is None
    assert rehearsed.counts == real.counts
    assert reasons(rehearsed) == reasons(real) == {5: "repeated", 8: "guardian_unknown"}


def _fingerprint(office: Office) -> list[object]:
    counts = (
        "select (select count(*) from person) || ' ' || (select count(*) from import_run) || ' '"
        " || (select count(*) from audit_event) || ' ' || (select last_value from person_id_seq)"
        " || ' ' || (select last_value from fact_id_seq) || ' ' || (select count(*) from employer)"
    )
    with office.register.act() as connection:
        connection.execute("reset role")
        found = connection.execute(counts).fetchall()
        connection.execute("set role minka_desk")
    return [*found]


def test_the_refused_rows_can_be_corrected_and_brought_in(
    empty: Office, crew: Crew, tmp_path: Path
) -> None:
    """Only they, as they came, with the reason; no cell is a formula; nobody else may read it."""
    rows = [
        person(1),
        person(2, name="王?", member_number="=cmd()"),
        person(3, name="'=x"),
    ]
    arrival = take(empty, table(tmp_path / "a.csv", rows), crew=crew)
    path = tmp_path / "refused.csv"
    assert write_refused(arrival, path, "en") == 2
    assert path.stat().st_mode & 0o777 == 0o600
    text = path.read_text(encoding="utf-8-sig")
    assert "reason for refusal" in text.splitlines()[0]
    assert "'=cmd()" in text
    assert ",=cmd()" not in text
    with pytest.raises(FileFault):
        write_refused(arrival, path, "en")
    fixed = path.read_text(encoding="utf-8-sig").replace("王?", "王㼆").replace("'=x", "李四")
    path.write_text(fixed, encoding="utf-8")
    second = take(empty, path, crew=crew)
    assert reasons(second) == {}
    assert second.counts["added"] == 2
    assert second.ignored == ("reason for refusal",)


def test_a_workbook_is_read_like_a_csv(empty: Office, crew: Crew, tmp_path: Path) -> None:
    """An identity number kept as a figure is refused, because its last digits are gone."""
    rows = [
        ("社会保障号码", "姓名", "统筹区", "手机号码"),
        (number(1), "䶮小禾", "990100", 13800000001),
        (int(number(3)[:17] + "0"), "陈晓岚", "990100", ""),
    ]
    path = workbook(tmp_path / "a.xlsx", rows)
    arrival = take(empty, path, crew=crew)
    assert arrival.dialect.name == "chinese"
    assert reasons(arrival) == {3: "digits_lost"}
    refused = tmp_path / "refused.xlsx"
    write_refused(arrival, refused, "zh-hans")
    assert open_table(refused).head[-1] == "拒绝原因"


def test_the_dialect_of_the_card_centres_is_read(empty: Office, crew: Crew, tmp_path: Path) -> None:
    """AAC002, AAC003, AAC006, AAC058, AAB301: by the names of peers, with --region as the rest."""
    rows = [
        {"AAC002": number(1), "AAC003": "陈晓岚", "AAC006": "19800101", "AAC058": "01"},
        {"AAC002": number(2), "AAC003": "李望舒", "AAC006": "19800101", "AAC058": "08"},
        {"AAC002": number(3), "AAC003": "周思齐", "AAC006": "19800102", "AAC058": "1"},
        {"AAC002": number(4), "AAC003": "周思齐", "AAB301": "990300"},
    ]
    path = table(tmp_path / "a.csv", rows)
    arrival = take(empty, path, crew=crew, region="R1")
    assert reasons(arrival) == {3: "code", 4: "birth_differs"}
    assert column(empty, "select region from person order by person_id") == ["R1", "R2"]


def test_no_clear_text_is_kept_anywhere(empty: Office, crew: Crew, tmp_path: Path) -> None:
    """P15: neither numbers nor names stand in any table, refused rows included."""
    rows = [
        person(1, name="䶮小禾"),
        person(2, name="䶮小禾?"),
        {**person(3), "number": number(3)[:17]},
    ]
    take(empty, table(tmp_path / "a.csv", rows), crew=crew)
    for words in ("import_run", "import_chunk", "import_row", "audit_event", "person"):
        with empty.register.act() as connection:
            found = connection.execute(f"select t::text as t from {words} t")
            texts = "\n".join(each["t"] for each in found.fetchall())
        assert texts, words
        assert number(1) not in texts
        assert number(3)[:17] not in texts
        assert "小禾" not in texts


def test_every_chunk_has_its_audit_event_in_its_own_commit(
    empty: Office, crew: Crew, tmp_path: Path
) -> None:
    """Who, which lines, how many, and a keyed index of the content."""
    path = table(tmp_path / "a.csv", [person(n) for n in range(1, 8)])
    arrival = take(empty, path, crew=crew, chunk_rows=3, actor="cli:7")
    with empty.register.act() as connection:
        events = connection.execute(
            "select content, hash from audit_event where act = 'import' order by event_id"
        ).fetchall()
        chunks = connection.execute("select * from import_chunk order by seq").fetchall()
    assert [e["content"]["lines"] for e in events] == [[2, 4], [5, 7], [8, 8]]
    assert {e["content"]["actor"] for e in events} == {"cli:7"}
    assert arrival.run is not None
    assert [bytes(c["content_index"]).hex() for c in chunks] == [
        e["content"]["content"] for e in events
    ]
    assert sole(empty, "select count(*) from import_row where outcome = 'added'") == 7


def test_a_file_that_cannot_be_read_changes_nothing(
    empty: Office, crew: Crew, tmp_path: Path
) -> None:
    """Missing columns, an unknown region, a column twice."""
    path = table(tmp_path / "a.csv", [{"name": "甲"}])
    with pytest.raises(FileFault) as fault:
        dry(empty, path, crew=crew)
    assert fault.value.refused.reason is FileRefusal.COLUMNS
    with pytest.raises(FileFault) as fault:
        take(empty, table(tmp_path / "b.csv", [person(1)]), crew=crew, region="R404")
    assert fault.value.refused.reason is FileRefusal.NO_REGION
    (tmp_path / "c.csv").write_text("number,name,Name\n1,2,3\n", encoding="utf-8")
    with pytest.raises(FileFault) as fault:
        take(empty, tmp_path / "c.csv", crew=crew)
    assert fault.value.refused.reason is FileRefusal.TWICE
    assert sole(empty, "select count(*) from import_run") == 0
