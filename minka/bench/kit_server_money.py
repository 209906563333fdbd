"""Server cases, third part: visits, lines, settlements."""

from __future__ import annotations

import threading
from decimal import Decimal

from minka.bench.kit_case import Cases, equal, expect
from minka.bench.kit_probe import Probe, Seen
from minka.bench.kit_server_form import refused
from minka.client.figures import ECHOED, fen
from minka.kit.fen import yuan

case: Cases[Probe] = Cases()
LINE = ("fulamt_ownpay_amt", "overlmt_amt", "preselfpay_amt", "inscp_scp_amt")


def _add_up(seen: Seen) -> None:
    """Invariants 1 to 3 of a settlement."""
    info = seen.info
    total = fen(info["medfee_sumamt"])
    equal("四项之和=总额 · the four totals add up", sum(fen(info[n]) for n in ECHOED), total)
    fund, hospital = fen(info["fund_pay_sumamt"]), fen(info.get("hosp_part_amt") or 0)
    person, cash = fen(info["psn_part_amt"]), fen(info["psn_cash_pay"])
    both = (fund + person + hospital, fund + cash + hospital)
    expect("基金+个人+医院=总额 · fund, person and hospital add up", both, total in both)
    account = fen(info["acct_pay"]) + fen(info.get("acct_mulaid_pay") or 0)
    equal("账户+现金=个人 · account and cash add up", account + cash, person)


@case(
    "挂号得到就诊编号，后面每一步都靠它。",
    "掛號得到就診編號，後面每一步都靠它。",
    "Registration gives the visit's id; every later step needs it.",
)
def a_registration_gives_an_id(p: Probe) -> None:
    first, second = p.register(), p.register()
    expect("两次挂号两个编号 · two ids", first.mdtrt_id, first.mdtrt_id != second.mdtrt_id)


@case(
    "平台拆分每条明细，四部分之和等于金额。",
    "平台拆分每條明細，四部分之和等於金額。",
    "The platform splits each line, and the four parts add up to it.",
)
def lines_are_split_without_loss(p: Probe) -> None:
    visit = p.visit((0, 8_000), (1, 452), (2, 1_234), (1, 1))
    equal("四条明细 · four lines", len(visit.split), 4)
    for row in visit.split:
        parts = sum(fen(row.get(name) or 0) for name in LINE)
        equal(f"{row['feedetl_sn']}", parts, fen(row["det_item_fee_sumamt"]))


@case(
    "丙类全自费，不能有一分进入报销范围。",
    "丙類全自費，不能有一分進入報銷範圍。",
    "Class 丙 is paid by the person alone; not a fen of it is in scope.",
)
def class_three_is_not_covered(p: Probe) -> None:
    (row,) = p.visit((2, 5_000)).split
    equal("fulamt_ownpay_amt", fen(row["fulamt_ownpay_amt"]), 5_000)
    equal("chrgitm_lv", str(row["chrgitm_lv"]), "03")


