"""A replacement: may it be applied for, when is it promised, what does it cost.

| old card | reason | from the application on | when the new card is activated |
|----------|--------|-------------------------|--------------------------------|
| lost, stolen | the rule lets nobody withdraw any more | formally lost | cancelled |
| lost, stolen | the rule lets a found card back until the new one is made | stopped | cancelled |
| damaged, demagnetised, exchanged | - | works on | cancelled |
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from minka.cards.card import Card, Force, Standing, Status
from minka.cards.words import PROGRESS
from minka.issue.refusals import IssueRefusal
from minka.kit.fen import Fen
from minka.kit.outcome import Accepted, Refused
from minka.kit.workdays import Standing as Firmness
from minka.kit.workdays import Workdays
from minka.law.papers import NOTHING, Papers, ShownPaper, missing
from minka.law.period import Period, Unit
from minka.law.region import AGENTS, Entry
from minka.law.values import Fee, Photo, Places, Until, Verdict, Withdrawal

GONE = ("lost", "stolen")
"""Reasons for which the old card must never pay again."""


@dataclass(frozen=True, slots=True)
class ReplaceTerms:
    """One replacement rule on one day."""

    rule_ref: str
    reasons: tuple[str, ...]
    papers: Papers
    places: Places | None
    promise: Period | None
    fee: Fee | None
    photo: Photo | None
    certificate: str
    found_until_made: Literal["yes", "no"]
    assumed: tuple[str, ...]

    def on_the_spot(self) -> bool:
        """Whether the card is handed over in the same visit."""
        return self.promise is not None and self.promise.unit is Unit.VISIT


def replace_terms(entry: Entry, withdrawal: Entry | None, actor: str) -> ReplaceTerms:
    """The terms of a replacement rule for who acts."""
    papers = entry.value("papers_agent" if actor in AGENTS else "papers_self")
    back: Withdrawal | None = withdrawal.value("withdrawal") if withdrawal else None
    return ReplaceTerms(
        rule_ref=entry.ref,
        reasons=tuple(entry.value("reasons") or ()),
        papers=papers or NOTHING,
        places=entry.value("place"),
        promise=entry.value("promise"),
        fee=entry.value("fee"),
        photo=entry.value("photo"),
        certificate=entry.value("certificate") or "",
        found_until_made="yes" if back and back.until is Until.COMPLETION else "no",
        assumed=tuple(name for name, leaf in entry.leaves.items() if leaf.marked),
    )


@dataclass(frozen=True, slots=True)
class Applied:
    """An application as it comes: reason, place, papers, and the photo to be used."""

    reason: str
    place_kind: str
    papers: Collection[ShownPaper]
    photo_code: str = ""
    photo_on_file: str = ""
    open_receipt: str = ""
    open_status: Status | None = None
    waiver: str = ""


@dataclass(frozen=True, slots=True)
class Promise:
    """What the applicant is promised: the instant, whether it stands, the fee, the photo used."""

    promised_at: datetime | None
    firmness: str
    fee_fen: Fen
    photo_code: str
    stops_old: Force | None
    """The block the application puts on the old card, if it is not stopped so already."""


def apply(
    card: Card | None,
    terms: ReplaceTerms,
    applied: Applied,
    *,
    at: datetime,
    workdays: Workdays,
) -> Accepted[Promise] | Refused:
    """Whether a replacement is taken up at an instant, and what is promised with it."""
    refused = _of_the_case(card, terms, applied) or _of_the_papers(terms, applied)
    if refused:
        return refused
    assert card is not None, "the card was checked"
    due = terms.promise.instant(at, workdays) if terms.promise and terms.promise.ends else None
    firm = "none" if due is None else _FIRMNESS[due.firmness]
    return Accepted(
        Promise(
            promised_at=due.at if due else None,
            firmness=firm,
            fee_fen=terms.fee.due(applied.reason, applied.waiver or None) if terms.fee else Fen(0),
            photo_code=applied.photo_code or applied.photo_on_file,
            stops_old=_stop_of_old(card, terms, applied, at),
        )
    )


_FIRMNESS = {Firmness.FIRM: "firm", Firmness.PROVISIONAL: "provisional"}


def _of_the_case(card: Card | None, terms: ReplaceTerms, applied: Applied) -> Refused | None:
    if terms.places is not None and not terms.places.takes(applied.place_kind):
        return Refused(IssueRefusal.NOT_HERE, {"places": terms.places.kinds})
    if card is None:
        return Refused(IssueRefusal.NO_CARD)
    if applied.open_receipt:
        progress = PROGRESS[applied.open_status or Status.ORDERED].name
        named = {"receipt": applied.open_receipt, "progress": progress}
        return Refused(IssueRefusal.APPLICATION_OPEN, named)
    if terms.reasons and applied.reason not in terms.reasons:
        offered = {"reason": applied.reason, "reasons": terms.reasons}
        return Refused(IssueRefusal.REASON_NOT_COVERED, offered)
    return None


def _of_the_papers(terms: ReplaceTerms, applied: Applied) -> Refused | None:
    lacking = missing(terms.papers, applied.papers)
    if lacking:
        return Refused(IssueRefusal.PAPERS_MISSING, {"missing": lacking})
    if terms.photo is None or applied.photo_code:
        return None
    if terms.photo.reuse is Verdict.ALLOWED and applied.photo_on_file:
        return None
    size = f"{terms.photo.width_px}×{terms.photo.height_px}"
    return Refused(IssueRefusal.PHOTO_NEEDED, {"size": size})


def _stop_of_old(card: Card, terms: ReplaceTerms, applied: Applied, at: datetime) -> Force | None:
    standing = card.standing_at(at)
    if applied.reason not in GONE or standing in (Standing.FORMAL_LOSS, Standing.CANCELLED):
        return None
    if terms.found_until_made == "no":
        return Force.FORMAL
    return None if standing is Standing.PROVISIONAL_LOSS else Force.PROVISIONAL
