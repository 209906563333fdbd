"""A key ceremony as one table of moves: who may do the next step, and what refuses it.

| state    | move    | to       | who |
|----------|---------|----------|-----|
| -        | propose | proposed | the first signer |
| proposed | sign    | signed   | a second, with no other duty and no gain by it |
| signed, entering | enter | entering | each custodian once, his own component |
| entering | combine | combined | the vault, when as many entered as the plan needs |
| combined | compare | compared | the witness: check values read aloud from two places |
| compared | close   | closed   | the record is printed and signed on paper |
| any but closed | abandon | abandoned | whoever runs it; what the vault holds of it is destroyed |
| any but closed | lapse | lapsed | 24 hours went by |

Components never stand here: an entry is a custodian, a time and the component's check value. A key
is loaded from all its components (XOR); a vault is unsealed by any M of N share holders. The plan
is what is signed, and its hash is read aloud as words (``spoken``) before the first component.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from minka.keys.approval import Entitled, KeyAct, KeyRequest, content_hash, standing
from minka.keys.approval import propose as propose_act
from minka.keys.approval import sign as sign_act
from minka.keys.component import FEWEST, MOST
from minka.keys.refusals import KeyRefusal
from minka.keys.vault import KeyName, Purpose
from minka.kit.outcome import Accepted, Refused


class CeremonyState(StrEnum):
    """How far a ceremony is."""

    PROPOSED = "proposed"
    SIGNED = "signed"
    ENTERING = "entering"
    COMBINED = "combined"
    COMPARED = "compared"
    CLOSED = "closed"
    ABANDONED = "abandoned"
    LAPSED = "lapsed"


class CeremonyMove(StrEnum):
    """What can be done in a ceremony after it was proposed."""

    SIGN = "sign"
    ENTER = "enter"
    COMBINE = "combine"
    COMPARE = "compare"
    CLOSE = "close"
    ABANDON = "abandon"
    LAPSE = "lapse"


class Mode(StrEnum):
    """Whether real keys are made: a drill runs on the soft vault and its keys never leave it."""

    REAL = "real"
    DRILL = "drill"


OPEN = frozenset(CeremonyState) - {
    CeremonyState.CLOSED,
    CeremonyState.ABANDONED,
    CeremonyState.LAPSED,
}

MOVES: dict[tuple[CeremonyState, CeremonyMove], CeremonyState] = {
    (CeremonyState.PROPOSED, CeremonyMove.SIGN): CeremonyState.SIGNED,
    (CeremonyState.SIGNED, CeremonyMove.ENTER): CeremonyState.ENTERING,
    (CeremonyState.ENTERING, CeremonyMove.ENTER): CeremonyState.ENTERING,
    (CeremonyState.ENTERING, CeremonyMove.COMBINE): CeremonyState.COMBINED,
    (CeremonyState.COMBINED, CeremonyMove.COMPARE): CeremonyState.COMPARED,
    (CeremonyState.COMPARED, CeremonyMove.CLOSE): CeremonyState.CLOSED,
    **{(state, CeremonyMove.ABANDON): CeremonyState.ABANDONED for state in OPEN},
    **{(state, CeremonyMove.LAPSE): CeremonyState.LAPSED for state in OPEN},
}
"""Every move there is; a pair that is not here is ``NOT_THIS_STEP``."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is signed: the whole ceremony before it begins; staff are staff numbers."""

    number: str
    act: KeyAct
    key: KeyName
    purpose: Purpose
    custodians: tuple[str, ...]
    needed: int
    """How many must enter: all when a key is loaded, M of N when a vault is unsealed."""
    witness: str
    mode: Mode = Mode.REAL
    component_checks: tuple[bytes, ...] = ()
    """The components' check values as their envelopes say, in the custodians' order; or none."""
    key_check: bytes = b""
    """The key's check value as its sender says; empty for a key that is made here."""

    @property
    def content(self) -> dict[str, str]:
        """The plan as the content that is signed."""
        return {
            "number": self.number,
            "key": self.key.name,
            "version": str(self.key.version),
            "algorithm": self.key.algorithm.name,
            "purpose": self.purpose.value,
            "custodians": " ".join(self.custodians),
            "needed": str(self.needed),
            "witness": self.witness,
            "mode": self.mode.value,
            "component_checks": " ".join(c.hex() for c in self.component_checks),
            "key_check": self.key_check.hex(),
        }

    @property
    def hash(self) -> bytes:
        """SM3 over the act and the content, 32 bytes: what both signers sign."""
        return content_hash(self.act, self.content)


