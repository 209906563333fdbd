"""The hotline takes a report at any minute of the day (A2)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from minka.bench import clock
from minka.bench.story_cast import Player, settle
from minka.bench.story_house import House
from minka.bench.story_text import Person
from minka.desk.act import Request
from minka.desk.loss import ReportLoss, report_loss
from minka.desk.withdraw import WithdrawLoss, withdraw_loss
from minka.kit.clock import CHINA
from minka.kit.secret import Clear
from minka.law.papers import ShownPaper

MIDNIGHT = datetime(2026, 12, 31, tzinfo=CHINA)
"""The last day of a year, so that the day, the month and the year close in it."""


def _reported_every(house: House, minutes: int) -> list[str]:
    """The minutes of the day at which a report was not taken."""
    missed = []
    with house.office() as (office, _):
        clock.set_to(office, MIDNIGHT)
        law = office.law("R1", MIDNIGHT)
        (player,) = settle(office, law, [Person("王某")], MIDNIGHT).values()
        for minute in range(0, 24 * 60, minutes):
            at = MIDNIGHT + timedelta(minutes=minute)
            clock.forward_to(office, at)
            command = ReportLoss("R1", "hotline", player.number, {"name": Clear(player.name)})
            answer = report_loss(office, Request(f"minute-{minute}", "test"), command)
            if not answer.accepted or answer.facts["state"] != "in_force":
                missed.append(f"{at:%H:%M} {answer.code}")
            withdraw_loss(office, Request(f"back-{minute}", "test"), _found(player))
    return missed


def _found(player: Player) -> WithdrawLoss:
    return WithdrawLoss(
        region="R1",
        channel="counter",
        number=player.number,
        place_id="R1-SERVICEPOINT-1",
        papers=(ShownPaper("resident_id"),),
        found_card_number=player.card_number,
    )


def test_a_report_is_taken_at_every_quarter_of_an_hour(house: House) -> None:
    """A2, R1-01: day and night, over the end of the day."""
    assert _reported_every(house, 15) == []


@pytest.mark.nightly
def test_a_report_is_taken_at_every_minute(house: House) -> None:
    """A2, R1-01: one synthetic report a minute, all of which succeed."""
    assert _reported_every(house, 1) == []
