"""The bank's desk: B1, F2, F3, G11 to G14, R4-02, R5-03, and what it may not see or do."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from minka.bench.places import place_id
from minka.cards.card import Standing
from tests.desk.test_photo import portrait
from tests.desk.town import Resident, invented_number
from tests.staff.desk import Clerk, Hall, Screen


def banker(hall: Hall, region: str, language: str = "zh-hans") -> Clerk:
    """The clerk of the bank that the region's rules name."""
    kind, bank = {
        "R4": ("service_bank", "BANK1"),
        "R5": ("boc_savings_office", "BOC"),
        "R2": ("", "BANK1"),
    }[region]
    where = {"place_id": place_id(region, kind)} if kind else {}
    return Clerk(hall.staff("bank_clerk", region, bank_id=bank, **where), language=language)


def served(clerk: Clerk, someone: Resident) -> tuple[Screen, str]:
    """The visitor's case: the screen and its address under /staff/."""
    screen = clerk.post("bank/", {"id_number": someone.number.reveal()})
    found = re.match(r"/staff/(bank/[\w-]{12}/)$", screen.url)
    assert found is not None, screen.text
    return screen, found[1]


def test_a_loss_at_the_service_bank_gives_the_numbered_notice(hall: Hall) -> None:
    """F2, R4-02: stopped at once and for good, and the notice that the street centre asks for."""
    someone, clerk = hall.resident("R4", bank_id="BANK1"), banker(hall, "R4")
    screen, case = served(clerk, someone)
    assert screen.has("挂失", "不会自动恢复")
    assert someone.number.reveal() not in screen.text
    done = clerk.post(case, {"do": "loss", "p0": ["0"], "reason": "lost", "key": "k-f2"})
    assert done.has("已办好", "银行《挂失通知单》")
    view = hall.file(someone).in_hand()
    assert view is not None
    assert view.standing is Standing.FORMAL_LOSS
    assert len(done.receipts("D")) == 1
    for code in (done.receipts("D")[0], done.receipts("G")[0]):
        paper = clerk.get(f"{case}{code}/")
        assert paper.headers["Content-Type"] == "application/pdf"


def test_the_notice_opens_one_application_only(hall: Hall) -> None:
    """F3, R4-03: the street centre verifies the bank's notice by its number, once."""
    someone, clerk = hall.resident("R4", bank_id="BANK1"), banker(hall, "R4")
    _, case = served(clerk, someone)
    done = clerk.post(case, {"do": "loss", "p0": ["0"], "reason": "demagnetised", "key": "k-f3"})
    again = clerk.post(case, {"do": "notice", "key": "k-f3-more"})
    assert len(again.receipts("D")) == 2
    verified = clerk.post("documents/", {"receipt": done.receipts("D")[0]})
    assert verified.has("银行《挂失通知单》", "还没有使用", "示例第一银行")
    assert "确认盖章" not in verified.text


def test_without_papers_the_one_time_notice_lists_them(hall: Hall) -> None:
    """F2: nothing shown, nothing stopped; what is missing is named."""
    someone, clerk = hall.resident("R4", bank_id="BANK1"), banker(hall, "R4")
    _, case = served(clerk, someone)
    refused = clerk.post(case, {"do": "loss", "reason": "lost", "key": "k-none"})
    assert refused.status == 422
    assert refused.has("还缺这些材料", "居民身份证")
    view = hall.file(someone).in_hand()
    assert view is not None
    assert view.standing is Standing.USABLE


def test_loss_and_new_card_in_one_visit(hall: Hall) -> None:
    """G11, G12, G13, R5-01 to R5-04: letter, stamp, then loss and replacement at the bank."""
    employer = "R5-E1"
    someone = hall.resident("R5", bank_id="BOC", employer_id=employer)
    with hall.office.register.act() as connection:
        asked = "update person set photo_code = null where person_id = %s"
        connection.execute(asked, (someone.person_id,))
    proxy = Clerk(hall.staff("employer_clerk", "R5", employer_id=employer))
    doctor = {"place_id": place_id("R5", "medical_office")}
    medical = Clerk(hall.staff("medical_staff", "R5", **doctor))
    clerk = banker(hall, "R5")
    _, case = served(clerk, someone)
    letter = proxy.post("employer/letter/", {"letter-id_number": someone.number.reveal()})
    code = letter.receipts("D")[0]
    form = {"do": "loss", "p0": "on", "p1_code": code, "both": "on"}
    early = clerk.post(case, {**form, "key": "k-early"})
    assert early.status == 422
    assert early.has("还没有医保处盖章")
    stamped = medical.post("documents/", {"do": "stamp", "code": code})
    assert stamped.has("已盖章")
    without = clerk.post(case, {**form, "key": "k-photo"})
    assert without.has("358×441")
    photo = SimpleUploadedFile("photo.jpg", portrait(), "image/jpeg")
    done = clerk.post(case, {**form, "photo": photo, "key": "k-r5"})
    assert done.has("已办好", "领卡证明", "受理通知书", "已使用")
    file = hall.file(someone)
    running, view = file.running(), file.in_hand()
    assert running is not None
    assert view is not None
    assert running.promised_at is not None
    assert (running.promised_at - running.accepted_at).days in (6, 7)
    assert view.standing is Standing.FORMAL_LOSS
    _collected(hall, clerk, someone, case)


