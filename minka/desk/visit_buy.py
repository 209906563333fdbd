"""A purchase in one message (2102): visit, lines and settlement stand in one commit, or nothing.

The visit and its lines are made as they would be by themselves; the settlement is decided on them
as if they stood already, by the one function that decides settlements. A refusal leaves the answer
under the key and nothing else, whichever half refused.
"""

from __future__ import annotations

from typing import NamedTuple

from minka.care.decide import Credential
from minka.care.refusals import CareRefusal
from minka.care.state import Upload, Visit
from minka.desk.act import Turned
from minka.desk.catalogue import Line
from minka.desk.charges import Sheet, sums_of
from minka.desk.settle_job import Outcome
from minka.desk.settle_read import Read
from minka.desk.settle_think import Kept, Move
from minka.desk.settle_think import think as settle
from minka.desk.visit_act import Facts, turned
from minka.desk.visit_job import Heard, Purchase
from minka.desk.visit_rows import Opened, Written, answered, charged
from minka.desk.visit_think import Case, Thought, known, lines_of, nobody, opening_row, refused
from minka.kit.outcome import Refused
from minka.store.hot.arrays import day_number

NOBODY = b"nobody"
"""The index of a number that nobody has: of a credential that names somebody else."""


class Bought(NamedTuple):
    """What a purchase comes to, and the row of the journal that goes with it."""

    thought: Thought
    money: Move | Kept | None = None


def think(case: Case, asked: Purchase) -> Bought:
    """A purchase; ``Unread`` and ``Unnumbered`` when something must be read or numbered first."""
    again = _known(case, asked)
    if again is not None:
        return Bought(Thought(again))
    if case.found.coverage is None:
        return Bought(nobody(case))
    try:
        row = opening_row(case, asked.opening)
        lines = lines_of(case, asked.charges, Sheet())
        if sum(each.charge.amount for each in lines) != asked.total:
            raise turned(CareRefusal.BILL_CHANGED)
    except Turned as turn:
        return Bought(_refused(case, turn.refused))
    return _settled(case, asked, row, lines)


def _known(case: Case, asked: Purchase) -> Heard | None:
    entry = case.found.entry
    again = known(case.job, case.found)
    if again is None or entry is None or (again.refused and case.found.said is not None):
        return again
    read = Read(now=case.found.now, known={1: entry})
    outcome = settle(asked.settle, read, 1, case.book).outcome
    return Heard(outcome.verdict, again.facts, settled=outcome)


def _refused(case: Case, why: Refused) -> Thought:
    row = answered(case.job.message, why, seen=case.coverage.last_at, at=case.at)
    return Thought(refused(why), Written(row))


def _settled(case: Case, asked: Purchase, row: Opened, lines: list[Line]) -> Bought:
    job = asked.settle
    job.visit_no = row.visit_no
    job.number_index = _index(case, asked)
    thought = settle(job, _read(case, row, lines), 1, case.book)
    said, outcome = thought.what, thought.outcome
    stored: Facts = {
        "mdtrt_id": str(row.visit_no),
        "lines": [each.stored() for each in lines],
        "shown": row.shown.decode(),
    }
    heard = Heard(outcome.verdict, stored, settled=outcome)
    if isinstance(said, Outcome):
        return Bought(Thought(heard))
    if isinstance(said, Kept):
        return Bought(Thought(heard), said)
    at = said.entry.at
    after = answered(case.job.message, stored, seen=at, at=at + 1, bought=1)
    rows = charged(row.visit_no, case.found.fee_nos, [lines])
    return Bought(Thought(heard, Written(after, opened=row, charged=rows)), said)


def _index(case: Case, asked: Purchase) -> bytes:
    """Whose number the credential stands for; of a card it is not asked."""
    credential, someone = asked.opening.showing.credential, case.found.someone
    if credential == Credential.CARD or someone is None:
        return b""
    if credential == Credential.NUMBER:
        return asked.settle.number_index
    holder, until = case.found.token
    same = holder == case.coverage.person_id and case.at < until
    return someone.number_index if same else NOBODY


def _read(case: Case, row: Opened, lines: list[Line]) -> Read:
    """What a settlement would read if visit and lines stood already."""
    job, coverage, sums = case.job, case.coverage, sums_of(lines)
    bill = [sums[name] for name in ("total", "own_pay", "over_limit", "self_first", "in_scope")]
    visit = Visit(
        *(row.visit_no, coverage.person_id, job.message.origin_no, row.basis, row.med_type),
        *(row.scheme, row.credential, row.card_id, 0, row.shown),
    )
    upload = Upload._make((case.found.fee_nos[0], day_number(sums["served_on"]), *bill, b""))
    someone = case.found.someone
    return Read(
        now=case.found.now,
        coverage={1: coverage},
        visit={1: visit},
        uploads={1: [upload]},
        number={1: someone.number_index if someone else b""},
    )
