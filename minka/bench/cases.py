"""A few cases under way in a fresh city, so that no clerk's list is empty on the first day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from minka.bench.people import Invented
from minka.bench.places import place_id
from minka.bench.story_doors import ACTS
from minka.desk.act import Answer, Request
from minka.desk.apply import ApplyReplacement, LoseAndReplace
from minka.desk.loss import ReportLoss
from minka.desk.office import Office
from minka.desk.papers import IssueDocument
from minka.law.papers import ShownPaper

Case = tuple[str, str, object]
"""A key of its own, the role of who does it, and what is done."""

_CARD = (ShownPaper("resident_id"),)


def open_cases(office: Office, people: Mapping[tuple[str, int], Invented]) -> list[Answer]:
    """Do each case once, for ever: its key is its own, whatever the answer was."""
    return [
        ACTS[type(command)](office, Request(f"seed:{key}", "seed", "seed", role), command)
        for key, role, command in _cases(people)
    ]


def _cases(people: Mapping[tuple[str, int], Invented]) -> Iterator[Case]:
    yield "r1-lost", "hotline_agent", _lost(people["R1", 21], "hotline")
    yield "r1-web", "", _lost(people["R1", 22], "web")
    for serial in (23, 24, 25):
        yield f"r1-new-{serial}", "counter_clerk", _both(people["R1", serial])
    for serial in (3, 4):
        yield f"r3-waits-{serial}", "", _medical(people["R3", serial])
    yield "r2-slip", "bank_clerk", IssueDocument("bank_loss_slip", people["R2", 5].number, "BANK1")
    letter = people["R5", 4]
    employer = f"R5-E{letter.employer}"
    yield (
        "r5-letter",
        "employer_clerk",
        IssueDocument("employer_letter", letter.number, employer, employer_id=employer),
    )
    yield "r6-lost", "hotline_agent", _lost(people["R6", 9], "hotline")


def _lost(person: Invented, channel: str) -> ReportLoss:
    return ReportLoss(person.region, channel, person.number, {"name": person.name})


def _medical(person: Invented) -> ReportLoss:
    """A report in writing that waits for the medical staff's word."""
    where = place_id("R3", "service_point")
    return ReportLoss("R3", "counter", person.number, place_id=where, papers=_CARD)


def _both(person: Invented) -> LoseAndReplace:
    where = place_id("R1", "service_point")
    loss = ReportLoss("R1", "counter", person.number, force="formal", place_id=where, papers=_CARD)
    return LoseAndReplace(
        loss, ApplyReplacement("R1", "counter", person.number, where, papers=_CARD)
    )
