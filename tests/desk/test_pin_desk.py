"""PINs at the desk: by telephone, at the bank, forgotten and back in one visit: G8, G9, G10."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from typing import Any

import pytest

from minka.cards.card import Move
from minka.cipher.pin import verification_value
from minka.desk.act import Answer, Desk, Request
from minka.desk.office import Office
from minka.desk.pin import (
    ChangePin,
    PinVisit,
    ReportPinLost,
    ResetPin,
    SetFirstPin,
    change_pin,
    count_try,
    report_pin_lost,
    reset_pin,
    set_first_pin,
)
from minka.kit.secret import Clear
from minka.law.papers import ShownPaper
from minka.law.pins import pin_law
from minka.store import cards, pins
from minka.store.connection import rows
from minka.store.pins import PinKey
from tests.desk.town import Resident, request, settle_in

FIRST, SECOND, OTHER = Clear("940183"), Clear("720495"), Clear("581604")
ID_CARD = (ShownPaper("resident_id"),)


def by_bank(
    someone: Resident, region: str = "R5", papers: tuple[ShownPaper, ...] = ID_CARD
) -> PinVisit:
    """The holder at the bank counter."""
    return PinVisit(region, "bank_counter", someone.number, {"name": someone.name}, papers)


def by_telephone(someone: Resident, region: str = "R5") -> PinVisit:
    """The automatic dialogue."""
    return PinVisit(
        region, "telephone", someone.number, {"card_last4": Clear(someone.card_number[-4:])}
    )


def bank(key: str = "") -> Request:
    """A request of the bank's clerk."""
    return request("bank_clerk", key=key)


def with_pin(office: Office, region: str = "R5", pin: Clear = FIRST) -> Resident:
    """A resident who has set a PIN at the bank."""
    someone = settle_in(office, region)
    answer = set_first_pin(office, bank(), SetFirstPin(by_bank(someone, region), pin))
    assert answer.accepted, answer
    return someone


def key_of(someone: Resident) -> PinKey:
    """The key of the resident's PIN."""
    return PinKey(someone.person_id, someone.card_id)


def works(office: Office, someone: Resident, pin: Clear) -> str:
    """The name of the refusal of a purchase's PIN, written down and committed; empty when right."""
    key = key_of(someone)
    with office.register.act() as connection:
        desk = Desk(connection, office, request(), "Purchase", person_id=key.person_id)
        at = desk.tick(key.card_id)
        value = verification_value(office.keys, key.holder, pin)
        refused = count_try(desk, key, value, pin_law("R5", at.date()), at=at)
    return refused.reason.name if refused else ""


def wrong_count(office: Office, someone: Resident) -> int:
    """Wrong PINs that stand in the register."""
    with office.register.act() as connection:
        return pins.load(connection, key_of(someone)).wrong


def drift(office: Office) -> list[dict[str, Any]]:
    """PINs whose narrow row is not what its facts say."""
    with office.register.act() as connection:
        return rows(connection, "pin.drift")


def test_change_by_telephone_in_an_automatic_dialogue(office: Office) -> None:
    """G8, R5-09: nobody takes part; a door that names a clerk may not carry the digits."""
    someone = with_pin(office)
    command = ChangePin(by_telephone(someone), FIRST, SECOND)
    assert change_pin(office, request("hotline_agent"), command).code == "desk.not_allowed"
    assert change_pin(office, request(), command).accepted
    assert works(office, someone, FIRST) == "PIN_WRONG"
    assert works(office, someone, SECOND) == ""


def test_change_at_the_bank_with_the_identity_card(office: Office) -> None:
    """G9, R5-10: old and new PIN, and the ID card."""
    someone = with_pin(office)
    bare = change_pin(office, bank(), ChangePin(by_bank(someone, papers=()), FIRST, SECOND))
    assert bare.code == "cards.pin_papers_missing"
    assert "居民身份证" in bare.say()
    elsewhere = replace(by_bank(someone), channel="counter")
    refused = change_pin(office, request("counter_clerk"), ChangePin(elsewhere, FIRST, SECOND))
    assert refused.code == "cards.pin_no_such_channel"
    assert "银行柜台" in refused.say()
    answer = change_pin(office, bank(), ChangePin(by_bank(someone), FIRST, SECOND))
    assert answer.facts["rule"] == "pins:R5@2021-01-22"
    assert "tries" in answer.facts["assumed"]
    assert works(office, someone, SECOND) == ""


def test_forgotten_and_back_in_one_visit(office: Office) -> None:
    """G10, R5-11: the old PIN is reported lost and a new one set, in one act, two facts."""
    someone = with_pin(office)
    answer = reset_pin(office, bank(), ResetPin(by_bank(someone), SECOND))
    assert answer.accepted
    assert works(office, someone, SECOND) == ""
    with office.register.act() as connection:
        facts = connection.execute(
            "select fact from pin_fact where person_id = %s order by seq", (someone.person_id,)
        ).fetchall()
    assert [each["fact"] for each in facts] == ["set", "lost", "reset"]
    assert drift(office) == []


def test_a_lost_pin_buys_nothing(office: Office) -> None:
    """G10: lost first, reset later; between the two even the right digits are refused."""
    someone = with_pin(office)
    assert report_pin_lost(office, bank(), ReportPinLost(by_bank(someone))).accepted
    assert works(office, someone, FIRST) == "PIN_LOST"
    again = report_pin_lost(office, bank(), ReportPinLost(by_bank(someone)))
    assert again.code == "cards.pin_already_lost"
    same = reset_pin(office, bank(), ResetPin(by_bank(someone), FIRST))
    assert same.code == "cards.pin_same"
    assert reset_pin(office, bank(), ResetPin(by_bank(someone), SECOND)).accepted
    assert works(office, someone, SECOND) == ""


