"""Charges of a visit: uploaded with their split, taken back by counter-rows, never edited.

Every upload of a batch is one row with its lines. Taking back writes a row with the same lines
negative, and only of what no settlement covers. A line's number may be used again once the line
was taken back. All of it happens behind the person's coverage row, so that no settlement is decided
on a bill that somebody changed meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from psycopg.types.json import Jsonb

from minka.care.plan import VisitKind
from minka.care.state import Upload, standing, uncovered
from minka.desk.catalogue import Charge, Line, Terms, check, line_of, parts_of, returned, terms_of
from minka.desk.visit import OUTPATIENT, STAY, earlier_of, open_one
from minka.desk.visit_act import Facts, Scene, Work, turned
from minka.desk.visit_refusals import VisitRefusal
from minka.kit.clock import CHINA
from minka.store.connection import Row, insert, rows

EVERYTHING = "0000"
"""The batch or line that stands for all."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A line that stands, and the upload it stands in."""

    fee_no: int
    line: Line


@dataclass(slots=True)
class Sheet:
    """All charges of a visit: the uploads, and the lines that stand, by number."""

    uploads: list[Upload] = field(default_factory=list)
    lines: dict[str, Placed] = field(default_factory=dict)

    def put(self, uploaded: Row) -> None:
        """The lines of the next upload stand from now on; those of a counter-row no longer."""
        for one in uploaded["lines"]:
            if uploaded["counters"]:
                self.lines.pop(one["line"], None)
            else:
                line = line_of(one, uploaded["batch"])
                self.lines[one["line"]] = Placed(uploaded["fee_no"], line)

    def returns_of(self, name: str) -> list[Placed]:
        """The lines that give back part of a line."""
        return [each for each in self.lines.values() if each.line.charge.first == name]


def sheet_of(scene: Scene, visit_no: int) -> Sheet:
    """The charges of a visit as they stand."""
    return added_up(rows(scene.connection, "visit.uploads", visit_no=visit_no))


def added_up(uploaded: Iterable[Row]) -> Sheet:
    """The same from the rows of its uploads, in their order."""
    sheet = Sheet()
    for each in uploaded:
        sheet.put(each)
        sums = {name: each[name] for name in Upload._fields}
        sheet.uploads.append(Upload(**{**sums, "batch": each["batch"].encode()}))
    return sheet


def upload(visit_no: int, charges: Sequence[Charge], bases: frozenset[VisitKind]) -> Work:
    """2204 and 2301: take the lines of a visit, each split; one wrong line and none is taken."""

    def work(scene: Scene) -> Facts:
        known = open_one(scene, visit_no, bases)
        if known.discharged:
            raise turned(VisitRefusal.DISCHARGED)
        sheet = sheet_of(scene, visit_no)
        lines = split_all(scene, charges, sheet)
        for of_one in by_batch(lines):
            write(scene, visit_no, of_one)
        return {"lines": [each.stored() for each in lines]}

    return work


def by_batch(lines: Sequence[Line]) -> list[list[Line]]:
    """The lines of each batch, in the order in which the batches are first named."""
    named: dict[str, list[Line]] = {}
    for each in lines:
        named.setdefault(each.charge.batch, []).append(each)
    return list(named.values())


def split_all(scene: Scene, charges: Sequence[Charge], sheet: Sheet) -> list[Line]:
    """Every line with its split; a refusal names the first line that is wrong."""
    provider = scene.message.provider

    def terms(fresh: Sequence[Charge]) -> list[Terms]:
        area = scene.book.areas[provider.area]
        return terms_of(
            scene.connection, fresh, area=area, provider=provider, coverage=scene.coverage
        )

    return split_lines(charges, sheet, scene.at.astimezone(CHINA).date(), terms)


def split_lines(
    charges: Sequence[Charge],
    sheet: Sheet,
    today: date,
    terms_for: Callable[[Sequence[Charge]], list[Terms]],
) -> list[Line]:
    """The same from values in hand; ``terms_for`` gives the catalogue's word on fresh lines."""
    for each in charges:
        check(each, today)
    _one_disease(charges, sheet)
    fresh = [each for each in charges if not each.first]
    terms = {id(each): one for each, one in zip(fresh, terms_for(fresh), strict=True)}
    made = []
    for each in charges:
        if each.line in sheet.lines or each.line == EVERYTHING:
            raise turned(VisitRefusal.LINE_TWICE, line=each.line)
        if each.first:
            line = _return(each, sheet)
        else:
            own = terms[id(each)]
            line = Line(each, own, parts_of(own, each.amount, each.quantity_e4))
        sheet.lines[each.line] = Placed(0, line)
        made.append(line)
    return made


def _return(charge: Charge, sheet: Sheet) -> Line:
    first = sheet.lines.get(charge.first)
    if first is None or first.line.charge.first:
        raise turned(VisitRefusal.RETURN_UNKNOWN, line=charge.line)
    given_back = (each.line for each in sheet.returns_of(charge.first))
    return returned(charge, [first.line, *given_back])


