"""A terminal at the door over TCP, in every dialect: I4, G1, G2, G4, K7, X1, X33."""

from __future__ import annotations

import asyncio

import pytest

from minka.bench.pos import Line, repeated
from minka.wire.iso8583.frame import framed
from minka.wire.iso8583.message import Message, Value
from tests.host.till import CARD, EVERY_DIALECT, PIN, WRONG, Till, at_a_till

every_dialect = pytest.mark.parametrize("name", EVERY_DIALECT)


@every_dialect
def test_a_day_at_the_till(name: str) -> None:
    """G1, G4, X33: echo, balance, purchase with PIN, change of keys, purchase, reversal."""

    async def work(till: Till) -> None:
        pos = till.pos
        assert await pos.echo() == "00"
        seen = await pos.balance(CARD, PIN)
        assert (seen.ending, seen.balance_fen) == ("approved", 100_000)
        paid = await pos.purchase(CARD, PIN, 12_345)
        assert (paid.ending, paid.balance_fen, len(paid.auth_code)) == ("approved", 87_655, 6)
        assert await pos.change_keys() == "00"
        asked = pos.purchase_message(CARD, PIN, 655)
        answer = await pos.exchange(asked)
        assert answer is not None
        assert answer.text(39) == "00"
        undone = await pos.reverse(asked)
        assert undone.ending == "undone"
        assert (await pos.balance(CARD, PIN)).balance_fen == 87_655

    at_a_till(work, name)


@every_dialect
def test_the_line_as_it_is(name: str) -> None:
    """I4: half frames, two messages in one packet, garbage, a wrong MAC, a replay."""

    async def work(till: Till) -> None:
        pos, dialect = till.pos, till.pos.line.dialect
        one = pos.written(pos.purchase_message(CARD, PIN, 100))
        two = pos.written(pos.purchase_message(CARD, PIN, 200))
        answers = await talk(till, [one + two], expect=2)
        assert [a.text(39) for a in answers] == ["00", "00"]
        third = pos.written(pos.purchase_message(CARD, PIN, 300))
        cut = [third[i : i + 7] for i in range(0, len(third), 7)]
        (answer,) = await talk(till, cut, expect=1)
        assert answer.text(39) == "00"
        again = await talk(till, [one, one + two], expect=3)
        assert [a.text(39) for a in again] == ["00"] * 3
        assert till.books.balances[CARD] == 100_000 - 600
        forged = third[:-1] + bytes([third[-1] ^ 1])
        (refused,) = await talk(till, [forged], expect=1)
        assert (refused.text(39), 64 in refused.fields) == ("A0", False)
        (unclear,) = await talk(
            till, [framed(dialect, pos.codec.encode(till_message(till)) + b"!")], expect=1
        )
        assert (unclear.text(39), unclear.text(44)[:8]) == ("30", "trailing")
        assert await talk(till, [b"\xff\xff\xff\xffgarbage"], expect=0) == []
        assert await pos.echo() == "00"

    at_a_till(work, name)


def till_message(till: Till) -> Message:
    """A balance that is well formed but for what the test adds."""
    return till.pos.message("0100", {2: CARD, 3: "310000"})


async def talk(till: Till, pieces: list[bytes], *, expect: int) -> list[Message]:
    """Send pieces on a line of their own; the answers, or what came until the line was closed."""
    line = Line("127.0.0.1", till.port, till.pos.line.dialect)
    for piece in pieces:
        await line.send(piece)
        await asyncio.sleep(0.005)
    for _ in range(200):
        if len(line.late) >= expect and expect:
            break
        if not expect and line._writer is not None and line._writer.is_closing():
            break
        await asyncio.sleep(0.01)
    else:
        assert expect == 0, f"{len(line.late)} of {expect} answers"
        raise AssertionError("the line was not closed")
    await asyncio.sleep(0.02)
    await line.close()
    return line.late


@every_dialect
def test_the_same_message_the_same_answer(name: str) -> None:
    """X1: a repeat (0201) is answered byte for byte alike, books once, and tries no PIN again."""

    async def work(till: Till) -> None:
        pos = till.pos
        asked = pos.purchase_message(CARD, WRONG, 500)
        answers = [await pos.exchange(each) for each in (asked, repeated(asked), asked)]
        codes = [a.text(39) for a in answers if a]
        assert codes == ["55", "55", "55"]
        assert till.books.pin.wrong == 1
        good = pos.purchase_message(CARD, PIN, 500)
        lines = [tuple(a.lines()) for e in (good, repeated(good)) if (a := await pos.exchange(e))]
        assert lines[0] == lines[1]
        other = Message("0201", {**good.fields, 4: "000000000501"}, good.tpdu)
        changed = await pos.exchange(other)
        assert changed is not None
        assert changed.text(39) == "94"
        assert till.books.balances[CARD] == 99_500

    at_a_till(work, name)


