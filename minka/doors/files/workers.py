"""Rows sealed and opened by processes of their own, in order, some chunks ahead."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from multiprocessing import connection as pipes
from typing import Any, TypeVar

from minka.cipher.field import FieldKeys

Given = TypeVar("Given")
Done = TypeVar("Done")
Task = Callable[[FieldKeys, Given], Done]
"""What a worker does with one chunk; picklable."""

OpenKeys = Callable[[], FieldKeys]
"""Opens the field keys in a process; picklable, and without a secret in it where that can be."""

_AHEAD = 3
_keys: list[FieldKeys] = []


@dataclass(frozen=True, slots=True)
class Crew:
    """Who does the sealing: this process alone, or several beside it."""

    open_keys: OpenKeys
    workers: int = 0
    """0: this process does the work itself, which is quicker for small files."""

    def each(self, task: Task[Given, Done], chunks: Iterable[Given]) -> Iterator[Done]:
        """The task done to every chunk, in order."""
        if not self.workers:
            keys = self.open_keys()
            return (task(keys, chunk) for chunk in chunks)
        return self._side_by_side(task, chunks)

    def _side_by_side(self, task: Task[Given, Done], chunks: Iterable[Given]) -> Iterator[Done]:
        pool = ProcessPoolExecutor(
            self.workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_start,
            initargs=(self.open_keys,),
        )
        waiting: deque[Future[Done]] = deque()
        source = iter(chunks)
        with pool:
            try:
                for chunk in islice(source, self.workers + _AHEAD):
                    waiting.append(pool.submit(partial(_work, task), chunk))
                while waiting:
                    yield waiting.popleft().result()
                    for chunk in islice(source, 1):
                        waiting.append(pool.submit(partial(_work, task), chunk))
            finally:
                for left in waiting:
                    left.cancel()


def chunked(rows: Iterable[Given], size: int) -> Iterator[tuple[int, Sequence[Given]]]:
    """Rows in numbered chunks of a size."""
    source = iter(rows)
    for seq in range(1 << 62):
        part = list(islice(source, size))
        if not part:
            return
        yield seq, part


def most_workers() -> int:
    """As many processes as there are processors to spare, and two at least."""
    return max(2, (os.cpu_count() or 1) - 1)


def _start(open_keys: OpenKeys) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _keys.append(open_keys())


def _end_with_parent() -> None:
    """A worker whose parent was killed ends too, instead of waiting for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        pipes.wait([parent.sentinel])
        os._exit(1)


def _work(task: Callable[[FieldKeys, Any], Any], chunk: Any) -> Any:
    return task(_keys[0], chunk)
