"""The commands of the pretend city: up, demo, clock, story, staff, docs."""

from __future__ import annotations

import os
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from minka.doors.cli_say import Code, Json, Lang, fault, print_json, wants_json

if TYPE_CHECKING:
    from minka.bench.up import Running

Home = Annotated[Path, typer.Option("--home", help="Folder of the city.", envvar="MINKA_HOME")]

app = typer.Typer()


def up(
    *,
    port: Annotated[int, typer.Option(help="Port of the web door.")] = 8000,
    home: Home = Path(".minka"),
    no_city: Annotated[bool, typer.Option("--no-city", help="Without invented people.")] = False,
    instant: Annotated[bool, typer.Option("--instant", help="Cards are made at once.")] = False,
) -> None:
    """Start a running demo city and stay until Ctrl-C. 启动一座示例城市"""
    from minka.bench.up import Plan, Stopped, UpFault, city, until_asked

    began = time.monotonic()
    plan = Plan(home, port, "no" if no_city else "yes", "instant" if instant else "soon")
    try:
        with until_asked(), city(plan, _tell) as running:
            _announce(running, time.monotonic() - began)
            while not (fallen := running.fallen()):
                time.sleep(0.5)
            log = home / "logs" / f"{fallen}.log"
            typer.echo(f"{fallen} 停了。下一步：看 {log} · {fallen} ended; see {log}", err=True)
            raise typer.Exit(Code.UNAVAILABLE)
    except UpFault as why:
        typer.echo(str(why), err=True)
        raise typer.Exit(Code.UNAVAILABLE) from None
    except Stopped:
        typer.echo("\n城市已停止，数据都在。 · Stopped; the data stay.", err=True)


def _tell(word: str) -> None:
    typer.echo(f"· {word}", err=True)


def _announce(running: Running, took_s: float) -> None:
    from minka.bench.board import board

    typer.echo(board(running, took_s))


def staff_code(user: str) -> None:
    """The code that the second factor of a demo account shows now."""
    _django()
    from django.contrib.auth.models import User

    from minka.bench.staff import totp_code

    found = User.objects.filter(username=user).first()
    if found is None:
        fault(f"没有账号 {user} · no account {user}", "minka staff list", "cli.not_found")
    typer.echo(totp_code(found, int(time.time())))


def _django() -> None:
    from minka.store.cluster import database_url

    os.environ["MINKA_DATABASE_URL"] = database_url()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minka.doors.web.settings")
    import django

    django.setup()


staff = typer.Typer(help="Demo log-ins. 示例账号", no_args_is_help=True)


@staff.command("code")
def _code(user: Annotated[str, typer.Argument(help="Log-in name, such as r1-hotline.")]) -> None:
    """The six digits of an account's second factor, now."""
    staff_code(user)


@staff.command("list")
def _list(*, json: Json = None) -> None:
    """Every demo account: log-in name, role, region, place."""
    _django()
    from minka.store.models import Operator

    found = Operator.objects.select_related("user").order_by("region", "user__username")
    data = [
        {"login": o.user.username, "role": o.role, "region": o.region, "place": o.place_id or ""}
        for o in found
    ]
    if wants_json(json):
        print_json(data)
        return
    for each in data:
        typer.echo("{region:<4} {login:<16} {role:<24} {place}".format(**each))


@staff.command("password")
def _password(*, home: Home = Path(".minka")) -> None:
    """The password of all demo accounts of a home."""
    from minka.bench.staff import demo_password

    typer.echo(demo_password(home))


def clock(
    turn: Annotated[str, typer.Argument(help="+10d, +24h, +30m, reset or show.")] = "show",
    *,
    bench: Annotated[
        bool, typer.Option("--bench", help="This MINKA_DATABASE_URL is a bench register.")
    ] = False,
    json: Json = None,
) -> None:
    """Turn the clock of a demo city forward, put it back to true time, or show it. 拨动时钟"""
    from minka.bench import clock as clocks
    from minka.doors.cli_given import office

    if turn != "show" and not (bench or clocks.is_bench()):
        fault(
            "这不是示例城市，时钟不能拨 · not a demo city: its clock is not turned",
            "minka clock … --bench",
        )
    try:
        shown = clocks.turn(office(), turn)
    except ValueError:
        fault(f"看不懂 {turn} · not a turn of the clock: {turn}", "minka clock +10d")
    if wants_json(json):
        print_json({"now": shown.now.isoformat(), "shift_s": int(shown.shift.total_seconds())})
        return
    word = "真实时间 · true time" if not shown.shift else _ahead(shown.shift)
    typer.echo(f"{shown.text()}  {word}")


def _ahead(shift: timedelta) -> str:
    return f"比真实时间快 {shift} · ahead by {shift}"


def demo(
    *,
    lang: Lang = "zh-hans",
    quick: Annotated[bool, typer.Option("--quick", help="Without pauses for reading.")] = False,
    json: Json = None,
) -> None:
    """The story of a lost card in about a minute, every instant read back from the register."""
    from minka.bench.demo import play

    pause_s = 0 if quick or wants_json(json) else 2
    told = play(lang, pause_s, _say if not wants_json(json) else _silent)
    if wants_json(json):
        print_json(told)


def _say(line: str) -> None:
    typer.echo(line)
    sys.stdout.flush()


def _silent(line: str) -> None:
    return


def story(
    files: Annotated[list[Path], typer.Argument(help="Story files.", exists=True, dir_okay=False)],
    *,
    door: Annotated[str, typer.Option(help="desk, api or both.")] = "desk",
    json: Json = None,
) -> None:
    """Play stories on registers of their own: input and expectation in one text. 演练"""
    from minka.bench.story_report import play_files

    if door not in ("desk", "api", "both"):
        fault(f"没有这扇门：{door} · no such door: {door}", "--door desk")
    doors = ("desk", "api") if door == "both" else (door,)
    played = play_files(files, doors)
    if wants_json(json):
        print_json([each.data() for each in played])
    else:
        for each in played:
            typer.echo(each.text())
    if any(each.differences for each in played):
        raise typer.Exit(Code.UNBALANCED)


docs = typer.Typer(help="Generated documents. 生成文档", no_args_is_help=True)

Check = Annotated[bool, typer.Option("--check", help="Only say whether the page is current.")]


@docs.command()
def mission(*, check: Check = False) -> None:
    """docs/mission.md: every mission row and rule, with the stories and tests that cite it."""
    from minka.bench.mission import page, project

    _write_page(project() / "docs" / "mission.md", page(project()), "check" if check else "write")


@docs.command()
def stories(*, check: Check = False) -> None:
    """docs/stories.md: how a story is written, with every word it may use."""
    from minka.bench.mission import project
    from minka.bench.story_guide import page

    _write_page(project() / "docs" / "stories.md", page(), "check" if check else "write")


def _write_page(path: Path, text: str, what: str) -> None:
    known = path.read_text(encoding="utf-8") if path.exists() else ""
    if what == "check" and known != text:
        fault(f"{path.name} 不是最新的 · is stale", f"minka docs {path.stem}")
    if what == "write":
        path.write_text(text, encoding="utf-8")
    typer.echo(str(path))
