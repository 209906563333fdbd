"""Acts on keys that two people must sign; ``desk.privileged`` carries them out.

| act | content | what is done |
|---|---|---|
| generate_key | a plan (``keys_plan``) | made inside the vault, not yet active |
| start_ceremony | a plan, custodians, witness | custodians may enter their parts |
| import_key | ceremony_no | the parts become a key, not yet active |
| activate_key | key_no | may be used, from its day on |
| suspend_key, resume_key | key_no, reason | nothing is done with it until resumed |
| rotate_key | key_no, active_from, verifies_until, successor | a new version |
| limit_key | key_no, use_limit | how often it may be used in its life |
| export_key | key_no, under_no, receiver | leave to take it out once, as a block |
| deactivate_key | key_no, reason | replaced: it still verifies |
| compromise_key | key_no, reason | never used again |
| destroy_key | key_no, reason | the vault forgets it |

Who gains by an act, and therefore signs neither part of it: the custodians of a ceremony and of
the key it made, whom a key is held for, who receives a block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from minka.desk.act import Desk
from minka.desk.keys_events import (
    NAMES,
    Known,
    ask,
    facts_of,
    kept,
    known,
    later,
    locked,
    made,
    moved,
    new_name,
    not_now,
    the_key,
)
from minka.desk.keys_held import hold, in_words, rules_of, said
from minka.desk.keys_plan import (
    Content,
    Periods,
    Plan,
    ceremony_of,
    instant,
    plan_of,
    whole,
    wrong,
)
from minka.desk.keys_refusals import KeyDeskRefusal
from minka.desk.keys_words import act_name, state_name
from minka.desk.rules import require, turn
from minka.keys import ceremony as rules
from minka.keys.lifecycle import KeyMove, KeyRecord, KeyState, move
from minka.keys.refusals import KeyRefusal
from minka.keys.rotation import rotate
from minka.keys.vault import Export, KeyFacts, Purpose, Standing
from minka.kit.outcome import Refused
from minka.store.connection import Row, do, insert, row, rows, the_row

STANDINGS = {
    KeyState.PRE_ACTIVE: Standing.RESTING,
    KeyState.ACTIVE: Standing.ACTIVE,
    KeyState.SUSPENDED: Standing.RESTING,
    KeyState.DEACTIVATED: Standing.HISTORY,
    KeyState.COMPROMISED: Standing.RESTING,
}
"""What the vault is told of a key in each state, besides the destroyed."""
MOST_VERSION = 255


def generate_key(desk: Desk, content: Content) -> Mapping[str, Any]:
    """A key made inside the vault; nobody ever held a part of it."""
    plan, at = plan_of(content), desk.now()
    new_name(desk, plan)
    return facts_of(_generated(desk, "generate_key", plan, at), at=at)


def start_ceremony(desk: Desk, content: Content) -> Mapping[str, Any]:
    """Open a ceremony: each person stands in it once, in one duty."""
    planned, at = ceremony_of(content), desk.now()
    new_name(desk, planned.plan)
    signed = row(desk.connection, "keys.rests_on", act_id=desk.signed_act)
    assert signed is not None, "a ceremony rests on an act that was signed"
    ceremony_no, plan = desk.fact_id(), planned.plan
    require(rules.wrong_with(rules_of(ceremony_no, planned)))
    duties = dict.fromkeys(planned.custodians, "custodian") | {planned.witness: "witness"}
    for staff, duty in ((signed["proposed_by"], "proposer"), (desk.request.actor, "approver")):
        if duties.setdefault(staff, duty) != duty:
            raise turn(KeyRefusal.DUTY_TWICE, staff=staff)
    found = _on_duty(desk, duties, at)
    opened = {
        "ceremony_no": ceremony_no,
        "act_id": desk.signed_act,
        "name": plan.key.name,
        "version": plan.key.version,
        "algorithm": NAMES[plan.key.algorithm],
        "bits": plan.bits,
        "tier": plan.tier,
        "purpose": plan.purpose.value,
        "held_for": plan.held_for,
        "parts": len(planned.custodians),
        "at": at,
    }
    insert(desk.connection, "keys.add_ceremony", opened)
    for staff, duty in duties.items():
        person = {"staff_number": staff, "person_id": found[staff]["person_id"], "duty": duty}
        do(desk.connection, "keys.add_person", ceremony_no=ceremony_no, **person)
    return {"ceremony_no": ceremony_no, "parts": len(planned.custodians), "opened_at": at}


POSTS = {"custodian": "key_custodian", "witness": "auditor"}
"""The post each duty of a ceremony needs."""


def _on_duty(desk: Desk, duties: Mapping[str, str], at: datetime) -> Mapping[str, Row]:
    """Everyone of a ceremony as on file: the right post, and no natural person twice."""
    found = {
        each["staff_number"]: each
        for each in rows(desk.connection, "keys.staff", staff=list(duties))
    }
    for staff, duty in duties.items():
        each = found.get(staff)
        ended = each and each["valid_until"] and each["valid_until"] < at.date()
        if each is None or ended or each["role"] != POSTS.get(duty, each["role"]):
            raise wrong("custodians" if duty == "custodian" else "witness")
    persons: dict[int, str] = {}
    for staff, each in found.items():
        if each["person_id"] and persons.setdefault(each["person_id"], staff) != staff:
            raise turn(KeyRefusal.DUTY_TWICE, staff=staff)
    return found


def import_key(desk: Desk, content: Content) -> Mapping[str, Any]:
    """Combine the parts of a ceremony, when all are entered and the witness found them right."""
    ceremony_no, at = whole(content, "ceremony_no"), desk.now()
    if ceremony_no is None:
        raise wrong("ceremony_no")
    held = hold(desk.connection, ceremony_no)
    said(rules.combine(held.ceremony, held.planned.key_check, at))
    right = sum(verdict == "same" for verdict in held.comparisons.values())
    parts = held.found["parts"]
    if right != parts:
        raise turn(KeyDeskRefusal.NOT_ALL_COMPARED, right=right, parts=parts)
    plan, number = held.planned.plan, str(ceremony_no)

    def combine() -> KeyFacts:
        custody = desk.office.custody()
        return custody.combine(number, plan.key, plan.purpose, parts, terms=plan.terms())

    facts = ask(combine, plan.key)
    if held.planned.key_check and held.planned.key_check != facts.check_value:
        ask(lambda: desk.office.custody().destroy(plan.key), plan.key)
        raise turn(KeyRefusal.CHECK_VALUE_DIFFERS)
    key = made(desk, "import_key", plan, facts, at=at, ceremony_no=ceremony_no)
    return facts_of(key, ceremony_no=ceremony_no, at=at)


def _step(act: str, wanted: KeyMove) -> Callable[[Desk, Content], Mapping[str, Any]]:
    """An act that is one move of a key's life."""

    def done(desk: Desk, content: Content) -> Mapping[str, Any]:
        key, at = the_key(desk, content), desk.now()
        outcome = move(key.record, wanted, at)
        if isinstance(outcome, Refused):
            told = {
                **in_words(outcome.facts),
                "state": state_name(key.record.state),
                "move": act_name(act),
            }
            raise turn(outcome.reason, **told)
        to = outcome.value.state
        reason = str(content.get("reason", ""))
        facts = moved(desk, act, key, at=at, to=to, reason=reason)
        _tell(key, desk, to)
        return facts

    return done


