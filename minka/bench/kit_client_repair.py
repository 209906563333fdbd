"""Client cases, second part: unknown outcomes, repair, refunds, and the night's comparison."""

from __future__ import annotations

import time
from collections.abc import Callable

from minka.bench import kit_trial
from minka.bench.kit_acts import REVERSIBLE
from minka.bench.kit_case import Cases, Skipped, equal, expect
from minka.bench.kit_driver import MortalDriver
from minka.bench.kit_faults import Fault
from minka.bench.kit_trial import Trial, inputs

case: Cases[Trial] = Cases()
OPEN_FAULTS = (
    *(Fault.CONNECTION_REFUSED, Fault.TIMEOUT_BEFORE_COMMIT, Fault.TIMEOUT_AFTER_COMMIT),
    *(Fault.LOST_REPLY, Fault.LATE_REPLY, Fault.BROKEN_JSON, Fault.EMPTY_BODY),
    *(Fault.MIDDLEWARE_SHAPE, Fault.ERROR_PAGE, Fault.ANSWER_OF_ANOTHER),
    *(Fault.YES_WITHOUT_NUMBER, Fault.LATE_DELIVERY),
)
SEALED_FAULTS = (Fault.WRONG_SIGNATURE, Fault.FORGED_ANSWER)


def _unknown(fault: Fault) -> Callable[[Trial], None]:
    def run(t: Trial) -> None:
        if fault in SEALED_FAULTS:
            t.sealed()
        late_ms = 2 * kit_trial.PATIENCE_MS
        t.fault(f"{fault.title}:2207#1~{late_ms}ms")
        said = t.visit()
        equal("outcome", said.get("outcome"), "unknown")
        equal("什么也没入账 · nothing is booked", t.booked(), 0)
        if fault in (Fault.LATE_DELIVERY, Fault.LATE_REPLY):
            time.sleep(late_ms / 1000)
        t.repaired()
        expect("最多一笔 · at most one", len(t.standing()), len(t.standing()) <= 1)
        t.agreed()

    return run


for _each in (*OPEN_FAULTS, *SEALED_FAULTS):
    case(
        f"{_each.words.zh_hans}：结果不明，不入账，补救后两边一致。",
        f"{_each.words.zh_hant}：結果不明，不入帳，補救後兩邊一致。",
        f"{_each.words.en} The outcome is unknown; after repair both books agree.",
        name=f"unknown_after_{_each.title}",
    )(_unknown(_each))


@case(
    "平台忙可以当拒绝也可以当不明，但绝不能入账。",
    "平台忙可以當拒絕也可以當不明，但絕不能入帳。",
    "Busy may be a refusal or unknown, but it is never booked.",
)
def busy_is_never_booked(t: Trial) -> None:
    t.fault("busy:2207#1")
    said = t.visit()
    expect("refused/unknown", said, said.get("outcome") in ("refused", "unknown"))
    equal("booked", t.booked(), 0)
    t.repaired()
    t.agreed()


@case(
    "结果不明时换新编号再结，是重复收费的根源。",
    "結果不明時換新編號再結，是重複收費的根源。",
    "Settling under a new id while the old one is open is how people pay twice.",
)
def no_new_settlement_while_one_is_open(t: Trial) -> None:
    t.fault("lost_reply:2207#1", "timeout_before_commit:2601#1+2")
    t.visit()
    t.act("settle", bill="B1")
    ids = list(dict.fromkeys(each.msgid for each in t.heard("2207")))
    done = {
        str(each.message["input"]["data"]["omsgid"]) for each in t.heard("2601") if each.is_done
    }
    expect("一个编号，或先冲正 · one id, or reversed first", ids, set(ids[:-1]) <= done)
    t.repaired()
    expect("最多一笔 · at most one", len(t.standing()), len(t.standing()) <= 1)
    t.agreed()


@case(
    "用同一编号再问时内容必须一字不差。",
    "用同一編號再問時內容必須一字不差。",
    "Asking again under the same id repeats the same content.",
)
def asking_again_repeats_the_content(t: Trial) -> None:
    t.fault("lost_reply:2207#1+2")
    t.visit()
    t.repaired()
    said: dict[str, list[object]] = {}
    for each in t.heard("2207"):
        said.setdefault(each.msgid, []).append(each.message.get("input"))
    changed = [msgid for msgid, all_ in said.items() if any(one != all_[0] for one in all_)]
    equal("没有改动 · none changed", changed, [])


@case(
    "补救要一直做到有结果，不能试几次就放弃。",
    "補救要一直做到有結果，不能試幾次就放棄。",
    "Repair goes on until there is an answer; it does not give up after some tries.",
)
def repair_does_not_give_up(t: Trial) -> None:
    t.fault("lost_reply:2207#1+6", "lost_reply:2601#1+6")
    t.visit()
    t.repaired()
    t.agreed()


