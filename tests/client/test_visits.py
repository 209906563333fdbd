"""A hospital's day through the library: visits, purchases, stays, refunds, the proof (I9)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from minka.client import (
    Bill,
    By,
    Cause,
    Line,
    Outcome,
    Purchase,
    Refused,
    Success,
    Unknown,
    settled,
)
from minka.kit.clock import CHINA
from minka.kit.fen import yuan
from tests.client.ward import FIRST, Ward, got, line, ward


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    """A ward without faults."""
    with ward(tmp_path_factory.mktemp("ward"), patience_ms=5_000) as made:
        yield made


def today(here: Ward) -> str:
    """The platform's day."""
    return here.platform.books.now().strftime("%Y-%m-%d")


def proved(here: Ward) -> list[str]:
    """What 3201 says of each group of the day."""
    return [
        got(here.client.proved(group)).output["stmtinfo"]["stmt_rslt"]
        for group in here.client.book.totals(today(here))
    ]


@pytest.mark.parametrize("by", list(By))
def test_a_visit_is_settled_with_each_credential(here: Ward, by: By) -> None:
    """1101, 2201, 2204, 2206, 2207 with 01, 02 and 03."""
    shown = here.credential(by)
    person = got(here.client.person(shown)).output["baseinfo"]
    assert person["psn_no"] == FIRST
    bill = here.bill(10_000)
    quoted = got(here.client.pre_settle(bill))
    assert "setl_id" not in quoted.output["setlinfo"]
    done = got(here.client.settle(bill, quoted))
    figures = settled(done.output)
    assert figures.total_fen == 10_000 == figures.fund_fen + figures.account_fen + figures.cash_fen
    assert done.doubts == ()
    assert here.agree()


def test_a_bill_is_settled_once_however_often_it_is_called(here: Ward) -> None:
    """The second call answers what is known and sends nothing (X1; pain 2)."""
    bill = here.bill()
    quoted = got(here.client.pre_settle(bill))
    first = got(here.client.settle(bill, quoted))
    heard = len(here.stage.heard)
    again = got(here.client.settle(bill, quoted))
    assert (again.msgid, again.output) == (first.msgid, first.output)
    assert len(here.stage.heard) == heard
    assert here.stands(bill) == bill.total_fen


def test_a_bill_with_another_total_is_not_the_same_bill(here: Ward) -> None:
    """The same key with other content is refused (X1)."""
    bill = here.bill(5_000)
    quoted = got(here.client.pre_settle(bill))
    got(here.client.settle(bill, quoted))
    changed = Bill(bill.number, bill.psn_no, bill.mdtrt_id, bill.credential, 5_001, batch="X")
    found = here.client.settle(changed, quoted)
    assert isinstance(found, Refused)
    assert here.stands(bill) == 5_000


def test_a_refusal_frees_the_bill_and_the_next_try_has_a_new_id(here: Ward) -> None:
    """Correct and repeat with a new msgid (section 5)."""
    bill = here.bill()
    quoted = got(here.client.pre_settle(bill))
    here.fault("refused:2207#1")
    refused = here.client.settle(bill, quoted)
    assert isinstance(refused, Refused)
    assert here.stands(bill) == 0
    done = got(here.client.settle(bill, quoted))
    assert done.msgid != refused.msgid


def test_a_refund_gives_back_what_was_taken_once(here: Ward) -> None:
    """2208 under a number of its own, negative; twice is once."""
    bill = here.bill()
    done = settled(got(here.settle(bill)).output)
    back = got(here.client.refund(done))
    assert settled(back.output).total_fen == -bill.total_fen
    assert settled(back.output).setl_id != done.setl_id
    assert got(here.client.refund(done)).msgid == back.msgid
    assert here.stands(bill) == 0
    assert here.agree()
    got(here.settle(bill))
    assert here.stands(bill) == bill.total_fen


def test_lines_can_be_taken_back(here: Ward) -> None:
    """2205; the pre-settlement then finds another total."""
    bill = here.bill()
    got(here.client.delete(bill.psn_no, bill.mdtrt_id))
    assert isinstance(here.client.pre_settle(bill), Refused)


