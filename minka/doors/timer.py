"""The clock on the wall: now and then it asks the timetable what is due, and nothing else.

It keeps no state. After a standstill the timetable itself knows what was missed; two clocks do no
harm, and none at all only delays.
"""

from __future__ import annotations

import threading

import structlog

from minka.desk.office import Office
from minka.desk.timetable import turn_over
from minka.store.connection import RegisterAway

EVERY_S = 60.0

log = structlog.get_logger("minka.timer")


def keep_time(office: Office, stop: threading.Event, every_s: float = EVERY_S) -> None:
    """Ask until told to stop; a fault is logged, and the same is due the next time."""
    while not stop.is_set():
        try:
            done = turn_over(office)
            for day in done.closed:
                log.info("day closed", day=day.isoformat())
            for area, scheme, month in done.credited:
                log.info("month credited", area=area, scheme=scheme, month=f"{month:%Y-%m}")
        except RegisterAway:
            log.warning("register away")
        except Exception as fault:
            log.error("timer stumbled", fault=type(fault).__name__)
        stop.wait(every_s)


def start_timer(office: Office, stop: threading.Event) -> threading.Thread:
    """The clock in a thread of its own; it ends soon after ``stop`` is set."""
    clock = threading.Thread(target=keep_time, args=(office, stop), name="timer")
    clock.start()
    return clock
