"""What a door puts into a lane, and what it gets back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from minka.care.decide import Ask
from minka.care.entry import Entry
from minka.care.state import Outstanding
from minka.kit.outcome import Reason


class Task(Enum):
    """What is to be done in the lane."""

    SETTLE = "settle"
    PREVIEW = "preview"
    PURCHASE = "purchase"
    REFUND = "refund"
    REVERSE = "reverse"
    REFUSE = "refuse"
    """Refused before the lane, for a reason that is kept under the key."""


class Verdict(Enum):
    """How the lane answered."""

    DONE = "done"
    REFUSED = "refused"
    BUSY = "busy"
    UNKNOWN = "unknown"
    """The register broke off: whether it stands can be asked again under the same key."""


class Outcome(NamedTuple):
    """The answer: the journal row, or the reason with its code; a key always gets the same."""

    verdict: Verdict
    entry: Entry | None = None
    reason: Reason | None = None
    code: str = ""
    shown: bytes = b""
    """What the visit shows of its person, masked, for the answer."""


@dataclass(slots=True, eq=False)
class Job:
    """One request on its way through a lane; its key is ``(msg_no, origin_no)``."""

    task: Task
    msg_no: int
    origin_no: int
    person_id: int
    infno: int
    ask: Ask
    visit_no: int = 0
    batch: bytes = b""
    provider_no: int = 0
    """Where a terminal stands; nought when the origin is the provider."""
    of_msg_no: int = 0
    of_origin_no: int = 0
    content_hash: bytes = b""
    number_index: bytes = b""
    served_on: int = 0
    due: Outstanding | None = None
    basis: int = 0
    reason: Reason | None = None
    tries: int = 0
    told: Callable[[Outcome], None] | None = None
    """Called once with the answer; without it ``answer`` waits for it."""
    outcome: Outcome | None = None
    _future: asyncio.Future[Outcome] | None = None

    @property
    def answer(self) -> asyncio.Future[Outcome]:
        """The answer to come, for whoever would rather wait."""
        if self._future is None:
            self._future = asyncio.get_running_loop().create_future()
            if self.outcome is not None:
                self._future.set_result(self.outcome)
        return self._future

    @property
    def answered(self) -> bool:
        """Whether it has its answer."""
        return self.outcome is not None

    def tell(self, outcome: Outcome) -> None:
        """Give the answer; a second one is not heard."""
        if self.outcome is not None:
            return
        self.outcome = outcome
        if self.told is not None:
            self.told(outcome)
        if self._future is not None and not self._future.done():
            self._future.set_result(outcome)
