"""A ceremony goes by its table: every state x move, every person x step, every refusal (P12, T15).

The end of the file walks ceremonies at random and looks whether any key came out of one that two
people did not sign, that a custodian entered twice, or whose check value nobody compared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minka.keys import ceremony as rules
from minka.keys.approval import Entitled, KeyAct
from minka.keys.ceremony import (
    MOVES,
    OPEN,
    Ceremony,
    CeremonyMove,
    CeremonyState,
    Mode,
    Plan,
)
from minka.keys.refusals import KeyRefusal
from minka.keys.vault import KeyName, Purpose
from minka.kit.outcome import Accepted, Refused

NOW = datetime(2026, 5, 6, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
CHECKS = {f"C{n}": bytes([n]) * 5 for n in (1, 2, 3)}
KEY_CHECK = b"\x0a\x0b\x0c\x0d\x0e"
PLAN = Plan(
    "7",
    KeyAct.LOAD,
    KeyName("IRK"),
    Purpose.INTERNAL,
    ("C1", "C2", "C3"),
    3,
    "W",
    component_checks=tuple(CHECKS.values()),
    key_check=KEY_CHECK,
)


def _yes(found: Accepted[Ceremony] | Refused) -> Ceremony:
    assert isinstance(found, Accepted), found
    return found.value


def _why(found: Accepted[Ceremony] | Refused) -> KeyRefusal | None:
    if isinstance(found, Accepted):
        return None
    assert isinstance(found.reason, KeyRefusal)
    return found.reason


def _proposed(plan: Plan = PLAN) -> Ceremony:
    return _yes(rules.propose(plan, "S1", NOW, entitled=Entitled.YES))


def _signed(plan: Plan = PLAN) -> Ceremony:
    return _yes(rules.sign(_proposed(plan), plan.hash, "S2", NOW, entitled=Entitled.YES))


def _entered(count: int, plan: Plan = PLAN) -> Ceremony:
    found = _signed(plan)
    for custodian in plan.custodians[:count]:
        found = _yes(rules.enter(found, custodian, CHECKS[custodian], NOW))
    return found


def _combined() -> Ceremony:
    return _yes(rules.combine(_entered(3), KEY_CHECK, NOW))


def _compared() -> Ceremony:
    return _yes(rules.compare(_combined(), "W", KEY_CHECK, NOW))


def _in(state: CeremonyState) -> Ceremony:
    ways: dict[CeremonyState, Callable[[], Ceremony]] = {
        CeremonyState.PROPOSED: _proposed,
        CeremonyState.SIGNED: _signed,
        CeremonyState.ENTERING: lambda: _entered(1),
        CeremonyState.COMBINED: _combined,
        CeremonyState.COMPARED: _compared,
        CeremonyState.CLOSED: lambda: _yes(rules.close(_compared(), NOW)),
        CeremonyState.ABANDONED: lambda: _yes(rules.abandon(_combined(), NOW)),
        CeremonyState.LAPSED: lambda: _yes(rules.lapse(_signed(), NOW + 24 * HOUR)),
    }
    made = ways[state]()
    assert made.state is state
    return made


def _tried(ceremony: Ceremony, wanted: CeremonyMove, at: datetime) -> Accepted[Ceremony] | Refused:
    if wanted is CeremonyMove.SIGN:
        return rules.sign(ceremony, PLAN.hash, "S3", at, entitled=Entitled.YES)
    if wanted is CeremonyMove.ENTER:
        return rules.enter(ceremony, "C2", CHECKS["C2"], at)
    if wanted is CeremonyMove.COMBINE:
        return rules.combine(ceremony, KEY_CHECK, at)
    if wanted is CeremonyMove.COMPARE:
        return rules.compare(ceremony, "W", KEY_CHECK, at)
    acts = {
        CeremonyMove.CLOSE: rules.close,
        CeremonyMove.ABANDON: rules.abandon,
        CeremonyMove.LAPSE: rules.lapse,
    }
    return acts[wanted](ceremony, at)


STEPS = """
          sign   enter    combine compare  close  abandon   lapse