@dataclass(frozen=True, slots=True)
class Entry:
    """That a custodian entered his component: its check value, never the component."""

    custodian: str
    check: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Ceremony:
    """A ceremony as it stands."""

    plan: Plan
    request: KeyRequest
    state: CeremonyState = CeremonyState.PROPOSED
    entries: tuple[Entry, ...] = ()
    key_check: bytes = b""
    """The check value the vault gave when it combined."""
    ended_at: datetime | None = None

    @property
    def entered(self) -> tuple[str, ...]:
        """Who has entered, in order."""
        return tuple(entry.custodian for entry in self.entries)

    @property
    def is_complete(self) -> bool:
        """Whether as many entered as the plan needs."""
        return len(self.entries) >= self.plan.needed


def propose(
    plan: Plan,
    by: str,
    at: datetime,
    *,
    entitled: Entitled,
    beneficiaries: frozenset[str] = frozenset(),
) -> Accepted[Ceremony] | Refused:
    """A ceremony with its first signature; refusals of ``wrong_with``, then of ``approval``."""
    wrong = wrong_with(plan) or _duty_twice(plan, by)
    if wrong is not None:
        return wrong
    request = propose_act(
        plan.act, plan.hash, by, at, entitled=entitled, beneficiaries=beneficiaries
    )
    if isinstance(request, Refused):
        return request
    return Accepted(Ceremony(plan, request.value))


def wrong_with(plan: Plan) -> Refused | None:
    """What does not hold in a plan, or None.

    Refusals, in order: ``CUSTODIAN_TWICE``, ``CUSTODIANS_NUMBER``, ``LOADING_NEEDS_ALL``,
    ``NO_WITNESS``, ``DUTY_TWICE``, ``CHECKS_NUMBER``.
    """
    people = plan.custodians
    loads = plan.act not in (KeyAct.UNSEAL, KeyAct.BACK_UP)
    facts = {"least": FEWEST, "most": MOST, "named": len(people), "needed": plan.needed}
    for wrong, reason in (
        (len(set(people)) != len(people), KeyRefusal.CUSTODIAN_TWICE),
        (not FEWEST <= plan.needed <= len(people) <= MOST, KeyRefusal.CUSTODIANS_NUMBER),
        (loads and plan.needed != len(people), KeyRefusal.LOADING_NEEDS_ALL),
        (not plan.witness, KeyRefusal.NO_WITNESS),
        (plan.witness in people, KeyRefusal.DUTY_TWICE),
        (len(plan.component_checks) not in (0, len(people)), KeyRefusal.CHECKS_NUMBER),
    ):
        if wrong:
            return Refused(reason, {**facts, "staff": plan.witness})
    return None


def sign(
    ceremony: Ceremony, hashed: bytes, by: str, at: datetime, *, entitled: Entitled
) -> Accepted[Ceremony] | Refused:
    """The ceremony with its second signature; refusals of ``approval.sign``, ``DUTY_TWICE``."""
    refused = _step(ceremony, CeremonyMove.SIGN, at)
    if refused is not None:
        return refused
    request = sign_act(ceremony.request, hashed, by, at, entitled=entitled)
    if isinstance(request, Refused):
        return request
    twice = _duty_twice(ceremony.plan, by)
    if twice is not None:
        return twice
    return _moved(replace(ceremony, request=request.value), CeremonyMove.SIGN)


def enter(
    ceremony: Ceremony, custodian: str, check: bytes, at: datetime
) -> Accepted[Ceremony] | Refused:
    """The ceremony with one more component (its check value as the vault computed it).

    Refusals, in order: those of the step, ``NOT_CUSTODIAN``, ``ENTERED_ALREADY``,
    ``COMPONENT_WRONG``, ``COMPONENT_REPEATED``. Ask before the component goes to the vault with
    ``may_enter``.
    """
    refused = may_enter(ceremony, custodian, at)
    if refused is not None:
        return refused
    if not _announced(ceremony.plan, custodian, check):
        return Refused(KeyRefusal.COMPONENT_WRONG)
    if check in {entry.check for entry in ceremony.entries}:
        return Refused(KeyRefusal.COMPONENT_REPEATED)
    entries = (*ceremony.entries, Entry(custodian, check, at))
    return _moved(replace(ceremony, entries=entries), CeremonyMove.ENTER)


