"""The counter: A3, A8 to A14, B1 to B7, B11, E5 to E14, H3, and every refusal on the way."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from minka.bench.places import place_id
from minka.cards.card import Standing, Status
from minka.desk.papers import IssueDocument, issue_document
from minka.desk.queue import TakeTicket, take_ticket
from minka.kit.identity import check_character
from minka.store.connection import rows
from tests.desk.test_photo import portrait
from tests.desk.town import Resident, invented_number, request
from tests.staff.desk import Clerk, Hall, Screen

ID_CARD = {"p0": "on"}


def opened(clerk: Clerk, someone: Resident) -> str:
    """The visitor's card is read; gives the handle of the case."""
    return clerk.post("counter/find/", {"n-id_number": someone.number.reveal()}).handle()


def act(clerk: Clerk, handle: str, code: str, **given: Any) -> Screen:
    """One act with what the clerk ticked and typed."""
    return clerk.post(f"counter/{handle}/{code}/", given)


def standing(hall: Hall, someone: Resident) -> Standing:
    """How the card in hand stands now."""
    view = hall.file(someone).in_hand()
    assert view is not None
    return view.standing


def replaced(hall: Hall, clerk: Clerk, someone: Resident) -> tuple[str, str]:
    """Formal loss and replacement in R1; gives the handle and the application's receipt."""
    handle = opened(clerk, someone)
    page = act(clerk, handle, "lose", **ID_CARD, condition="on")
    assert page.status == 200, page.text[:500]
    return handle, page.receipts("B")[0]


def test_an_unknown_number_and_another_citys_are_one_answer(hall: Hall) -> None:
    """T13: not here, whoever it is."""
    clerk, elsewhere = hall.clerk(), hall.resident("R2")
    pages = [
        clerk.post("counter/find/", {"n-id_number": number})
        for number in (elsewhere.number.reveal(), invented_number(998, "19900101"))
    ]
    assert {page.status for page in pages} == {422}
    assert all(page.has("所报信息与登记不一致") for page in pages)


def test_a_written_pre_loss(hall: Hall) -> None:
    """A3, R1-02: with the ID card or the household book; without either, the notice is offered."""
    clerk, someone = hall.clerk(), hall.resident()
    handle = opened(clerk, someone)
    page = act(clerk, handle, "pre")
    assert page.status == 422
    assert page.has("还缺材料：居民身份证或户口簿", "打印一次性告知单")
    assert standing(hall, someone) is Standing.USABLE
    page = act(clerk, handle, "pre", p0="1")
    assert page.has("已预挂失", "到期自动解除", "挂失单")
    assert standing(hall, someone) is Standing.PROVISIONAL_LOSS


def test_formal_loss_and_replacement_in_one_visit(hall: Hall) -> None:
    """A8, A9, A10: one form, one commit; slip, promise and the dead card."""
    clerk, someone = hall.clerk(), hall.resident()
    handle = opened(clerk, someone)
    blank = clerk.get(f"counter/{handle}/lose/")
    assert blank.has("本人确定卡无法找回", "不能撤销", "可领卡日期", "办结后生成")
    page = act(clerk, handle, "lose", **ID_CARD)
    assert page.status == 422
    assert page.has("请持卡人本人声明")
    page = act(clerk, handle, "lose", **ID_CARD, condition="on")
    assert page.has("已正式挂失并受理补卡", "领卡证明", "永久停用")
    assert page.receipts("B")
    assert page.receipts("S")
    assert standing(hall, someone) is Standing.FORMAL_LOSS
    running = hall.file(someone).running()
    assert running is not None
    assert running.status is Status.ORDERED


def test_the_same_form_sent_twice_is_one_case(hall: Hall) -> None:
    """P6: the key of the drawn form."""
    clerk, someone = hall.clerk(), hall.resident()
    handle = opened(clerk, someone)
    given = {**ID_CARD, "condition": "on", "key": "counter-once-0001"}
    first, second = act(clerk, handle, "lose", **given), act(clerk, handle, "lose", **given)
    assert first.receipts("B") == second.receipts("B")
    assert len(hall.file(someone).applications) == 1


