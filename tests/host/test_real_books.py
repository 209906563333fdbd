"""Terminals at the switch with the real register: G1, G4, I4, K7, P6, P9, X1, X33."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

from minka.bench import load_city
from minka.bench.load_city import Town
from minka.bench.pos import Line, Pos, repeated
from minka.bench.pos_city import add_terminals, give_pin, terminals
from minka.cards.card import AtLapse, Block, Force
from minka.cipher.field import SoftFieldKeys
from minka.desk.office import Office
from minka.desk.settle_lane import BUSY, Lane
from minka.doors import settings
from minka.doors.host.keys import SoftTerminalKeys, Terminal, soft_keys
from minka.doors.insurance.switch import Places, Switch
from minka.kit.secret import Clear
from minka.store import cards
from minka.store.connection import rows
from minka.store.pins import PinKey
from minka.wire.iso8583.dialect import names, read
from minka.wire.iso8583.message import Message
from tests.aside import aside

TOWN = Town(people=300, bills=20, blocked_e4=50, poor_e4=0)
PIN, WRONG = Clear("940183"), Clear("720495")
DAY = date(2026, 1, 1)
BLOCKED, FIRST = 1, 100
"""The town blocks its first 49 people; the tests use those from 100 on, each his own."""


@dataclass
class City:
    """A town whose people have PINs and whose providers have terminals."""

    url: str
    office: Office
    keys: SoftTerminalKeys
    terminals: list[Terminal]
    next_person: int = FIRST

    def person(self) -> tuple[int, str]:
        """Somebody no other test uses, with a PIN: number and card number."""
        self.next_person += 1
        give_pin(self.office.register, self.office.keys, PinKey(*[self.next_person] * 2), PIN)
        return self.next_person, load_city.card_number(self.next_person)

    def value(self, statement: str) -> Any:
        """One value out of the register, in the owner's role."""
        with psycopg.connect(self.url) as owner:
            found = owner.execute(statement.encode()).fetchone()
        assert found is not None
        return found[0]

    def balance(self, person: int) -> int:
        """The balance in fen, as the register has it."""
        found: int = self.value(f"select balance_fen from coverage where person_id = {person}")
        return found


