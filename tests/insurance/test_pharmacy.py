"""A pharmacy over HTTP: quote, buy, take back, and what comes between (E6, X1, P6)."""

from __future__ import annotations

import pytest

from minka.client import By, settled
from tests.insurance.hall import Ward, got, lose_card, no
from tests.insurance.rows import drug, fen, purchase, sums


@pytest.mark.parametrize("by", list(By))
def test_a_purchase_is_quoted_settled_and_taken_back(here: Ward, by: By) -> None:
    """2101, 2102, 2103 with every credential; the account pays and gets it back."""
    who, client = here.patient(), here.pharmacy.client
    before = here.balance(who)
    rows = [drug("P-1", 3_000), drug("P-2", 10_001, "B002"), drug("P-3", 500, "C001")]
    bought = purchase(who, f"P{by}", 13_501, lines=rows, shown=who.shows(by))
    quoted = got(client.pre_settle_purchase(bought))
    assert "setl_id" not in quoted.output["setlinfo"]
    assert here.balance(who) == before
    done = got(client.settle_purchase(bought))
    assert done.doubts == ()
    for answer in (quoted.output, done.output):
        assert [fen(each["preselfpay_amt"]) for each in answer["detlcutinfo"]] == [0, 500, 0]
        assert sums(answer["detlcutinfo"], "det_item_fee_sumamt") == 13_501
        assert answer["setlinfo"]["psn_name"].endswith("*")
        assert answer["setlinfo"]["clr_type"] == "41"
    figures = settled(done.output)
    assert here.balance(who) == before - figures.account_fen
    back = settled(got(client.refund_purchase(figures)).output)
    assert (back.total_fen, here.balance(who)) == (-13_501, before)
    assert "已经退费" in no(here.pharmacy.ask("2103", who.psn_no, data={
        "setl_id": figures.setl_id, "mdtrt_id": figures.mdtrt_id, "psn_no": who.psn_no
    }))  # fmt: skip


def test_a_purchase_whose_lines_do_not_add_up(here: Ward) -> None:
    """The total, the items, the returns: refused, and nothing is left behind."""
    who, client = here.patient(), here.pharmacy.client
    visits = "select count(*) from visit where person_id = %s"
    for name, fen_, rows, word in (
        ("W1", 3_001, [drug("W-1", 3_000)], "不一致"),
        ("W2", 3_000, [drug("W-1", 3_000, "NONE")], "NONE"),
        ("W3", 6_000, [drug("W-1", 3_000), drug("W-1", 3_000)], "已经上传"),
    ):
        bought = purchase(who, name, fen_, lines=rows)
        assert word in no(client.pre_settle_purchase(bought))
        assert word in no(client.settle_purchase(bought))
    assert here.count(visits, who.who.person_id) == 0


def test_a_purchase_on_a_lost_card(here: Ward) -> None:
    """2101 and 2102 refuse the card, also between the two; the refund goes on (5.1)."""
    who, client = here.patient(), here.pharmacy.client
    done = settled(got(client.settle_purchase(purchase(who, "L0", 2_000))).output)
    bought = purchase(who, "L1", 3_000)
    got(client.pre_settle_purchase(bought))
    lose_card(here.office, who)
    assert "不能结算" in no(client.settle_purchase(bought))
    assert "不能结算" in no(client.pre_settle_purchase(bought))
    assert settled(got(client.refund_purchase(done)).output).total_fen == -2_000
    other = purchase(who, "L2", 3_000, shown=who.shows(By.ID_CARD))
    got(client.settle_purchase(other))


def test_another_persons_credential_buys_nothing(here: Ward) -> None:
    """The number named and the credential shown belong together."""
    who, other = here.patient(), here.patient()
    for by in By:
        bought = purchase(who, f"O{by}", 1_000, shown=other.shows(by))
        no(here.pharmacy.client.pre_settle_purchase(bought))
        no(here.pharmacy.client.settle_purchase(bought))
    assert here.count("select count(*) from settlement where kind = 1 and person_id in (%s, %s)",
                      who.who.person_id, other.who.person_id) == 0  # fmt: skip


def test_a_purchase_is_no_visit_that_2207_settles(here: Ward) -> None:
    """What 2102 settled is not settled again through another transaction."""
    who = here.patient()
    done = settled(got(here.pharmacy.client.settle_purchase(purchase(who, "V", 900))).output)
    fields = {
        **who.shows().fields(),
        "psn_no": who.psn_no,
        "med_type": "11",
        "medfee_sumamt": "9.00",
        "psn_setlway": "01",
        "mdtrt_id": done.mdtrt_id,
        "chrg_bchno": "0",
        "acct_used_flag": "0",
        "insutype": "310",
    }
    assert "就诊类别" in no(here.pharmacy.ask("2206", who.psn_no, data=fields))


def test_the_register_re_derives_to_nothing_different(here: Ward) -> None:
    """After all of the above (P9); every answer passed the registry's own checks."""
    assert here.differences() == []
    assert here.pharmacy.unsound() == []