def purchase(here: Ward, number: str, total_fen: int = 3_000) -> Purchase:
    """One box from the shelf."""
    row = line(number, "", total_fen)
    for name in ("mdtrt_id", "bilg_dept_codg", "bilg_dept_name", "hosp_appr_flag", "chrg_bchno"):
        row.pop(name)
    return Purchase(
        number, FIRST, here.credential(), total_fen, datetime.now(CHINA), [{**row, "psn_no": FIRST}]
    )


def test_a_pharmacy_sells_and_takes_back(here: Ward) -> None:
    """2101, 2102, 2103."""
    bought = purchase(here, "PH1")
    got(here.client.pre_settle_purchase(bought))
    done = settled(got(here.client.settle_purchase(bought)).output)
    assert got(here.client.settle_purchase(bought)).output["setlinfo"]["setl_id"] == done.setl_id
    assert done.total_fen == 3_000
    assert here.agree()
    back = settled(got(here.client.refund_purchase(done)).output)
    assert back.total_fen == -3_000
    assert back.cash_fen == -done.cash_fen
    assert here.agree()


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
DIAGNOSIS = {
    "diag_type": "1",
    "maindiag_flag": "1",
    "diag_srt_no": "1",
    "diag_code": "Z00.0",
    "diag_name": "检查",
    "diag_dept": "01",
    "dise_dor_no": "D1",
    "dise_dor_name": "医生甲",
}


def diagnosis() -> dict[str, Any]:
    """Why somebody stays."""
    return DIAGNOSIS | {"diag_time": datetime.now(CHINA)}


def admit(here: Ward, number: str) -> str:
    """A stay begins."""
    found = here.client.admit(
        FIRST,
        here.credential(),
        [diagnosis()],
        ipt_no=number,
        begntime=datetime.now(CHINA),
        **ADMISSION,
    )
    return str(got(found).output["result"]["mdtrt_id"])


def test_a_stay_is_settled_and_undone(here: Ward) -> None:
    """2401, 2301, 2303, 2304, 2402, 2405, 2305."""
    mdtrt_id = admit(here, "I1")
    row = line("I1", mdtrt_id, 50_000, "B001") | {"med_type": "21"}
    split = got(here.client.upload_stay(FIRST, [row])).output["result"]
    bill = Bill("I1", FIRST, mdtrt_id, here.credential(By.ID_CARD), 50_000, med_type="21")
    quoted = got(here.client.pre_settle_stay(bill, split))
    done = settled(got(here.client.settle_stay(bill, quoted)).output)
    assert done.total_fen == 50_000
    stay = {"insutype": "310", "dscg_dept_codg": "01", "dscg_dept_name": "内科", "dscg_way": "1"}
    left = datetime.now(CHINA)
    got(here.client.discharge(FIRST, mdtrt_id, [diagnosis()], endtime=left, **stay))
    got(here.client.undo_discharge(FIRST, mdtrt_id))
    assert settled(got(here.client.refund_stay(done)).output).total_fen == -50_000
    assert here.agree()


def test_questions_are_answered(here: Ward) -> None:
    """5203 and 5206."""
    bill = here.bill()
    done = settled(got(here.settle(bill)).output)
    asked = got(here.client.settlement(done))
    assert asked.output["setlinfo"]["refd_setl_flag"] == "0"
    rows = got(here.client.accumulators(FIRST)).output["cuminfo"]
    assert rows[0]["insutype"] == "310"


def test_the_day_is_proved(here: Ward) -> None:
    """3201 balances for every group the day book holds, refunds and all (I9)."""
    got(here.settle(here.bill()))
    assert set(proved(here)) == {"000000"}


