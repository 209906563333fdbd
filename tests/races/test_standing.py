"""Which card pays at which instant: the very end of a lapse, and each status of a card (P11)."""

from __future__ import annotations

from datetime import datetime, timedelta

import psycopg
import pytest

from minka.cards.card import LIFE, Card, Move, Standing, Status
from minka.cards.number import card_number
from minka.desk.use import UseCard, use_card
from minka.desk.withdraw import FreezeCard, freeze_card
from minka.store import cards
from minka.store.connection import the_row
from tests.desk.town import Resident, request, settle_in
from tests.races.conftest import Crowded

MICROSECOND = timedelta(microseconds=1)


def turn_to(crowded: Crowded, instant: datetime) -> None:
    """Turn the bench's clock so that the register's time is an instant."""
    with psycopg.connect(crowded.url, autocommit=True) as owner:
        owner.execute("update clock_shift set shift = %s - clock_timestamp()", (instant,))


def test_the_card_pays_again_from_the_very_instant_of_the_lapse(crowded: Crowded) -> None:
    """P10, R1-05: refused up to the last microsecond, paid from the end on, in SQL and Python."""
    someone = settle_in(crowded.office)
    report = crowded.report(someone)
    until = datetime.fromisoformat(report.facts["lapses_at"])
    expected = {until - MICROSECOND: Standing.PROVISIONAL_LOSS, until: Standing.USABLE}
    with crowded.office.register.act() as connection:
        card = cards.load(connection, someone.person_id, someone.card_id)
        assert card is not None
        for at, standing in expected.items():
            found = cards.standing(connection, someone.person_id, someone.card_id, at)
            assert found is card.standing_at(at) is standing
    turn_to(crowded, until - timedelta(milliseconds=400))
    use = UseCard(100, "H1", card_number=someone.card_number)
    answers = [use_card(crowded.office, request(), use)]
    while not answers[-1].accepted:
        answers.append(use_card(crowded.office, request(), use))
    refused = [datetime.fromisoformat(each.facts["at"]) for each in answers[:-1]]
    assert refused, "the clock was turned too far"
    assert max(refused) < until <= datetime.fromisoformat(answers[-1].facts["auth_at"])
    turn_to(crowded, datetime.fromisoformat(answers[-1].facts["auth_at"]))


def ways() -> dict[Status, tuple[Move, ...]]:
    """How a card comes into each status of its life, by the table."""
    found: dict[Status, tuple[Move, ...]] = {Status.ORDERED: ()}
    for _ in LIFE:
        for (status, move), to in LIFE.items():
            if status in found:
                found.setdefault(to, (*found[status], move))
    return found


@pytest.mark.parametrize("status", list(Status))
def test_only_an_active_card_pays(crowded: Crowded, status: Status) -> None:
    """P11: a card that was never activated, or is closed, is refused in every status."""
    someone = settle_in(crowded.office)
    number = walk(crowded, someone, ways()[status])
    answer = use_card(crowded.office, request(), UseCard(100, "H1", card_number=number))
    expected = {
        Status.ACTIVE: "accepted",
        Status.CANCELLED: "cards.cancelled",
        Status.DESTROYED: "cards.cancelled",
    }
    assert answer.code == expected.get(status, "cards.not_active")


def walk(crowded: Crowded, someone: Resident, moves: tuple[Move, ...]) -> str:
    """Another kind of card for a resident, walked through moves; its number."""
    with crowded.office.register.act() as connection:
        card_id = the_row(connection, "cards.card_id")["id"]
        number = card_number("W", card_id)
        card = Card(someone.person_id, card_id, "other_card", "R1", number, Status.ORDERED)
        at = cards.now(connection, None)
        cards.order(connection, card, at=at, cause="walk")
        for move in moves:
            found = cards.load(connection, someone.person_id, card_id)
            assert found is not None
            cards.move(connection, found, move, at=at, cause="walk")
    return number


def test_a_stop_outweighs_an_active_status(crowded: Crowded) -> None:
    """P11: frozen, provisionally and formally lost, each with its own code."""
    someone = settle_in(crowded.office)
    use = UseCard(100, "H1", card_number=someone.card_number)

    def code() -> str:
        return use_card(crowded.office, request(), use).code

    asked = FreezeCard("R1", someone.number, "freeze", {"name": someone.name})
    assert freeze_card(crowded.office, request(), asked).accepted
    assert code() == "cards.frozen"
    assert crowded.report(someone).accepted
    assert code() == "cards.provisional_loss"
    assert crowded.report(someone, force="formal").accepted
    assert code() == "cards.formal_loss"


def test_an_expired_card_does_not_pay(crowded: Crowded) -> None:
    """P11: from the day of its expiry in China on."""
    someone = settle_in(crowded.office)
    use = UseCard(100, "H1", card_number=someone.card_number)
    days = {"1": "accepted", "0": "cards.expired", "-1": "cards.expired"}
    for away, expected in days.items():
        with psycopg.connect(crowded.url, autocommit=True) as owner:
            owner.execute(
                "update card set expires_on ="
                " (register_now() at time zone 'Asia/Shanghai')::date + %s::int where card_id = %s",
                (away, someone.card_id),
            )
        assert use_card(crowded.office, request(), use).code == expected


def test_the_old_card_is_dead_at_once_though_its_clock_was_behind(crowded: Crowded) -> None:
    """P5, P11: the new card's clock ran ahead; the old one may not work until it gets there."""
    someone = settle_in(crowded.office)
    receipt = crowded.bring_to_the_holder(someone)
    with psycopg.connect(crowded.url, autocommit=True) as owner:
        owner.execute(
            "update card set last_at = last_at + interval '1 hour' where replaces_id = %s",
            (someone.card_id,),
        )
    assert crowded.activate(someone, receipt).accepted
    use = UseCard(100, "H1", card_number=someone.card_number)
    assert use_card(crowded.office, request(), use).code == "cards.cancelled"
