"""Every answer is exactly one of three outcomes (I9; interface, section 1.5)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minka.client import Asked, Carried, Refused, Success, Unknown, Why, judge

MSGID = "H99010000001" + "20260101080000" + "0001"
SETTLEMENT = {
    "setlinfo": {
        "setl_id": "S1",
        "medfee_sumamt": 120.5,
        "fund_pay_sumamt": 84.35,
        "psn_part_amt": 36.15,
        "acct_pay": "36.15",
        "psn_cash_pay": 0,
        "medins_setl_id": MSGID,
        "setl_time": "2026-01-01 08:00:00",
    }
}


def said(**more: Any) -> bytes:
    """An answer's bytes; by itself a settlement's yes."""
    return json.dumps({"infcode": 0, "err_msg": "", "output": SETTLEMENT} | more).encode()


def of(came: Carried, infno: str = "2207") -> Success | Refused | Unknown:
    """The outcome of what came back for a settlement."""
    return judge(Asked(MSGID, infno), came)


YES = {
    "a number": said(),
    "a string": said(infcode="0"),
    "output as text": said(output=json.dumps(SETTLEMENT)),
    "a word of success beside it": said(err_msg="成功"),
    "inside a middleware's data": json.dumps({"code": 200, "data": json.loads(said())}).encode(),
    "inside a middleware's data as text": json.dumps({"data": said().decode()}).encode(),
}
NO = {
    "a number": said(infcode=-1, err_msg="余额不足", output=None),
    "a string": said(infcode="-1", err_msg="余额不足"),
    "0 with an error and nothing in it": said(err_msg="文件查询号不存在", output={}),
}
OPEN = {
    "empty": (Carried(b""), Why.EMPTY),
    "blanks": (Carried(b" \n"), Why.EMPTY),
    "half an answer": (Carried(said()[:40]), Why.UNREADABLE),
    "a page": (Carried(b"<html>", 502), Why.UNREADABLE),
    "a list": (Carried(b"[]"), Why.UNREADABLE),
    "a middleware's shape": (Carried(b'{"code": 999, "message": "x"}'), Why.MIDDLEWARE),
    "a bare no": (Carried(said(infcode=-1)), Why.UNCLEAR),
    "another code": (Carried(said(infcode=999, err_msg="系统异常")), Why.UNCLEAR),
    "a truth value": (Carried(said(infcode=False)), Why.UNCLEAR),
    "0 without its number": (Carried(said(output={})), Why.INCOMPLETE),
    "another message's answer": (
        Carried(said(output={"setlinfo": SETTLEMENT["setlinfo"] | {"medins_setl_id": "X"}})),
        Why.ANOTHERS,
    ),
    "an amount that is none": (
        Carried(said(output={"setlinfo": SETTLEMENT["setlinfo"] | {"medfee_sumamt": "1e-9"}})),
        Why.UNREADABLE,
    ),
    "turned away at the gate": (
        Carried(said(infcode=-1, err_msg="忙"), 503),
        Why.NOT_LOOKED_AT,
    ),
    "time-out": (Carried(fault=Why.TIME_OUT), Why.TIME_OUT),
    "broken": (Carried(fault=Why.BROKEN), Why.BROKEN),
    "a library's system error": (Carried(said(), returned=-1), Why.SYSTEM_ERROR),
    "a library's strange code": (Carried(said(), returned=7), Why.SYSTEM_ERROR),
}


@pytest.mark.parametrize("case", YES)
def test_success(case: str) -> None:
    """0, as number or string, with what must be in it."""
    found = of(Carried(YES[case]))
    assert isinstance(found, Success)
    assert found.output["setlinfo"]["setl_id"] == "S1"
    assert found.doubts == ()


@pytest.mark.parametrize("case", NO)
def test_refused(case: str) -> None:
    """-1 with its reason, or 0 with an error text and nothing in it."""
    found = of(Carried(NO[case]))
    assert isinstance(found, Refused)
    assert found.message


@pytest.mark.parametrize("case", OPEN)
def test_unknown(case: str) -> None:
    """Everything else is unknown, and says why in three languages."""
    came, why = OPEN[case]
    found = of(came)
    assert isinstance(found, Unknown)
    assert found.why is why
    assert len({found.say("zh-hans"), found.say("en")}) == 2


def test_a_refusal_that_decided_nothing_is_unknown() -> None:
    """Busy, or a system error in the clothes of a refusal."""
    body = said(infcode=-1, err_msg="平台正忙，没有记账。请稍后用原报文编号重发。")
    assert isinstance(judge(Asked(MSGID, "2207"), Carried(body), ("重发",)), Unknown)
    assert isinstance(judge(Asked(MSGID, "2207"), Carried(body)), Refused)


def test_a_library_refuses_with_minus_two() -> None:
    """DLL -2 is a business error: show the message, nothing to undo."""
    found = of(Carried("参保人已停保".encode(), returned=-2))
    assert isinstance(found, Refused)
    assert found.message == "参保人已停保"


@pytest.mark.parametrize("infno", ["2205", "2601", "2402", "9002"])
def test_transactions_without_output_need_only_the_code(infno: str) -> None:
    """Twelve transactions say nothing but 0."""
    assert isinstance(of(Carried(said(output=None)), infno), Success)


def test_sums_that_do_not_add_up_are_doubted_but_booked() -> None:
    """The platform settled, whatever its arithmetic: a person looks at it (section 6.2)."""
    row = SETTLEMENT["setlinfo"] | {"fund_pay_sumamt": 80}
    found = of(Carried(said(output={"setlinfo": row})))
    assert isinstance(found, Success)
    assert found.doubts == ("2",)


@given(st.binary(max_size=300), st.sampled_from([200, 400, 500]), st.integers(-3, 1))
def test_any_bytes_have_one_outcome(body: bytes, status: int, returned: int) -> None:
    """Nothing that comes back makes the client stumble, and noise is never a yes."""
    assert isinstance(of(Carried(body, status, returned=returned)), Refused | Unknown)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=8), inner),
    )
)
def test_any_output_has_one_outcome(output: Any) -> None:
    """Whatever stands where the settlement should stand."""
    found = of(Carried(said(output={"setlinfo": output})))
    assert isinstance(found, Success | Refused | Unknown)
