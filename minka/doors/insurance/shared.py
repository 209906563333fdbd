"""What the workers of one switch share: the nonces that were used, and that sessions have changed.

One piece of memory without a lock: a worker writes in its own part only and reads every part. A
nonce is written down first and looked for afterwards, so that of two deliveries with one nonce at
two workers at most one passes.

| bytes | what |
|---|---|
| page 0, words 0.. | how often each worker began or ended a session |
| page 0, words 128.. | to which span of time each half of each worker's nonces belongs |
| then | for each worker two halves of ``slots`` words: this span of time, and the one before |
"""

from __future__ import annotations

import mmap
import os

from minka.wire.insurance import gateway

WORKERS = 64
SLOTS = 1 << 23
"""Nonces a worker can hold for a span, four in five of them used: 11,000 a second."""
SPAN_S = 2 * gateway.WINDOW_SECONDS + 1
"""A nonce is kept for this long at least: before and after, its time is refused."""
_PAGE, _WORD, _HALVES = 4096, 8, 128
_WORDS = (1 << 64) - 1


class Full(Exception):
    """More nonces came in a span than there is room for: nothing further is taken in it."""


class Shared:
    """One worker's view of the memory that all of them have."""

    def __init__(self, fd: int, *, me: int = 0, workers: int = 1, slots: int = SLOTS) -> None:
        self.me, self.workers, self._slots = me, workers, slots
        self._memory = mmap.mmap(fd, _length(workers, slots))
        self._words = memoryview(self._memory).cast("Q")
        self._span = max(self._tags(me))
        self._held = self._count()

    def changed(self) -> None:
        """Tell the other workers that a session began or ended; the register has it already."""
        self._words[self.me] += 1

    def turn(self) -> int:
        """A number that moves with every change of any worker's sessions."""
        return sum(self._words[: self.workers])

    def take(self, nonce: str, now_seconds: int) -> int:
        """One when a nonce was not used in the last span, nought when it was.

        ``Full`` when there is no room to remember it.
        """
        whole = int(nonce.replace("-", ""), 16)
        word = (whole ^ whole >> 64) & _WORDS or 1
        span = now_seconds // SPAN_S
        if span > self._span:
            self._turn_over(span)
        if self._held * 5 > self._slots * 4:
            raise Full
        fresh = self._write(word)
        for worker in range(self.workers):
            for half, tag in enumerate(self._tags(worker)):
                mine = worker == self.me and tag == self._span
                if not mine and tag >= self._span - 1 and self._find(worker, half, word):
                    return 0
        return fresh

    def _tags(self, worker: int) -> tuple[int, int]:
        at = _HALVES + 2 * worker
        return self._words[at], self._words[at + 1]

    def _turn_over(self, span: int) -> None:
        """A new span: the older half is emptied, then it becomes this span's."""
        half = span % 2
        begin = self._begin(self.me, half) * _WORD
        self._words[_HALVES + 2 * self.me + half] = 0
        self._memory.madvise(mmap.MADV_REMOVE, begin, self._slots * _WORD)
        self._words[_HALVES + 2 * self.me + half] = span
        self._span, self._held = span, 0

    def _count(self) -> int:
        """Nonces of this span that stand here already: of a worker that was started again."""
        begin = self._begin(self.me, self._span % 2)
        step = min(self._slots, 1 << 16)
        parts = range(begin, begin + self._slots, step) if self._span else ()
        return sum(step - self._words[at : at + step].tolist().count(0) for at in parts)

    def _begin(self, worker: int, half: int) -> int:
        return _PAGE // _WORD + (2 * worker + half) * self._slots

    def _write(self, word: int) -> int:
        words, last = self._words, self._slots - 1
        begin, at = self._begin(self.me, self._span % 2), word & last
        while held := words[begin + at]:
            if held == word:
                return 0
            at = (at + 1) & last
        words[begin + at] = word
        self._held += 1
        return 1

    def _find(self, worker: int, half: int, word: int) -> int:
        words, last = self._words, self._slots - 1
        begin, at = self._begin(worker, half), word & last
        while held := words[begin + at]:
            if held == word:
                return 1
            at = (at + 1) & last
        return 0


def memory(workers: int = 1, slots: int = SLOTS) -> int:
    """New memory for so many workers, as a file descriptor; room is taken as it is used."""
    fd = os.memfd_create("minka-switch")
    os.ftruncate(fd, _length(workers, slots))
    return fd


def alone(slots: int = SLOTS) -> Shared:
    """The memory of a switch with one worker."""
    fd = memory(1, slots)
    try:
        return Shared(fd, slots=slots)
    finally:
        os.close(fd)


def _length(workers: int, slots: int) -> int:
    assert 0 < workers <= WORKERS, "a switch has 1 to 64 workers"
    assert slots & (slots - 1) == 0, "places are a power of two"
    assert slots * _WORD % _PAGE == 0, "a half is whole pages, so that it can be given back"
    return _PAGE + 2 * workers * slots * _WORD