@pytest.fixture(scope="module")
def city(
    database_url: str,
    office: Office,
    keys: SoftFieldKeys,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[City]:
    """A town with terminals, and a home of its own for their keys."""
    home: Path = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MINKA_HOME", str(home))
        settings.current.cache_clear()
        load_city.found(database_url, keys, TOWN)
        assert add_terminals(database_url, DAY) > 0
        known = terminals(office.register, DAY)
        held = soft_keys(home, office.keys, {t.terminal_id: t for t in known}.get)
        yield City(database_url, office, held, known)
    settings.current.cache_clear()


def at_the_switch(city: City, work: Callable[[Callable[..., Pos]], Awaitable[None]]) -> None:
    """Run something with a switch that is up; ``work`` is given a maker of terminals."""

    async def run() -> None:
        switch, made = Switch(city.office, city.url, Places(port=0, host_port=0)), list[Pos]()
        await switch.start()
        assert switch._host is not None
        ports = switch._host.ports

        def pos(nth: int = 0, name: str = "summit", patience_ms: int = 5000) -> Pos:
            terminal = city.terminals[nth % len(city.terminals)]
            line = Line("127.0.0.1", ports[name], read(name))
            master = city.keys.master_key(terminal.terminal_id)
            stan = random.randrange(1, 900_000)
            made.append(Pos(line, terminal, master, patience_ms=patience_ms, first_stan=stan))
            return made[-1]

        try:
            await work(pos)
        finally:
            for each in made:
                await each.line.close()
            await switch.stop()

    aside(run())


@pytest.mark.parametrize("name", names())
def test_balance_purchase_reversal(city: City, name: str) -> None:
    """G1, G4, X33: every dialect; the till shows the register's figure to the cent."""
    person, card = city.person()
    before = city.balance(person)

    async def work(pos: Callable[..., Pos]) -> None:
        till = pos(name=name)
        assert await till.sign_on() == "00"
        assert (await till.balance(card, PIN)).balance_fen == before
        paid = await till.purchase(card, PIN, 12_345)
        assert (paid.ending, paid.balance_fen) == ("approved", before - 12_345), paid
        assert city.balance(person) == before - 12_345
        asked = till.purchase_message(card, PIN, 655)
        answers = [await till.exchange(each) for each in (asked, repeated(asked), asked)]
        assert [a.text(39) for a in answers if a] == ["00"] * 3
        assert city.balance(person) == before - 13_000
        undo = till.reversal_message(asked)
        kinds = ("0400", "0401", "0420", "0421")
        undone = [await till.exchange(Message(kind, undo.fields, undo.tpdu)) for kind in kinds]
        assert [a.text(39) for a in undone if a] == ["00"] * 4
        assert city.balance(person) == before - 12_345

    at_the_switch(city, work)


def test_a_wrong_pin_counts_although_nothing_is_bought(city: City) -> None:
    """G1: the counter stands in the register; repeats count once; the fifth locks."""
    person, card = city.person()
    before = city.balance(person)

    def wrong() -> int:
        found: int = city.value(f"select wrong from pin where person_id = {person}")
        return found

    async def work(pos: Callable[..., Pos]) -> None:
        till = pos()
        assert await till.sign_on() == "00"
        asked = till.purchase_message(card, WRONG, 100)
        sent = till.written(asked) + till.written(repeated(asked)) * 5
        await till.line.send(sent)
        for _ in range(300):
            if len(till.line.late) == 6:
                break
            await asyncio.sleep(0.01)
        assert [a.text(39) for a in till.line.late] == ["55"] * 6
        assert wrong() == 1
        codes = [(await till.purchase(card, WRONG, 100)).code for _ in range(4)]
        assert codes == ["55", "55", "55", "75"]
        assert (await till.purchase(card, PIN, 100)).code == "75"
        assert (wrong(), city.balance(person)) == (5, before)

    at_the_switch(city, work)
    with city.office.register.act() as connection:
        assert rows(connection, "pin.drift") == []


def test_a_late_repeat_of_a_balance_tries_no_pin_again(city: City) -> None:
    """P6, G1: the stored answer, a minute or a purchase later; a wrong PIN counts once."""
    person, card = city.person()
    before = city.balance(person)

    def wrong() -> int:
        found: int = city.value(f"select wrong from pin where person_id = {person}")
        return found

    async def work(pos: Callable[..., Pos]) -> None:
        till = pos()
        assert await till.sign_on() == "00"
        asked = till.balance_message(card, WRONG)
        for each in (asked, repeated(asked), asked):
            answer = await till.exchange(each)
            assert answer is not None
            assert answer.text(39) == "55"
        assert wrong() == 1
        good = till.balance_message(card, PIN)
        first = await till.exchange(good)
        assert wrong() == 0
        assert (await till.purchase(card, PIN, 700)).ending == "approved"
        again = await till.exchange(repeated(good))
        assert first is not None
        assert again is not None
        assert first.text(54) == again.text(54)
        assert first.text(54).endswith(f"{before:012d}")
        assert (await till.balance(card, PIN)).balance_fen == before - 700
        once = await till.exchange(repeated(asked))
        assert once is not None
        assert (once.text(39), wrong()) == ("55", 0)

    at_the_switch(city, work)
    with city.office.register.act() as connection:
        assert rows(connection, "pin.drift") == []


def test_a_wrong_pin_of_a_purchase_counts_once_when_the_lane_was_busy(city: City) -> None:
    """P6: nothing was booked, so the terminal sends it again; its PIN is not tried again."""
    person, card = city.person()

    async def work(pos: Callable[..., Pos]) -> None:
        till = pos()
        assert await till.sign_on() == "00"
        asked = till.purchase_message(card, WRONG, 100)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Lane, "put", lambda _lane, job: job.tell(BUSY))
            first = await till.exchange(asked)
        again = await till.exchange(repeated(asked))
        assert first is not None
        assert again is not None
        assert (first.text(39), again.text(39)) == ("96", "55")
        assert city.value(f"select wrong from pin where person_id = {person}") == 1

    at_the_switch(city, work)


