"""A card, callers and the cities' rules for the tests of loss."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from minka.cards.card import AtLapse, Block, Card, Force, Status
from minka.kit.outcome import Accepted, Reason, Refused
from minka.law.book import Book
from minka.law.papers import Copy, Papers, ShownPaper, leaves
from minka.loss.report import Brought
from minka.loss.terms import LossTerms, WithdrawTerms, loss_terms, withdraw_terms
from minka.people.facts import Match, Verification

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def card(*blocks: Block, status: Status = Status.ACTIVE) -> Card:
    """A card with blocks on it."""
    return Card(1, 1, "social_security_card", "R1", "A00000011", status, blocks)


def block(
    force: Force = Force.PROVISIONAL,
    *,
    begins: datetime = NOW - HOUR,
    until: datetime | None = NOW + 10 * DAY,
    at_lapse: AtLapse = AtLapse.RELEASE,
    cause: str = "G-1",
) -> Block:
    """A block in force; a formal or frozen one has no end."""
    if force is not Force.PROVISIONAL or until is None:
        return Block(1, force, begins, None, AtLapse.NONE, cause)
    return Block(1, force, begins, until, at_lapse, cause)


def terms(book: Book, region: str, channel: str, force: str = "") -> LossTerms:
    """The terms of a report in a region today."""
    law = book.on(region, NOW.date())
    entry = law.loss(channel=channel, force=force or None, actor="holder")
    assert entry is not None, f"{region} takes no report by {channel}"
    return loss_terms(law, entry, "holder")


def withdrawal(book: Book, region: str) -> WithdrawTerms:
    """The terms of a withdrawal in a region today."""
    entry = book.on(region, NOW.date()).withdrawal()
    assert entry is not None, f"{region} knows no withdrawal"
    return withdraw_terms(entry)


def all_papers(papers: Papers) -> tuple[ShownPaper, ...]:
    """Every paper a rule names, in original and copy."""
    return tuple(
        ShownPaper(leaf.kind, Copy.ORIGINAL_AND_COPY, leaf.owner) for leaf in leaves(papers)
    )


def known(asked: LossTerms, *, reason: str = "lost", match: Match = Match.MATCHED) -> Brought:
    """A caller all of whose facts stand alike, with every paper of the rule."""
    facts = Verification(dict.fromkeys(asked.facts, match))
    return Brought(reason, facts, all_papers(asked.papers))


def reason_of(outcome: Accepted[object] | Refused) -> Reason | None:
    """Why an act was refused; None when it was accepted."""
    return outcome.reason if isinstance(outcome, Refused) else None
