"""A lane on the real register: one key one effect, refunds, reversals, blocks (P1, P6, P7, P9)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from minka.bench import load_city
from minka.bench.load_city import Town
from minka.care.entry import Entry
from minka.care.refusals import CareRefusal
from minka.cipher.field import SoftFieldKeys
from minka.desk.office import Office
from minka.desk.refusals import DeskRefusal
from minka.desk.settle_job import Job, Outcome, Task, Verdict
from tests.settle.lanes import Counter, counter, value

TOWN = Town(people=400, bills=400, blocked_e4=5, poor_e4=500)


@pytest.fixture(scope="module")
def window(database_url: str, office: Office, keys: SoftFieldKeys) -> Iterator[Counter]:
    """A settlement window on a fresh town."""
    with counter(database_url, office, keys, TOWN) as made:
        yield made


def settled(outcome: Outcome) -> Entry:
    """The row of a settlement that was made."""
    assert outcome.verdict is Verdict.DONE, outcome.code
    assert outcome.entry is not None
    return outcome.entry


def one(window: Counter, job: Job) -> Outcome:
    """The answer to one job."""
    return window.run(answer_of(window, [job]))[0]


async def answer_of(window: Counter, jobs: list[Job]) -> list[Outcome]:
    """Answers in a lane of their own; futures belong to the loop that made them."""
    fresh = [Job(**{name: getattr(job, name) for name in _ASKED}) for job in jobs]
    return await window.answers(fresh)


_ASKED = (
    *("task", "msg_no", "origin_no", "person_id", "infno", "ask", "visit_no", "batch"),
    *("of_msg_no", "of_origin_no", "content_hash", "provider_no", "served_on", "due", "basis"),
)


def made(window: Counter, bill: int, **other: Any) -> Job:
    """A job made inside a loop of its own."""

    async def make() -> Job:
        return window.bill(bill, **other)

    return window.run(make())


def undoing(window: Counter, of: Job, task: Task, **other: object) -> Job:
    """An undoing made inside a loop of its own."""

    async def make() -> Job:
        return window.undoing(of, task, **other)

    return window.run(make())


def balance(window: Counter, person_id: int) -> int:
    """The balance in the narrow row."""
    found: int = value(
        window.url, f"select balance_fen from coverage where person_id = {person_id}"
    )
    return found


def test_a_bill_is_settled_and_its_key_answers_for_ever(window: Counter) -> None:
    """D2, X1, P6: the same answer to the same key, another body under it is refused."""
    job = made(window, 1)
    before = balance(window, job.person_id)
    first = settled(one(window, job))
    assert first.total == load_city.bill_of(1)[0]
    assert first.total == first.fund + first.account + first.cash + first.hospital
    assert balance(window, job.person_id) == before - first.account == first.balance
    assert one(window, job) == one(window, job) == Outcome(Verdict.DONE, first)
    job.content_hash = b"another body"
    assert one(window, job).reason is DeskRefusal.KEY_REUSED


def test_a_settled_bill_is_not_settled_twice(window: Counter) -> None:
    """P6: another key for the same bill."""
    settled(one(window, made(window, 2)))
    assert one(window, made(window, 2)).reason is CareRefusal.ALREADY_SETTLED


def test_a_refund_gives_all_back_and_the_bill_may_be_settled_again(window: Counter) -> None:
    """X33: opposite amounts under a new number; the year's sums return to what they were."""
    job = made(window, 3)
    query = f"""select (balance_fen, op_deductible, op_scope, op_fund, pool_paid, own_scope)::text
        from coverage where person_id = {job.person_id}"""
    before = value(window.url, query)
    paid = settled(one(window, job))
    back = settled(one(window, undoing(window, job, Task.REFUND, visit_no=3)))
    assert (back.total, back.account, back.pool) == (-paid.total, -paid.account, -paid.pool)
    assert value(window.url, query) == before
    again = settled(one(window, made(window, 3)))
    assert (again.total, again.round) == (paid.total, 1)


def test_a_refund_is_given_once(window: Counter) -> None:
    """P6: two refunds under two keys."""
    job = made(window, 4)
    settled(one(window, job))
    settled(one(window, undoing(window, job, Task.REFUND)))
    second = one(window, undoing(window, job, Task.REFUND))
    assert second.reason is CareRefusal.ALREADY_UNDONE


