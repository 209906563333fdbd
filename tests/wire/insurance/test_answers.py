"""Answers stand in the interface's order, exact to the fen, and pass its own checks (D2, I4)."""

from __future__ import annotations

import json
import random
import timeit
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given as example_of
from hypothesis import strategies as st

from minka.wire.insurance import answer
from minka.wire.insurance.answer import Outcome, Stamp
from minka.wire.insurance.area import areas
from minka.wire.insurance.faults import Rule
from minka.wire.insurance.field import Field, Kind, Shape, Way
from minka.wire.insurance.figures import instant17
from minka.wire.insurance.output import SPELLED, Outputs
from minka.wire.insurance.registry import registry
from tests.wire.insurance import given

AT = datetime(2026, 3, 2, 1, 30, 15, 7000, tzinfo=UTC)
STAMP = Stamp(instant17(AT), instant17(AT.replace(microsecond=19000)), 42)

SETTLEMENTS = "2101 2102 2103 2206 2207 2208 2303 2304 2305 5203".split()
REFUNDS = "2103 2208 2305".split()

HEADER: dict[str, object] = {
    "mdtrt_id": "20260302000000001",
    "setl_id": "2026030209301500010000000001",
    "psn_no": "99010000000000000012345",
    "psn_name": '某"某\\',
    "psn_cert_type": "01",
    "certno": "99010119700101000X",
    "gend": "1",
    "brdy": "1970-01-01",
    "insutype": "310",
    "psn_type": "11",
    "cvlserv_flag": "0",
    "setl_time": "2026-03-02 09:30:15",
    "mdtrt_cert_type": "03",
    "med_type": "11",
    "medins_setl_id": f"{given.PROVIDER}{given.SECOND}0001",
    "clr_optins": "990100",
    "clr_type": "11",
}
OF_A_QUERY = {
    "pay_loc": "1",
    "fixmedins_code": given.PROVIDER,
    "fixmedins_name": "示范医院",
    "begndate": "2026-03-02",
    "enddate": "2026-03-02",
    "refd_setl_flag": "0",
    "year": "2026",
}
"""What 5203 asks for besides."""

AMOUNTS = {
    "medfee_sumamt": 5000000,
    "fulamt_ownpay_amt": 300000,
    "overlmt_selfpay": 200000,
    "preselfpay_amt": 150000,
    "inscp_scp_amt": 4350000,
    "act_pay_dedc": 130000,
    "hifp_pay": 3672000,
    "pool_prop_selfpay": 8500,
    "fund_pay_sumamt": 3672000,
    "psn_part_amt": 1328000,
    "acct_pay": 500000,
    "psn_cash_pay": 828000,
    "age": 455,
}
"""Worked example A of the reference, with an account of 5,000 yuan."""

DETAILS: list[dict[str, object]] = [
    {"fund_pay_type": "310100", "inscp_scp_amt": 4350000, "fund_payamt": 3672000},
    {"fund_pay_type": "310200", "inscp_scp_amt": 0, "fund_payamt": 500000, "setl_proc_info": "[]"},
]


def settled(infno: str, key: str = "demo", amounts: dict[str, int] | None = None) -> bytes:
    """The bytes of a settlement's answer."""
    outputs = Outputs(registry(key))
    header = {**HEADER, **OF_A_QUERY}
    made = outputs.settlement(infno, amounts or AMOUNTS, header, DETAILS)
    if infno in ("2101", "2102"):
        made["detlcutinfo"] = outputs.rows(infno, "detlcutinfo", [LINE])
    return answer.success(registry(key).area, STAMP, made)


LINE: dict[str, object] = {
    "feedetl_sn": "1",
    "det_item_fee_sumamt": 452,
    "cnt": 10000,
    "pric": 4520000,
    "pric_uplmt_amt": 0,
    "selfpay_prop": 500,
    "preselfpay_amt": 23,
    "inscp_scp_amt": 429,
    "chrgitm_lv": "02",
    "med_chrgitm_type": "09",
    "lmt_used_flag": "0",
}
"""Worked example B of the reference: 4.52 yuan, five in a hundred paid first."""


def info_of(body: bytes) -> dict[str, Any]:
    """``setlinfo`` with numbers as exact decimals."""
    made: dict[str, Any] = json.loads(body, parse_float=Decimal)["output"]["setlinfo"]
    return made


@pytest.mark.parametrize("key", areas())
@pytest.mark.parametrize("infno", SETTLEMENTS)
def test_every_settlement_passes_its_own_checks(infno: str, key: str) -> None:
    """What the platform says holds against the registry's OUT side, in every area."""
    body = settled(infno, key)
    said = answer.read(registry(key), infno, body)
    assert said.faults == ()
    assert said.outcome is Outcome.SUCCESS


