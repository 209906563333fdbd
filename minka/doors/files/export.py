"""A register given back as a file: streamed in one snapshot, opened by workers, recorded twice.

The audit event that says who takes what, and why, is committed before the first row is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from minka.cipher.field import FieldKeys
from minka.desk.office import Office
from minka.doors.files import mapping
from minka.doors.files.mapping import Dialect
from minka.doors.files.runs import Advance
from minka.doors.files.sheets import new_file
from minka.doors.files.workers import Crew, chunked
from minka.kit.clock import CHINA
from minka.store import bulk, cards, journal
from minka.store.connection import Row, rows
from minka.store.people import NAME, NUMBER, PHONE

_STREAMS = {"persons": "people", "cards": "cards", "agencies": "places"}
_SEALED = {
    "number_sealed": (NUMBER, "number"),
    "name_sealed": (NAME, "name"),
    "phone_sealed": (PHONE, "phone"),
    "guardian_sealed": (NUMBER, "guardian_number"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What goes out, in whose words, to whom and why."""

    kind: str
    path: Path
    reason: str
    actor: str
    mapping: str = "minka"
    region: str = ""


def take_out(
    office: Office, wanted: Wanted, crew: Crew, *, advance: Advance = lambda _: None
) -> int:
    """Write a register to a new file; gives the number of rows. Faults: ``FileFault``."""
    chosen = mapping.dialect(wanted.kind, wanted.mapping)
    with new_file(wanted.path) as write:
        at = _note(office, wanted, {"state": "begun"})
        write(chosen.head())
        written = 0
        with office.register.act() as connection:
            connection.execute("set transaction isolation level repeatable read, read only")
            rows(connection, "bulk.long_read")
            values = {"region": wanted.region}
            moment = {"at": at} if wanted.kind == "cards" else {}
            found = bulk.every(connection, _STREAMS[wanted.kind], **values, **moment)
            plain = (_bare(each) for each in found)
            task = partial(_opened, chosen)
            for lines in crew.each(task, (part for _, part in chunked(plain, 5000))):
                for cells in lines:
                    write(cells)
                written += len(lines)
                advance(len(lines))
        _note(office, wanted, {"state": "written", "rows": written})
    return written


def _note(office: Office, wanted: Wanted, more: Mapping[str, Any]) -> datetime:
    event = {
        "kind": wanted.kind,
        "region": wanted.region,
        "mapping": wanted.mapping,
        "file": wanted.path.name,
        "reason": wanted.reason,
        **more,
    }
    with office.register.act() as connection:
        at = cards.now(connection, office.fence())
        journal.audit(connection, "export", wanted.actor, event, at=at)
    return at


def _bare(found: Row) -> dict[str, Any]:
    """A row that travels to a worker: bytes instead of views."""
    return {name: bytes(v) if isinstance(v, memoryview) else v for name, v in found.items()}


def _opened(chosen: Dialect, keys: FieldKeys, part: Sequence[Row]) -> list[list[str]]:
    """The cells of some rows, opened in a worker."""
    return [chosen.written(_texts(keys, each)) for each in part]


def _texts(keys: FieldKeys, found: Row) -> dict[str, str]:
    texts = {}
    for name, value in found.items():
        if value is None:
            continue
        if name in _SEALED:
            domain, field = _SEALED[name]
            texts[field] = keys.unseal(domain, value).reveal()
        else:
            texts[_FIELD_OF.get(name, name)] = _text(name, value)
    if "lost_until" not in texts:
        texts.pop("lost_at_lapse", None)
    return texts


_FIELD_OF = {"pan_mask": "pan", "made_at": "issued_on"}


def _text(name: str, value: Any) -> str:
    if isinstance(value, datetime):
        local = value.astimezone(CHINA)
        return local.date().isoformat() if name == "made_at" else local.isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)
