"""The balance at a terminal (G4): an ID card opens it, nothing else does."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from minka.desk.account_seen import looks_of
from minka.desk.ledger import OpenBalance, open_balance
from minka.desk.office import Office
from minka.store.care import begin_coverage
from tests.desk.money_town import AREA, SCHEME, found_area
from tests.desk.test_account_look import EARLY
from tests.desk.town import Resident, request
from tests.kiosk.conftest import move_in


@pytest.fixture
def someone(hall: Office) -> Resident:
    """A resident with 300 yuan."""
    found_area(hall)
    made = move_in(hall, bank_id="BANK1")
    with hall.register.act() as connection:
        begin_coverage(
            connection,
            made.person_id,
            scheme=SCHEME,
            psn_type=11,
            area=AREA,
            covered_from=date(2020, 1, 1),
        )
    opening = OpenBalance(made.person_id, 30000, "old register")
    assert open_balance(hall, request("clerk"), opening).accepted
    return made


def test_a_tapped_card_shows_the_figure(hall: Office, screen: Client, someone: Resident) -> None:
    """G4, K8: the figure with its instant, masked, with the warning; and the look is on record."""
    answer = screen.post("/kiosk/balance/", {"demo": str(someone.person_id)})
    text = answer.content.decode()
    assert "300.00" in text
    assert "截至" in text
    assert "请勿出借社保卡" in text
    assert someone.number.reveal() not in text
    assert someone.name.reveal() not in text
    (look,) = looks_of(hall, someone.person_id, EARLY)
    assert look.where.zh_hans == "自助终端"


def test_a_typed_number_opens_nothing(screen: Client, someone: Resident) -> None:
    """G4, T13: a number that somebody knows is no ID card."""
    stranger = {"reader": "{}", "number": someone.number.reveal()}
    assert screen.post("/kiosk/balance/", stranger).status_code == 422
    assert "300.00" not in screen.get("/kiosk/balance/").content.decode()


def test_without_an_account_it_says_so(hall: Office, screen: Client) -> None:
    """G4: never zero yuan for want of an account."""
    nobody = move_in(hall)
    answer = screen.post("/kiosk/balance/", {"demo": str(nobody.person_id)})
    assert answer.status_code == 422
    assert "0.00" not in answer.content.decode()