def test_a_day_cut_books_on_the_platforms_day(tmp_path: Path) -> None:
    """The answer's own time says which day it is, on both sides."""
    with ward(tmp_path) as here:
        before = here.bill()
        got(here.settle(before))
        here.fault("day_cut:2207#1")
        got(here.settle(here.bill(7_000)))
        tomorrow = today(here)
        yesterday = (here.platform.books.now() - timedelta(days=1)).strftime("%Y-%m-%d")
        assert [row.total_fen for row in here.client.book.lines(tomorrow)] == [7_000]
        assert [row.total_fen for row in here.client.book.lines(yesterday)] == [12_000]
        assert proved(here) == ["000000"]


def theirs(here: Ward) -> list[Line]:
    """The platform's rows as a statement would list them."""
    return [
        Line(
            *(e.setl_id, e.mdtrt_id, e.psn_no, e.amounts["total"]),
            *(e.amounts["fund"], e.amounts["account"]),
            of_setl_id=e.of_setl_id,
        )
        for e in here.platform.books.entries.values()
    ]


def test_the_comparison_names_each_cause(tmp_path: Path) -> None:
    """Only theirs, only ours, differs, refunded there (pains 1 and 3)."""
    with ward(tmp_path) as here:
        day = today(here)
        done = [settled(got(here.settle(here.bill())).output) for _ in range(4)]
        assert here.client.book.compare(day, theirs(here)) == []
        here.platform.refund_elsewhere(done[0].setl_id)
        rows = {row.setl_id: row for row in theirs(here)}
        del rows[done[1].setl_id]
        changed = rows[done[2].setl_id]
        rows[done[2].setl_id] = Line("S-strange", "M", "P", 1, 1, 0)
        rows[changed.setl_id] = Line(changed.setl_id, "M", "P", changed.total_fen, 1, 0)
        found = here.client.book.compare(day, rows.values())
        assert sorted(each.cause.name for each in found) == [
            *("DIFFERS", "ONLY_OURS", "REFUNDED_THERE"),
        ]
        rows["S9"] = Line("S9", "M", "P", 1, 1, 0)
        causes = {each.cause for each in here.client.book.compare(day, rows.values())}
        assert Cause.ONLY_THEIRS in causes
        assert here.client.book.lines(day)[0].columns()[3] == yuan(12_000)


def test_a_session_that_ended_is_begun_anew(here: Ward) -> None:
    """The same message goes out again under the new session; nobody notices."""
    bill = here.bill()
    here.platform.sessions.clear()
    assert isinstance(here.settle(bill), Success)
    assert here.stands(bill) == bill.total_fen


def test_a_stranger_cannot_sign_in(here: Ward, tmp_path: Path) -> None:
    """A sign-in is signed with the enrolled SM2 key, and nothing else opens a session."""
    from minka.client import Client, Identity

    stranger = Client(here.client.site, tmp_path / "x.db", Identity.new())
    found = stranger.sign_in("1")
    assert isinstance(found, Refused)
    stranger.close()


def test_a_card_blocked_between_quotation_and_settlement(tmp_path: Path) -> None:
    """2207 refuses; the refund of an earlier settlement still works (section 5.1)."""
    with ward(tmp_path) as here:
        earlier = settled(got(here.settle(here.bill())).output)
        bill = here.bill()
        here.fault("card_blocked:2206#1")
        quoted = got(here.client.pre_settle(bill))
        found: Outcome = here.client.settle(bill, quoted)
        assert isinstance(found, Refused)
        assert "挂失" in found.message
        got(here.client.refund(earlier))
        assert here.agree()


def test_a_message_that_breaks_a_rule_never_leaves(here: Ward) -> None:
    """The field is named before anything is sent, and the bill stays free."""
    heard = len(here.stage.heard)
    found = here.client.register(FIRST, here.credential(), insutype="310")
    assert isinstance(found, Refused)
    assert "begntime" in found.message
    assert found.msgid == ""
    assert len(here.stage.heard) == heard


def test_nothing_is_unknown_for_ever_without_saying_so(here: Ward) -> None:
    """An unknown outcome carries the id it can be asked about with."""
    here.fault("broken_json:1101#1")
    found = here.client.person(here.credential())
    assert isinstance(found, Unknown)
    assert len(found.msgid) == 30
    here.client.repair()
    assert isinstance(here.client.outcome(found.msgid), Refused)