@every_dialect
def test_three_wrong_pins(name: str) -> None:
    """G1: a wrong PIN pays nothing, the third locks it, and then the right one is refused too."""

    async def work(till: Till) -> None:
        codes = [(await till.pos.purchase(CARD, WRONG, 100)).code for _ in range(3)]
        assert [*codes, (await till.pos.purchase(CARD, PIN, 100)).code] == ["55", "55", "75", "75"]
        assert till.books.balances[CARD] == 100_000

    at_a_till(work, name)


def test_no_pin_no_purchase() -> None:
    """G1: without a PIN block the books are not asked at all."""

    async def work(till: Till) -> None:
        assert (await till.pos.purchase(CARD, None, 100)).code == "55"
        assert (await till.pos.balance(CARD, None)).code == "55"
        assert till.books.asked == []

    at_a_till(work)


PURPOSE: list[tuple[dict[int, Value], str]] = [
    ({3: "010000"}, "57"),
    ({3: "090000"}, "57"),
    ({3: "170000"}, "57"),
    ({3: "400000"}, "57"),
    ({3: "471000"}, "57"),
    ({3: "210000"}, "57"),
    ({18: "6011"}, "57"),
    ({18: "4829"}, "57"),
    ({54: "0040156C000000010000"}, "57"),
    ({3: "200000"}, "12"),
    ({3: "990000"}, "12"),
    ({19: "840"}, "93"),
    ({19: "344"}, "93"),
    ({49: "840"}, "93"),
    ({43: f"{'Somewhere':<38}HK"}, "93"),
    ({4: "000000000000"}, "13"),
]


def test_what_this_money_never_does() -> None:
    """G2, K7: cash, transfer, cash back, abroad: each refused, whatever field asks for it."""

    async def work(till: Till) -> None:
        said = []
        for change, _ in PURPOSE:
            asked = till.pos.purchase_message(CARD, PIN, 100)
            fields = dict(sorted({**asked.fields, **change}.items()))
            answer = await till.pos.exchange(asked._replace(fields=fields))
            said.append(answer.text(39) if answer else "")
        assert said == [code for _, code in PURPOSE]
        assert till.books.asked == []
        assert till.books.balances[CARD] == 100_000

    at_a_till(work)


def test_only_at_a_designated_provider() -> None:
    """G1, T12: another provider's terminal, one that lies about its provider, an unknown one."""

    async def work(till: Till) -> None:
        shop = till.another("20000001")
        assert await shop.sign_on() == "00"
        assert (await shop.purchase(CARD, PIN, 100)).code == "58"
        liar = till.another("10000002", provider_code="S88000100001")
        assert await liar.sign_on() == "03"
        assert await till.another("99999999").sign_on() == "97"
        silent = till.another("10000002")
        assert (await silent.balance(CARD, None)).code == "A0"
        for each in (shop, liar, silent):
            await each.line.close()
        assert till.books.balances[CARD] == 100_000

    at_a_till(work)


def test_refusals_of_the_books() -> None:
    """G1: unknown card, stopped card, short balance; no code tells the till of a loss."""

    async def work(till: Till) -> None:
        pos = till.pos
        assert (await pos.purchase("T00000099", PIN, 100)).code == "14"
        assert (await pos.purchase(CARD, PIN, 100_001)).code == "51"
        till.books.stopped.add(CARD)
        assert (await pos.purchase(CARD, PIN, 100)).code == "62"

    at_a_till(work)


@pytest.mark.parametrize(
    ("missing", "fault"),
    [
        (3, "missing:3"),
        (11, "missing:11"),
        (12, "missing:12"),
        (2, "missing:2"),
        (49, "missing:49"),
    ],
)
def test_a_field_that_is_missing_is_named(missing: int, fault: str) -> None:
    """P16: 30 and the number of the field, for the terminal's technician."""

    async def work(till: Till) -> None:
        asked = till.pos.purchase_message(CARD, PIN, 100)
        fields = {n: value for n, value in asked.fields.items() if n != missing}
        sent = Message("0200", fields, asked.tpdu)
        waited = asyncio.ensure_future(talk(till, [till.pos.written(sent)], expect=1))
        (answer,) = await waited
        assert (answer.text(39), answer.text(44)) == ("30", fault)

    at_a_till(work)


def test_what_nobody_offers() -> None:
    """Other requests are answered 12, answers are never answered."""

    async def work(till: Till) -> None:
        pos = till.pos
        for kind in ("0220", "0500", "0120", "0320"):
            asked = pos.message(kind, {2: CARD, 3: "000000"})
            answer = await pos.exchange(asked)
            assert answer is not None
            assert answer.text(39) == "12"
        stray = pos.message("0210", {2: CARD, 3: "000000", 39: "00"})
        echo = pos.message("0800", {70: "301"})
        answers = await talk(till, [pos.written(stray), pos.written(echo)], expect=1)
        assert [a.kind for a in answers] == ["0810"]

    at_a_till(work)
