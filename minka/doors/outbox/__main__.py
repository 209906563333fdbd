"""``python -m minka.doors.outbox``: deliver what lies in the outbox until interrupted."""

from __future__ import annotations

import signal
import threading

from minka.doors.outbox.lanes import key_of_the_house, lanes_of, own_office
from minka.doors.outbox.worker import run_worker


def main() -> None:
    """Run the hands until SIGINT or SIGTERM."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    house = own_office()
    run_worker(house, stop, lanes_of(house, key_of_the_house()))
    house.register.close()


if __name__ == "__main__":
    main()
