"""Outcomes nobody knows, a busy switch, reversals before originals: P6, P9, X1."""

from __future__ import annotations

import asyncio
import random

import pytest

from minka.bench.pos import repeated
from minka.cipher.retail import KeyFault
from minka.wire.iso8583.message import Message
from tests.host.till import CARD, PIN, TERMINALS, WRONG, Till, at_a_till


def test_a_late_answer_is_undone() -> None:
    """P9: no answer in time: the terminal reverses, and the late answer changes nothing."""

    async def work(till: Till) -> None:
        impatient = till.another("10000002")
        impatient._patience_ms = 120
        assert await impatient.sign_on() == "00"
        till.books.late_ms = 300
        slip = await impatient.purchase(CARD, PIN, 4_000)
        assert slip.ending == "undone"
        await asyncio.sleep(0.4)
        assert till.books.balances[CARD] == 100_000
        assert [each.kind for each in impatient.line.late] == ["0210"]
        await impatient.line.close()

    at_a_till(work)


def test_a_reversal_before_its_original() -> None:
    """P9: the tombstone refuses the purchase that comes later, for ever and alike."""

    async def work(till: Till) -> None:
        pos = till.pos
        asked = pos.purchase_message(CARD, PIN, 4_000)
        assert (await pos.reverse(asked)).ending == "undone"
        codes = [a.text(39) for e in (asked, repeated(asked)) if (a := await pos.exchange(e))]
        assert codes == ["68", "68"]
        assert till.books.balances[CARD] == 100_000

    at_a_till(work)


def test_a_reversal_sent_in_every_way_is_one() -> None:
    """X33: 0400, 0401, 0420 and 0421 of one number undo once and are answered alike."""

    async def work(till: Till) -> None:
        pos = till.pos
        asked = pos.purchase_message(CARD, PIN, 4_000)
        assert await pos.exchange(asked) is not None
        assert till.books.balances[CARD] == 96_000
        first = pos.reversal_message(asked)
        kinds = ("0400", "0401", "0420", "0421")
        answers = [await pos.exchange(Message(k, first.fields, first.tpdu)) for k in kinds]
        assert [a.kind for a in answers if a] == ["0410", "0410", "0430", "0430"]
        assert {a.text(39) + a.text(37) + a.text(38) for a in answers if a}.__len__() == 1
        assert till.books.balances[CARD] == 100_000

    at_a_till(work)


def test_busy_books_nothing_and_the_same_message_may_come_again() -> None:
    """A shed request is 96 and leaves no key behind: its repeat is settled."""

    async def work(till: Till) -> None:
        till.books.busy_for = 2
        slip = await till.pos.purchase(CARD, PIN, 1_000)
        assert (slip.ending, till.books.balances[CARD]) == ("approved", 99_000)

    at_a_till(work)


def test_books_that_break_after_booking_are_reversed() -> None:
    """P9: an outcome nobody knows is 98; the terminal reverses and the net effect is nothing."""

    async def work(till: Till) -> None:
        till.books.breaks_after_booking = 1
        slip = await till.pos.purchase(CARD, PIN, 1_000)
        assert (slip.ending, till.books.balances[CARD]) == ("undone", 100_000)

    at_a_till(work)


def test_load_is_shed_before_it_waits() -> None:
    """Beyond the limit the door says 96 at once; what it took is answered."""

    async def work(till: Till) -> None:
        till.books.late_ms = 200
        pos = till.pos
        asked = [pos.purchase_message(CARD, PIN, 10) for _ in range(12)]
        answers = await asyncio.gather(*(pos.exchange(each) for each in asked))
        codes = sorted(a.text(39) for a in answers if a)
        assert codes == ["00"] * 4 + ["96"] * 8
        assert till.books.balances[CARD] == 100_000 - 40
        till.books.late_ms = 0
        again = [await pos.exchange(repeated(each)) for each in asked]
        assert {a.text(39) for a in again if a} == {"00"}
        assert till.books.balances[CARD] == 100_000 - 120

    at_a_till(work, most_open=4)


def test_books_that_tarry_are_unknown() -> None:
    """The door does not wait for ever: 98 while the books go on by themselves."""

    async def work(till: Till) -> None:
        till.books.late_ms = 1300
        asked = till.pos.purchase_message(CARD, PIN, 10)
        answer = await till.pos.exchange(asked)
        assert answer is not None
        assert answer.text(39) == "98"
        till.books.late_ms = 0
        assert (await till.pos.reverse(asked)).ending == "undone"
        assert till.books.balances[CARD] == 100_000

    at_a_till(work, patience_s=1)


