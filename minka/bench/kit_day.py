"""A hospital's whole day through the client library on a bad network; at night both books agree.

Outpatient visits, a pharmacy's sales, stays and refunds go to the real switch through the stage of
faults. Then the faults stop, what is open is cleared up, and each line of the day book is held
against the register's own rows.
"""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from minka.bench.kit_city import City, CityUpstream
from minka.bench.kit_driver import Setting
from minka.bench.kit_faults import Faults, rule
from minka.bench.kit_own import OwnDriver
from minka.bench.kit_probe import Target
from minka.bench.kit_stage import Stage
from minka.bench.kit_target import target_of
from minka.client import Difference, Line
from minka.kit.clock import CHINA
from minka.kit.fen import yuan

FAULTS = (
    *("lost_reply@.08", "broken_json@.04", "empty_body@.04", "connection_refused@.05"),
    *("late_delivery@.05~300ms", "timeout_after_commit@.03", "duplicate_delivery@.05"),
)
PATIENCE_MS = 2_000
ROUNDS = 200
TRIES = 4


@dataclass(slots=True)
class Day:
    """What a day came to."""

    outcomes: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    messages: int = 0
    lines: int = 0
    open: int = 0
    differences: list[Difference] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """For a report."""
        return {
            "outcomes": dict(self.outcomes),
            "faults": dict(self.faults),
            "messages": self.messages,
            "booked_lines": self.lines,
            "open": self.open,
            "differences": [f"{each.cause.name} {each.setl_id}" for each in self.differences],
        }


def day(city: City, *, bills: int = 30, seed: int = 1, faults: Sequence[str] = FAULTS) -> Day:
    """One day of so many bills, a fourth of them at a pharmacy."""
    stage = Stage(CityUpstream(city), Faults(chance=random.Random(seed)))
    url, chance, made = stage.start(), random.Random(seed), Day()
    with tempfile.TemporaryDirectory(prefix="minka-kit-day-") as folder:
        tills = [
            _till(city, target_of(each), url, Path(folder) / name)
            for name, each in (("hospital", city.target), ("pharmacy", city.pharmacy()))
        ]
        stage.faults.rules = [rule(each) for each in faults]
        for n in range(bills):
            till = tills[int(n % 4 == 3)]
            _one(till, made, (f"D{seed}-{n}", chance))
        stage.faults.rules = []
        for till in tills:
            made.open += _cleared(till.driver)
            _compare(till, city, made)
            till.driver.close()
    made.messages = len(stage.heard)
    made.faults.update(each.fault for each in stage.heard if each.fault)
    stage.stop()
    return made


@dataclass(slots=True)
class _Till:
    """A provider's software, and the register's rows of it from before this day."""

    driver: OwnDriver
    known: Target
    before: set[str]
    acts: tuple[str, ...]


def _till(city: City, known: Target, url: str, folder: Path) -> _Till:
    folder.mkdir()
    driver = OwnDriver(_setting(known, url, str(folder)))
    driver.act({"act": "sign_in"})
    before = {row["setl_id"] for row in city.book(known.code)}
    acts = ("purchase",) if folder.name == "pharmacy" else ("visit", "visit", "visit", "stay")
    return _Till(driver, known, before, acts)


def _setting(known: Target, url: str, folder: str) -> Setting:
    assert known.identity is not None
    return Setting(
        url,
        known.code,
        known.name,
        known.area,
        known.paasid,
        known.secret,
        known.identity.public_key.hex(),
        known.identity.private_key.hex(),
        PATIENCE_MS,
        folder,
    )


def _one(till: _Till, made: Day, what: tuple[str, random.Random]) -> None:
    """A bill of some kind, tried again like a clerk would; every fourth success is refunded."""
    name, chance = what
    holder, kind = chance.choice(till.known.holders), chance.choice(till.acts)
    rows = [
        {"code": code, "amount": yuan(chance.randint(100, 30_000))}
        for code in chance.choices(till.known.codes, k=chance.randint(1, 4))
    ]
    shown = {"type": "02", "number": holder.id_number}
    act = {"act": kind, "bill": name, "credential": shown, "lines": rows}
    said = _tried(till.driver, act, made)
    if said == "success" and chance.random() < 0.25:
        refunded = till.driver.act({"act": "refund", "bill": name})["outcome"]
        made.outcomes[f"refund {refunded}"] += 1


def _tried(driver: OwnDriver, act: dict[str, Any], made: Day) -> str:
    """Until it is known; a visit that never came to its bill is begun anew."""
    said = ""
    for _ in range(TRIES):
        again = {"act": "settle", "bill": act["bill"]}
        known = driver.has(str(act["bill"]))
        said = str(driver.act(again if known else act)["outcome"])
        made.outcomes[f"{act['act']} {said}"] += 1
        if said != "unknown":
            break
        driver.act({"act": "repair"})
    return said


def _cleared(driver: OwnDriver) -> int:
    """Repair until nothing is open; how much stays open when that never ends."""
    left = 0
    for _ in range(ROUNDS):
        left = int(driver.act({"act": "repair"})["open"])
        if not left:
            return 0
    return left


def _compare(till: _Till, city: City, made: Day) -> None:
    """The day book beside the register's rows of this day."""
    theirs = [
        Line(
            *(row["setl_id"], str(row["mdtrt_id"]), str(row["psn_no"]), row["total_fen"]),
            *(row["fund_fen"], row["account_fen"]),
            of_setl_id=row["of"],
        )
        for row in city.book(till.known.code)
        if row["setl_id"] not in till.before
    ]
    today = datetime.now(CHINA).strftime("%Y-%m-%d")
    book = till.driver.client.book
    made.lines += len(book.lines(today))
    made.differences += book.compare(today, theirs)


def tried(folder: Path, *, bills: int, seed: int) -> Day:
    """A day in a city of its own."""
    city = City(folder)
    try:
        return day(city, bills=bills, seed=seed)
    finally:
        city.close()
