"""Bank stops: order, faults, and what the register keeps (E4, E10; P15)."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest

from minka.bench.server import Fault
from minka.desk.office import Office
from minka.desk.withdraw import FreezeCard, freeze_card
from tests.desk.town import Resident, request
from tests.outbox.outside import (
    Outside,
    ask,
    now,
    open_place,
    report,
    report_formally,
    resident,
    states,
    turn,
    withdraw,
)


def confirmations(outside: Outside, someone: Resident) -> list[tuple[str, str]]:
    """Which sides have said what, in the order of the register."""
    found = ask(
        outside.url,
        "select side, effect from stop_confirmation where person_id = %s order by at, side",
        (someone.person_id,),
    )
    return [(each["side"], each["effect"]) for each in found]


def test_the_bank_stops_and_its_own_instant_is_written_down(outside: Outside) -> None:
    """E1 of ux: two stops, each with its own instant."""
    someone = resident(outside.office)
    report(outside.office, someone)
    assert confirmations(outside, someone) == [("social", "stop")]
    outside.deliver("bank")
    account = outside.bank.bank.accounts[someone.card_number]
    assert account.effect == "stopped"
    (found,) = ask(
        outside.url,
        "select at, reference from stop_confirmation where person_id = %s and side = 'bank'",
        (someone.person_id,),
    )
    assert found["at"] == datetime.fromisoformat(account.at)
    assert found["reference"] == account.reference


def test_a_dead_bank_delays_nobody_and_is_told_when_it_is_back(outside: Outside) -> None:
    """P15: the report is taken and stopped; the bank's side stays open until it answers."""
    someone = resident(outside.office)
    outside.bank.party.faults.switch(Fault.DOWN)
    report(outside.office, someone)
    for _ in range(20):
        outside.deliver("bank", most=1)
    assert ("bank", "stop") not in confirmations(outside, someone)
    (state,) = states(outside.url, someone, "bank.stop")
    assert (state["tries"], state["rejections"], state["quarantined_at"]) == (20, 0, None)
    assert state["failing_since"] is not None
    assert "no answer" in state["last_fault"]
    outside.bank.party.faults.switch(Fault.NONE)
    outside.deliver("bank")
    assert ("bank", "stop") in confirmations(outside, someone)


@pytest.mark.parametrize("fault", [Fault.LOST_REPLY, Fault.SLOW, Fault.DUPLICATE])
def test_an_order_that_comes_again_has_one_effect(outside: Outside, fault: Fault) -> None:
    """P6: the bank did it and the answer was lost; the same key is given again."""
    someone = resident(outside.office)
    outside.bank.party.faults.slow_s = 1.0
    outside.bank.party.faults.switch(fault, 2)
    report(outside.office, someone)
    outside.deliver("bank")
    assert len(outside.bank.bank.orders) == 1
    (key,) = outside.bank.bank.given
    assert outside.bank.bank.given[key] > 1
    assert ("bank", "stop") in confirmations(outside, someone)


def test_a_poisoned_message_is_set_aside_and_the_others_flow(outside: Outside) -> None:
    """Poison: after its tries it waits for two people; nobody else waits for it."""
    bad, good = resident(outside.office), resident(outside.office)
    with outside.office.register.act() as connection:
        connection.execute(
            "with m as (insert into outbox values (nextval('fact_id_seq'), %s, %s, 'bank.stop',"
            ' \'{"bank_id": "BANK1", "block_id": 0}\', clock_timestamp()) returning *)'
            " insert into outbox_state (outbox_id, person_id, card_id, topic, due_at, next_at)"
            " select outbox_id, person_id, card_id, topic, created_at, created_at from m",
            (bad.person_id, bad.card_id),
        )
    report(outside.office, bad)
    report(outside.office, good)
    outside.deliver("bank")
    poisoned, real = states(outside.url, bad, "bank.stop")
    assert poisoned["quarantined_at"] is not None
    assert poisoned["rejections"] == 4
    assert poisoned["last_fault"] == "fault: KeyError"
    assert real["done_at"] is not None
    assert ("bank", "stop") in confirmations(outside, good)


def test_an_answer_of_no_use_sets_the_message_aside(outside: Outside) -> None:
    """An error answered again and again is counted; a receiver that is away is not."""
    someone = resident(outside.office)
    outside.bank.party.faults.switch(Fault.ERROR)
    report(outside.office, someone)
    outside.deliver("bank")
    (state,) = states(outside.url, someone, "bank.stop")
    assert (state["rejections"], state["last_fault"]) == (4, "answered 500")
    assert state["quarantined_at"] is not None


def test_an_order_that_nobody_signed_is_refused(outside: Outside) -> None:
    """The bank takes orders from the house alone."""
    import httpx

    letter = {"key": "1", "order": "stop", "card_number": "X", "sent_at": "2026-01-01T00:00:00Z"}
    assert httpx.post(outside.bank.endpoint, json=letter, trust_env=False).status_code == 403
    assert outside.bank.bank.orders == []


