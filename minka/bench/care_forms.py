"""What a hospital's software fills in: the further fields of each transaction, all invented."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from minka.bench.care_catalogue import Item
from minka.kit.clock import CHINA, wall
from minka.kit.fen import yuan

Row = dict[str, Any]
Basket = Sequence[tuple[Item, int]]
"""What was used or bought: items, and how many of each."""


def now() -> datetime:
    """The hospital's clock."""
    return wall().astimezone(CHINA)


def total(basket: Basket) -> int:
    """What it comes to, in fen."""
    return sum(item.price_fen * count for item, count in basket)


def registration(number: str, scheme: int) -> Row:
    """Of 2201."""
    return {
        "insutype": str(scheme),
        "begntime": now(),
        "ipt_otp_no": number,
        "atddr_no": "D1",
        "dr_name": "医生甲",
        "dept_code": "01",
        "dept_name": "内科",
        "caty": "A03",
    }


def admission(number: str, scheme: int) -> Row:
    """Of 2401."""
    return {
        "insutype": str(scheme),
        "med_type": "21",
        "ipt_no": number,
        "begntime": now(),
        "atddr_no": "D1",
        "chfpdr_name": "医生甲",
        "adm_diag_dscr": "观察",
        "adm_dept_codg": "01",
        "adm_dept_name": "内科",
        "adm_bed": "3",
        "dscg_maindiag_code": "Z00.0",
        "dscg_maindiag_name": "检查",
    }


def leaving(scheme: int) -> Row:
    """Of 2402."""
    return {
        "insutype": str(scheme),
        "endtime": now(),
        "dscg_dept_codg": "01",
        "dscg_dept_name": "内科",
        "dscg_way": "1",
    }


def diagnosis() -> Row:
    """The one diagnosis of everybody."""
    return {
        "diag_type": "1",
        "maindiag_flag": "1",
        "diag_srt_no": "1",
        "diag_code": "Z00.0",
        "diag_name": "检查",
        "diag_dept": "01",
        "dise_dor_no": "D1",
        "dise_dor_name": "医生甲",
        "diag_time": now(),
    }


def lines(number: str, basket: Basket, mdtrt_id: str) -> list[Row]:
    """Lines of a visit, of 2204 and 2301; ``number`` names their batch."""
    department = {"bilg_dept_codg": "01", "bilg_dept_name": "内科", "hosp_appr_flag": "0"}
    more = {**department, "mdtrt_id": mdtrt_id, "chrg_bchno": number}
    return [{**row, **more} for row in bought(number, basket)]


def bought(number: str, basket: Basket) -> list[Row]:
    """Lines of a purchase, of 2101 and 2102."""
    return [
        {
            "feedetl_sn": f"{number}-{n}",
            "rx_circ_flag": "0",
            "fee_ocur_time": now(),
            "med_list_codg": item.code,
            "medins_list_codg": item.code,
            "det_item_fee_sumamt": yuan(item.price_fen * count),
            "cnt": str(count),
            "pric": yuan(item.price_fen),
            "bilg_dr_codg": "D1",
            "bilg_dr_name": "医生甲",
        }
        for n, (item, count) in enumerate(basket, start=1)
    ]