def _tell(key: Known, desk: Desk, to: KeyState) -> None:
    """The vault hears of the new state last, so that its silence undoes the whole act."""
    custody, name = desk.office.custody, key.record.name
    if to is KeyState.DESTROYED:
        ask(lambda: custody().destroy(name), name)
    else:
        ask(lambda: custody().set_standing(name, STANDINGS[to]), name)


def rotate_key(desk: Desk, content: Content) -> Mapping[str, Any]:
    """The next version makes new cards from a day on; the old one still verifies those it made.

    ``successor`` names a version that a ceremony brought; without it the vault makes one. Refusals:
    those of ``keys.rotation.rotate``.
    """
    key, at = the_key(desk, content), desk.now()
    old_state = key.record.state
    if old_state not in (KeyState.ACTIVE, KeyState.COMPROMISED):
        raise not_now("rotate_key", key)
    on = max(instant(content, "active_from") or at, at)
    until = instant(content, "verifies_until")
    if until is None:
        raise wrong("verifies_until")
    brought = _brought(desk, content)
    name, version = key.record.name, key.record.name.version + 1
    fresh = replace(key.record, name=replace(name, version=version), state=KeyState.ACTIVE)
    wanted = brought.record if brought else fresh
    rotation = require(
        rotate(_others(desk, wanted), wanted, on=on, old_verifies_until=until, now=at)
    )
    if rotation.old.name != name:
        raise wrong("key_no")
    new = _begun(desk, brought, on, at) if brought else _next_version(desk, key, on, at)
    done = {"successor": facts_of(new, active_from=on), "at": at}
    if old_state is KeyState.COMPROMISED:
        return facts_of(key, **done)
    ends = {"protects_until": rotation.old.protects_until, "verifies_until": until}
    moved(desk, "rotate_key", key, at=at, periods=later(key, **ends))
    return facts_of(key, **done, **ends)