@pytest.mark.parametrize("infno", SETTLEMENTS)
def test_fields_stand_in_the_tables_order(infno: str) -> None:
    """Names and order are the table's; none is left out, none is ours."""
    wanted = registry().transaction(infno).node("setlinfo", Way.OUT)
    assert list(info_of(settled(infno))) == [field.name for field in wanted.fields]


def test_the_differences_of_the_settlements() -> None:
    """The table of differences (reference: 3.1), taken from the registry."""
    info = {infno: info_of(settled(infno)) for infno in SETTLEMENTS}
    without_id = {infno for infno, each in info.items() if "setl_id" not in each}
    assert without_id == {"2101", "2206", "2303"}
    assert {infno for infno, each in info.items() if "pdn_cash_pay" in each} == {"2208"}
    assert {infno for infno, each in info.items() if "cash_payamt" in each} == {"2103", "5203"}
    assert {infno for infno, each in info.items() if "psn_pay" in each} == {"2103", "5203"}
    without_hospital = {infno for infno, each in info.items() if "hosp_part_amt" not in each}
    assert without_hospital == {"2101", "2102", "2103", "5203"}
    assert "hifdm_pay" in info["2305"]
    assert "hifdm_pay" not in info["2208"]
    assert all("psn_name" not in info[infno] for infno in REFUNDS)


def test_amounts_are_the_same_under_every_spelling() -> None:
    """Callers use one set of names; the message spells them as its transaction does."""
    for infno in SETTLEMENTS:
        info = info_of(settled(infno))
        for name, wanted in (("psn_cash_pay", "8280.00"), ("psn_part_amt", "13280.00")):
            spelled = {name, *(own for own, ours in SPELLED.items() if ours == name)} & set(info)
            assert [str(info[each]) for each in spelled] == [wanted]


@pytest.mark.parametrize("infno", REFUNDS)
def test_refunds_are_negative(infno: str) -> None:
    """The same amounts with a minus, exact to the fen."""
    amounts = {name: -fen for name, fen in AMOUNTS.items() if name not in ("age", "balc")}
    info = info_of(settled(infno, amounts=amounts))
    assert str(info["medfee_sumamt"]) == "-50000.00"
    assert str(info["maf_pay"]) == "0.00"


def test_whether_the_fund_holds_the_account() -> None:
    """One area's total includes what the account paid; ours never does before it is written."""
    assert str(info_of(settled("2207"))["fund_pay_sumamt"]) == "36720.00"
    assert info_of(settled("2207", "yunhe"))["fund_pay_sumamt"] == "41720.00"


def test_funds_are_named_as_the_area_names_them() -> None:
    """The series that ends in 100 or in 101, with the fund's name."""
    for key, code in (("demo", "310100"), ("yunhe", "310101")):
        detail = json.loads(settled("2207", key))["output"]["setldetail"]
        assert detail[0]["fund_pay_type"] == code
        assert detail[0]["fund_pay_type_name"] == "职工基本医疗保险统筹基金"


@example_of(st.integers(-(10**15), 10**15))
def test_fen_become_digits_exactly(fen: int) -> None:
    """Numbers here, texts there; never through a binary fraction."""
    amounts = {**AMOUNTS, "medfee_sumamt": fen}
    number = info_of(settled("2207", amounts=amounts))["medfee_sumamt"]
    text = info_of(settled("2207", "yunhe", amounts))["medfee_sumamt"]
    assert isinstance(number, Decimal)
    assert number == Decimal(fen) / 100
    assert text == str(number)
    assert str(number).partition(".")[2].__len__() == 2


def test_ratios_and_ages_have_their_own_scale() -> None:
    """Ten-thousandths and tenths."""
    info = info_of(settled("2207"))
    assert (str(info["pool_prop_selfpay"]), str(info["age"])) == ("0.8500", "45.5")


def test_line_splits_are_written() -> None:
    """LINE SPLIT of 2204 and 2301: quantity, price and ratio with their own decimals."""
    outputs = Outputs(registry())
    for infno in ("2204", "2301"):
        body = answer.success(registry().area, STAMP, outputs.output(infno, result=[LINE]))
        assert answer.read(registry(), infno, body).outcome is Outcome.SUCCESS
        (line,) = json.loads(body, parse_float=str)["output"]["result"]
        shown = [line[name] for name in ("det_item_fee_sumamt", "cnt", "pric", "selfpay_prop")]
        assert shown == ["4.52", "1.0000", "4.520000", "0.0500"]


def plain_value(field: Field, chance: random.Random) -> Any:
    """What a caller hands over for a field."""
    if field.kind is Kind.NUMBER:
        return chance.randrange(-(10 ** min(field.digits - 1, 9)), 10 ** min(field.digits, 9))
    return given.value(field, chance)


