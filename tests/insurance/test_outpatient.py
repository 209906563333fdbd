"""Outpatient visits over HTTP, from the registration to the refund (D1, D2, X1, P6, P9)."""

from __future__ import annotations

from typing import Any

import pytest

from minka.client import By, settled
from tests.insurance.hall import Ward, got, no
from tests.insurance.rows import fen, line, registration, sums, tomorrow, visit_words


@pytest.mark.parametrize("by", list(By))
def test_a_visit_is_settled_with_each_credential(here: Ward, by: By) -> None:
    """1101, 2201, 2203, 2204, 2206 and 2207 with 01, 02 and 03; amounts re-add (6.2)."""
    who = here.patient()
    shown = who.shows(by)
    person = got(here.hospital.client.person(shown)).output
    assert person["baseinfo"]["psn_no"] == who.psn_no
    assert person["baseinfo"]["certno"] == who.who.number.reveal()
    assert person["baseinfo"]["gend"] == ("1" if int(who.who.number.reveal()[16]) % 2 else "2")
    assert fen(person["insuinfo"][0]["balc"]) == here.balance(who)
    bill = here.hospital.bill(who, 250_000, shown=shown)
    words = visit_words(bill.mdtrt_id, who, dise_codg="J00", dise_name="感冒")
    got(here.hospital.ask("2203", who.psn_no, mdtrtinfo=words, diseinfo=[]))
    quoted = got(here.hospital.client.pre_settle(bill))
    assert "setl_id" not in quoted.output["setlinfo"]
    before = here.balance(who)
    done = got(here.hospital.client.settle(bill, quoted))
    assert done.doubts == ()
    info = done.output["setlinfo"]
    assert fen(info["act_pay_dedc"]) == 180_000
    assert fen(info["hifp_pay"]) == 49_000
    assert info["psn_name"].endswith("*")
    assert "*" in info["certno"]
    assert info["medins_setl_id"] == done.msgid
    assert here.balance(who) == before - fen(info["acct_pay"])


def test_lines_are_split_by_class_limit_level_and_person(here: Ward) -> None:
    """LINE SPLIT of 甲, 乙 over the limit, 乙 at the ratio of the person's type, and 丙 (6.1)."""
    who, hospital, clinic = here.patient(), here.hospital, here.clinic
    for provider, limit in ((hospital, 15_000), (clinic, 9_900)):
        mdtrt_id = provider.visit(who)
        rows = [
            line("L", mdtrt_id, fen, code, feedetl_sn=f"L{n}")
            for n, (code, fen) in enumerate(
                [("A001", 10_000), ("B001", 20_000), ("B002", 10_001), ("C001", 500)]
            )
        ]
        split = got(provider.client.upload(who.psn_no, rows)).output["result"]
        assert [each["chrgitm_lv"] for each in split] == ["01", "02", "02", "03"]
        over = 20_000 - limit
        first = (limit * 1_000 + 5_000) // 10_000
        assert fen(split[1]["overlmt_amt"]) == over
        assert fen(split[1]["preselfpay_amt"]) == first
        assert fen(split[1]["pric_uplmt_amt"]) == limit
        assert fen(split[2]["preselfpay_amt"]) == 500
        assert fen(split[3]["fulamt_ownpay_amt"]) == 500
        parts = ("fulamt_ownpay_amt", "overlmt_amt", "preselfpay_amt", "inscp_scp_amt")
        assert sum(sums(split, part) for part in parts) == 40_501


def test_the_worked_line_of_the_reference(here: Ward) -> None:
    """乙 4.52 at 5 % is 0.23 first and 4.29 in scope (6.3, example B)."""
    who = here.patient()
    mdtrt_id = here.hospital.visit(who)
    rows = [line("W", mdtrt_id, 452, "B002")]
    (split,) = got(here.hospital.client.upload(who.psn_no, rows)).output["result"]
    assert (fen(split["preselfpay_amt"]), fen(split["inscp_scp_amt"])) == (23, 429)


