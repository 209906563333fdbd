"""Whether a report is taken, and until when it stops the card (R1, R6, V1, V2; P4, P10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minka.cards.card import AtLapse, Force, Status
from minka.kit.outcome import Accepted, Reason
from minka.law.book import Book
from minka.loss.refusals import LossRefusal as Refusal
from minka.loss.report import Brought, report, stop
from minka.people.facts import Match
from tests.loss.cases import DAY, HOUR, NOW, all_papers, block, card, known, reason_of, terms


def test_a_telephone_report_needs_no_paper(book: Book) -> None:
    """A1, R1-01: name and number that match stop the card."""
    asked = terms(book, "R1", "hotline")
    assert report(card(), asked, known(asked), NOW) == Accepted(card())


@pytest.mark.parametrize(
    ("match", "reason", "expected"),
    [
        (Match.MISSING, "lost", Refusal.FACTS_MISSING),
        (Match.DIFFERS, "lost", Refusal.NOT_VERIFIED),
        (Match.MISSING, "stolen", Refusal.FACTS_MISSING),
        (Match.DIFFERS, "stolen", Refusal.NOT_VERIFIED),
        (Match.MATCHED, "stolen", Refusal.REASON_NOT_COVERED),
    ],
)
def test_the_caller_is_judged_first(
    book: Book, match: Match, reason: str, expected: Refusal
) -> None:
    """In order of precedence: facts, then who he is, then why; no card is looked at."""
    asked = terms(book, "R1", "hotline")
    for held in (card(), None, card(block(Force.FORMAL))):
        outcome = report(held, asked, known(asked, reason=reason, match=match), NOW)
        assert reason_of(outcome) is expected


def test_a_report_in_writing_needs_its_paper(book: Book) -> None:
    """A3, R1-02: without the ID card or household book the one-time notice names them."""
    asked = terms(book, "R1", "counter", "provisional")
    bare = replace(known(asked), papers=())
    assert reason_of(report(card(), asked, bare, NOW)) is Refusal.PAPERS_MISSING
    either = [replace(bare, papers=all_papers(asked.papers)[n : n + 1]) for n in range(2)]
    assert [reason_of(report(card(), asked, each, NOW)) for each in either] == [None, None]


@pytest.mark.parametrize(
    ("held", "force", "expected"),
    [
        (None, "provisional", Refusal.NO_CARD),
        (card(status=Status.CANCELLED), "provisional", Refusal.CARD_CANCELLED),
        (card(status=Status.DESTROYED), "formal", Refusal.CARD_CANCELLED),
        (card(block()), "provisional", Refusal.ALREADY_LOST),
        (card(block(Force.FORMAL)), "provisional", Refusal.ALREADY_FORMAL),
        (card(block(Force.FORMAL)), "formal", Refusal.ALREADY_FORMAL),
        (card(block(), block(Force.FORMAL)), "formal", Refusal.ALREADY_FORMAL),
        (card(block()), "formal", None),
        (card(block(Force.FROZEN)), "provisional", None),
        (card(block(Force.FROZEN)), "formal", None),
        (card(block(until=NOW)), "provisional", None),
        (card(status=Status.SEALED), "provisional", None),
    ],
)
def test_the_card_as_it_stands(book: Book, held: object, force: str, expected: Reason) -> None:
    """A second report changes nothing; a formal one goes on top of a provisional one (A9)."""
    asked = terms(book, "R1", "counter", force)
    assert held is None or hasattr(held, "blocks")
    assert reason_of(report(held, asked, known(asked), NOW)) is expected  # type: ignore[arg-type]


def test_a_second_report_is_shown_the_first(book: Book) -> None:
    """The answer carries the standing receipt and its computed end, in China time."""
    asked = terms(book, "R1", "hotline")
    outcome = report(card(block()), asked, known(asked), NOW)
    said = outcome.say("en") if not isinstance(outcome, Accepted) else ""
    assert "G-1" in said
    assert "2026-03-12 09:00" in said


def test_a_renewable_report_is_made_again_while_it_stands(book: Book) -> None:
    """V1: another report makes the stop stand longer; elsewhere it does not."""
    asked = terms(book, "V1", "web")
    assert reason_of(report(card(block()), asked, known(asked), NOW)) is None
    fixed = replace(asked, renewable="not_renewable")
    assert reason_of(report(card(block()), fixed, known(fixed), NOW)) is Refusal.ALREADY_LOST


def test_a_rule_may_bar_a_second_report_after_a_lapse(book: Book) -> None:
    """O1-3: once it ran out, the holder must come; a withdrawn one does not count."""
    asked = replace(terms(book, "R1", "hotline"), again="refused")
    lapsed = block(begins=NOW - 11 * DAY, until=NOW - DAY)
    refused = report(card(lapsed), asked, known(asked), NOW)
    assert reason_of(refused) is Refusal.RENEWAL_NOT_ALLOWED
    withdrawn = replace(lapsed, ended_at=NOW - 5 * DAY)
    assert reason_of(report(card(withdrawn), asked, known(asked), NOW)) is None
    formal = replace(asked, force=Force.FORMAL)
    assert reason_of(report(card(lapsed), formal, known(formal), NOW)) is None


@pytest.mark.parametrize(
    ("region", "channel", "stands", "at_lapse"),
    [
        ("R1", "hotline", 10 * DAY, AtLapse.RELEASE),
        ("R6", "hotline", DAY, AtLapse.RELEASE),
        ("V1", "web", 7 * DAY, AtLapse.RELEASE),
        ("V2", "web", 15 * DAY, AtLapse.CANCEL),
        ("R3", "hotline", None, AtLapse.NONE),
    ],
)
def test_how_long_a_provisional_report_stands(
    book: Book, region: str, channel: str, stands: timedelta | None, at_lapse: AtLapse
) -> None:
    """R1-05, R6-02: ten days, twenty-four hours, for ever; to the second of the report."""
    made = stop(terms(book, region, channel), NOW, NOW, book.workdays(region))
    assert made.until_at == (None if stands is None else NOW + stands)
    assert (made.from_at, made.at_lapse) == (NOW, at_lapse)


def test_the_banks_part_may_have_an_end_of_its_own(book: Book) -> None:
    """V1: five days at the bank, seven at the register; elsewhere they end together."""
    apart = stop(terms(book, "V1", "web"), NOW, NOW, book.workdays("V1"))
    assert (apart.bank_until_at, apart.until_at) == (NOW + 5 * DAY, NOW + 7 * DAY)
    together = stop(terms(book, "R1", "hotline"), NOW, NOW, book.workdays("R1"))
    assert together.bank_until_at == together.until_at


@pytest.mark.parametrize("region", ["R1", "R6", "V1", "V2"])
def test_a_formal_loss_has_no_end(book: Book, region: str) -> None:
    """P4, A14: whatever periods the rule names, a formal stop never ends."""
    asked = terms(book, region, "counter", "formal")
    made = stop(asked, NOW, NOW, book.workdays(region), slack=3 * DAY)
    assert (made.force, made.until_at, made.bank_until_at) == (Force.FORMAL, None, None)
    assert made.at_lapse is AtLapse.NONE


def test_the_stop_deadline_runs_from_the_confirmation(book: Book) -> None:
    """E2, R3-01: within one hour of the staff's word, not of the call."""
    asked = terms(book, "R3", "hotline")
    made = stop(asked, NOW, NOW + 2 * HOUR, book.workdays("R3"))
    assert (made.from_at, made.stops_by) == (NOW + 2 * HOUR, NOW + 3 * HOUR)


