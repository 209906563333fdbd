"""`minka reader serve` in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

PAGE = "https://his.test"
PATIENCE_S = 20
MINKA = (sys.executable, "-c", "from minka.doors.cli import main; main()")
FREE = {f"MINKA_READER_{name}_PORT": "0" for name in ("OWN", "BIZCODE", "FUNCTION", "HTTP")}


@contextmanager
def serving(words: list[str], environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """`minka reader serve` until the end of the block: the addresses it prints."""
    program = [*MINKA, "reader", "serve", "--page", PAGE, *words]
    running = subprocess.Popen(
        program, stdout=subprocess.PIPE, text=True, env={**environment, **FREE}
    )
    assert running.stdout is not None
    try:
        lines = [running.stdout.readline().split() for _ in range(4)]
        yield dict(lines)
    finally:
        running.terminate()
        assert running.wait(PATIENCE_S) == 0
        running.stdout.close()


def socket(address: str) -> ClientConnection:
    """A connection as the allowed page makes it."""
    return connect(address, origin=Origin(PAGE), legacy=True)
