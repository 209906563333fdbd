"""The PIN of a card read from the register, and what moved it written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from minka.cards.pin import PinState
from minka.store.connection import Connection, Row, row


@dataclass(frozen=True, slots=True)
class PinKey:
    """Whose PIN: a person's card."""

    person_id: int
    card_id: int

    @property
    def holder(self) -> str:
        """What a stored value is bound to."""
        return f"{self.person_id}:{self.card_id}"

    def columns(self) -> dict[str, int]:
        """The key as a query takes it."""
        return {"person_id": self.person_id, "card_id": self.card_id}


@dataclass(frozen=True, slots=True)
class PinFact:
    """What was done about a PIN, where, by whom and by which rule."""

    fact: str
    at: datetime
    channel: str
    operator: str
    rule_ref: str
    place_id: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


def load(connection: Connection, key: PinKey) -> PinState:
    """The PIN as it stands; an empty state when none was ever set."""
    return state_of(row(connection, "pin.load", **key.columns()))


def lock(connection: Connection, key: PinKey) -> PinState:
    """The PIN as it stands, with its row locked; nothing is locked when there is none."""
    return state_of(row(connection, "pin.lock", **key.columns()))


def state_of(found: Row | None) -> PinState:
    """The state in a row of ``pin``."""
    if found is None:
        return PinState()
    return PinState(
        value=bytes(found["value"]),
        wrong=found["wrong"],
        last_wrong_at=found["last_wrong_at"],
        lost_at=found["lost_at"],
        version=found["version"],
    )


def tried(
    connection: Connection, key: PinKey, state: PinState, *, at: datetime, origin: str
) -> int:
    """Write a try down and move the counter; 0 when another came first and all must be read again.

    ``state`` is that of ``cards.pin.try_pin``; call only when its version moved.
    """
    outcome = "wrong" if state.wrong else "right"
    counter = {"wrong": state.wrong, "last_wrong_at": state.last_wrong_at}
    told = {"version": state.version, "at": at, "outcome": outcome, "origin": origin}
    return int(row(connection, "pin.tried", **key.columns(), **counter, **told) is not None)


def done(connection: Connection, key: PinKey, state: PinState, fact: PinFact) -> int:
    """Write a fact about a PIN and its new state; 0 when another came first."""
    written = {
        **key.columns(),
        "value": state.value,
        "wrong": state.wrong,
        "last_wrong_at": state.last_wrong_at,
        "lost_at": state.lost_at,
        "version": state.version,
        "at": fact.at,
        "fact": fact.fact,
        "fact_value": None if fact.fact == "lost" else state.value,
        "channel": fact.channel,
        "place_id": fact.place_id or None,
        "operator": fact.operator,
        "rule_ref": fact.rule_ref,
        "details": Jsonb(dict(fact.details)),
    }
    return int(row(connection, "pin.done", **written) is not None)