@given(st.timedeltas(-1800 * DAY, 300 * DAY), st.timedeltas(timedelta(0), 400 * DAY))
def test_doubt_about_time_only_ever_lengthens_a_stop(
    book: Book, away: timedelta, slack: timedelta
) -> None:
    """P10: a stop that begins while time is in doubt stands so much longer, and begins at once."""
    at = NOW + away
    asked = terms(book, "R1", "hotline")
    plain, longer = (
        stop(asked, at, at, book.workdays("R1"), slack=each) for each in (timedelta(0), slack)
    )
    assert plain.until_at == at + 10 * DAY
    assert longer.until_at == at + slack + 10 * DAY
    assert plain.from_at == longer.from_at == at


def test_what_was_brought_holds_no_clear_text() -> None:
    """Facts are verdicts by then: nothing of a person stands in what the decision sees."""
    assert set(Brought.__slots__) == {"reason", "verification", "papers"}


def test_a_late_confirmation_still_stops_for_the_whole_time(book: Book) -> None:
    """E3, P10: confirmed after the time from acceptance ran out, it runs from the confirmation."""
    asked, late = terms(book, "R1", "hotline"), NOW + 11 * DAY
    made = stop(asked, NOW, late, book.workdays("R1"))
    assert (made.from_at, made.until_at) == (late, late + 10 * DAY)