@case(
    "乙类先行自付按四舍五入到分，差一分对账就不平。",
    "乙類先行自付按四捨五入到分，差一分對帳就不平。",
    "Class 乙 is rounded half up to the fen; one fen off and no day balances.",
)
def class_two_is_rounded_half_up(p: Probe) -> None:
    for amount in (452, 455, 1_005, 7):
        (row,) = p.visit((1, amount)).split
        ratio = int(Decimal(str(row["selfpay_prop"])) * 10_000)
        whole = amount - fen(row["overlmt_amt"] or 0)
        equal(f"{amount} × {ratio}", fen(row["preselfpay_amt"]), (whole * ratio + 5_000) // 10_000)


@case(
    "同一条明细上传两次只能算一次。",
    "同一條明細上傳兩次只能算一次。",
    "The same line uploaded twice counts once.",
)
def a_line_counts_once(p: Probe) -> None:
    visit = p.register()
    rows = p.lines(visit, [(0, 3_000)])
    p.must("2204", {"feedetail": rows})
    p.say("2204", {"feedetail": rows})
    visit.total_fen = 3_000
    equal("总额 · total", fen(p.quote(visit).info["medfee_sumamt"]), 3_000)


@case(
    "目录里没有的项目要拒绝，整批都不收。",
    "目錄裡沒有的項目要拒絕，整批都不收。",
    "An item no catalogue knows is refused, and with it the whole batch.",
)
def an_unknown_item_refuses_the_batch(p: Probe) -> None:
    visit = p.register()
    rows = p.lines(visit, [(0, 3_000), (0, 2_000)])
    rows[1]["med_list_codg"] = "ZZ-NOT-THERE"
    refused(p.say("2204", {"feedetail": rows}))
    p.must("2204", {"feedetail": p.lines(visit, [(0, 700)])})
    visit.total_fen = 700
    p.quote(visit)


@case(
    "明细可以撤销，撤销后不能再结算。",
    "明細可以撤銷，撤銷後不能再結算。",
    "Lines can be taken back, and then they are not settled.",
)
def deleted_lines_are_gone(p: Probe) -> None:
    visit = p.visit()
    given = {"mdtrt_id": visit.mdtrt_id, "psn_no": visit.psn_no, "chrg_bchno": "0000"}
    p.must("2205", {"data": given})
    refused(p.data("2206", **p.bill(visit)))


@case(
    "预结算可以反复做，不留任何痕迹。",
    "預結算可以反覆做，不留任何痕跡。",
    "A pre-settlement can be repeated and leaves no trace.",
)
def a_quotation_leaves_no_trace(p: Probe) -> None:
    visit, before, used = p.visit(), p.balance(), p.used()
    first, second = p.quote(visit), p.quote(visit)
    same = ("medfee_sumamt", "fund_pay_sumamt", "acct_pay", "psn_cash_pay")
    equal(
        "两次一样 · twice the same", [second.info[n] for n in same], [first.info[n] for n in same]
    )
    expect("没有setl_id · no setl_id", sorted(first.info), not first.info.get("setl_id"))
    equal("余额不变 · balance", p.balance(), before)
    equal("累计不变 · accumulators", p.used(), used)


@case(
    "预结算的各项金额要能加起来。",
    "預結算的各項金額要能加起來。",
    "The amounts of a pre-settlement add up.",
)
def a_quotation_adds_up(p: Probe) -> None:
    _add_up(p.quote(p.visit((0, 12_345), (1, 6_789), (2, 1_111))))


@case(
    "结算的各项金额要能加起来。",
    "結算的各項金額要能加起來。",
    "The amounts of a settlement add up.",
)
def a_settlement_adds_up(p: Probe) -> None:
    _add_up(p.settle(p.visit((0, 12_345), (1, 6_789), (2, 1_111))))


@case(
    "结算与刚才的预结算一致，病人按它付款。",
    "結算與剛才的預結算一致，病人按它付款。",
    "The settlement is what was quoted: the patient agreed to that.",
)
def a_settlement_is_as_quoted(p: Probe) -> None:
    visit = p.visit()
    quoted, settled = p.quote(visit), p.settle(visit)
    for name in ("medfee_sumamt", "fund_pay_sumamt", "acct_pay", "psn_cash_pay"):
        equal(name, fen(settled.info[name]), fen(quoted.info[name]))


@case(
    "结算应答带回请求的报文编号，两边靠它对账。",
    "結算應答帶回請求的報文編號，兩邊靠它對帳。",
    "The settlement names the request's msgid; both sides reconcile by it.",
)
def a_settlement_names_its_message(p: Probe) -> None:
    visit, msgid = p.visit(), p.msgid()
    seen = p.say("2207", {"data": p.settlement(visit)}, msgid=msgid)
    equal("medins_setl_id", str(seen.info.get("medins_setl_id")), msgid)


@case(
    "结算从账户扣掉的正是应答写的金额。",
    "結算從帳戶扣掉的正是應答寫的金額。",
    "The account is charged exactly what the answer says.",
)
def the_account_is_charged_as_told(p: Probe) -> None:
    visit, before = p.visit(), p.balance()
    info = p.settle(visit).info
    equal("余额=原余额-账户支付 · balance", p.balance(), before - fen(info["acct_pay"]))
    equal("balc", fen(info["balc"]), p.balance())


@case(
    "不用账户时账户一分不动。",
    "不用帳戶時帳戶一分不動。",
    "Where the account is not to be used, not a fen leaves it.",
)
def an_unused_account_is_untouched(p: Probe) -> None:
    visit, before = p.visit(), p.balance()
    info = p.quote(visit).info
    echoed = {name: str(info.get(name, "0")) for name in ECHOED}
    node = {**p.bill(visit, acct_used_flag="0"), "invono": "", **echoed}
    seen = p.must("2207", {"data": node})
    equal("acct_pay", fen(seen.info["acct_pay"]), 0)
    equal("余额 · balance", p.balance(), before)


@case(
    "结算总额和明细不符要拒绝。",
    "結算總額和明細不符要拒絕。",
    "A total that is not that of the lines is refused.",
)
def a_wrong_total_is_refused(p: Probe) -> None:
    visit = p.visit()
    node = p.settlement(visit, medfee_sumamt=yuan(visit.total_fen + 1))
    refused(p.say("2207", {"data": node}))


@case(
    "回传的四项合计与预结算不符要拒绝，说明两边算的不是同一张单。",
    "回傳的四項合計與預結算不符要拒絕，說明兩邊算的不是同一張單。",
    "Totals that differ from the quotation are refused: the two sides mean different bills.",
)
def a_wrong_echo_is_refused(p: Probe) -> None:
    visit = p.visit()
    node = p.settlement(visit)
    node["inscp_scp_amt"] = yuan(fen(node["inscp_scp_amt"]) + 100)
    refused(p.say("2207", {"data": node}))


@case(
    "一张单换个报文编号再结算，不能再收一次钱。",
    "一張單換個報文編號再結算，不能再收一次錢。",
    "A bill settled again under another msgid is not charged again.",
)
def a_bill_is_settled_once(p: Probe) -> None:
    visit = p.visit()
    node = p.settlement(visit)
    p.must("2207", {"data": node})
    before = p.balance()
    refused(p.say("2207", {"data": node}))
    equal("余额 · balance", p.balance(), before)


@case(
    "别人的凭证不能结这个人的账。",
    "別人的憑證不能結這個人的帳。",
    "Somebody else's credential does not settle this person's bill.",
)
def anothers_credential_is_refused(p: Probe) -> None:
    other = p.shown(1)
    visit = p.visit()
    refused(p.say("2207", {"data": {**p.settlement(visit), **other}}))


@case(
    "别人的就诊不能用来结算。",
    "別人的就診不能用來結算。",
    "Somebody else's visit cannot be settled.",
)
def anothers_visit_is_refused(p: Probe) -> None:
    theirs, visit = p.visit(place=1), p.visit()
    node = p.settlement(visit, mdtrt_id=theirs.mdtrt_id)
    refused(p.say("2207", {"data": node}))


@case(
    "两张单同时结算，账户不能透支，也不能少扣。",
    "兩張單同時結算，帳戶不能透支，也不能少扣。",
    "Two bills settled at the same moment neither overdraw the account nor charge too little.",
)
def two_bills_at_once_are_both_charged(p: Probe) -> None:
    bills = [p.settlement(p.visit((0, 4_000))) for _ in range(4)]
    before, seen = p.balance(), list[Seen]()
    threads = [
        threading.Thread(target=lambda node=node: seen.append(p.say("2207", {"data": node})))
        for node in bills
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    charged = sum(fen(each.info["acct_pay"]) for each in seen if each.is_yes)
    equal("四个回答 · four answers", len(seen), len(bills))
    equal("余额 · balance", p.balance(), before - charged)


@case(
    "查询得到的结算与结算时的应答一致。",
    "查詢得到的結算與結算時的應答一致。",
    "The settlement as queried is the settlement as answered.",
)
def a_settlement_can_be_asked_for(p: Probe) -> None:
    visit = p.visit()
    done = p.settle(visit)
    setl_id = str(done.info["setl_id"])
    node = {"psn_no": visit.psn_no, "setl_id": setl_id, "mdtrt_id": visit.mdtrt_id}
    info = p.must("5203", {"data": node}).info
    for name in ("medfee_sumamt", "fund_pay_sumamt", "acct_pay"):
        equal(name, fen(info[name]), fen(done.info[name]))


@case(
    "结算使年度累计增加。",
    "結算使年度累計增加。",
    "A settlement moves the yearly accumulators.",
)
def accumulators_move(p: Probe) -> None:
    before = p.used()
    p.settle(p.visit((0, 9_000)))
    expect("累计有变化 · they moved", p.used(), p.used() != before)