def may_enter(ceremony: Ceremony, custodian: str, at: datetime) -> Refused | None:
    """None when a custodian may enter his component now; the refusal otherwise."""
    refused = _step(ceremony, CeremonyMove.ENTER, at)
    if refused is not None:
        return refused
    if custodian not in ceremony.plan.custodians:
        return Refused(KeyRefusal.NOT_CUSTODIAN)
    if custodian in ceremony.entered:
        return Refused(KeyRefusal.ENTERED_ALREADY)
    return None


def combine(ceremony: Ceremony, key_check: bytes, at: datetime) -> Accepted[Ceremony] | Refused:
    """The ceremony with the key's check value as the vault gave it.

    ``NOT_THIS_STEP`` when components are missing; ``CHECK_VALUE_DIFFERS`` when the sender's check
    value is another, upon which the ceremony is to be abandoned.
    """
    refused = _step(ceremony, CeremonyMove.COMBINE, at)
    if refused is not None:
        return refused
    if not ceremony.is_complete:
        return _not_this_step(ceremony, CeremonyMove.COMBINE)
    if ceremony.plan.key_check and ceremony.plan.key_check != key_check:
        return Refused(KeyRefusal.CHECK_VALUE_DIFFERS)
    return _moved(replace(ceremony, key_check=key_check), CeremonyMove.COMBINE)


def compare(
    ceremony: Ceremony, witness: str, read: bytes, at: datetime
) -> Accepted[Ceremony] | Refused:
    """The ceremony once the witness read the check value from the other place and it agreed."""
    refused = _step(ceremony, CeremonyMove.COMPARE, at)
    if refused is not None:
        return refused
    if witness != ceremony.plan.witness:
        return Refused(KeyRefusal.NOT_WITNESS)
    if read != ceremony.key_check:
        return Refused(KeyRefusal.CHECK_VALUE_DIFFERS)
    return _moved(ceremony, CeremonyMove.COMPARE)


def close(ceremony: Ceremony, at: datetime) -> Accepted[Ceremony] | Refused:
    """The ceremony once its record is printed; the key may now be activated by its own act."""
    return _step(ceremony, CeremonyMove.CLOSE, at) or _ended(ceremony, CeremonyMove.CLOSE, at)


def abandon(ceremony: Ceremony, at: datetime) -> Accepted[Ceremony] | Refused:
    """The ceremony given up; the vault must forget its components and destroy its key."""
    if ceremony.state not in OPEN:
        return Refused(KeyRefusal.CLOSED)
    return _ended(ceremony, CeremonyMove.ABANDON, at)


def lapse(ceremony: Ceremony, at: datetime) -> Accepted[Ceremony] | Refused:
    """The ceremony whose 24 hours are over; ``NOT_THIS_STEP`` before that, ``CLOSED`` after."""
    if ceremony.state not in OPEN:
        return Refused(KeyRefusal.CLOSED)
    if at < ceremony.request.expires_at:
        return _not_this_step(ceremony, CeremonyMove.LAPSE)
    return _ended(ceremony, CeremonyMove.LAPSE, at)


def _duty_twice(plan: Plan, signer: str) -> Refused | None:
    if signer in (*plan.custodians, plan.witness):
        return Refused(KeyRefusal.DUTY_TWICE, {"staff": signer})
    return None


def _announced(plan: Plan, custodian: str, check: bytes) -> bool:
    announced: Mapping[str, bytes] = dict(zip(plan.custodians, plan.component_checks, strict=False))
    return announced.get(custodian, check) == check


def _step(ceremony: Ceremony, wanted: CeremonyMove, at: datetime) -> Refused | None:
    if ceremony.state not in OPEN:
        return Refused(KeyRefusal.CLOSED)
    stands = standing(ceremony.request, at)
    if stands is not None:
        return stands
    if (ceremony.state, wanted) not in MOVES:
        return _not_this_step(ceremony, wanted)
    if wanted is CeremonyMove.ENTER and ceremony.is_complete:
        return _not_this_step(ceremony, wanted)
    return None


def _not_this_step(ceremony: Ceremony, wanted: CeremonyMove) -> Refused:
    facts = {"state": ceremony.state.value, "move": wanted.value}
    return Refused(KeyRefusal.NOT_THIS_STEP, facts)


def _moved(ceremony: Ceremony, move: CeremonyMove) -> Accepted[Ceremony]:
    return Accepted(replace(ceremony, state=MOVES[ceremony.state, move]))


def _ended(ceremony: Ceremony, move: CeremonyMove, at: datetime) -> Accepted[Ceremony]:
    return _moved(replace(ceremony, ended_at=at), move)
