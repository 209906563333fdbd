"""Questions at the door, and what each transaction says to a message that is wrong (X38, P13)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import psycopg
import pytest

from minka.client import By
from minka.kit.clock import CHINA
from tests.insurance.hall import CODES, HOSPITAL, Patient, Ward, got, no
from tests.insurance.rows import fen, purchase, visit_words

FUNDS = ["310100", "310200", "330100"]


def benefit_words(who: Patient, **more: Any) -> dict[str, Any]:
    """The node of a 2001."""
    return {
        "psn_no": who.psn_no,
        "insutype": "310",
        "fixmedins_code": CODES[HOSPITAL],
        "med_type": "11",
        "begntime": datetime.now(CHINA),
        **more,
    }


def test_a_person_is_shown_clear_and_the_look_is_on_record(here: Ward) -> None:
    """1101 answers name, number and account; the audit has a look, the register no clear text."""
    who = here.patient(civil=1)
    found = got(here.hospital.client.person(who.shows())).output
    assert found["baseinfo"]["psn_name"] == who.who.name.reveal()
    assert found["baseinfo"]["brdy"] == "1985-03-10"
    (insured,) = found["insuinfo"]
    assert (insured["insutype"], insured["psn_type"]) == ("310", "11")
    assert (insured["psn_insu_stas"], insured["cvlserv_flag"]) == ("1", "1")
    looks = "select count(*) from audit_event where person_id = %s and act = 'insurance.1101'"
    assert here.count(looks, who.who.person_id) == 1
    told = "select count(*) from audit_event where content::text like %s"
    assert here.count(told, f"%{who.who.number.reveal()}%") == 0
    assert here.count(told, f"%{who.who.name.reveal()}%") == 0


def test_what_else_is_said_of_the_person_must_agree(here: Ward) -> None:
    """A number or name of somebody else beside a good credential shows nobody."""
    who, other = here.patient(), here.patient()
    client = here.hospital.client
    own = {"certno": who.who.number.reveal(), "psn_name": who.who.name.reveal()}
    got(client.person(who.shows(), **own))
    assert "不符" in no(client.person(who.shows(), certno=other.who.number.reveal()))
    assert "不符" in no(client.person(who.shows(), psn_name="另一人"))


def test_nobody_is_found_by_what_is_unknown(here: Ward) -> None:
    """An unknown card, number or token is refused alike, and nobody is named."""
    who = here.patient()
    client = here.hospital.client
    for by, number in ((By.CARD, "T9"), (By.ID_CARD, "110000198503109999"), (By.E_CREDENTIAL, "x")):
        data = {"mdtrt_cert_type": by.value, "mdtrt_cert_no": number, "card_sn": "S"}
        said = no(here.hospital.ask("1101", data=data))
        assert number not in said
    assert who.psn_no == got(client.person(who.shows())).output["baseinfo"]["psn_no"]


def test_a_read_card_shows_its_holder(here: Ward) -> None:
    """1161 with the card's number from the reader; without one it says what to do."""
    who = here.patient()
    found = got(here.hospital.ask("1161", data={"cardno": who.who.card_number})).output
    assert found["cardecinfo"]["cardno"] == who.who.card_number
    assert found["baseinfo"]["psn_no"] == who.psn_no
    assert "1101" in no(here.hospital.ask("1161"))


def test_the_chip_tells_a_card_from_the_one_before(here: Ward) -> None:
    """1101, 1161 and 2201 with another chip's code are refused once the card was met (5.1)."""
    who = here.patient()
    code = f"990101D156000005{who.who.person_id:08X}A1B2C3D4"
    shown = {"mdtrt_cert_type": "03", "mdtrt_cert_no": who.who.card_number}
    got(here.hospital.ask("1101", data={**shown, "card_sn": "0" * 32}))
    with psycopg.connect(here.url, autocommit=True) as owner:
        owner.execute(
            "insert into chip values (%s, %s, %s, %s, '3.00', 3, now(), 'test')",
            (who.who.person_id, who.who.card_id, bytes.fromhex(code), b"factor 8"),
        )
    for right in (code, code.lower()):
        found = got(here.hospital.ask("1101", data={**shown, "card_sn": right}))
        assert found.output["baseinfo"]["psn_no"] == who.psn_no
    read = got(here.hospital.ask("1161", data={"cardno": who.who.card_number})).output
    assert read["cardecinfo"]["card_sn"] == code
    other = f"{code[:-1]}0"
    assert "卡识别码" in no(here.hospital.ask("1101", data={**shown, "card_sn": other}))
    card = {"cardno": who.who.card_number, "card_sn": other}
    assert "卡识别码" in no(here.hospital.ask("1161", data=card))
    assert "卡识别码" in no(here.hospital.register(who, card_sn=other))
    got(here.hospital.register(who, card_sn=code))