@case(
    "冲正要写明原报文编号、原交易和本人。",
    "沖正要寫明原報文編號、原交易和本人。",
    "A reversal names the original message, its transaction and the person.",
)
def a_reversal_names_its_original(t: Trial) -> None:
    t.fault("lost_reply:2207#1")
    t.visit()
    t.repaired()
    sent = {each.msgid: each for each in t.heard()}
    for node in inputs(t.heard("2601")):
        original = sent.get(str(node.get("omsgid")))
        expect("omsgid 是发过的 · was sent", node, original is not None)
        assert original is not None
        equal("oinfno", node.get("oinfno"), original.infno)
        equal("psn_no", node.get("psn_no"), original.message["input"]["data"]["psn_no"])


@case(
    "只有名单上的交易可以冲正，查询和明细不行。",
    "只有名單上的交易可以沖正，查詢和明細不行。",
    "Only what is on the list is reversed, never a question or an upload.",
)
def only_the_list_is_reversed(t: Trial) -> None:
    for n, infno in enumerate(("1101", "2201", "2204", "2206")):
        t.fault(f"lost_reply:{infno}#1")
        t.visit(f"B{n}")
        t.fault()
        t.repaired()
    wrong = [n.get("oinfno") for n in inputs(t.heard("2601")) if n.get("oinfno") not in REVERSIBLE]
    equal("没有名单外的冲正 · none off the list", wrong, [])


@case(
    "冲正没有回音时，再发同一个冲正，不能另发一个。",
    "沖正沒有回音時，再發同一個沖正，不能另發一個。",
    "An unanswered reversal is sent again as the same message, never as a second one.",
)
def there_is_no_double_reversal(t: Trial) -> None:
    t.fault("lost_reply:2207#1+3", "lost_reply:2601#1+3")
    t.visit()
    t.repaired()
    by_original: dict[str, set[str]] = {}
    for each in t.heard("2601"):
        omsgid = str(each.message["input"]["data"]["omsgid"])
        by_original.setdefault(omsgid, set()).add(each.msgid)
    double = [omsgid for omsgid, ids in by_original.items() if len(ids) > 1]
    equal("每个原报文一个冲正 · one reversal each", double, [])
    t.agreed()


@case(
    "成功的结算要退钱用退费，不用冲正。",
    "成功的結算要退錢用退費，不用沖正。",
    "Money of a settlement that succeeded goes back by refund, not by reversal.",
)
def a_success_is_refunded_not_reversed(t: Trial) -> None:
    t.visit()
    said = t.act("refund", bill="B1")
    equal("outcome", said.get("outcome"), "success")
    equal("2208, 2601", (len(t.heard("2208")), len(t.heard("2601"))), (1, 0))
    equal("平台净额 · net", t.net(), 0)
    t.agreed()


@case(
    "退费键按两次，只能退一次。",
    "退費鍵按兩次，只能退一次。",
    "The refund button pressed twice pays back once.",
)
def a_refund_happens_once(t: Trial) -> None:
    t.visit()
    t.act("refund", bill="B1")
    t.act("refund", bill="B1")
    equal("平台净额 · net", t.net(), 0)
    equal("成功的2208 · 2208s done", sum(each.is_done for each in t.heard("2208")), 1)
    t.agreed()


@case(
    "退费的回答丢了，补救后不多退也不漏退。",
    "退費的回答丟了，補救後不多退也不漏退。",
    "A refund whose answer is lost is repaired: not twice, and not forgotten.",
)
def an_unknown_refund_is_repaired(t: Trial) -> None:
    t.visit()
    t.fault("lost_reply:2208#1")
    equal("outcome", t.act("refund", bill="B1").get("outcome"), "unknown")
    equal("退费还没入账 · not booked yet", t.booked(), t.platform.books.net() + 8_452)
    t.repaired()
    t.agreed()


@case(
    "退费后同一张单可以重新结算，用新编号。",
    "退費後同一張單可以重新結算，用新編號。",
    "After a refund the bill can be settled anew, under a new id.",
)
def a_refunded_bill_is_settled_anew(t: Trial) -> None:
    t.visit()
    t.act("refund", bill="B1")
    said = t.act("settle", bill="B1")
    equal("outcome", said.get("outcome"), "success")
    equal("两个编号 · two ids", len({each.msgid for each in t.heard("2207")}), 2)
    t.agreed()


@case(
    "卡挂失后，之前的结算仍然能退费。",
    "卡掛失後，之前的結算仍然能退費。",
    "After the card is lost an earlier settlement can still be refunded.",
)
def a_refund_needs_no_card(t: Trial) -> None:
    t.visit()
    t.platform.block_card(t.standing()[0].psn_no)
    equal("outcome", t.act("refund", bill="B1").get("outcome"), "success")
    t.agreed()


