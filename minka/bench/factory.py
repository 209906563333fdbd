"""The demo factory: ordered cards are made and brought to where they are collected."""

from __future__ import annotations

import signal
import threading
from datetime import timedelta
from types import FrameType

from minka.cards.card import Status
from minka.desk.act import Request
from minka.desk.collect import AdvanceCard, advance_card
from minka.desk.office import Office
from minka.store import cards
from minka.store.connection import RegisterAway, Row, rows

EVERY_S = 2
MADE_AFTER = timedelta(seconds=20)
STOCKED_AFTER = timedelta(seconds=40)
"""After the application; by the register's clock, so a turned clock makes cards at once."""

_NEXT = {Status.ORDERED: "make", Status.MADE: "stock"}


def work(office: Office, pace: str = "soon") -> int:
    """Advance every card that is due, at once when the pace is ``instant``; gives how many."""
    with office.register.act() as connection:
        at = cards.now(connection, office.fence())
        regions = list(office.book().regions)
        waiting = rows(connection, "issue.to_make", regions=regions, statuses=[*_NEXT])
    done = 0
    for card in waiting:
        after = MADE_AFTER if card["status"] == Status.ORDERED else STOCKED_AFTER
        if pace == "instant" or at >= card["accepted_at"] + after:
            done += advance(office, card)
    return done


def advance(office: Office, card: Row) -> int:
    """One step for one card, under a key of its own, so that no step is done twice."""
    move = _NEXT[Status(card["status"])]
    request = Request(f"factory:{move}:{card['receipt']}", "factory", "factory", "factory")
    return advance_card(office, request, AdvanceCard(card["receipt"], move)).accepted


def run(pace: str) -> None:
    """Work every two seconds until asked to stop; a register that is away is waited for."""
    from minka.doors.office import office

    enough = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        enough.set()

    signal.signal(signal.SIGTERM, stop)
    while not enough.wait(EVERY_S):
        try:
            work(office(), pace)
        except RegisterAway:
            continue
