"""A ceremony as the register has it and as the rules of ``keys.ceremony`` see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from minka.desk.keys_plan import CeremonyPlan, ceremony_of, wrong
from minka.desk.rules import require
from minka.keys.approval import KeyAct, KeyRequest, Signature
from minka.keys.ceremony import Ceremony, CeremonyMove, CeremonyState, Entry
from minka.keys.ceremony import Plan as RulesPlan
from minka.keys.wording import CEREMONY_MOVES, STEPS
from minka.kit.clock import china_text
from minka.kit.outcome import Accepted, Refused
from minka.store.connection import Connection, Row, do, row, rows


@dataclass(frozen=True, slots=True)
class Held:
    """A ceremony under its lock, as the register has it and as the rules see it."""

    found: Row
    planned: CeremonyPlan
    ceremony: Ceremony
    comparisons: Mapping[int, str]


def rules_of(ceremony_no: int, planned: CeremonyPlan) -> RulesPlan:
    """The plan as the rules of ceremonies know it."""
    return RulesPlan(
        str(ceremony_no),
        KeyAct.LOAD,
        planned.plan.key,
        planned.plan.purpose,
        planned.custodians,
        len(planned.custodians),
        planned.witness,
        component_checks=planned.part_checks,
        key_check=planned.key_check,
    )


def hold(connection: Connection, ceremony_no: int) -> Held:
    """A ceremony under its lock; ``FIELD_WRONG`` when there is none."""
    do(connection, "keys.claim_ceremony", ceremony_no=ceremony_no)
    return seen(connection, ceremony_no)


def seen(connection: Connection, ceremony_no: int) -> Held:
    """A ceremony as its facts say."""
    found = row(connection, "keys.ceremony", ceremony_no=ceremony_no)
    if found is None:
        raise wrong("ceremony_no")
    signed = row(connection, "approval.proposal", act_id=found["act_id"])
    assert signed is not None, "a ceremony rests on an act"
    planned = ceremony_of(signed["content"])
    parts = rows(connection, "keys.parts", ceremony_no=ceremony_no)
    compared = rows(connection, "keys.comparisons", ceremony_no=ceremony_no)
    comparisons = {each["part"]: each["verdict"] for each in compared}
    signatures = (
        Signature(signed["proposed_by"], signed["proposed_at"]),
        Signature(signed["approved_by"], signed["approved_at"]),
    )
    ceremony = Ceremony(
        rules_of(ceremony_no, planned),
        KeyRequest(KeyAct.LOAD, bytes(signed["content_hash"]), signed["proposed_at"], signatures),
        state_of(found, len(parts), comparisons),
        tuple(
            Entry(p["staff_number"], bytes.fromhex(p["check_value"]), p["entered_at"])
            for p in parts
        ),
        bytes.fromhex(found["check_value"] or ""),
        found["ended_at"],
    )
    return Held(found, planned, ceremony, comparisons)


def state_of(found: Row, parts: int, comparisons: Mapping[int, str]) -> CeremonyState:
    """How far a ceremony is, from its facts."""
    if found["how"]:
        return CeremonyState(found["how"])
    if found["key_no"] is not None:
        same = comparisons.get(0) == "same"
        return CeremonyState.COMPARED if same else CeremonyState.COMBINED
    return CeremonyState.ENTERING if parts else CeremonyState.SIGNED


def said(outcome: Accepted[Any] | Refused | None) -> Any:
    """The value of an acceptance; a refusal of the rules ends the act, its step in words."""
    if isinstance(outcome, Refused):
        facts = in_words(outcome.facts)
        if "move" in facts and outcome.facts["state"] in {state.value for state in CeremonyState}:
            facts["move"] = CEREMONY_MOVES[CeremonyMove(outcome.facts["move"])]
            facts["state"] = STEPS[CeremonyState(outcome.facts["state"])]
        outcome = Refused(outcome.reason, facts)
    return require(outcome)


def in_words(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts of a refusal, instants as people of the city write them."""
    return {
        name: china_text(value) if isinstance(value, datetime) else value
        for name, value in facts.items()
    }
