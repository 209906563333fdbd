"""Random sequences of acts, one after another and all at once, keep the books: P7, K6, X38, I6."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minka.desk import account_look as look
from minka.desk.account_origin import origins
from minka.desk.hold import HoldMoney, PostHold, ReleaseHold, hold_money, post_hold, release_hold
from minka.desk.ledger import OpenBalance, open_balance
from minka.desk.office import Office
from minka.desk.verify import verify
from tests.desk.money_town import HOSPITAL, Settled, found_area, insure, settle
from tests.desk.town import Resident, request

EARLY, LATE = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
STEP = st.tuples(st.sampled_from(["hold", "post", "release", "pay", "refund"]), st.integers(1, 999))


@pytest.fixture(scope="module", autouse=True)
def _area(office: Office) -> None:
    found_area(office)
    with office.register.act() as connection:
        connection.execute("insert into designation values (%s, 310, '2020-01-01')", (HOSPITAL,))


def soon() -> datetime:
    """An instant until which money may be held."""
    return datetime.now(UTC) + timedelta(days=3)


class Model:
    """What the account must be, counted beside the books."""

    def __init__(self, office: Office, someone: Resident, fen: int) -> None:
        self.office, self.someone, self.fen = office, someone, fen
        self.holds: dict[str, int] = {}
        self.paid: list[tuple[Settled, int]] = []

    def step(self, what: str, fen: int) -> None:
        """One act; the books must answer as the model does."""
        who, office = self.someone.person_id, self.office
        if what == "hold":
            answer = hold_money(office, request(), HoldMoney(who, HOSPITAL, fen, soon()))
            assert bool(answer.accepted) == (fen <= self.fen - sum(self.holds.values())), answer
            if answer.accepted:
                self.holds[answer.facts["ref"]] = fen
        elif what in ("post", "release") and self.holds:
            ref, held = self.holds.popitem()
            part = min(fen, held)
            if what == "post":
                assert post_hold(office, request(), PostHold(who, ref, part)).accepted
                self.fen -= part
            else:
                assert release_hold(office, request(), ReleaseHold(who, ref)).accepted
            ended = release_hold(office, request(), ReleaseHold(who, ref))
            assert ended.code == "accounts.hold_ended"
        elif what == "pay" and fen <= self.fen - sum(self.holds.values()):
            self.paid.append((settle(office, who, in_scope=fen, account=fen), fen))
            self.fen -= fen
        elif what == "refund" and self.paid:
            key, spent = self.paid.pop()
            of = {"kind": 2, "of_msg_no": key.msg_no, "of_origin_no": HOSPITAL}
            settle(office, who, in_scope=spent, account=spent, **of)
            self.fen += spent

    def agrees(self) -> None:
        """Balance, held sum and lineage are the model's."""
        found = look.balance(self.office, self.someone.person_id)
        assert found is not None
        assert (found.fen, found.held_fen) == (self.fen, sum(self.holds.values()))
        traced = origins(self.office, self.someone.person_id)
        assert traced is not None
        assert sum(each.amount_fen for each in traced.left) == self.fen
        for payment in traced.payments:
            assert sum(each.amount_fen for each in payment.sources) == payment.amount_fen


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(opening=st.integers(1, 3000), steps=st.lists(STEP, max_size=12))
def test_any_sequence_keeps_the_books(
    office: Office, opening: int, steps: list[tuple[str, int]]
) -> None:
    """P7, K6, X38, X39: balance, holds and lineage agree with a model after every sequence."""
    someone = insure(office)
    assert open_balance(office, request(), OpenBalance(someone.person_id, opening, "x")).accepted
    model = Model(office, someone, opening)
    for what, fen in steps:
        model.step(what, fen)
    model.agrees()
    for row in look.movements(office, someone.person_id, EARLY, LATE):
        at = look.balance(office, someone.person_id, row.at)
        assert at is not None
        assert at.fen == row.balance_fen >= at.held_fen


def test_all_those_sequences_together_verify(office: Office) -> None:
    """P7: the register that the sequences left has no differences."""
    assert verify(office.register).differences == 0


def test_holds_at_once_never_promise_money_twice(office: Office) -> None:
    """X38, K6: forty holds of 300 on 5,000 fen from eight hands: sixteen stand."""
    someone = insure(office)
    assert open_balance(office, request(), OpenBalance(someone.person_id, 5_000, "x")).accepted
    until = soon()

    def ask(_: int) -> str:
        command = HoldMoney(someone.person_id, HOSPITAL, 300, until)
        return str(hold_money(office, request(), command).code)

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(ask, range(40)))
    assert codes.count("accepted") == 16
    assert codes.count("accounts.balance_short") == 24
    found = look.balance(office, someone.person_id)
    assert found is not None
    assert (found.fen, found.held_fen) == (5_000, 4_800)


def test_one_key_at_once_is_one_hold(office: Office) -> None:
    """X1: sixteen sendings of one request are one hold and one answer."""
    someone = insure(office)
    assert open_balance(office, request(), OpenBalance(someone.person_id, 5_000, "x")).accepted
    asked, command = request(), HoldMoney(someone.person_id, HOSPITAL, 300, soon())
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: hold_money(office, asked, command), range(16)))
    assert len({each.facts["ref"] for each in answers}) == 1
    found = look.balance(office, someone.person_id)
    assert found is not None
    assert found.held_fen == 300


def test_a_hold_ended_by_many_at_once_ends_once(office: Office, database_url: str) -> None:
    """X38: posts and releases of one hold from eight hands: one is done."""
    someone = insure(office)
    assert open_balance(office, request(), OpenBalance(someone.person_id, 5_000, "x")).accepted
    held = hold_money(office, request(), HoldMoney(someone.person_id, HOSPITAL, 3_000, soon()))
    ref, who = held.facts["ref"], someone.person_id

    def end(number: int) -> str:
        if number % 2:
            return str(post_hold(office, request(), PostHold(who, ref, 1_000)).code)
        return str(release_hold(office, request(), ReleaseHold(who, ref)).code)

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(end, range(16)))
    assert sorted(set(codes)) == ["accepted", "accounts.hold_ended"]
    assert codes.count("accepted") == 1


def test_everything_at_once_keeps_the_books(office: Office) -> None:
    """P7, K6: six hands mix every act on four people; nothing is negative, nothing is lost."""
    people = [insure(office) for _ in range(4)]
    for each in people:
        opening = OpenBalance(each.person_id, 3_000, "x")
        assert open_balance(office, request(), opening).accepted

    def hand(seed: int) -> None:
        rnd = random.Random(seed)
        holds: list[tuple[int, str]] = []
        for _ in range(15):
            who, fen = rnd.choice(people).person_id, rnd.randint(1, 900)
            if holds and rnd.random() < 0.5:
                owner, ref = holds.pop()
                if rnd.random() < 0.5:
                    post_hold(office, request(), PostHold(owner, ref, min(fen, 100)))
                else:
                    release_hold(office, request(), ReleaseHold(owner, ref))
                continue
            answer = hold_money(office, request(), HoldMoney(who, HOSPITAL, fen, soon()))
            if answer.accepted:
                holds.append((who, answer.facts["ref"]))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(hand, range(6)))
    found = verify(office.register)
    assert found.differences == 0, found.shown
