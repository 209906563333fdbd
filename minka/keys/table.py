"""The master keys of a social security card as the card specification names them.

One row a key in ``keys.csv`` (card-chip §9.2, with the marks of its sources). Where no unrestricted
source says an id or a level, the row has ``?`` and a value of our own for the bench in the column
``bench``; ``assumed`` names what was taken from there, and an area's own table replaces it.

| column | content |
|---|---|
| name, df | the key, and the application it lies in (SSSE is the environment) |
| card_id | P2 of EXTERNAL AUTHENTICATION in hex, ``-`` for a key it does not name, ``?`` |
| level | who holds the root: M ministry, P province, ``?`` |
| psam_p9, psam_seen | usage,id in hex of a PSAM by the standard, and as seen in use |
| purpose, length | its one purpose; bytes on a DES card (16 on every SM4 card) |
| since, until | card versions that have it |
| controls, mark | what it opens; how sure the row is |
| bench | ``card_id=8B level=M``: values of the bench for what is ``?`` |
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from importlib.resources import files

from minka.keys.vault import Purpose


class Level(StrEnum):
    """Who holds the root of a key; the levels below are derived from it."""

    MINISTRY = "M"
    PROVINCE = "P"
    CITY = "C"


class CardVersion(StrEnum):
    """The specification versions a card may name, as far as their keys differ."""

    V1 = "1.0"
    V2 = "2.0"
    V3 = "3.0"


class TableFault(Exception):
    """A table of keys that does not hold together; the message names the line or the key."""


@dataclass(frozen=True, slots=True)
class PsamPlace:
    """Where a PSAM keeps a key: usage byte (levels still to do in its top three bits) and id."""

    usage: int
    id: int

    @property
    def levels(self) -> int:
        """How many factors are still to apply to the key as it lies there."""
        return self.usage >> 5


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One master key of the card specification."""

    name: str
    df: str
    card_id: int | None
    level: Level
    psam_p9: PsamPlace | None
    psam_seen: PsamPlace | None
    purpose: Purpose
    length: int
    """Bytes on a DES card: 8 for single DES (secure messaging), otherwise 16."""
    since: CardVersion
    until: CardVersion
    controls: str
    mark: str
    assumed: frozenset[str] = frozenset()
    """The columns whose value is the bench's own, for no unrestricted source gives one."""

    @property
    def is_application(self) -> bool:
        """Whether it lies in a DF (bit 8 of its id), not in the environment."""
        return self.df != "SSSE"

    def on(self, version: CardVersion) -> bool:
        """Whether cards of a version have it."""
        return self.since <= version <= self.until


@cache
def key_table() -> tuple[KeyRow, ...]:
    """Every master key, in the order of the specification, with the bench's values for gaps."""
    here = files("minka.keys").joinpath("keys.csv").read_text(encoding="utf-8")
    return read_key_table(here)


def key_row(name: str, table: tuple[KeyRow, ...] | None = None) -> KeyRow:
    """The row of a key by its name; ``KeyError`` when there is none."""
    for row in table or key_table():
        if row.name == name:
            return row
    raise KeyError(name)


def keys_on(version: CardVersion, df: str | None = None) -> tuple[KeyRow, ...]:
    """The keys that cards of a version have, in one application or in all."""
    return tuple(r for r in key_table() if r.on(version) and df in (None, r.df))


def with_settings(
    table: tuple[KeyRow, ...], settings: Mapping[str, Mapping[str, str]]
) -> tuple[KeyRow, ...]:
    """The table with an area's own values: ``{"RKSSSE": {"level": "P", "card_id": "0A"}}``.

    What is set is no longer ``assumed``. ``TableFault`` for a key that does not exist.
    """
    unknown = set(settings) - {row.name for row in table}
    if unknown:
        raise TableFault(f"no such key: {', '.join(sorted(unknown))}")
    changed = tuple(_set(row, settings.get(row.name, {})) for row in table)
    _check(changed)
    return changed


def read_key_table(text: str) -> tuple[KeyRow, ...]:
    """A table of keys from CSV; ``TableFault`` names the first key that does not fit."""
    table = tuple(_row(line) for line in csv.DictReader(text.splitlines()))
    _check(table)
    return table


def _row(line: Mapping[str, str]) -> KeyRow:
    name = line["name"]
    bench = dict(part.split("=", 1) for part in line["bench"].split())
    gaps = frozenset(column for column in ("card_id", "level") if line[column] == "?")
    if gaps != set(bench):
        raise TableFault(f"{name}: every ? has a value of the bench, and nothing else has")
    line = {**line, **bench}
    try:
        return KeyRow(
            name=name,
            df=line["df"],
            card_id=_card_id(line["card_id"]),
            level=Level(line["level"]),
            psam_p9=_place(line["psam_p9"]),
            psam_seen=_place(line["psam_seen"]),
            purpose=Purpose(line["purpose"]),
            length=int(line["length"]),
            since=CardVersion(line["since"]),
            until=CardVersion(line["until"]),
            controls=line["controls"],
            mark=line["mark"],
            assumed=gaps,
        )
    except ValueError as fault:
        raise TableFault(f"{name}: {fault}") from fault


def _set(row: KeyRow, values: Mapping[str, str]) -> KeyRow:
    strange = set(values) - {"card_id", "level"}
    if strange:
        raise TableFault(f"{row.name}: only card_id and level are settings")
    if "card_id" in values:
        row = replace(row, card_id=_card_id(values["card_id"]))
    if "level" in values:
        row = replace(row, level=Level(values["level"]))
    return replace(row, assumed=row.assumed - set(values))


def _check(table: tuple[KeyRow, ...]) -> None:
    for version in CardVersion:
        seen: set[object] = set()
        for row in (r for r in table if r.on(version)):
            places = {row.name, (row.df, row.card_id) if row.card_id is not None else row.name}
            if seen & places:
                raise TableFault(f"{row.name}: its name or its id is taken")
            seen |= places


def _card_id(text: str) -> int | None:
    return None if text == "-" else int(text, 16)


def _place(text: str) -> PsamPlace | None:
    if not text or text == "-":
        return None
    usage, number = text.split(":")
    return PsamPlace(int(usage, 16), int(number, 16))
