"""Server clocks that jump while the register works: by its own shift, or by libfaketime."""

from __future__ import annotations

import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

FARTHEST_MS = 3000


class NoFakeTimeError(Exception):
    """The library that fakes a process's clock is not installed."""


@contextmanager
def stepped_shift(url: str, *, every_ms: int) -> Iterator[None]:
    """Let the register's shift jump by up to three seconds; nothing when ``every_ms`` is nought."""
    if not every_ms:
        yield
        return
    with (
        psycopg.connect(url, autocommit=True) as line,
        _again_and_again(lambda away_ms: _shift(line, away_ms), every_ms=every_ms),
    ):
        yield


def _shift(line: psycopg.Connection, away_ms: int) -> None:
    line.execute("update clock_shift set shift = %s * interval '1 millisecond'", (away_ms,))


@dataclass(frozen=True, slots=True)
class FalseTime:
    """The file that tells a server started under libfaketime how far its clock is off."""

    path: Path

    def say(self, away_ms: int) -> None:
        """Set how far the clock is off, all at once."""
        draft = self.path.with_suffix(".new")
        draft.write_text(f"{away_ms / 1000:+.3f}\n")
        draft.replace(self.path)

    def stepping(self) -> AbstractContextManager[None]:
        """Let the clock jump by up to three seconds every three milliseconds."""
        return _again_and_again(self.say, every_ms=3)


@contextmanager
def false_time() -> Iterator[FalseTime]:
    """A timestamp file that a server of another user can read; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="minka-clock-") as folder:
        Path(folder).chmod(0o755)
        stamp = FalseTime(Path(folder) / "faketime")
        stamp.say(0)
        yield stamp


def faketime_words(stamp: Path) -> dict[str, str]:
    """The environment under which a server lives in the time of a stamp file."""
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    if not found:
        raise NoFakeTimeError("libfaketime is not installed: `apt-get install faketime`")
    return {
        "LD_PRELOAD": str(found[0]),
        "FAKETIME_TIMESTAMP_FILE": str(stamp),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DISABLE_SHM": "1",
    }


@contextmanager
def _again_and_again(step: Callable[[int], None], *, every_ms: int) -> Iterator[None]:
    """Take a random step every few milliseconds until the block is left."""
    over, chance = threading.Event(), random.Random()
    faults: list[Exception] = []

    def run() -> None:
        try:
            while not over.is_set():
                step(chance.randint(-FARTHEST_MS, FARTHEST_MS))
                time.sleep(every_ms / 1000)
        except (psycopg.Error, OSError) as fault:
            faults.append(fault)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    if faults:
        raise RuntimeError("the clock stopped stepping") from faults[0]
