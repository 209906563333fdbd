"""Charges at the door: lines uploaded and split, lines taken back (2205, 2301, 2302)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import partial
from typing import Any

from minka.care.lines import LineClass
from minka.desk import charges
from minka.desk.catalogue import Charge
from minka.desk.visit import STAY
from minka.desk.visit_act import Facts
from minka.desk.visit_refusals import VisitRefusal
from minka.doors.insurance.acting import act, nothing
from minka.doors.insurance.core import Call
from minka.doors.insurance.settling import number

KINDS = {"drug": "09", "service": "05", "consumable": "08"}
"""med_chrgitm_type by kind of catalogue item: western medicine, treatment, material [recalled]."""
OTHER = "14"


def charge_of(row: Any) -> Charge:
    """A line as the desk takes it."""
    return Charge(
        row.feedetl_sn,
        row.med_list_codg,
        date.fromisoformat(row.fee_ocur_time[:10]),
        row.det_item_fee_sumamt,
        row.cnt,
        row.pric,
        getattr(row, "chrg_bchno", None) or "",
        getattr(row, "dise_codg", None) or "",
        getattr(row, "init_feedetl_sn", None) or "",
    )


def lines_of(call: Call) -> list[Charge] | None:
    """2204 and 2301: the lines of a message; None when they belong to several visits."""
    rows = call.message.input.feedetail
    if len({(each.mdtrt_id, each.psn_no) for each in rows}) > 1:
        return None
    return [charge_of(each) for each in rows]


def upload(call: Call) -> None:
    """2301: the lines of one stay; the answer has the split of each."""
    row, lines = call.message.input.feedetail[0], lines_of(call)
    if lines is None:
        return call.refuse(VisitRefusal.SEVERAL_VISITS)
    work = charges.upload(number(row.mdtrt_id), lines, STAY)
    return act(call, row.psn_no, work, partial(split_of, call))


def split_of(call: Call, facts: Facts) -> object:
    """The body of the answer to uploaded lines."""
    return call.dialect.outputs.output(call.message.infno, result=split_rows(facts["lines"]))


def split_rows(lines: Iterable[Mapping[str, Any]]) -> list[dict[str, object]]:
    """LINE SPLIT of each line, as the desk stored it."""
    return [_split_row(each) for each in lines]


def _split_row(line: Mapping[str, Any]) -> dict[str, object]:
    cls, kind, limit_e6, ratio_e4 = line["terms"]
    own, over, first, scope = line["parts"]
    return {
        "feedetl_sn": line["line"],
        "det_item_fee_sumamt": line["amount"],
        "cnt": line["quantity_e4"],
        "pric": line["price_e6"],
        "pric_uplmt_amt": limit_e6 or 0,
        "selfpay_prop": ratio_e4,
        "fulamt_ownpay_amt": own,
        "overlmt_amt": over,
        "preselfpay_amt": first,
        "inscp_scp_amt": scope,
        "chrgitm_lv": f"{LineClass(cls):02d}",
        "med_chrgitm_type": KINDS.get(kind, OTHER),
        "lmt_used_flag": "0",
    }


def delete_batch(call: Call) -> None:
    """2205: a batch, or whatever is not settled, is taken back."""
    data = call.message.input.data
    work = charges.delete_batch(number(data.mdtrt_id), data.chrg_bchno)
    act(call, data.psn_no, work, nothing)


def delete_lines(call: Call) -> None:
    """2302: lines, or whatever is not settled, are taken back."""
    rows = call.message.input.data
    if len({(each.mdtrt_id, each.psn_no) for each in rows}) > 1:
        return call.refuse(VisitRefusal.SEVERAL_VISITS)
    names = [each.feedetl_sn for each in rows]
    work = charges.delete_lines(number(rows[0].mdtrt_id), names)
    return act(call, rows[0].psn_no, work, nothing)


HANDLERS = {
    "2205": delete_batch,
    "2301": upload,
    "2302": delete_lines,
}