def test_a_chronic_visit_is_counted_as_one(here: Ward) -> None:
    """2203 with med_type 14 makes the visit one of a chronic disease; its settlement says so."""
    who = here.patient()
    bill = here.hospital.bill(who, 100_000)
    words = visit_words(bill.mdtrt_id, who, "14", dise_codg="M01600")
    got(here.hospital.ask("2203A", who.psn_no, mdtrtinfo=words, diseinfo=[]))
    done = here.hospital.settle(bill)
    info = got(here.hospital.client.settlement(done)).output["setlinfo"]
    assert info["med_type"] == "14"
    assert info["dise_codg"] == "M01600"
    assert here.count("select basis from settlement where visit_no = %s", bill.mdtrt_id) == 2


def test_the_kind_of_visit_stays_once_something_is_settled(here: Ward) -> None:
    """2203 with another kind is refused then, and one of a stay always."""
    who = here.patient()
    bill = here.hospital.bill(who)
    here.hospital.settle(bill)
    chronic = visit_words(bill.mdtrt_id, who, "14")
    assert "已经结算" in no(here.hospital.ask("2203", who.psn_no, mdtrtinfo=chronic, diseinfo=[]))
    stay = visit_words(bill.mdtrt_id, who, "21")
    assert "就诊类别" in no(here.hospital.ask("2203", who.psn_no, mdtrtinfo=stay, diseinfo=[]))


def test_a_refund_gives_all_back_and_the_bill_can_be_settled_again(here: Ward) -> None:
    """2208: negative under a number of its own; account and accumulators return (6.2, 7)."""
    who = here.patient()
    before = here.balance(who)
    bill = here.hospital.bill(who, 200_000)
    done = here.hospital.settle(bill)
    year = got(here.hospital.client.accumulators(who.psn_no)).output["cuminfo"]
    back = settled(got(here.hospital.client.refund(done)).output)
    assert (back.total_fen, back.cash_fen) == (-done.total_fen, -done.cash_fen)
    assert here.balance(who) == before
    after = got(here.hospital.client.accumulators(who.psn_no)).output["cuminfo"]
    assert sums(year, "cum") > 0 == sums(after, "cum")
    asked = got(here.hospital.client.settlement(done)).output["setlinfo"]
    assert asked["refd_setl_flag"] == "1"
    again = here.hospital.settle(bill)
    assert again.total_fen == done.total_fen
    assert again.setl_id != done.setl_id


def test_lines_can_be_taken_back_until_they_are_settled(here: Ward) -> None:
    """2205 by batch and of everything; a settled batch stays (D2)."""
    who = here.patient()
    hospital = here.hospital
    bill = hospital.bill(who)
    rows = [line("X2", bill.mdtrt_id, 3_000), line("X3", bill.mdtrt_id, 4_000)]
    got(hospital.client.upload(who.psn_no, rows))
    hospital.settle(bill)
    assert "已经结算" in no(hospital.client.delete(who.psn_no, bill.mdtrt_id, bill.batch))
    got(hospital.client.delete(who.psn_no, bill.mdtrt_id, "X2"))
    assert "没有查到" in no(hospital.client.delete(who.psn_no, bill.mdtrt_id, "X2"))
    got(hospital.client.delete(who.psn_no, bill.mdtrt_id))
    got(hospital.client.delete(who.psn_no, bill.mdtrt_id))
    left = "select sum(total) from fee_upload where visit_no = %s"
    assert here.count(left, bill.mdtrt_id) == bill.total_fen
    got(hospital.client.upload(who.psn_no, rows[:1]))
    assert here.count(left, bill.mdtrt_id) == bill.total_fen + 3_000


def test_a_bill_of_nothing_is_not_settled(here: Ward) -> None:
    """After everything was taken back there is nothing due."""
    who = here.patient()
    bill = here.hospital.bill(who)
    got(here.hospital.client.delete(who.psn_no, bill.mdtrt_id))
    assert "没有可以结算" in no(here.hospital.client.pre_settle(bill))


