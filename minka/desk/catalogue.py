"""Charges as they come and as they are split: the catalogue of the place, day, level and person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from minka.care.lines import LineClass, LineSplit, split_line
from minka.care.state import Coverage
from minka.desk.care_book import Area, Provider
from minka.desk.visit_act import turned
from minka.desk.visit_refusals import VisitRefusal
from minka.law.benefits import NoBenefits, benefits
from minka.store.connection import Connection, rows

FEN_E10 = 100_000_000
"""One fen, in ten-thousandths of a unit times millionths of a yuan."""

MOST_FEN = 10**12
"""Ten thousand million yuan: no line is larger, and no sum of lines overflows the register."""


@dataclass(frozen=True, slots=True)
class Charge:
    """One line as a provider sends it; ``first`` names the line that it returns."""

    line: str
    code: str
    served_on: date
    amount: int
    quantity_e4: int
    price_e6: int
    batch: str = ""
    disease: str = ""
    first: str = ""


class Terms(NamedTuple):
    """What the catalogue says of an item on a day: class, kind, limit of a unit, first share."""

    cls: int
    kind: str
    limit_e6: int | None
    ratio_e4: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line with its split, as it stands in an upload; a counter-line has them negative."""

    charge: Charge
    terms: Terms
    parts: LineSplit

    def stored(self) -> dict[str, Any]:
        """As JSON."""
        own = self.charge
        return {
            "line": own.line,
            "code": own.code,
            "on": own.served_on.isoformat(),
            "amount": own.amount,
            "quantity_e4": own.quantity_e4,
            "price_e6": own.price_e6,
            "disease": own.disease,
            "first": own.first,
            "terms": list(self.terms),
            "parts": list(self.parts),
        }

    def mirrored(self) -> Line:
        """What takes the line back."""
        own = self.charge
        charge = Charge(
            own.line,
            own.code,
            own.served_on,
            -own.amount,
            -own.quantity_e4,
            own.price_e6,
            own.batch,
            own.disease,
            own.first,
        )
        return Line(charge, self.terms, LineSplit(*(-part for part in self.parts)))


def line_of(stored: Mapping[str, Any], batch: str) -> Line:
    """A line as it was stored."""
    charge = Charge(
        stored["line"],
        stored["code"],
        date.fromisoformat(stored["on"]),
        stored["amount"],
        stored["quantity_e4"],
        stored["price_e6"],
        batch,
        stored["disease"],
        stored["first"],
    )
    return Line(charge, Terms(*stored["terms"]), LineSplit(*stored["parts"]))


def check(charge: Charge, today: date) -> None:
    """Whether a line can be right by itself: its day, its signs, its amount within a fen."""
    if charge.served_on > today:
        raise turned(VisitRefusal.DAY_WRONG, line=charge.line)
    sign = -1 if charge.first else 1
    if charge.quantity_e4 * sign <= 0 or charge.amount * sign < 0 or charge.price_e6 < 0:
        raise turned(VisitRefusal.SIGN_WRONG, line=charge.line)
    if abs(charge.amount) > MOST_FEN:
        raise turned(VisitRefusal.AMOUNT_WRONG, line=charge.line)
    if abs(charge.amount * FEN_E10 - charge.quantity_e4 * charge.price_e6) > FEN_E10:
        raise turned(VisitRefusal.AMOUNT_WRONG, line=charge.line)


def terms_of(
    connection: Connection,
    charges: Sequence[Charge],
    *,
    area: Area,
    provider: Provider,
    coverage: Coverage,
) -> list[Terms]:
    """What the catalogue of the provider's area says of each line on its day."""
    found = rows(
        connection,
        "visit.items",
        area=provider.area,
        level=provider.level,
        psn_type=coverage.psn_type,
        codes=[each.code for each in charges],
        days=[each.served_on for each in charges],
    )
    known = {each["n"]: each for each in found}
    made = []
    for place, charge in enumerate(charges, 1):
        item = known.get(place)
        if item is None:
            raise turned(VisitRefusal.ITEM_UNKNOWN, line=charge.line, code=charge.code)
        said = Said(item["class"], item["kind"], item["limit_e6"], item["ratio_e4"])
        made.append(terms_in(area, charge, said))
    return made


class Said(NamedTuple):
    """What a catalogue says of an item; the ratio is None where it names none."""

    cls: int
    kind: str
    limit_e6: int | None
    ratio_e4: int | None


def terms_in(area: Area, charge: Charge, said: Said) -> Terms:
    """The terms of a line in an area, by what the catalogue says of its item."""
    try:
        ratio = _ratio(said.cls, said.ratio_e4, area, charge.served_on)
    except NoBenefits:
        raise turned(VisitRefusal.ITEM_UNKNOWN, line=charge.line, code=charge.code) from None
    return Terms(said.cls, said.kind, said.limit_e6, ratio)


def _ratio(cls: int, ratio_e4: int | None, area: Area, on: date) -> int:
    """The person's first share; the city's own where the catalogue names none for class 乙."""
    if cls != LineClass.B:
        return 10_000 if cls == LineClass.C else 0
    return benefits(area.benefits, on).self_pay_ratio_e4 if ratio_e4 is None else ratio_e4


def parts_of(terms: Terms, amount: int, quantity_e4: int) -> LineSplit:
    """The four parts of an amount under an item's terms."""
    return split_line(
        amount,
        terms.cls,
        terms.ratio_e4,
        quantity_e4=quantity_e4,
        unit_limit_e6=terms.limit_e6,
    )


def returned(charge: Charge, left: Iterable[Line]) -> Line:
    """A return: what remains is split anew under the first line's terms, the rest goes back.

    So nothing of a line is left when all of it is returned, in however many parts.
    """
    whole = list(left)
    first = whole[0]
    amount = sum(each.charge.amount for each in whole)
    quantity = sum(each.charge.quantity_e4 for each in whole)
    remains, count = amount + charge.amount, quantity + charge.quantity_e4
    if charge.code != first.charge.code:
        raise turned(VisitRefusal.RETURN_UNKNOWN, line=charge.line)
    if remains < 0 or count < 0 or (remains and not count):
        raise turned(VisitRefusal.RETURN_TOO_MUCH, line=charge.line)
    before = [sum(each.parts[n] for each in whole) for n in range(4)]
    after = parts_of(first.terms, remains, count)
    parts = LineSplit(*(new - old for new, old in zip(after, before, strict=True)))
    return Line(charge, first.terms, parts)
