"""The commands `minka import` and `minka export`: a city's register comes in and goes out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from minka.doors.cli_given import office as opened_office
from minka.doors.cli_say import Code, Json, Lang, print_json, wants_json

if TYPE_CHECKING:
    from minka.desk.office import Office
    from minka.doors.files.refusals import FileFault
    from minka.doors.files.runs import Arrival
    from minka.doors.files.workers import Crew

import_ = typer.Typer(
    help="A real register comes in: people, cards, agencies. 导入人员、卡、网点。",
    no_args_is_help=True,
)
export = typer.Typer(
    help="The register goes out again. 导出人员、卡、网点。",
    no_args_is_help=True,
)

File = Annotated[Path, typer.Argument(help="A csv (UTF-8, GB18030) or xlsx file.")]
Out = Annotated[Path, typer.Argument(help="A new .csv or .xlsx file; made with mode 0600.")]
Mapping = Annotated[
    str,
    typer.Option("--mapping", help="minka, aac, chinese, pinyin, or a YAML file of your own."),
]
Region = Annotated[str, typer.Option("--region", help="For rows that name no region.")]
OneRegion = Annotated[str, typer.Option("--region", help="Only this region.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check every row; change nothing.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with this file's last import.")]
Refused = Annotated[
    Path | None, typer.Option("--refused", help="Write the refused rows to this new file.")
]
Reason = Annotated[str, typer.Option("--reason", help="Why it is taken out; it is recorded.")]
Operator = Annotated[str, typer.Option("--operator", help="Staff number of who does this.")]

SMALL = 400_000
"""Bytes below which one process is quicker than several."""

ROWS = {
    "zh-hans": "共 {rows} 行：新增 {added}，已有 {known}，重复 {repeated}，拒绝 {refused}",
    "zh-hant": "共 {rows} 行：新增 {added}，已有 {known}，重複 {repeated}，拒絕 {refused}",
    "en": "{rows} rows: {added} added, {known} known, {repeated} repeated, {refused} refused",
}
TALK = {
    "dry": ("演练，没有改动登记册。", "演練，沒有改動登記冊。", "A dry run; nothing was changed."),
    "line": ("第 {line} 行：", "第 {line} 行：", "Line {line}: "),
    "more": ("…另有 {more} 行。", "…另有 {more} 行。", "… and {more} more."),
    "now": (
        "其中这次新增 {added_now}。",
        "其中這次新增 {added_now}。",
        "Of these, {added_now} were added by this command.",
    ),
    "warned": (
        "{warned} 张卡的卡号校验位不常见，已照收。",
        "{warned} 張卡的卡號校驗位不常見，已照收。",
        "{warned} card numbers lack the usual check character; they were taken.",
    ),
    "ignored": (
        "没有用到的列：{columns}",
        "沒有用到的欄：{columns}",
        "Columns not read: {columns}",
    ),
    "next": (
        "下一步：加 --refused 文件名 和 --resume，得到只含被拒行的文件，改好后导入它。",
        "下一步：加 --refused 檔名 和 --resume，得到只含被拒行的檔案，改好後匯入它。",
        "Next: --resume --refused FILE gives a file of the refused rows, to correct and import.",
    ),
    "kept": ("被拒的行在 {file}", "被拒的行在 {file}", "The refused rows are in {file}"),
    "out": ("已导出 {rows} 行到 {file}", "已匯出 {rows} 行到 {file}", "{rows} rows are in {file}"),
}


def _say(name: str, lang: str, **facts: object) -> str:
    column = {"zh-hant": 1, "en": 2}.get(lang.lower(), 0)
    return TALK[name][column].format(**facts)


@import_.command("persons")
def persons(
    file: File,
    *,
    mapping: Mapping = "",
    region: Region = "",
    dry_run: DryRun = False,
    resume: Resume = False,
    refused: Refused = None,
    operator: Operator = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """People, with citizen number and name. 人员"""
    words, how = (mapping, region, operator), (dry_run, resume, json)
    _bring_in("persons", (file, refused), words, how, lang=lang)


@import_.command("cards")
def cards(
    file: File,
    *,
    mapping: Mapping = "",
    region: Region = "",
    dry_run: DryRun = False,
    resume: Resume = False,
    refused: Refused = None,
    operator: Operator = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Cards of people who are in the register. 卡"""
    words, how = (mapping, region, operator), (dry_run, resume, json)
    _bring_in("cards", (file, refused), words, how, lang=lang)


