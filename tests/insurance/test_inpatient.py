"""Stays over HTTP: mid-stay settlements, returns, discharge, and a card that is lost (I9, X33)."""

from __future__ import annotations

import pytest

from minka.client import Bill, By, settled
from minka.client.figures import Settled
from minka.kit.fen import yuan
from tests.insurance.hall import Patient, Ward, got, lose_card, new_card, no
from tests.insurance.rows import ADMISSION, diagnosis, fen, line, stay_line, sums


def settle_stay(
    here: Ward,
    who: Patient,
    mdtrt_id: str,
    total: int,
    *,
    by: By = By.CARD,
    middle: str = "0",
    scope: int = 0,
) -> Settled:
    """2303 and 2304; the four totals as they stand in the register, or all of it in scope."""
    bill = Bill(f"S{next(here.hospital.numbers)}", who.psn_no, mdtrt_id, who.shows(by), total)
    split = [{"inscp_scp_amt": yuan(scope)}] if scope else due(here, mdtrt_id)
    quoted = got(here.hospital.client.pre_settle_stay(bill, split, middle))
    found = got(here.hospital.client.settle_stay(bill, quoted, middle))
    assert found.doubts == ()
    return settled(found.output)


def due(here: Ward, mdtrt_id: str) -> list[dict[str, str]]:
    """What is not settled of a stay, as one line."""
    names = ("own_pay", "over_limit", "self_first", "in_scope")
    words = (
        "select (coalesce(sum({0}), 0) - coalesce((select sum({0}) from settlement s"
        " where s.visit_no = f.visit_no and s.kind < 4), 0))::bigint from fee_upload f"
        " where visit_no = %s group by f.visit_no"
    )
    found = [here.count(words.format(name), mdtrt_id) for name in names]
    fields = ("fulamt_ownpay_amt", "overlmt_amt", "preselfpay_amt", "inscp_scp_amt")
    return [dict(zip(fields, (f"{n // 100}.{n % 100:02d}" for n in found), strict=True))]


def test_a_whole_stay_with_two_settlements_on_the_way(here: Ward) -> None:
    """2401, 2301, 2304 twice, returns, 2402, 2304: the deductible counts once (6.1, 6.2)."""
    who, client = here.patient(balance_fen=0), here.hospital.client
    mdtrt_id = here.hospital.admit(who)
    rows = [stay_line("D1", mdtrt_id, 1_000_000), stay_line("D2", mdtrt_id, 40_000, "B001")]
    got(client.upload_stay(who.psn_no, rows))
    first = settle_stay(here, who, mdtrt_id, 1_040_000, middle="1")
    got(client.upload_stay(who.psn_no, [stay_line("D3", mdtrt_id, 500_000)]))
    back = stay_line("D4", mdtrt_id, -200_000, init_feedetl_sn="D1", cnt="-0.2", pric="10000")
    got(client.upload_stay(who.psn_no, [back]))
    second = settle_stay(here, who, mdtrt_id, 300_000, middle="1")
    got(here.hospital.discharge(who, mdtrt_id))
    assert "出院" in no(client.upload_stay(who.psn_no, [stay_line("D5", mdtrt_id, 1)]))
    assert "出院" in no(here.hospital.discharge(who, mdtrt_id))
    got(client.undo_discharge(who.psn_no, mdtrt_id))
    assert "没有办理过出院" in no(client.undo_discharge(who.psn_no, mdtrt_id))
    got(client.upload_stay(who.psn_no, [stay_line("D5", mdtrt_id, 100_000)]))
    third = settle_stay(here, who, mdtrt_id, 100_000)
    paid = "select sum({})::bigint from settlement where visit_no = %s"
    assert here.count(paid.format("deductible"), mdtrt_id) == 130_000
    assert here.count(paid.format("admission"), mdtrt_id) == 1
    assert here.count(paid.format("total"), mdtrt_id) == 1_440_000
    in_scope = 1_000_000 + 13_500 + 500_000 - 200_000 + 100_000
    fund = (in_scope - 130_000) * 85 // 100
    assert abs(first.fund_fen + second.fund_fen + third.fund_fen - fund) <= 2


def test_a_part_in_the_middle_can_be_refunded_and_settled_again(here: Ward) -> None:
    """2305 of the first part while the second stands: only the first is due again."""
    who, client = here.patient(), here.hospital.client
    mdtrt_id = here.hospital.admit(who)
    got(client.upload_stay(who.psn_no, [stay_line("M1", mdtrt_id, 400_000)]))
    first = settle_stay(here, who, mdtrt_id, 400_000, middle="1")
    got(client.upload_stay(who.psn_no, [stay_line("M2", mdtrt_id, 300_000)]))
    settle_stay(here, who, mdtrt_id, 300_000, middle="1")
    got(client.refund_stay(first))
    got(client.upload_stay(who.psn_no, [stay_line("M3", mdtrt_id, 50_000)]))
    settle_stay(here, who, mdtrt_id, 400_000, middle="1", scope=400_000)
    settle_stay(here, who, mdtrt_id, 50_000)
    net = here.count("select sum(total)::bigint from settlement where visit_no = %s", mdtrt_id)
    assert net == 750_000