def _collected(hall: Hall, clerk: Clerk, someone: Resident, case: str) -> None:
    """The card is collected and brought to life where it was applied for."""
    running = hall.file(someone).running()
    assert running is not None
    hall.make(running.receipt)
    wrong = clerk.post(case, {"do": "collect", "slip": "S-0000-0000-0"})
    assert wrong.status == 422
    handed = clerk.post(case, {"do": "collect", "slip": running.slip, "key": "k-collect"})
    assert handed.has("本人启用")
    clerk.post(case, {"do": "activate", "key": "k-activate"})
    view = hall.file(someone).in_hand()
    assert view is not None
    assert view.standing is Standing.USABLE


def test_a_slip_where_the_bank_takes_no_loss(hall: Hall) -> None:
    """B1, R2-05: the bank issues its numbered slip; the social side is reported elsewhere."""
    someone, clerk = hall.resident("R2", bank_id="BANK1"), banker(hall, "R2")
    screen, case = served(clerk, someone)
    assert screen.has("不在银行窗口办社保侧挂失", "银行开具的挂失单")
    done = clerk.post(case, {"do": "notice", "key": "k-b1"})
    assert len(done.receipts("D")) == 1


def test_other_banks_people_are_nobody(hall: Hall) -> None:
    """Unknown, of another bank, of another city: one sentence and no file."""
    clerk = banker(hall, "R4")
    others = (hall.resident("R4", bank_id="BANK2"), hall.resident("R5", bank_id="BANK1"))
    for number in (*(each.number.reveal() for each in others), invented_number(998)):
        screen = clerk.post("bank/", {"id_number": number})
        assert screen.status == 422
        assert screen.has("所报信息与登记不一致")
    assert clerk.get("bank/abcdefghijkl/").status == 404


def test_a_ticket_with_the_id_card_opens_the_case(hall: Hall) -> None:
    """G14: tickets come in order, the wait is shown, and the call opens the visitor's case."""
    from minka.desk.queue import TakeTicket, take_ticket
    from tests.desk.town import request

    someone, clerk = hall.resident("R5", bank_id="BOC"), banker(hall, "R5")
    place = place_id("R5", "boc_savings_office")
    clerk.post("bank/queue/", {"do": "take", "place_id": place})
    assert take_ticket(hall.office, request(), TakeTicket(place, number=someone.number)).accepted
    assert clerk.get("bank/").has("人在等")
    first = clerk.post("bank/queue/", {"do": "call", "place_id": place})
    assert first.url == "/staff/bank/"
    second = clerk.post("bank/queue/", {"do": "call", "place_id": place})
    assert re.match(r"/staff/bank/[\w-]{12}/$", second.url)
    assert second.has("A002", "1100**********")
    nobody = clerk.post("bank/queue/", {"do": "call", "place_id": place})
    assert nobody.status == 422
    assert clerk.post("bank/queue/", {"do": "call", "place_id": "NOWHERE"}).status == 422


def test_stops_that_wait_for_this_bank(hall: Hall) -> None:
    """The bank sees which stops it has not confirmed, by the masked card number."""
    someone, clerk = hall.resident("R4", bank_id="BANK1"), banker(hall, "R4")
    _, case = served(clerk, someone)
    clerk.post(case, {"do": "loss", "p0": ["0"], "reason": "lost", "key": "k-stops"})
    masked = f"{someone.card_number[:2]}*****{someone.card_number[-2:]}"
    assert clerk.get("bank/").has("等本行确认的止付和恢复", masked, "止付")


@pytest.mark.parametrize("role", ["hotline_agent", "counter_clerk", "factory", "auditor"])
def test_other_posts_are_turned_away(hall: Hall, role: str) -> None:
    """The role matrix: 403, not somebody else's desk."""
    assert Clerk(hall.staff(role, "R4")).get("bank/").status == 403


def test_without_the_second_factor_nothing_opens(hall: Hall) -> None:
    """The password alone is not enough."""
    clerk = Clerk(hall.staff("bank_clerk", "R4", bank_id="BANK1"), factors=1)
    assert clerk.raw("bank/").status_code == 302
