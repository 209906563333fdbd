"""Server cases, fifth part: pharmacies and stays."""

from __future__ import annotations

from typing import Any

from minka.bench.kit_case import Cases, equal, expect
from minka.bench.kit_probe import Probe, Seen, Visit
from minka.bench.kit_server_form import refused
from minka.client.figures import ECHOED, fen
from minka.kit.fen import yuan

case: Cases[Probe] = Cases()
_NOT_BOUGHT = ("mdtrt_id", "bilg_dept_codg", "bilg_dept_name", "hosp_appr_flag", "chrg_bchno")


def _purchase(p: Probe, total_fen: int, place: int = 0) -> dict[str, Any]:
    visit = Visit(p.psn_no(place), "", "", p.shown(place), total_fen)
    (row,) = p.lines(visit, [(0, total_fen)])
    header = {
        "psn_no": visit.psn_no,
        **visit.shown,
        "begntime": row["fee_ocur_time"],
        "medfee_sumamt": yuan(total_fen),
        "insutype": p.target.insutype,
        "acct_used_flag": "1",
        "med_type": "41",
    }
    line = {name: value for name, value in row.items() if name not in _NOT_BOUGHT}
    return {"druginfo": header, "drugdetail": [line]}


def _bought(p: Probe, seen: Seen, infno: str, **changes: Any) -> Seen:
    node = {
        "setl_id": str(seen.info["setl_id"]),
        "mdtrt_id": str(seen.info["mdtrt_id"]),
        "psn_no": str(seen.info["psn_no"]),
        **changes,
    }
    return p.say(infno, {"data": node})


@case(
    "药店预结算不留痕迹，结算按它收钱。",
    "藥店預結算不留痕跡，結算按它收錢。",
    "A pharmacy's quotation leaves no trace, and the sale is charged as quoted.",
)
def a_purchase_is_as_quoted(p: Probe) -> None:
    nodes, before = _purchase(p, 3_300), p.balance()
    quoted = p.must("2101", nodes)
    equal("余额不变 · balance", p.balance(), before)
    done = p.must("2102", nodes)
    equal("acct_pay", fen(done.info["acct_pay"]), fen(quoted.info["acct_pay"]))
    equal("余额 · balance", p.balance(), before - fen(done.info["acct_pay"]))


@case(
    "药店退药把钱全部退回。",
    "藥店退藥把錢全部退回。",
    "A purchase taken back is paid back entirely.",
)
def a_purchase_can_be_taken_back(p: Probe) -> None:
    before = p.balance()
    done = p.must("2102", _purchase(p, 2_100))
    back = _bought(p, done, "2103")
    expect("2103 成功 · succeeds", back.short(), back.is_yes)
    equal("medfee_sumamt", fen(back.info["medfee_sumamt"]), -2_100)
    equal("余额 · balance", p.balance(), before)
    refused(_bought(p, done, "2103"))


@case(
    "药店结算也能冲正，冲正先到也要挡住。",
    "藥店結算也能沖正，沖正先到也要擋住。",
    "A purchase is reversed like a settlement, also when the reversal comes first.",
)
def a_purchase_can_be_reversed(p: Probe) -> None:
    nodes, before, done, never = _purchase(p, 1_700), p.balance(), p.msgid(), p.msgid()
    p.say("2102", nodes, msgid=done)
    p.reverse(done, p.psn_no(), "2102")
    p.reverse(never, p.psn_no(), "2102")
    refused(p.say("2102", nodes, msgid=never))
    equal("余额 · balance", p.balance(), before)


def _admit(p: Probe, msgid: str = "") -> Visit:
    psn_no, number, shown = p.psn_no(), p.number("I"), p.shown()
    node = {
        "psn_no": psn_no,
        "insutype": p.target.insutype,
        "begntime": p.lines(Visit(psn_no, "", "", {}, 0), [(0, 1)])[0]["fee_ocur_time"],
        **shown,
        "med_type": "21",
        "ipt_no": number,
        "atddr_no": "D1",
        "chfpdr_name": "医生甲",
        "adm_diag_dscr": "观察",
        "adm_dept_codg": "01",
        "adm_dept_name": "内科",
        "adm_bed": "3",
        "dscg_maindiag_code": "Z00.0",
        "dscg_maindiag_name": "检查",
    }
    nodes = {"mdtrtinfo": node, "diseinfo": [diagnosis(psn_no, str(node["begntime"]))]}
    seen = p.say("2401", nodes, msgid=msgid or p.msgid())
    expect("2401 成功 · succeeds", seen.short(), seen.is_yes)
    return Visit(psn_no, str(seen.output["result"]["mdtrt_id"]), "", shown, 0)