@pytest.mark.parametrize("by", [By.E_CREDENTIAL, By.ID_CARD])
def test_a_card_lost_during_the_stay_is_no_hindrance(here: Ward, by: By) -> None:
    """2304 with another credential; with the card it is refused (5.1)."""
    who, client = here.patient(), here.hospital.client
    mdtrt_id = here.hospital.admit(who)
    got(client.upload_stay(who.psn_no, [stay_line("K1", mdtrt_id, 200_000)]))
    lose_card(here.office, who)
    bill = Bill(f"K{mdtrt_id}", who.psn_no, mdtrt_id, who.shows(), 200_000)
    assert "不能结算" in no(client.pre_settle_stay(bill, due(here, mdtrt_id)))
    done = settle_stay(here, who, mdtrt_id, 200_000, by=by)
    assert done.total_fen == 200_000


def test_a_stay_opened_on_a_card_that_was_replaced(here: Ward) -> None:
    """The new card is another card than the one the stay is bound to; identity still settles."""
    who, client = here.patient(), here.hospital.client
    mdtrt_id = here.hospital.admit(who)
    got(client.upload_stay(who.psn_no, [stay_line("N1", mdtrt_id, 200_000)]))
    renewed = new_card(here.office, who)
    for shown, word in ((who.shows(), "没有认出"), (renewed.shows(), "换过")):
        bill = Bill(f"N{word}{mdtrt_id}", who.psn_no, mdtrt_id, shown, 200_000)
        assert word in no(client.pre_settle_stay(bill, due(here, mdtrt_id)))
    assert settle_stay(here, renewed, mdtrt_id, 200_000, by=By.ID_CARD).total_fen == 200_000


def test_returns_go_down_to_nothing_and_leave_nothing(here: Ward) -> None:
    """Three returns of a 乙 line over its limit: parts and total end at zero exactly (6.1)."""
    who, client = here.patient(), here.hospital.client
    mdtrt_id = here.hospital.admit(who)
    rows = [stay_line("R0", mdtrt_id, 50_000, "B001", cnt="3", pric="166.6667")]
    got(client.upload_stay(who.psn_no, rows))
    for nth, amount in enumerate((-16_667, -16_667, -16_666)):
        more = {"init_feedetl_sn": "R0", "cnt": "-1", "pric": "166.6667"}
        row = stay_line(f"R{nth + 1}", mdtrt_id, amount, "B001", **more)
        got(client.upload_stay(who.psn_no, [row]))
    for column in ("total", "own_pay", "over_limit", "self_first", "in_scope"):
        words = f"select sum({column})::bigint from fee_upload where visit_no = %s"
        assert here.count(words, mdtrt_id) == 0
    more = {"init_feedetl_sn": "R0", "cnt": "-1", "pric": "1"}
    one = stay_line("R9", mdtrt_id, -100, "B001", **more)
    assert "多于" in no(client.upload_stay(who.psn_no, [one]))
    bill = Bill("R", who.psn_no, mdtrt_id, who.shows(), 0)
    assert "没有可以结算" in no(client.pre_settle_stay(bill, due(here, mdtrt_id)))


def test_what_a_return_must_name(here: Ward) -> None:
    """The first line, the same item, no return of a return, no more than there is."""
    who, client = here.patient(), here.hospital.client
    mdtrt_id = here.hospital.admit(who)
    got(client.upload_stay(who.psn_no, [stay_line("Q1", mdtrt_id, 1_000)]))
    minus = {"cnt": "-1", "pric": "10"}
    for code, first, word in (
        ("A001", "Q9", "没有查到"),
        ("B001", "Q1", "没有查到"),
        ("A001", "", "正负"),
    ):
        row = stay_line("Q2", mdtrt_id, -1_000, code, init_feedetl_sn=first, **minus)
        assert word in no(client.upload_stay(who.psn_no, [row]))
    got(client.upload_stay(who.psn_no, [
        stay_line("Q2", mdtrt_id, -1_000, init_feedetl_sn="Q1", **minus)
    ]))  # fmt: skip
    row = stay_line("Q3", mdtrt_id, -1_000, init_feedetl_sn="Q2", **minus)
    assert "没有查到" in no(client.upload_stay(who.psn_no, [row]))
    row = stay_line("Q3", mdtrt_id, -1_000, init_feedetl_sn="Q1", **minus)
    assert "多于" in no(client.upload_stay(who.psn_no, [row]))
    assert "退费明细" in no(client.delete_stay(who.psn_no, mdtrt_id, "Q1"))
    got(client.delete_stay(who.psn_no, mdtrt_id, "Q2"))
    got(client.delete_stay(who.psn_no, mdtrt_id, "Q1"))
    assert here.count("select sum(total) from fee_upload where visit_no = %s", mdtrt_id) == 0


