"""What a door puts into the lane of visits, and what it hears back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from minka.care.plan import VisitKind
from minka.desk.catalogue import Charge
from minka.desk.settle_job import Job, Outcome, Verdict
from minka.desk.visit import Opening
from minka.desk.visit_act import Facts, Message
from minka.kit.outcome import Refused


@dataclass(frozen=True, slots=True)
class Change:
    """2203: what kind of visit it is and what for."""

    visit_no: int
    med_type: int
    basis: int
    details: Facts


@dataclass(frozen=True, slots=True)
class Cancel:
    """2202 and 2404: the visit did not take place."""

    visit_no: int
    bases: frozenset[VisitKind]


@dataclass(frozen=True, slots=True)
class Upload:
    """2204: lines of a visit."""

    visit_no: int
    charges: Sequence[Charge]
    bases: frozenset[VisitKind]


@dataclass(frozen=True, slots=True)
class Purchase:
    """2102: visit, lines and settlement in one message, and in one commit."""

    opening: Opening
    charges: Sequence[Charge]
    total: int
    settle: Job


Asked: TypeAlias = Opening | Change | Cancel | Upload | Purchase
"""An ``Opening`` by itself is 2201 or 2401."""


NOTHING: Facts = {}


class Heard(NamedTuple):
    """The answer: facts, or a refusal; of a purchase how it was settled, too."""

    verdict: Verdict
    facts: Facts = NOTHING
    refused: Refused | None = None
    settled: Outcome | None = None


BUSY, UNKNOWN = Heard(Verdict.BUSY), Heard(Verdict.UNKNOWN)


@dataclass(slots=True, eq=False)
class VisitJob:
    """One message on its way through the lane."""

    message: Message
    asked: Asked
    told: Callable[[Heard], None]
    """Called once with the answer."""
    tries: int = 0
    heard: Heard | None = field(default=None)

    @property
    def key(self) -> tuple[int, int]:
        """The key of the message."""
        return self.message.msg_no, self.message.origin_no

    @property
    def answered(self) -> bool:
        """Whether it has its answer."""
        return self.heard is not None

    @property
    def visit_no(self) -> int:
        """The visit it names; nought when it opens one."""
        asked = self.asked
        return 0 if isinstance(asked, Opening | Purchase) else asked.visit_no

    @property
    def opening(self) -> Opening | None:
        """The visit it opens."""
        asked = self.asked
        if isinstance(asked, Purchase):
            return asked.opening
        return asked if isinstance(asked, Opening) else None

    @property
    def charges(self) -> Sequence[Charge]:
        """The lines it brings."""
        return self.asked.charges if isinstance(self.asked, Upload | Purchase) else ()

    def tell(self, heard: Heard) -> None:
        """Give the answer; a second one is not heard."""
        if self.heard is None:
            self.heard = heard
            self.told(heard)
