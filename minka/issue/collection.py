"""The new card handed over and brought to life: right papers, right person, once.

| step | by whom | the card |
|------|---------|----------|
| collect | the applicant or an agent, against papers and the one-time slip | ready -> sealed |
| activate | the holder alone, or a minor's guardian | sealed -> active, the old one dies |
| destroy | two people, after the time to collect has run out | ready -> destroyed, fee returned |
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from minka.cards.card import Card, Status
from minka.cards.words import PROGRESS
from minka.issue.refusals import IssueRefusal
from minka.kit.clock import china_text
from minka.kit.fen import yuan
from minka.kit.outcome import Accepted, Refused
from minka.law.papers import NOTHING, AllOf, Papers, ShownPaper, leaves, missing
from minka.law.period import Period
from minka.law.region import AGENTS, Entry


@dataclass(frozen=True, slots=True)
class CollectTerms:
    """What the law of the day says about handing over a finished card."""

    rule_ref: str
    papers: Papers
    same_place: Literal["yes", "no"]
    deadline: Period | None
    uncollected: str
    assumed: tuple[str, ...] = ()


def collect_terms(entry: Entry, actor: str) -> CollectTerms:
    """The terms of a collection rule for who comes."""
    places = entry.value("place")
    papers = entry.value("papers_agent" if actor in AGENTS else "papers_self")
    return CollectTerms(
        rule_ref=entry.ref,
        papers=papers or NOTHING,
        same_place="yes" if places is not None and places.same_as else "no",
        deadline=entry.value("deadline"),
        uncollected=entry.value("uncollected") or "",
        assumed=tuple(name for name, leaf in entry.leaves.items() if leaf.marked),
    )


IDENTITY = frozenset({"resident_id", "household_book", "valid_id_document"})
"""Papers that show who somebody is, and so are shown again when the card is handed over."""


def terms_of_the_visit(application: Entry, actor: str) -> CollectTerms:
    """Where the card is handed over at once: the identity papers of the application's own rule."""
    papers = application.value("papers_agent" if actor in AGENTS else "papers_self")
    return CollectTerms(
        rule_ref=application.ref,
        papers=_identity(papers or NOTHING),
        same_place="yes",
        deadline=None,
        uncollected="",
    )


def _identity(papers: Papers) -> Papers:
    parts = papers.items if isinstance(papers, AllOf) else (papers,)
    return AllOf(tuple(p for p in parts if all(leaf.kind in IDENTITY for leaf in leaves(p))))


@dataclass(frozen=True, slots=True)
class Collecting:
    """A person at the counter who wants the card."""

    place_id: str
    papers: Collection[ShownPaper]
    collect_at: str
    fee_open_fen: int = 0
    promised_at: datetime | None = None
    slip_used_at: datetime | None = None


def collect(card: Card, terms: CollectTerms, collecting: Collecting) -> Accepted[Card] | Refused:
    """Whether a finished card is handed over; the accepted value is the card."""
    if collecting.slip_used_at is not None:
        return Refused(IssueRefusal.SLIP_USED, {"at": china_text(collecting.slip_used_at)})
    if card.status is not Status.READY:
        promised = china_text(collecting.promised_at)[:10] if collecting.promised_at else "—"
        progress = {"progress": PROGRESS[card.status].name, "promised": promised}
        return Refused(IssueRefusal.NOT_READY, progress)
    if collecting.place_id != collecting.collect_at:
        return Refused(IssueRefusal.WRONG_PLACE, {"place": collecting.collect_at})
    if collecting.fee_open_fen:
        return Refused(IssueRefusal.FEE_UNPAID, {"fee": yuan(collecting.fee_open_fen)})
    lacking = missing(terms.papers, collecting.papers)
    if lacking:
        return Refused(IssueRefusal.PAPERS_MISSING, {"missing": lacking})
    return Accepted(card)


def activate(
    card: Card | None, actor: str, minor: Literal["yes", "no"]
) -> Accepted[Card] | Refused:
    """Whether a collected card comes to life; only by its holder, a minor's by the guardian."""
    if card is None:
        return Refused(IssueRefusal.NO_CARD)
    guardian = actor == "guardian" and minor == "yes"
    if actor != "holder" and not guardian:
        return Refused(IssueRefusal.HOLDER_ONLY)
    if card.status is not Status.SEALED:
        return Refused(IssueRefusal.NOT_TO_ACTIVATE, {"progress": PROGRESS[card.status].name})
    return Accepted(card)


def destroy(card: Card, deadline_at: datetime | None, at: datetime) -> Accepted[Card] | Refused:
    """Whether an uncollected card may be returned and destroyed at an instant."""
    if card.status is not Status.READY:
        return Refused(IssueRefusal.NOT_AT_THIS_STEP, {"progress": PROGRESS[card.status].name})
    if deadline_at is None or at < deadline_at:
        deadline = china_text(deadline_at) if deadline_at else "—"
        return Refused(IssueRefusal.NOT_DUE, {"deadline": deadline})
    return Accepted(card)
