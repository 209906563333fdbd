"""What the quick platform does for each transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from minka.bench import kit_books
from minka.bench.kit_books import AREA, SCHEME, Books, Entry, No, Visit, amounts, split
from minka.client.figures import ECHOED, fen
from minka.kit.fen import yuan

REVERSIBLE = frozenset({"2102", "2103", "2207", "2208", "2304", "2305", "2401"})


@dataclass(frozen=True, slots=True)
class Act:
    """One message to be acted on."""

    books: Books
    input: Mapping[str, Any]
    msgid: str
    infno: str

    @property
    def data(self) -> Mapping[str, Any]:
        """The node most transactions have."""
        node: Mapping[str, Any] = self.input["data"]
        return node


def person(act: Act) -> dict[str, Any]:
    """1101."""
    node = act.data
    who = act.books.shown(node["mdtrt_cert_type"], node["mdtrt_cert_no"], node.get("card_sn") or "")
    return {
        "baseinfo": {
            "psn_no": who.psn_no,
            "psn_cert_type": "01",
            "certno": who.certno,
            "psn_name": who.name,
            "gend": "1",
            "brdy": f"{who.certno[6:10]}-{who.certno[10:12]}-{who.certno[12:14]}",
            "age": 40,
        },
        "insuinfo": [
            {
                "balc": Decimal(yuan(who.balance_fen)),
                "insutype": SCHEME,
                "psn_type": "11",
                "psn_insu_stas": "1",
                "cvlserv_flag": "0",
                "insuplc_admdvs": AREA,
            }
        ],
        "idetinfo": [],
    }


def register(act: Act) -> dict[str, Any]:
    """2201."""
    node = act.data
    act.books.agrees(node)
    made = act.books.open_visit(node["psn_no"], "outpatient")
    return {
        "data": {
            "mdtrt_id": made.mdtrt_id,
            "psn_no": made.psn_no,
            "ipt_otp_no": node["ipt_otp_no"],
        }
    }


def cancel(act: Act) -> dict[str, Any]:
    """2202 and 2404: a visit without a settlement ends."""
    visit = act.books.visit(act.data, "open")
    if any(e.mdtrt_id == visit.mdtrt_id and not e.undone for e in act.books.entries.values()):
        raise No("已有结算，不能撤销登记")
    visit.state = "cancelled"
    return {}


def look(act: Act) -> dict[str, Any]:
    """2203: what is told of a visit is taken."""
    act.books.visit(act.input["mdtrtinfo"], "open")
    return {}


def upload(act: Act) -> dict[str, Any]:
    """2204 and 2301: all lines or none."""
    lines = act.input["feedetail"]
    visit = act.books.visit(lines[0], "open")
    made = [split(line) for line in lines]
    names = [row["feedetl_sn"] for row in made]
    if len(set(names)) < len(names) or set(names) & visit.lines.keys():
        raise No("费用明细流水号重复")
    if any(line["mdtrt_id"] != visit.mdtrt_id for line in lines):
        raise No("明细不属于同一就诊")
    visit.lines |= {row["feedetl_sn"]: row for row in made}
    return {"result": [_shown_line(row) for row in made]}


def _shown_line(row: Mapping[str, Any]) -> dict[str, Any]:
    money = ("det_item_fee_sumamt", "fulamt_ownpay_amt", "overlmt_amt", "preselfpay_amt")
    kept = ("feedetl_sn", "cnt", "pric", "chrgitm_lv")
    return {
        **{name: row[name] for name in kept},
        **{name: Decimal(yuan(row[name])) for name in (*money, "inscp_scp_amt", "pric_uplmt_amt")},
        "selfpay_prop": Decimal(row["selfpay_prop"]) / 10_000,
        "med_chrgitm_type": "09",
        "lmt_used_flag": "0",
    }


def delete(act: Act) -> dict[str, Any]:
    """2205: a batch, or 0000 for every line that is not settled."""
    node = act.data
    visit = act.books.visit(node, "open")
    batch = node["chrg_bchno"]
    settled = {
        e.batch
        for e in act.books.entries.values()
        if e.mdtrt_id == visit.mdtrt_id and e.kind == "settlement" and not e.undone
    }
    if batch in settled:
        raise No("该批次已结算，不能删除明细")
    visit.lines = {
        name: row
        for name, row in visit.lines.items()
        if row["chrg_bchno"] in settled or batch not in ("0000", row["chrg_bchno"])
    }
    return {}


def delete_stay(act: Act) -> dict[str, Any]:
    """2302."""
    for node in act.input["data"]:
        visit = act.books.visit(node, "open")
        if node["feedetl_sn"] == "0000":
            visit.lines = {}
        elif visit.lines.pop(node["feedetl_sn"], None) is None:
            raise No("明细不存在")
    return {}


def _lines(visit: Visit, batch: str) -> list[dict[str, Any]]:
    return [row for row in visit.lines.values() if batch in ("", row["chrg_bchno"])]


def _parts(act: Act) -> tuple[Visit, dict[str, int], str]:
    """The visit, the bill's parts and the batch; the total must be that of the lines."""
    node = act.data
    who = act.books.agrees(node)
    visit = act.books.visit(node, "open")
    batch = str(node.get("chrg_bchno") or "")
    parts = amounts(_lines(visit, batch), node.get("acct_used_flag", "0"), who.balance_fen)
    if fen(node["medfee_sumamt"]) != parts["total"]:
        raise No("医疗费总额与已上传明细之和不符")
    return visit, parts, batch


