"""Agencies and other places come in as plain reference rows."""

from __future__ import annotations

from pathlib import Path

from minka.desk.office import Office
from minka.doors.files.agencies import KINDS
from minka.doors.files.runs import Mode
from minka.doors.files.workers import Crew
from tests.files.tables import column, reasons, table, take

PLACE = {
    "网点编号": "W001",
    "统筹区": "990100",
    "类型": "社保经办机构",
    "网点名称": "示例经办机构",
    "区县": "示例区",
    "地址": "示例路 1 号",
    "办公时间": "周一至周五 9:00-17:00",
    "启用日期": "2020年1月31日",
}


def test_the_kinds_are_those_of_the_reference_table() -> None:
    """A kind added to one list is added to the other."""
    import django

    django.setup()
    from minka.store.models import Place

    assert tuple(kind for kind, _ in Place.KINDS) == KINDS


def test_places_come_in_once_and_wrong_ones_are_refused(
    empty: Office, crew: Crew, tmp_path: Path
) -> None:
    """Kind, region, length, coordinates, bank; the same again is known, another is a conflict."""
    rows = [
        PLACE,
        {**PLACE, "网点编号": "W002", "类型": "茶馆"},
        {**PLACE, "网点编号": "W003", "统筹区": "000000"},
        {**PLACE, "网点编号": "W004", "区县": "县" * 41},
        {**PLACE, "网点编号": "W005", "经度": "200"},
        {**PLACE, "网点编号": "W006", "服务银行": "NONE"},
        {**PLACE, "网点编号": "W007", "地址": ""},
        {**PLACE, "网点编号": "W001"},
        {**PLACE, "网点编号": "W001", "地址": "别处"},
        {**PLACE, "网点编号": "W008", "经度": "120.1", "纬度": "30.25"},
    ]
    path = table(tmp_path / "a.csv", rows)
    expected = {
        3: "code",
        4: "region",
        5: "too_long",
        6: "figure",
        7: "bank_unknown",
        8: "empty",
        10: "repeated",
    }
    for mode in (Mode.DRY, Mode.REAL):
        arrival = take(empty, path, "agencies", crew=crew, mode=mode)
        assert (arrival.dialect.name, reasons(arrival)) == ("chinese", expected)
        assert (arrival.counts["added"], arrival.counts["repeated"]) == (2, 1)
    assert column(empty, "select place_id from place order by place_id") == ["W001", "W008"]
    again = table(tmp_path / "b.csv", [PLACE, {**PLACE, "网点编号": "W008", "办公时间": "24h"}])
    arrival = take(empty, again, "agencies", crew=crew)
    assert arrival.counts["known"] == 1
    assert [end.facts for end in arrival.refused] == [{"fields": "办公时间"}]
