"""Every client case, played against one vendor's client."""

from __future__ import annotations

from collections.abc import Iterator

from minka.bench import kit_client_form, kit_client_repair
from minka.bench.kit_case import Case, Result, chosen, play
from minka.bench.kit_trial import Make, Trial, begin

PARTS = (kit_client_form, kit_client_repair)
CASES: list[Case[Trial]] = [each for part in PARTS for each in part.case.all]


def check(make: Make, part: str = "") -> Iterator[Result]:
    """The cases whose name holds a word, each with a platform and a client of its own."""
    for each in chosen(CASES, part):
        trials: list[Trial] = []

        def start(made: list[Trial] = trials) -> Trial:
            made.append(begin(make))
            return made[0]

        yield play(each, start)
        for trial in trials:
            trial.close()
