"""The holder's PIN: first set, tried, changed, reported lost, reset; where the law says and how.

No act sees a PIN in any other form than ``Clear``, and keeps nothing of it but a value bound to
the card. A wrong PIN is on record before anything else is decided: the try is an act of its own,
so that the counter stands whatever becomes of the purchase or the change it was for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from minka.cards import pin as rules
from minka.cards.card import Card, Status
from minka.cards.number import mask
from minka.cards.pin import PinState
from minka.cards.pin_refusals import PinRefusal
from minka.cards.pin_weak import Holder
from minka.cards.refusals import UseRefusal
from minka.cipher.pin import verification_value
from minka.desk.act import Answer, Desk, Request, Verdict, act, refusal
from minka.desk.office import Office
from minka.desk.refusals import DeskRefusal
from minka.desk.rules import require, the_law, turn
from minka.desk.wording import spoken
from minka.kit.clock import CHINA
from minka.kit.outcome import Refused
from minka.kit.secret import Clear
from minka.law.papers import Paper, ShownPaper
from minka.law.pins import PinLaw, pin_law
from minka.loss import throttle
from minka.loss.refusals import LossRefusal
from minka.people.facts import verify
from minka.people.person import Person
from minka.store import cards, people, pins
from minka.store.connection import the_row
from minka.store.pins import PinFact, PinKey

TELEPHONE_FACTS = ("id_number", "card_last4")
"""What a caller can type; the automatic dialogue hears digits and no names."""
COUNTER_FACTS = ("id_number", "name")


@dataclass(frozen=True, slots=True)
class PinVisit:
    """Who comes about a PIN, where, and with which papers; the holder in person, never an agent."""

    region: str
    channel: str
    """``telephone`` (the automatic dialogue), ``counter``, ``bank_counter``, ``hotline``."""
    number: Clear
    stated: Mapping[str, Clear] = field(default_factory=dict)
    papers: tuple[ShownPaper, ...] = ()
    place_id: str = ""


@dataclass(frozen=True, slots=True)
class SetFirstPin:
    """The holder of a card without a PIN chooses one."""

    visit: PinVisit
    pin: Clear


@dataclass(frozen=True, slots=True)
class TryOldPin:
    """The first half of a change: the old PIN, counted for itself."""

    visit: PinVisit
    pin: Clear


@dataclass(frozen=True, slots=True)
class ChangePin:
    """The holder knows the old PIN and chooses another (R5-09, R5-10)."""

    visit: PinVisit
    old: Clear
    new: Clear


@dataclass(frozen=True, slots=True)
class ReportPinLost:
    """The PIN is forgotten, or a stranger may know it: nothing is bought with it from now on."""

    visit: PinVisit


@dataclass(frozen=True, slots=True)
class ResetPin:
    """A new PIN in the place of one that is lost, forgotten or locked; in one visit (R5-11)."""

    visit: PinVisit
    new: Clear


def set_first_pin(office: Office, request: Request, command: SetFirstPin) -> Answer:
    """Set the first PIN of a card; there is no default one before it.

    Refusals: ``PIN_NO_SUCH_CHANNEL``, ``NOT_ALLOWED``, ``NOT_VERIFIED``, ``PIN_PAPERS_MISSING``,
    ``PIN_ALREADY_SET``, ``PIN_LENGTH``, ``PIN_WEAK``.
    """
    return act(office, request, command, lambda desk: _set_first(desk, command))


def change_pin(office: Office, request: Request, command: ChangePin) -> Answer:
    """Change the PIN: the old one is tried and counted first, in an act of its own.

    Refusals as for the first PIN, with ``PIN_WRONG`` and the locks, and ``PIN_SAME``.
    """
    first = replace(request, key=f"{request.key}:old")
    before = TryOldPin(command.visit, command.old)
    tried = act(office, first, before, lambda desk: _try_old(desk, before))
    if tried.verdict is Verdict.REFUSED:
        return tried
    if tried.facts["pin"] != "right":
        facts = {name: tried.facts[name] for name in ("left", "until") if name in tried.facts}
        return Answer(
            Verdict.REFUSED, tried.facts["refused"], facts, tried.facts["say"], tried.replayed
        )
    return act(office, request, command, lambda desk: _change(desk, command))


def report_pin_lost(office: Office, request: Request, command: ReportPinLost) -> Answer:
    """Report the PIN lost. Refusals as above, ``PIN_ALREADY_LOST``, ``PIN_NOT_SET``."""
    return act(office, request, command, lambda desk: _report_lost(desk, command))


def reset_pin(office: Office, request: Request, command: ResetPin) -> Answer:
    """Report the old PIN lost unless it is, and set another, in one act against the ID card."""
    return act(office, request, command, lambda desk: _reset(desk, command))


@dataclass(frozen=True, slots=True)
class _Case:
    """One act about one PIN: rule, card, state under its lock, and the card's own instant."""

    law: PinLaw
    card: Card
    person: Person
    key: PinKey
    state: PinState
    at: datetime
    visit: PinVisit

    def holder(self) -> Holder:
        """What a new PIN must not be made of."""
        person = self.person
        phone = (person.phone,) if person.phone else ()
        plain = [Clear(n) for n in (self.card.card_number, person.member_number) if n]
        return Holder(person.born_on, (person.number, *phone, *plain))


