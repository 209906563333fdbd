"""`minka kit`: what hospital vendors try their software with, and platforms too."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Annotated, Any

import typer

from minka.doors.cli_say import Code, Json, Lang, fault, print_json, wants_json

kit = typer.Typer(help="Kit for hospital vendors. 厂商测试工具", no_args_is_help=True)

Rules = Annotated[
    list[str] | None,
    typer.Option("--fault", help="name[:infno][#nth[+times]][@chance][~ms]; see minka kit faults."),
]
Part = Annotated[str, typer.Option("--case", help="Only cases whose name holds this word.")]
SIGNS = {"passed": "✓", "failed": "✗", "skipped": "–"}
WORDS = {
    "zh-hans": ("应当", "实际", "{passed}项通过，{failed}项不通过，{skipped}项未试"),
    "zh-hant": ("應當", "實際", "{passed}項通過，{failed}項不通過，{skipped}項未試"),
    "en": ("expected", "seen", "{passed} passed, {failed} failed, {skipped} not tried"),
}


def _bench(name: str) -> Any:
    """A module of the bench; by its name, for no floor below the bench may import it."""
    return importlib.import_module(f"minka.bench.{name}")


@kit.command()
def serve(
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8180,
    upstream: Annotated[str, typer.Option(help="A platform behind the faults: URL, or city.")] = "",
    home: Annotated[str, typer.Option(help="Where the city is kept.")] = ".minka/kit",
    rules: Rules = None,
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """A platform with faults, for a vendor's client to be pointed at."""
    bench = _bench("kit_serve")
    try:
        stage = bench.served(rules or [], port, upstream, home)
    except (ValueError, OSError) as why:
        fault(f"没有启动 · not started: {why}", "minka kit faults", lang=lang)
    if wants_json(json):
        print_json({"url": stage.url, **stage.target})
    else:
        _show_served(stage)
    try:
        bench.wait()
    except KeyboardInterrupt:
        stage.stop()


def _show_served(stage: Any) -> None:
    control = stage.url.removesuffix("/insurance") + "/kit/"
    typer.echo(f"平台 · platform   {stage.url}")
    typer.echo(f'故障 · faults     {control}faults   (GET, POST {{"rule": "…"}}, DELETE)')
    typer.echo(f"记录 · log        {control}log")
    typer.echo(f"测试数据 · data   {control}target")
    typer.echo(f"试平台 · try it   minka kit check {stage.url}")


@kit.command()
def check(
    url: Annotated[str, typer.Argument(help="A platform's URL; none with --client.")] = "",
    *,
    client: Annotated[str, typer.Option(help="The command of a client's driver.")] = "",
    data: Annotated[Path | None, typer.Option("--with", help="JSON: the test data.")] = None,
    part: Part = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Try a platform (URL) or a client (--client); exit code 5 when a case fails."""
    bench = _bench("kit_serve")
    if bool(url) == bool(client):
        fault("给一个平台地址，或用--client给出驱动命令", "minka kit check --help", lang=lang)
    try:
        tried = bench.check_client(client, part) if client else bench.check_server(url, data, part)
    except (LookupError, ValueError, TypeError, OSError) as why:
        fault(f"没有测试数据 · no test data: {why}", "minka kit check URL --with FILE", lang=lang)
    results = []
    for each in tried:
        results.append(each)
        if not wants_json(json):
            _show(each, lang)
    counts = {name: sum(each.verdict == name for each in results) for name in SIGNS}
    if wants_json(json):
        print_json({**counts, "cases": [each.as_json(lang) for each in results]})
    else:
        typer.echo(WORDS.get(lang, WORDS["zh-hans"])[2].format(**counts))
    if counts["failed"] or not counts["passed"]:
        raise typer.Exit(Code.UNBALANCED)


def _show(each: Any, lang: str) -> None:
    wanted, seen, _ = WORDS.get(lang, WORDS["zh-hans"])
    typer.echo(f"{SIGNS[each.verdict]} {each.name}  ({each.ms} ms)")
    if each.verdict == "skipped":
        typer.echo(f"    {each.seen}")
    if each.verdict == "failed":
        typer.echo(f"    {each.why.say(lang)}")
        typer.echo(f"    {wanted}: {each.expected}")
        typer.echo(f"    {seen}: {each.seen}")


@kit.command()
def day(
    *,
    bills: Annotated[int, typer.Option(min=1, help="How many bills.")] = 40,
    seed: Annotated[int, typer.Option(help="Start of the random sequence.")] = 1,
    home: Annotated[str, typer.Option(help="Where the city is kept.")] = ".minka/kit",
    json: Json = None,
) -> None:
    """A hospital's day on a bad network against the switch; exit code 5 when the books differ."""
    found = _bench("kit_day").tried(Path(home).absolute(), bills=bills, seed=seed).as_json()
    if wants_json(json):
        print_json(found)
    else:
        for name, value in found.items():
            typer.echo(f"{name}: {value}")
    if found["differences"] or found["open"] or not found["booked_lines"]:
        raise typer.Exit(Code.UNBALANCED)


@kit.command()
def cases(*, json: Json = None, lang: Lang = "zh-hans") -> None:
    """Every case, and why it matters."""
    _table(_bench("kit_serve").cases(lang), json)


@kit.command()
def faults(*, json: Json = None, lang: Lang = "zh-hans") -> None:
    """Every fault that can be put between a client and a platform."""
    _table(_bench("kit_serve").faults(lang), json)


def _table(rows: list[dict[str, str]], json: Any) -> None:
    if wants_json(json):
        print_json(rows)
        return
    for row in rows:
        typer.echo("  ".join(row.values()))
