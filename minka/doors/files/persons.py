"""People on their way in: read and sealed by a worker, then set against the register."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, NamedTuple, cast

from minka.cipher.field import FieldKeys
from minka.doors.files.cells import NAMES_KEPT, Cells, Plan, is_name
from minka.doors.files.intake import Decided, ReadChunk, Seen, Values, again, refusal
from minka.doors.files.refusals import RowFault, RowRefusal
from minka.kit.identity import (
    birth_date,
    fault,
    mask_name,
    mask_number,
    mask_phone,
    normal_form,
)
from minka.kit.secret import Clear
from minka.people.names import comparison_form, written_form
from minka.store import bulk
from minka.store.bulk import RowEnd, Run
from minka.store.bulk_lines import NULL, PersonLine, byte_field, day_field, fields, text_field
from minka.store.connection import Connection, Row
from minka.store.people import NAME, NUMBER, PHONE, number_index

_STATE = re.compile(r"[a-z_]{1,20}")
_COMPARED = {
    "region": "region",
    "name": "name_sealed",
    "phone": "phone_sealed",
    "member_number": "member_number",
    "employer_id": "employer_id",
    "photo_code": "photo_code",
    "state": "state",
}
"""Our field names and the columns that stand for them; sealed texts are equal when texts are."""


class PersonDraft(NamedTuple):
    """A person as a row gives him, sealed; a tuple, because a million of them change processes."""

    line: int
    key: bytes
    guardian: bytes | None
    employer: tuple[str, str, str] | None
    """Number, region and name."""
    sealed: bytes
    """The fields of ``bulk.SEALED_COLUMNS``, written."""
    warning: str = ""

    def given(self) -> dict[str, Any]:
        """What the row says, by our field names, for comparing."""
        sealed = dict(zip(bulk.SEALED_COLUMNS, fields(self.sealed), strict=True))
        said = {name: _read(column, sealed[column]) for name, column in _COMPARED.items()}
        return {**said, "guardian_number": self.guardian}


def _read(column: str, field: bytes | None) -> bytes | str | None:
    return field if field is None or column.endswith("_sealed") else field.decode()


def read_person(cells: Cells, keys: FieldKeys, line: int) -> PersonDraft:
    """A row of the file as a sealed draft; raises ``RowFault``."""
    number = cells.number()
    name = _name_fields(cast("Any", keys), cells.needed("name"))
    if not name:
        raise cells.refusal(RowRefusal.NAME, "name")
    born = cells.day("birth")
    if born is not None and born != birth_date(number):
        raise cells.refusal(RowRefusal.BIRTH_DIFFERS, "birth")
    region = cells.region()
    if not region:
        raise RowFault(RowRefusal.REGION)
    state = cells.text("state") or "insured"
    if not _STATE.fullmatch(state):
        raise cells.refusal(RowRefusal.CODE, "state")
    key = keys.index(NUMBER, Clear(number))
    employer_id = cells.limited("employer_id", 20) or None
    sealed = (
        byte_field(key),
        text_field(region),
        byte_field(keys.seal(NUMBER, Clear(number))),
        text_field(mask_number(number)),
        name,
        _phone_fields(keys, cells.phone()),
        text_field(cells.limited("member_number", 40) or None),
        text_field(employer_id),
        day_field(birth_date(number)),
        text_field(cells.limited("photo_code", 80) or None),
        text_field(state),
    )
    named = cells.limited("employer_name", 120)
    employer = (employer_id, region, named) if employer_id else None
    return PersonDraft(line, key, _guardian(cells, keys), employer, b"".join(sealed))


@lru_cache(maxsize=NAMES_KEPT)
def _name_fields(keys: FieldKeys, text: str) -> bytes:
    """The three fields of a name, written; nothing for a text that is none."""
    name = written_form(text)
    if not is_name(name):
        return b""
    return (
        byte_field(keys.seal(NAME, Clear(name)))
        + byte_field(keys.index(NAME, Clear(comparison_form(name))))
        + text_field(mask_name(name))
    )


def _phone_fields(keys: FieldKeys, phone: str) -> bytes:
    if not phone:
        return NULL + NULL
    return byte_field(keys.seal(PHONE, Clear(phone))) + text_field(mask_phone(phone))


def _guardian(cells: Cells, keys: FieldKeys) -> bytes | None:
    text = cells.text("guardian_number")
    if not text:
        return None
    number = normal_form(text)
    if fault(number) is not None:
        raise RowFault(RowRefusal.GUARDIAN_NUMBER)
    return number_index(keys, Clear(number))


@dataclass(slots=True)
class Persons:
    """The intake of people."""

    plan: Plan
    ahead: dict[bytes, Seen] = field(default_factory=dict, repr=False)
    """People a dry run would have written."""
    named: set[str] = field(default_factory=set)
    """Employers a dry run would have noted."""

    def decide(
        self, connection: Connection, run_id: int, chunk: ReadChunk, at: datetime
    ) -> Decided:
        """See ``Intake.decide``."""
        asked = {d.key for d in chunk.drafts} | {d.guardian for d in chunk.drafts if d.guardian}
        there = {
            index: Seen(found["line"] or 0, partial(_registered, found))
            for index, found in bulk.people(connection, run_id, sorted(asked)).items()
        }
        ids = sorted({d.employer[0] for d in chunk.drafts if d.employer})
        employers = bulk.employers(connection, ids) | self.named
        decided = Decided([*chunk.refused], [])
        for draft in chunk.drafts:
            seen = there.get(draft.key) or self.ahead.get(draft.key)
            end = (
                again(draft.line, draft.given(), seen, self.plan)
                if seen
                else self._refused(draft, there, employers)
            )
            if end is not None:
                decided.ends.append(end)
                continue
            there[draft.key] = Seen(draft.line, draft.given)
            if draft.employer:
                employers.add(draft.employer[0])
            decided.new.append(draft)
        return decided

    def _refused(
        self, draft: PersonDraft, there: Mapping[bytes, Seen], employers: set[str]
    ) -> RowEnd | None:
        guardian, employer = draft.guardian, draft.employer
        if guardian and guardian not in there and guardian not in self.ahead:
            return refusal(draft.line, RowRefusal.GUARDIAN_UNKNOWN)
        if employer and not employer[2] and employer[0] not in employers:
            return refusal(draft.line, RowRefusal.EMPLOYER_UNKNOWN)
        return None

    def remember(self, decided: Decided) -> None:
        """See ``Intake.remember``."""
        for draft in decided.new:
            self.ahead[draft.key] = Seen(draft.line, draft.given)
            if draft.employer:
                self.named.add(draft.employer[0])

    def write(
        self, connection: Connection, run: Run, decided: Decided, at: datetime
    ) -> list[RowEnd]:
        """See ``Intake.write``."""
        drafts: list[PersonDraft] = decided.new
        _note_employers(connection, drafts)
        ids = bulk.new_ids(connection, "person", len(drafts))
        number_of = dict(zip((d.key for d in drafts), ids, strict=True))
        missing = sorted({d.guardian for d in drafts if d.guardian} - {*number_of})
        if missing:
            found = bulk.holders(connection, missing)
            number_of |= {index: each.person_id for index, each in found.items()}
        lines = [
            PersonLine(i, d.key, number_of[d.guardian] if d.guardian else None, d.sealed)
            for d, i in zip(drafts, ids, strict=True)
        ]
        bulk.add_people(connection, lines, at=at)
        return [
            RowEnd(draft.line, "added", person_id)
            for draft, person_id in zip(drafts, ids, strict=True)
        ]


def _note_employers(connection: Connection, drafts: list[PersonDraft]) -> None:
    named = [draft.employer for draft in reversed(drafts) if draft.employer and draft.employer[2]]
    for employer in sorted({each[0]: each for each in named}.values()):
        bulk.add_employer(connection, *employer)


def _registered(found: Row) -> Values:
    said = {name: _bare(found[column]) for name, column in _COMPARED.items()}
    return {**said, "guardian_number": _bare(found["guardian_index"])}


def _bare(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value
