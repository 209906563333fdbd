"""The new card handed over, brought to life, or destroyed when nobody comes (A11-A13, E13, E14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from minka.cards.card import Status
from minka.issue.collection import (
    Collecting,
    CollectTerms,
    activate,
    collect,
    collect_terms,
    destroy,
)
from minka.issue.refusals import IssueRefusal as Refusal
from minka.kit.outcome import Accepted
from minka.law.book import Book
from minka.law.papers import ShownPaper
from tests.loss.cases import DAY, NOW, all_papers, card, reason_of

READY = card(status=Status.READY)


@pytest.fixture
def terms(book: Book) -> CollectTerms:
    """The terms of a collection by the applicant in the first city."""
    entry = book.on("R1", NOW.date()).collect(actor="applicant")
    assert entry is not None
    return collect_terms(entry, "holder")


def test_refusals_in_order_of_precedence(terms: CollectTerms) -> None:
    """Slip, step, place, fee, papers: each hides those behind it (A11, A12, R1-08)."""
    wrong = Collecting("H1", (), "SP1", fee_open_fen=2500, slip_used_at=NOW)
    steps = [
        (Refusal.SLIP_USED, card(status=Status.MADE), {}),
        (Refusal.NOT_READY, card(status=Status.MADE), {"slip_used_at": None}),
        (Refusal.WRONG_PLACE, READY, {}),
        (Refusal.FEE_UNPAID, READY, {"place_id": "SP1"}),
        (Refusal.PAPERS_MISSING, READY, {"fee_open_fen": 0}),
        (Refusal.PAPERS_MISSING, READY, {"papers": (ShownPaper("resident_id"),)}),
        (None, READY, {"papers": all_papers(terms.papers)}),
    ]
    collecting = wrong
    for expected, held, cured in steps:
        collecting = replace(collecting, **cured)  # type: ignore[arg-type]
        assert reason_of(collect(held, terms, collecting)) is expected


@pytest.mark.parametrize("status", [each for each in Status if each is not Status.READY])
def test_only_a_card_that_lies_there_is_handed_over(terms: CollectTerms, status: Status) -> None:
    """A card is collected once, and not before it has come."""
    collecting = Collecting("SP1", all_papers(terms.papers), "SP1", promised_at=NOW + DAY)
    refused = collect(card(status=status), terms, collecting)
    assert reason_of(refused) is Refusal.NOT_READY


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("actor", ["holder", "agent", "guardian", "employer_clerk"])
@pytest.mark.parametrize("minor", ["yes", "no"])
def test_who_activates_what(status: Status, actor: str, minor: str) -> None:
    """A13, T7: the holder alone, or a minor's guardian; only a collected card; in every cell."""
    outcome = activate(card(status=status), actor, "yes" if minor == "yes" else "no")
    may = actor == "holder" or (actor == "guardian" and minor == "yes")
    expected = None if status is Status.SEALED else Refusal.NOT_TO_ACTIVATE
    assert reason_of(outcome) is (expected if may else Refusal.HOLDER_ONLY)


def test_nothing_to_activate() -> None:
    """Without a card there is nothing to bring to life."""
    assert reason_of(activate(None, "holder", "no")) is Refusal.NO_CARD


def test_a_card_is_destroyed_from_the_deadline_on() -> None:
    """To the microsecond, and never where the rule names no time."""
    due = NOW + 90 * DAY
    micro = timedelta(microseconds=1)
    assert reason_of(destroy(READY, due, due - micro)) is Refusal.NOT_DUE
    assert destroy(READY, due, due) == Accepted(READY)
    assert reason_of(destroy(READY, None, due + 1000 * DAY)) is Refusal.NOT_DUE


@pytest.mark.parametrize("status", [each for each in Status if each is not Status.READY])
def test_only_an_uncollected_card_is_destroyed(status: Status) -> None:
    """Nobody destroys what was handed over, or was never there."""
    refused = destroy(card(status=status), NOW, NOW + DAY)
    assert reason_of(refused) is Refusal.NOT_AT_THIS_STEP


@pytest.mark.parametrize("reason", list(Refusal))
def test_every_refusal_speaks_three_languages(reason: Refusal) -> None:
    """What, why and what next; the code is stable and the room's own."""
    assert reason.code == f"issue.{reason.name.lower()}"
    said = [reason.words.zh_hans, reason.words.zh_hant, reason.words.en]
    assert len(set(said)) == 3
    names = [{part.split("}")[0] for part in words.split("{")[1:]} for words in said]
    assert names[0] == names[1] == names[2]
