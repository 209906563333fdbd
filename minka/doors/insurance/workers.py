"""A switch of several processes on one port: the first is the switch, it keeps the others alive.

Each worker is a whole switch with lanes of its own; the kernel deals out connections. A person may
come up at two of them at once: the compare-and-set on the coverage row decides, as it does between
two lanes. The host door and whatever else listens once stand in the first. When the first ends, in
whatever way, the others end at once.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress

import structlog

from minka.doors.insurance.shared import memory

WORKERS_MOST = 8
READY = b"ready\n"
_AGAIN_S, _END_S = 0.5, 10
log = structlog.get_logger("minka.switch")


def default_workers() -> int:
    """One worker for each processor this process may use, at most eight."""
    return min(len(os.sched_getaffinity(0)), WORKERS_MOST)


def reserve(host: str, port: int) -> socket.socket:
    """Hold a port that several processes may listen on; it does not listen itself."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    held.bind((host, port))
    return held


class Workers:
    """The other workers of a switch, each started again when it dies."""

    def __init__(self, count: int, words: Sequence[str], environment: Mapping[str, str]) -> None:
        self.fd = memory(count)
        self._count, self._words, self._environment = count, list(words), dict(environment)
        self._tasks: list[asyncio.Task[None]] = []
        self._children: dict[int, asyncio.subprocess.Process] = {}
        self._life, self._line = os.pipe()  # the other end is here alone: it closes with us

    async def start(self) -> None:
        """Start them; returns when all of them listen."""
        ready = [asyncio.Event() for _ in range(1, self._count)]
        for place, event in enumerate(ready, 1):
            self._tasks.append(asyncio.ensure_future(self._keep(place, event)))
        for event in ready:
            await event.wait()

    async def _keep(self, place: int, ready: asyncio.Event) -> None:
        while True:
            child = self._children[place] = await self._begin(place)
            assert child.stdout is not None, "its output is a pipe"
            if await child.stdout.readline() == READY:
                ready.set()
            await child.wait()
            log.error("worker_died", worker=place, code=child.returncode)
            await asyncio.sleep(_AGAIN_S)

    async def _begin(self, place: int) -> asyncio.subprocess.Process:
        words = [*self._words, str(place), str(self._count), str(self.fd)]
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "minka.doors.insurance.worker", *words),
            stdin=self._life,
            stdout=asyncio.subprocess.PIPE,
            pass_fds=(self.fd,),
            env=self._environment,
        )

    async def stop(self) -> None:
        """End them: what they answered stands, what waited is answered busy."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for child in self._children.values():
            with suppress(ProcessLookupError):
                child.terminate()
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*map(_end, self._children.values())), _END_S)
        for fd in (self._life, self._line, self.fd):
            os.close(fd)


async def _end(child: asyncio.subprocess.Process) -> None:
    await child.wait()
