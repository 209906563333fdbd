"""Every server case, played against one platform."""

from __future__ import annotations

from collections.abc import Iterator

from minka.bench import (
    kit_server_form,
    kit_server_gate,
    kit_server_money,
    kit_server_stay,
    kit_server_undo,
)
from minka.bench.kit_case import Case, Result, chosen, play
from minka.bench.kit_platform import Platform
from minka.bench.kit_probe import Holder, Probe, Target
from minka.client.identity import Identity

PARTS = (*(kit_server_form, kit_server_gate, kit_server_money, kit_server_undo, kit_server_stay),)
CASES: list[Case[Probe]] = [each for part in PARTS for each in part.case.all]


def check(target: Target, part: str = "") -> Iterator[Result]:
    """The cases whose name holds a word, each in a session of its own."""
    for each in chosen(CASES, part):
        probes: list[Probe] = []

        def make(made: list[Probe] = probes) -> Probe:
            made.append(Probe(target))
            made[0].sign_in()
            return made[0]

        yield play(each, make)
        for probe in probes:
            probe.close()


def quick_target(url: str, platform: Platform, identity: Identity | None) -> Target:
    """The quick platform as a target: its people, the last of whom lost a card."""
    people = [
        Holder(each.certno, each.card_number, each.card_sn)
        for each in platform.books.people.values()
    ]
    *_, lost = platform.books.people
    platform.block_card(lost)
    gate = platform.gate
    return Target(
        url,
        code=gate.code,
        paasid=gate.paasid,
        secret=gate.secret,
        holders=tuple(people[:-1]),
        blocked=people[-1],
        identity=identity,
    )
