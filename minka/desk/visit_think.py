"""What becomes of one message about a visit, from what was read; it touches nothing.

The questions and their order are those of the act that does one message by itself
(``visit_act.once`` with the works of ``visit`` and ``charges``): both ask the same functions. A key
that was answered gets its answer again; whoever is not covered is answered alone; everything else
is written on the coverage as it was read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from minka.care.decide import Credential, Kind
from minka.care.plan import VisitKind
from minka.care.refusals import CareRefusal
from minka.care.state import Coverage, standing
from minka.cipher.field import FieldKeys
from minka.desk.act import Turned
from minka.desk.care_book import CareBook
from minka.desk.catalogue import Charge, Line, Terms
from minka.desk.charges import Sheet, by_batch, split_lines
from minka.desk.refusals import DeskRefusal
from minka.desk.settle_job import Verdict
from minka.desk.visit import (
    OUTPATIENT,
    Known,
    Names,
    Opening,
    admit,
    changed_to,
    found_open,
    shown_text,
)
from minka.desk.visit_act import Facts, answer_of, turned
from minka.desk.visit_job import Cancel, Change, Heard, Upload, VisitJob
from minka.desk.visit_read import Found, whose
from minka.desk.visit_refusals import VisitRefusal
from minka.desk.visit_rows import (
    NOT_CHARGED,
    NOT_OPENED,
    NOT_STEPPED,
    Answered,
    Charged,
    Opened,
    Stepped,
    Written,
    answered,
    charged,
    opened,
    stepped,
)
from minka.desk.visit_terms import Shelf
from minka.kit.clock import CHINA
from minka.kit.outcome import Refused
from minka.store import people
from minka.store.hot.arrays import moment


class Thought(NamedTuple):
    """What is answered, once what is to be written stands; with nothing to write, at once."""

    heard: Heard
    written: Written | Answered | None = None


class Done(NamedTuple):
    """What a message comes to when nothing refuses it."""

    facts: Facts
    opened: Opened = NOT_OPENED
    stepped: Stepped = NOT_STEPPED
    charged: Charged = NOT_CHARGED


@dataclass(slots=True)
class Case:
    """A message with what was found for it, at its instant."""

    job: VisitJob
    found: Found
    book: CareBook
    shelf: Shelf
    keys: FieldKeys

    @property
    def coverage(self) -> Coverage:
        """Of somebody who is covered."""
        assert self.found.coverage is not None, "asked before"
        return self.found.coverage

    @property
    def at(self) -> int:
        """The instant of the act: after whatever else happened to the person."""
        return max(self.found.now, self.coverage.last_at + 1)

    @property
    def moment(self) -> datetime:
        """The instant of the act."""
        return moment(self.at)


def known(job: VisitJob, found: Found) -> Heard | None:
    """The answer that a key was given before; None for a key that nobody used."""
    said, kind = found.said, found.kind
    if said is None and not kind:
        return None
    if said is None:
        stone = kind == Kind.TOMBSTONE
        return refused(Refused(CareRefusal.REVERSED if stone else DeskRefusal.KEY_REUSED))
    if not said.answer:
        return refused(Refused(CareRefusal.REVERSED))
    if said.content_hash != job.message.content_hash:
        return refused(Refused(DeskRefusal.KEY_REUSED))
    again = answer_of(said.answer)
    return refused(again) if isinstance(again, Refused) else Heard(Verdict.DONE, again)


def refused(why: Refused) -> Heard:
    """A refusal as it is heard."""
    return Heard(Verdict.REFUSED, refused=why)


def think(case: Case) -> Thought:
    """One message of a batch; ``Unread`` when the catalogue must be read again first."""
    again = known(case.job, case.found)
    if again is not None:
        return Thought(again)
    if case.found.coverage is None:
        return nobody(case)
    message, seen = case.job.message, case.coverage.last_at
    try:
        done = _done(case)
    except Turned as turn:
        row = answered(message, turn.refused, seen=seen, at=case.at)
        return Thought(refused(turn.refused), Written(row))
    row = answered(message, done.facts, seen=seen, at=case.at)
    return Thought(Heard(Verdict.DONE, done.facts), Written(row, *done[1:]))


def nobody(case: Case) -> Thought:
    """The answer to a message about nobody who is covered."""
    why = Refused(VisitRefusal.NO_SUCH_PERSON)
    return Thought(refused(why), answered(case.job.message, why, seen=0, at=case.found.now))


def _done(case: Case) -> Done:
    asked = case.job.asked
    if isinstance(asked, Opening):
        return _register(case, asked)
    if isinstance(asked, Change):
        return _change(case, asked)
    if isinstance(asked, Cancel):
        return _cancel(case, asked)
    assert isinstance(asked, Upload), "a purchase is thought of with its settlement"
    return _upload(case, asked)


def _register(case: Case, opening: Opening) -> Done:
    row = opening_row(case, opening)
    psn_no = str(case.coverage.person_id)
    facts = {"mdtrt_id": str(row.visit_no), "psn_no": psn_no, "ipt_otp_no": opening.ipt_otp_no}
    return Done(facts, opened=row)


def opening_row(case: Case, opening: Opening) -> Opened:
    """The row of a visit that may be opened; refusals as in ``visit.register``."""
    found, coverage, provider = case.found, case.coverage, case.job.message.provider
    someone = found.someone
    assert someone is not None, "whoever is covered is a person"
    names = Names(lambda: whose(case.keys, opening.showing, found, case.at), lambda: someone.chip)
    admit(coverage, provider, opening, at=case.at, names=names)
    number = case.keys.unseal(people.NUMBER, someone.number_sealed)
    masks = (someone.name_mask, someone.number_mask)
    shown = shown_text(masks, number, someone.born_on, coverage=coverage, med_type=opening.med_type)
    card = coverage.card_id if opening.showing.credential == Credential.CARD else 0
    kinds = (coverage.scheme, card)
    return opened(opening, found.visit_no, provider.provider_no, kinds=kinds, shown=shown)


def _change(case: Case, asked: Change) -> Done:
    known_ = _open(case, OUTPATIENT)
    if asked.basis != known_.basis and standing(case.found.earlier):
        raise turned(VisitRefusal.SOMETHING_SETTLED)
    details = changed_to(asked.med_type, asked.basis, asked.details)
    return Done({}, stepped=stepped(asked.visit_no, "changed", details))


def _cancel(case: Case, asked: Cancel) -> Done:
    _open(case, asked.bases)
    if standing(case.found.earlier):
        raise turned(VisitRefusal.SOMETHING_SETTLED)
    return Done({}, stepped=stepped(asked.visit_no, "cancelled", {}))


def _open(case: Case, bases: frozenset[VisitKind]) -> Known:
    owner = (case.coverage.person_id, case.job.message.origin_no)
    return found_open(case.found.visit, case.found.steps, owner=owner, bases=bases)


def _upload(case: Case, asked: Upload) -> Done:
    if _open(case, asked.bases).discharged:
        raise turned(VisitRefusal.DISCHARGED)
    sheet = Sheet()
    for each in case.found.uploads:
        sheet.put(each)
    lines = lines_of(case, asked.charges, sheet)
    rows = charged(asked.visit_no, case.found.fee_nos, by_batch(lines))
    facts: dict[str, Any] = {"lines": [each.stored() for each in lines]}
    return Done(facts, charged=rows)


def lines_of(case: Case, charges: Sequence[Charge], sheet: Sheet) -> list[Line]:
    """Every line with its split; refusals as in ``charges.split_all``."""
    provider = case.job.message.provider
    area = case.book.areas[provider.area]

    def terms(fresh: Sequence[Charge]) -> list[Terms]:
        return case.shelf.terms(fresh, area=area, provider=provider, coverage=case.coverage)

    return split_lines(charges, sheet, case.moment.astimezone(CHINA).date(), terms)