def test_a_visit_is_cancelled_while_nothing_is_settled(here: Ward) -> None:
    """2202; afterwards nothing goes on about it."""
    who, hospital = here.patient(), here.hospital
    bill = hospital.bill(who)
    done = hospital.settle(bill)
    assert "已经结算" in no(hospital.client.cancel_registration(who.psn_no, bill.mdtrt_id, "O"))
    got(hospital.client.refund(done))
    got(hospital.client.cancel_registration(who.psn_no, bill.mdtrt_id, "O"))
    assert "已经结束" in no(hospital.client.pre_settle(bill))
    rows = [line("Z", bill.mdtrt_id, 100)]
    assert "已经结束" in no(hospital.client.upload(who.psn_no, rows))
    assert "已经结束" in no(hospital.client.cancel_registration(who.psn_no, bill.mdtrt_id, "O"))


def test_another_provider_cannot_touch_a_visit(here: Ward) -> None:
    """A visit, its lines and its settlement are the provider's own."""
    who = here.patient()
    bill = here.hospital.bill(who)
    rows = [line("Y", bill.mdtrt_id, 100)]
    assert "没有查到" in no(here.clinic.client.upload(who.psn_no, rows))
    assert "没有查到" in no(here.clinic.client.delete(who.psn_no, bill.mdtrt_id))
    assert "没有查到" in no(here.clinic.client.pre_settle(bill))
    done = here.hospital.settle(bill)
    assert "没有查到" in no(here.clinic.client.settlement(done))
    other = here.patient()
    assert "没有查到" in no(here.hospital.client.upload(other.psn_no, rows))


WRONG_LINES = [
    ({"med_list_codg": "NONE"}, "NONE"),
    ({"med_list_codg": "OLD1"}, "OLD1"),
    ({"det_item_fee_sumamt": "10.02"}, "数量乘单价"),
    ({"cnt": "-1", "det_item_fee_sumamt": "-10.00"}, "正负"),
    ({"cnt": "0", "det_item_fee_sumamt": "0"}, "正负"),
    ({"fee_ocur_time": tomorrow()}, "今天以后"),
]


@pytest.mark.parametrize(("change", "word"), WRONG_LINES)
def test_a_wrong_line_is_named_and_none_is_taken(
    here: Ward, change: dict[str, Any], word: str
) -> None:
    """One wrong line and the whole message is refused, with its number in the words."""
    who = here.patient()
    mdtrt_id = here.hospital.visit(who)
    rows = [line("G", mdtrt_id, 1_000), line("G", mdtrt_id, 1_000, feedetl_sn="BAD", **change)]
    said = no(here.hospital.client.upload(who.psn_no, rows))
    assert word in said
    assert "BAD" in said
    assert here.count("select count(*) from fee_upload where visit_no = %s", mdtrt_id) == 0


def test_lines_that_do_not_belong_together(here: Ward) -> None:
    """One visit a message, one disease a batch, one number a line."""
    who, client = here.patient(), here.hospital.client
    one, two = here.hospital.visit(who), here.hospital.visit(who)
    assert "几次就诊" in no(client.upload(who.psn_no, [line("A", one, 1), line("B", two, 1)]))
    sick = [line("A", one, 1, dise_codg="X"), line("A", one, 1, feedetl_sn="A-2", dise_codg="Y")]
    assert "病种编码" in no(client.upload(who.psn_no, sick))
    assert "已经上传" in no(client.upload(who.psn_no, [line("A", one, 1), line("A", one, 1)]))
    got(client.upload(who.psn_no, [line("A", one, 1)]))
    assert "已经上传" in no(client.upload(who.psn_no, [line("C", one, 1, feedetl_sn="A-1")]))


def test_a_registration_asks_what_a_settlement_will_ask(here: Ward) -> None:
    """2201 refuses another person's credential, a wrong scheme, and somebody unknown (X33)."""
    who, other = here.patient(), here.patient()
    for by in By:
        no(here.hospital.register(who, other.shows(by)))
    assert "险种" in no(here.hospital.register(who, insutype="390"))
    fields = registration("O")
    assert "参保登记" in no(here.hospital.client.register("999999999", who.shows(), **fields))


def test_the_register_re_derives_to_nothing_different(here: Ward) -> None:
    """After all of the above (P9); every answer passed the registry's own checks."""
    assert here.differences() == []
    assert here.hospital.unsound() + here.clinic.unsound() == []