def test_a_reversal_before_its_original_is_a_tombstone(window: Counter) -> None:
    """P9: the late original is refused, for ever; the person's money is untouched."""
    job = made(window, 5)
    before = balance(window, job.person_id)
    reversal = undoing(window, job, Task.REVERSE)
    assert one(window, reversal).verdict is Verdict.DONE
    assert one(window, reversal).verdict is Verdict.DONE
    assert one(window, job).reason is CareRefusal.REVERSED
    assert one(window, job).reason is CareRefusal.REVERSED
    assert balance(window, job.person_id) == before
    assert settled(one(window, made(window, 5))).total > 0


def test_a_reversal_repeated_has_one_effect(window: Counter) -> None:
    """P9: under its own key and under other keys, the net effect is nothing."""
    job = made(window, 6)
    before = balance(window, job.person_id)
    settled(one(window, job))
    reversal = undoing(window, job, Task.REVERSE)
    for each in (reversal, reversal, undoing(window, job, Task.REVERSE)):
        assert one(window, each).verdict is Verdict.DONE
    assert balance(window, job.person_id) == before


def test_a_refund_whose_answer_was_lost_can_be_reversed_and_given_again(window: Counter) -> None:
    """2601 of a 2208: the settlement stands again, and can be refunded again."""
    job = made(window, 7)
    paid = settled(one(window, job))
    refund = undoing(window, job, Task.REFUND)
    settled(one(window, refund))
    settled(one(window, undoing(window, refund, Task.REVERSE)))
    assert balance(window, job.person_id) == paid.balance
    assert one(window, made(window, 7)).reason is CareRefusal.ALREADY_SETTLED
    settled(one(window, undoing(window, job, Task.REFUND)))
    assert balance(window, job.person_id) == paid.balance + paid.account


def test_a_stranger_cannot_refund(window: Counter) -> None:
    """P17: another person's number, another provider's key, a number nobody has."""
    job = made(window, 8)
    settled(one(window, job))
    for other in ({"person_id": 1}, {"origin_no": job.origin_no + 1}, {"of_msg_no": 1}):
        answer = one(window, undoing(window, job, Task.REFUND, **other))
        assert answer.reason is CareRefusal.SETTLEMENT_UNKNOWN


def test_a_pre_settlement_leaves_nothing(window: Counter) -> None:
    """2206 is repeatable and says what 2207 will come to."""
    rows = "select count(*) from settlement"
    before = value(window.url, rows)
    quotes = [settled(one(window, made(window, 9, task=Task.PREVIEW, msg_no=0))) for _ in range(2)]
    assert value(window.url, rows) == before
    real = settled(one(window, made(window, 9)))
    assert {quote[20:38] for quote in quotes} == {real[20:38]}


def test_a_changed_total_is_refused(window: Counter) -> None:
    """2207 must mean the bill that stands here."""
    job = made(window, 10)
    job.ask = job.ask._replace(total=job.ask.total + 1)
    assert one(window, job).reason is CareRefusal.BILL_CHANGED


def test_a_stopped_card_is_refused_and_the_refusal_kept(window: Counter) -> None:
    """P11, P6: the cards of the first few people are lost in this town."""
    bill = next(
        b for b in range(330, 401) if load_city.is_blocked(load_city.holder_of(b, TOWN), TOWN)
    )
    job = made(window, bill)
    assert one(window, job).reason is CareRefusal.CARD_STOPPED
    assert one(window, job).reason is CareRefusal.CARD_STOPPED


def test_a_purchase_takes_from_the_account_alone(window: Counter) -> None:
    """G1, K6: never below zero, and the key answers again."""
    job = made(window, 11, task=Task.PURCHASE, visit_no=0, infno=200)
    before = balance(window, job.person_id)
    job.ask = job.ask._replace(total=before + 1)
    assert one(window, job).reason is CareRefusal.ACCOUNT_SHORT
    other = made(window, 11, task=Task.PURCHASE, visit_no=0, infno=200)
    other.ask = other.ask._replace(total=before)
    assert settled(one(window, other)).balance == 0
    assert settled(one(window, undoing(window, other, Task.REVERSE))).balance == before


