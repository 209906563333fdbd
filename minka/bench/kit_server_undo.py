"""Server cases, fourth part: the same message again, refunds, reversals."""

from __future__ import annotations

import threading
from typing import Any

from minka.bench.kit_case import Cases, equal, expect
from minka.bench.kit_probe import Probe, Seen, Visit, dump
from minka.bench.kit_server_form import refused, turned_away
from minka.client.figures import fen
from minka.kit.fen import yuan

case: Cases[Probe] = Cases()
STORM = 20


def _settle_as(p: Probe, visit: Visit, msgid: str) -> tuple[Seen, dict[str, Any]]:
    node = p.settlement(visit)
    seen = p.say("2207", {"data": node}, msgid=msgid)
    expect("2207 成功 · succeeds", seen.short(), seen.is_yes)
    return seen, node


@case(
    "同一报文再来一次，给同样的回答，不再收钱。",
    "同一報文再來一次，給同樣的回答，不再收錢。",
    "The same message again gets the same answer and charges nothing more.",
)
def the_same_message_has_the_same_answer(p: Probe) -> None:
    visit, msgid = p.visit(), p.msgid()
    message = p.envelope("2207", {"data": p.settlement(visit)}, msgid=msgid)
    first, before = p.post(dump(message)), p.balance()
    again = p.post(dump(message))
    equal("setl_id", again.info.get("setl_id"), first.info.get("setl_id"))
    equal("output", again.output, first.output)
    equal("余额 · balance", p.balance(), before)


@case(
    "同一编号换了内容是错误，不能当新交易办。",
    "同一編號換了內容是錯誤，不能當新交易辦。",
    "The same id with other content is an error, never a new transaction.",
)
def the_same_id_with_other_content_is_refused(p: Probe) -> None:
    visit, msgid = p.visit(), p.msgid()
    done, node = _settle_as(p, visit, msgid)
    before = p.balance()
    changed = {**node, "invono": "OTHER", "acct_used_flag": "0"}
    turned_away(p.say("2207", {"data": changed}, msgid=msgid))
    equal("余额 · balance", p.balance(), before)
    setl_id = str(done.info["setl_id"])
    asked = {"psn_no": visit.psn_no, "setl_id": setl_id, "mdtrt_id": visit.mdtrt_id}
    found = p.must("5203", {"data": asked}).info
    equal("原结算仍在 · the first stands", str(found.get("setl_id")), setl_id)


