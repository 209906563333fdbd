"""What the clients of the crash runs do: errands that only ever have one right outcome.

Each client owns its holders, and goes round with each of them: report lost, use (refused),
withdraw, use (paid). Every errand has a key made by the client. Whatever crashes in between, an
errand sent again under its key must end as if nothing had happened.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Protocol

from minka.bench.crowd import Holder
from minka.desk.act import Answer, Request
from minka.desk.loss import ReportLoss, report_loss
from minka.desk.office import Office
from minka.desk.use import UseCard, use_card
from minka.desk.withdraw import WithdrawLoss, withdraw_loss
from minka.law.papers import ShownPaper

REGION = "R1"
PLACE_KIND = "service_point"
ROUND = (
    ("report", "accepted"),
    ("use", "cards.provisional_loss"),
    ("withdraw", "accepted"),
    ("use", "accepted"),
)
"""The errands of a holder in turn, and the only code each may be answered with."""


@dataclass(frozen=True, slots=True)
class Errand:
    """One request of one client: its key, what it asks, for whom, and the code it must get."""

    key: str
    act: str
    serial: int
    expected: str


@dataclass(frozen=True, slots=True)
class Told:
    """What an errand was answered: the code, and the fact's own mark (receipt or use number)."""

    code: str
    mark: str


class BrokenOffError(Exception):
    """The other side went away; whether the errand was done is not known."""


class Window(Protocol):
    """Somewhere an errand can be taken to."""

    def take(self, errand: Errand) -> Told:
        """Do the errand; ``BrokenOffError`` when nothing came back."""

    def close(self) -> None:
        """Go away."""


def carry_out(office: Office, errand: Errand) -> Answer:
    """An errand at the desk."""
    holder, asked = Holder(errand.serial), Request(errand.key, "errand", role="hotline_agent")
    if errand.act == "report":
        report = ReportLoss(REGION, "hotline", holder.number, {"name": holder.name})
        return report_loss(office, asked, report)
    if errand.act == "use":
        return use_card(office, asked, UseCard(100, "errand", card_number=holder.card_number))
    found = WithdrawLoss(
        REGION,
        "counter",
        holder.number,
        place_id=f"{REGION}-{PLACE_KIND}",
        papers=(ShownPaper("resident_id"),),
        found_card_number=holder.card_number,
    )
    return withdraw_loss(office, asked, found)


def told(answer: Answer) -> Told:
    """The short form of an answer."""
    facts = answer.facts
    return Told(answer.code, str(facts.get("receipt") or facts.get("use_id") or ""))


class WrongAnswerError(AssertionError):
    """An errand was answered with what it can never be answered with."""


@dataclass(slots=True)
class Client:
    """One client: its holders, how far each has got, and what it was promised."""

    holders: Sequence[Holder]
    acknowledged: dict[str, Told] = field(default_factory=dict)
    unknown: Errand | None = None
    resent: int = 0
    wrong: list[str] = field(default_factory=list)
    _steps: dict[int, int] = field(default_factory=dict)

    def work(self, window: Window) -> None:
        """Go on until the other side breaks off; the errand under way is then unknown."""
        try:
            for holder in cycle(self.holders):
                self._send(window, self.unknown or self._next(holder))
        except BrokenOffError:
            return

    def settle_unknown(self, window: Window) -> None:
        """Send the errand whose outcome is not known again, under the same key."""
        if self.unknown is not None:
            self.resent += 1
            self._send(window, self.unknown)

    def _next(self, holder: Holder) -> Errand:
        act, expected = ROUND[self._steps.get(holder.serial, 0) % len(ROUND)]
        return Errand(secrets.token_hex(12), act, holder.serial, expected)

    def _send(self, window: Window, errand: Errand) -> None:
        self.unknown = errand
        answer = window.take(errand)
        self.unknown = None
        self.acknowledged[errand.key] = answer
        self._steps[errand.serial] = self._steps.get(errand.serial, 0) + 1
        if answer.code != errand.expected:
            self.wrong.append(f"{errand.act}: {answer.code} instead of {errand.expected}")
