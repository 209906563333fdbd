"""`minka bench visit`: whole outpatient visits through the switch, message by message."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from typing import Any

from minka.bench.load_city import Town
from minka.bench.load_visit import CHAIN, Order, Visited, visits
from minka.bench.meter import cost, spread
from minka.bench.settle_bench import Doors, Plan, doors, stage
from minka.bench.settle_checks import check

Tell = Callable[[str], object]
AT_MOST_PER_S = 2_000


def measure_visit(plan: Plan, tell: Tell) -> dict[str, Any]:
    """2201, 2204 with five lines, 2206, 2207 of each patient; visits a second beside pgbench."""
    town = Town(plan.people, 1_000, areas=4, blocked_e4=0)
    found: list[tuple[Visited, dict[str, Any], int]] = []
    with stage(town, tell) as scene:
        with doors(scene, tell) as open_doors:
            coming = iter(range(1, town.people, AT_MOST_PER_S * (plan.seconds + 1)))
            _round(open_doors, plan, next(coming))
            for turn, first in zip(range(plan.rounds), coming, strict=False):
                best = scene.yardstick.rounds(plan.seconds)
                visited, costs = _round(open_doors, plan, first)
                found.append((visited, costs, best))
                tell(f"round {turn + 1}: pgbench {best}, visits {_per_s(visited)}/s")
        scene.report["checked"] = check(scene.cluster.url(), []).as_json()
    return _report(found) | scene.report


def _round(open_doors: Doors, plan: Plan, first: int) -> tuple[Visited, dict[str, Any]]:
    town = open_doors.scene.town
    people = range(first, min(first + AT_MOST_PER_S * (plan.seconds + 1), town.people))
    before = open_doors.meter.read()
    order = Order(
        open_doors.switch.port, open_doors.tills, town, people, plan.connections, plan.seconds
    )
    visited = visits(order)
    costs = cost(before, open_doors.meter.read(), visited.visits)
    return visited, costs | {"generator_us": visited.own_micros // max(visited.visits, 1)}


def _per_s(visited: Visited) -> int:
    return visited.visits * 10**9 // max(visited.nanoseconds, 1)


def _report(found: list[tuple[Visited, dict[str, Any], int]]) -> dict[str, Any]:
    ratios = [_per_s(visited) / max(best, 1) for visited, _, best in found]
    whole = {
        infno: spread([micros for visited, _, _ in found for micros in visited.micros[infno]])
        for infno in CHAIN
    }
    return {
        "visits_per_s": int(median(_per_s(visited) for visited, _, _ in found)),
        "messages_per_s": int(median(len(CHAIN) * _per_s(visited) for visited, _, _ in found)),
        "pgbench_tps": int(median(best for _, _, best in found)),
        "ratio": f"{median(ratios):.2f}",
        "ms": whole,
        "refused": sum(visited.refused for visited, _, _ in found),
        "strange": next((visited.strange for visited, _, _ in found if visited.strange), ""),
        **{name: int(median(costs[name] for _, costs, _ in found)) for name in found[0][1]},
    }
