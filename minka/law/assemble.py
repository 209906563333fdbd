"""From the text of the rule files to regions through the years, with every fault found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from minka.kit.words import Words
from minka.law.documents import (
    AssumedDoc,
    AssumptionDoc,
    DaysDoc,
    EntryDoc,
    LeafDoc,
    NamesDoc,
    RegionDoc,
)
from minka.law.faults import Fault, Flaw
from minka.law.files import BrokenError, TwiceError, load
from minka.law.history import PUBLISHED, Dated, EntryHistory, LeafHistory, RegionHistory
from minka.law.openings import open_points
from minka.law.period import Bound, Calendar, Edge, Start
from minka.law.reading import CORE, FORMS, fields_of
from minka.law.region import Source
from minka.law.terms import UnknownTermError
from minka.law.values import Until, Verdict, Where

Model = TypeVar("Model", bound=BaseModel)


class Gaps(Enum):
    """What fills a field on which the source is silent."""

    LEFT = "left"
    ASSUMED = "assumed"


@dataclass(slots=True)
class Desk:
    """The files of one region on the table, and the faults noted so far."""

    files: Mapping[str, str]
    faults: list[Fault] = field(default_factory=list)
    file: str = ""

    def note(self, key: str, flaw: Flaw, **facts: Any) -> None:
        """Note one mistake in the file that is open."""
        self.faults.append(Fault(self.file, key, flaw, facts))

    def open(self, file: str) -> Any:
        """The content of one file; None and a fault when it is no YAML."""
        self.file = file
        try:
            return load(self.files[file])
        except TwiceError as fault:
            self.note(fault.key, Flaw.TWICE, line=fault.line)
        except BrokenError as fault:
            self.note("-", Flaw.NOT_YAML, line=fault.line, problem=fault.problem)
        return None

    def read(self, model: type[Model], raw: Any, key: str = "") -> Model | None:
        """The content as a document of this shape; None and faults when it is not."""
        try:
            return model.model_validate(raw)
        except ValidationError as invalid:
            for error in invalid.errors(include_url=False):
                where = ".".join(str(part) for part in (key, *error["loc"]) if part != "") or "-"
                self._note_shape(where, error["type"], error["msg"], _known(model, error["loc"]))
        return None

    def _note_shape(self, where: str, kind: str, problem: str, known: str) -> None:
        if kind == "missing":
            self.note(where, Flaw.MISSING_KEY)
        elif kind == "extra_forbidden":
            self.note(where, Flaw.UNKNOWN_KEY, known=known)
        else:
            self.note(where, Flaw.WRONG_TYPE, problem=problem)


_INSIDE: Mapping[str, type[BaseModel]] = {
    "names": NamesDoc,
    "local_days": DaysDoc,
    "assumed": AssumptionDoc,
    "entries": LeafDoc,
}


def _known(model: type[BaseModel], place: tuple[int | str, ...]) -> str:
    """The keys that are known where an unknown one stands."""
    inner = LeafDoc if model is EntryDoc else _INSIDE.get(str(place[0]), model)
    shape = inner if len(place) > 1 else model
    return ", ".join(f.alias or name for name, f in shape.model_fields.items())


def region_of(desk: Desk, folder: str, gaps: Gaps) -> tuple[RegionDoc, RegionHistory] | None:
    """One region from the files ``<folder>/<topic>.yaml``; None when its head is unreadable."""
    names = sorted(name for name in desk.files if name.startswith(f"{folder}/"))
    head_file = f"{folder}/region.yaml"
    if head_file not in names:
        desk.file = head_file
        desk.note("-", Flaw.NO_REGION_FILE)
        return None
    head = desk.read(RegionDoc, desk.open(head_file))
    if head is None:
        return None
    topics = [n for n in names if n not in (head_file, f"{folder}/assumed.yaml")]
    entries = {e.id: e for topic in topics for e in _topic(desk, topic, head.origin)}
    overlay = _overlay(desk, f"{folder}/assumed.yaml")
    if gaps is Gaps.ASSUMED:
        entries = _overlaid(desk, entries, overlay)
    entries = dict(sorted(entries.items(), key=lambda item: _order(item[0])))
    _check_references(desk, entries)
    named = overlay.names if overlay.names and gaps is Gaps.ASSUMED else head.names
    history = RegionHistory(
        id=head.id,
        names=Words(named.zh_hans, named.zh_hant, named.en),
        card_name=head.card_name,
        card_kind=head.card_kind,
        administrative_code=overlay.administrative_code,
        heading=head.heading,
        invented=Source.ASSUMED if head.origin == "invented" else Source.TEXT,
        entries=entries,
    )
    return head, history


def _order(entry_id: str) -> tuple[int, str]:
    """Entries of the text in its order, then those a demo adds."""
    return (int("-A" in entry_id) + int(entry_id.startswith("F")), entry_id)


def _topic(desk: Desk, file: str, origin: str) -> Iterator[EntryHistory]:
    raw = desk.open(file)
    if raw is None:
        return
    if not isinstance(raw, Mapping):
        desk.note("-", Flaw.WRONG_TYPE, problem="a mapping of entries is expected")
        return
    source = Source.ASSUMED if origin == "invented" else Source.TEXT
    yield from entries_of(desk, raw, source)


def entries_of(desk: Desk, raw: Mapping[Any, Any], source: Source) -> Iterator[EntryHistory]:
    """The entries of one file that is open; those with a broken shape are left out."""
    for entry_id, content in raw.items():
        doc = desk.read(EntryDoc, content, str(entry_id))
        if doc is not None:
            yield _entry(desk, str(entry_id), doc, source)


def _entry(desk: Desk, entry_id: str, doc: EntryDoc, source: Source) -> EntryHistory:
    given = doc.__pydantic_extra__
    known = fields_of(doc.kind)
    for name in (*given, *doc.silent):
        if name not in known:
            desk.note(f"{entry_id}.{name}", Flaw.NOT_OF_KIND, kind=doc.kind)
    for name in CORE[doc.kind]:
        if (name in given) == (name in doc.silent):
            flaw = Flaw.BOTH if name in given else Flaw.NEITHER
            desk.note(f"{entry_id}.{name}", flaw)
    leaves = {
        name: _leaf(desk, f"{entry_id}.{name}", leaf, source)
        for name, leaf in given.items()
        if name in known
    }
    return EntryHistory(entry_id, desk.file, doc, leaves)


def _leaf(desk: Desk, key: str, doc: LeafDoc, source: Source) -> LeafHistory:
    phrases = (doc.cite,) if isinstance(doc.cite, str) else tuple(doc.cite)
    if bool(doc.since) + bool(doc.see) + bool(doc.unvalued) != 1:
        desk.note(key, Flaw.NO_VALUE)
    if source is Source.TEXT and not phrases:
        desk.note(key, Flaw.NO_PHRASE)
    name = key.rpartition(".")[2]
    first = min(doc.since, default=None)
    dated = tuple(
        Dated(
            since=day,
            value=_value(desk, f"{key}.{day}", name, raw),
            phrases=phrases if day == first else _later_phrase(doc, day),
        )
        for day, raw in sorted(doc.since.items())
    )
    inferred = source is Source.TEXT and bool(doc.inferred)
    return LeafHistory(
        dated=dated,
        see=doc.see,
        source=Source.INFERRED if inferred else source,
        note=doc.inferred or doc.unvalued or doc.note,
        phrases=phrases,
    )


def _later_phrase(doc: LeafDoc, day: date) -> tuple[str, ...]:
    return (doc.cites[day],) if day in doc.cites else ()


def _value(desk: Desk, key: str, name: str, raw: Any) -> Any:
    if raw is None:
        return None
    form = FORMS[name]
    try:
        return form.read(raw)
    except UnknownTermError as unknown:
        desk.note(key, Flaw.UNKNOWN_TERM, kind=unknown.kind, value=unknown.code)
    except (ValueError, TypeError, KeyError):
        desk.note(key, Flaw.WRONG_VALUE, field=name, value=repr(raw), example=form.example)
    return None


def _overlay(desk: Desk, file: str) -> AssumedDoc:
    if file not in desk.files:
        return AssumedDoc()
    raw = desk.open(file)
    return desk.read(AssumedDoc, raw or {}) or AssumedDoc()


def _overlaid(
    desk: Desk, entries: dict[str, EntryHistory], overlay: AssumedDoc
) -> dict[str, EntryHistory]:
    made = dict(entries)
    for entry_id, doc in overlay.entries.items():
        if entry_id in made:
            desk.note(f"entries.{entry_id}", Flaw.SAME_ID, id=entry_id)
        else:
            made[entry_id] = _entry(desk, entry_id, doc, Source.ASSUMED)
    for number, assumption in enumerate(overlay.assumed):
        for point in assumption.answers:
            if point not in open_points():
                desk.note(f"assumed.{number}.answers", Flaw.UNKNOWN_POINT, point=point)
        for entry_id in assumption.entries:
            if entry_id not in made:
                desk.note(f"assumed.{number}.for", Flaw.NO_ENTRY, id=entry_id)
            else:
                key = f"assumed.{number}.{entry_id}"
                made[entry_id] = _assume(desk, key, made[entry_id], assumption)
    return made


def _assume(desk: Desk, key: str, entry: EntryHistory, assumption: AssumptionDoc) -> EntryHistory:
    leaves = dict(entry.leaves)
    for name in (*assumption.values, *assumption.see, *assumption.readings):
        if name not in fields_of(entry.doc.kind):
            desk.note(f"{key}.{name}", Flaw.NOT_OF_KIND, kind=entry.doc.kind)
    for name in (*assumption.values, *assumption.see):
        old = leaves.get(name, LeafHistory())
        if old.see or any(dated.value is not None for dated in old.dated):
            desk.note(f"{key}.{name}", Flaw.NOTHING_TO_ASSUME)
    answers = tuple(assumption.answers)
    assumed = LeafHistory(source=Source.ASSUMED, note=assumption.note, readings=answers)
    for name, raw in assumption.values.items():
        if name in FORMS:
            phrases = leaves[name].phrases if name in leaves else ()
            dated = (Dated(PUBLISHED, _value(desk, f"{key}.{name}", name, raw), phrases),)
            leaves[name] = replace(assumed, dated=dated)
    for name, target in assumption.see.items():
        leaves[name] = replace(assumed, see=target)
    for name, raw in assumption.readings.items():
        leaves[name] = _reading(desk, f"{key}.{name}", leaves.get(name), raw, assumed=assumed)
    return replace(entry, leaves=leaves)


_READINGS: Mapping[str, Any] = {
    "bound": Bound,
    "calendar": Calendar,
    "start": Start,
    "edge": Edge,
    "until": Until,
    "where": Where,
    "before_formal": Verdict,
    "after_formal": Verdict,
    "same_as": str,
    "accepted": tuple,
}
_OPEN = (None, (), Bound.UNSTATED, Verdict.SILENT, Until.REISSUE)
"""What a wording leaves open; a reading may fill these and nothing else."""


def _reading(
    desk: Desk,
    key: str,
    old: LeafHistory | None,
    raw: Mapping[str, Any],
    *,
    assumed: LeafHistory,
) -> LeafHistory:
    reading: dict[str, Any] = dict((old.read_as if old else None) or {})
    for part, text in raw.items():
        if part not in _READINGS:
            desk.note(f"{key}.{part}", Flaw.UNKNOWN_KEY, known=", ".join(_READINGS))
            continue
        try:
            reading[part] = _READINGS[part](text)
        except ValueError:
            example = ", ".join(member.value for member in _READINGS[part])
            desk.note(f"{key}.{part}", Flaw.WRONG_VALUE, field=part, value=text, example=example)
        named = [getattr(dated.value, part, None) for dated in (old.dated if old else ())]
        if any(value not in _OPEN for value in named):
            desk.note(f"{key}.{part}", Flaw.NOTHING_TO_ASSUME)
    if old is None or not old.dated:
        desk.note(key, Flaw.NO_VALUE)
        return old or assumed
    note = "; ".join(filter(None, (old.note, assumed.note)))
    readings = tuple(dict.fromkeys((*old.readings, *assumed.readings)))
    return replace(old, read_as=reading, readings=readings, note=note)


def _check_references(desk: Desk, entries: Mapping[str, EntryHistory]) -> None:
    for entry in entries.values():
        desk.file = entry.file
        for name, leaf in entry.leaves.items():
            target = entries.get(leaf.see)
            known = target is not None and name in target.leaves and not target.leaves[name].see
            if leaf.see and not known:
                desk.note(f"{entry.id}.{name}", Flaw.NO_TARGET, target=leaf.see)
