"""The hotline console: A1, A6, B8, E1 to E4, E10; verification, stop, read-out, refusals."""

from __future__ import annotations

import pytest

from minka.bench.places import place_id
from minka.cards.card import Standing
from minka.desk.loss import ReportLoss, report_loss
from minka.desk.withdraw import WithdrawLoss, withdraw_loss
from minka.kit.clock import china_text
from minka.kit.secret import Clear
from minka.law.papers import ShownPaper
from minka.store.connection import rows
from tests.desk.town import Resident, request
from tests.staff.desk import Clerk, Hall, Screen


def call(agent: Clerk, someone: Resident, do: str = "check", **facts: str) -> Screen:
    """What a caller says, typed into the console."""
    told = {"id_number": someone.number.reveal(), "name": someone.name.reveal(), **facts}
    return agent.post("hotline/", {**told, "do": do})


def test_the_script_comes_from_the_law(hall: Hall) -> None:
    """R1-01, R2-01, R3-01: the fields are the facts of the region's rule, no others are asked."""
    asked = {
        "R1": ("id_name", "id_id_number"),
        "R2": ("id_id_number", "id_card_computer_number"),
        "R3": ("id_name", "id_id_number", "id_card_number", "id_employer_name"),
    }
    for region, fields in asked.items():
        page = hall.agent(region).get("hotline/")
        for field in ("id_name", "id_card_number", "id_employer_name", "id_card_computer_number"):
            assert (f'id="{field}"' in page.text) is (field in fields), (region, field)
        assert "disabled" in page.text


def test_a_region_without_a_telephone_says_which_ways_there_are(hall: Hall) -> None:
    """R4, R5: no rule knows a report by telephone."""
    page = hall.agent("R4").get("hotline/")
    assert page.has("本地规定没有电话挂失", "银行柜台")
    assert "id_id_number" not in page.text


def test_facts_that_agree_open_the_file_masked(hall: Hall) -> None:
    """A1, K8: the file is shown masked, with what would follow as instants, never as a rule."""
    someone, agent = hall.resident(), hall.agent()
    page = call(agent, someone)
    assert page.status == 200
    assert page.has("一致", "确认后马上发生", "到期自动解除，卡恢复使用", "1100**********")
    assert "10天" not in page.text
    shown = page.text.replace(f'value="{someone.number.reveal()}"', "")
    assert someone.number.reveal() not in shown
    assert someone.card_number not in page.text


def test_a_wrong_fact_is_marked_and_nothing_is_shown(hall: Hall) -> None:
    """T13, ux 6: the mismatch is named to the agent, the button stays dead, the attempt is kept."""
    someone, agent = hall.resident(), hall.agent()
    page = call(agent, someone, name="另一人")
    assert page.status == 422
    assert page.has("不一致", "所报信息与登记不一致", 'data-key="l" disabled')
    assert "138****0000" not in page.text
    with hall.office.register.act() as connection:
        kept = connection.execute(
            "select channel, refusal from loss_attempt where person_id = %s", [someone.person_id]
        ).fetchall()
    assert [(k["channel"], k["refusal"]) for k in kept] == [("check:hotline", "loss.not_verified")]


def test_a_wrong_check_digit_says_where(hall: Hall) -> None:
    """ux 4: the part of the number that is wrong is named before the register is asked."""
    someone = hall.resident()
    last = someone.number.reveal()[-1]
    wrong = someone.number.reveal()[:-1] + ("1" if last != "1" else "2")
    page = call(hall.agent(), someone, id_number=wrong)
    assert page.status == 422
    assert page.has("校验不通过")


def test_another_citys_resident_is_unknown(hall: Hall) -> None:
    """T13: a card of another city answers as an unknown person does."""
    elsewhere = hall.resident("R2")
    page = call(hall.agent("R1"), elsewhere)
    assert page.status == 422
    assert page.has("所报信息与登记不一致")


