"""The two stops as a timeline shows them (E1 of ux): nobody is told it is done before both are."""

from __future__ import annotations

from datetime import datetime, timedelta

from minka.bench.server import Fault
from minka.desk.look_stops import Effect, Side, StopLine, StopState, both_stopped, stops
from minka.desk.privileged import ACTS
from tests.desk.town import Resident
from tests.outbox.outside import (
    Outside,
    open_place,
    report,
    report_formally,
    resident,
    turn,
    withdraw,
)


def lines(outside: Outside, someone: Resident) -> list[StopLine]:
    """All lines of a card."""
    with outside.office.register.act() as connection:
        return stops(connection, someone.person_id, someone.card_id)


def short(outside: Outside, someone: Resident) -> list[str]:
    """The lines as words: side, effect, state."""
    return [f"{e.side} {e.effect} {e.state}" for e in lines(outside, someone)]


def one(outside: Outside, someone: Resident, side: Side, effect: Effect) -> StopLine:
    """The one line of a side and an effect."""
    (found,) = [e for e in lines(outside, someone) if e.side is side and e.effect is effect]
    return found


def test_from_pending_over_failing_to_done(outside: Outside) -> None:
    """Pending at once, failing while the bank is away, done with the bank's own instant."""
    someone = resident(outside.office)
    answer = report(outside.office, someone)
    block = lines(outside, someone)[0].block_id
    assert short(outside, someone) == [
        "social stop done",
        "bank stop pending",
        "social resume planned",
        "bank resume planned",
    ]
    assert not both_stopped(lines(outside, someone), block)
    outside.bank.party.faults.switch(Fault.DOWN)
    outside.deliver("bank", most=3)
    failing = one(outside, someone, Side.BANK, Effect.STOP)
    assert (failing.state, failing.tries) == (StopState.FAILING, 3)
    assert failing.failing_since is not None
    assert failing.next_try_at is not None
    assert (failing.bank, failing.bank_phone) == ("示例银行", "000-96001")
    assert not both_stopped(lines(outside, someone), block)
    outside.bank.party.faults.switch(Fault.NONE)
    outside.deliver("bank")
    done = one(outside, someone, Side.BANK, Effect.STOP)
    assert done.state is StopState.DONE
    assert done.reference == outside.bank.bank.accounts[someone.card_number].reference
    social = one(outside, someone, Side.SOCIAL, Effect.STOP)
    assert social.at == datetime.fromisoformat(answer.facts["stopped_at"])
    assert done.at != social.at
    assert both_stopped(lines(outside, someone), block)


def test_a_card_without_a_bank_part_has_one_stop(outside: Outside) -> None:
    """No bank line, and the stop is whole at once."""
    someone = resident(outside.office, bank_id="")
    report(outside.office, someone)
    assert short(outside, someone) == ["social stop done", "social resume planned"]
    found = lines(outside, someone)
    assert both_stopped(found, found[0].block_id)


def test_a_withdrawn_report_shows_both_sides_back(outside: Outside) -> None:
    """E10: each side with the instant at which it said so; nothing is planned any more."""
    someone = resident(outside.office)
    report(outside.office, someone)
    outside.deliver("bank")
    withdraw(outside, someone)
    assert short(outside, someone)[2:] == ["social resume done", "bank resume pending"]
    outside.deliver("bank")
    assert short(outside, someone)[2:] == ["social resume done", "bank resume done"]


def test_a_formal_loss_takes_the_planned_release_away(outside: Outside) -> None:
    """A14: no line promises that a formally lost card comes back."""
    open_place(outside)
    someone = resident(outside.office)
    report(outside.office, someone)
    report_formally(outside.office, someone)
    assert not [e for e in lines(outside, someone) if e.effect is Effect.RESUME]
    outside.deliver("bank")
    turn(outside.office, timedelta(days=20))
    outside.deliver("bank")
    assert not [e for e in lines(outside, someone) if e.effect is Effect.RESUME]
    assert {e.state for e in lines(outside, someone)} == {StopState.DONE}


def test_a_lapse_is_done_on_the_social_side_at_its_own_instant(outside: Outside) -> None:
    """A7: computed, not set by a timer; the bank's resume stands beside it."""
    someone = resident(outside.office)
    answer = report(outside.office, someone)
    outside.deliver("bank")
    turn(outside.office, timedelta(days=10, minutes=1))
    social = one(outside, someone, Side.SOCIAL, Effect.RESUME)
    lapses = datetime.fromisoformat(answer.facts["lapses_at"])
    assert (social.state, social.at) == (StopState.DONE, lapses)
    assert one(outside, someone, Side.BANK, Effect.RESUME).state is StopState.PENDING
    outside.deliver("bank")
    assert one(outside, someone, Side.BANK, Effect.RESUME).state is StopState.DONE


def test_a_message_set_aside_shows_as_such(outside: Outside) -> None:
    """The timeline says that people must look, and whom to call meanwhile."""
    someone = resident(outside.office)
    outside.bank.party.faults.switch(Fault.ERROR)
    report(outside.office, someone)
    outside.deliver("bank")
    aside = one(outside, someone, Side.BANK, Effect.STOP)
    assert (aside.state, aside.next_try_at) == (StopState.QUARANTINED, None)
    assert aside.bank_phone
    assert "release_quarantine" in ACTS


def test_a_stop_that_was_never_needed_says_so(outside: Outside) -> None:
    """Found again before the bank could be asked."""
    someone = resident(outside.office)
    report(outside.office, someone)
    withdraw(outside, someone)
    outside.deliver("bank")
    assert one(outside, someone, Side.BANK, Effect.STOP).state is StopState.NOT_NEEDED
