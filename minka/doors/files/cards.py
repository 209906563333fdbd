"""Cards on their way in: their life, the stops on them, and word to whom a stop concerns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import lru_cache, partial
from typing import Any, NamedTuple, cast

from minka.cards.card import Status
from minka.cards.number import is_well_checked
from minka.cipher.field import FieldKeys
from minka.doors.files import stops
from minka.doors.files.cells import NAMES_KEPT, Cells, Plan
from minka.doors.files.intake import Decided, ReadChunk, Seen, Values, again, refusal
from minka.doors.files.refusals import RowFault, RowRefusal
from minka.kit.clock import CHINA
from minka.kit.secret import Clear
from minka.people.names import comparison_form
from minka.store import bulk
from minka.store.bulk import Holder, RowEnd, Run
from minka.store.bulk_lines import CardLine, day_field, instant_field, text_field
from minka.store.connection import Connection, Row
from minka.store.people import NAME, number_index

_CARD_NUMBER = re.compile(r"[0-9A-Z]{9}")
_PAN = re.compile(r"\d{12,19}")
_MASKED_PAN = re.compile(r"\d{4,6}\*+\d{4}")
_KINDS = ("social_security_card", "medical_card")
WARNED = "card_number_check"
"""A number that does not carry the usual check character; it is taken all the same."""


class CardDraft(NamedTuple):
    """A card as a row gives it; a tuple, because a million of them change processes."""

    line: int
    holder: bytes
    name_index: bytes | None
    card_number: str
    status: Status
    kind: str
    region: str
    bank_id: str | None
    pan_mask: str | None
    issued_on: date | None
    expires_on: date | None
    replaces: str | None
    stop: stops.Stopped | None
    warning: str
    written: bytes
    """The fields of ``bulk.READ_CARD_COLUMNS``."""

    def values(self, person_id: int) -> dict[str, Any]:
        """What the row says, by our field names, for comparing."""
        return {
            "number": person_id,
            "kind": self.kind or None,
            "region": self.region or None,
            "bank_id": self.bank_id,
            "pan": self.pan_mask,
            "status": self.status.value,
            "issued_on": self.issued_on,
            "expires_on": self.expires_on,
            "replaces": self.replaces,
            **(self.stop or stops.Stopped()).values(),
        }


class Placed(NamedTuple):
    """A card that is taken, with whose it is."""

    draft: CardDraft
    person_id: int
    region: str
    kind: str

    @property
    def line(self) -> int:
        """The row it came in."""
        return self.draft.line

    @property
    def warning(self) -> str:
        """What is odd about it."""
        return self.draft.warning


def read_card(cells: Cells, keys: FieldKeys, line: int) -> CardDraft:
    """A row of the file as a draft; raises ``RowFault``."""
    holder = number_index(keys, Clear(cells.number()))
    name = cells.text("name")
    number = cells.needed("card_number").replace(" ", "").upper()
    if not _CARD_NUMBER.fullmatch(number):
        raise RowFault(RowRefusal.CARD_NUMBER)
    kind = cells.text("kind")
    if kind and kind not in _KINDS:
        raise cells.refusal(RowRefusal.CODE, "kind")
    status, bank_id, pan_mask = _status(cells), cells.limited("bank_id", 12) or None, _pan(cells)
    issued_on, expires_on = cells.day("issued_on"), cells.day("expires_on")
    return CardDraft(
        line=line,
        holder=holder,
        name_index=_name_index(cast("Any", keys), name) if name else None,
        card_number=number,
        status=status,
        kind=kind,
        region=cells.region(),
        bank_id=bank_id,
        pan_mask=pan_mask,
        issued_on=issued_on,
        expires_on=expires_on,
        replaces=cells.limited("replaces", 9) or None,
        stop=stops.read_stop(cells),
        warning="" if is_well_checked(number) else WARNED,
        written=text_field(number)
        + text_field(bank_id)
        + text_field(pan_mask)
        + text_field(status.value)
        + _made_field(issued_on)
        + day_field(expires_on),
    )


@lru_cache(maxsize=NAMES_KEPT)
def _name_index(keys: FieldKeys, name: str) -> bytes | None:
    """The index of a name as written in a file; many people bear the same ones."""
    form = comparison_form(name)
    return keys.index(NAME, Clear(form)) if form else None


@lru_cache(maxsize=50_000)
def _made_field(issued: date | None) -> bytes:
    return instant_field(datetime.combine(issued, time(), CHINA) if issued else None)


def _status(cells: Cells) -> Status:
    try:
        return Status(cells.needed("status"))
    except ValueError:
        raise cells.refusal(RowRefusal.CODE, "status") from None


def _pan(cells: Cells) -> str | None:
    """The bank card's number as the register keeps it: masked; never clear."""
    pan = cells.text("pan").replace(" ", "")
    if not pan or _MASKED_PAN.fullmatch(pan):
        return pan or None
    if not _PAN.fullmatch(pan):
        raise cells.refusal(RowRefusal.FIGURE, "pan")
    return f"{pan[:6]}******{pan[-4:]}"


