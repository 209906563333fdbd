"""The shape of the rule files, before their values are read."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal[
    "loss",
    "lapse",
    "withdraw",
    "replace",
    "collect",
    "balance",
    "query",
    "pin",
    "use",
    "claim",
    "statement",
]
Role = Literal["whole", "step", "part", "principle"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NamesDoc(_Strict):
    """A name in three languages."""

    zh_hans: str
    zh_hant: str
    en: str


class DaysDoc(_Strict):
    """One year of a notice: weekdays that rest, weekend days that work."""

    rest: list[date] = []
    work: list[date] = []


class RegionDoc(_Strict):
    """``region.yaml``: who the region is."""

    id: str = Field(pattern=r"^[A-Z][0-9]+[a-z]?$")
    names: NamesDoc
    card_name: str
    card_kind: Literal["social_security_card", "medical_card"]
    origin: Literal["text", "invented"] = "text"
    heading: str = ""
    local_days: dict[int, DaysDoc] = {}


class LeafDoc(_Strict):
    """One field of an entry: its dated values and their phrase."""

    cite: str | list[str] = []
    since: dict[date, Any] = {}
    cites: dict[date, str] = {}
    """The phrases of later values."""
    see: str = ""
    inferred: str = ""
    unvalued: str = ""
    note: str = ""


class EntryDoc(BaseModel):
    """One rule; its fields are the keys not named here."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, LeafDoc]

    kind: Kind
    mission: list[str] = []
    role: Role = "whole"
    valid_from: date | None = None
    valid_to: date | None = None
    note: str = ""
    silent: list[str] = []


class AssumptionDoc(_Strict):
    """Values, references or readings a demo needs where the source is silent."""

    entries: list[str] = Field(alias="for", min_length=1)
    values: dict[str, Any] = {}
    see: dict[str, str] = {}
    readings: dict[str, dict[str, Any]] = {}
    answers: list[str] = []
    note: str = Field(min_length=1)


class AssumedDoc(_Strict):
    """``assumed.yaml``: the demo overlay of a region."""

    names: NamesDoc | None = None
    administrative_code: str = ""
    assumed: list[AssumptionDoc] = []
    entries: dict[str, EntryDoc] = {}