proposed  signed -        -       -        -      abandoned -
signed    -      entering -       -        -      abandoned -
entering  -      entering -       -        -      abandoned -
combined  -      -        -       compared -      abandoned -
compared  -      -        -       -        closed abandoned -
closed    x      x        x       x        x      x         x
abandoned x      x        x       x        x      x         x
lapsed    x      x        x       x        x      x         x
"""


def _cells() -> list[tuple[CeremonyState, CeremonyMove, str]]:
    head, *lines = [line.split() for line in STEPS.strip().splitlines()]
    return [
        (CeremonyState(state), CeremonyMove(name), to)
        for state, *row in lines
        for name, to in zip(head, row, strict=True)
    ]


@pytest.mark.parametrize(("state", "wanted", "to"), _cells())
def test_every_step_in_every_state(state: CeremonyState, wanted: CeremonyMove, to: str) -> None:
    """P12: 56 cells: the step, ``NOT_THIS_STEP`` (-) or ``CLOSED`` (x)."""
    found = _tried(_in(state), wanted, NOW)
    said = {"-": KeyRefusal.NOT_THIS_STEP, "x": KeyRefusal.CLOSED}.get(to)
    assert _why(found) is said
    if said is None:
        assert _yes(found).state is CeremonyState(to)


@pytest.mark.parametrize(("state", "wanted"), [(s, m) for s in sorted(OPEN) for m in CeremonyMove])
def test_after_24_hours_a_ceremony_can_only_lapse_or_be_abandoned(
    state: CeremonyState, wanted: CeremonyMove
) -> None:
    """P12: whatever step it had reached, a key half made is not finished the day after."""
    found = _tried(_in(state), wanted, NOW + 24 * HOUR)
    if wanted in (CeremonyMove.LAPSE, CeremonyMove.ABANDON):
        assert _yes(found).ended_at == NOW + 24 * HOUR
    else:
        assert _why(found) is KeyRefusal.EXPIRED
    just_before = _tried(_in(state), wanted, NOW + 24 * HOUR - timedelta(microseconds=1))
    assert _why(just_before) is not KeyRefusal.EXPIRED


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({}, None),
        ({"custodians": ("C1", "C2", "C2")}, KeyRefusal.CUSTODIAN_TWICE),
        ({"custodians": ("C1",), "needed": 1}, KeyRefusal.CUSTODIANS_NUMBER),
        ({"custodians": tuple(f"C{n}" for n in range(17)), "needed": 17},
         KeyRefusal.CUSTODIANS_NUMBER),
        ({"needed": 4}, KeyRefusal.CUSTODIANS_NUMBER),
        ({"needed": 2}, KeyRefusal.LOADING_NEEDS_ALL),
        ({"needed": 2, "act": KeyAct.UNSEAL}, None),
        ({"needed": 1, "act": KeyAct.UNSEAL}, KeyRefusal.CUSTODIANS_NUMBER),
        ({"witness": ""}, KeyRefusal.NO_WITNESS),
        ({"witness": "C2"}, KeyRefusal.DUTY_TWICE),
        ({"witness": "S1"}, KeyRefusal.DUTY_TWICE),
        ({"custodians": ("C1", "C2", "S1")}, KeyRefusal.DUTY_TWICE),
        ({"component_checks": (b"12345",)}, KeyRefusal.CHECKS_NUMBER),
        ({"component_checks": ()}, None),
    ],
)  # fmt: skip
def test_a_plan_that_does_not_hold_is_not_proposed(
    change: dict[str, object], wanted: KeyRefusal | None
) -> None:
    """T15: one component each, nobody in two duties, at least two custodians."""
    plan = replace(PLAN, **change)  # type: ignore[arg-type]
    assert _why(rules.propose(plan, "S1", NOW, entitled=Entitled.YES)) is wanted


@pytest.mark.parametrize(
    ("by", "hashed", "wanted"),
    [
        ("S2", PLAN.hash, None),
        ("S1", PLAN.hash, KeyRefusal.SIGNED_ALREADY),
        ("S9", PLAN.hash, KeyRefusal.BENEFICIARY),
        ("C1", PLAN.hash, KeyRefusal.DUTY_TWICE),
        ("W", PLAN.hash, KeyRefusal.DUTY_TWICE),
        ("S2", replace(PLAN, witness="S8").hash, KeyRefusal.CONTENT_CHANGED),
    ],
)
def test_who_may_give_the_second_signature(
    by: str, hashed: bytes, wanted: KeyRefusal | None
) -> None:
    """P12: neither the first signer nor a beneficiary, nor anyone with another duty."""
    proposed = _yes(
        rules.propose(PLAN, "S1", NOW, entitled=Entitled.YES, beneficiaries=frozenset({"S9"}))
    )
    assert _why(rules.sign(proposed, hashed, by, NOW, entitled=Entitled.YES)) is wanted


def test_a_beneficiary_proposes_no_ceremony() -> None:
    """P12: nor does one who is not entitled."""
    gains = frozenset({"S1"})
    own = rules.propose(PLAN, "S1", NOW, entitled=Entitled.YES, beneficiaries=gains)
    assert _why(own) is KeyRefusal.BENEFICIARY
    assert _why(rules.propose(PLAN, "S1", NOW, entitled=Entitled.NO)) is KeyRefusal.NOT_ENTITLED


@pytest.mark.parametrize(
    ("custodian", "check", "wanted"),
    [
        ("C2", CHECKS["C2"], None),
        ("C1", CHECKS["C1"], KeyRefusal.ENTERED_ALREADY),
        ("C2", CHECKS["C3"], KeyRefusal.COMPONENT_WRONG),
        ("S1", CHECKS["C2"], KeyRefusal.NOT_CUSTODIAN),
        ("W", CHECKS["C2"], KeyRefusal.NOT_CUSTODIAN),
    ],
)
def test_who_may_enter_what(custodian: str, check: bytes, wanted: KeyRefusal | None) -> None:
    """T15: each custodian his own component, once."""
    assert _why(rules.enter(_entered(1), custodian, check, NOW)) is wanted


def test_two_equal_components_are_noticed() -> None:
    """T15: two that are the same would cancel out and leave a key of the others alone."""
    plan = replace(PLAN, component_checks=())
    once = _yes(rules.enter(_signed(plan), "C1", CHECKS["C1"], NOW))
    assert _why(rules.enter(once, "C2", CHECKS["C1"], NOW)) is KeyRefusal.COMPONENT_REPEATED


def test_a_component_may_be_refused_before_the_vault_sees_it() -> None:
    """P13: who may not enter is told so before anything is typed in."""
    for ceremony, custodian, wanted in (
        (_entered(1), "C1", KeyRefusal.ENTERED_ALREADY),
        (_entered(1), "S1", KeyRefusal.NOT_CUSTODIAN),
        (_proposed(), "C1", KeyRefusal.NOT_THIS_STEP),
        (_entered(3), "C1", KeyRefusal.NOT_THIS_STEP),
    ):
        refused = rules.may_enter(ceremony, custodian, NOW)
        assert refused is not None
        assert refused.reason is wanted


def test_nothing_is_combined_before_all_have_entered() -> None:
    """T15: of three components, none, one and two are not enough; three are."""
    for count in (0, 1, 2):
        assert _why(rules.combine(_entered(count), KEY_CHECK, NOW)) is KeyRefusal.NOT_THIS_STEP
    assert _yes(rules.combine(_entered(3), KEY_CHECK, NOW)).key_check == KEY_CHECK


def test_a_vault_is_unsealed_by_any_m_of_n() -> None:
    """T15: two of three suffice, whichever they are; a third is not asked for."""
    plan = replace(PLAN, act=KeyAct.UNSEAL, needed=2, key_check=b"")
    for pair in (("C1", "C2"), ("C1", "C3"), ("C3", "C2")):
        found = _signed(plan)
        for custodian in pair:
            found = _yes(rules.enter(found, custodian, CHECKS[custodian], NOW))
        assert found.is_complete
        third = ({"C1", "C2", "C3"} - set(pair)).pop()
        late = rules.enter(found, third, CHECKS[third], NOW)
        assert _why(late) is KeyRefusal.NOT_THIS_STEP
        assert _yes(rules.combine(found, KEY_CHECK, NOW)).state is CeremonyState.COMBINED


def test_a_key_whose_check_value_differs_is_not_taken() -> None:
    """I1: against the sender's check value when combining, and by the witness's own eyes."""
    other = bytes(5)
    assert _why(rules.combine(_entered(3), other, NOW)) is KeyRefusal.CHECK_VALUE_DIFFERS
    made_here = replace(PLAN, key_check=b"")
    combined = _yes(rules.combine(_entered(3, made_here), other, NOW))
    assert _why(rules.compare(combined, "W", KEY_CHECK, NOW)) is KeyRefusal.CHECK_VALUE_DIFFERS
    for who in ("S1", "S2", "C1", "X"):
        assert _why(rules.compare(combined, who, other, NOW)) is KeyRefusal.NOT_WITNESS
    assert _yes(rules.compare(combined, "W", other, NOW)).state is CeremonyState.COMPARED


@pytest.mark.parametrize(
    "change",
    [
        {"number": "8"},
        {"act": KeyAct.UNSEAL},
        {"key": KeyName("PUK")},
        {"key": KeyName("IRK", 2)},
        {"purpose": Purpose.EXTERNAL},
        {"custodians": ("C1", "C3", "C2")},
        {"needed": 2},
        {"witness": "V"},
        {"mode": Mode.DRILL},
        {"component_checks": ()},
        {"key_check": b""},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_word_of_a_plan_is_under_its_hash(change: dict[str, object]) -> None:
    """P12: what two people signed cannot become something else."""
    assert replace(PLAN, **change).hash != PLAN.hash  # type: ignore[arg-type]


PEOPLE = ("S1", "S2", "S9", "C1", "C2", "C3", "W", "X")
SCRIPT = st.tuples(
    st.sampled_from(CeremonyMove), st.sampled_from(PEOPLE), st.integers(0, 3), st.integers(0, 30)
)


def _walk(ceremony: Ceremony, step: tuple[CeremonyMove, str, int, int]) -> Ceremony:
    wanted, who, value, hours = step
    at = NOW + hours * HOUR
    check = [KEY_CHECK, *CHECKS.values()][value]
    found: Accepted[Ceremony] | Refused
    if wanted is CeremonyMove.SIGN:
        entitled = Entitled.NO if who == "X" else Entitled.YES
        hashed = PLAN.hash if value else bytes(32)
        found = rules.sign(ceremony, hashed, who, at, entitled=entitled)
    elif wanted is CeremonyMove.ENTER:
        found = rules.enter(ceremony, who, check, at)
    elif wanted is CeremonyMove.COMBINE:
        found = rules.combine(ceremony, check, at)
    elif wanted is CeremonyMove.COMPARE:
        found = rules.compare(ceremony, who, check, at)
    else:
        found = _tried(ceremony, wanted, at)
    return found.value if isinstance(found, Accepted) else ceremony


RIGHT = [
    (CeremonyMove.SIGN, "S2", 1, 0),
    *[(CeremonyMove.ENTER, f"C{n}", n, 0) for n in (1, 2, 3)],
    (CeremonyMove.COMBINE, "X", 0, 0),
    (CeremonyMove.COMPARE, "W", 0, 0),
    (CeremonyMove.CLOSE, "X", 0, 0),
]


@settings(max_examples=400, deadline=None)
@given(noise=st.lists(st.tuples(st.integers(0, 7), SCRIPT), max_size=30))
def test_whatever_people_try_a_closed_ceremony_was_a_right_one(
    noise: list[tuple[int, tuple[CeremonyMove, str, int, int]]],
) -> None:
    """P12, T15: the right steps with anything anyone may try in between them."""
    gains = frozenset({"S9"})
    ceremony = _yes(rules.propose(PLAN, "S1", NOW, entitled=Entitled.YES, beneficiaries=gains))
    steps = list(RIGHT)
    for place, step in noise:
        steps.insert(place, step)
    for step in steps:
        before = ceremony
        ceremony = _walk(ceremony, step)
        if before.state not in OPEN:
            assert ceremony == before
    if ceremony.state is not CeremonyState.CLOSED:
        return
    assert len(set(ceremony.request.signers)) >= 2
    assert not set(ceremony.request.signers) & {"S9", "X", "W", *PLAN.custodians}
    assert sorted(ceremony.entered) == ["C1", "C2", "C3"]
    assert {e.custodian: e.check for e in ceremony.entries} == CHECKS
    assert ceremony.key_check == KEY_CHECK


def test_the_right_steps_alone_close_a_ceremony() -> None:
    """P12: the walk above can reach its end."""
    ceremony = _proposed()
    for step in RIGHT:
        ceremony = _walk(ceremony, step)
    assert ceremony.state is CeremonyState.CLOSED
    assert set(MOVES.values()) == set(CeremonyState) - {CeremonyState.PROPOSED}
