"""Many simulated worlds, each checked; and mutants, each of which must be caught.

Nothing found in n independent worlds bounds the chance of a violation by 3/n, at 95 percent.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from minka.bench.sequences import rules_of
from minka.bench.sim_check import violations
from minka.bench.sim_core import Mutant
from minka.bench.sim_world import History, Worldly
from minka.bench.ways import Rules
from minka.cipher.field import digest
from minka.law.book import Book

CITIES = ("R1", "R6", "V2")
"""Ten days and free again, a day and free again, fifteen days and cancelled."""
DAWN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)

SOMETIMES = (
    *("answered again", "key reused", "died before the commit", "died before the answer"),
    *("machine restarted", "clock jumped", "time held"),
    *("time counted on from the mark", "doubled on the way", "used after a lapse"),
    *("report accepted", "report refused", "report_formal accepted", "withdraw accepted"),
    *("withdraw refused", "freeze accepted", "unfreeze accepted", "apply accepted"),
    *("make accepted", "stock accepted", "collect accepted", "activate accepted"),
    *("pay accepted", "withdraw_application accepted", "use accepted", "use refused"),
    *("use met provisional_loss", "use met formal_loss", "use met frozen", "use met cancelled"),
    *("use met not_active", "use met unknown"),
)
"""Situations that the worlds must reach again and again, or they prove little."""


@dataclass(slots=True)
class Campaign:
    """What came out of many worlds."""

    mutant: Mutant
    worlds: int = 0
    events: int = 0
    commits: int = 0
    broken: Counter[str] = field(default_factory=Counter)
    first: dict[str, int] = field(default_factory=dict)
    """The first seed of each violation: run it again to see it."""
    seen: Counter[str] = field(default_factory=Counter)

    def add(self, history: History) -> None:
        """Check one history and count it."""
        self.worlds += 1
        self.events += history.events
        self.commits += len(history.journal)
        self.seen.update(history.seen)
        for rule in sorted(violations(history)):
            self.broken[rule] += 1
            self.first.setdefault(rule, history.seed)

    def as_json(self) -> dict[str, Any]:
        """The report of ``minka simulate --json``."""
        return {
            "mutant": self.mutant.value,
            "worlds": self.worlds,
            "events": self.events,
            "commits": self.commits,
            "violations": dict(self.broken),
            "first_seed": self.first,
            "never_reached": [each for each in SOMETIMES if not self.seen[each]],
            "situations": dict(sorted(self.seen.items())),
        }


def one(book: Book, seed: int, mutant: Mutant = Mutant.NONE) -> History:
    """The history of a seed."""
    return Worldly(seed, _rules(book), mutant, DAWN).run()


def simulate(
    book: Book, worlds: int, *, seed: int = 1, mutant: Mutant = Mutant.NONE, until: str = ""
) -> Campaign:
    """So many worlds from a seed on; ``until`` ends the campaign at the first such violation."""
    campaign, rules = Campaign(mutant), _rules(book)
    for turn in range(worlds):
        campaign.add(Worldly(seed + turn, rules, mutant, DAWN).run())
        if until and any(rule.startswith(until) for rule in campaign.broken):
            break
    return campaign


def _rules(book: Book) -> list[Rules]:
    return [rules_of(book, city, DAWN) for city in CITIES]


def fingerprint(history: History) -> str:
    """What two runs of one seed share, whatever the machine."""
    lines = [f"{at} {each.key} {each.asked} {each.reply}" for at, each in history.journal]
    return digest("\n".join(lines).encode()).hex()[:16]
