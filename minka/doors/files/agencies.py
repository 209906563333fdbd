"""Agencies, service points and other places on their way in: plain reference rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from minka.cipher.field import FieldKeys
from minka.doors.files.cells import Cells, Plan
from minka.doors.files.intake import Decided, ReadChunk, Seen, again, refusal
from minka.doors.files.refusals import RowFault, RowRefusal
from minka.store import bulk
from minka.store.bulk import RowEnd, Run
from minka.store.connection import Connection

KINDS = (
    *("service_point", "agency", "service_centre", "city_centre", "district_centre"),
    *("street_centre", "district_subcentre", "contribution_counter", "medical_office"),
    *("hospital", "pharmacy", "service_bank", "old_service_bank", "boc_savings_office"),
    *("boc_retail_dept", "bank"),
)
"""The kinds of ``Place``; a test keeps the two lists equal."""

NEEDED: Mapping[str, int] = {
    "place_id": 20,
    "name": 120,
    "district": 40,
    "address": 200,
    "hours": 120,
}
FREE: Mapping[str, int] = {"name_en": 160, "phone": 20, "services": 200, "directions": 200}


@dataclass(frozen=True, slots=True)
class PlaceDraft:
    """A place as a row gives it."""

    line: int
    place: Mapping[str, Any]
    warning: str = ""

    def given(self) -> dict[str, Any]:
        """What the row says; an empty text says nothing."""
        return {name: value if value != "" else None for name, value in self.place.items()}


def read_place(cells: Cells, keys: FieldKeys, line: int) -> PlaceDraft:
    """A row of the file as a draft; raises ``RowFault``."""
    for name in NEEDED:
        cells.needed(name)
    region, kind = cells.region(), cells.needed("kind")
    if not region:
        raise RowFault(RowRefusal.REGION)
    if kind not in KINDS:
        raise cells.refusal(RowRefusal.CODE, "kind")
    texts = {name: cells.limited(name, most) for name, most in (*NEEDED.items(), *FREE.items())}
    return PlaceDraft(
        line,
        {
            **texts,
            "region": region,
            "kind": kind,
            "hospital_class": _class(cells),
            "bank_id": cells.limited("bank_id", 12) or None,
            "longitude": _degrees(cells, "longitude"),
            "latitude": _degrees(cells, "latitude"),
            "open_from": cells.day("open_from"),
            "open_until": cells.day("open_until"),
        },
    )


def _class(cells: Cells) -> int | None:
    text = cells.text("hospital_class")
    if text and not (text.isascii() and text.isdigit() and int(text) < 1000):
        raise cells.refusal(RowRefusal.FIGURE, "hospital_class")
    return int(text) if text else None


def _degrees(cells: Cells, name: str) -> Decimal | None:
    text = cells.text(name)
    if not text:
        return None
    try:
        degrees = Decimal(text).quantize(Decimal("0.000001"))
    except InvalidOperation:
        raise cells.refusal(RowRefusal.FIGURE, name) from None
    if not abs(degrees) <= 180:
        raise cells.refusal(RowRefusal.FIGURE, name)
    return degrees


@dataclass(slots=True)
class Agencies:
    """The intake of places."""

    plan: Plan
    banks: frozenset[str]
    ahead: dict[str, Seen] = field(default_factory=dict)
    """Places a dry run would have written."""

    def decide(
        self, connection: Connection, run_id: int, chunk: ReadChunk, at: datetime
    ) -> Decided:
        """See ``Intake.decide``."""
        ids = sorted({draft.place["place_id"] for draft in chunk.drafts})
        there = {
            place_id: Seen(found["line"] or 0, found.copy)
            for place_id, found in bulk.places(connection, run_id, ids).items()
        }
        decided = Decided([*chunk.refused], [])
        for draft in chunk.drafts:
            place_id, bank = draft.place["place_id"], draft.place["bank_id"]
            seen = there.get(place_id) or self.ahead.get(place_id)
            if bank and bank not in self.banks:
                decided.ends.append(refusal(draft.line, RowRefusal.BANK_UNKNOWN))
            elif seen:
                decided.ends.append(again(draft.line, draft.given(), seen, self.plan))
            else:
                there[place_id] = Seen(draft.line, draft.given)
                decided.new.append(draft)
        return decided

    def remember(self, decided: Decided) -> None:
        """See ``Intake.remember``."""
        for draft in decided.new:
            self.ahead[draft.place["place_id"]] = Seen(draft.line, draft.given)

    def write(
        self, connection: Connection, run: Run, decided: Decided, at: datetime
    ) -> list[RowEnd]:
        """See ``Intake.write``."""
        for draft in sorted(decided.new, key=lambda each: str(each.place["place_id"])):
            bulk.add_place(connection, dict(draft.place))
        return [
            RowEnd(draft.line, "added", facts={"place": draft.place["place_id"]})
            for draft in decided.new
        ]