def _one_disease(charges: Sequence[Charge], sheet: Sheet) -> None:
    known = {p.line.charge.batch: p.line.charge.disease for p in sheet.lines.values()}
    for each in charges:
        if each.batch and known.setdefault(each.batch, each.disease) != each.disease:
            raise turned(VisitRefusal.SEVERAL_DISEASES, batch=each.batch)


def write(scene: Scene, visit_no: int, lines: Sequence[Line], *, counters: int = 0) -> None:
    """One row of charges: the lines of one batch, added up."""
    insert(
        scene.connection,
        "visit.charge",
        {
            "visit_no": visit_no,
            "person_id": scene.coverage.person_id,
            "at": scene.at,
            "counters": counters,
            "lines": Jsonb([each.stored() for each in lines]),
            **sums_of(lines),
        },
    )


def sums_of(lines: Sequence[Line]) -> dict[str, Any]:
    """What a row of charges says of its lines: their batch, their last day, their sums."""
    own, over, first, scope = (sum(each.parts[n] for each in lines) for n in range(4))
    return {
        "batch": lines[0].charge.batch,
        "served_on": last_day(lines),
        "total": own + over + first + scope,
        "own_pay": own,
        "over_limit": over,
        "self_first": first,
        "in_scope": scope,
    }


def last_day(lines: Iterable[Line]) -> date:
    """The day of service that a bill of these lines counts on: the last."""
    return max(each.charge.served_on for each in lines)


Chosen = Callable[[Placed], bool]


def delete_batch(visit_no: int, batch: str) -> Work:
    """2205: take back a batch, or with ``0000`` whatever of the visit is not settled."""

    def work(scene: Scene) -> Facts:
        open_one(scene, visit_no, OUTPATIENT)
        sheet = sheet_of(scene, visit_no)
        chosen = list(sheet.lines.values())
        if batch != EVERYTHING:
            chosen = [each for each in chosen if each.line.charge.batch == batch]
        free = open_numbers(scene, visit_no, sheet)
        if batch != EVERYTHING and not chosen:
            raise turned(VisitRefusal.LINE_UNKNOWN, line=batch)
        left = [each for each in chosen if each.fee_no in free]
        if chosen and not left and batch != EVERYTHING:
            raise turned(VisitRefusal.LINE_SETTLED, line=batch)
        _counter(scene, visit_no, left)
        return {}

    return work


def delete_lines(visit_no: int, names: Sequence[str]) -> Work:
    """2302: take back these lines, or with ``0000`` whatever of the stay is not settled."""

    def work(scene: Scene) -> Facts:
        open_one(scene, visit_no, STAY)
        sheet = sheet_of(scene, visit_no)
        free = open_numbers(scene, visit_no, sheet)
        if EVERYTHING in names:
            left = [each for each in sheet.lines.values() if each.fee_no in free]
        else:
            left = [_chosen(sheet, name, names, free) for name in dict.fromkeys(names)]
        _counter(scene, visit_no, left)
        return {}

    return work


def _chosen(sheet: Sheet, name: str, names: Sequence[str], free: set[int]) -> Placed:
    found = sheet.lines.get(name)
    if found is None:
        raise turned(VisitRefusal.LINE_UNKNOWN, line=name)
    if found.fee_no not in free:
        raise turned(VisitRefusal.LINE_SETTLED, line=name)
    if any(each.line.charge.line not in names for each in sheet.returns_of(name)):
        raise turned(VisitRefusal.LINE_RETURNED, line=name)
    return found


def open_numbers(scene: Scene, visit_no: int, sheet: Sheet) -> set[int]:
    """The uploads that no settlement covers, nor any that came after them in their batch."""
    earlier = earlier_of(scene.connection, visit_no)
    free: set[int] = set()
    for batch in {each.batch for each in sheet.uploads}:
        mine = [each for each in sheet.uploads if each.batch == batch]
        numbers = {each.fee_no for each in mine}
        live = standing([each for each in earlier if each.bill_no in numbers])
        upto = max((each.fee_upto for each in live), default=0)
        rest = [one for stretch in uncovered(mine, live) for one in stretch]
        free |= {each.fee_no for each in rest if each.fee_no > upto}
    return free


def _counter(scene: Scene, visit_no: int, placed: Sequence[Placed]) -> None:
    """Counter-rows, one for each upload that loses lines."""
    for number in dict.fromkeys(each.fee_no for each in placed):
        lines = [each.line.mirrored() for each in placed if each.fee_no == number]
        write(scene, visit_no, lines, counters=number)


def unbatched(charges: Iterable[Charge]) -> list[Charge]:
    """The same charges in no batch: a stay and a purchase are settled as a whole."""
    return [replace(each, batch="") for each in charges]
