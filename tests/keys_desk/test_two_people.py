"""Every act on keys, every post, both signatures: P12, K4, T15."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any, TypeVar

import django
import psycopg
import pytest
from psycopg.errors import CheckViolation, UniqueViolation

from minka.desk.act import Answer
from minka.desk.approval import Approve, Propose, approve, propose
from minka.desk.keys_signed import PERFORM, STOPS
from minka.desk.privileged import ON_KEYS
from tests.desk.staff import by, dismiss, hire
from tests.keys_desk.ward import GUARD, KEEPER, STAFF, Ward, parts_of

django.setup()

from minka.store.models import Operator  # noqa: E402  # needs Django's settings

POSTS = [role for role, _ in Operator.ROLES]
PROPOSE = {act: {KEEPER, GUARD} if act in STOPS else {KEEPER} for act in PERFORM}
APPROVE = {act: {KEEPER, GUARD} if act in STOPS else {GUARD} for act in PERFORM}
RACES = 24
NIGHTLY_RACES = 10_000

Content = Mapping[str, Any]
Made = Callable[[Ward, str], Content]
T = TypeVar("T")


def somebody(role: str) -> str:
    """The staff number of the one who is in a post for these tests."""
    return f"p-{role[:12]}"


def signers(held_for: str) -> tuple[str, str]:
    """Two who gain nothing by what is held for another."""
    return (
        "keeper2" if held_for == "keeper" else "keeper",
        "guard2" if held_for == "guard" else "guard",
    )


def plan(ward: Ward, held_for: str) -> Content:
    """A key to be made."""
    return {"name": ward.fresh(), "purpose": "transport", "held_for": held_for}


def ceremony(ward: Ward, held_for: str) -> Content:
    """A ceremony to be opened."""
    people = {"custodians": "cust1 cust2", "witness": "witness"}
    return {**plan(ward, held_for), **people}


def ready(ward: Ward, held_for: str) -> Content:
    """A ceremony whose parts are all entered and compared."""
    first, second = signers(held_for)
    opened = ward.sign(ward.propose("start_ceremony", first, **ceremony(ward, held_for)), second)
    number = opened.facts["ceremony_no"]
    ward.entered(number, parts_of("cust1", "cust2"))
    return {"ceremony_no": number}


def key_at(*path: str, **more: object) -> Made:
    """A key that was taken along a path."""

    def made(ward: Ward, held_for: str) -> Content:
        first, second = signers(held_for)
        wanted = {**plan(ward, held_for), "export": "under_transport"}
        number = ward.sign(ward.propose("generate_key", first, **wanted), second).facts["key_no"]
        for act in path:
            assert ward.sign(ward.propose(act, first, key_no=number), second).accepted
        return {"key_no": number, **more}

    return made


def exported(ward: Ward, held_for: str) -> Content:
    """A key and the transport key it would leave under."""
    under = ward.key("activate_key", purpose="transport")
    key = key_at("activate_key")(ward, held_for)
    return {**key, "under_no": under, "receiver": "post:factory"}


CONTENTS: dict[str, Made] = {
    "generate_key": plan,
    "start_ceremony": ceremony,
    "import_key": ready,
    "activate_key": key_at(),
    "suspend_key": key_at("activate_key"),
    "resume_key": key_at("activate_key", "suspend_key"),
    "rotate_key": key_at("activate_key", verifies_until="2050-01-01"),
    "limit_key": key_at(use_limit=10),
    "export_key": exported,
    "deactivate_key": key_at("activate_key"),
    "compromise_key": key_at("activate_key"),
    "destroy_key": key_at(),
}


@pytest.fixture(scope="module", autouse=True)
def _posts(ward: Ward) -> None:
    """One more member of staff in every post, and one who left."""
    for role in POSTS:
        hire(ward.url, somebody(role), role)
        STAFF[somebody(role)] = role
    for number, role in (("left-keeper", KEEPER), ("left-guard", GUARD)):
        hire(ward.url, number, role)
        STAFF[number] = role
        dismiss(ward.url, number)


def asked(ward: Ward, act: str, content: Content, who: str, role: str = "") -> Answer:
    """What becomes of a proposal."""
    said = {name: str(value) for name, value in content.items()}
    return propose(ward.office, by(who, role or STAFF[who]), Propose(act, said))


def test_every_act_is_in_the_matrix() -> None:
    """P12: no act on keys escapes the tests below."""
    assert set(CONTENTS) == set(PERFORM) == set(ON_KEYS)
    assert {act: set(ON_KEYS[act].proposers) for act in PERFORM} == PROPOSE
    assert {act: set(ON_KEYS[act].approvers) for act in PERFORM} == APPROVE
    assert len(POSTS) == 12


@pytest.mark.parametrize("act", list(PERFORM))
def test_who_may_propose(ward: Ward, act: str) -> None:
    """P12: every post x this act x proposer; a post only claimed, one ended, nobody on file."""
    content = CONTENTS[act](ward, "")
    found = {role: asked(ward, act, content, somebody(role)).code for role in POSTS}
    wanted = {role: "accepted" if role in PROPOSE[act] else "desk.not_allowed" for role in POSTS}
    assert found == wanted
    for who, role in ((somebody("auditor"), KEEPER), ("left-keeper", KEEPER), ("nobody", KEEPER)):
        assert asked(ward, act, content, who, role).code == "desk.not_allowed"


@pytest.mark.parametrize("act", list(PERFORM))
def test_who_may_approve(ward: Ward, act: str) -> None:
    """P12: every post x this act x approver; refused ones leave everything as it was."""
    first = ward.propose(act, **CONTENTS[act](ward, ""))
    count = "select count(*) from key_event"
    before = ward.one(count)
    refused = [role for role in POSTS if role not in APPROVE[act]]
    found = {role: ward.sign(first, somebody(role)).code for role in refused}
    assert found == dict.fromkeys(refused, "desk.not_allowed")
    for who, role in ((somebody("auditor"), GUARD), ("left-guard", GUARD), ("nobody", GUARD)):
        assert ward.sign(first, who, role).code == "desk.not_allowed"
    own = "desk.same_person" if act in STOPS else "desk.not_allowed"
    assert ward.sign(first, "keeper").code == own
    assert ward.one(count) == before
    for number, role in enumerate(sorted(APPROVE[act])):
        if number:
            first = ward.propose(act, **CONTENTS[act](ward, ""))
        answer = ward.sign(first, somebody(role))
        assert answer.accepted, answer
        assert ward.sign(first, "guard2").code == "desk.approval_done"


@pytest.mark.parametrize("act", list(PERFORM))
def test_who_gains_signs_neither_part(ward: Ward, act: str) -> None:
    """P12: whom a key is held for, and the same person under another number, does not sign."""
    content = CONTENTS[act](ward, "guard")
    first = ward.propose(act, **content)
    assert ward.sign(first, "guard").code == "desk.same_person"
    other = CONTENTS[act](ward, "keeper")
    assert asked(ward, act, other, "keeper").code == "desk.same_person"
    act_id = first.facts["act_id"]
    statement = (
        "insert into two_person_signature select act_id, 'approve', 'guard', content_hash,"
        " beneficiary, signed_at from two_person_signature where act_id = %s"
    )
    with pytest.raises(CheckViolation), psycopg.connect(ward.url) as connection:
        connection.execute(statement, (act_id,))
    with pytest.raises(CheckViolation), psycopg.connect(ward.url) as connection:
        connection.execute("insert into two_person_beneficiary values (%s, 'guard2')", (act_id,))
    assert ward.sign(first, "guard2").accepted


@pytest.mark.parametrize("act", list(PERFORM))
def test_an_act_stands_for_a_day(ward: Ward, act: str) -> None:
    """P12: 24 hours, by the desk and by the table itself; what was shown is what is signed."""
    first = ward.propose(act, **CONTENTS[act](ward, ""))
    changed = Approve(first.facts["act_id"], "00" * 32)
    answer = approve(ward.office, by("guard", GUARD), changed)
    assert answer.code == "desk.approval_changed"
    ward.turned(timedelta(hours=24, seconds=1))
    late = ward.sign(first)
    ward.turned(timedelta(hours=-24, seconds=-1))
    assert late.code == "desk.approval_expired"
    statement = (
        "insert into two_person_signature select act_id, 'approve', 'guard', content_hash,"
        " beneficiary, signed_at + interval '24 hours' from two_person_signature where act_id = %s"
    )
    with pytest.raises(CheckViolation), psycopg.connect(ward.url) as connection:
        connection.execute(statement, (first.facts["act_id"],))


def test_two_numbers_of_one_person_are_one_signer(ward: Ward) -> None:
    """P12: a keeper who is also a guard, and a holder under a second number."""
    for number, role in (("both-k", KEEPER), ("both-g", GUARD)):
        hire(ward.url, number, role, person_id=815)
        STAFF[number] = role
    for act in PERFORM:
        first = asked(ward, act, CONTENTS[act](ward, ""), "both-k")
        assert ward.sign(first, "both-g").code == "desk.same_person"
        held = CONTENTS[act](ward, "both-k")
        assert ward.sign(ward.propose(act, **held), "both-g").code == "desk.same_person"


def test_a_post_that_gains_does_not_sign(ward: Ward) -> None:
    """P12: a key held for a whole post: none of its staff, whatever else they are."""
    hire(ward.url, "maker", "factory", person_id=99)
    hire(ward.url, "maker-guard", GUARD, person_id=99)
    STAFF["maker-guard"] = GUARD
    first = ward.propose("generate_key", **plan(ward, "post:factory"))
    assert ward.sign(first, "maker-guard").code == "desk.same_person"
    assert ward.sign(first).accepted


def test_a_hundred_approvals_have_one_effect(ward: Ward) -> None:
    """P12, P6: one does it, the others are told who did."""
    first = ward.propose("generate_key", **plan(ward, ""))
    with ThreadPoolExecutor(16) as hands:
        answers = list(hands.map(lambda n: ward.sign(first, ("guard", "guard2")[n % 2]), range(60)))
    assert sum(answer.accepted for answer in answers) == 1
    assert {answer.code for answer in answers} == {"accepted", "desk.approval_done"}


def race(ward: Ward, rounds: int) -> tuple[int, int]:
    """Approve while the approver's post ends; how often each came first. Nothing in between."""
    first_of_two = {"signed": 0, "ended": 0}
    for number in range(rounds):
        who = f"r{number}-{secrets.token_hex(4)}"
        hire(ward.url, who, GUARD)
        STAFF[who] = GUARD
        key_no = ward.key() if number == 0 else _again(ward)
        first = ward.propose("limit_key", key_no=key_no, use_limit=number + 1)
        start = Barrier(2)
        with ThreadPoolExecutor(2) as hands:
            signing = hands.submit(_after, start, lambda: ward.sign(first, who))  # noqa: B023
            ending = hands.submit(_after, start, lambda: end(ward, who))  # noqa: B023
            answer, seen = signing.result(), ending.result()
        signature = (
            "select count(*) from two_person_signature where signer = %s and part = 'approve'"
        )
        there = ward.one(signature, who)
        assert there == answer.accepted == seen, (who, there, answer.code, seen)
        assert answer.code in ("accepted", "desk.not_allowed")
        first_of_two["signed" if seen else "ended"] += 1
    return first_of_two["signed"], first_of_two["ended"]


