"""Everything that leaves the house: bank stops, the hot list and messages to people."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from minka.desk.office import Office


def run_worker(office: Office | None = None, stop: threading.Event | None = None) -> None:
    """Deliver what lies in the outbox until ``stop`` is set, or until SIGINT or SIGTERM.

    Without an office the worker opens one with a register of its own.
    """
    from minka.doors.outbox.lanes import key_of_the_house, lanes_of, own_office
    from minka.doors.outbox.lending import start_following
    from minka.doors.outbox.worker import until_signalled, work_lanes
    from minka.doors.timer import start_timer

    house, ending = office or own_office(), stop or until_signalled()
    follower, clock = start_following(house, ending), start_timer(house, ending)
    work_lanes(house, ending, lanes_of(house, key_of_the_house()))
    follower.join()
    clock.join()
    if office is None:
        house.register.close()
