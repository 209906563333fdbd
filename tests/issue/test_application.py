"""Whether a replacement is taken up, what it promises and costs, what becomes of the old card."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minka.cards.card import Card, Force, Standing, Status
from minka.issue.application import Applied, Promise, ReplaceTerms, apply, replace_terms
from minka.issue.refusals import IssueRefusal as Refusal
from minka.kit.clock import CHINA
from minka.kit.outcome import Accepted
from minka.law.book import Book
from tests.loss.cases import DAY, NOW, all_papers, block, card, reason_of


def terms(book: Book, region: str, *, place: str = "", reason: str = "lost") -> ReplaceTerms:
    """The terms of a replacement in a region today."""
    law = book.on(region, NOW.date())
    entry = law.replace(place=place or None, reason=reason, actor="holder")
    assert entry is not None, f"{region} replaces no card"
    return replace_terms(entry, law.withdrawal(), "holder")


def whole(asked: ReplaceTerms, *, reason: str = "lost") -> Applied:
    """An application with everything the rule wants."""
    kind = asked.places.kinds[0] if asked.places else "service_point"
    return Applied(reason, kind, all_papers(asked.papers), photo_code="P1")


def promised(book: Book, asked: ReplaceTerms, applied: Applied, held: Card) -> Promise:
    """The promise of an application that is taken."""
    outcome = apply(held, asked, applied, at=NOW, workdays=book.workdays("R1"))
    assert isinstance(outcome, Accepted), outcome
    return outcome.value


def test_the_new_card_is_promised_for_a_computed_day(book: Book) -> None:
    """A10, R1-07: after fifteen working days, from the beginning of that day in China."""
    asked = terms(book, "R1")
    promise = promised(book, asked, whole(asked), card())
    assert promise.promised_at == datetime(2026, 3, 23, tzinfo=CHINA)
    assert (promise.firmness, promise.fee_fen, promise.photo_code) == ("firm", 0, "P1")


def test_a_promise_into_an_unpublished_year_is_provisional(book: Book) -> None:
    """Outside the published years nobody knows the holidays; the promise says so."""
    asked = terms(book, "R1")
    late = NOW + 4000 * DAY
    outcome = apply(card(), asked, whole(asked), at=late, workdays=book.workdays("R1"))
    assert isinstance(outcome, Accepted)
    assert outcome.value.firmness == "provisional"


def test_made_while_you_wait(book: Book) -> None:
    """E11, R3-04, H8: where the card is handed over in the same visit."""
    assert terms(book, "R3", place="district_centre").on_the_spot()
    assert terms(book, "R6", place="service_centre").on_the_spot()
    assert not terms(book, "R1").on_the_spot()


@pytest.mark.parametrize(
    ("region", "reason", "waiver", "fee_fen"),
    [
        ("R6", "lost", "", 2500),
        ("R1", "lost", "", 0),
        ("V1", "lost", "", 2000),
        ("V1", "damaged", "", 1000),
        ("V1", "stolen", "", 0),
        ("V1", "lost", "low_income", 0),
        ("V1", "lost", "no_such_waiver", 2000),
    ],
)
def test_the_fee_by_reason_and_who_pays_none(
    book: Book, region: str, reason: str, waiver: str, fee_fen: int
) -> None:
    """H10, R6-07: twenty-five yuan; elsewhere by reason, and nothing for whom the rule names."""
    asked = terms(book, region, reason=reason)
    applied = replace(whole(asked, reason=reason), waiver=waiver)
    assert promised(book, asked, applied, card()).fee_fen == fee_fen


@pytest.mark.parametrize(
    ("region", "reason", "held", "force"),
    [
        ("R1", "lost", card(), Force.FORMAL),
        ("R1", "lost", card(block()), Force.FORMAL),
        ("R1", "lost", card(block(Force.FORMAL)), None),
        ("R1", "lost", card(status=Status.CANCELLED), None),
        ("R3", "lost", card(), Force.PROVISIONAL),
        ("R3", "lost", card(block()), None),
        ("R3", "damaged", card(), None),
        ("V1", "stolen", card(block(Force.FROZEN)), Force.FORMAL),
        ("V1", "damaged", card(), None),
    ],
)
def test_what_becomes_of_the_old_card(
    book: Book, region: str, reason: str, held: Card, force: Force | None
) -> None:
    """A lost card never pays again; where a found one may come back it is only stopped (E10)."""
    asked = terms(book, region, reason=reason)
    promise = promised(book, asked, whole(asked, reason=reason), held)
    assert promise.stops_old is force
    stopped = held.standing_at(NOW) is not Standing.USABLE or force is not None
    assert stopped or reason == "damaged", "a lost card may not go on paying"


def test_refusals_in_order_of_precedence(book: Book) -> None:
    """Place, card, open application, reason, papers, photo: each hides those behind it."""
    asked = terms(book, "V1")
    wrong = Applied("demagnetised", "hospital", (), open_receipt="B-1", open_status=Status.MADE)
    steps = [
        (Refusal.NOT_HERE, None, {}),
        (Refusal.NO_CARD, None, {"place_kind": "service_point"}),
        (Refusal.APPLICATION_OPEN, card(), {}),
        (Refusal.REASON_NOT_COVERED, card(), {"open_receipt": ""}),
        (Refusal.PAPERS_MISSING, card(), {"reason": "lost"}),
        (Refusal.PHOTO_NEEDED, card(), {"papers": all_papers(asked.papers)}),
        (None, card(), {"photo_code": "P1"}),
    ]
    applied = wrong
    for expected, held, cured in steps:
        applied = replace(applied, **cured)  # type: ignore[arg-type]
        outcome = apply(held, asked, applied, at=NOW, workdays=book.workdays("V1"))
        assert reason_of(outcome) is expected


def test_a_photo_on_file_serves_where_the_rule_says_so(book: Book) -> None:
    """V1 uses it again, V2 wants a new one."""
    for region, expected in (("V1", None), ("V2", Refusal.PHOTO_NEEDED)):
        asked = terms(book, region)
        applied = replace(whole(asked), photo_code="", photo_on_file="OLD")
        outcome = apply(card(), asked, applied, at=NOW, workdays=book.workdays(region))
        assert reason_of(outcome) is expected


@given(st.timedeltas(-1800 * DAY, 290 * DAY))
def test_no_promise_lies_before_the_application(book: Book, away: timedelta) -> None:
    """Whatever the holidays: a promise is later than the day of the application."""
    asked, at = terms(book, "R1"), NOW + away
    outcome = apply(card(), asked, whole(asked), at=at, workdays=book.workdays("R1"))
    assert isinstance(outcome, Accepted)
    assert outcome.value.promised_at is not None
    assert timedelta(14 * DAY.days) <= outcome.value.promised_at - at < 40 * DAY