def test_a_restart_asks_for_a_new_sign_on() -> None:
    """Working keys live in memory: after a restart a terminal is told A0 and signs on again."""

    async def work(till: Till) -> None:
        till.keys._working.clear()
        asked = till.pos.purchase_message(CARD, PIN, 10)
        assert (await till.pos.purchase(CARD, PIN, 10)).code == "A0"
        assert (await till.pos.reverse(asked)).ending == "undone"
        assert (await till.pos.purchase(CARD, PIN, 10)).ending == "approved"

    at_a_till(work)


def test_nobody_else_can_take_a_terminals_keys_away() -> None:
    """T11: a sign-on is not authenticated, so its keys count only once they are used."""

    async def work(till: Till) -> None:
        intruder = till.another("10000001")
        intruder._master = bytes(16)
        with pytest.raises(KeyFault):
            await intruder.sign_on()
        assert (await till.pos.purchase(CARD, PIN, 10)).ending == "approved"
        await intruder.line.close()

    at_a_till(work)


def test_a_storm_of_duplicates_on_many_lines() -> None:
    """P6: one message a hundred times on ten lines: one effect, one answer."""

    async def work(till: Till) -> None:
        sent = till.pos.written(till.pos.purchase_message(CARD, PIN, 777))
        others = [till.another("10000001") for _ in range(10)]
        for other in others:
            await other.line.send(sent * 10)
        for _ in range(300):
            if sum(len(other.line.late) for other in others) == 100:
                break
            await asyncio.sleep(0.01)
        answers = [answer for other in others for answer in other.line.late]
        assert len(answers) == 100
        assert len({tuple(sorted(a.fields.items())) for a in answers}) == 1
        assert till.books.balances[CARD] == 99_223
        for other in others:
            await other.line.close()

    at_a_till(work)


def test_a_repeat_joins_its_first_in_the_books() -> None:
    """G1, P6: repeats that come while the first is open ask nothing: a wrong PIN counts once."""

    async def work(till: Till) -> None:
        till.books.late_ms = 200
        asked = till.pos.purchase_message(CARD, WRONG, 777)
        sent = till.pos.written(asked) + till.pos.written(repeated(asked)) * 30
        other = till.another("10000001")
        await other.line.send(sent)
        await asyncio.sleep(0.5)
        assert [answer.text(39) for answer in other.line.late] == ["55"] * 31
        assert (len(till.books.asked), till.books.pin.wrong) == (1, 1)
        await other.line.close()

    at_a_till(work)


async def all_undone(till: Till, many: int) -> None:
    """Purchases and their reversals in any order, twice each, in pieces of any size."""
    chance, pos = random.Random(8583), till.pos
    asked = [pos.purchase_message(CARD, PIN, 100 + n % 900) for n in range(many)]
    undo = [pos.reversal_message(each) for each in asked]
    sent = [*asked, *map(repeated, asked), *undo, *map(repeated, undo)]
    chance.shuffle(sent)
    line = till.another("10000001").line
    for start in range(0, len(sent), 500):
        stream, at = b"".join(map(pos.written, sent[start : start + 500])), 0
        while at < len(stream):
            step = chance.randint(1, 4000)
            await line.send(stream[at : at + step])
            at += step
        wanted = min(start + 500, len(sent))
        for _ in range(500):
            if len(line.late) == wanted:
                break
            await asyncio.sleep(0.01)
    assert len(line.late) == len(sent)
    assert {answer.text(39) for answer in line.late} <= {"00", "68", "51"}
    assert till.books.balances[CARD] == 100_000
    assert {key.origin_no for key in till.books.undone} == {TERMINALS["10000001"].origin_no}
    await line.close()


def test_messages_shuffled_cut_and_doubled() -> None:
    """P6, P9: one effect and one answer each, and all nets to nothing."""
    at_a_till(lambda till: all_undone(till, 60))


@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_a_hundred_thousand_messages_shuffled() -> None:
    """P6, P9: the same with 10^5 messages."""
    at_a_till(lambda till: all_undone(till, 25_000), patience_s=900)
