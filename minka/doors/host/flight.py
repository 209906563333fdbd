"""Requests on their way through the books: how many, and which, so that a repeat joins its first.

A terminal that repeats a purchase while the first is still being settled must not have its PIN
tried twice. So one key with one content is one question to the books, whoever asks it, and all who
ask get its one answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from minka.doors.host.ledger import Ask, Busy, Key, Outcome

Work = Callable[[], Awaitable[Outcome]]


@dataclass
class Flight:
    """The questions that are open in this process; one for all dialects and lines."""

    most_open: int = 512
    open: int = 0
    _asked: dict[Key, tuple[bytes, asyncio.Future[Outcome]]] = field(default_factory=dict)

    def ask(self, ask: Ask, work: Work) -> asyncio.Future[Outcome]:
        """The answer to come; ``Busy`` when too many questions are open already."""
        known = self._asked.get(ask.key)
        if known is not None and known[0] == ask.content_hash:
            return known[1]
        if self.open >= self.most_open:
            raise Busy
        self.open += 1
        task = asyncio.ensure_future(work())
        if known is None:
            self._asked[ask.key] = (ask.content_hash, task)
        task.add_done_callback(lambda done: self._answered(ask.key, done))
        return task

    def _answered(self, key: Key, done: asyncio.Future[Outcome]) -> None:
        """A question that outlived its asker is counted out, and its fault is not left unread."""
        self.open -= 1
        if key in self._asked and self._asked[key][1] is done:
            del self._asked[key]
        if not done.cancelled():
            done.exception()
