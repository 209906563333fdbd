"""Walks through the sequences of acts at the real desks, backwards by savepoints."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from minka.bench.desk_world import AT_THE_DESK, DeskWorld, desk_world
from minka.bench.scratch import scratch_register
from minka.bench.sequences import Coverage, Violation, broken_by_step, broken_rules
from minka.bench.shape import Shape, shape
from minka.bench.small_world import World, step
from minka.bench.ways import Rules


def explore_register(url: str, region: str, length: int) -> Coverage:
    """Every sequence up to a length at the real desks, each shape once for each length left."""
    seen = Coverage(region, length)
    with desk_world(url, region) as desks:
        walk = _Walk(desks, seen, {})
        walk.on(desks.read(), (), length)
    seen.shapes = len(walk.known)
    seen.sequences = sum(len(AT_THE_DESK) ** n for n in range(1, length + 1))
    return seen


def at_the_desks(
    regions: Sequence[str], *, length: int, sample: tuple[int, int], seed: int
) -> list[Coverage]:
    """All short sequences and a sample (how many, how long) of long ones on a scratch register."""
    found = []
    with scratch_register() as url:
        for region in regions:
            found.append(explore_register(url, region, length))
            count, longest = sample
            if count:
                found.append(random_sequences(url, region, count=count, length=longest, seed=seed))
    return found


@dataclass(slots=True)
class _Walk:
    """A walk through all sequences, backwards by savepoints."""

    desks: DeskWorld
    seen: Coverage
    known: dict[Shape, int]

    def on(self, before: World, path: tuple[str, ...], left: int) -> None:
        """Try every command in a world that has been reached."""
        found = shape(self.desks.rules, before)
        if not left or self.known.get(found, 0) >= left:
            return
        self.known[found] = left
        for command in AT_THE_DESK:
            with self.desks.line.wire.transaction(force_rollback=True):
                after = self.try_one(before, (*path, command))
                self.on(after, (*path, command), left - 1)

    def try_one(self, before: World, path: tuple[str, ...]) -> World:
        """One command at the desks and in the small world, and everything that must agree."""
        command, desks, seen = path[-1], self.desks, self.seen
        listed, sent = desks.listed(), desks.words_sent()
        code = desks.do(command)
        after = desks.read()
        expected, pure = step(desks.rules, before, command)
        seen.steps += 1
        seen.accepted[command] = seen.accepted.get(command, 0) + (code == "accepted")
        broken = [*broken_rules(after), *broken_by_step(before, (command, code), after)]
        broken += desks.disagreements(after)
        if command != "lapse" and listed != desks.listed()[: len(listed)]:
            broken += [] if desks.words_sent() > sent else ["nobody was told of a stop's change"]
        if (code == "accepted") != (expected == "accepted"):
            broken.append(f"the desk says {code}, the decision {expected}")
        elif shape(desks.rules, after) != shape(desks.rules, pure):
            broken.append("the register stands in another shape than the decision")
        region = desks.rules.law.id
        seen.violations += [Violation(region, path, rule) for rule in broken]
        return after


def random_sequences(url: str, region: str, *, count: int, length: int, seed: int) -> Coverage:
    """So many random sequences at the real desks; most commands are such as will be accepted."""
    chance, seen = random.Random(seed), Coverage(region, length, sequences=count)
    with desk_world(url, region) as desks:
        walk = _Walk(desks, seen, {})
        for _ in range(count):
            with desks.line.wire.transaction(force_rollback=True):
                world, path = desks.read(), tuple[str, ...]()
                while len(path) < length:
                    path = (*path, _likely(desks.rules, world, chance))
                    world = walk.try_one(world, path)
    return seen


def _likely(rules: Rules, world: World, chance: random.Random) -> str:
    """A command for a world: mostly one that leads somewhere, now and then any."""
    open_ways = [each for each in AT_THE_DESK if step(rules, world, each)[0] == "accepted"]
    return chance.choice(open_ways if chance.random() < 0.8 else AT_THE_DESK)
