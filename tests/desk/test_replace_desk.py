"""Replacements at the desk: the rare turns of a case (E7, E11, X21, X23, O3-2)."""

from __future__ import annotations

import base64
import secrets

import pytest

from minka.cards.card import Standing, Status
from minka.desk.act import Answer
from minka.desk.apply import ApplyReplacement, LoseAndReplace, apply_replacement, lose_and_replace
from minka.desk.collect import (
    ActivateCard,
    AdvanceCard,
    CollectCard,
    activate_card,
    advance_card,
    collect_card,
)
from minka.desk.loss import ReportLoss, report_loss
from minka.desk.office import Office
from minka.desk.photo import SubmitPhoto, submit_photo
from minka.desk.withdraw import WithdrawLoss, withdraw_loss
from minka.kit.secret import Clear
from minka.law.papers import ShownPaper
from minka.store import cards
from tests.desk.test_photo import portrait
from tests.desk.town import Resident, request, settle_in

ID = (ShownPaper("resident_id"),)


def place(office: Office, region: str, kind: str) -> str:
    """A fresh place of a kind in a region."""
    place_id = f"P{secrets.token_hex(4)}"
    with office.register.act() as connection:
        connection.execute("reset role")
        connection.execute(
            "insert into place (place_id, region, kind, name, name_en, district, address, phone,"
            " hours, services, directions) values (%s, %s, %s, 'x', '', '', '', '', '', '', '')",
            (place_id, region, kind),
        )
        connection.execute("set role minka_desk")
    return place_id


def pictured(office: Office, someone: Resident, region: str) -> str:
    """A photo on file for a person; gives its code."""
    image = Clear(base64.b64encode(portrait()).decode())
    answer = submit_photo(office, request(), SubmitPhoto(region, someone.number, image))
    code: str = answer.facts["photo_code"]
    return code


def lose(office: Office, someone: Resident, region: str, point: str) -> Answer:
    """Formal loss and replacement in one visit."""
    loss = ReportLoss(region, "counter", someone.number, force="formal", place_id=point, papers=ID)
    photo = pictured(office, someone, region)
    wanted = ApplyReplacement(region, "counter", someone.number, point, papers=ID, photo_code=photo)
    return lose_and_replace(office, request("counter_clerk"), LoseAndReplace(loss, wanted))


def hand_over(office: Office, someone: Resident, answer: Answer, point: str) -> str:
    """Make, stock and collect; gives the application's receipt."""
    case = answer.facts["replacement"]
    made = advance_card(office, request("factory"), AdvanceCard(case["receipt"], "instant"))
    assert made.accepted, made
    collected = collect_card(
        office, request("counter_clerk"), CollectCard(case["slip"], point, someone.number, ID)
    )
    assert collected.accepted, collected
    receipt: str = case["receipt"]
    return receipt


def held(office: Office, someone: Resident) -> list[tuple[Status, Standing]]:
    """Status and standing of every card of a person, oldest first."""
    with office.register.act() as connection:
        found = cards.of_person(connection, someone.person_id)
        at = cards.now(connection, None)
        return [
            (card.status, cards.standing(connection, card.person_id, card.card_id, at))
            for card in found
        ]


def test_formal_loss_to_a_living_new_card(office: Office) -> None:
    """A8, A9, A11, A14, R1-06 to R1-08: the whole way; the old card is dead for ever."""
    someone, point = settle_in(office), place(office, "R1", "service_point")
    answer = lose(office, someone, "R1", point)
    assert answer.accepted, answer
    receipt = hand_over(office, someone, answer, point)
    assert held(office, someone)[-1] == (Status.SEALED, Standing.NOT_ACTIVE)
    alive = activate_card(office, request(), ActivateCard(receipt, someone.number))
    assert alive.accepted, alive
    assert held(office, someone) == [
        (Status.CANCELLED, Standing.CANCELLED),
        (Status.ACTIVE, Standing.USABLE),
    ]