def _set_first(desk: Desk, command: SetFirstPin) -> Mapping[str, Any]:
    case = _case(desk, command.visit, "set")
    value = _value(desk, case, command.pin)
    state = require(rules.set_first(case.state, value))
    _choose(case, command.pin)
    return _write(desk, case, state, "set")


def _try_old(desk: Desk, command: TryOldPin) -> Mapping[str, Any]:
    """A wrong PIN is an accepted act: what it did is written and stays."""
    case = _case(desk, command.visit, "change")
    value = _value(desk, case, command.pin)
    refused = count_try(desk, case.key, value, case.law, at=case.at)
    if refused is None:
        return {"pin": "right"}
    said = refusal(desk, spoken(refused))
    return {"pin": "wrong", "refused": said.code, "say": said.sentence, **refused.facts}


def _change(desk: Desk, command: ChangePin) -> Mapping[str, Any]:
    case = _case(desk, command.visit, "change")
    old = _value(desk, case, command.old)
    require(rules.try_pin(case.state, old, case.law, case.at).refused)
    state = require(rules.change(case.state, _value(desk, case, command.new)))
    _choose(case, command.new)
    return _write(desk, case, state, "changed")


def _report_lost(desk: Desk, command: ReportPinLost) -> Mapping[str, Any]:
    case = _case(desk, command.visit, "report_lost")
    return _write(desk, case, require(rules.report_lost(case.state, case.at)), "lost")


def _reset(desk: Desk, command: ResetPin) -> Mapping[str, Any]:
    case = _case(desk, command.visit, "reset")
    lost = case.state.lost_at
    if lost is None:
        state = require(rules.report_lost(case.state, case.at))
        _write(desk, case, state, "lost")
        case = replace(case, state=state)
    state = require(rules.reset(case.state, _value(desk, case, command.new)))
    _choose(case, command.new)
    return {**_write(desk, case, state, "reset"), "lost_at": lost or case.at}


def count_try(
    desk: Desk, key: PinKey, value: bytes, law: PinLaw, *, at: datetime
) -> Refused | None:
    """Try a PIN's value and write the counter in the open transaction; None when it is right.

    For acts and for purchases alike: who calls it commits, whatever the rest comes to.
    """
    while True:
        state = pins.load(desk.connection, key)
        tried = rules.try_pin(state, value, law, at)
        unmoved = tried.state.version == state.version
        origin = desk.request.origin
        if unmoved or pins.tried(desk.connection, key, tried.state, at=at, origin=origin):
            return tried.refused