@pytest.mark.parametrize("seed", range(6))
def test_orders_about_one_card_arrive_in_order_whatever_fails(outside: Outside, seed: int) -> None:
    """Order per card: what the bank did last is what the register wants."""
    chance = random.Random(seed)
    people = [resident(outside.office) for _ in range(3)]
    faults = [Fault.NONE, Fault.DOWN, Fault.LOST_REPLY, Fault.DUPLICATE]
    frozen = dict.fromkeys(range(3), False)
    for step in range(24):
        outside.bank.party.faults.switch(chance.choice(faults), chance.randrange(1, 3))
        which = chance.randrange(3)
        what = "unfreeze" if frozen[which] else "freeze"
        someone = people[which]
        command = FreezeCard("R1", someone.number, what, {"name": someone.name})
        assert freeze_card(outside.office, request(), command).accepted, step
        frozen[which] = not frozen[which]
        outside.deliver("bank", most=chance.randrange(4))
    outside.bank.party.faults.switch(Fault.NONE)
    outside.deliver("bank", most=500)
    for which, someone in enumerate(people):
        orders = [
            order for _, order, card in outside.bank.bank.orders if card == someone.card_number
        ]
        keys = [
            int(key) for key, _, card in outside.bank.bank.orders if card == someone.card_number
        ]
        assert keys == sorted(keys)
        assert not frozen[which] or orders[-1] == "stop"
        assert frozen[which] or not orders or orders[-1] == "resume"
        assert {state["done_at"] is None for state in states(outside.url, someone, "bank.%")} == {
            False
        }


def test_an_order_that_lost_its_meaning_is_dropped(outside: Outside) -> None:
    """The card was found while the bank was away: no stop is sent any more, only the resume."""
    someone = resident(outside.office)
    outside.bank.party.faults.switch(Fault.DOWN)
    report(outside.office, someone)
    outside.deliver("bank", most=2)
    withdraw(outside, someone)
    outside.bank.party.faults.switch(Fault.NONE)
    outside.deliver("bank")
    assert [order for _, order, _ in outside.bank.bank.orders] == ["resume"]
    stop = states(outside.url, someone, "bank.stop")[0]
    assert stop["note"] == "dropped: the stop has ended"


def test_the_lapse_resumes_the_bank_at_its_instant_and_not_before(outside: Outside) -> None:
    """A7, R1-05: at the lapse the bank is told, ten days later by the register's clock."""
    someone = resident(outside.office)
    answer = report(outside.office, someone)
    lapses = datetime.fromisoformat(answer.facts["lapses_at"])
    outside.deliver("bank")
    turn(outside.office, lapses - now(outside.office) - timedelta(minutes=1))
    assert outside.deliver("bank") == 0
    turn(outside.office, timedelta(minutes=2))
    outside.deliver("bank")
    assert [order for _, order, _ in outside.bank.bank.orders] == ["stop", "resume"]
    assert ("bank", "resume") in confirmations(outside, someone)


def test_the_bank_never_resumes_a_card_that_was_formally_lost_since(outside: Outside) -> None:
    """A14, P4: the lapse of the provisional report means nothing once the loss is formal."""
    open_place(outside)
    someone = resident(outside.office)
    report(outside.office, someone)
    turn(outside.office, timedelta(days=1))
    report_formally(outside.office, someone)
    outside.deliver("bank")
    turn(outside.office, timedelta(days=30))
    outside.deliver("bank")
    assert {order for _, order, _ in outside.bank.bank.orders} == {"stop"}
    (resume,) = states(outside.url, someone, "bank.resume")
    assert resume["note"] == "dropped: the card is stopped for another reason"


def test_a_waiting_lapse_does_not_hold_up_a_withdrawal(outside: Outside) -> None:
    """A resume of today goes out although one for the lapse was written down before it."""
    someone = resident(outside.office)
    report(outside.office, someone)
    outside.deliver("bank")
    withdraw(outside, someone)
    outside.deliver("bank")
    assert [order for _, order, _ in outside.bank.bank.orders] == ["stop", "resume"]
    turn(outside.office, timedelta(days=11))
    outside.deliver("bank")
    assert [order for _, order, _ in outside.bank.bank.orders] == ["stop", "resume"]
    late = states(outside.url, someone, "bank.resume")[-1]
    assert late["note"] == "dropped: the stop was ended before its time"


def test_a_bank_without_an_address_stays_pending(office: Office, outside: Outside) -> None:
    """Nobody is told that a bank stopped which has no way to say so."""
    ask(outside.url, "update bank set endpoint = ''")
    someone = resident(office)
    report(office, someone)
    outside.deliver("bank", most=6)
    (state,) = states(outside.url, someone, "bank.stop")
    assert (state["done_at"], state["quarantined_at"]) == (None, None)
    assert state["last_fault"] == "no address is set"