def test_more_returned_than_is_due_is_not_settled(here: Ward) -> None:
    """What was settled is returned by a refund, not by a negative bill (6.2)."""
    who, client = here.patient(), here.hospital.client
    mdtrt_id = here.hospital.admit(who)
    got(client.upload_stay(who.psn_no, [stay_line("E1", mdtrt_id, 10_000)]))
    settle_stay(here, who, mdtrt_id, 10_000, middle="1")
    assert "已经结算" in no(client.delete_stay(who.psn_no, mdtrt_id, "E1"))
    more = {"init_feedetl_sn": "E1", "cnt": "-1", "pric": "100"}
    rows = [stay_line("E2", mdtrt_id, -10_000, **more), stay_line("E3", mdtrt_id, 4_000)]
    got(client.upload_stay(who.psn_no, rows))
    bill = Bill("E", who.psn_no, mdtrt_id, who.shows(), -6_000)
    assert "多于应付" in no(client.pre_settle_stay(bill, []))
    got(client.delete_stay(who.psn_no, mdtrt_id))
    assert here.count("select sum(total) from fee_upload where visit_no = %s", mdtrt_id) == 10_000


def test_an_admission_is_cancelled_while_nothing_is_settled(here: Ward) -> None:
    """2404, and not by 2202; a stay is not settled as a visit nor a visit as a stay."""
    who, client = here.patient(), here.hospital.client
    mdtrt_id = here.hospital.admit(who)
    got(client.upload_stay(who.psn_no, [stay_line("C1", mdtrt_id, 10_000)]))
    assert "就诊类别" in no(client.cancel_registration(who.psn_no, mdtrt_id, "X"))
    rows = [line("C2", mdtrt_id, 100)]
    assert "就诊类别" in no(client.upload(who.psn_no, rows))
    bill = Bill("C", who.psn_no, mdtrt_id, who.shows(), 10_000, batch="C1")
    assert "就诊类别" in no(client.pre_settle(bill))
    visit = here.hospital.bill(who)
    wrong = Bill("CV", who.psn_no, visit.mdtrt_id, who.shows(), visit.total_fen)
    assert "就诊类别" in no(client.pre_settle_stay(wrong, due(here, visit.mdtrt_id)))
    done = settle_stay(here, who, mdtrt_id, 10_000)
    cancel = {"data": {"mdtrt_id": mdtrt_id, "psn_no": who.psn_no}}
    assert "已经结算" in no(here.hospital.ask("2404", who.psn_no, **cancel))
    got(client.refund_stay(done))
    got(here.hospital.ask("2404", who.psn_no, **cancel))
    assert "已经结束" in no(client.upload_stay(who.psn_no, [stay_line("CX", mdtrt_id, 1)]))


def test_an_admission_names_a_stay(here: Ward) -> None:
    """2401 of an outpatient kind is refused; the split of a stay adds up."""
    who, client = here.patient(), here.hospital.client
    node = {**ADMISSION, "psn_no": who.psn_no, **who.shows().fields(), "med_type": "11"}
    node |= {"ipt_no": "I", "begntime": diagnosis()["diag_time"]}
    nodes = {"mdtrtinfo": node, "diseinfo": []}
    assert "就诊类别" in no(here.hospital.ask("2401", who.psn_no, **nodes))
    mdtrt_id = here.hospital.admit(who)
    rows = [stay_line(f"T{n}", mdtrt_id, 777 * n, "B002") for n in range(1, 9)]
    split = got(client.upload_stay(who.psn_no, rows)).output["result"]
    parts = ("fulamt_ownpay_amt", "overlmt_amt", "preselfpay_amt", "inscp_scp_amt")
    assert sum(sums(split, name) for name in parts) == sum(777 * n for n in range(1, 9))
    assert all(fen(each["pric"]) == fen(each["det_item_fee_sumamt"]) for each in split)


def test_the_register_re_derives_to_nothing_different(here: Ward) -> None:
    """After all of the above (P9); every answer passed the registry's own checks."""
    assert here.differences() == []
    assert here.hospital.unsound() == []
