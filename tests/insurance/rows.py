"""The rows of messages: registrations, lines, purchases, diagnoses, in the interface's names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from minka.client import Purchase
from minka.kit.clock import CHINA
from minka.kit.fen import yuan

if TYPE_CHECKING:
    from tests.insurance.hall import Patient

Row = dict[str, Any]


def registration(number: str) -> Row:
    """What a registration says besides the person."""
    return {
        "insutype": "310",
        "begntime": datetime.now(CHINA),
        "ipt_otp_no": number,
        "atddr_no": "D1",
        "dr_name": "医生甲",
        "dept_code": "01",
        "dept_name": "内科",
        "caty": "A03",
    }


def line(batch: str, mdtrt_id: str, fen: int, code: str = "A001", **more: Any) -> Row:
    """One line of a bill, one unit of it."""
    return {
        "feedetl_sn": f"{batch}-1",
        "mdtrt_id": mdtrt_id,
        "chrg_bchno": batch,
        "rx_circ_flag": "0",
        "fee_ocur_time": datetime.now(CHINA),
        "med_list_codg": code,
        "medins_list_codg": code,
        "det_item_fee_sumamt": yuan(fen),
        "cnt": "1",
        "pric": yuan(fen),
        "bilg_dept_codg": "01",
        "bilg_dept_name": "内科",
        "bilg_dr_codg": "D1",
        "bilg_dr_name": "医生甲",
        "hosp_appr_flag": "0",
        **more,
    }


def stay_line(name: str, mdtrt_id: str, fen: int, code: str = "A001", **more: Any) -> Row:
    """One line of a stay."""
    row = line(name, mdtrt_id, fen, code, **{"feedetl_sn": name, "med_type": "21", **more})
    del row["chrg_bchno"], row["rx_circ_flag"]
    return row


def drug(name: str, fen: int, code: str = "A001", **more: Any) -> Row:
    """One line of a purchase."""
    row = line(name, "", fen, code, **{"feedetl_sn": name, **more})
    for gone in ("mdtrt_id", "chrg_bchno", "bilg_dept_codg", "bilg_dept_name", "hosp_appr_flag"):
        del row[gone]
    return row


def purchase(patient: Patient, name: str, fen: int, **more: Any) -> Purchase:
    """What somebody buys: one box."""
    shown = more.pop("shown", None) or patient.shows()
    rows = more.pop("lines", None) or [drug(f"{name}-1", fen)]
    return Purchase(name, patient.psn_no, shown, fen, datetime.now(CHINA), rows, **more)


ADMISSION = {
    "insutype": "310",
    "med_type": "21",
    "atddr_no": "D1",
    "chfpdr_name": "医生甲",
    "adm_diag_dscr": "观察",
    "adm_dept_codg": "01",
    "adm_dept_name": "内科",
    "adm_bed": "3",
    "dscg_maindiag_code": "Z00.0",
    "dscg_maindiag_name": "检查",
}


def diagnosis() -> Row:
    """Why somebody comes."""
    return {
        "diag_type": "1",
        "maindiag_flag": "1",
        "diag_srt_no": "1",
        "diag_code": "Z00.0",
        "diag_name": "检查",
        "diag_dept": "01",
        "dise_dor_no": "D1",
        "dise_dor_name": "医生甲",
        "vali_flag": "1",
        "diag_time": datetime.now(CHINA),
    }


def visit_words(mdtrt_id: str, patient: Patient, med_type: str = "11", **more: str) -> Row:
    """What 2203 says of a visit."""
    return {
        "mdtrt_id": mdtrt_id,
        "psn_no": patient.psn_no,
        "med_type": med_type,
        "begntime": datetime.now(CHINA),
        "main_cond_dscr": "",
        **more,
    }


def fen(value: object) -> int:
    """Fen of an amount as the client gives it."""
    return int(Decimal(str(value)) * 100)


def sums(rows: list[Mapping[str, Any]], name: str) -> int:
    """A column of an answer, added up in fen."""
    return sum(fen(each.get(name) or 0) for each in rows)


def tomorrow() -> datetime:
    """A day from now."""
    return datetime.now(CHINA) + timedelta(days=2)
