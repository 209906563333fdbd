"""A loss report: may it be taken, how strong is it, and until when does it stop the card.

Rules in words:
* Blocking is easy: matching facts, no document by telephone, and nothing but the register needed.
* A report on a card that is stopped already changes nothing and shows the standing one,
  except that a formal report goes on top of a provisional one.
* A formal loss has no end. A provisional one ends at the computed instant, or never.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from minka.cards.card import AtLapse, Block, Card, Force, Standing
from minka.kit.clock import china_text
from minka.kit.outcome import Accepted, Refused
from minka.kit.workdays import Workdays
from minka.law.papers import ShownPaper, missing
from minka.loss.refusals import LossRefusal
from minka.loss.terms import LossTerms
from minka.people.facts import Verification

_LOST = (Standing.PROVISIONAL_LOSS, Standing.FORMAL_LOSS)


@dataclass(frozen=True, slots=True)
class Brought:
    """What came with a report: verified facts, papers seen, and the stated reason."""

    reason: str
    verification: Verification
    papers: Collection[ShownPaper] = ()


@dataclass(frozen=True, slots=True)
class Stop:
    """The block a report becomes at its confirmation."""

    force: Force
    from_at: datetime
    until_at: datetime | None
    bank_until_at: datetime | None
    at_lapse: AtLapse
    stops_by: datetime | None


def report(
    card: Card | None, terms: LossTerms, brought: Brought, at: datetime
) -> Accepted[Card] | Refused:
    """Whether a report is taken at an instant; the accepted value is the card it is about."""
    return (
        identified(terms, brought)
        or _of_the_papers(terms, brought)
        or _of_the_card(card, terms, at)
        or Accepted(_known(card))
    )


def stop(
    terms: LossTerms,
    accepted: datetime,
    confirmed: datetime,
    workdays: Workdays,
    *,
    slack: timedelta = timedelta(0),
) -> Stop:
    """The block that begins at the confirmation, with every instant computed.

    ``accepted`` and ``confirmed`` are instants of the card's own clock; ``slack`` is how much later
    it may truly be, while trusted time holds: so much longer the block stands (P10). A report that
    is confirmed only after its time would have run out stands for its time from the confirmation.
    """
    until = terms.until(accepted + slack, confirmed + slack, workdays)
    if until is not None and until <= confirmed:
        accepted = confirmed
        until = terms.until(confirmed + slack, confirmed + slack, workdays)
    return Stop(
        force=terms.force,
        from_at=confirmed,
        until_at=until,
        bank_until_at=terms.bank_until(accepted + slack, workdays) or until,
        at_lapse=AtLapse.NONE if until is None else terms.at_lapse,
        stops_by=terms.stops_by(confirmed, workdays),
    )


def already(block: Block) -> Refused:
    """The answer to a second report: the standing one, with its receipt and its end."""
    if block.force is Force.FORMAL:
        since = china_text(block.from_at)
        return Refused(LossRefusal.ALREADY_FORMAL, {"receipt": block.cause, "since": since})
    until = china_text(block.until_at) if block.until_at else "—"
    return Refused(LossRefusal.ALREADY_LOST, {"receipt": block.cause, "until": until})


def identified(terms: LossTerms, brought: Brought) -> Refused | None:
    """Why a report is not taken from this caller; None when he is known and his reason serves."""
    lacking = brought.verification.missing()
    if lacking:
        return Refused(LossRefusal.FACTS_MISSING, {"missing": lacking})
    if not brought.verification.all_match():
        return Refused(LossRefusal.NOT_VERIFIED)
    if brought.reason not in terms.reasons:
        named = {"reason": brought.reason, "reasons": terms.reasons}
        return Refused(LossRefusal.REASON_NOT_COVERED, named)
    return None


def _of_the_papers(terms: LossTerms, brought: Brought) -> Refused | None:
    lacking = missing(terms.papers, brought.papers)
    return Refused(LossRefusal.PAPERS_MISSING, {"missing": lacking}) if lacking else None


def _of_the_card(card: Card | None, terms: LossTerms, at: datetime) -> Refused | None:
    if card is None:
        return Refused(LossRefusal.NO_CARD)
    standing = card.standing_at(at)
    if standing is Standing.CANCELLED:
        return Refused(LossRefusal.CARD_CANCELLED)
    block = card.block_at(at)
    if block is None or standing not in _LOST:
        return _second_time(card, terms, at)
    if terms.force is Force.FORMAL and block.force is not Force.FORMAL:
        return None
    return None if _renews(terms, block) else already(block)


def _second_time(card: Card, terms: LossTerms, at: datetime) -> Refused | None:
    """A rule may allow no second provisional report after one has lapsed (O1-3, O6-8)."""
    if terms.again != "refused" or terms.force is not Force.PROVISIONAL:
        return None
    lapsed = any(
        b.force is Force.PROVISIONAL
        and b.ended_at is None
        and b.until_at is not None
        and b.until_at <= at
        for b in card.blocks
    )
    return Refused(LossRefusal.RENEWAL_NOT_ALLOWED) if lapsed else None


def _renews(terms: LossTerms, block: Block) -> bool:
    """A renewable provisional report may be made again while it stands, to stand longer."""
    return terms.renewable == "by_another_report" and block.force is Force.PROVISIONAL


def _known(card: Card | None) -> Card:
    assert card is not None, "the card was checked"
    return card