def test_a_wrong_old_pin_counts_although_the_change_is_refused(office: Office) -> None:
    """G1: the counter moves durably; the third locks until a reset, at every door."""
    someone = with_pin(office)
    codes = []
    for visit, asked in ((by_telephone(someone), request), (by_bank(someone), bank)):
        answer = change_pin(office, asked(), ChangePin(visit, OTHER, SECOND))
        codes.append((answer.code, answer.facts["left"]))
        assert str(answer.facts["left"]) in answer.say("en")
    assert codes == [("cards.pin_wrong", 2), ("cards.pin_wrong", 1)]
    assert works(office, someone, OTHER) == "PIN_LOCKED_UNTIL_RESET"
    locked = change_pin(office, bank(), ChangePin(by_bank(someone), FIRST, SECOND))
    assert locked.code == "cards.pin_locked_until_reset"
    assert reset_pin(office, bank(), ResetPin(by_bank(someone), SECOND)).accepted
    assert works(office, someone, SECOND) == ""
    assert drift(office) == []


def test_a_repeated_request_counts_once(office: Office) -> None:
    """X1: the same key is one try and one answer, however often it comes."""
    someone = with_pin(office)
    asked, command = bank(), ChangePin(by_bank(someone), OTHER, SECOND)
    answers = [change_pin(office, asked, command) for _ in range(4)]
    assert {(a.code, a.facts["left"]) for a in answers} == {("cards.pin_wrong", 2)}
    assert wrong_count(office, someone) == 1
    good, right = bank(), ChangePin(by_bank(someone), FIRST, SECOND)
    changed = [change_pin(office, good, right) for _ in range(3)]
    assert [a.accepted for a in changed] == [1, 1, 1]
    assert changed[0].facts == changed[2].facts


def test_tries_at_the_same_time_are_all_counted(office: Office) -> None:
    """G1: ten purchases at once with a wrong PIN: three are compared, then it is locked."""
    someone, said = with_pin(office), list[str]()
    threads = [
        threading.Thread(target=lambda: said.append(works(office, someone, OTHER)))
        for _ in range(10)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["PIN_LOCKED_UNTIL_RESET"] * 8 + ["PIN_WRONG"] * 2
    assert wrong_count(office, someone) == 3
    assert drift(office) == []


@pytest.mark.parametrize("weak", ["123456", "850310", "111111", "100385"])
def test_no_weak_pin_comes_in_at_any_act(office: Office, weak: str) -> None:
    """T8: first, changed or reset, a weak PIN is refused with the habit, and nothing changes."""
    someone, pin = with_pin(office), Clear(weak)
    without = settle_in(office, "R5")
    answers: list[Answer] = [
        set_first_pin(office, bank(), SetFirstPin(by_bank(without), pin)),
        change_pin(office, bank(), ChangePin(by_bank(someone), FIRST, pin)),
        reset_pin(office, bank(), ResetPin(by_bank(someone), pin)),
    ]
    assert [a.code for a in answers] == ["cards.pin_weak"] * 3
    assert all(weak not in str(a.stored()) for a in answers)
    assert works(office, someone, FIRST) == ""
    assert works(office, without, pin) == "PIN_NOT_SET"


def test_a_stranger_with_the_card_number_gets_nothing(office: Office) -> None:
    """T8: identity first; a wrong name or last four digits tell nothing and count no PIN."""
    someone = with_pin(office)
    visits = [
        replace(by_bank(someone), stated={"name": Clear("别人")}),
        replace(by_telephone(someone), stated={"card_last4": Clear("0000")}),
        replace(by_bank(someone), number=Clear("110000190001010007")),
    ]
    for visit in visits:
        asked = request() if visit.channel == "telephone" else bank()
        answer = change_pin(office, asked, ChangePin(visit, FIRST, SECOND))
        assert answer.code == "loss.not_verified"
    assert wrong_count(office, someone) == 0


def test_no_digit_of_a_pin_stands_in_the_register(office: Office) -> None:
    """P13: facts, answers and audit hold neither PIN; the value is bound to the card."""
    pin, new = Clear("940683"), Clear("730295")
    someone = with_pin(office, pin=pin)
    assert change_pin(office, bank(), ChangePin(by_bank(someone), pin, new)).accepted
    with office.register.act() as connection:
        lines = [
            each["line"]
            for name in ("request", "audit_event", "pin", "pin_fact", "pin_try", "outbox")
            for each in connection.execute(f"select t::text as line from {name} t").fetchall()
        ]
        stored = pins.load(connection, key_of(someone)).value
    # A piece of a hash or of a fraction of a second may hold six digits by chance.
    alone = re.compile(rf"(?<![0-9a-fx.])({pin.reveal()}|{new.reveal()})(?![0-9a-f])")
    assert len(lines) > 20
    assert [line for line in lines if alone.search(line)] == []
    other = PinKey(someone.person_id, someone.card_id + 1)
    assert stored != verification_value(office.keys, other.holder, new)


def test_a_cancelled_card_gets_no_pin(office: Office) -> None:
    """A PIN belongs to a card that lives."""
    someone = settle_in(office, "R5")
    with office.register.act() as connection:
        card = cards.load(connection, someone.person_id, someone.card_id)
        assert card is not None
        at = cards.tick(connection, card.person_id, card.card_id, fence=None)
        cards.move(connection, card, Move.CANCEL, at=at, cause="test")
    answer = set_first_pin(office, bank(), SetFirstPin(by_bank(someone), FIRST))
    assert answer.code == "cards.cancelled"
