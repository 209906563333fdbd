"""An office with many connections, and the places its acts need."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest

from minka.bench.crowd import open_place
from minka.cipher.field import SoftFieldKeys
from minka.desk.act import Answer
from minka.desk.apply import ApplyReplacement, apply_replacement
from minka.desk.collect import (
    ActivateCard,
    AdvanceCard,
    CollectCard,
    activate_card,
    advance_card,
    collect_card,
)
from minka.desk.loss import ReportLoss, report_loss
from minka.desk.office import Office
from minka.desk.withdraw import WithdrawLoss, withdraw_loss
from minka.law.book import Book
from minka.law.papers import ShownPaper
from minka.store.connection import Connection, Register
from tests.desk.town import Resident, request

PAPERS = (ShownPaper("resident_id"), ShownPaper("collection_certificate"))


@dataclass(frozen=True, slots=True)
class Crowded:
    """An office that many can enter at once, and its own place."""

    office: Office
    place_id: str
    url: str

    def report(self, someone: Resident, *, force: str = "", key: str = "") -> Answer:
        """Report by telephone, or formally at the counter."""
        if force == "formal":
            command = ReportLoss(
                "R1", "counter", someone.number, force=force, place_id=self.place_id, papers=PAPERS
            )
        else:
            command = ReportLoss("R1", "hotline", someone.number, {"name": someone.name})
        return report_loss(self.office, request("hotline_agent", key=key), command)

    def withdraw(self, someone: Resident) -> Answer:
        """Take a report back with the found card."""
        command = WithdrawLoss(
            "R1",
            "counter",
            someone.number,
            place_id=self.place_id,
            papers=PAPERS,
            found_card_number=someone.card_number,
        )
        return withdraw_loss(self.office, request(), command)

    def apply(self, someone: Resident) -> Answer:
        """Apply for a replacement at the counter."""
        command = ApplyReplacement(
            "R1", "counter", someone.number, self.place_id, papers=PAPERS, photo_code="PHOTO1"
        )
        return apply_replacement(self.office, request(), command)

    def bring_to_the_holder(self, someone: Resident) -> str:
        """Apply, make, stock and collect; the receipt under which the card can be activated."""
        applied = self.apply(someone)
        assert applied.accepted, applied
        receipt = str(applied.facts["receipt"])
        for move in ("make", "stock"):
            assert advance_card(self.office, request(), AdvanceCard(receipt, move)).accepted
        slip = CollectCard(applied.facts["slip"], self.place_id, someone.number, PAPERS)
        collected = collect_card(self.office, request(), slip)
        assert collected.accepted, collected
        return receipt

    def activate(self, someone: Resident, receipt: str) -> Answer:
        """The holder activates."""
        return activate_card(self.office, request(), ActivateCard(receipt, someone.number))

    def count(self, words: str, **values: object) -> int:
        """A number out of the register."""
        with self.office.register.act() as connection:
            return counted(connection, words, **values)


def counted(connection: Connection, words: str, **values: object) -> int:
    """A number out of the register."""
    found = connection.execute(words.encode(), values).fetchone()
    assert found is not None
    number: int = next(iter(found.values()))
    return number


@pytest.fixture(scope="module")
def crowded(database_url: str, book: Book, keys: SoftFieldKeys) -> Iterator[Crowded]:
    """An office with forty connections."""
    register = Register(database_url, size=40, wait_s=60)
    with psycopg.connect(database_url) as owner:
        place_id = open_place(owner, "R1", "service_point")
    yield Crowded(Office(register, lambda: book, keys), place_id, database_url)
    register.close()
