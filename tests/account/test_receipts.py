"""Every receipt of a card with a bank part warns of lending it (K8)."""

from __future__ import annotations

import secrets
from typing import Any

import pytest

from minka.bench.places import place_id
from minka.desk.apply import ApplyReplacement, LoseAndReplace, lose_and_replace
from minka.desk.look import Receipted, receipted
from minka.desk.loss import ReportLoss
from minka.desk.preview import now
from minka.doors.papers import sheets
from minka.doors.papers.press import Sheet
from minka.kit.words import Words
from minka.law.papers import Copy, ShownPaper
from tests.account.books import Books
from tests.desk.town import Resident, request

HEAD = sheets.Letterhead(Words("示例市", "示例市", "Example"), "12333", "zh-hans")


def cases(books: Books, someone: Resident) -> list[Receipted]:
    """What stands behind the receipts of a loss with replacement."""
    paper = (ShownPaper("resident_id", Copy.ORIGINAL_AND_COPY),)
    where: dict[str, Any] = {"channel": "counter", "place_id": place_id("R1", "service_point")}
    stated = {"number": someone.number, "reason": "lost", "papers": paper, **where}
    loss, new = ReportLoss("R1", **stated), ApplyReplacement("R1", **stated)
    answer = lose_and_replace(
        books.office, request("counter_clerk", key=secrets.token_hex(8)), LoseAndReplace(loss, new)
    )
    assert answer.accepted, answer
    loss_code, facts = answer.facts["loss"]["receipt"], answer.facts["replacement"]
    found = [receipted(books.office, each) for each in (loss_code, facts["receipt"], facts["slip"])]
    return [each for each in found if each is not None]


def papers(books: Books, bank_id: str) -> list[Sheet]:
    """Loss receipt, acceptance, collection slip, fee receipt."""
    someone = books.hall.resident("R1", bank_id=bank_id)
    lost, accepted, slip = cases(books, someone)
    return [
        sheets.loss_receipt(HEAD, lost),
        sheets.acceptance(HEAD, accepted),
        sheets.collection_slip(HEAD, slip, ()),
        sheets.fee_receipt(HEAD, accepted, "cash", now(books.office)),
    ]


@pytest.mark.parametrize(("bank_id", "warned"), [("BANK1", 1), ("", 0)])
def test_every_receipt_warns_of_lending(books: Books, bank_id: str, warned: int) -> None:
    """K8: with a bank part every receipt says so, without one none does."""
    for paper in papers(books, bank_id):
        said = [note for note in paper.notes if "出借" in note]
        assert len(said) == warned, paper.title
