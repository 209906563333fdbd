"""How a stop ends before its time: where, with what, and never a formal one (A14, E7, E10, P4)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from minka.cards.card import Card, Force, Status
from minka.kit.outcome import Accepted
from minka.law.book import Book
from minka.loss.refusals import LossRefusal as Refusal
from minka.loss.terms import WithdrawTerms
from minka.loss.withdraw import Asked, freeze, unfreeze, withdraw
from tests.loss.cases import DAY, NOW, all_papers, block, card, reason_of, withdrawal


def asked(terms: WithdrawTerms) -> Asked:
    """A withdrawal with everything the rule wants."""
    kind = terms.places.kinds[0] if terms.places else None
    return Asked(terms.channels[0], kind, all_papers(terms.papers))


@pytest.mark.parametrize("region", ["R1", "R3", "R6", "V1"])
def test_a_found_card_is_let_go(book: Book, region: str) -> None:
    """E7: the accepted value is the block that ends."""
    terms, standing = withdrawal(book, region), block()
    assert withdraw(card(standing), terms, asked(terms), NOW) == Accepted(standing)


@pytest.mark.parametrize("region", ["R1", "R3", "R6", "V1", "V2"])
@pytest.mark.parametrize("held", [card(block(Force.FORMAL)), card(block(), block(Force.FORMAL))])
def test_a_formal_loss_is_never_withdrawn(book: Book, region: str, held: Card) -> None:
    """A14, P4: nowhere, by nobody, with whatever papers, however far the new card is."""
    terms = withdrawal(book, region)
    for reissue in ("none", "applied", "made"):
        outcome = withdraw(held, terms, replace(asked(terms), reissue=reissue), NOW)
        assert reason_of(outcome) is Refusal.FORMAL_IS_FINAL


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (None, Refusal.NO_CARD),
        (card(), Refusal.NOT_REPORTED),
        (card(block(until=NOW)), Refusal.NOT_REPORTED),
        (card(block(Force.FROZEN)), Refusal.NOT_REPORTED),
        (card(status=Status.CANCELLED), Refusal.CARD_CANCELLED),
    ],
)
def test_there_must_be_something_to_withdraw(
    book: Book, held: Card | None, expected: Refusal
) -> None:
    """A freeze is the holder's own act and ends by another one."""
    terms = withdrawal(book, "R1")
    assert reason_of(withdraw(held, terms, asked(terms), NOW)) is expected


@pytest.mark.parametrize(
    ("region", "reissue", "expected"),
    [
        ("R1", "applied", Refusal.REISSUE_HANDLED),
        ("R1", "made", Refusal.REISSUE_HANDLED),
        ("R3", "applied", None),
        ("R3", "made", Refusal.REISSUE_HANDLED),
    ],
)
def test_a_new_card_bars_the_way_back(
    book: Book, region: str, reissue: str, expected: Refusal | None
) -> None:
    """E10, O3-2: before the re-issue; where the city says so, until the new card is made."""
    terms = withdrawal(book, region)
    outcome = withdraw(card(block()), terms, replace(asked(terms), reissue=reissue), NOW)
    assert reason_of(outcome) is expected


def test_where_and_with_what(book: Book) -> None:
    """R1-09: at a service point, with the ID card and the card itself."""
    terms = withdrawal(book, "R1")
    whole = asked(terms)
    for wrong in (
        replace(whole, channel="hotline"),
        replace(whole, channel="web"),
        replace(whole, place_kind="hospital"),
    ):
        assert reason_of(withdraw(card(block()), terms, wrong, NOW)) is Refusal.WITHDRAW_ELSEWHERE
    bare = replace(whole, papers=whole.papers[:1] if isinstance(whole.papers, tuple) else ())
    assert reason_of(withdraw(card(block()), terms, bare, NOW)) is Refusal.PAPERS_MISSING


def test_some_cities_let_go_only_where_it_was_reported(book: Book) -> None:
    """V2: the office that stopped the card starts it."""
    terms = withdrawal(book, "V2")
    here = asked(terms)
    assert reason_of(withdraw(card(block()), terms, here, NOW)) is None
    there = replace(here, reported_here="no")
    assert reason_of(withdraw(card(block()), terms, there, NOW)) is Refusal.WITHDRAW_ELSEWHERE


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (None, Refusal.NO_CARD),
        (card(), None),
        (card(block()), Refusal.ALREADY_LOST),
        (card(block(Force.FORMAL)), Refusal.ALREADY_LOST),
        (card(block(Force.FROZEN)), Refusal.ALREADY_LOST),
        (card(status=Status.CANCELLED), Refusal.CARD_CANCELLED),
        (card(status=Status.SEALED), Refusal.NO_CARD),
    ],
)
def test_only_a_card_that_works_is_frozen(held: Card | None, expected: Refusal | None) -> None:
    """Freezing is no loss report, and no second stop."""
    assert reason_of(freeze(held, NOW)) is expected


def test_unfreezing_ends_the_holders_own_stop_alone() -> None:
    """A card that is lost as well stays stopped: only the freeze is given back to be ended."""
    frozen = block(Force.FROZEN)
    assert unfreeze(card(frozen), NOW) == Accepted(frozen)
    assert unfreeze(card(frozen, block()), NOW) == Accepted(frozen)
    assert reason_of(unfreeze(card(block()), NOW)) is Refusal.NOT_FROZEN
    assert reason_of(unfreeze(card(replace(frozen, ended_at=NOW)), NOW)) is Refusal.NOT_FROZEN
    assert reason_of(unfreeze(None, NOW)) is Refusal.NO_CARD


def test_a_dead_card_is_not_unfrozen() -> None:
    """P11: neither bank nor terminals are told to take it again."""
    frozen = block(Force.FROZEN)
    dead = card(frozen, status=Status.CANCELLED)
    assert reason_of(unfreeze(dead, NOW + DAY)) is Refusal.CARD_CANCELLED