def _case(desk: Desk, visit: PinVisit, what: str) -> _Case:
    """Everything an act about a PIN stands on, checked in the order of the refusals, and locked."""
    desk.attempt = {"channel": f"pin_{what}:{visit.channel}"}
    now = desk.now()
    the_law(desk, visit.region, now)
    law = pin_law(visit.region, now.astimezone(CHINA).date())
    _may_come(desk, visit, law, what)
    require(throttle.slowed(_recent(desk, now), now))
    person = _holder(desk, visit)
    _papers_shown(visit, law, what)
    people.lock(desk.connection, person.person_id)
    card = cards.in_hand(cards.of_person(desk.connection, person.person_id))
    if card is None:
        raise turn(LossRefusal.NO_CARD)
    if card.status not in (Status.ACTIVE, Status.SEALED):
        raise turn(UseRefusal.CANCELLED, hotline=desk.hotline)
    at = desk.tick(card.card_id)
    key = PinKey(person.person_id, card.card_id)
    return _Case(law, card, person, key, pins.lock(desk.connection, key), at, visit)


def _may_come(desk: Desk, visit: PinVisit, law: PinLaw, what: str) -> None:
    way = law.channel(what, visit.channel)
    if way is None:
        raise turn(PinRefusal.PIN_NO_SUCH_CHANNEL, channels=law.channels(what))
    allowed = desk.request.role in way.roles if way.roles else not desk.request.role
    if not allowed:
        raise turn(DeskRefusal.NOT_ALLOWED)


def _papers_shown(visit: PinVisit, law: PinLaw, what: str) -> None:
    way = law.channel(what, visit.channel)
    assert way is not None, "the channel was found before"
    shown = {paper.kind for paper in visit.papers}
    missing = tuple(Paper(kind) for kind in way.papers if kind not in shown)
    if missing:
        raise turn(PinRefusal.PIN_PAPERS_MISSING, missing=missing)


def _recent(desk: Desk, at: datetime) -> throttle.Recent:
    """The misses of this caller; an unnamed caller at a counter has none."""
    found = the_row(
        desk.connection,
        "loss.recent",
        caller=desk.keys.index("caller", desk.request.caller),
        since=at - throttle.WINDOW,
        person_id=0,
        day=at - timedelta(days=1),
    )
    misses = found["caller_misses"] if desk.request.caller else 0
    return throttle.Recent(
        caller_misses=misses, card_reports_today=0, oldest_miss=found["oldest_miss"]
    )


def _holder(desk: Desk, visit: PinVisit) -> Person:
    """The person of the number in this region, every fact of the channel matched."""
    found = people.find(desk.connection, desk.keys, visit.number)
    person = people.load(desk.connection, desk.keys, found or 0)
    held = cards.in_hand(cards.of_person(desk.connection, found or 0))
    asked = TELEPHONE_FACTS if visit.channel == "telephone" else COUNTER_FACTS
    stated = {"id_number": visit.number, **visit.stated}
    seen = verify(stated, asked, person, held.card_number if held else "")
    if person is None or person.region != visit.region or not seen.all_match():
        if person is None:
            people.decoy(desk.keys)
        raise turn(LossRefusal.NOT_VERIFIED)
    desk.person_id = person.person_id
    return person


def _value(desk: Desk, case: _Case, pin: Clear) -> bytes:
    return verification_value(desk.keys, case.key.holder, pin)


def _choose(case: _Case, pin: Clear) -> None:
    require(rules.choose(pin, case.holder(), case.law))


def _write(desk: Desk, case: _Case, state: PinState, fact: str) -> Mapping[str, Any]:
    visit = case.visit
    done = PinFact(
        fact=fact,
        at=case.at,
        channel=visit.channel,
        operator=desk.request.actor,
        rule_ref=case.law.ref,
        place_id=visit.place_id,
        details={"papers": [paper.kind for paper in visit.papers]},
    )
    written = pins.done(desk.connection, case.key, state, done)
    assert written, "the person is locked: nobody else moves this PIN"
    facts = {"card": mask(case.card.card_number), "pin": fact, "at": case.at}
    ruled = {"rule": case.law.ref, "assumed": list(case.law.assumed)}
    audit = desk.audit({"card_id": case.card.card_id, "channel": visit.channel, **facts}, case.at)
    return {**facts, **ruled, "audit": audit}
