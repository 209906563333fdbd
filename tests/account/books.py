"""Holders with accounts that have moved, and a holder at a browser."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.test import Client

from minka.desk.account_look import Movement, balance, movements
from minka.desk.ledger import OpenBalance, open_balance
from minka.desk.office import Office
from minka.store.care import begin_coverage
from tests.desk.money_town import AREA, HOSPITAL, PHARMACY, SCHEME, Settled, settle
from tests.desk.test_prove import sent
from tests.desk.town import Resident, request
from tests.staff.desk import Hall, Screen

EARLY, LATE = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Holder:
    """A resident whose account was opened with 300 yuan, and paid 20 and then 35.50 of it."""

    someone: Resident
    visit: Settled
    drugs: Settled


class Books:
    """Makes holders."""

    def __init__(self, office: Office, hall: Hall) -> None:
        self.office, self.hall = office, hall

    def empty(self, region: str = "R5", bank_id: str = "BOC", **more: Any) -> Resident:
        """A resident with an account that nothing has moved."""
        someone = self.hall.resident(region, bank_id=bank_id, **more)
        with self.office.register.act() as connection:
            begin_coverage(
                connection,
                someone.person_id,
                scheme=SCHEME,
                psn_type=11,
                area=AREA,
                covered_from=date(2020, 1, 1),
            )
        return someone

    def holder(self, region: str = "R5", bank_id: str = "BOC", **more: Any) -> Holder:
        """A resident with 244.50 yuan left of 300."""
        someone = self.empty(region, bank_id, **more)
        opening = OpenBalance(someone.person_id, 30000, "old register, line 1")
        assert open_balance(self.office, request("clerk"), opening).accepted
        visit = settle(
            self.office, someone.person_id, in_scope=10000, pool=7000, account=2000, visit_no=1
        )
        drugs = settle(
            self.office, someone.person_id, in_scope=3550, account=3550, origin_no=PHARMACY
        )
        return Holder(someone, visit, drugs)

    def refuse(self, someone: Resident, reason: str = "cards.provisional_loss") -> Settled:
        """A refused attempt, as the switch writes it down."""
        return settle(
            self.office,
            someone.person_id,
            kind=4,
            card_id=someone.card_id,
            origin_no=HOSPITAL,
            reason=reason,  # type: ignore[arg-type]
        )

    def fen(self, someone: Resident) -> int:
        """The balance as the books have it."""
        found = balance(self.office, someone.person_id)
        assert found is not None
        return found.fen

    def lines(self, someone: Resident) -> list[Movement]:
        """Every movement, the newest first."""
        return movements(self.office, someone.person_id, EARLY, LATE)


class Visitor:
    """The holder at a browser, as the citizen's pages see him."""

    def __init__(self, office: Office, *, language: str = "zh-hans") -> None:
        self.office = office
        self.client = Client(HTTP_HOST="localhost")
        self.client.cookies["minka_language"] = language

    def get(self, path: str) -> Screen:
        """Read a page, and follow to where it leads."""
        return _screen(self.client.get(f"/{path}", follow=True))

    def post(self, path: str, **data: Any) -> Screen:
        """Send a form, and follow to where it leads."""
        return _screen(self.client.post(f"/{path}", data, follow=True))

    def raw(self, path: str, **data: Any) -> Any:
        """The answer to a form, not followed."""
        return self.client.post(f"/{path}", data)

    def prove(self, someone: Resident, region: str = "R5") -> Screen:
        """Name, number, and the code that came by text message."""
        stated = {"name": someone.name.reveal(), "id_number": someone.number.reveal()}
        self.post(f"{region}/account/", **stated)
        return self.post(f"{region}/account/code/", code=sent(self.office, someone))


def _screen(answer: Any) -> Screen:
    url = answer.redirect_chain[-1][0] if answer.redirect_chain else answer.request["PATH_INFO"]
    binary = "text/html" not in answer.headers.get("Content-Type", "")
    text = "" if binary else answer.content.decode()
    return Screen(answer.status_code, text, url, dict(answer.headers))


def question_in(screen: Screen) -> str:
    """The number of a question on the screen."""
    found = re.search(r"Q-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]", screen.url + screen.text)
    assert found is not None, screen.text[:500]
    return found[0]