def test_the_report_stops_the_card_and_is_read_out(hall: Hall) -> None:
    """A1, A2, A6: stopped at the answer; receipt and instants of the register are read out."""
    someone, agent = hall.resident(), hall.agent()
    call(agent, someone)
    page = call(agent, someone, "report")
    assert page.status == 200
    view = hall.file(someone).in_hand()
    assert view is not None
    assert view.standing is Standing.PROVISIONAL_LOSS
    assert view.until_at is not None
    receipt = page.receipts("G")[0]
    assert page.has("卡已停用", f"受理编号{receipt}", f"挂失有效至{china_text(view.until_at)}")
    assert page.has("止付处理中", "138****0000", "不发给来电号码")
    assert receipt in hall.file(someone).events[0].receipt
    assert someone.number.reveal() not in page.url


def test_the_same_form_sent_twice_reports_once(hall: Hall) -> None:
    """P6: one key, one report."""
    someone, agent = hall.resident(), hall.agent()
    told = {"id_number": someone.number.reveal(), "name": someone.name.reveal()}
    sent = {**told, "do": "report", "key": "hotline-once-0001"}
    first, second = agent.post("hotline/", sent), agent.post("hotline/", sent)
    assert first.receipts("G") == second.receipts("G")
    reported = [event for event in hall.file(someone).events if event.kind == "reported"]
    assert len(reported) == 1


def test_a_second_report_opens_the_standing_one(hall: Hall) -> None:
    """A6: no duplicate; the existing receipt is shown."""
    someone, agent = hall.resident(), hall.agent()
    receipt = call(agent, someone, "report").receipts("G")[0]
    again = call(agent, someone, "report")
    assert again.status == 422
    assert again.has("已经挂失，不用重复办理", receipt)


def test_first_stop_then_check(hall: Hall) -> None:
    """ux 6: a distressed caller's card is stopped in one step, by the facts of the rule alone."""
    someone = hall.resident()
    page = call(hall.agent(), someone, "stop_first", phone="13900000000", card_last4="0000")
    assert page.has("卡已停用")
    other = hall.resident()
    page = call(hall.agent(), other, "stop_first", name="另一人")
    assert page.status == 422
    view = hall.file(other).in_hand()
    assert view is not None
    assert view.standing is Standing.USABLE


def test_further_facts_are_marked_and_bar_nothing(hall: Hall) -> None:
    """E6: the calling number differs, the report stays possible, a call-back is advised."""
    someone = hall.resident()
    page = call(hall.agent(), someone, phone="13911112222", card_last4=someone.card_number[-4:])
    assert page.status == 200
    assert page.has("不一致", "回拨登记手机 138****0000")
    assert 'data-key="l" disabled' not in page.text


def test_the_third_report_of_a_day_warns(hall: Hall) -> None:
    """T3: flagged and warned, never refused."""
    someone, agent = hall.resident(), hall.agent()
    back = WithdrawLoss(
        "R1",
        "counter",
        someone.number,
        place_id("R1", "service_point"),
        papers=(ShownPaper("resident_id"),),
        found_card_number=someone.card_number,
    )
    for _ in range(2):
        assert call(agent, someone, "report").status == 200
        answer = withdraw_loss(hall.office, request("counter_clerk"), back)
        assert answer.accepted, answer
    assert call(agent, someone).has("24 小时内第三次挂失")
    assert call(agent, someone, "report").has("已标记")


def test_staff_confirm_what_waits_for_them(hall: Hall) -> None:
    """E3, R3-01: a report from outside waits; the medical staff's word stops the card."""
    someone = hall.resident("R3", employer_id="R3-E1")
    stated = {"name": someone.name}
    name = hall.file(someone).person.employer_name
    stated |= {"card_number": Clear(someone.card_number), "employer_name": Clear(name)}
    command = ReportLoss("R3", "hotline", someone.number, stated)
    answer = report_loss(hall.office, request(), command)
    assert answer.facts["state"] == "unconfirmed"
    receipt = answer.facts["receipt"]
    login = hall.staff("medical_staff", "R3")
    page = Clerk(login).get("confirm/")
    assert page.has(receipt, "医保工作人员")
    done = Clerk(login).post("confirm/", {"receipt": receipt})
    assert done.has(f"挂失已确认，卡已停用：{receipt}")
    view = hall.file(someone).in_hand()
    assert view is not None
    assert view.standing is Standing.PROVISIONAL_LOSS
    again = Clerk(login).post("confirm/", {"receipt": receipt})
    assert again.status == 422
    assert again.has("已经确认过")