def _others(desk: Desk, wanted: KeyRecord) -> list[KeyRecord]:
    """Every version of a key but the new one."""
    named = {"name": wanted.name.name, "purpose": wanted.purpose.value}
    found = [known(each).record for each in rows(desk.connection, "keys.versions", **named)]
    return [each for each in found if each.name != wanted.name]


def _brought(desk: Desk, content: Content) -> Known | None:
    """The new version that a ceremony brought, or None when the vault is to make one."""
    if whole(content, "successor") is None:
        return None
    new = the_key(desk, content, "successor")
    if new.record.state is not KeyState.PRE_ACTIVE:
        raise not_now("rotate_key", new)
    return new


def _begun(desk: Desk, new: Known, on: datetime, at: datetime) -> Known:
    periods = later(new, active_from=on)
    moved(desk, "rotate_key", new, at=at, to=KeyState.ACTIVE, periods=periods)
    _tell(new, desk, KeyState.ACTIVE)
    return locked(desk.connection, new.key_no)


def _next_version(desk: Desk, key: Known, on: datetime, at: datetime) -> Known:
    name = key.record.name
    if name.version >= MOST_VERSION:
        raise wrong("version")
    found = the_row(desk.connection, "keys.key", key_no=key.key_no)
    held = ask(lambda: desk.office.vault().facts(name), name)
    plan = Plan(
        replace(name, version=name.version + 1),
        found["bits"],
        key.tier,
        key.record.purpose,
        key.held_for,
        found["parent_no"],
        Periods(active_from=on, use_limit=key.record.use_limit),
        held.terms.levels,
        held.terms.export,
    )
    new_name(desk, plan)
    new = _generated(desk, "rotate_key", plan, at, state=KeyState.ACTIVE)
    _tell(new, desk, KeyState.ACTIVE)
    return new


def _generated(
    desk: Desk, act: str, plan: Plan, at: datetime, *, state: KeyState = KeyState.PRE_ACTIVE
) -> Known:
    def generate() -> Any:
        return desk.office.custody().generate(plan.key, plan.purpose, terms=plan.terms())

    return made(desk, act, plan, ask(generate, plan.key), at=at, state=state)


def limit_key(desk: Desk, content: Content) -> Mapping[str, Any]:
    """How often a key may be used in its life; never fewer times than it was."""
    key, at = the_key(desk, content), desk.now()
    limit = whole(content, "use_limit")
    if limit is None or limit < key.record.uses:
        raise wrong("use_limit")
    if key.record.state not in (KeyState.PRE_ACTIVE, KeyState.ACTIVE, KeyState.SUSPENDED):
        raise not_now("limit_key", key)
    facts = moved(desk, "limit_key", key, at=at, periods=later(key, use_limit=limit))
    return {**facts, "use_limit": limit}