@pytest.mark.parametrize("key", areas())
def test_every_answer_can_be_written_and_read_back(key: str) -> None:
    """For each transaction, a body of plain values passes its own checks, ten times."""
    outputs, chance = Outputs(registry(key)), random.Random(f"answers {key}")
    for infno, transaction in registry(key).transactions.items():
        nodes = [node for node in transaction.nodes_out if node.shape is not Shape.ROOT]
        if len(nodes) < len(transaction.nodes_out):
            continue  # catalogues and files, whose answers are not written by this platform
        for _ in range(10):
            rows = {n.name: {f.name: plain_value(f, chance) for f in n.fields} for n in nodes}
            listed = {
                n.name: [rows[n.name]] if n.shape is Shape.LIST else rows[n.name] for n in nodes
            }
            listed = {name: _by_callers_names(each) for name, each in listed.items()}
            body = answer.success(registry(key).area, STAMP, outputs.output(infno, **listed))
            assert answer.read(registry(key), infno, body).faults == ()


def _by_callers_names(rows: Any) -> Any:
    if isinstance(rows, list):
        return [_by_callers_names(row) for row in rows]
    return {SPELLED.get(name, name): value for name, value in rows.items()}


def test_envelopes() -> None:
    """Both envelopes with the receiver's message id: area, second, serial."""
    wanted = "990100" + "20260302093015" + "0000000042"
    said = json.loads(answer.success(registry().area, STAMP))
    assert said["inf_refmsgid"] == wanted
    assert (said["refmsg_time"], said["respond_time"]) == ("20260302093015007", "20260302093015019")
    assert (said["infcode"], said["err_msg"], said["output"]) == (0, "", {})
    refused = json.loads(answer.failure(registry("yunhe").area, STAMP, "卡已挂失。" * 100))
    assert (refused["infcode"], len(refused["err_msg"]), refused["output"]) == ("-1", 200, {})
    assert (
        registry().faults_out("2601", registry().plain(answer.success(registry().area, STAMP)))
        == []
    )


def _with(**changes: object) -> bytes:
    return json.dumps({**json.loads(settled("2207")), **changes}).encode()


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (lambda: settled("2207"), Outcome.SUCCESS),
        (lambda: _with(infcode="0"), Outcome.SUCCESS),
        (lambda: _with(infcode=0, err_msg="提示"), Outcome.SUCCESS),
        (lambda: _with(infcode=-1, err_msg="余额不足"), Outcome.REFUSED),
        (lambda: _with(infcode="-1", err_msg=None), Outcome.REFUSED),
        (lambda: _with(infcode=0, err_msg="文件查询号不存在", output=None), Outcome.REFUSED),
        (lambda: _with(infcode=0, err_msg="", output={}), Outcome.UNKNOWN),
        (lambda: _with(infcode=0, err_msg=None, output=None), Outcome.UNKNOWN),
        (lambda: _with(infcode=999), Outcome.UNKNOWN),
        (lambda: _with(infcode=False), Outcome.UNKNOWN),
        (lambda: _with(infcode=None), Outcome.UNKNOWN),
        (lambda: _with(infcode=[0]), Outcome.UNKNOWN),
        (
            lambda: b'{"code":500,"type":"error","message":"bad gateway","data":null}',
            Outcome.UNKNOWN,
        ),
        (lambda: b"<html>502</html>", Outcome.UNKNOWN),
        (lambda: b"", Outcome.UNKNOWN),
        (lambda: b"null", Outcome.UNKNOWN),
        (lambda: settled("2207")[:-20], Outcome.UNKNOWN),
        (lambda: b"[" * 100_000, Outcome.UNKNOWN),
    ],
)
def test_a_client_concludes_one_of_three(body: Callable[[], bytes], outcome: Outcome) -> None:
    """Yes and no are said plainly; whatever else comes back is unknown (I10)."""
    assert answer.read(registry(), "2207", body()).outcome is outcome


def test_an_answers_faults_are_named() -> None:
    """A platform that leaves a field out or writes it wrongly is told which."""
    body = json.loads(settled("2207"))
    del body["output"]["setlinfo"]["medfee_sumamt"]
    body["output"]["setldetail"][1]["fund_payamt"] = "1e2"
    said = answer.read(registry(), "2207", json.dumps(body).encode())
    assert [(each.where, each.rule) for each in said.faults] == [
        ("setlinfo.medfee_sumamt", Rule.MANDATORY),
        ("setldetail[1].fund_payamt", Rule.NUMBER),
    ]


def test_an_answer_is_written_in_microseconds() -> None:
    """Ten microseconds is the goal on a quiet machine; here is a guard against another order."""
    outputs = Outputs(registry())
    made = outputs.settlement("2207", AMOUNTS, HEADER, DETAILS)
    spent = timeit.repeat(
        lambda: outputs.settlement("2207", AMOUNTS, HEADER, DETAILS), number=100, repeat=50
    )
    assert min(spent) / 100 < 100e-6
    spent = timeit.repeat(
        lambda: answer.success(registry().area, STAMP, made), number=100, repeat=50
    )
    assert min(spent) / 100 < 50e-6
