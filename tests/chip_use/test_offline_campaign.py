"""No counter is paid twice, whatever tills bring in: drawn at random, and raced (T10, P8)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from time import sleep

import pytest

from minka.cards.card import Standing
from minka.desk.chip_offline import UploadOffline, upload
from minka.desk.chip_offline_rules import (
    FINDINGS,
    OWNERS,
    STOPS,
    Finding,
    Known,
    Outcome,
    Purchase,
    judge,
    missing,
)
from minka.desk.office import Office
from minka.law.chip import ChipRules, read
from tests.chip_use.town import TILL, VAULT, bought, now, set_up_till, settle
from tests.desk.town import request

RULES = replace(read().on("R1", date(2026, 11, 22)), day_uses=10**6, day_fen=10**9)
"""A day without limits, so that counters are what decides."""
AT = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
USABLE, STOPPED = [Standing.USABLE], list(STOPS)


def draw(random: Random) -> tuple[Purchase, int]:
    """A record as honest and dishonest tills bring them; its card."""
    claimed = AT - timedelta(minutes=random.randrange(-5, 3000))
    made = Purchase(
        id_code=b"",
        card_seq=random.randrange(1, 400),
        terminal_seq=random.randrange(1, 40),
        account_fen=random.choice((0, 100, 900, 25_000, -1)),
        self_fen=random.choice((0, 50)),
        pooled_fen=0,
        claimed_at=claimed,
        tac=b"",
        list_version=random.randrange(3),
        list_at=claimed - timedelta(hours=random.choice((1, 23, 25))),
        synced_at=claimed - timedelta(hours=random.choice((-1, 1))),
    )
    return made, random.randrange(40)


class Centre:
    """The centre's memory: what it has seen of every card."""

    def __init__(self, *, remembers: int = 1) -> None:
        self.remembers = remembers
        self.seen: dict[int, set[int]] = {}
        self.posted: dict[int, list[tuple[int, int, datetime]]] = {}
        self.accepted_twice = self.paid_while_stopped = 0

    def take(self, random: Random, rules: ChipRules) -> Outcome:
        """One record comes in."""
        purchase, card = draw(random)
        seen, posted = self.seen.setdefault(card, set()), self.posted.setdefault(card, [])
        if len(seen) > 250:
            seen.clear()
            posted.clear()
        standing = random.choices(USABLE + STOPPED, (9, 1, 1, 1))[0]
        known = Known(
            at=AT,
            tac_right=int(random.random() < 0.97),
            device_in_use=int(random.random() < 0.99),
            standing=standing,
            posted=[(fen, at) for _, fen, at in posted],
            seen=frozenset(seen) if self.remembers else frozenset(),
            terminal_repeats=0,
            listed_in=random.choice((None, None, 1)),
            free_fen=50_000,
        )
        judged = judge(purchase, known, rules)
        if judged.outcome is Outcome.POSTED:
            self.accepted_twice += purchase.card_seq in seen
            self.paid_while_stopped += standing is not Standing.USABLE
            posted.append((purchase.card_seq, purchase.total_fen, purchase.claimed_at))
        if judged.outcome is not Outcome.REJECTED:
            seen.add(purchase.card_seq)
        assert (judged.outcome is Outcome.POSTED) or judged.findings
        return judged.outcome


@pytest.mark.parametrize("records", [10_000, pytest.param(1_000_000, marks=pytest.mark.nightly)])
def test_no_counter_is_accepted_twice(records: int) -> None:
    """Duplicate counters accepted: 0 of 10^6 (nightly), 0 of 10^4 here (T10); P8 for every one."""
    random, centre = Random(20261122), Centre()
    outcomes = [centre.take(random, RULES) for _ in range(records)]
    assert (centre.accepted_twice, centre.paid_while_stopped) == (0, 0)
    assert all(outcomes.count(each) > records // 100 for each in Outcome)


def test_a_centre_that_forgets_pays_twice() -> None:
    """The campaign sees what it is looking for: without the counters seen, it finds duplicates."""
    random, centre = Random(1), Centre(remembers=0)
    for _ in range(2_000):
        centre.take(random, RULES)
    assert centre.accepted_twice > 0


def test_every_finding_has_words_and_an_owner() -> None:
    """Nobody asks whose it is."""
    assert set(FINDINGS) == set(OWNERS) == set(Finding)
    assert missing([3, 7, 4]) == [5, 6]
    assert missing([]) == []


@pytest.mark.parametrize("rounds", [4, pytest.param(200, marks=pytest.mark.nightly)])
def test_one_counter_raced_by_many_tills(office: Office, rounds: int) -> None:
    """Eight tills bring one counter in at the same instant: one pays, the register sees to it."""
    tills = [f"9901000001{n:02d}" for n in range(8)]
    for till in (TILL, *tills):
        set_up_till(office, till)
    holders = [settle(office) for _ in range(rounds)]
    sleep(1.1)
    at = now(office)
    for turn, holder in enumerate(holders):

        def bring(place: int) -> str:
            twin = bought(holder, 1, at, account_fen=100 + place)  # noqa: B023
            command = UploadOffline(TILL, f"race{turn}-{place}", (twin,))  # noqa: B023
            return str(upload(office, request(), command, VAULT)[1].facts["outcome"])

        with ThreadPoolExecutor(8) as hands:
            outcomes = list(hands.map(bring, range(8)))
        assert outcomes.count("posted") == 1, outcomes
        assert outcomes.count("disputed") == 7


def test_the_same_purchase_under_other_words(office: Office) -> None:
    """A time written in another zone is the same purchase; another amount is another one."""
    set_up_till(office)
    holder = settle(office)
    sleep(1.1)
    first = bought(holder, 1, now(office))
    other = replace(first, claimed_at=first.claimed_at.astimezone())
    told = [
        upload(office, request(), UploadOffline(TILL, f"z{n}", (each,)), VAULT)[1].facts["findings"]
        for n, each in enumerate((first, other))
    ]
    assert told == ["", "again"]
