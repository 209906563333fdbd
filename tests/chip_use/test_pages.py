"""卡内查询 on staff pages: read, compared, written; off-line cases ended (I5, L3, C2, C8, P8)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.test import Client

from minka.bench import chip_city
from minka.desk.chip_look import side_by_side
from minka.desk.chip_offline import UploadOffline, upload
from minka.desk.office import Office
from minka.doors import settings
from minka.doors.web.staff import chip_brought
from minka.doors.web.staff.chip import HOME
from minka.store.connection import row
from tests.chip_use.town import TILL, VAULT, bought, now, set_up_till
from tests.chip_use.town import settle as settle_holder
from tests.desk.town import request
from tests.staff import conftest as on_the_register
from tests.staff.desk import Clerk, Hall, plain

desk_office, hall = on_the_register.desk_office, on_the_register.hall


@pytest.fixture(scope="module")
def cards(hall: Hall, desk_office: Office) -> list[str]:
    """Three residents' cards in virtual readers of a demonstration."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MINKA_DEMO_READERS", "true")
        settings.current.cache_clear()
        for _ in range(3):
            hall.resident(born="19770701")
        made = chip_city.make_cards(desk_office, settings.current().home)
        assert len(made) == 3
        return made


@pytest.fixture(autouse=True)
def demonstration(cards: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page is of a city that has virtual readers."""
    assert cards
    monkeypatch.setenv("MINKA_DEMO_READERS", "true")
    settings.current.cache_clear()


def test_a_card_is_read_without_a_script(hall: Hall) -> None:
    """One button: the card's side, the file's side, the reason and the cure (I5, L3)."""
    clerk = hall.clerk()
    clerk.get("chip/").has("virtual:1", "读卡")
    seen = clerk.post("chip/", {"reader": "virtual:1"})
    seen.has("卡内的和登记的", "在业", "退休", "卡内是旧的", "原始字节", "29 01 31", "待写入卡内")
    seen.has("通过", "virtual:1")
    assert "劳动能力" not in plain(seen.text)
    assert "1100001977" not in seen.text


def test_what_waits_is_written_at_the_counter(hall: Hall) -> None:
    """The status is on the card afterwards; the disability grade waits for its post (C2, C8)."""
    clerk = hall.clerk()
    first = clerk.post("chip/", {"reader": "virtual:2"})
    path = first.url.removeprefix("/staff/")
    after = clerk.post(path)
    after.has("没有办理")
    again = clerk.get(path)
    assert "卡内是旧的" not in again.text
    doctor = Clerk(hall.staff("medical_staff"))
    theirs = doctor.post("chip/", {"reader": "virtual:2"})
    done = doctor.post(theirs.url.removeprefix("/staff/"))
    done.has("已写入卡内", "九级")
    assert "待写入卡内" not in done.text


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh-hant", ("卡內的和登記的", "不一致")), ("en", ("On the card and on file", "employed"))],
)
def test_three_languages(hall: Hall, language: str, words: tuple[str, ...]) -> None:
    """The same page in the clerk's language."""
    clerk = hall.clerk(language=language)
    clerk.post("chip/", {"reader": "virtual:1"}).has(*words)


def test_a_post_records_what_the_card_shall_learn(hall: Hall) -> None:
    """A skill with body and date, a status: recorded on the page, waiting for the card (C2, C6)."""
    clerk = hall.clerk()
    case = clerk.post("chip/", {"reader": "virtual:3"}).url.removeprefix("/staff/")
    listed = clerk.get(f"{case}record/")
    listed.has("个人就业或离退休（职）状态", "就业记录")
    assert "伤残等级" not in listed.text
    clerk.get(f"{case}record/?item=DF02EF05.43").has("证书编号")
    skill = {"item": "DF02EF05.43", "on": "2026-10-31", "p5B": "3", "p5C": "示例鉴定中心"}
    clerk.post(f"{case}record/", {**skill, "p5D": "2026-05-20", "key": "r-1"}).has("已登记")
    clerk.get(case).has("职业资格")
    empty = clerk.post(f"{case}record/", {"item": "DF01EF07.29", "on": "", "key": "r-2"})
    assert empty.status == 422
    assert clerk.get(f"{case}record/?item=DF03EF06.47").status == 404
    doctor = Clerk(hall.staff("medical_staff"))
    theirs = doctor.post("chip/", {"reader": "virtual:3"}).url.removeprefix("/staff/")
    grade = {"item": "DF03EF06.47", "on": "2026-10-31", "whole": "07", "key": "r-3"}
    doctor.post(f"{theirs}record/", grade).has("已登记")


def test_a_card_is_checked_before_it_is_handed_over(hall: Hall) -> None:
    """Face and chip, one button, one sentence (C1)."""
    said = hall.clerk().post("chip/", {"reader": "virtual:3", "do": "check"})
    said.has("卡面和芯片一致，可以交给持卡人")


@pytest.mark.parametrize("reader", ["", "virtual:9", "virtual:../../x", "no such"])
def test_only_the_readers_that_are_there(hall: Hall, reader: str) -> None:
    """Any other name is answered by a sentence."""
    said = hall.clerk().post("chip/", {"reader": reader})
    assert said.status == 422
    said.has("请选择读卡器")


def test_another_citys_card_shows_nothing(hall: Hall) -> None:
    """A clerk sees the cards of his own city (P17)."""
    said = Clerk(hall.staff("counter_clerk", "R2")).post("chip/", {"reader": "virtual:1"})
    assert said.status == 422
    said.has("不是本市登记的")


def test_a_case_belongs_to_its_session(hall: Hall) -> None:
    """Another clerk cannot open the page by its address (P17)."""
    mine = hall.clerk().post("chip/", {"reader": "virtual:1"})
    assert hall.clerk().get(mine.url.removeprefix("/staff/")).status == 404


@pytest.mark.parametrize("role", ["hotline_agent", "factory", "auditor", "employer_clerk"])
def test_other_posts_have_no_page(hall: Hall, role: str) -> None:
    """Nobody else reads cards (P17)."""
    assert Clerk(hall.staff(role)).get("chip/").status == 403


def brought(cards: list[str], office: Office, **more: str) -> str:
    """What the script brings of the first card."""
    with office.register.act() as connection:
        known = row(connection, "cards.by_number", card_number=cards[0])
        assert known is not None
        place = {"person_id": known["person_id"], "card_id": known["card_id"]}
        chip = row(connection, "chip.of_card", **place)
    assert chip is not None
    card = {
        "identification_code": bytes(chip["id_code"]).hex(),
        "card_number": cards[0],
        "name": "窗客",
        "issued_on": "20250101",
        "device": "MINKA0000001",
        **more,
    }
    return json.dumps({"card": card, "items": {"DF01EF07": {"29": "5"}}})


def test_what_the_local_service_read_is_kept_as_unproved(
    hall: Hall, cards: list[str], desk_office: Office
) -> None:
    """The page shows it, says that it proves nothing, and offers no write (K2)."""
    clerk = hall.clerk()
    seen = clerk.post("chip/", {"brought": brought(cards, desk_office)})
    seen.has("不能据此办理业务", "失业", "service MINKA0000001")
    assert "现在写入这张卡" not in seen.text


@pytest.mark.parametrize("text", ["x", "[]", "{}", '{"card": {"identification_code": "zz"}}'])
def test_nonsense_from_a_script_is_refused(hall: Hall, text: str) -> None:
    """Whatever comes, a page answers (P16)."""
    assert hall.clerk().post("chip/", {"brought": text}).status == 422
    assert chip_brought.reading(text, "") is None


def test_the_page_may_speak_to_the_local_service_alone(hall: Hall) -> None:
    """Its policy names the loopback port, and no other page has it."""
    policy = hall.clerk().raw("chip/").headers["Content-Security-Policy"]
    assert "connect-src 'self' ws://127.0.0.1:18080" in policy
    assert "connect-src" not in hall.clerk().raw("balance/").headers["Content-Security-Policy"]


def test_off_line_cases_have_owner_and_end(hall: Hall, desk_office: Office) -> None:
    """The queue names owner and day; the owner ends a case, others only look (P8)."""
    set_up_till(desk_office)
    holder = settle_holder(desk_office)
    dear = bought(holder, 1, now(desk_office), account_fen=30_000)
    _, one = upload(
        desk_office, request("medical_staff"), UploadOffline(TILL, "w1", (dear,)), VAULT
    )
    assert one.accepted
    doctor = Clerk(hall.staff("medical_staff"))
    listed = doctor.get("offline/")
    listed.has("医保工作人员", "待核实", TILL, "在用")
    with desk_office.register.act() as connection:
        found = connection.execute(
            "select case_id, owner from offline_case where person_id = %s", (holder.person_id,)
        ).fetchone()
    assert found is not None
    path = f"offline/{found['case_id']}/"
    assert doctor.post(path, {"verdict": "refused", "reason": ""}).status == 422
    doctor.post(path, {"verdict": "refused", "reason": "没有依据", "key": "w-1"}).has("已记录")
    doctor.get(path).has("没有依据", "不付")
    assert Clerk(hall.staff("counter_clerk")).get("offline/").status == 403


def test_nobody_reads_without_a_log_in(cards: list[str]) -> None:
    """A stranger is sent to the log-in."""
    assert cards
    answer = Client(HTTP_HOST="localhost").get(HOME)
    assert answer.status_code == 302
    assert "/staff/account/" in answer.headers["Location"]


def test_the_page_never_shows_what_is_closed(
    hall: Hall, cards: list[str], desk_office: Office
) -> None:
    """A role sees of a file exactly what the register gives it (C8)."""
    assert Path(settings.current().home, chip_city.FOLDER).is_dir()
    with desk_office.register.act() as connection:
        known = row(connection, "cards.by_number", card_number=cards[0])
    assert known is not None
    counter = side_by_side(desk_office, known["person_id"], "counter_clerk")
    assert counter is not None
    for line in counter.lines:
        if line.place.file.name == "DF03EF06":
            assert (line.on_card, line.on_file, line.raw_card) == (None, None, "")
    assert hall.office is desk_office