def diagnosis(psn_no: str, at: str) -> dict[str, str]:
    """Why somebody stays."""
    return {
        "psn_no": psn_no,
        "diag_type": "1",
        "maindiag_flag": "1",
        "diag_srt_no": "1",
        "diag_code": "Z00.0",
        "diag_name": "检查",
        "diag_dept": "01",
        "dise_dor_no": "D1",
        "dise_dor_name": "医生甲",
        "diag_time": at,
    }


def _stay(p: Probe, total_fen: int) -> Visit:
    visit = _admit(p)
    (row,) = p.lines(visit, [(0, total_fen)])
    line = {n: v for n, v in row.items() if n not in ("chrg_bchno", "rx_circ_flag")}
    p.must("2301", {"feedetail": [{**line, "med_type": "21"}]})
    visit.total_fen = total_fen
    return visit


def _stay_bill(p: Probe, visit: Visit, echoed: dict[str, str]) -> dict[str, Any]:
    bill = p.bill(visit)
    kept = {name: value for name, value in bill.items() if name not in ("med_type", "chrg_bchno")}
    return {**kept, "invono": "", "mid_setl_flag": "0", **echoed}


def _settle_stay(p: Probe, visit: Visit) -> Seen:
    scope = dict(zip(ECHOED, ("0", "0", "0", yuan(visit.total_fen)), strict=True))
    quoted = p.must("2303", {"data": _stay_bill(p, visit, scope)})
    echoed = {name: str(quoted.info.get(name, "0")) for name in ECHOED}
    return p.must("2304", {"data": _stay_bill(p, visit, echoed)})


@case(
    "住院结算能加起来，出院、撤销出院、退费都走得通。",
    "住院結算能加起來，出院、撤銷出院、退費都走得通。",
    "A stay is settled, discharged, the discharge undone, and the settlement refunded.",
)
def a_stay_goes_all_the_way(p: Probe) -> None:
    visit, before = _stay(p, 90_000), p.balance()
    done = _settle_stay(p, visit)
    equal("medfee_sumamt", fen(done.info["medfee_sumamt"]), 90_000)
    back = p.undo(done, visit, "2305")
    expect("2305 成功 · succeeds", back.short(), back.is_yes)
    equal("medfee_sumamt", fen(back.info["medfee_sumamt"]), -90_000)
    equal("余额 · balance", p.balance(), before)


@case(
    "一次住院不能结两次。",
    "一次住院不能結兩次。",
    "A stay is settled once.",
)
def a_stay_is_settled_once(p: Probe) -> None:
    visit = _stay(p, 60_000)
    done = _settle_stay(p, visit)
    echoed = {name: str(done.info.get(name, "0")) for name in ECHOED}
    before = p.balance()
    refused(p.say("2304", {"data": _stay_bill(p, visit, echoed)}))
    equal("余额 · balance", p.balance(), before)


@case(
    "入院登记能冲正，结果不明的入院不会留下空床。",
    "入院登記能沖正，結果不明的入院不會留下空床。",
    "An admission is reversed, so that an unknown one leaves no ghost in a bed.",
)
def an_admission_can_be_reversed(p: Probe) -> None:
    msgid = p.msgid()
    visit = _admit(p, msgid)
    seen = p.reverse(msgid, visit.psn_no, "2401")
    expect("2601 成功 · succeeds", seen.short(), seen.is_yes)
    (row,) = p.lines(visit, [(0, 100)])
    line = {n: v for n, v in row.items() if n not in ("chrg_bchno", "rx_circ_flag")}
    refused(p.say("2301", {"feedetail": [{**line, "med_type": "21"}]}))
