"""The terminal itself: set-up, tiles, help, tickets, places, progress and papers."""

from __future__ import annotations

from django.test import Client

from minka.desk.office import Office
from minka.desk.summon import calls_at
from minka.doors.web.kiosk.terminal import COOKIE, setup_code
from tests.kiosk.conftest import move_in, set_up
from tests.kiosk.test_lost import tapped, words


def test_a_stranger_is_no_terminal(hall: Office) -> None:
    """Every page sends an unregistered screen to the set-up; a forged cookie is none."""
    stranger = Client(SERVER_NAME="localhost")
    for path in ("/kiosk/", "/kiosk/lost/", "/kiosk/papers/", "/kiosk/staff/"):
        assert stranger.get(path).headers["Location"] == "/kiosk/setup/"
    stranger.cookies[COOKIE] = "forged:cookie"
    assert stranger.get("/kiosk/").headers["Location"] == "/kiosk/setup/"


def test_the_setup_code_belongs_to_one_terminal(hall: Office) -> None:
    """A code of another terminal, a wrong one, or an unknown terminal binds nothing."""
    client = Client(SERVER_NAME="localhost")
    for kiosk, code in (
        ("K-R1-SP-1", setup_code("K-R1-H-2")),
        ("K-R1-SP-1", "K-0000-0000-0"),
        ("K-NOWHERE", setup_code("K-NOWHERE")),
    ):
        answer = client.post("/kiosk/setup/", {"kiosk": kiosk, "code": code})
        assert answer.status_code == 422
        assert COOKIE not in client.cookies


def test_a_retired_terminal_is_none(hall: Office) -> None:
    """Taken out of use in the back office, the screen is a stranger at the next touch."""
    from minka.store.models import Kiosk

    Kiosk.objects.create(kiosk_id="K-OLD", place_id="R1-SP-1")
    screen = set_up("K-OLD")
    Kiosk.objects.filter(kiosk_id="K-OLD").update(active=False)
    assert screen.get("/kiosk/").headers["Location"] == "/kiosk/setup/"


def test_six_tiles(hall: Office, screen: Client) -> None:
    """At most six ways in; a bank hall gives tickets."""
    assert words(screen, "/kiosk/").count("mk-tile__title") == 6
    bank = words(set_up("K-R5-BANK-1"), "/kiosk/")
    assert bank.count("mk-tile__title") == 6
    assert "/kiosk/ticket/" in bank


def test_staff_are_called_once_it_is_on_record(hall: Office, screen: Client) -> None:
    """E10: a person can always be reached; the place sees the call."""
    before = len(calls_at(hall, "R1-SP-1"))
    assert "马上过来" not in words(screen, "/kiosk/staff/")
    assert "马上过来" in screen.post("/kiosk/staff/").content.decode()
    calls = calls_at(hall, "R1-SP-1")
    assert len(calls) == before + 1
    assert calls[0]["kiosk_id"] == "K-R1-SP-1"


def test_tickets_come_in_order(hall: Office) -> None:
    """G14, F5-01: numbers without a gap, with how many wait before."""
    hallway = set_up("K-R5-BANK-1")
    taken = [hallway.post("/kiosk/ticket/", {"business": "card"}) for _ in range(2)]
    assert "A001" in taken[0].content.decode()
    assert "A002" in taken[1].content.decode()
    assert "前面还有 1 人" in taken[1].content.decode()
    ward = set_up("K-R1-H-2").post("/kiosk/ticket/", {"business": "card"})
    assert ward.status_code == 422


def test_found_and_replace_tell_where_to_go(hall: Office, screen: Client) -> None:
    """R1-09, R1-07: not at the terminal; where, with what, and the computed day."""
    found = words(screen, "/kiosk/found/")
    assert "社会保障卡服务网点" in found
    assert "居民身份证" in found
    replace = words(screen, "/kiosk/replace/")
    assert "起可以领新卡" in replace
    assert screen.get("/kiosk/replace/list/").content.startswith(b"%PDF")
    assert "试验R1-SP-1" in words(screen, "/kiosk/places/")


def test_progress_and_papers_by_card_and_by_number(hall: Office, screen: Client) -> None:
    """The ID card opens the own file; a number alone shows the case but prints no paper."""
    someone = move_in(hall)
    tapped(screen, someone)
    receipt = screen.post("/kiosk/lost/check/", {"reason": "lost"}).headers["Location"]
    code = receipt.split("/")[3]
    screen.get("/kiosk/wipe/")
    shown = screen.post("/kiosk/papers/", {"demo": str(someone.person_id)}).content.decode()
    assert f"/kiosk/paper/{code}/" in shown
    assert someone.name.reveal() not in shown
    screen.get("/kiosk/wipe/")
    by_number = screen.post("/kiosk/progress/", {"receipt": code.lower()}).content.decode()
    assert "卡已停用" in by_number
    assert screen.get(f"/kiosk/paper/{code}/").status_code == 404
    unknown = screen.post("/kiosk/progress/", {"receipt": "G-0000-0000-0"})
    assert unknown.status_code == 422