def test_a_new_card_lost_before_it_lived_is_replaced_too(office: Office) -> None:
    """X21: the chain goes on; the second new card lives, both others are dead."""
    someone, point = settle_in(office), place(office, "R1", "service_point")
    hand_over(office, someone, lose(office, someone, "R1", point), point)
    again = lose(office, someone, "R1", point)
    assert again.accepted, again
    receipt = hand_over(office, someone, again, point)
    assert activate_card(office, request(), ActivateCard(receipt, someone.number)).accepted
    assert [status for status, _ in held(office, someone)] == [
        Status.CANCELLED,
        Status.CANCELLED,
        Status.ACTIVE,
    ]


@pytest.mark.parametrize("made", ["no", "yes"])
def test_a_card_found_while_its_successor_is_ordered(office: Office, made: str) -> None:
    """E7, R3-03, O3-2: taken back until the new card is made; the unmade one is struck out."""
    someone = settle_in(office, "R3", kind="medical_card")
    centre = place(office, "R3", "service_point")
    number = someone.number
    loss = ReportLoss("R3", "counter", number, place_id=centre, papers=ID)
    assert report_loss(office, request("counter_clerk"), loss).accepted
    photo = pictured(office, someone, "R3")
    wanted = ApplyReplacement("R3", "counter", number, centre, papers=ID, photo_code=photo)
    applied = apply_replacement(office, request("counter_clerk"), wanted)
    assert applied.accepted, applied
    if made == "yes":
        advance_card(office, request("factory"), AdvanceCard(applied.facts["receipt"], "make"))
    found = WithdrawLoss("R3", "counter", number, centre, ID, found_card_number=someone.card_number)
    answer = withdraw_loss(office, request("counter_clerk"), found)
    if made == "yes":
        assert answer.code == "loss.reissue_handled"
        return
    assert answer.accepted, answer
    assert held(office, someone) == [
        (Status.ACTIVE, Standing.USABLE),
        (Status.DESTROYED, Standing.CANCELLED),
    ]


def test_a_slip_serves_once(office: Office) -> None:
    """A12: redeemed exactly once."""
    someone, point = settle_in(office), place(office, "R1", "service_point")
    answer = lose(office, someone, "R1", point)
    hand_over(office, someone, answer, point)
    slip = answer.facts["replacement"]["slip"]
    again = collect_card(office, request(), CollectCard(slip, point, someone.number, ID))
    assert again.code == "issue.slip_used"


def test_both_or_neither(office: Office) -> None:
    """A9: a refused replacement takes the formal loss with it."""
    someone = settle_in(office)
    hospital = place(office, "R1", "hospital")
    point = place(office, "R1", "service_point")
    loss = ReportLoss("R1", "counter", someone.number, force="formal", place_id=point, papers=ID)
    wanted = ApplyReplacement("R1", "counter", someone.number, hospital, papers=ID)
    answer = lose_and_replace(office, request("counter_clerk"), LoseAndReplace(loss, wanted))
    assert not answer.accepted
    assert held(office, someone) == [(Status.ACTIVE, Standing.USABLE)]


def test_only_a_photo_of_this_person_goes_on_the_card(office: Office) -> None:
    """B3, B7: a code that is not on file for the holder is refused."""
    someone, other = settle_in(office), settle_in(office)
    point = place(office, "R1", "service_point")
    foreign = pictured(office, other, "R1")
    wanted = ApplyReplacement("R1", "counter", someone.number, point, papers=ID, photo_code=foreign)
    answer = apply_replacement(office, request("counter_clerk"), wanted)
    assert answer.code == "issue.photo_rejected"


def test_a_card_is_not_sent_to_nowhere(office: Office) -> None:
    """A13: the place of collection is one of the city's."""
    someone, point = settle_in(office), place(office, "R1", "service_point")
    elsewhere = place(office, "R6", "service_centre")
    for goal in (elsewhere, "NOWHERE"):
        wanted = ApplyReplacement(
            "R1", "counter", someone.number, point, papers=ID, collect_at=goal
        )
        answer = apply_replacement(office, request("counter_clerk"), wanted)
        assert answer.code == "desk.unknown_place"
