"""A case of the kit: what is tried, why it matters, what was expected and what was seen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from minka.kit.words import Words

T = TypeVar("T")


class Verdict(StrEnum):
    """How a case ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


class Failed(Exception):
    """What was expected and what was seen instead."""

    def __init__(self, expected: str, seen: object) -> None:
        super().__init__(expected)
        self.expected, self.seen = expected, str(seen)[:300]


class Skipped(Exception):
    """Why this cannot be tried here."""


@dataclass(frozen=True, slots=True)
class Case(Generic[T]):
    """One named case; ``run`` raises ``Failed`` or ``Skipped``."""

    name: str
    why: Words
    run: Callable[[T], None]


@dataclass(frozen=True, slots=True)
class Result:
    """One case's end."""

    name: str
    why: Words
    verdict: Verdict
    expected: str = ""
    seen: str = ""
    ms: int = 0

    def as_json(self, language: str = "zh-hans") -> dict[str, Any]:
        """For ``--json``."""
        return {
            "case": self.name,
            "verdict": self.verdict.value,
            "why": self.why.say(language),
            "expected": self.expected,
            "seen": self.seen,
            "ms": self.ms,
        }


class Cases(Generic[T]):
    """A table of cases, filled by its own decorator in the order of the file."""

    def __init__(self) -> None:
        self.all: list[Case[T]] = []

    def __call__(
        self, zh_hans: str, zh_hant: str, en: str, *, name: str = ""
    ) -> Callable[[Callable[[T], None]], Callable[[T], None]]:
        """The case's one sentence, three times; its name is the function's."""

        def add(run: Callable[[T], None]) -> Callable[[T], None]:
            self.all.append(Case(name or run.__name__, Words(zh_hans, zh_hant, en), run))
            return run

        return add


def play(case: Case[T], make: Callable[[], T]) -> Result:
    """Run one case on something fresh; whatever the world does is seen, never raised."""
    begun = time.monotonic()
    verdict, expected, seen = Verdict.PASSED, "", ""
    try:
        case.run(make())
    except Failed as failed:
        verdict, expected, seen = Verdict.FAILED, failed.expected, failed.seen
    except Skipped as skipped:
        verdict, seen = Verdict.SKIPPED, str(skipped)
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as why:
        verdict, expected = Verdict.FAILED, "能走完这一步 · the steps of the case can be taken"
        seen = f"{type(why).__name__}: {why}"[:300]
    ms = int((time.monotonic() - begun) * 1000)
    return Result(case.name, case.why, verdict, expected, seen, ms)


def expect(expected: str, seen: object, holds: object) -> None:
    """Go on if it holds, else fail with both sides."""
    if not holds:
        raise Failed(expected, seen)


def equal(expected: str, seen: object, wanted: object) -> None:
    """Go on if both are the same."""
    expect(f"{expected}: {wanted}", seen, seen == wanted)


def chosen(cases: Iterable[Case[T]], part: str) -> list[Case[T]]:
    """The cases whose name holds a word; all for an empty one."""
    return [each for each in cases if part in each.name]
