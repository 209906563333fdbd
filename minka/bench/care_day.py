"""A whole day at one hospital and one pharmacy behind a stage of faults, and the night after it."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from minka.bench import hospital, pharmacy
from minka.bench.counter import Counted, days_of, differences, open_counter
from minka.bench.kit_faults import Faults, rule
from minka.bench.kit_stage import HttpUpstream, Stage

FAULTS = (
    "lost_reply@0.06",
    "duplicate_delivery@0.04",
    "broken_json@0.02",
    "empty_body@0.02",
    "connection_refused@0.02",
    "timeout_after_commit:2207#3",
    "timeout_after_commit:2102#2",
    "late_reply:2207#7~2500ms",
)
"""What goes wrong on an ordinary bad day."""

_CARDS = """
select c.card_number from coverage c join pooling_area a using (area)
where a.region = %s and c.scheme = 310 and c.card_id > 0 and c.open_from < now()
    and c.suspended_until < now() and c.covered_until > now()
order by c.person_id limit %s
"""


@dataclass(frozen=True, slots=True)
class Day:
    """How much happens."""

    patients: int = 20
    stays: int = 4
    refunds: int = 4
    faults: Sequence[str] = FAULTS
    seed: int = 1
    region: str = "R1"
    hospital: str = "H11990100001"
    pharmacy: str = "P11990100501"


@dataclass(slots=True)
class Told:
    """What the day was, and what must be nought: differences and open messages."""

    ends: Counter[str] = field(default_factory=Counter)
    settlements: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    open: int = 0
    differences: list[str] = field(default_factory=list)

    @property
    def broken(self) -> int:
        """How often what must never happen happened."""
        return self.open + len(self.differences)

    def as_json(self) -> dict[str, Any]:
        """The report of ``minka bench day --json``."""
        return {
            "ends": dict(sorted(self.ends.items())),
            "settlements": self.settlements,
            "faults": dict(sorted(self.faults.items())),
            "open": self.open,
            "differences": self.differences,
        }


def live(day: Day, home: Path, switch_url: str, register_url: str) -> Told:
    """Live a day against a switch, clear up what stayed unknown, and compare the books."""
    told = Told()
    chance = random.Random(day.seed)
    stage = Stage(HttpUpstream(switch_url), Faults([rule(each) for each in day.faults], chance))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="minka-day-")))
        url = stage.start()
        stack.callback(stage.stop)
        counters = [
            open_counter(home, code, url, log=folder / f"{code}.db", seed=day.seed)
            for code in (day.hospital, day.pharmacy)
        ]
        for counter in counters:
            stack.callback(counter.client.close)
        cards = _cards(register_url, day)
        hospital.day(counters[0], cards, stays=day.stays, refunds=day.refunds)
        pharmacy.day(counters[1], cards, refunds=day.refunds)
        for counter in counters:
            _night(told, counter, register_url)
        told.faults.update(each.fault for each in stage.heard if each.fault)
    return told


def _cards(register_url: str, day: Day) -> list[str]:
    with psycopg.connect(register_url) as reader:
        found = reader.execute(_CARDS, (day.region, day.patients)).fetchall()
    return [number for (number,) in found]


def _night(told: Told, counter: Counted, register_url: str) -> None:
    told.open += counter.repaired()
    told.ends.update(counter.ends)
    days = days_of(counter)
    told.settlements += sum(len(counter.client.book.lines(each)) for each in days)
    told.differences += [
        f"{each.cause.name} {each.setl_id}" for each in differences(counter, register_url, days)
    ]