def test_an_institution_is_told_about_itself(here: Ward) -> None:
    """1201; another institution's code is refused."""
    asked = {"fixmedins_type": "1", "fixmedins_name": "", "fixmedins_code": CODES[HOSPITAL]}
    found = got(here.hospital.ask("1201", medinsinfo=asked)).output["medinsinfo"]
    assert (found["hosp_lv"], found["fixmedins_type"]) == ("03", "1")
    other = {**asked, "fixmedins_code": "H00000000000"}
    assert "不是本机构" in no(here.hospital.ask("1201", medinsinfo=other))


def test_benefits_are_checked_for_the_visit(here: Ward) -> None:
    """2001: each fund with its flag, and the reason when it does not pay (E4)."""
    who = here.patient(civil=1)
    hospital = here.hospital
    rows = got(hospital.ask("2001", who.psn_no, data=benefit_words(who))).output["trtinfo"]
    assert [row["fund_pay_type"] for row in rows] == [*FUNDS, "320100"]
    assert {row["trt_enjymnt_flag"] for row in rows} == {"1"}
    before = benefit_words(who, begntime=datetime(2019, 6, 1, tzinfo=CHINA))
    rows = got(hospital.ask("2001", who.psn_no, data=before)).output["trtinfo"]
    assert {row["trt_enjymnt_flag"] for row in rows} == {"0"}
    assert "没有参保" in rows[0]["trt_chk_rslt"]
    long_ago = benefit_words(who, begntime=datetime(2001, 1, 1, tzinfo=CHINA))
    rows = got(hospital.ask("2001", who.psn_no, data=long_ago)).output["trtinfo"]
    assert "定点" in rows[0]["trt_chk_rslt"]
    assert "险种" in no(hospital.ask("2001", who.psn_no, data=benefit_words(who, insutype="390")))


def test_a_settlement_is_found_by_its_number_only(here: Ward) -> None:
    """5203: the row, its header and whether it was refunded; a refund is found too (D1)."""
    who = here.patient()
    done = here.hospital.settle(here.hospital.bill(who, 200_000))
    info = got(here.hospital.client.settlement(done)).output["setlinfo"]
    assert (fen(info["medfee_sumamt"]), info["refd_setl_flag"]) == (200_000, "0")
    assert (info["fixmedins_code"], info["psn_name"]) == (CODES[HOSPITAL], "试*")
    wrong = {"psn_no": who.psn_no, "setl_id": "9" * 26, "mdtrt_id": done.mdtrt_id}
    assert "没有查到" in no(here.hospital.ask("5203", who.psn_no, data=wrong))
    broken = {**wrong, "setl_id": "x"}
    assert "没有查到" in no(here.hospital.ask("5203", who.psn_no, data=broken))


def test_accumulators_are_what_the_journal_says_of_a_month(here: Ward) -> None:
    """5206: the year's sums at the end of a month; nothing before, now as this month."""
    who = here.patient()
    here.hospital.settle(here.hospital.bill(who, 200_000))
    got(here.pharmacy.client.settle_purchase(purchase(who, "A", 50_000)))
    client = here.hospital.client

    def sums(month: str = "") -> dict[str, int]:
        rows = got(client.accumulators(who.psn_no, month)).output["cuminfo"]
        return {row["cum_type_code"]: fen(row["cum"]) for row in rows}

    now = sums()
    columns = {"OP_DEDC": "op_deductible", "OP_INSCP": "op_scope", "OP_FUND": "op_fund"}
    for code, column in columns.items():
        words = f"select {column} from coverage where person_id = %s"
        assert now[code] == here.count(words, who.who.person_id)
    assert now["OP_DEDC"] == 180_000
    today = datetime.now(CHINA)
    assert sums(f"{today:%Y%m}") == now
    assert sums(f"{today:%Y}12") == now
    assert set(sums(f"{today.year - 1}12").values()) == {0}
    assert "yyyyMM" in no(client.accumulators(who.psn_no, "202613"))


EMPTY: dict[str, dict[str, Any]] = {
    **{code: {"data": {}} for code in "1101 2001 2103 2201 2202 2205 2206 2207 2208".split()},
    **{code: {"data": {}} for code in "2303 2304 2305 2404 2405 2601 5203 5206".split()},
    "1201": {"medinsinfo": {}},
    "2101": {"druginfo": {}, "drugdetail": []},
    "2102": {"druginfo": {}, "drugdetail": []},
    "2203": {"mdtrtinfo": {}},
    "2203A": {"mdtrtinfo": {}},
    "2204": {"feedetail": [{}]},
    "2301": {"feedetail": []},
    "2302": {"data": [{}]},
    "2401": {"mdtrtinfo": {}},
    "2402": {"dscginfo": {}},
}


