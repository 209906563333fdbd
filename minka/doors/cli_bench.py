"""The commands that prove what is promised: races, crashes, sequences, simulated worlds."""

from __future__ import annotations

import importlib
import json
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from minka.store.cluster import database_url

proofs = typer.Typer(help="Proofs: races, crashes, sequences, simulated worlds. 证明。")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Steps = Annotated[bool, typer.Option("--clock-steps", help="The same as --clock steps.")]
Seed = Annotated[int, typer.Option("--seed", help="Start of the random sequence; 0 chooses one.")]


def _bench(name: str) -> Any:
    """A module of the bench; by its name, for no floor below the bench may import it.

    From here on a polite end is an exception, so that whatever was started is ended too.
    """
    with suppress(ValueError):  # not the main thread: somebody else ends us
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    return importlib.import_module(f"minka.bench.{name}")


@proofs.command()
def race(
    cards: Annotated[int, typer.Option("--cards", min=1, help="Cards to race.")] = 200,
    design: Annotated[
        str, typer.Option("--design", help="safe, or wrong: now, raw, deaf.")
    ] = "safe",
    clock: Annotated[str, typer.Option("--clock", help="steady, steps or faketime.")] = "",
    clock_steps: Steps = False,  # noqa: FBT002
    lanes: Annotated[int, typer.Option("--lanes", min=1, help="Processes that race.")] = 2,
    over: Annotated[str, typer.Option("--over", help="desk; http or host: money moves.")] = "desk",
    seed: Seed = 0,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Race a loss report against six uses of each card; fails when one slipped through."""
    if over != "desk":
        settling = _bench("settle_race")
        door = _one_of(settling.Over, over, "--over")
        build = _one_of(settling.Design, design, "--design")
        raced = settling.race_settling(cards, door, design=build, seed=seed)
        _print(raced.as_json(), as_json)
        raise typer.Exit(int(raced.broken > 0))
    bench = _bench("race")
    chosen = _one_of(bench.Clock, clock or ("steps" if clock_steps else "steady"), "--clock")
    build = _one_of(bench.Design, design, "--design")
    outcome = bench.race(cards, build, chosen, lanes=lanes, seed=seed)
    _print(outcome.as_json(), as_json)
    raise typer.Exit(int(outcome.broken > 0))


@proofs.command()
def kill(
    what: Annotated[
        str, typer.Option("--what", help="database, server, web, switch or switch-database.")
    ] = "database",
    cycles: Annotated[int, typer.Option("--cycles", min=1, help="Times to kill.")] = 5,
    seed: Seed = 0,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Kill the database or the server under load; fails when an answer was lost or doubled."""
    told = _count(cycles, as_json)
    if what.startswith("switch"):  # under the load of settlements
        settling = _bench("settle_kill")
        struck = _one_of(settling.Struck, what, "--what")
        losses = settling.kill_settling(struck, cycles, seed=seed, tell=told)
    else:
        bench = _bench("kill")
        target = _one_of(bench.What, what, "--what")
        losses = bench.kill(target, cycles, seed=seed, tell=told)
    _print(losses.as_json(), as_json)
    raise typer.Exit(int(losses.broken > 0))


def _one_of(kind: Any, word: str, option: str) -> Any:
    """The member an option names; a wrong word ends the command with what could be said."""
    try:
        return kind(word)
    except ValueError:
        known = ", ".join(each.value for each in kind)
        raise typer.BadParameter(f"{word!r}; choose one of: {known}", param_hint=option) from None


def _count(cycles: int, quiet: object) -> Any:
    return int if quiet else lambda cycle: typer.echo(f"\r{cycle}/{cycles}", nl=False, err=True)


def _print(report: dict[str, Any], as_json: object) -> None:
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
        return
    for name, value in report.items():
        typer.echo(f"{name.replace('_', ' '):<28} {value}")


@proofs.command()
def sequences(
    length: Annotated[int, typer.Option("--length", min=1, help="Length of the longest.")] = 6,
    at_the_desks: Annotated[
        int, typer.Option("--desks", min=0, help="Length of those tried on a real register too.")
    ] = 2,
    sample: Annotated[
        int, typer.Option("--sample", min=0, help="Random ones of full length on a real register.")
    ] = 0,
    region: Annotated[str, typer.Option("--region", help="One region; all when empty.")] = "",
    seed: Seed = 1,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Try every sequence of acts on a lost card and its replacement; fails when a rule breaks."""
    tried = _bench("sequences")
    regions = [region] if region else list(tried.REGIONS)
    found = [tried.explore(_bench("scratch").the_book(), each, length) for each in regions]
    if at_the_desks or sample:
        how = {"length": at_the_desks, "sample": (sample, length), "seed": seed}
        found += _bench("desk_walk").at_the_desks(regions, **how)
    report = {"violations": sum(len(each.violations) for each in found)}
    lines = [each.as_json() for each in found]
    if as_json:
        _print({**report, "covered": lines}, as_json)
    for line in [] if as_json else lines:
        _print(line, as_json)
        typer.echo()
    raise typer.Exit(int(report["violations"] > 0))


@proofs.command()
def simulate(
    worlds: Annotated[int, typer.Option("--worlds", min=1, help="Worlds to run.")] = 1000,
    mutant: Annotated[str, typer.Option("--mutant", help="A precaution to leave out.")] = "none",
    seed: Seed = 1,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Run worlds with lying clocks, lossy lines and dying servers; fails when a property breaks."""
    bench, core = _bench("simulate"), _bench("sim_core")
    build = _one_of(core.Mutant, mutant, "--mutant")
    campaign = bench.simulate(_bench("scratch").the_book(), worlds, seed=seed, mutant=build)
    _print(campaign.as_json(), as_json)
    raise typer.Exit(int(bool(campaign.broken)))


bench = typer.Typer(help="Measurements; ratios in one run. 测量。", no_args_is_help=False)


@bench.callback(invoke_without_command=True)
def measure(
    context: typer.Context,
    cards: Annotated[int, typer.Option("--cards", min=8, help="Cards to report.")] = 400,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Measure how quickly a loss report is answered while cards are in use, beside pgbench."""
    if context.invoked_subcommand is None:
        _print(_bench("measure").measure_loss(cards).as_json(), as_json)


@bench.command("loss")
def bench_loss(
    cards: Annotated[int, typer.Option("--cards", min=8, help="Cards to report.")] = 400,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Measure loss reports alone; the one measurement there is so far."""
    _print(_bench("measure").measure_loss(cards).as_json(), as_json)


Rounds = Annotated[int, typer.Option("--rounds", min=1, help="Rounds of pgbench and ours in turn.")]
Seconds = Annotated[int, typer.Option("--seconds", min=1, help="Of each measurement in a round.")]
People = Annotated[int, typer.Option("--people", min=1000, help="People of the town.")]


@bench.command("settle")
def bench_settle(
    people: People = 200_000,
    rounds: Rounds = 3,
    seconds: Seconds = 4,
    connections: Annotated[int, typer.Option("--connections", min=1, help="Of the load.")] = 64,
    depth: Annotated[int, typer.Option("--depth", min=1, help="Messages on each at once.")] = 4,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Whole settlements (2207) through HTTP beside pgbench; fails when the books do not agree."""
    measured = _bench("settle_bench")
    plan = measured.Plan(people, rounds, seconds, connections=connections, depth=depth)
    _measured(measured.measure_settle(plan, _telling(as_json)), as_json)


@bench.command("engine")
def bench_engine(
    people: People = 200_000,
    rounds: Rounds = 3,
    seconds: Seconds = 3,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """The desk without HTTP, in batches of 1 to 1000, beside pgbench."""
    measured = _bench("settle_bench")
    plan = measured.Plan(people, rounds, seconds)
    _measured(measured.measure_engine(plan, _telling(as_json)), as_json)


@bench.command("visit")
def bench_visit(
    people: People = 50_000,
    rounds: Rounds = 3,
    seconds: Seconds = 4,
    connections: Annotated[int, typer.Option("--connections", min=1, help="Tills.")] = 32,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Whole outpatient visits: 2201, 2204 (five lines), 2206, 2207, message by message."""
    measured = _bench("visit_bench")
    plan = _bench("settle_bench").Plan(people, rounds, seconds, connections=connections)
    _measured(measured.measure_visit(plan, _telling(as_json)), as_json)


@bench.command("chip")
def bench_chip(
    rounds: Rounds = 3,
    cards: Annotated[int, typer.Option("--cards", min=25, help="Cards made a round.")] = 2_000,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """The virtual card in process and through pcscd, keys derived, cards made, SM2; one core."""
    measured = _bench("chip_bench")
    plan = measured.Plan(rounds=rounds, cards=cards)
    _measured(measured.measure_chip(plan, _telling(as_json)), as_json)


@bench.command("day")
def bench_day(
    home: Annotated[
        Path, typer.Option("--home", envvar="MINKA_HOME", help="Folder of the city.")
    ] = Path(".minka"),
    url: Annotated[str, typer.Option("--url", help="The insurance door of the city.")] = (
        "http://127.0.0.1:8087/insurance"
    ),
    patients: Annotated[int, typer.Option("--patients", min=1, help="Who comes.")] = 20,
    seed: Seed = 1,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """A hospital's day in a running city, with faults; fails when the books differ at night."""
    lived = _bench("care_day")
    day = lived.Day(patients=patients, seed=seed or 1)
    told = lived.live(day, home, url, database_url())
    _print(told.as_json(), as_json)
    raise typer.Exit(int(told.broken > 0))


@bench.command("growth")
def bench_growth(
    people: People = 200_000,
    few: Annotated[int, typer.Option("--few", min=1000, help="Settlements stored.")] = 100_000,
    many: Annotated[int, typer.Option("--many", min=1000, help="Stored.")] = 10_000_000,
    rounds: Rounds = 3,
    seconds: Seconds = 4,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """What a settlement costs with many stored before it, against few; takes a quarter hour."""
    measured = _bench("growth")
    plan = measured.Growth(people, few, many, rounds, seconds)
    _measured(measured.measure_growth(plan, _telling(as_json)), as_json)


def _telling(quiet: object) -> Any:
    return str if quiet else lambda word: typer.echo(f"· {word}", err=True)


def _measured(report: dict[str, Any], as_json: object) -> None:
    """Print a measurement; one whose books do not agree is none."""
    _print(report, as_json)
    checked = {name: n for name, n in report["checked"].items() if name != "stored"}
    raise typer.Exit(int(any(checked.values())))
