"""Client cases, first part: the form of what it says, and how it takes a yes and a no."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from minka.bench import kit_trial
from minka.bench.kit_case import Cases, equal, expect
from minka.bench.kit_trial import Trial, inputs
from minka.client.figures import ECHOED, fen
from minka.kit.clock import CHINA
from minka.wire.insurance.faults import Faulty
from minka.wire.insurance.gateway import NONCE
from minka.wire.insurance.registry import registry

case: Cases[Trial] = Cases()
NEAR = timedelta(minutes=10)


def _success(t: Trial) -> None:
    said = t.visit()
    expect("success", said, said.get("outcome") == "success")


@case(
    "一次普通就诊从查人到结算要走得通。",
    "一次普通就診從查人到結算要走得通。",
    "An ordinary visit goes through from 1101 to 2207.",
)
def an_ordinary_visit_succeeds(t: Trial) -> None:
    _success(t)
    equal("平台一笔结算 · one settlement", len(t.standing()), 1)
    t.agreed()


@case(
    "每个字段按规范填写，否则平台只能拒绝。",
    "每個欄位按規範填寫，否則平台只能拒絕。",
    "Every field is written as the interface wants it.",
)
def every_message_is_well_formed(t: Trial) -> None:
    _success(t)
    for each in t.heard():
        read = registry().read(each.raw)
        said = read.say() if isinstance(read, Faulty) else ""
        expect(f"{each.infno} 合规 · is well formed", said, not said)


@case(
    "先查人、挂号、传明细、预结算，再结算。",
    "先查人、掛號、傳明細、預結算，再結算。",
    "Person, registration, lines, quotation, and only then the settlement.",
)
def a_visit_has_its_order(t: Trial) -> None:
    _success(t)
    wanted = ["1101", "2201", "2204", "2206", "2207"]
    seen = [each.infno for each in t.heard() if each.infno in wanted]
    equal("次序 · order", list(dict.fromkeys(seen)), wanted)


@case(
    "报文编号是机构、时间、序号，冲正和对账都靠它。",
    "報文編號是機構、時間、序號，沖正和對帳都靠它。",
    "A msgid is institution, time and sequence; reversals and reconciliation rest on it.",
)
def msgids_have_their_form(t: Trial) -> None:
    _success(t)
    for each in t.heard():
        form = re.fullmatch(t.platform.gate.code + r"20\d{12}\d{4}", each.msgid)
        expect("12+14+4", each.msgid, form)


@case(
    "不同的报文不能用同一个编号。",
    "不同的報文不能用同一個編號。",
    "Different messages never share an id.",
)
def msgids_are_never_shared(t: Trial) -> None:
    for name in ("B1", "B2", "B3"):
        t.visit(name)
    said: dict[str, set[bytes]] = {}
    for each in t.heard():
        said.setdefault(each.msgid, set()).add(each.raw)
    shared = [msgid for msgid, bodies in said.items() if len(bodies) > 1]
    equal("没有共用 · none is shared", shared, [])


@case(
    "报文编号里的时间是现在，序号从它往下排。",
    "報文編號裡的時間是現在，序號從它往下排。",
    "The time in the id is now.",
)
def the_time_in_the_id_is_now(t: Trial) -> None:
    _success(t)
    for each in t.heard():
        at = datetime.strptime(each.msgid[12:26], "%Y%m%d%H%M%S").replace(tzinfo=CHINA)
        expect("十分钟以内 · within ten minutes", each.msgid, abs(datetime.now(CHINA) - at) < NEAR)


@case(
    "交易时间要用规定的格式，并且是现在。",
    "交易時間要用規定的格式，並且是現在。",
    "inf_time has its form and is now.",
)
def the_time_of_the_message_is_now(t: Trial) -> None:
    _success(t)
    for each in t.heard():
        text = str(each.message.get("inf_time"))
        at = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
        expect("十分钟以内 · within ten minutes", text, abs(datetime.now(CHINA) - at) < NEAR)


@case(
    "知道人员编号以后要带参保地，异地结算靠它选路。",
    "知道人員編號以後要帶參保地，異地結算靠它選路。",
    "Once the person is known the insured area is sent; routing depends on it.",
)
def the_insured_area_is_sent(t: Trial) -> None:
    _success(t)
    for each in t.heard("2201", "2204", "2206", "2207"):
        area = each.message.get("insuplc_admdvs")
        expect(f"{each.infno} insuplc_admdvs", area, area)


@case(
    "签到编号要带在后面的报文里。",
    "簽到編號要帶在後面的報文裡。",
    "The number of the session is in every later message.",
)
def the_session_is_named(t: Trial) -> None:
    _success(t)
    numbers = {each.message.get("sign_no") for each in t.heard() if each.infno != "9001"}
    expect("一个签到编号 · one sign_no", numbers, len(numbers) == 1 and all(numbers))


@case(
    "要写明经办人，责任才清楚。",
    "要寫明經辦人，責任才清楚。",
    "The operator is named, so that somebody answers for it.",
)
def the_operator_is_named(t: Trial) -> None:
    _success(t)
    for each in t.heard():
        for name in ("opter_type", "opter", "opter_name"):
            expect(name, each.infno, each.message.get(name))


@case(
    "每次投递的随机串都是新的。",
    "每次投遞的隨機串都是新的。",
    "Every delivery has a nonce of its own.",
)
def nonces_are_fresh(t: Trial) -> None:
    t.visit("B1")
    t.visit("B2")
    nonces = [each.headers.get(NONCE, "") for each in t.heard()]
    expect("都不同 · all different", nonces[:3], len(set(nonces)) == len(nonces) and all(nonces))


@case(
    "网关头要对，平台不能有一次拒收。",
    "閘道標頭要對，平台不能有一次拒收。",
    "The gateway's headers are right; not one delivery is turned away.",
)
def the_gateway_takes_everything(t: Trial) -> None:
    _success(t)
    turned = [(each.infno, each.status) for each in t.heard() if each.status != 200]
    equal("没有拒收 · none turned away", turned, [])


@case(
    "预结算的四项合计原样带回，平台靠它确认是同一张单。",
    "預結算的四項合計原樣帶回，平台靠它確認是同一張單。",
    "The four totals of the quotation are repeated unchanged.",
)
def the_totals_are_echoed(t: Trial) -> None:
    said = t.visit("B1", 8_000, 452, 1_999)
    quoted = t.heard("2206")[-1].answer["output"]["setlinfo"]
    node = inputs(t.heard("2207"))[-1]
    for name in ECHOED:
        equal(name, fen(node.get(name) or 0), fen(quoted[name]))
    equal("outcome", said.get("outcome"), "success")


@case(
    "结算总额等于上传明细之和。",
    "結算總額等於上傳明細之和。",
    "The total is that of the uploaded lines.",
)
def the_total_is_that_of_the_lines(t: Trial) -> None:
    t.visit("B1", 8_000, 452, 1_999)
    rows = t.heard("2204")[-1].message["input"]["feedetail"]
    lines = sum(fen(row["det_item_fee_sumamt"]) for row in rows)
    equal("medfee_sumamt", fen(inputs(t.heard("2207"))[-1]["medfee_sumamt"]), lines)


@case(
    "明细流水号不能重复，否则平台分不清。",
    "明細流水號不能重複，否則平台分不清。",
    "Line numbers never repeat.",
)
def line_numbers_are_unique(t: Trial) -> None:
    t.visit("B1", 100, 200)
    t.visit("B2", 100, 200)
    rows = [row for each in t.heard("2204") for row in each.message["input"]["feedetail"]]
    numbers = [row["feedetl_sn"] for row in rows]
    equal("不重复 · unique", len(set(numbers)), len(numbers))


@case(
    "被拒绝就不能入账。",
    "被拒絕就不能入帳。",
    "A refusal books nothing.",
)
def a_refusal_books_nothing(t: Trial) -> None:
    t.fault("refused:2207#1")
    said = t.visit()
    equal("outcome", said.get("outcome"), "refused")
    equal("booked", t.booked(), 0)


@case(
    "拒绝的原因要给收费员看到。",
    "拒絕的原因要給收費員看到。",
    "The clerk is shown the reason of a refusal.",
)
def the_reason_is_shown(t: Trial) -> None:
    t.fault("refused:2207#1")
    said = t.visit()
    reason = "演练：业务拒绝"
    expect(reason, said.get("message"), reason in str(said.get("message")))


@case(
    "拒绝后改正重办要用新的报文编号，旧编号永远是拒绝。",
    "拒絕後改正重辦要用新的報文編號，舊編號永遠是拒絕。",
    "After a refusal the next try has a new id; the old one is refused for ever.",
)
def a_new_id_follows_a_refusal(t: Trial) -> None:
    t.fault("refused:2207#1")
    t.visit()
    said = t.act("settle", bill="B1")
    ids = [each.msgid for each in t.heard("2207")]
    expect("两个编号 · two ids", ids, len(ids) == 2 and len(set(ids)) == 2)
    equal("outcome", said.get("outcome"), "success")
    t.agreed()


@case(
    "被拒绝的交易没有发生，不能冲正。",
    "被拒絕的交易沒有發生，不能沖正。",
    "What was refused did not happen and is not reversed.",
)
def a_refusal_is_not_reversed(t: Trial) -> None:
    t.fault("refused:2207#1")
    t.visit()
    t.repaired()
    equal("没有2601 · no 2601", len(t.heard("2601")), 0)


@case(
    "infcode是0却有错误说明、没有内容，就是拒绝。",
    "infcode是0卻有錯誤說明、沒有內容，就是拒絕。",
    "0 with an error text and nothing in it is a refusal.",
)
def zero_with_an_error_is_a_refusal(t: Trial) -> None:
    t.fault("zero_with_error:2207#1")
    equal("outcome", t.visit().get("outcome"), "refused")
    equal("booked", t.booked(), 0)


@case(
    "infcode可能是字符串，不能因此当成失败。",
    "infcode可能是字串，不能因此當成失敗。",
    "infcode may come as a string; that is no failure.",
)
def a_string_infcode_is_a_success(t: Trial) -> None:
    t.fault("infcode_as_string")
    equal("outcome", t.visit().get("outcome"), "success")
    t.agreed()


@case(
    "慢的回答也是回答，不能重复发送。",
    "慢的回答也是回答，不能重複發送。",
    "A slow answer is an answer; nothing is sent again.",
)
def a_slow_answer_is_awaited(t: Trial) -> None:
    t.fault(f"slow:2207#1~{kit_trial.PATIENCE_MS // 3}ms")
    equal("outcome", t.visit().get("outcome"), "success")
    equal("一次2207 · one 2207", len(t.heard("2207")), 1)


@case(
    "网络把报文送了两遍，医院只能记一次。",
    "網路把報文送了兩遍，醫院只能記一次。",
    "The network delivers twice; the hospital books once.",
)
def a_doubled_delivery_is_booked_once(t: Trial) -> None:
    t.fault("duplicate_delivery:2207#1")
    equal("outcome", t.visit().get("outcome"), "success")
    t.agreed()


@case(
    "同一张单按两次结算键，只能结一次。",
    "同一張單按兩次結算鍵，只能結一次。",
    "The button pressed twice settles once.",
)
def a_bill_is_settled_once(t: Trial) -> None:
    _success(t)
    t.act("settle", bill="B1")
    equal("平台一笔结算 · one settlement", len(t.standing()), 1)
    t.agreed()


@case(
    "预结算和结算之间卡被挂失，结算被拒，不能收统筹。",
    "預結算和結算之間卡被掛失，結算被拒，不能收統籌。",
    "A card lost between quotation and settlement: refused, and nothing is booked.",
)
def a_card_lost_in_between_is_refused(t: Trial) -> None:
    t.fault("card_blocked:2206#1")
    equal("outcome", t.visit().get("outcome"), "refused")
    equal("booked", t.booked(), 0)


@case(
    "平台换日时的结算记在平台的那一天，否则当天对不平。",
    "平台換日時的結算記在平台的那一天，否則當天對不平。",
    "A settlement at the day's cut is booked on the platform's day, or neither day balances.",
)
def a_day_cut_books_on_the_platforms_day(t: Trial) -> None:
    t.visit("B1")
    t.fault("day_cut:2207#1")
    t.visit("B2", 7_000)
    rows = t.act("book", days=[t.day()]).get("lines") or []
    equal("新的一天 · the new day", sum(int(row["total_fen"]) for row in rows), 7_000)
    t.agreed()
