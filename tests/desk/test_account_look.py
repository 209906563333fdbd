"""What is seen of an account: I6, X39."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from minka.desk import account_look as look
from minka.desk.office import Office
from tests.desk.money_town import HOSPITAL, PHARMACY, found_area, insure, settle

EARLY, LATE = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
def _area(office: Office) -> None:
    found_area(office)


def test_who_has_no_account_has_no_balance(office: Office) -> None:
    """An unknown person is None, never zero."""
    assert look.balance(office, 10**15) is None
    assert look.balance(office, 10**15, EARLY) is None
    assert look.movements(office, 10**15, EARLY, LATE) == []


def test_movements_walk_from_the_newest_back(office: Office) -> None:
    """X39: every row is found by its link, with the balance after it."""
    someone = insure(office)
    first = settle(office, someone.person_id, in_scope=1000, pool=600, bill_no=1, visit_no=1)
    again = settle(office, someone.person_id, in_scope=500, origin_no=PHARMACY)
    back = settle(
        office,
        someone.person_id,
        in_scope=1000,
        pool=600,
        kind=2,
        visit_no=1,
        of_msg_no=first.msg_no,
        of_origin_no=HOSPITAL,
    )
    found = look.movements(office, someone.person_id, EARLY, LATE)
    assert [each.ref for each in found] == [back.ref, again.ref, first.ref]
    assert [each.kind for each in found] == ["refund", "purchase", "settlement"]
    assert (found[2].total_fen, found[2].fund_fen, found[2].cash_fen) == (1000, 600, 400)
    assert found[2].provider_name == "示例hospital"
    window = look.movements(office, someone.person_id, found[1].at, found[0].at)
    assert [each.ref for each in window] == [again.ref]
    assert [m.ref for m in look.movements(office, someone.person_id, EARLY, LATE, limit=2)] == [
        back.ref,
        again.ref,
    ]


def test_a_settlement_is_shown_whole(office: Office) -> None:
    """X39: all amounts, what undid it, and what it undoes."""
    someone = insure(office)
    first = settle(office, someone.person_id, in_scope=1000, pool=600, serious=50, total=1000)
    view = look.settlement(office, first.ref)
    assert view is not None
    assert view.amounts["total"] == 1000 == view.fund_fen + view.amounts["cash"]
    assert (view.fund_fen, view.undone_by_ref, view.kind) == (650, "", "purchase")
    back = settle(
        office,
        someone.person_id,
        in_scope=1000,
        pool=600,
        serious=50,
        kind=3,
        of_msg_no=first.msg_no,
        of_origin_no=HOSPITAL,
    )
    undone = look.settlement(office, first.ref)
    undoing = look.settlement(office, back.ref)
    assert undone is not None
    assert undoing is not None
    assert (undone.undone_by_ref, undoing.undoes_ref) == (back.ref, first.ref)
    assert undoing.amounts["total"] == -1000


@pytest.mark.parametrize("ref", ["", "L", "Lx", "12", "9" * 26, "L1", "一" * 26])
def test_a_number_that_is_none_finds_nothing(office: Office, ref: str) -> None:
    """What a person mistypes is not an error of the register."""
    assert look.settlement(office, ref) is None


def test_the_balance_before_everything_is_zero(office: Office) -> None:
    """I6: the balance at any past instant."""
    someone = insure(office)
    settle(office, someone.person_id, in_scope=100)
    before = look.balance(office, someone.person_id, EARLY)
    assert before is not None
    assert (before.fen, before.held_fen, before.as_of) == (0, 0, EARLY)
    now = look.balance(office, someone.person_id)
    assert now is not None
    assert now.as_of - EARLY > timedelta(days=365)
