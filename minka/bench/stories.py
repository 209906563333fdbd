"""Plays a story on a register with a turned clock, and says where it came out otherwise."""

from __future__ import annotations

from dataclasses import dataclass

from minka.bench import clock
from minka.bench.story_acts import VERBS, Stage
from minka.bench.story_cast import settle
from minka.bench.story_checks import check
from minka.bench.story_doors import Door
from minka.bench.story_text import Group, Step, Story, StoryFault
from minka.desk.office import Office


@dataclass(frozen=True, slots=True)
class Difference:
    """One expectation that was not met."""

    line: int
    text: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"第{self.line}行 {self.text}\n  应为 {self.expected}\n  实为 {self.found}"


def play(story: Story, office: Office, door: Door) -> list[Difference]:
    """Play a story on a fresh furnished register; gives every difference, none when all is well."""
    first = story.steps[0].at
    clock.set_to(office, first)
    law = office.law(story.region, first)
    stage = Stage(office, door, law, settle(office, law, list(story.people), first))
    found: list[Difference] = []
    for step in story.steps:
        clock.forward_to(office, step.at)
        found += _play(stage, step)
    return found


def _play(stage: Stage, step: Step) -> list[Difference]:
    act = VERBS.get(step.verb)
    if act is None:
        raise StoryFault(
            f"第{step.line}行：没有这个动作 {step.verb}。有：{'、'.join(sorted(VERBS))}"
        )
    outcome = act(stage, step)
    wanted = step.expected or (Group("办成"),)
    misses = [(group, check(outcome, group)) for group in wanted]
    return [
        Difference(step.line, step.text, " ".join((group.key, *group.words)), miss)
        for group, miss in misses
        if miss
    ]
