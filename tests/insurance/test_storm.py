"""Thousands of messages doubled, reordered and reversed at once: one effect, one answer (P6, X1).

Each visit has a life of eleven messages: registration, lines, two settlements of the same bill, a
refund, reversals of both settlements, a purchase and its reversal, an admission and its reversal.
They are sent by several connections at once in an order nobody chose, most of them more than once.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from minka.client import Bill
from minka.client.carrier import HttpCarrier
from tests.insurance.hall import Patient, Provider, Ward
from tests.insurance.raw import Letter, Said, letter, send
from tests.insurance.rows import line
from tests.insurance.test_reversal import admitting, buying, registering, reversing, settling

CONNECTIONS = 6
TOTAL = 20_000


@dataclass
class Life:
    """The messages of one visit and of what goes on beside it."""

    who: Patient
    opening: Letter
    mdtrt_id: str = ""
    rest: list[Letter] = field(default_factory=list)
    undone: dict[int, int] = field(default_factory=dict)
    """Original messages that are reversed, by the message that reverses them."""


def lives(here: Ward, count: int, seed: int) -> Iterator[Life]:
    """So many visits of a few people."""
    chance = random.Random(seed)
    people = [here.patient() for _ in range(max(2, count // 6))]
    for number in range(count):
        who = chance.choice(people)
        node = registering(here, who, f"X{seed}-{number}")
        yield Life(who, letter(here.hospital, "2201", data=node))


def live(here: Ward, life: Life) -> None:
    """What follows the registration, once the visit has its number."""
    who, psn_no = life.who, life.who.psn_no
    rows = [{"psn_no": psn_no, **line("B", life.mdtrt_id, TOTAL)}]
    bill = Bill("", psn_no, life.mdtrt_id, who.shows(), TOTAL, batch="B")
    settles = [settling(here, who, bill) for _ in range(2)]
    bought, admitted = buying(here, who), admitting(here, who)
    undone = [settles[0], bought, admitted]
    reversals = [reversing(here, who, each) for each in undone]
    life.undone = {each.msg_no: by.msg_no for each, by in zip(undone, reversals, strict=True)}
    setl_id = f"{settles[1].msg_no:018d}{7001:08d}"
    gone = {"psn_no": psn_no, "mdtrt_id": life.mdtrt_id, "setl_id": setl_id}
    life.rest = [
        letter(here.hospital, "2204", feedetail=rows),
        *settles,
        letter(here.hospital, "2208", data=gone),
        bought,
        admitted,
        *reversals,
    ]


Post = list[tuple[Provider, Letter]]


def deliver(post: Post, carriers: dict[int, list[HttpCarrier]]) -> dict[str, set[Said]]:
    """Send everything over several connections at once; what was answered to each key."""
    answers: dict[str, set[Said]] = defaultdict(set)

    def run(share: int) -> None:
        for provider, one in post[share::CONNECTIONS]:
            answers[one.msgid].add(send(provider, one, carriers[id(provider)][share]))

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for done in [pool.submit(run, share) for share in range(CONNECTIONS)]:
            done.result()
    return answers


def storm(here: Ward, count: int, seed: int) -> int:
    """One storm; gives the number of deliveries."""
    chance = random.Random(seed)
    both = (here.hospital, here.pharmacy)
    carriers = {
        id(each): [HttpCarrier(each.client.site) for _ in range(CONNECTIONS)] for each in both
    }
    all_lives = list(lives(here, count, seed))
    first: Post = [(here.hospital, life.opening) for life in all_lives for _ in range(2)]
    chance.shuffle(first)
    answers = deliver(first, carriers)
    for life in all_lives:
        number = "select visit_no from visit where person_id = %s and ipt_otp_no = %s"
        mark = f"X{seed}-{all_lives.index(life)}"
        life.mdtrt_id = str(here.count(number, life.who.who.person_id, mark))
        live(here, life)
    post: Post = []
    for life in all_lives:
        for one in life.rest:
            provider = here.pharmacy if one.msgid.startswith("P") else here.hospital
            post += [(provider, one)] * chance.choice((1, 2, 2, 3))
    chance.shuffle(post)
    answers |= deliver(post, carriers)
    late = deliver(chance.sample(post, len(post) // 10), carriers)
    for opened in carriers.values():
        for carrier in opened:
            carrier.close()
    for key, said in late.items():
        answers[key] |= said
    check(here, all_lives, answers)
    return len(first) + len(post) + len(post) // 10


def check(here: Ward, all_lives: list[Life], answers: dict[str, set[Said]]) -> None:
    """One answer to each key; what was reversed nets to zero; a bill stands once at most."""
    several = {key: said for key, said in answers.items() if len(said) > 1}
    assert several == {}
    for life in all_lives:
        visit, person = life.mdtrt_id, life.who.who.person_id
        stands = here.count(
            "select coalesce(sum(total), 0)::bigint from settlement where visit_no = %s", visit
        )
        assert stands in (0, TOTAL)
        uploads = "select count(*) from fee_upload where visit_no = %s"
        assert here.count(uploads, visit) == 1
        for of in life.undone:
            assert here.count(_NET, of, of, person) == 0
    admitted = "select count(*) from visit v where basis = 4 and not exists (select from visit_step"
    admitted += " s where s.visit_no = v.visit_no)"
    assert here.count(admitted) == 0
    assert here.differences() == []


_NET = (
    "select coalesce(sum(total), 0)::bigint from settlement"
    " where (msg_no = %s or of_msg_no = %s) and person_id = %s"
)


def test_two_thousand_messages_in_no_order(here: Ward) -> None:
    """One effect and one answer each, and every reversed message nets to zero (X1, P6, P9)."""
    assert storm(here, 75, 1) >= 1_500


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(2, 52))
def test_a_hundred_thousand_messages_in_no_order(here: Ward, seed: int) -> None:
    """The same two thousand deliveries at a time, fifty times over."""
    assert storm(here, 100, seed) >= 2_000


def test_charges_taken_back_while_they_are_settled(here: Ward) -> None:
    """2207 and 2205 of one bill at the same instant: settled and kept, or taken back (P9)."""
    who = here.patient()
    for _ in range(20):
        bill = here.hospital.bill(who, TOTAL)
        gone = {"psn_no": who.psn_no, "mdtrt_id": bill.mdtrt_id, "chrg_bchno": bill.batch}
        both = [settling(here, who, bill), letter(here.hospital, "2205", data=gone)]
        carriers = {
            id(here.hospital): [HttpCarrier(here.hospital.client.site) for _ in range(CONNECTIONS)]
        }
        answers = deliver([(here.hospital, each) for each in both], carriers)
        settled, taken = (next(iter(answers[each.msgid])).done for each in both)
        assert settled + taken == 1
        left = "select sum(total)::bigint from fee_upload where visit_no = %s"
        assert here.count(left, bill.mdtrt_id) == TOTAL * settled
    assert here.differences() == []


def test_a_message_that_comes_at_once_from_everywhere(here: Ward) -> None:
    """Twelve deliveries of one key at the same instant: one visit, one answer (X1)."""
    who = here.patient()
    one = letter(here.hospital, "2201", data=registering(here, who, "SAME"))
    carriers: dict[int, list[Any]] = {
        id(here.hospital): [HttpCarrier(here.hospital.client.site) for _ in range(CONNECTIONS)]
    }
    answers = deliver([(here.hospital, one)] * 12, carriers)
    assert [len(said) for said in answers.values()] == [1]
    assert here.count("select count(*) from visit where person_id = %s", who.who.person_id) == 1