def test_hundreds_at_once_with_duplicates_and_reversals_net_out(window: Counter) -> None:
    """P6, P7, P9: everything sent three times, shuffled, half of it reversed, in two lanes."""

    async def storm() -> list[Outcome]:
        jobs = []
        for bill in range(100, 300):
            job = window.bill(bill)
            again = [window.bill(bill, msg_no=job.msg_no) for _ in range(2)]
            jobs += [job, *again]
            if bill % 2:
                jobs.insert(bill % len(jobs), window.undoing(job, Task.REVERSE))
        return await window.answers(jobs, lanes=2)

    answers = window.run(storm())
    assert all(each.verdict in (Verdict.DONE, Verdict.REFUSED) for each in answers)
    net = """select count(*) from (select visit_no, sum(total) from settlement
        where visit_no between 100 and 299 and visit_no % 2 = 1 group by 1
        having sum(total) <> 0) x"""
    assert value(window.url, net) == 0
    doubled = """select count(*) from (select visit_no from settlement
        where kind = 1 and visit_no between 100 and 299 group by 1 having count(*) > 1) x"""
    assert value(window.url, doubled) == 0


def test_the_books_agree_with_the_journal(window: Counter) -> None:
    """P7, I6: sums are zero and every balance is the sum of its postings."""
    assert value(window.url, "select coalesce(sum(amount), 0) from posting") == 0
    wrong = """select count(*) from coverage c join (select person_id, sum(amount) as owed
        from posting where kind = 1 group by 1) p using (person_id)
        where p.owed <> c.balance_fen"""
    assert value(window.url, wrong) == 0


def test_a_request_nobody_foresaw_does_not_stop_the_writer(window: Counter) -> None:
    """One request breaks the statement of its batch; it alone has no outcome."""

    async def batch() -> list[Outcome]:
        jobs = [window.bill(bill) for bill in range(300, 310)]
        jobs[4].origin_no, jobs[4].infno = jobs[4].origin_no, 99_999_999
        return await window.answers(jobs)

    answers = window.run(batch())
    assert [each.verdict for each in answers].count(Verdict.DONE) >= 8
    assert answers[4].verdict is Verdict.UNKNOWN


def test_more_than_can_wait_is_refused_at_once(window: Counter) -> None:
    """Busy says that nothing was booked, and the same key settles later."""
    from minka.desk.settle_lane import Lane

    async def flood() -> list[Outcome]:
        lane = Lane(window.url, lambda: window.book, window.number, most=5)
        jobs = [window.bill(bill) for bill in range(310, 330)]
        for job in jobs:
            lane.put(job)
        lane.start()
        answers = [await asyncio.wait_for(job.answer, 30) for job in jobs]
        await lane.stop()
        return answers

    answers = window.run(flood())
    assert [each.verdict for each in answers].count(Verdict.BUSY) == 15
    stored = value(window.url, "select count(*) from settlement where visit_no between 310 and 329")
    assert stored == 5


def test_a_register_that_cannot_be_reached_books_nothing_and_says_so(window: Counter) -> None:
    """Busy, not unknown: the request never left this process."""
    away = Counter("postgresql://nobody@127.0.0.1:1/none", window.office, TOWN, window.book)

    async def ask() -> list[Outcome]:
        return await away.answers([away.bill(20)])

    assert away.run(ask())[0].verdict is Verdict.BUSY


def test_a_line_that_is_cut_is_opened_again(window: Counter) -> None:
    """Whatever was cut in mid-write is asked again under its key and has one effect."""
    cut = """select count(pg_terminate_backend(pid)) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'"""

    async def storm() -> list[tuple[Outcome, Outcome]]:
        told = []
        for bill in range(30, 60):
            job = window.bill(bill)
            first = asyncio.ensure_future(window.answers([job]))
            await asyncio.to_thread(value, window.url, cut)
            again = window.bill(bill, msg_no=job.msg_no)
            told.append(((await first)[0], (await window.answers([again]))[0]))
        return told

    for first, second in window.run(storm()):
        assert second.verdict is Verdict.DONE, second
        assert first.verdict in (Verdict.DONE, Verdict.BUSY, Verdict.UNKNOWN)
        if first.verdict is Verdict.DONE:
            assert first == second


def test_a_key_that_moved_no_money_moves_none_under_another_content(window: Counter) -> None:
    """P6: one key for an upload and then for a settlement; the same content goes on (2102)."""
    job = made(window, 25)
    key = (job.msg_no, job.origin_no, job.person_id)
    with psycopg.connect(window.url) as owner:
        owner.execute(
            "insert into message values (%s, %s, %s, 2204, 'an upload', now(), '{}')", key
        )
    assert one(window, job).reason is DeskRefusal.KEY_REUSED
    job.content_hash = b"an upload"
    assert settled(one(window, job)).total == load_city.bill_of(25)[0]
