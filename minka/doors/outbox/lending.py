"""The hand that follows the journal for signs of lending, and notes expenses known too late."""

from __future__ import annotations

import threading
import time

import structlog

from minka.desk.lending_watch import follow
from minka.desk.office import Office
from minka.desk.reimburse_pay import note_later
from minka.store.connection import RegisterAway

IDLE_S = 5.0
NOTE_EVERY_S = 3600.0

log = structlog.get_logger("minka.lending")


def follow_journal(office: Office, stop: threading.Event) -> None:
    """Follow until told to stop; a fault is logged and the same stretch is read again."""
    noted_at = -NOTE_EVERY_S
    while not stop.is_set():
        try:
            step = follow(office)
            if step.signs:
                log.info("signs of lending", signs=step.signs, settlements=step.settlements)
            if time.monotonic() - noted_at >= NOTE_EVERY_S:
                noted_at = time.monotonic()
                note_later(office)
            pause = IDLE_S if step.caught_up else 0.0
        except RegisterAway:
            pause = IDLE_S
        except Exception as fault:
            log.error("follower stumbled", fault=type(fault).__name__)
            pause = IDLE_S
        stop.wait(pause)


def start_following(office: Office, stop: threading.Event) -> threading.Thread:
    """The follower in a thread of its own; it ends soon after ``stop`` is set."""
    hand = threading.Thread(target=follow_journal, args=(office, stop), name="follower-lending")
    hand.start()
    return hand