def test_a_closed_act_says_why(hall: Hall) -> None:
    """X47: after a formal loss nothing leads back, and the screen says so."""
    clerk, someone = hall.clerk(), hall.resident()
    handle, receipt = replaced(hall, clerk, someone)
    page = clerk.get(f"counter/{handle}/")
    assert page.has("现在不能办", "正式挂失后不能撤销", f"受理编号{receipt}")
    card = {"found_card_number": someone.card_number}
    page = act(clerk, handle, "withdraw", **ID_CARD, **card)
    assert page.status == 422
    assert page.has("正式挂失后不能撤销")
    assert standing(hall, someone) is Standing.FORMAL_LOSS


def test_papers_can_be_printed_and_only_of_this_case(hall: Hall) -> None:
    """Forms 1, 3, 4: the PDFs of the act; another case's receipt is no page here."""
    clerk, someone = hall.clerk(), hall.resident()
    handle, receipt = replaced(hall, clerk, someone)
    page = clerk.get(f"counter/{handle}/")
    loss = page.receipts("G")[0]
    for kind, code in (("slip", receipt), ("acceptance", receipt), ("loss", loss)):
        paper = clerk.raw(f"counter/{handle}/pdf/{kind}/{code}/")
        assert paper.status_code == 200
        assert paper.content.startswith(b"%PDF")
        assert paper.headers["Cache-Control"] == "no-store"
    assert someone.name.reveal() not in page.text, "the name is clear on paper only"
    with hall.office.register.act() as connection:
        seen = rows(connection, "look.accesses", person_id=someone.person_id, most=9)
    assert [each["act"] for each in seen].count("Reveal") == 3
    _other, strange = replaced(hall, clerk, hall.resident())
    assert clerk.raw(f"counter/{handle}/pdf/slip/{strange}/").status_code == 404
    assert clerk.raw(f"counter/{handle}/pdf/fee/{receipt}/").status_code == 404


def test_the_one_time_notice_is_one_click(hall: Hall) -> None:
    """G6, form 6: everything missing, as PDF, from the form as it stands."""
    clerk, someone = hall.clerk("agency", "R2"), hall.resident("R2")
    handle = opened(clerk, someone)
    sent = clerk.client.post(f"/staff/counter/{handle}/replace/notice/", {"p1": "on"})
    assert sent.status_code == 200
    assert sent.content.startswith(b"%PDF")


def test_an_agent_with_two_papers_and_a_proof(hall: Hall) -> None:
    """B4 to B6, O1-12: both ID cards and a mandate or proof of relation; the agent's name kept."""
    clerk, someone, agent = hall.clerk(), hall.resident(), hall.resident()
    handle = opened(clerk, someone)
    who = {
        "actor": "agent",
        "agent_name": "代办甲",
        "agent_number": agent.number.reveal(),
        "agent_relation": "spouse",
    }
    page = act(clerk, handle, "lose", **who, **ID_CARD, condition="on")
    assert page.status == 422
    assert page.has("代办人的居民身份证", "委托书或关系证明")
    page = act(clerk, handle, "lose", actor="agent", **ID_CARD, condition="on")
    assert page.has("请填写代办人姓名", "请读取或输入代办人证件号码")
    papers = {"p0": "on", "p1": "on", "p2": ["1"]}
    page = act(clerk, handle, "lose", **who, **papers, condition="on")
    assert page.status == 200
    assert standing(hall, someone) is Standing.FORMAL_LOSS