@dataclass(slots=True)
class _Shelf:
    """The cards that the people of a chunk have: in the register, or from rows before."""

    seen: dict[str, Seen]
    active: set[tuple[int, str]]
    replaced: set[tuple[int, str]]
    owned: dict[tuple[int, str], int]
    """Card number of a person to card id; 0 while it has none."""

    def put(self, draft: CardDraft, person_id: int, kind: str) -> None:
        """Note a card that is taken."""
        self.seen[draft.card_number] = Seen(draft.line, partial(draft.values, person_id))
        self.owned[person_id, draft.card_number] = 0
        if draft.status is Status.ACTIVE:
            self.active.add((person_id, kind))
        if draft.replaces and draft.status is not Status.DESTROYED:
            self.replaced.add((person_id, draft.replaces))


@dataclass(slots=True)
class Cards:
    """The intake of cards."""

    plan: Plan
    banks: frozenset[str]
    ahead: _Shelf = field(default_factory=lambda: _Shelf({}, set(), set(), {}), repr=False)
    """Cards a dry run would have written."""

    def decide(
        self, connection: Connection, run_id: int, chunk: ReadChunk, at: datetime
    ) -> Decided:
        """See ``Intake.decide``; the new drafts come with their person, region and kind."""
        holders = bulk.holders(connection, sorted({d.holder for d in chunk.drafts}))
        person_ids = [each.person_id for each in holders.values()]
        shelf = self._shelf(connection, run_id, (chunk, person_ids), at)
        decided = Decided([*chunk.refused], [])
        for draft in chunk.drafts:
            holder = holders.get(draft.holder)
            end = self._end(draft, holder, shelf, at)
            if end is not None:
                decided.ends.append(end)
                continue
            assert holder is not None, "a card without a holder was refused"
            person_id, region = holder.person_id, draft.region or holder.region
            kind = draft.kind or self.plan.card_kinds[region]
            shelf.put(draft, person_id, kind)
            decided.new.append(Placed(draft, person_id, region, kind))
        return decided

    def _shelf(
        self,
        connection: Connection,
        run_id: int,
        about: tuple[ReadChunk, list[int]],
        at: datetime,
    ) -> _Shelf:
        chunk, person_ids = about
        numbers = sorted({d.card_number for d in chunk.drafts})
        seen = {
            number: Seen(found["line"] or 0, partial(_registered, found))
            for number, found in bulk.cards(connection, run_id, numbers, at).items()
        }
        shelf = _Shelf(seen, set(), set(), {})
        _stock(shelf, bulk.cards_of(connection, person_ids))
        return shelf

    def _end(
        self, draft: CardDraft, holder: Holder | None, shelf: _Shelf, at: datetime
    ) -> RowEnd | None:
        """The end of a row that is not new, or None for a card to be taken."""
        if holder is None:
            return refusal(draft.line, RowRefusal.PERSON_UNKNOWN)
        if draft.name_index and draft.name_index != holder.name_index:
            return refusal(draft.line, RowRefusal.NAME_DIFFERS)
        if draft.bank_id and draft.bank_id not in self.banks:
            return refusal(draft.line, RowRefusal.BANK_UNKNOWN)
        person_id = holder.person_id
        seen = shelf.seen.get(draft.card_number) or self.ahead.seen.get(draft.card_number)
        if seen is None:
            return self._unfit(draft, holder, shelf, at)
        if not seen.line and seen.tell()["number"] != person_id:
            return refusal(draft.line, RowRefusal.CARD_OF_ANOTHER)
        return again(draft.line, draft.values(person_id), seen, self.plan)

    def _unfit(
        self, draft: CardDraft, holder: Holder, shelf: _Shelf, at: datetime
    ) -> RowEnd | None:
        person_id = holder.person_id
        region = draft.region or holder.region
        if region not in self.plan.card_kinds:
            return refusal(draft.line, RowRefusal.REGION)
        wrong = draft.stop.wrong_at(at) if draft.stop else None
        if wrong is not None:
            return refusal(draft.line, wrong)
        old = (person_id, draft.replaces or "")
        if draft.replaces and old not in shelf.owned and old not in self.ahead.owned:
            return refusal(draft.line, RowRefusal.REPLACES_UNKNOWN)
        alive = draft.status is not Status.DESTROYED
        second = old in shelf.replaced or old in self.ahead.replaced
        if draft.replaces and alive and second:
            return refusal(draft.line, RowRefusal.SECOND_SUCCESSOR)
        mine = (person_id, draft.kind or self.plan.card_kinds[region])
        active = draft.status is Status.ACTIVE
        if active and (mine in shelf.active or mine in self.ahead.active):
            return refusal(draft.line, RowRefusal.SECOND_ACTIVE)
        return None

    def remember(self, decided: Decided) -> None:
        """See ``Intake.remember``."""
        for each in decided.new:
            self.ahead.put(each.draft, each.person_id, each.kind)

    def write(
        self, connection: Connection, run: Run, decided: Decided, at: datetime
    ) -> list[RowEnd]:
        """See ``Intake.write``."""
        new: list[Placed] = decided.new
        ids = bulk.new_ids(connection, "card", len(new))
        old = self._old(connection, new, ids)
        lines = [_line(each, i, old) for each, i in zip(new, ids, strict=True)]
        bulk.add_cards(connection, lines, at=at, cause=run.cause)
        stopped = [
            (each.draft.stop, {**line._asdict(), "bank_id": each.draft.bank_id})
            for each, line in zip(new, lines, strict=True)
            if each.draft.stop
        ]
        stops.put(connection, stopped, at=at, cause=run.cause)
        return [
            RowEnd(each.line, "added", each.person_id, i, each.draft.warning)
            for each, i in zip(new, ids, strict=True)
        ]

    def _old(
        self, connection: Connection, new: list[Placed], ids: list[int]
    ) -> dict[tuple[int, str], int]:
        """The card ids of the replaced cards, by person and number."""
        wanted = {each.person_id for each in new if each.draft.replaces}
        if not wanted:
            return {}
        found = bulk.cards_of(connection, sorted(wanted))
        known = {(each["person_id"], each["card_number"]): each["card_id"] for each in found}
        fresh = {
            (each.person_id, each.draft.card_number): i for each, i in zip(new, ids, strict=True)
        }
        return known | fresh


