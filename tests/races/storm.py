"""Many clients at once: a barrier, a thread and a connection for each, and all their answers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from minka.desk.act import Answer

Result = TypeVar("Result")


def storm(clients: Sequence[Callable[[], Result]]) -> list[Result]:
    """Let every client do its work at the same moment; the answers in the order of the clients."""
    barrier = threading.Barrier(len(clients))

    def run(client: Callable[[], Result]) -> Result:
        barrier.wait(60)
        return client()

    with ThreadPoolExecutor(len(clients)) as threads:
        return list(threads.map(run, clients))


def codes(answers: Sequence[Answer]) -> dict[str, int]:
    """How often each code was answered."""
    found = [answer.code for answer in answers]
    return {code: found.count(code) for code in sorted(set(found))}