def test_stopped_unknown_short(city: City) -> None:
    """G1, P1: a lost card pays nothing whatever the PIN; nor an unknown one, nor too much."""
    person, card = city.person()
    lost = load_city.card_number(BLOCKED)

    async def work(pos: Callable[..., Pos]) -> None:
        till = pos()
        assert await till.sign_on() == "00"
        give_pin(city.office.register, city.office.keys, PinKey(BLOCKED, BLOCKED), PIN)
        assert (await till.purchase(lost, PIN, 100)).code == "62"
        assert (await till.balance(lost, PIN)).code == "62"
        assert (await till.purchase("Z99999999", PIN, 100)).code == "14"
        assert (await till.purchase(card, PIN, city.balance(person) + 1)).code == "51"

    at_the_switch(city, work)


def stop_for_good(city: City, person: int) -> None:
    """A formal loss, committed before this returns."""
    with city.office.register.act() as connection:
        at = cards.tick(connection, person, person, fence=None)
        card = cards.load(connection, person, person)
        assert card is not None
        block = Block(cards.fact_id(connection), Force.FORMAL, at, None, AtLapse.NONE, "race")
        cards.add_block(connection, card, block)


def test_a_loss_among_purchases(city: City) -> None:
    """P1, P2: terminals shoot while the card is stopped; nothing is approved after that instant."""
    people = [city.person() for _ in range(4)]
    stopped, late, seen = dict[int, int](), list[str](), list[str]()

    async def shoot(till: Pos, person: int, card: str) -> None:
        assert await till.sign_on() == "00"
        for _ in range(500):
            sure = person in stopped
            slip = await till.purchase(card, PIN, 1)
            late.extend(["approved"] if sure and slip.ending == "approved" else [])
            seen.append(slip.code)
            if slip.code == "62":
                return

    async def work(pos: Callable[..., Pos]) -> None:
        shots = [
            asyncio.create_task(shoot(pos(2 * nth + twin), person, card))
            for nth, (person, card) in enumerate(people)
            for twin in (0, 1)
        ]
        for person, _ in people:
            await asyncio.sleep(0.2)
            await asyncio.to_thread(stop_for_good, city, person)
            stopped[person] = 1
        await asyncio.gather(*shots)

    at_the_switch(city, work)
    assert late == []
    assert seen.count("62") == 8, "every terminal shot until it was refused"
    assert seen.count("00") > 8, "and some shots hit before"
    numbers = ",".join(str(person) for person, _ in people)
    after = (
        "select count(*) from settlement s join block b using (person_id)"
        f" where s.person_id in ({numbers}) and s.kind < 4 and s.total > 0 and s.at >= b.from_at"
    )
    assert city.value(after) == 0


def test_a_reversal_before_its_original(city: City) -> None:
    """P9: the tombstone stands in the register: the purchase that comes later is refused."""
    person, card = city.person()
    before = city.balance(person)

    async def work(pos: Callable[..., Pos]) -> None:
        till = pos()
        assert await till.sign_on() == "00"
        asked = till.purchase_message(card, PIN, 4_000)
        assert (await till.reverse(asked)).ending == "undone"
        codes = [a.text(39) for e in (asked, repeated(asked)) if (a := await till.exchange(e))]
        assert codes == ["68", "68"]

    at_the_switch(city, work)
    assert city.balance(person) == before


def test_impatient_terminals_at_many_providers(city: City) -> None:
    """P6, P9: purchases that time out are reversed; each card ends where its approvals say."""
    people = [city.person() for _ in range(12)]
    before = {person: city.balance(person) for person, _ in people}
    spent = dict.fromkeys(before, 0)
    chance = random.Random(8583)

    async def shop(pos: Callable[..., Pos], nth: int) -> None:
        till = pos(nth, chance.choice(names()), patience_ms=chance.choice((15, 60, 4000)))
        patience, till._patience_ms = till._patience_ms, 4000
        assert await till.sign_on() == "00"
        till._patience_ms = patience
        for _ in range(6):
            person, card = chance.choice(people)
            amount = chance.randint(1, 5_000)
            slip = await till.purchase(card, PIN, amount)
            assert slip.ending in ("approved", "undone"), slip
            spent[person] += amount if slip.ending == "approved" else 0

    async def work(pos: Callable[..., Pos]) -> None:
        await asyncio.gather(*(shop(pos, nth) for nth in range(len(city.terminals))))

    at_the_switch(city, work)
    assert {person: before[person] - city.balance(person) for person in before} == spent
