"""What a door must ask and may promise before an act: computed from the law, written nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from minka.cards.card import AtLapse, Force
from minka.desk import wording
from minka.desk.office import Office
from minka.issue.application import ReplaceTerms, replace_terms
from minka.kit.clock import wall
from minka.kit.words import Words
from minka.law.papers import Papers
from minka.law.region import RegionLaw
from minka.loss.report import stop
from minka.loss.terms import LossTerms, WithdrawTerms, loss_terms, withdraw_terms
from minka.store import cards
from minka.store.connection import RegisterAway


@dataclass(frozen=True, slots=True)
class LossForm:
    """A loss report before it is made: what to ask, what to show, and what would follow."""

    terms: LossTerms
    facts: Sequence[str]
    papers: Papers
    papers_words: Words
    reasons: Sequence[str]
    force: Force
    needs_staff: str
    at: datetime
    stops_by: datetime | None
    lapses_at: datetime | None
    at_lapse: AtLapse


def now(office: Office) -> datetime:
    """The register's time; the machine's own when the register is away (for showing only)."""
    try:
        with office.register.act() as connection:
            return cards.now(connection, office.fence())
    except RegisterAway:
        return office.fence() or wall()


def loss_form(
    office: Office,
    region: str,
    channel: str,
    *,
    force: str = "",
    actor: str = "holder",
    place: str = "",
) -> LossForm | None:
    """The form of a report by a channel of a region today; None where there is no such channel.

    ``place`` is the kind of place it is made at, where that is known.
    """
    at = now(office)
    law = office.law(region, at)
    entry = law.loss(channel=channel, force=force or None, actor=actor, place=place or None)
    if entry is None:
        return None
    terms = loss_terms(law, entry, actor)
    made = stop(terms, at, at, office.book().workdays(region))
    return LossForm(
        terms=terms,
        facts=terms.facts,
        papers=terms.papers,
        papers_words=wording.papers(terms.papers),
        reasons=terms.reasons,
        force=terms.force,
        needs_staff=terms.confirmed_by,
        at=at,
        stops_by=made.stops_by,
        lapses_at=made.until_at,
        at_lapse=made.at_lapse,
    )


@dataclass(frozen=True, slots=True)
class ReplaceForm:
    """A replacement before it is applied for: papers, promise, fee."""

    terms: ReplaceTerms
    papers_words: Words
    reasons: Sequence[str]
    promised_at: datetime | None
    provisional: str
    fee_fen: int


def replace_form(
    office: Office, region: str, *, place: str = "", reason: str = "lost", actor: str = "holder"
) -> ReplaceForm | None:
    """The form of a replacement at a kind of place; None where none is made there."""
    at = now(office)
    law: RegionLaw = office.law(region, at)
    entry = law.replace(place=place or None, reason=reason, actor=actor)
    if entry is None:
        return None
    terms = replace_terms(entry, law.withdrawal(), actor)
    workdays = office.book().workdays(region)
    due = terms.promise.instant(at, workdays) if terms.promise and terms.promise.ends else None
    return ReplaceForm(
        terms=terms,
        papers_words=wording.papers(terms.papers),
        reasons=terms.reasons or (reason,),
        promised_at=due.at if due else None,
        provisional="yes" if due and due.firmness.value == "provisional" else "no",
        fee_fen=int(terms.fee.due(reason)) if terms.fee else 0,
    )


def withdraw_form(office: Office, region: str, channel: str = "") -> WithdrawTerms | None:
    """The terms of taking a report back today; None where the rules know no withdrawal."""
    law = office.law(region, now(office))
    entry = law.withdrawal(channel=channel or None) or law.withdrawal()
    return withdraw_terms(entry) if entry else None