def test_another_citys_report_is_not_confirmed(hall: Hall) -> None:
    """P15: a receipt of another region is unknown here."""
    someone = hall.resident("R1")
    command = ReportLoss("R1", "hotline", someone.number, {"name": someone.name})
    receipt = report_loss(hall.office, request("hotline_agent"), command).facts["receipt"]
    page = Clerk(hall.staff("medical_staff", "R3")).post("confirm/", {"receipt": receipt})
    assert page.status == 422
    assert page.has("没有查到这个编号")


def test_a_report_is_not_withdrawn_by_telephone_but_sent_on(hall: Hall) -> None:
    """A14, E7: refused by law, with the places, the papers, and an address to read out."""
    someone, agent = hall.resident(), hall.agent()
    handle = call(agent, someone, "report").handle()
    page = agent.post(f"hotline/{handle}/withdraw/")
    assert page.status == 422
    assert page.has("撤销挂失要到这些地方办理", "居民身份证", "请读给来电人", "服务网点")
    view = hall.file(someone).in_hand()
    assert view is not None
    assert view.standing is Standing.PROVISIONAL_LOSS


def test_a_rule_that_names_the_telephone_may_still_ask_for_the_card(hall: Hall) -> None:
    """V2: the telephone is named, but card and ID card must be seen, so the caller is sent on."""
    someone, agent = hall.resident("V2"), hall.agent("V2")
    page = call(agent, someone, "report", card_number=someone.card_number)
    handle = page.handle()
    refused = agent.post(f"hotline/{handle}/withdraw/")
    assert refused.status == 422
    assert refused.has("还缺材料：居民身份证、社会保障卡原卡", "请读给来电人")
    view = hall.file(someone).in_hand()
    assert view is not None
    assert view.standing is Standing.PROVISIONAL_LOSS


def test_a_status_question_needs_only_the_receipt(hall: Hall) -> None:
    """ux 6.3: the receipt opens the story masked; nothing can be done without the facts."""
    someone, agent = hall.resident(), hall.agent()
    receipt = call(agent, someone, "report").receipts("G")[0]
    page = hall.agent().post("hotline/receipt/", {"status-receipt": receipt.lower()})
    assert page.status == 200
    assert page.has(receipt, "已受理挂失")
    assert "来电人找到卡了" not in page.text
    wrong = agent.post("hotline/receipt/", {"status-receipt": "G-0000-0000-0"})
    assert wrong.status == 422


def test_a_click_reveals_and_is_on_record(hall: Hall) -> None:
    """P15: the field is shown after the audit event stands, with who and why."""
    someone = hall.resident()
    agent = hall.agent()
    handle = call(agent, someone).handle()
    page = agent.post(f"case/{handle}/reveal/", {"field": "number"})
    assert page.has(someone.number.reveal(), "已记录")
    with hall.office.register.act() as connection:
        seen = rows(connection, "look.accesses", person_id=someone.person_id, most=10)
    assert seen[0]["act"] == "Reveal"
    assert agent.post(f"case/{handle}/reveal/", {"field": "photo"}).status == 404
    assert hall.agent().post(f"case/{handle}/reveal/", {"field": "number"}).status == 404


def test_a_part_is_answered_with_a_part(hall: Hall) -> None:
    """htmx: the columns and, out of band, the bar with both stops; no whole page inside a page."""
    someone, agent = hall.resident(), hall.agent()
    told = {"id_number": someone.number.reveal(), "name": someone.name.reveal(), "do": "report"}
    page = agent.post("hotline/", told, **{"HX-Request": "true"})
    assert page.status == 200
    assert page.has('id="console"', 'id="caller"', 'hx-swap-oob="true"', "已停用")
    assert "<html" not in page.text
    assert page.headers["HX-Push-Url"].startswith("/staff/hotline/")
    story = agent.get(f"hotline/{page.handle()}/story/", **{"HX-Request": "true"})
    assert story.has('id="story"', 'hx-swap-oob="true"')


@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_a_refusal_speaks_the_agents_language(hall: Hall, language: str) -> None:
    """H1: sentences of the desk come in the language of the screen."""
    someone = hall.resident()
    page = call(hall.agent(language=language), someone, name="另一人")
    said = {"zh-hant": "所報資訊與登記不一致", "en": "does not agree with the register"}
    assert page.has(said[language])
