"""The commands about the law: list, check, explain, differences, guides, working days."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from minka.law.book import Book, Gaps
    from minka.law.explain import Explained
    from minka.law.region import RegionLaw

rules = typer.Typer(help="The dated rules of each region. 各地区的规则。", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Lang = Annotated[str, typer.Option("--lang", help="zh-hans, zh-hant or en.")]
Folder = Annotated[
    Path | None, typer.Option("--folder", help="Another folder of rule files.", exists=True)
]
TextOnly = Annotated[
    bool, typer.Option("--text-only", help="Without the values assumed for the demo.")
]


def _gaps(text_only: object) -> Gaps:
    from minka.law.book import Gaps

    return Gaps.LEFT if text_only else Gaps.ASSUMED


def _book(folder: Path | None, text_only: object = None, lang: str = "zh-hans") -> Book:
    """The book, or the end of the command with every fault and exit code 2."""
    from minka.law.book import LawFault, read

    try:
        return read(folder, _gaps(text_only))
    except LawFault as broken:
        for fault in broken.faults:
            typer.echo(fault.say(lang), err=True)
        raise typer.Exit(2) from broken


def _law(book: Book, region: str, day: date) -> RegionLaw:
    if region not in book.regions:
        _stop(f"没有地区 {region} · No region {region}. 可选 · Known: {', '.join(book.regions)}", 3)
    return book.on(region, day)


def _stop(sentence: str, code: int) -> None:
    typer.echo(sentence, err=True)
    raise typer.Exit(code)


def _instant(text: str | None) -> datetime:
    """An instant in China time; now without a text."""
    from minka.kit.clock import CHINA, wall

    if text is None:
        return wall().astimezone(CHINA)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("write it like 2026-11-22T15:00") from None
    return at if at.tzinfo else at.replace(tzinfo=CHINA)


def _print_json(data: Any) -> None:
    import json

    typer.echo(json.dumps(data, ensure_ascii=False, indent=2))


@rules.command("list")
def list_(
    *, json: Json = False, lang: Lang = "zh-hans", at: str | None = None, folder: Folder = None
) -> None:
    """List the regions and their rules."""
    from minka.law.guide import title

    book, day = _book(folder, None, lang), _instant(at).date()
    data: list[dict[str, Any]] = [
        {
            "id": law.id,
            "name": law.names.say(lang),
            "card": law.card_name,
            "invented": bool(law.invented),
            "rules": [
                {"id": e.id, "title": title(e).say(lang), "rule": e.ref, "mission": [*e.mission]}
                for e in law.entries()
                if e.kind != "statement"
            ],
        }
        for law in (book.on(region, day) for region in book.regions)
    ]
    if json:
        _print_json(data)
        return
    for region in data:
        typer.echo(f"{region['id']}  {region['name']}  {region['card']}")
        for rule in region["rules"]:
            typer.echo(f"  {rule['id']:<7} {rule['title']}  [{rule['rule']}]")


@rules.command()
def check(
    folder: Annotated[Path | None, typer.Argument(help="A folder of rule files.")] = None,
    *,
    json: Json = False,
    lang: Lang = "zh-hans",
    text_only: TextOnly = False,
) -> None:
    """Check the rule files; show what is silent, assumed and open. Exit 2 when a file is broken."""
    book = _book(folder, text_only, lang)
    day = _instant(None).date()
    data = [_checked(book.on(region, day), lang) for region in book.regions]
    if json:
        _print_json(data)
        return
    for region in data:
        _print_check(region)


def _checked(law: RegionLaw, lang: str) -> dict[str, Any]:
    from minka.law.gaps import gaps, points
    from minka.law.terms import term

    return {
        "id": law.id,
        "name": law.names.say(lang),
        "gaps": [
            {
                "rule": gap.entry,
                "field": gap.field,
                "label": term("field", gap.field).say(lang),
                "answer": gap.answer.value,
                "open_points": list(gap.points),
                "note": gap.note,
            }
            for gap in gaps(law)
        ],
        "open_points": [
            {
                "id": point.id,
                "question": point.question.say(lang),
                "answer": answer.value,
                "suggests": point.suggests,
            }
            for point, answer in points(law)
        ],
    }


def _print_check(region: dict[str, Any]) -> None:
    marks = {"open": "空缺 open   ", "assumed": "假定 assumed"}
    typer.echo(f"{region['id']}  {region['name']}")
    for gap in region["gaps"]:
        points = f" ({', '.join(gap['open_points'])})" if gap["open_points"] else ""
        typer.echo(f"  {marks[gap['answer']]}  {gap['rule']}.{gap['field']} {gap['label']}{points}")
    for point in region["open_points"]:
        typer.echo(f"  {marks[point['answer']]}  {point['id']} {point['question']}")


@rules.command()
def explain(
    region: str,
    topic: str,
    *,
    at: Annotated[str | None, typer.Option(help="2026-11-22T15:00, China time.")] = None,
    json: Json = False,
    lang: Lang = "zh-hans",
    text_only: TextOnly = False,
    folder: Folder = None,
) -> None:
    """Explain a rule at an instant: REGION R1; TOPIC loss, withdraw, replace, … or R1-01."""
    from minka.law.explain import as_data, topics
    from minka.law.explain import explain as explained_of

    book, start = _book(folder, text_only, lang), _instant(at)
    law = _law(book, region, start.date())
    found = explained_of(law, topic, start, book.workdays(region))
    if not found:
        _stop(f"没有主题 {topic} · No topic {topic}. 可选 · Known: {', '.join(topics(law))}", 3)
    if json:
        _print_json(
            {
                "region": law.id,
                "at": start.isoformat(),
                "rules": [as_data(explained, lang) for explained in found],
            }
        )
        return
    for explained in found:
        _print_explained(explained, lang)


def _print_explained(explained: Explained, lang: str) -> None:
    typer.echo(f"{explained.entry.id}  {explained.title.say(lang)}  [{explained.entry.ref}]")
    for line in explained.lines:
        _print_line(line, lang)


def _print_line(line: Any, lang: str) -> None:
    from minka.law.terms import term

    provisional = line.due is not None and line.due.firmness.value == "provisional"
    parts = [
        f"  {line.label.say(lang)}: {line.words.say(lang)}",
        f"→ {line.due_text}" if line.due else "",
        "〔暂定 provisional〕" if provisional else "",
        f"「{line.cite}」" if line.cite else "",
        f"〔{term('source', 'inferred').say(lang)}〕" if line.source.value == "inferred" else "",
        f"〔{' '.join(('假定 assumed', *line.readings))}〕" if line.marked else "",
    ]
    typer.echo(" ".join(part for part in parts if part))


@rules.command()
def diff(
    region: str, before: str, after: str, *, json: Json = False, folder: Folder = None
) -> None:
    """Show what changes in a region between two days."""
    from minka.law.explain import changes

    book = _book(folder)
    days = date.fromisoformat(before), date.fromisoformat(after)
    data = [
        {"rule": c.entry, "field": c.field, "before": c.before.en, "after": c.after.en}
        for c in changes(_law(book, region, days[0]), _law(book, region, days[1]))
    ]
    if json:
        _print_json(data)
        return
    for change in data:
        typer.echo("{rule}.{field}: {before} -> {after}".format(**change))


@rules.command()
def guide(
    folder: Annotated[Path, typer.Argument(help="Where the pages are written.")],
    at: Annotated[str, typer.Option(help="The instant of the examples.")] = "2026-11-22T15:00",
) -> None:
    """Write the public guide pages of all regions."""
    from minka.law.guide import folder as pages

    start = _instant(at)
    book = _book(None)
    laws = tuple(book.on(region, start.date()) for region in book.regions)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages(laws, start, book.workdays()).items():
        (folder / name).write_text(text, encoding="utf-8")
    typer.echo(str(folder))


@rules.command("seed-calendar")
def seed_calendar(year: int) -> None:
    """Print the published rest and work days of a year for calendar.yaml."""
    from chinese_calendar import constants

    rest = sorted(d for d in constants.holidays if d.year == year and d.weekday() < 5)
    work = sorted(d for d in constants.workdays if d.year == year and d.weekday() >= 5)
    if not rest:
        _stop(f"{year} 年的节假日通知尚未公布 · The notice for {year} is not published.", 3)
    lines = [f"{year}:", "  rest:", *(f"    - {d}" for d in rest)]
    typer.echo("\n".join([*lines, "  work:", *(f"    - {d}" for d in work)]))
