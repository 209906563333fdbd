"""One further worker of a switch, as a process: `python -m minka.doors.insurance.worker …`."""

from __future__ import annotations

import os
import sys

from minka.doors.insurance.shared import Shared
from minka.doors.insurance.switch import Places, serve
from minka.doors.insurance.workers import READY
from minka.doors.office import office
from minka.store.cluster import database_url


def main(words: list[str]) -> None:
    """Serve beside the others, until the first worker says so or is gone."""
    host, port, place, count, fd = words
    shared = Shared(int(fd), me=int(place), workers=int(count))
    places = Places(host, int(port), -1, workers=int(count))

    def ready(_port: int) -> None:
        os.write(1, READY)

    serve(office(), database_url(), places, ready, shared=shared)


if __name__ == "__main__":
    main(sys.argv[1:])
