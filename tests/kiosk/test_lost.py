"""Loss at a terminal: A4, A5, R1-03, R1-04, and everything that can stand in the way."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client

from minka.cards.card import Standing
from minka.cards.number import mask
from minka.desk.look import file_of_person
from minka.desk.office import Office
from minka.doors.web.kiosk import reader, terminal
from minka.kit.clock import china_text, wall
from minka.store.connection import RegisterAway, rows
from tests.desk.town import Resident
from tests.kiosk.conftest import move_in, set_up


def tapped(screen: Client, someone: Resident, page: str = "/kiosk/lost/") -> str:
    """Tap the demo ID card of a person; gives where the screen goes."""
    return str(screen.post(page, {"demo": str(someone.person_id)}).headers["Location"])


def words(screen: Client, path: str, status: int = 200) -> str:
    """The text of a page."""
    answer = screen.get(path)
    assert answer.status_code == status
    return answer.content.decode()


def test_four_touches_stop_the_card(hall: Office, screen: Client) -> None:
    """A4, R1-03: tile, ID card, confirm, print; number, both stops and the release instant."""
    someone = move_in(hall, bank_id="BANK1")
    assert tapped(screen, someone) == "/kiosk/lost/check/"
    check = words(screen, "/kiosk/lost/check/")
    assert someone.number.reveal() not in check
    assert someone.name.reveal() not in check
    assert mask(someone.card_number) in check
    done = screen.post("/kiosk/lost/check/", {"reason": "lost"})
    assert done.status_code == 302
    slip = words(screen, done.headers["Location"])
    file = file_of_person(hall, someone.person_id)
    assert file is not None
    view = file.in_hand()
    assert view is not None
    assert view.block is not None
    assert view.standing is Standing.PROVISIONAL_LOSS
    assert view.block.cause in slip
    assert view.block.until_at is not None
    assert view.block.until_at - view.block.from_at == timedelta(days=10)
    assert china_text(view.block.until_at)[:16] in slip
    assert "银行账户止付处理中" in slip
    paper = screen.get(f"/kiosk/paper/{view.block.cause}/")
    assert paper.headers["Content-Type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF")


def test_a_hospital_of_class_one_refuses_with_the_rule(hall: Office) -> None:
    """A5, R1-04: below class two nothing is even asked, and the desk refuses a forced report."""
    someone, small = move_in(hall), set_up("K-R1-H-1")
    page = words(small, "/kiosk/lost/")
    assert "不到2级" in page
    assert "二級以上的定點醫療機構" in page
    assert "96102" in page
    session = small.session
    del session
    tapped_at = small.post("/kiosk/lost/", {"demo": str(someone.person_id)})
    assert "不到2级" in tapped_at.content.decode()
    file = file_of_person(hall, someone.person_id)
    assert file is not None
    assert not file.events


def test_a_hospital_of_class_two_takes_the_report(hall: Office) -> None:
    """A5, R1-04: class two is enough."""
    someone, ward = move_in(hall), set_up("K-R1-H-2")
    assert tapped(ward, someone) == "/kiosk/lost/check/"
    assert ward.post("/kiosk/lost/check/", {"reason": "lost"}).status_code == 302
    with hall.register.act() as connection:
        place = {"person_id": someone.person_id, "card_id": someone.card_id}
        taken = rows(connection, "loss.reports_of_card", **place)
    assert [(each["channel"], each["place_id"]) for each in taken] == [("kiosk", "R1-H-2")]
    assert taken[0]["rule_ref"].startswith("R1-04@")


def test_a_terminal_where_no_rule_names_one(hall: Office) -> None:
    """R3 knows no terminals: the screen names the ways there are."""
    page = words(set_up("K-R3-CC-1"), "/kiosk/lost/")
    assert "12333" in page


def test_a_second_report_shows_the_first(hall: Office, screen: Client) -> None:
    """Nothing is done twice; the standing report and its number are shown."""
    someone = move_in(hall)
    tapped(screen, someone)
    first = screen.post("/kiosk/lost/check/", {"reason": "lost"}).headers["Location"]
    again = set_up("K-R1-SP-1")
    tapped(again, someone)
    shown = words(again, "/kiosk/lost/check/")
    assert "不用再挂失" in shown
    assert first.split("/")[3] in shown
    assert again.post("/kiosk/lost/check/").headers["Location"].split("/")[3] in first


def test_a_typed_number_is_not_a_card(hall: Office, screen: Client) -> None:
    """R1-03 reads the own ID card: a number alone is told so, known or unknown alike."""
    someone = move_in(hall)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "demo_readers", lambda: "")
        known = screen.post("/kiosk/lost/", {"number": someone.number.reveal()})
        unknown = screen.post("/kiosk/lost/", {"number": "110000198503109990"})
        wrong = screen.post("/kiosk/lost/", {"number": "123"})
    assert "居民身份证" in known.content.decode()
    assert wrong.status_code == unknown.status_code == 422
    stranger = screen.post("/kiosk/lost/", {"demo": "999999"})
    assert stranger.status_code == 422


def test_only_the_terminals_own_reader_is_believed(hall: Office, screen: Client) -> None:
    """A reading counts when this terminal's reader signed it within the last minute."""
    someone = move_in(hall)
    number, name = someone.number.reveal(), someone.name.reveal()
    now = int(wall().timestamp())

    def send(at: int, kiosk: str) -> int:
        mac = reader.reading_mac(kiosk, at, number, name)
        said = json.dumps({"at": at, "number": number, "name": name, "mac": mac})
        return screen.post("/kiosk/lost/", {"reader": said}).status_code

    assert send(now, "K-R1-SP-1") == 302
    assert send(now - 3600, "K-R1-SP-1") == 422
    assert send(now, "K-R1-H-2") == 422
    assert screen.post("/kiosk/lost/", {"reader": "{"}).status_code == 422