def test_a_minor_acts_through_the_guardian(hall: Hall) -> None:
    """H9: no tab for the child; the guardian's number and the proof of relation are asked."""
    clerk, parent = hall.clerk(), hall.resident()
    child = hall.resident(born="20150505", guardian_id=parent.person_id)
    handle = opened(clerk, child)
    page = clerk.get(f"counter/{handle}/lose/")
    assert page.has("持卡人未成年，由监护人办理", "监护人姓名")
    assert "持卡人本人</a>" not in page.text
    who = {"agent_name": "家长", "agent_number": parent.number.reveal()}
    papers = {"p0": "on", "p1": "on", "p2": ["1"]}
    page = act(clerk, handle, "lose", **who, **papers, condition="on")
    assert page.status == 200
    hall.make(page.receipts("B")[0])
    slip = page.receipts("S")[0]
    papers = {"p0": "on", "p1": "on", "p2": ["1"]}
    page = act(clerk, handle, "collect", slip=slip, **who, **papers)
    assert page.has("新卡已交付")
    assert act(clerk, handle, "activate", **who).has("新卡已启用")


def test_the_employers_clerk_with_original_and_copy(hall: Hall) -> None:
    """B11, R2-04: the original alone is not enough; a stranger's employer is refused."""
    clerk = hall.clerk("contribution_counter", "R2")
    someone = hall.resident("R2", employer_id="R2-E1")
    handle = opened(clerk, someone)
    who = {"employer_id": "R2-E1", "agent_name": "经办甲", "agent_number": "110000198503100010"}

    who["agent_number"] = "11000019850310001" + check_character("11000019850310001")
    page = act(clerk, handle, "employer", **who, p0="on")
    assert page.status == 422
    assert page.has("居民身份证（原件及复印件）")
    page = act(clerk, handle, "employer", **{**who, "employer_id": "R2-E2"}, p0="on", p0_copy="on")
    assert page.has("所报信息与登记不一致")
    page = act(clerk, handle, "employer", **who, p0="on", p0_copy="on")
    assert page.has("已挂失")
    assert standing(hall, someone) is Standing.PROVISIONAL_LOSS


def test_a_numbered_paper_is_verified_and_used_once(hall: Hall) -> None:
    """B1, R2-05: the bank's loss slip by its number; an unknown one and a used one are refused."""
    clerk, someone = hall.clerk("agency", "R2"), hall.resident("R2")
    slip = IssueDocument("bank_loss_slip", someone.number, "示例第一银行")
    code = issue_document(hall.office, request("bank_clerk"), slip).facts["code"]
    handle = opened(clerk, someone)
    blank = clerk.get(f"counter/{handle}/replace/")
    assert blank.has("银行开具的挂失单：编号", "户口簿", "电子照片")
    papers = {"p1": "on", "p2": "on", "p3": "on", "photo": _photo()}
    page = act(clerk, handle, "replace", **papers, p0_code="D-0000-0000-0")
    assert page.status == 422
    assert page.has("没有查到编号")
    papers["photo"] = _photo()
    page = act(clerk, handle, "replace", **papers, p0_code=code)
    assert page.has("已受理补换卡")
    act(clerk, handle, "cancel")
    papers["photo"] = _photo()
    page = act(clerk, handle, "replace", **papers, p0_code=code)
    assert page.status == 422
    assert page.has("已经用过")