@case(
    "先到的冲正挡住后到的结算，两边都不入账。",
    "先到的沖正擋住後到的結算，兩邊都不入帳。",
    "Whatever arrives late after a repair changes nothing.",
)
def a_late_original_changes_nothing(t: Trial) -> None:
    t.fault(f"late_delivery:2207#1~{kit_trial.PATIENCE_MS}ms")
    t.visit()
    t.repaired()
    t.agreed()
    time.sleep(1.3 * kit_trial.PATIENCE_MS / 1000)
    t.agreed()


@case(
    "软件在结算途中断电，重启后补救，不重不漏。",
    "軟體在結算途中斷電，重啟後補救，不重不漏。",
    "The software dies during a settlement; after its restart nothing is doubled or lost.",
)
def a_crash_during_settlement_is_repaired(t: Trial) -> None:
    if not isinstance(t.driver, MortalDriver):
        raise Skipped("驱动在同一进程内 · the driver runs in this process")
    t.fault("timeout_after_commit:2207#1")
    t.driver.kill_during({"act": "visit", **t.bill("B1", 8_000)}, 0.7)
    t.act("sign_in")
    t.repaired()
    expect("最多一笔 · at most one", len(t.standing()), len(t.standing()) <= 1)
    t.agreed()


def _lost(infno: str, refund: str, begin: Callable[[Trial], object]) -> Callable[[Trial], None]:
    def run(t: Trial) -> None:
        t.fault(f"lost_reply:{infno}#1")
        begin(t)
        t.repaired()
        t.agreed()
        t.act("settle", bill="B1")
        t.agreed()
        equal("一笔结算 · one settlement", len(t.standing()), 1)
        t.fault(f"lost_reply:{refund}#1")
        t.act("refund", bill="B1")
        t.repaired()
        t.agreed()

    return run


case(
    "药店结算和退药的回答丢了，也要两边一致。",
    "藥店結算和退藥的回答丟了，也要兩邊一致。",
    "A purchase and its return whose answers are lost: both books agree.",
    name="an_unknown_purchase_is_repaired",
)(_lost("2102", "2103", Trial.purchase))
case(
    "住院结算和退费的回答丢了，也要两边一致。",
    "住院結算和退費的回答丟了，也要兩邊一致。",
    "A stay's settlement and refund whose answers are lost: both books agree.",
    name="an_unknown_stay_is_repaired",
)(_lost("2304", "2305", Trial.stay))
case(
    "入院登记的回答丢了，补救后只有一次住院在账上。",
    "入院登記的回答丟了，補救後只有一次住院在帳上。",
    "An admission whose answer is lost leaves one stay, not two.",
    name="an_unknown_admission_is_repaired",
)(_lost("2401", "2305", Trial.stay))


@case(
    "对面退了费，当晚的比对要能指出来。",
    "對面退了費，當晚的比對要能指出來。",
    "A refund made on the other side is found by the night's comparison.",
)
def a_refund_elsewhere_is_found(t: Trial) -> None:
    t.visit("B1")
    t.fault("refund_elsewhere:2207#1")
    t.visit("B2")
    theirs = [
        {
            "setl_id": e.setl_id,
            "mdtrt_id": e.mdtrt_id,
            "psn_no": e.psn_no,
            "total_fen": e.amounts["total"],
            "fund_fen": e.amounts["fund"],
            "account_fen": e.amounts["account"],
            "of": e.of_setl_id,
        }
        for e in t.entries()
    ]
    found = t.act("compare", day=t.day(), lines=theirs).get("differences") or []
    wanted = [e.setl_id for e in t.entries() if e.of_setl_id]
    equal("一处差异 · one difference", [row["setl_id"] for row in found], wanted)


@case(
    "当天的总额要与平台对平，这才证明补救有效。",
    "當天的總額要與平台對平，這才證明補救有效。",
    "The day's totals balance with the platform's: that alone proves the repairs.",
)
def the_day_is_proved(t: Trial) -> None:
    t.fault("lost_reply:2207#2")
    for n in range(3):
        t.visit(f"B{n}")
    t.repaired()
    t.act("refund", bill="B0")
    results = t.act("prove", day=t.day()).get("results") or []
    expect("对平 · balanced", results, results and all(set(each) == {"0"} for each in results))


@case(
    "网络坏了一整天，晚上两边的账仍然一致。",
    "網路壞了一整天，晚上兩邊的帳仍然一致。",
    "After a whole day on a bad network both books agree at night.",
)
def a_bad_day_ends_with_equal_books(t: Trial) -> None:
    t.stage.faults.chance.seed(7)
    t.fault("lost_reply@.2", "broken_json@.1", "empty_body@.1", "connection_refused@.1")
    for n in range(8):
        t.visit(f"B{n}")
        if n % 3 == 2:
            t.act("refund", bill=f"B{n - 1}")
    t.fault()
    t.repaired()
    t.agreed()