@import_.command("agencies")
def agencies(
    file: File,
    *,
    mapping: Mapping = "",
    region: Region = "",
    dry_run: DryRun = False,
    resume: Resume = False,
    refused: Refused = None,
    operator: Operator = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Agencies, service points, hospitals, bank branches. 网点"""
    words, how = (mapping, region, operator), (dry_run, resume, json)
    _bring_in("agencies", (file, refused), words, how, lang=lang)


def _bring_in(
    kind: str,
    files: tuple[Path, Path | None],
    words: tuple[str, str, str],
    how: tuple[Any, Any, Any],
    *,
    lang: str,
) -> None:
    from minka.doors.files.refusals import FileFault, FileRefusal
    from minka.doors.files.reports import summary, write_refused
    from minka.doors.files.runs import Mode, Order, bring_in

    path, refused = files
    mapping, region, operator = words
    dry_run, resume, json = how
    mode = Mode.DRY if dry_run else Mode.RESUME if resume else Mode.REAL
    actor = f"cli:{operator or _account()}"
    order = Order(kind, path, mapping, region, mode=mode, actor=actor)
    try:
        if refused is not None and refused.exists():
            raise FileFault(FileRefusal.EXISTS, file=refused.name)
        with progress(_lines(path)) as advance:
            arrival = bring_in(office(), order, crew(path), advance=advance)
        if refused is not None:
            write_refused(arrival, refused, lang)
    except FileFault as fault:
        _end(fault, json, lang)
    if wants_json(json):
        kept = refused.name if refused is not None else None
        print_json({**summary(arrival), "refused_file": kept})
    else:
        _tell(arrival, refused, lang)
    raise typer.Exit(Code.REFUSED if arrival.refused else Code.DONE)


def office() -> Office:
    """The office with a more patient register: nobody waits at a counter for an import."""
    from dataclasses import replace

    from minka.store.cluster import database_url
    from minka.store.connection import Register

    opened = opened_office()
    return replace(opened, register=Register(database_url(), size=2, wait_s=15))


def _tell(arrival: Arrival, refused: Path | None, lang: str) -> None:
    from minka.doors.files.reports import SHOWN, sentence, summary

    told = summary(arrival, language=lang)
    typer.echo(ROWS.get(lang.lower(), ROWS["zh-hans"]).format(**told))
    if told["dry_run"]:
        typer.echo(_say("dry", lang))
    elif told["added_now"] != told["added"]:
        typer.echo(_say("now", lang, **told))
    if told["warned"]:
        typer.echo(_say("warned", lang, **told), err=True)
    if arrival.ignored:
        typer.echo(_say("ignored", lang, columns=", ".join(arrival.ignored)), err=True)
    for end in arrival.refused[:SHOWN]:
        typer.echo(_say("line", lang, line=end.line) + sentence(end, lang), err=True)
    if len(arrival.refused) > SHOWN:
        typer.echo(_say("more", lang, more=len(arrival.refused) - SHOWN), err=True)
    if refused is not None:
        typer.echo(_say("kept", lang, file=refused.name), err=True)
    elif arrival.refused and not told["dry_run"]:
        typer.echo(_say("next", lang), err=True)


@export.command("persons")
def export_persons(
    file: Out,
    *,
    reason: Reason,
    mapping: Mapping = "minka",
    region: OneRegion = "",
    operator: Operator = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """People, with clear numbers and names. 人员"""
    _take_out("persons", file, (reason, mapping, region, operator), (json, lang))


@export.command("cards")
def export_cards(
    file: Out,
    *,
    reason: Reason,
    mapping: Mapping = "minka",
    region: OneRegion = "",
    operator: Operator = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Cards, with the stops in force on them. 卡"""
    _take_out("cards", file, (reason, mapping, region, operator), (json, lang))


@export.command("agencies")
def export_agencies(
    file: Out,
    *,
    reason: Reason,
    mapping: Mapping = "minka",
    region: OneRegion = "",
    operator: Operator = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Agencies, service points, hospitals, bank branches. 网点"""
    _take_out("agencies", file, (reason, mapping, region, operator), (json, lang))


def _take_out(
    kind: str, path: Path, words: tuple[str, str, str, str], how: tuple[Any, str]
) -> None:
    from minka.doors.files.export import Wanted, take_out
    from minka.doors.files.refusals import FileFault
    from minka.doors.files.workers import Crew, most_workers

    reason, mapping, region, operator = words
    json, lang = how
    actor = f"cli:{operator or _account()}"
    wanted = Wanted(kind, path, reason.strip(), actor, mapping, region)
    if not wanted.reason:
        raise typer.BadParameter("--reason")
    try:
        opened = office()
        large = wanted.kind != "agencies" and _many_people(opened)
        hands = Crew(open_keys(), most_workers() if large else 0)
        with progress(0) as advance:
            written = take_out(opened, wanted, hands, advance=advance)
    except FileFault as fault:
        _end(fault, json, lang)
    if wants_json(json):
        print_json({"kind": kind, "file": path.name, "rows": written})
    else:
        typer.echo(_say("out", lang, rows=written, file=path.name))


def _many_people(opened: Any) -> bool:
    from minka.store.connection import the_row

    with opened.register.act() as connection:
        return int(the_row(connection, "bulk.size")["rows"]) > 5000


def _end(fault: FileFault, json: Any, lang: str) -> None:
    """A refused file ends the command: JSON with all three languages, or the sentence."""
    from minka.doors.files.refusals import FileRefusal

    refused = fault.refused
    if wants_json(json):
        spoken = {tag: refused.say(tag) for tag in ROWS}
        print_json({"verdict": "refused", "code": refused.reason.code, "sentence": spoken})
    typer.echo(refused.say(lang), err=True)
    away = refused.reason is FileRefusal.AWAY
    raise typer.Exit(Code.UNAVAILABLE if away else Code.REFUSED) from None


def _account() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "?"


def open_keys() -> Callable[[], Any]:
    """How a worker opens the field keys for itself; no secret travels."""
    from functools import partial

    from minka.doors import settings
    from minka.doors.office import field_keys

    return partial(field_keys, settings.current().home.absolute())


def crew(path: Path) -> Crew:
    """Processes for a large file, none for a small one."""
    from minka.doors.files.workers import Crew, most_workers

    large = path.exists() and path.stat().st_size > SMALL
    return Crew(open_keys(), most_workers() if large else 0)


def _lines(path: Path) -> int:
    """About how many rows a csv has; 0 when it cannot be said cheaply."""
    if path.suffix.lower() in (".xlsx", ".xls") or not path.exists():
        return 0
    with path.open("rb") as file:
        return max(sum(part.count(b"\n") for part in iter(lambda: file.read(1 << 20), b"")) - 1, 0)


@contextmanager
def progress(total: int) -> Iterator[Callable[[int], None]]:
    """A bar on standard error with rows, rate and time left; silent without a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn
    from rich.progress import TimeRemainingColumn as TimeLeft

    console = Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeLeft())
    with Progress(*columns, console=console, disable=not console.is_terminal) as shown:
        task = shown.add_task("", total=total or None)
        yield lambda rows: shown.advance(task, rows)