def _again(ward: Ward) -> int:
    found: int = ward.one("select max(key_no) from key_event where act = 'generate_key'")
    return found


def _after(start: Barrier, work: Callable[[], T]) -> T:
    start.wait()
    return work()


def end(ward: Ward, who: str) -> int:
    """End a post; how many approvals of its holder were committed when it had ended."""
    with psycopg.connect(ward.url) as connection:
        connection.execute(
            "update operator set valid_until = date '2020-01-01' where staff_number = %s", (who,)
        )
        found = connection.execute(
            "select count(*) from two_person_signature where signer = %s and part = 'approve'",
            (who,),
        ).fetchone()
    assert found is not None
    return int(found[0])


def test_nobody_signs_whose_post_has_ended(ward: Ward) -> None:
    """P12: whoever ends a post sees every signature it will ever have."""
    signed, ended = race(ward, RACES)
    assert signed + ended == RACES


@pytest.mark.nightly
def test_nobody_signs_whose_post_has_ended_in_many_races(ward: Ward) -> None:
    """P12: 10^4 races, and both orders are seen."""
    signed, ended = race(ward, NIGHTLY_RACES)
    assert min(signed, ended) > NIGHTLY_RACES // 100


def test_one_signer_puts_down_one_signature(ward: Ward) -> None:
    """P12, by constraint."""
    first = ward.propose("generate_key", **plan(ward, ""))
    statement = (
        "insert into two_person_signature select act_id, 'approve', signer, content_hash,"
        " beneficiary, signed_at from two_person_signature where act_id = %s"
    )
    with pytest.raises(UniqueViolation), psycopg.connect(ward.url) as connection:
        connection.execute(statement, (first.facts["act_id"],))