def export_key(desk: Desk, content: Content) -> Mapping[str, Any]:
    """Leave to take a key out once as a block, within the day; the block is on no record."""
    key, at = the_key(desk, content), desk.now()
    under = row(desk.connection, "keys.key", key_no=whole(content, "under_no"))
    if not content.get("receiver"):
        raise wrong("receiver")
    if under is None or under["purpose"] != Purpose.TRANSPORT.value or under["state"] != "active":
        raise wrong("under_no")
    if key.record.state is not KeyState.ACTIVE:
        raise not_now("export_key", key)
    held = ask(lambda: desk.office.vault().facts(key.record.name), key.record.name)
    if held.terms.export is Export.NEVER:
        raise turn(KeyRefusal.NOT_EXPORTABLE, key=key.record.name.name)
    facts = moved(desk, "export_key", key, at=at)
    return {**facts, "under_no": under["key_no"], "act_id": desk.signed_act}


def _about(act: str) -> Callable[[Desk, Content], int]:
    """No person; and what is proposed must at least make sense on the day it is proposed."""

    def checked(desk: Desk, content: Content) -> int:
        kept(content)
        if act == "generate_key":
            new_name(desk, plan_of(content))
        elif act == "start_ceremony":
            planned = ceremony_of(content)
            new_name(desk, planned.plan)
            require(rules.wrong_with(rules_of(0, planned)))
        elif act != "import_key":
            the_key(desk, content)
        return 0

    return checked


def gains(desk: Desk, content: Content) -> Iterable[str]:
    """The staff numbers of everyone who gains by an act on keys."""
    yield from str(content.get("custodians", "")).split()
    yield from _held_by(desk, str(content.get("held_for", "")))
    yield from _held_by(desk, str(content.get("receiver", "")))
    for field in ("key_no", "successor"):
        number = whole(content, field)
        found = row(desk.connection, "keys.key", key_no=number) if number else None
        if found is not None:
            yield from _held_by(desk, found["held_for"])
            for each in rows(desk.connection, "keys.custodians_of_key", key_no=number):
                yield each["staff_number"]
    ceremony_no = whole(content, "ceremony_no")
    if ceremony_no is not None:
        ceremony = row(desk.connection, "keys.ceremony", ceremony_no=ceremony_no)
        yield from _held_by(desk, ceremony["held_for"] if ceremony else "")
        for each in rows(desk.connection, "keys.people", ceremony_no=ceremony_no):
            if each["duty"] == "custodian":
                yield each["staff_number"]


def _held_by(desk: Desk, holder: str) -> Iterable[str]:
    kind, _, post = holder.partition(":")
    if kind == "post" and post:
        for each in rows(desk.connection, "keys.staff_of_post", role=post):
            yield each["staff_number"]
    elif holder:
        yield holder


PERFORM: Mapping[str, Callable[[Desk, Content], Mapping[str, Any]]] = {
    "generate_key": generate_key,
    "start_ceremony": start_ceremony,
    "import_key": import_key,
    "activate_key": _step("activate_key", KeyMove.ACTIVATE),
    "suspend_key": _step("suspend_key", KeyMove.SUSPEND),
    "resume_key": _step("resume_key", KeyMove.RESUME),
    "rotate_key": rotate_key,
    "limit_key": limit_key,
    "export_key": export_key,
    "deactivate_key": _step("deactivate_key", KeyMove.DEACTIVATE),
    "compromise_key": _step("compromise_key", KeyMove.COMPROMISE),
    "destroy_key": _step("destroy_key", KeyMove.DESTROY),
}
"""Each act by its name."""
ABOUT = {name: _about(name) for name in PERFORM}
"""What each is about: no person, after a look at its content."""
STOPS = frozenset({"suspend_key", "compromise_key"})
"""Acts that the security administrator may propose too, so that a doubt waits for nobody."""
