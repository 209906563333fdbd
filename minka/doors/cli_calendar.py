"""`minka calendar`: the holiday notice of a year is loaded, and shown."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from minka.doors import cli_given as given
from minka.doors.cli_say import Json, Lang, fault, print_json, show_answer, wants_json

calendar = typer.Typer(help="Working days. 节假日通知", no_args_is_help=True)


@calendar.command()
def load(
    file: Annotated[
        Path,
        typer.Argument(
            help="YAML as in law/calendar.yaml (year: rest, work), or CSV lines: 2027-01-01,off.",
            exists=True,
            dir_okay=False,
        ),
    ],
    *,
    key: given.Key = "",
    operator: given.Operator = "",
    json: Json = None,
    lang: Lang = "zh-hans",
) -> None:
    """Load a holiday notice; promises that waited for it are counted anew and people told."""
    from minka.desk.calendar import LoadNotice, load_notice

    try:
        notices = read_notices(file.read_text(encoding="utf-8-sig"))
    except (ValueError, TypeError, AttributeError, UnicodeDecodeError) as why:
        fault(
            f"看不懂这个文件：{why} · the file is no holiday notice",
            "2027: {rest: [2027-01-01], work: [2027-02-07]}",
            lang=lang,
        )
    for year, (off, extra) in sorted(notices.items()):
        command = LoadNotice(year, off, extra)
        asked = given.request(f"{key}:{year}" if key else "", operator, "reference_clerk")
        show_answer(load_notice(given.office(), asked, command), json, lang)


def read_notices(text: str) -> dict[int, tuple[tuple[date, ...], tuple[date, ...]]]:
    """The notices of a file by year: weekdays that rest, week-end days that work.

    ``ValueError`` when the text is neither form.
    """
    rows = _csv(text) if "," in text.lstrip().partition("\n")[0] and "{" not in text else None
    if rows is not None:
        years = {day.year for day, _ in rows}
        return {year: (_of(rows, year, "off"), _of(rows, year, "extra")) for year in years}
    import yaml

    read: Any = yaml.safe_load(text)
    if not isinstance(read, dict) or not read:
        raise ValueError("year: {rest: [...], work: [...]}")
    return {
        int(year): (_days(notice.get("rest")), _days(notice.get("work")))
        for year, notice in read.items()
    }


def _csv(text: str) -> list[tuple[date, str]]:
    kinds = {"off": "off", "rest": "off", "extra": "extra", "work": "extra"}
    found = []
    for line in text.splitlines():
        day, _, kind = (part.strip() for part in line.partition(","))
        if day and day != "day":
            if kind not in kinds:
                raise ValueError(line)
            found.append((date.fromisoformat(day), kinds[kind]))
    return found


def _of(rows: list[tuple[date, str]], year: int, kind: str) -> tuple[date, ...]:
    return tuple(day for day, what in rows if day.year == year and what == kind)


def _days(listed: Any) -> tuple[date, ...]:
    days = [
        each if isinstance(each, date) else date.fromisoformat(str(each)) for each in listed or ()
    ]
    return tuple(days)


@calendar.command()
def show(*, json: Json = None) -> None:
    """The years whose notice is published, and what was loaded into the register."""
    from minka.store.connection import rows

    with given.office().register.act() as connection:
        loaded = rows(connection, "reference.holidays")
    years = sorted(given.office().book().calendar.published_years)
    data = {"published": years, "loaded": [{**each, "day": str(each["day"])} for each in loaded]}
    if wants_json(json):
        print_json(data)
        return
    typer.echo("已公布 published: " + " ".join(map(str, years)))
    typer.echo(f"登记库中 loaded: {len(loaded)}")