@pytest.mark.parametrize("infno", sorted(EMPTY))
def test_an_empty_message_is_told_what_it_lacks(here: Ward, infno: str) -> None:
    """The field, its Chinese name and the rule, for every transaction."""
    said = no(here.hospital.ask(infno, "1", **EMPTY[infno]))
    assert any(word in said for word in ("必填", "不空的数组")), said


@pytest.mark.parametrize("infno", sorted(set(EMPTY) - {"1101", "1201", "2001", "5206"}))
def test_what_is_not_there_is_refused_and_nothing_is_written(here: Ward, infno: str) -> None:
    """A visit, line or settlement nobody knows: a refusal in words, and no effect."""
    who = here.patient()
    facts = "select (select count(*) from visit_step) + (select count(*) from fee_upload)"
    before = here.count(facts)
    said = no(here.hospital.ask(infno, who.psn_no, **strange(infno, who)))
    assert len(said) > 8
    assert here.count(facts) == before


def strange(infno: str, who: Patient) -> dict[str, Any]:
    """A message that is whole but about nothing that is there."""
    text: dict[str, Any] = {"psn_no": who.psn_no, "mdtrt_id": "888888", "setl_id": "8" * 26}
    zero = dict.fromkeys(
        ("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt"), "0"
    )
    text |= {**who.shows().fields(), "medfee_sumamt": "1", "psn_setlway": "01", **zero}
    text |= {"chrg_bchno": "1", "acct_used_flag": "0", "insutype": "390", "med_type": "11"}
    text |= {"ipt_otp_no": "1", "mid_setl_flag": "0", "feedetl_sn": "1", "dscg_way": "1"}
    text |= {"dscg_dept_codg": "1", "dscg_dept_name": "1", "endtime": datetime.now(CHINA)}
    text |= {"omsgid": "P99010007501202611220000000001", "oinfno": "2207", "caty": "A"}
    text |= dict.fromkeys(
        ("atddr_no", "dr_name", "dept_code", "dept_name", "ipt_no", "chfpdr_name"), "1"
    )
    text |= dict.fromkeys(
        ("adm_diag_dscr", "adm_dept_codg", "adm_dept_name", "adm_bed", "dscg_maindiag_code"), "1"
    )
    text |= {"dscg_maindiag_name": "1", "begntime": datetime.now(CHINA), "cnt": "1", "pric": "1"}
    text |= {"fee_ocur_time": datetime.now(CHINA), "med_list_codg": "A001"}
    text |= {"medins_list_codg": "1", "det_item_fee_sumamt": "1", "rx_circ_flag": "0"}
    text |= dict.fromkeys(("bilg_dept_codg", "bilg_dept_name", "bilg_dr_codg", "bilg_dr_name"), "1")
    text["hosp_appr_flag"] = "0"
    if infno in ("2101", "2102"):
        return {"druginfo": {**text, "insutype": "390"}, "drugdetail": [text]}
    if infno == "2302":
        return {"data": [text]}
    (node,) = EMPTY[infno]
    shape: Any = [text] if node == "feedetail" else text
    return {node: shape}


def test_messages_of_a_stay_and_of_a_visit_keep_apart(here: Ward) -> None:
    """2402 and 2405 of an outpatient visit, 2203 of a stay."""
    who = here.patient()
    visit = here.hospital.visit(who)
    assert "就诊类别" in no(here.hospital.discharge(who, visit))
    assert "就诊类别" in no(here.hospital.client.undo_discharge(who.psn_no, visit))
    stay = here.hospital.admit(who)
    words = visit_words(stay, who)
    assert "就诊类别" in no(here.hospital.ask("2203", who.psn_no, mdtrtinfo=words, diseinfo=[]))


def test_nothing_clear_is_logged(here: Ward, capsys: pytest.CaptureFixture[str]) -> None:
    """A person is looked up and something breaks: the log has no name and no number (P13)."""
    who = here.patient()
    got(here.hospital.client.person(who.shows(By.ID_CARD)))
    keys = here.hall.switch.core.office.keys
    index = type(keys).index
    try:
        type(keys).index = _broken  # type: ignore[method-assign,assignment]
        outcome = here.hospital.client.person(who.shows(By.ID_CARD))
    finally:
        type(keys).index = index  # type: ignore[method-assign]
    assert "平台出错" in json.dumps(str(outcome), ensure_ascii=False)
    told = "".join(capsys.readouterr())
    assert who.who.number.reveal() not in told
    assert who.who.name.reveal() not in told
    assert "request_failed" in told


def _broken(*_: object) -> bytes:
    raise RuntimeError("broken on purpose")


def test_every_answer_is_sound(here: Ward) -> None:
    """After all of the above; the wire's own checks find nothing in any answer."""
    assert here.differences() == []
    assert here.hospital.unsound() + here.pharmacy.unsound() == []
