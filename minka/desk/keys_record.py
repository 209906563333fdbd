"""The record of a ceremony: what was done by whom and when, and one fingerprint over all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from minka.cipher.field import digest
from minka.store.connection import Row
from minka.store.journal import canonical


@dataclass(frozen=True, slots=True)
class Record:
    """The facts of a ceremony, as plain values, and SM3 over their one spelling, in hex."""

    facts: Mapping[str, Any]
    hash: str


def record_of(
    found: Row,
    signed: Row,
    *,
    people: Sequence[Row],
    parts: Sequence[Row],
    comparisons: Sequence[Row],
) -> Record:
    """The record from the register's rows; its end is not in it, for the end names its hash."""
    named = ("name", "version", "algorithm", "bits", "tier", "purpose", "held_for", "parts")
    facts: dict[str, Any] = {
        "ceremony_no": found["ceremony_no"],
        "opened_at": found["opened_at"].isoformat(),
        "key": {name: found[name] for name in named},
        "key_no": found["key_no"],
        "key_check": found["check_value"] or "",
        "signed": {
            "act_id": signed["act_id"],
            "content_hash": signed["content_hash"],
            "proposed_by": signed["proposed_by"],
            "proposed_at": signed["proposed_at"].isoformat(),
            "approved_by": signed["approved_by"],
            "approved_at": signed["approved_at"].isoformat(),
        },
        "people": [[each["duty"], each["staff_number"]] for each in people],
        "entered": [
            [
                each["part"],
                each["staff_number"],
                each["check_value"],
                each["entered_at"].isoformat(),
            ]
            for each in parts
        ],
        "compared": [
            [each["part"], each["check_value"], each["verdict"], each["compared_at"].isoformat()]
            for each in comparisons
        ],
    }
    return Record(facts, digest(canonical(facts)).hex())