@case(
    "二十份同样的报文同时到，只能有一笔结算。",
    "二十份同樣的報文同時到，只能有一筆結算。",
    "Twenty copies at the same moment make one settlement.",
)
def a_storm_of_copies_settles_once(p: Probe) -> None:
    visit, before = p.visit(), p.balance()
    node, msgid, seen = p.settlement(visit), p.msgid(), list[Seen]()
    message = p.envelope("2207", {"data": node}, msgid=msgid)
    threads = [
        threading.Thread(target=lambda: seen.append(p.post(dump(message)))) for _ in range(STORM)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    told = [each for each in seen if each.status == 200]
    expect("回答都是成功 · every answer is the yes", len(told), all(e.is_yes for e in told))
    numbers = {str(each.info["setl_id"]) for each in told}
    equal("一个setl_id · one setl_id", len(numbers), 1)
    once = fen(next(each for each in seen if each.is_yes).info["acct_pay"])
    equal("只扣一次 · charged once", p.balance(), before - once)


@case(
    "被拒绝的报文再来一次，仍是同样的拒绝。",
    "被拒絕的報文再來一次，仍是同樣的拒絕。",
    "A refused message that comes again is refused again.",
)
def a_refusal_is_repeated_too(p: Probe) -> None:
    visit, msgid = p.visit(), p.msgid()
    node = p.settlement(visit, medfee_sumamt=yuan(visit.total_fen + 1))
    refused(p.say("2207", {"data": node}, msgid=msgid))
    refused(p.say("2207", {"data": node}, msgid=msgid))


@case(
    "退费得到新的结算编号，各项金额都是负数。",
    "退費得到新的結算編號，各項金額都是負數。",
    "A refund has a number of its own and the same amounts, negative.",
)
def a_refund_is_the_negative(p: Probe) -> None:
    visit = p.visit()
    done = p.settle(visit)
    back = p.undo(done, visit)
    expect("2208 成功 · succeeds", back.short(), back.is_yes)
    expect("新setl_id · a new one", "", back.info["setl_id"] != done.info["setl_id"])
    for name in ("medfee_sumamt", "fund_pay_sumamt", "acct_pay"):
        equal(name, fen(back.info[name]), -fen(done.info[name]))


@case(
    "退费后余额和累计回到原来的值。",
    "退費後餘額和累計回到原來的值。",
    "After a refund balance and accumulators are what they were.",
)
def a_refund_restores_everything(p: Probe) -> None:
    visit = p.visit()
    before, used = p.balance(), p.used()
    p.undo(p.settle(visit), visit)
    equal("余额 · balance", p.balance(), before)
    after = p.used()
    expect("累计 · accumulators", after, all(after.get(k) == v for k, v in used.items()))


@case(
    "一笔结算只能退一次。",
    "一筆結算只能退一次。",
    "A settlement is refunded once.",
)
def a_refund_happens_once(p: Probe) -> None:
    visit = p.visit()
    done = p.settle(visit)
    p.undo(done, visit)
    before = p.balance()
    refused(p.undo(done, visit))
    equal("余额 · balance", p.balance(), before)


@case(
    "退费报文重发一次，不能退两次。",
    "退費報文重發一次，不能退兩次。",
    "A refund sent twice under one id pays back once.",
)
def a_refund_sent_twice_pays_once(p: Probe) -> None:
    visit = p.visit()
    done, msgid = p.settle(visit), p.msgid()
    node = {
        "setl_id": str(done.info["setl_id"]),
        "mdtrt_id": visit.mdtrt_id,
        "psn_no": visit.psn_no,
    }
    first = p.say("2208", {"data": node}, msgid=msgid)
    before = p.balance()
    again = p.say("2208", {"data": node}, msgid=msgid)
    equal("setl_id", again.info.get("setl_id"), first.info.get("setl_id"))
    equal("余额 · balance", p.balance(), before)


@case(
    "没有的结算不能退。",
    "沒有的結算不能退。",
    "What was never settled is not refunded.",
)
def an_unknown_settlement_is_not_refunded(p: Probe) -> None:
    visit = p.visit()
    node = {"setl_id": "9" * 26, "mdtrt_id": visit.mdtrt_id, "psn_no": visit.psn_no}
    refused(p.say("2208", {"data": node}))


@case(
    "不能用别人的编号退这笔结算。",
    "不能用別人的編號退這筆結算。",
    "A settlement is not refunded in somebody else's name.",
)
def anothers_settlement_is_not_refunded(p: Probe) -> None:
    other = p.psn_no(1)
    visit = p.visit()
    done = p.settle(visit)
    visit.psn_no = other
    refused(p.undo(done, visit))


@case(
    "退费以后同一张单可以重新结算。",
    "退費以後同一張單可以重新結算。",
    "After a refund the same bill can be settled anew.",
)
def a_refunded_bill_can_be_settled_again(p: Probe) -> None:
    visit = p.visit()
    first = p.settle(visit)
    p.undo(first, visit)
    second = p.settle(visit)
    expect("新的setl_id · a new one", "", second.info["setl_id"] != first.info["setl_id"])


@case(
    "退过的结算查得出来已退。",
    "退過的結算查得出來已退。",
    "A settlement that was refunded says so when asked.",
)
def a_refund_shows_when_asked(p: Probe) -> None:
    visit = p.visit()
    done = p.settle(visit)
    p.undo(done, visit)
    setl_id = str(done.info["setl_id"])
    node = {"psn_no": visit.psn_no, "setl_id": setl_id, "mdtrt_id": visit.mdtrt_id}
    info = p.must("5203", {"data": node}).info
    expect("refd_setl_flag 1", info.get("refd_setl_flag"), str(info.get("refd_setl_flag")) == "1")


@case(
    "冲正把结算完全撤回。",
    "沖正把結算完全撤回。",
    "A reversal takes a settlement back entirely.",
)
def a_reversal_restores_everything(p: Probe) -> None:
    visit, msgid = p.visit(), p.msgid()
    before, used = p.balance(), p.used()
    _settle_as(p, visit, msgid)
    seen = p.reverse(msgid, visit.psn_no)
    expect("2601 成功 · succeeds", seen.short(), seen.is_yes)
    equal("余额 · balance", p.balance(), before)
    after = p.used()
    expect("累计 · accumulators", after, all(after.get(k) == v for k, v in used.items()))


@case(
    "冲正先到、结算后到，结算必须拒绝。",
    "沖正先到、結算後到，結算必須拒絕。",
    "A reversal that overtakes its settlement stops it.",
)
def a_reversal_may_come_first(p: Probe) -> None:
    visit, msgid = p.visit(), p.msgid()
    node, before = p.settlement(visit), p.balance()
    seen = p.reverse(msgid, visit.psn_no)
    expect("2601 成功 · succeeds", seen.short(), seen.is_yes)
    refused(p.say("2207", {"data": node}, msgid=msgid))
    equal("余额 · balance", p.balance(), before)


@case(
    "先到的冲正只挡住那一个编号，换新编号可以结算。",
    "先到的沖正只擋住那一個編號，換新編號可以結算。",
    "Such a reversal stops that one id; under a new one the bill is settled.",
)
def a_new_id_is_free_after_a_reversal(p: Probe) -> None:
    visit, msgid = p.visit(), p.msgid()
    p.reverse(msgid, visit.psn_no)
    p.settle(visit)


@case(
    "同一个冲正再来一次，同样成功，不多退。",
    "同一個沖正再來一次，同樣成功，不多退。",
    "The same reversal again is a yes again, and gives back nothing more.",
)
def the_same_reversal_has_the_same_answer(p: Probe) -> None:
    visit, msgid, undo = p.visit(), p.msgid(), p.msgid()
    _settle_as(p, visit, msgid)
    node = {"psn_no": visit.psn_no, "omsgid": msgid, "oinfno": "2207"}
    p.say("2601", {"data": node}, msgid=undo)
    before = p.balance()
    again = p.say("2601", {"data": node}, msgid=undo)
    expect("成功 · a yes", again.short(), again.is_yes)
    equal("余额 · balance", p.balance(), before)


@case(
    "换个编号再冲正一次，也不能多退。",
    "換個編號再沖正一次，也不能多退。",
    "A second reversal under another id gives back nothing either.",
)
def a_second_reversal_pays_nothing(p: Probe) -> None:
    visit, msgid = p.visit(), p.msgid()
    _settle_as(p, visit, msgid)
    p.reverse(msgid, visit.psn_no)
    before = p.balance()
    p.reverse(msgid, visit.psn_no)
    equal("余额 · balance", p.balance(), before)


@case(
    "退过费的结算再冲正，不能退两份钱。",
    "退過費的結算再沖正，不能退兩份錢。",
    "Reversing a settlement that was refunded does not pay twice.",
)
def a_refunded_settlement_is_not_reversed(p: Probe) -> None:
    visit, msgid = p.visit(), p.msgid()
    done, _ = _settle_as(p, visit, msgid)
    p.undo(done, visit)
    before = p.balance()
    p.reverse(msgid, visit.psn_no)
    equal("余额 · balance", p.balance(), before)


@case(
    "冲正过的结算不能再退费。",
    "沖正過的結算不能再退費。",
    "A settlement that was reversed is not refunded as well.",
)
def a_reversed_settlement_is_not_refunded(p: Probe) -> None:
    visit, msgid = p.visit(), p.msgid()
    done, _ = _settle_as(p, visit, msgid)
    p.reverse(msgid, visit.psn_no)
    before = p.balance()
    refused(p.undo(done, visit))
    equal("余额 · balance", p.balance(), before)


@case(
    "冲正一笔退费，等于恢复原结算。",
    "沖正一筆退費，等於恢復原結算。",
    "Reversing a refund restores the settlement.",
)
def a_refund_can_be_reversed(p: Probe) -> None:
    visit, undo = p.visit(), p.msgid()
    done, settled = p.settle(visit), p.balance()
    node = {
        "setl_id": str(done.info["setl_id"]),
        "mdtrt_id": visit.mdtrt_id,
        "psn_no": visit.psn_no,
    }
    p.say("2208", {"data": node}, msgid=undo)
    seen = p.reverse(undo, visit.psn_no, "2208")
    expect("2601 成功 · succeeds", seen.short(), seen.is_yes)
    equal("余额 · balance", p.balance(), settled)


@case(
    "不在名单上的交易不能冲正。",
    "不在名單上的交易不能沖正。",
    "What is not on the list is not reversed.",
)
def only_the_list_is_reversed(p: Probe) -> None:
    visit = p.visit()
    for infno in ("1101", "2201", "2204", "2206", "2601"):
        refused(p.reverse(p.msgid(), visit.psn_no, infno))


@case(
    "冲正后同一编号的结算不能复活。",
    "沖正後同一編號的結算不能復活。",
    "A reversed message that comes again stays reversed.",
)
def a_reversed_message_stays_dead(p: Probe) -> None:
    visit, msgid = p.visit(), p.msgid()
    before = p.balance()
    _, node = _settle_as(p, visit, msgid)
    p.reverse(msgid, visit.psn_no)
    p.say("2207", {"data": node}, msgid=msgid)
    equal("余额 · balance", p.balance(), before)