def _entry(act: Act, visit: Visit, parts: dict[str, int], *, batch: str, med_type: str) -> Entry:
    return Entry(
        setl_id=act.books.number("S"),
        msgid=act.msgid,
        infno=act.infno,
        psn_no=visit.psn_no,
        mdtrt_id=visit.mdtrt_id,
        kind="settlement",
        at=act.books.now(),
        med_type=med_type,
        batch=batch,
        amounts=parts,
    )


def _answer(act: Act, entry: Entry, *, quoted: str = "") -> dict[str, Any]:
    info = kit_books.shown(entry, act.books.person(entry.psn_no))
    if quoted:
        info.pop("setl_id")
    detail = {
        "fund_pay_type": "310100",
        "inscp_scp_amt": info["inscp_scp_amt"],
        "crt_payb_lmt_amt": info["fund_pay_sumamt"],
        "fund_payamt": info["fund_pay_sumamt"],
        "fund_pay_type_name": "职工基本医疗保险统筹基金",
        "setl_proc_info": "",
    }
    return {"setlinfo": info, "setldetail": [detail]}


def pre_settle(act: Act) -> dict[str, Any]:
    """2206 and 2303: leaves nothing behind."""
    visit, parts, batch = _parts(act)
    return _answer(
        act, _entry(act, visit, parts, batch=batch, med_type=_med_type(act)), quoted="yes"
    )


def _med_type(act: Act) -> str:
    return str(act.data.get("med_type") or "21")


def settle(act: Act) -> dict[str, Any]:
    """2207 and 2304: once per batch; the four totals are those of the quotation."""
    visit, parts, batch = _parts(act)
    if act.books.live(visit, batch) is not None:
        raise No("该单据已结算，不能重复结算")
    ours = ("own_pay", "over_limit", "self_first", "in_scope")
    for name, part in zip(ECHOED, ours, strict=True):
        if fen(act.data.get(name) or 0) != parts[part]:
            raise No(f"{name}与预结算不符")
    made = act.books.post(_entry(act, visit, parts, batch=batch, med_type=_med_type(act)))
    return _answer(act, made)


def _undone(act: Act) -> Entry:
    node = act.data
    entry = act.books.entries.get(node["setl_id"])
    if entry is None or entry.kind != "settlement" or entry.psn_no != node["psn_no"]:
        raise No("没有这笔结算")
    if entry.mdtrt_id != node["mdtrt_id"]:
        raise No("结算与就诊不符")
    if entry.undone:
        raise No("该结算已撤销")
    return entry


def refund(act: Act) -> dict[str, Any]:
    """2208, 2305 and 2103: a settlement's negative mirror under a number of its own."""
    made = act.books.undo(_undone(act), "refund", act.msgid, act.infno)
    return _answer(act, made)


def _purchase(act: Act) -> tuple[Visit, dict[str, int], list[dict[str, Any]]]:
    header, lines = act.input["druginfo"], act.input["drugdetail"]
    who = act.books.agrees(header)
    rows = [split(line) for line in lines]
    parts = amounts(rows, header.get("acct_used_flag", "0"), who.balance_fen)
    if fen(header["medfee_sumamt"]) != parts["total"]:
        raise No("医疗费总额与明细之和不符")
    return Visit("", who.psn_no, "pharmacy"), parts, rows


def pre_sell(act: Act) -> dict[str, Any]:
    """2101."""
    visit, parts, rows = _purchase(act)
    said = _answer(act, _entry(act, visit, parts, batch="", med_type="41"), quoted="yes")
    said["setlinfo"].pop("hosp_part_amt")
    return said | {"detlcutinfo": [_shown_line(row) for row in rows]}


def sell(act: Act) -> dict[str, Any]:
    """2102."""
    visit, parts, rows = _purchase(act)
    visit = act.books.open_visit(visit.psn_no, "pharmacy")
    made = act.books.post(_entry(act, visit, parts, batch="", med_type="41"))
    said = _answer(act, made)
    said["setlinfo"].pop("hosp_part_amt")
    return said | {"detlcutinfo": [_shown_line(row) for row in rows]}


