"""How a stop ends before its time: withdrawal of a report, and the holder's own unfreezing.

| block | withdrawn by | unless |
|-------|--------------|--------|
| provisional | the holder, where and with what the rule says | the new card is already being made |
| formal | nobody, ever | - |
| frozen | the holder | - |
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from minka.cards.card import Block, Card, Force, Standing
from minka.kit.outcome import Accepted, Refused
from minka.kit.words import Words
from minka.law.papers import ShownPaper, missing
from minka.loss.refusals import LossRefusal
from minka.loss.terms import WithdrawTerms

LOCAL_RULE = Words("按本市规定", "按本市規定", "by this city's rule")
"""Stands for the phrase of a rule that the source text does not give."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A withdrawal as asked for: where, with what papers, and how far the new card is."""

    channel: str
    place_kind: str | None
    papers: Collection[ShownPaper]
    reissue: str = "none"
    """``none``, ``applied`` or ``made``: how far a replacement has got."""
    reported_here: str = "yes"


def withdraw(
    card: Card | None, terms: WithdrawTerms, asked: Asked, at: datetime
) -> Accepted[Block] | Refused:
    """Whether a report is withdrawn at an instant; the accepted value is the block that ends."""
    if card is None:
        return Refused(LossRefusal.NO_CARD)
    block = card.block_at(at)
    if block is None or block.force is Force.FROZEN:
        cancelled = card.standing_at(at) is Standing.CANCELLED
        return Refused(LossRefusal.CARD_CANCELLED if cancelled else LossRefusal.NOT_REPORTED)
    if block.force is Force.FORMAL:
        return Refused(LossRefusal.FORMAL_IS_FINAL, {"cite": terms.cite or LOCAL_RULE})
    if terms.forbids(block.force):
        return Refused(LossRefusal.NO_WITHDRAWAL_RULE)
    if terms.too_late(asked.reissue):
        return Refused(LossRefusal.REISSUE_HANDLED, {"cite": terms.cite or LOCAL_RULE})
    return _where_and_with_what(terms, asked) or Accepted(block)


def _where_and_with_what(terms: WithdrawTerms, asked: Asked) -> Refused | None:
    elsewhere = terms.only_where_reported() and asked.reported_here != "yes"
    wrong_place = terms.places is not None and not terms.places.takes(asked.place_kind)
    if asked.channel not in terms.channels or elsewhere or wrong_place:
        places = terms.places.kinds if terms.places else terms.channels
        where = {"places": places, "papers": terms.papers}
        return Refused(LossRefusal.WITHDRAW_ELSEWHERE, where)
    lacking = missing(terms.papers, asked.papers)
    return Refused(LossRefusal.PAPERS_MISSING, {"missing": lacking}) if lacking else None


def unfreeze(card: Card | None, at: datetime) -> Accepted[Block] | Refused:
    """Whether the holder's own freeze ends at an instant."""
    if card is None:
        return Refused(LossRefusal.NO_CARD)
    if card.standing_at(at) is Standing.CANCELLED:
        return Refused(LossRefusal.CARD_CANCELLED)
    frozen = [b for b in card.blocks if b.force is Force.FROZEN and b.in_force_at(at)]
    return Accepted(frozen[0]) if frozen else Refused(LossRefusal.NOT_FROZEN)


def freeze(card: Card | None, at: datetime) -> Accepted[Card] | Refused:
    """Whether the holder may freeze a card at an instant: only one that can be used."""
    if card is None:
        return Refused(LossRefusal.NO_CARD)
    standing = card.standing_at(at)
    if standing is Standing.CANCELLED:
        return Refused(LossRefusal.CARD_CANCELLED)
    if standing in (Standing.PROVISIONAL_LOSS, Standing.FORMAL_LOSS, Standing.FROZEN):
        block = card.block_at(at)
        until = {"receipt": block.cause if block else "", "until": "—", "since": ""}
        return Refused(LossRefusal.ALREADY_LOST, until)
    return Accepted(card) if standing is Standing.USABLE else Refused(LossRefusal.NO_CARD)