def test_the_screen_forgets(hall: Office, screen: Client) -> None:
    """E10: after the wipe neither the person nor his papers are there; the terminal stays one."""
    someone = move_in(hall)
    tapped(screen, someone)
    slip = screen.post("/kiosk/lost/check/", {"reason": "lost"}).headers["Location"]
    code = slip.split("/")[3]
    assert screen.get("/kiosk/wipe/").status_code == 302
    assert screen.get(f"/kiosk/slip/{code}/").status_code == 302
    assert screen.get(f"/kiosk/paper/{code}/").status_code == 404
    assert screen.get("/kiosk/lost/check/").headers["Location"] == "/kiosk/lost/"
    assert screen.get("/kiosk/").status_code == 200


def test_without_the_register_nothing_is_promised(
    hall: Office, screen: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E10: the register is away: 503, the hotline of the city, and nothing kept for later."""

    def broken(kiosk_id: str) -> terminal.Terminal | None:
        raise RegisterAway("gone")

    monkeypatch.setattr(terminal, "on_file", broken)
    for path in ("/kiosk/", "/kiosk/lost/", "/kiosk/progress/"):
        page = words(screen, path, 503)
        assert "96102" in page
        assert "不会存着以后再办" in page


def test_v2_cancels_at_lapse_and_takes_the_found_card_back(hall: Office) -> None:
    """V2-02, V2-06: reasons are two buttons, the end is a cancellation, the reader ends it."""
    someone, screen = move_in(hall, "V2"), set_up("K-V2-SP-1")
    tapped(screen, someone)
    check = words(screen, "/kiosk/lost/check/")
    assert "卡会被注销" in check
    assert check.count('name="reason"') == 2
    screen.post("/kiosk/lost/check/", {"reason": "stolen"})
    assert tapped(screen, someone, "/kiosk/found/") == "/kiosk/found/card/"
    other = screen.post("/kiosk/found/card/", {"card": "T9999999"})
    assert other.status_code == 422
    back = screen.post("/kiosk/found/card/", {"demo": "1"})
    assert back.status_code == 302
    assert "挂失已撤销" in words(screen, back.headers["Location"])
    file = file_of_person(hall, someone.person_id)
    assert file is not None
    view = file.in_hand()
    assert view is not None
    assert view.standing is Standing.USABLE
