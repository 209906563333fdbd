"""What is bought at a pharmacy: lines and bill in one message, quoted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from minka.care.bill import add_up
from minka.care.refusals import CareRefusal
from minka.care.state import Coverage, Outstanding
from minka.desk.act import Turned
from minka.desk.care_book import CareBook
from minka.desk.catalogue import Charge, Line
from minka.desk.charges import Sheet, last_day, split_all
from minka.desk.office import Office
from minka.desk.visit import Opening, shown_of
from minka.desk.visit_act import Facts, Message, Scene, coverage_of, turned
from minka.desk.visit_refusals import VisitRefusal
from minka.kit.outcome import Refused
from minka.store.connection import row
from minka.store.hot.arrays import day_number


@dataclass(frozen=True, slots=True)
class Quoted:
    """A purchase with its lines split, ready to be asked for a price."""

    coverage: Coverage
    due: Outstanding
    lines: Facts
    shown: str


def quote(
    office: Office,
    book: CareBook,
    message: Message,
    *,
    opening: Opening,
    charges: Sequence[Charge],
    total: int,
) -> Quoted | Refused:
    """2101: the lines split and added up; leaves no trace."""
    with office.register.act() as connection:
        found = row(connection, "visit.look", person_id=message.person_id, fence=office.fence())
        if found is None:
            return Refused(VisitRefusal.NO_SUCH_PERSON)
        at = found.pop("at")
        scene = Scene(office, book, connection, message, coverage_of(found), at)
        try:
            lines = _lines(scene, charges, total)
        except Turned as turn:
            return turn.refused
        shown = shown_of(connection, office.keys, scene.coverage, opening.med_type)
    bill = add_up(each.parts for each in lines)
    due = Outstanding(0, 0, 0, day_number(last_day(lines)), bill, 0, 0, 0)
    return Quoted(scene.coverage, due, {"lines": [each.stored() for each in lines]}, shown)


def _lines(scene: Scene, charges: Sequence[Charge], total: int) -> list[Line]:
    lines = split_all(scene, charges, Sheet())
    if sum(each.charge.amount for each in lines) != total:
        raise turned(CareRefusal.BILL_CHANGED)
    return lines