def admit(act: Act) -> dict[str, Any]:
    """2401."""
    node = act.input["mdtrtinfo"]
    act.books.agrees(node)
    made = act.books.open_visit(node["psn_no"], "stay")
    act.books.admissions[act.msgid] = made.mdtrt_id
    return {"result": {"mdtrt_id": made.mdtrt_id}}


def discharge(act: Act) -> dict[str, Any]:
    """2402."""
    act.books.visit(act.input["dscginfo"], "open").state = "discharged"
    return {}


def undo_discharge(act: Act) -> dict[str, Any]:
    """2405."""
    act.books.visit(act.data, "discharged").state = "open"
    return {}


def reverse(act: Act) -> dict[str, Any]:
    """2601: undo what a message did, or see to it that it never does anything."""
    node, books = act.data, act.books
    if node["oinfno"] not in REVERSIBLE:
        raise No(f"交易{node['oinfno']}不能冲正")
    original = node["omsgid"]
    if original in books.tombstones or original in books.undone:
        raise No("原交易已冲正")
    if original not in books.answers:
        books.tombstones.add(original)
        return {}
    entry = next((e for e in act.books.entries.values() if e.msgid == original), None)
    if entry is not None:
        if entry.infno != node["oinfno"] or entry.psn_no != node["psn_no"]:
            raise No("原交易编号或人员与原报文不符")
        if entry.undone:
            raise No("原交易已退费，不能冲正")
        books.undo(entry, "reversal", act.msgid, "2601")
    if original in books.admissions:
        books.visits[books.admissions[original]].state = "cancelled"
    books.undone.add(original)
    return {}


def settlement(act: Act) -> dict[str, Any]:
    """5203."""
    entry = act.books.entries.get(act.data["setl_id"])
    if entry is None or entry.psn_no != act.data["psn_no"]:
        raise No("没有这笔结算")
    said = _answer(act, entry)
    said["setlinfo"] |= {"refd_setl_flag": "1" if entry.undone or entry.of_setl_id else "0"}
    return said


def accumulators(act: Act) -> dict[str, Any]:
    """5206."""
    who, now = act.books.person(act.data["psn_no"]), act.books.now()
    row = {
        "insutype": SCHEME,
        "year": str(now.year),
        "cum_ym": now.strftime("%Y%m"),
        "cum_type_code": "in_scope",
        "cum": Decimal(yuan(who.used_fen)),
    }
    return {"cuminfo": [row]}


def totals(act: Act) -> dict[str, Any]:
    """3201: the provider's totals beside ours."""
    node = act.data
    ours = [
        e
        for e in act.books.entries.values()
        if node["stmt_begndate"] <= e.at.strftime("%Y-%m-%d") <= node["stmt_enddate"]
        and _kind(act, e) == node["clr_type"]
        and not _nets_to_nothing(act, e)
    ]
    told = [fen(node[name]) for name in ("medfee_sumamt", "fund_pay_sumamt", "acct_pay")]
    held = [sum(e.amounts[name] for e in ours) for name in ("total", "fund", "account")]
    equal = told == held and int(node["fixmedins_setl_cnt"]) == len(ours)
    code = "000000" if equal else "000103" if told[0] == held[0] else "000101"
    code = "000102" if told[0] > held[0] else code
    return {"stmtinfo": {"setl_optins": AREA, "stmt_rslt": code, "stmt_rslt_dscr": str(held[0])}}


def _kind(act: Act, entry: Entry) -> str:
    """Clearing kind by what the visit is, so that a refund stands with its settlement."""
    kind = act.books.visits[entry.mdtrt_id].kind
    return {"pharmacy": "41", "stay": "21"}.get(kind, "11")


def _nets_to_nothing(act: Act, entry: Entry) -> bool:
    """A reversal and what it reversed are in nobody's totals."""
    other = act.books.entries.get(entry.undone)
    return entry.kind == "reversal" or (other is not None and other.kind == "reversal")


ACTS: Mapping[str, Callable[[Act], dict[str, Any]]] = {
    "1101": person,
    "2101": pre_sell,
    "2102": sell,
    "2103": refund,
    "2201": register,
    "2202": cancel,
    "2203": look,
    "2204": upload,
    "2205": delete,
    "2206": pre_settle,
    "2207": settle,
    "2208": refund,
    "2301": upload,
    "2302": delete_stay,
    "2303": pre_settle,
    "2304": settle,
    "2305": refund,
    "2401": admit,
    "2402": discharge,
    "2404": cancel,
    "2405": undo_discharge,
    "2601": reverse,
    "3201": totals,
    "5203": settlement,
    "5206": accumulators,
}
