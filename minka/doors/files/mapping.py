"""Which column means what: mappings are data, one YAML file for each partner's dialect.

persons | cards | agencies:
  fields:    our field: [names of the column, the first that is there counts]
  codes:     column, required, values: code -> the fields it fills
  defaults:  our field: value where the file has no such column
extends: another mapping whose fields and codes stand unless named here
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from minka.doors.files.refusals import FileFault, FileRefusal
from minka.kit.words import Words

FOLDER = Path(__file__).parent / "mappings"

FIELDS: Mapping[str, tuple[str, ...]] = {
    "persons": (
        *("number", "name", "birth", "phone", "member_number", "employer_id", "employer_name"),
        *("guardian_number", "photo_code", "state", "region"),
    ),
    "cards": (
        *("number", "name", "card_number", "kind", "region", "bank_id", "pan", "status"),
        *("issued_on", "expires_on", "replaces", "lost", "lost_from", "lost_until"),
        *("lost_at_lapse", "bank_until", "frozen_from"),
    ),
    "agencies": (
        *("place_id", "region", "kind", "name", "name_en", "district", "address", "phone"),
        *("hours", "services", "directions", "hospital_class", "bank_id", "longitude"),
        *("latitude", "open_from", "open_until"),
    ),
}
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "persons": ("number", "name"),
    "cards": ("number", "card_number", "status"),
    "agencies": ("place_id", "name", "kind", "district", "address", "hours"),
}
NEVER_WRITTEN = ("birth",)
"""Fields that are only checked when they come in."""


class Codes(BaseModel):
    """A column of codes, each of which fills one or several fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    column: str
    required: bool = False
    values: Mapping[str, Mapping[str, str]]


class Part(BaseModel):
    """How one kind of row is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    fields: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    codes: tuple[Codes, ...] = ()
    defaults: Mapping[str, str] = Field(default_factory=dict)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    about: Mapping[str, str] = Field(default_factory=dict)
    extends: str = ""
    date: str = "%Y-%m-%d"
    persons: Part = Part()
    cards: Part = Part()
    agencies: Part = Part()


@dataclass(frozen=True, slots=True)
class ColumnCodes:
    """A column of codes that a file has: where it stands and what each code fills."""

    at: int
    column: str
    required: int
    values: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Dialect:
    """A mapping for one kind of row."""

    name: str
    kind: str
    about: Words
    part: Part
    date_form: str

    def missing(self, head: Sequence[str]) -> list[str]:
        """Columns without which no row can be read, by the first name each may have."""
        there = {plain(name) for name in head}
        filled = {*self.part.defaults}
        for codes in self.part.codes:
            if plain(codes.column) in there:
                filled |= {field for fills in codes.values.values() for field in fills}
        lacking = []
        for field in REQUIRED[self.kind]:
            names = self._names(field)
            if field not in filled and not there & {plain(n) for n in names}:
                lacking.append(names[0] if names else field)
        return lacking

    def _names(self, field: str) -> tuple[str, ...]:
        of_codes = tuple(
            c.column for c in self.part.codes if any(field in fills for fills in c.values.values())
        )
        return self.part.fields.get(field, ()) or of_codes

    def columns(self, head: Sequence[str]) -> dict[str, int]:
        """Where each field stands in a head."""
        at = {plain(name): place for place, name in enumerate(head)}
        found = {}
        for field, names in self.part.fields.items():
            place = next((at[plain(name)] for name in names if plain(name) in at), None)
            if place is not None:
                found[field] = place
        return found

    def codes(self, head: Sequence[str]) -> tuple[ColumnCodes, ...]:
        """The columns of codes that a head has."""
        at = {plain(name): place for place, name in enumerate(head)}
        return tuple(
            ColumnCodes(at[plain(c.column)], c.column, int(c.required), _plain_values(c.values))
            for c in self.part.codes
            if plain(c.column) in at
        )

    def head(self) -> list[str]:
        """The columns that are written when a register goes out."""
        fields = [
            names[0]
            for field, names in self.part.fields.items()
            if names and field not in NEVER_WRITTEN
        ]
        return fields + [codes.column for codes in self.part.codes]

    def written(self, row: Mapping[str, str]) -> list[str]:
        """The cells of a row of ours; a code is the first that fills what the row says."""
        cells = [
            self._dated(row.get(field, ""), field)
            for field in self.part.fields
            if field not in NEVER_WRITTEN
        ]
        return cells + [_code_for(codes, row) for codes in self.part.codes]

    def _dated(self, text: str, field: str) -> str:
        if text and field.endswith(("_on", "open_from", "open_until")):
            return date.fromisoformat(text).strftime(self.date_form)
        if text and field.endswith(("_from", "_until")) and self.date_form == "%Y%m%d":
            return datetime.fromisoformat(text).strftime("%Y%m%d%H%M%S")
        return text


def plain(name: str) -> str:
    """A column's name for comparing: width, case and outer spaces do not count."""
    return unicodedata.normalize("NFKC", name).strip().strip("\ufeff").casefold()