def _photo(image: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile("face.jpg", image or portrait(), "image/jpeg")


def test_a_photo_that_cannot_be_used_is_told_why(hall: Hall) -> None:
    """B3, H3: no photo, a wrong size, too large, then a good one."""
    clerk, someone = hall.clerk("service_point", "V2"), hall.resident("V2")
    handle = opened(clerk, someone)
    given = {**ID_CARD, "reason": "damaged"}
    assert act(clerk, handle, "replace", **given).has("请现场拍照后上传")
    small = _photo(portrait((100, 120)))
    assert act(clerk, handle, "replace", **given, photo=small).has("照片不合格")
    large = SimpleUploadedFile("face.jpg", io.BytesIO(b"x" * 600_000).read(), "image/jpeg")
    assert act(clerk, handle, "replace", **given, photo=large).has("照片超过 500 KB")
    page = act(clerk, handle, "replace", **given, photo=_photo())
    assert page.has("已受理补换卡")
    assert clerk.raw(f"counter/{handle}/photo/").headers["Content-Type"] == "image/jpeg"


def test_damaged_costs_less_and_is_paid_once(hall: Hall) -> None:
    """G9: the fee of the reason; a second payment shows the first receipt; the waiver is free."""
    clerk, someone = hall.clerk("service_point", "V1"), hall.resident("V1")
    handle = opened(clerk, someone)
    paper = clerk.post(f"counter/{handle}/replace/paper/", {"reason": "damaged", "p0": "on"})
    assert paper.has("10.00元", "居民身份证")
    page = act(clerk, handle, "replace", **ID_CARD, reason="damaged", photo=_photo())
    assert page.has("补卡费 10.00 元，还没有交")
    receipt = page.receipts("B")[0]
    pay = {"receipt": receipt, "means": "cash"}
    assert clerk.post(f"counter/{handle}/pay/", pay).has("已收费，收据 R-", "补卡费收据")
    again = clerk.post(f"counter/{handle}/pay/", pay)
    assert again.status == 422
    assert again.has("不会重复收费")
    other = hall.resident("V1")
    free = opened(clerk, other)
    waived = {"reason": "damaged", "waiver": "low_income", "photo": _photo()}
    assert "还没有交" not in act(clerk, free, "replace", **ID_CARD, **waived).text


def test_collection_and_activation(hall: Hall) -> None:
    """A11 to A13, G11: slip, number read, papers; once; then alive, and the old card dead."""
    clerk, someone = hall.clerk(), hall.resident()
    handle, receipt = replaced(hall, clerk, someone)
    slip = clerk.get(f"counter/{handle}/").receipts("S")[0]
    early = act(clerk, handle, "collect", slip=slip, p0=["0"])
    assert early.status == 422
    assert early.has("新卡还没到")
    hall.make(receipt)
    assert clerk.get("counter/").has("等人来领的卡", receipt)
    page = clerk.post("counter/find/", {"r-receipt": f"http://x/R1/case/{slip}"})
    assert page.has("核对无误，交卡", "持卡人证件号码")
    scanned = page.handle()
    wrong = hall.resident()
    given = {"slip": slip, "p0": ["0"]}
    refused = act(clerk, scanned, "collect", **given, id_number=wrong.number.reveal())
    assert refused.status == 422
    number = {"id_number": someone.number.reveal()}
    assert act(clerk, scanned, "collect", slip=slip, **number).has("还缺材料")
    done = act(clerk, scanned, "collect", **given, **number)
    assert done.has("新卡已交付，请本人启用", "启用新卡")
    again = act(clerk, scanned, "collect", **given, **number)
    assert again.status == 422
    assert again.has("一张只能领一次")
    assert act(clerk, scanned, "activate", **number).has("新卡已启用，旧卡已注销")
    assert standing(hall, someone) is Standing.USABLE
    dead = next(v for v in hall.file(someone).cards if v.card.card_id == someone.card_id)
    assert dead.standing is Standing.CANCELLED


def test_another_place_does_not_hand_over(hall: Hall) -> None:
    """A12, O1-9: the card lies where it was applied for."""

    clerk, someone = hall.clerk(), hall.resident()
    handle, receipt = replaced(hall, clerk, someone)
    slip = clerk.get(f"counter/{handle}/").receipts("S")[0]
    hall.make(receipt)
    second = place_id("R1", "service_point", 2)
    elsewhere = Clerk(hall.staff("counter_clerk", place_id=second))
    there = elsewhere.post("counter/find/", {"n-id_number": someone.number.reveal()}).handle()
    page = act(elsewhere, there, "collect", slip=slip, p0=["0"])
    assert page.status == 422
    assert page.has("请到那里办理")


def test_a_card_made_on_the_spot(hall: Hall) -> None:
    """E11, H4, H5: fee, made in the same visit, handed over and alive."""
    clerk = hall.clerk("service_centre", "R6")
    someone = hall.resident("R6")
    handle = opened(clerk, someone)
    page = act(clerk, handle, "replace", p0=["0"], reason="damaged", photo=_photo())
    assert page.has("新卡当场制好了", "25.00")
    receipt, slip = page.receipts("B")[0], page.receipts("S")[0]
    made = clerk.post(f"counter/{handle}/make/", {"receipt": receipt, "move": "instant"})
    assert made.has("新卡已到，可以领取")
    unpaid = act(clerk, handle, "collect", slip=slip, p0=["0"])
    assert unpaid.has("补卡费25.00元还没有交")
    clerk.post(f"counter/{handle}/pay/", {"receipt": receipt, "means": "qr"})
    assert act(clerk, handle, "collect", slip=slip, p0=["0"]).has("新卡已交付")
    assert act(clerk, handle, "activate").has("新卡已启用")


def test_a_found_card_is_withdrawn_with_the_card_itself(hall: Hall) -> None:
    """A14, E7 to E9: the number is read from the card; another card's number is refused."""
    clerk, someone = hall.clerk(), hall.resident()
    handle = opened(clerk, someone)
    act(clerk, handle, "pre", p0="0")
    assert act(clerk, handle, "withdraw", **ID_CARD).has("没有带卡不能撤销")
    wrong = {"found_card_number": hall.resident().card_number}
    assert act(clerk, handle, "withdraw", **ID_CARD, **wrong).status == 422
    right = {"found_card_number": someone.card_number.lower()}
    assert act(clerk, handle, "withdraw", **right).has("还缺材料：居民身份证")
    assert act(clerk, handle, "withdraw", **ID_CARD, **right).has("挂失已撤销，卡恢复使用")
    assert standing(hall, someone) is Standing.USABLE


def test_an_application_is_withdrawn_until_the_card_is_handed_over(hall: Hall) -> None:
    """G12: the unmade card is struck out; afterwards the act is gone."""
    clerk, someone = hall.clerk(), hall.resident()
    handle, _receipt = replaced(hall, clerk, someone)
    assert act(clerk, handle, "cancel").has("补卡申请已撤销")
    assert clerk.get(f"counter/{handle}/cancel/").status == 404


def test_only_what_the_law_knows_here_is_offered(hall: Hall) -> None:
    """R2, R6: a counter without a rule has no such page."""
    clerk, someone = hall.clerk("agency", "R6"), hall.resident("R6")
    handle = opened(clerk, someone)
    assert clerk.get(f"counter/{handle}/formal/").status == 200
    assert clerk.get(f"counter/{handle}/replace/").status == 404
    assert clerk.get(f"counter/{handle}/pre/").status == 404
    assert clerk.get(f"counter/{handle}/nothing/").status == 404


def test_the_hall_calls_the_next_visitor(hall: Hall) -> None:
    """G14: a ticket taken with the ID card opens the case; the number is read again for the act."""

    clerk, someone = hall.clerk(), hall.resident()
    assert clerk.post("counter/call/").has("现在没有人在等候")
    take = TakeTicket(place_id("R1", "service_point"), "card", someone.number)
    assert take_ticket(hall.office, request(), take).accepted
    assert clerk.get("counter/").has("人等候")
    page = clerk.post("counter/call/")
    assert page.has("已叫号：A0", "书面预挂失")
    assert clerk.get(f"counter/{page.handle()}/pre/").has("持卡人证件号码")


@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_refusals_speak_the_language_of_the_screen(hall: Hall, language: str) -> None:
    """H1: missing papers named in the language of the page."""
    clerk, someone = hall.clerk(language=language), hall.resident()
    page = act(clerk, opened(clerk, someone), "pre")
    said = {"zh-hant": "還缺材料：居民身份證或戶口簿", "en": "Papers are missing: resident ID card"}
    assert page.has(said[language])