def _stock(shelf: _Shelf, found: Iterable[Row]) -> None:
    cards = list(found)
    number_of = {each["card_id"]: each["card_number"] for each in cards}
    for each in cards:
        shelf.owned[each["person_id"], each["card_number"]] = each["card_id"]
        if each["status"] == Status.ACTIVE:
            shelf.active.add((each["person_id"], each["kind"]))
        if each["replaces_id"] is not None and each["status"] != Status.DESTROYED:
            shelf.replaced.add((each["person_id"], number_of[each["replaces_id"]]))


def _line(new: Placed, card_id: int, old: dict[tuple[int, str], int]) -> CardLine:
    draft, person_id, region, kind = new
    replaced = old[person_id, draft.replaces] if draft.replaces else None
    return CardLine(
        *(person_id, card_id, replaced, draft.card_number, draft.status),
        kind=kind,
        region=region,
        written=draft.written,
    )


def _registered(found: Row) -> Values:
    made = found["made_at"]
    return {
        "number": found["person_id"],
        "pan": found["pan_mask"],
        "issued_on": made.astimezone(CHINA).date() if made else None,
        **{
            name: found[name]
            for name in ("kind", "region", "bank_id", "status", "expires_on", "replaces")
        },
        "lost": found["lost"] or stops.NOT_LOST,
        "lost_from": found["lost_from"],
        "lost_until": found["lost_until"],
        "lost_at_lapse": found["lost_at_lapse"] if found["lost_until"] else None,
        "bank_until": found["bank_until"],
        "frozen_from": found["frozen_from"],
    }