def names() -> list[str]:
    """Our own mappings, in the order in which they are tried."""
    known = sorted(path.stem for path in FOLDER.glob("*.yaml"))
    return ["minka", *(name for name in known if name != "minka")]


def dialect(kind: str, wanted: str) -> Dialect:
    """The mapping of a name or a file, for one kind of row. Faults: none such, or it is wrong."""
    return _dialect(kind, _read(wanted), Path(wanted).stem)


def fitting(kind: str, head: Sequence[str]) -> Dialect:
    """The first of our own mappings that can read a head. Faults: the columns that are missing."""
    tried = [dialect(kind, name) for name in names()]
    for each in tried:
        if not each.missing(head):
            return each
    nearest = min(tried, key=lambda each: len(each.missing(head)))
    raise lacking(nearest, head)


def lacking(chosen: Dialect, head: Sequence[str]) -> FileFault:
    """The refusal of a head that lacks columns."""
    columns = ", ".join(chosen.missing(head))
    return FileFault(FileRefusal.COLUMNS, mapping=chosen.name, columns=columns)


def _read(wanted: str) -> _File:
    path = FOLDER / f"{wanted}.yaml" if wanted in names() else Path(wanted)
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        read = _File.model_validate(content)
    except (OSError, UnicodeDecodeError):
        raise FileFault(FileRefusal.NO_MAPPING, mapping=wanted, known=", ".join(names())) from None
    except yaml.YAMLError:
        raise _bad(path, "YAML", "not well formed") from None
    except ValidationError as wrong:
        first = wrong.errors()[0]
        raise _bad(path, ".".join(map(str, first["loc"])), first["msg"]) from None
    _check(path, read)
    return _over(_read(read.extends), read) if read.extends else read


def _check(path: Path, read: _File) -> None:
    for kind, known in FIELDS.items():
        part: Part = getattr(read, kind)
        fills = [f for c in part.codes for values in c.values.values() for f in values]
        for field in (*part.fields, *part.defaults, *fills):
            if field not in known:
                raise _bad(path, f"{kind}.{field}", f"known fields: {', '.join(known)}")


def _over(under: _File, upper: _File) -> _File:
    """A mapping laid over another: fields, defaults and columns of codes one by one."""

    def laid(kind: str) -> Part:
        low, high = getattr(under, kind), getattr(upper, kind)
        named = {codes.column for codes in high.codes}
        return Part(
            fields={**low.fields, **high.fields},
            codes=(*(c for c in low.codes if c.column not in named), *high.codes),
            defaults={**low.defaults, **high.defaults},
        )

    parts: dict[str, Any] = {kind: laid(kind) for kind in FIELDS}
    form = upper.date if "date" in upper.model_fields_set else under.date
    return _File(about=upper.about or under.about, date=form, **parts)


def _dialect(kind: str, read: _File, name: str) -> Dialect:
    about = read.about
    words = Words(about.get("zh_hans", name), about.get("zh_hant", name), about.get("en", name))
    return Dialect(name, kind, words, getattr(read, kind), read.date)


def _bad(path: Path, key: str, wrong: str) -> FileFault:
    return FileFault(FileRefusal.BAD_MAPPING, mapping=path.name, key=key, wrong=wrong)


def _plain_values(values: Mapping[str, Mapping[str, str]]) -> dict[str, Mapping[str, str]]:
    return {plain(code): fills for code, fills in values.items()}


def _code_for(codes: Codes, row: Mapping[str, str]) -> str:
    """The code that says most of a row without saying anything that is not so."""
    fields = {field for fills in codes.values.values() for field in fills}
    said = {field: row.get(field, "") for field in fields}
    for code, fills in codes.values.items():
        if fields and all(fills.get(field, "") == value for field, value in said.items()):
            return code
    return ""
