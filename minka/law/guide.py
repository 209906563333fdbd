"""What people read, made from the book: the guide of a region; checklist and script beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from minka.kit.clock import china_text
from minka.kit.words import Words
from minka.kit.workdays import Workdays
from minka.law.gaps import needed
from minka.law.lines import Line, example, lines
from minka.law.openings import open_points
from minka.law.region import Entry, RegionLaw, Source
from minka.law.steps import Duty, Step, checklist, script
from minka.law.terms import term
from minka.law.wording import fill, join

__all__ = [
    "Duty",
    "Item",
    "Page",
    "Section",
    "Step",
    "checklist",
    "folder",
    "markdown",
    "page",
    "script",
]


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a guide section, with the instant it would come to."""

    label: Words
    words: Words
    example: Words | None
    source: Source
    readings: tuple[str, ...]
    cite: str
    marked: bool
    """Whether the line carries the mark of an assumption."""


@dataclass(frozen=True, slots=True)
class Section:
    """One rule of the guide."""

    entry: str
    ref: str
    kind: str
    title: Words
    items: tuple[Item, ...]
    silent: tuple[Words, ...]
    """Labels of the needed fields on which the source is silent."""


@dataclass(frozen=True, slots=True)
class Page:
    """The public guide of one region on one day."""

    region: str
    title: Words
    card_name: str
    at: datetime
    invented: bool
    sections: tuple[Section, ...]
    points: tuple[tuple[str, Words], ...]
    """The open points whose answers are assumed on this page."""


_TITLE = Words(
    "{city}：卡丢了怎么办", "{city}：卡丟了怎麼辦", "{city}: what to do when the card is lost"
)


def page(law: RegionLaw, at: datetime, workdays: Workdays) -> Page:
    """The guide of a region; each instant is an example counted from ``at``."""
    sections = tuple(_section(entry, at, workdays) for entry in law.entries())
    assumed = {point for s in sections for item in s.items for point in item.readings}
    return Page(
        region=law.id,
        title=fill(_TITLE, city=law.names),
        card_name=law.card_name,
        at=at,
        invented=bool(law.invented),
        sections=sections,
        points=tuple((id_, p.question) for id_, p in open_points().items() if id_ in assumed),
    )


def _section(entry: Entry, at: datetime, workdays: Workdays) -> Section:
    return Section(
        entry=entry.id,
        ref=entry.ref,
        kind=entry.kind,
        title=title(entry),
        items=tuple(_item(entry, line, at) for line in lines(entry, at, workdays)),
        silent=tuple(term("field", n) for n in needed(entry) if entry.value(n) is None),
    )


def _item(entry: Entry, line: Line, at: datetime) -> Item:
    said = example(entry, line, at)
    return Item(line.label, line.words, said, line.source, line.readings, line.cite, line.marked)


def title(entry: Entry) -> Words:
    """What an entry is about: its kind, its force and its channels, or the reasons it serves."""
    kind = term("kind", entry.kind)
    channels = entry.value("channels") or ()
    ways = [term("channel", c.kind) for c in channels if c.kind != "same_visit"]
    parts = [term("force", entry.value("force"))] if entry.value("force") else []
    parts += [join(dict.fromkeys(ways))] if ways else []
    if not parts:
        return kind
    pattern = Words("{kind}（{parts}）", "{kind}（{parts}）", "{kind} ({parts})")
    between = Words("，", "，", "; ")
    return fill(pattern, kind=kind, parts=join(parts, between))


_HEAD = {
    "card": Words("卡：{card}", "卡：{card}", "Card: {card}"),
    "note": Words(
        "本页由规则文件生成。标有“假定”的内容原文未规定，仅为演示城市的假定值，不是任何城市的规定。",
        "本頁由規則檔生成。標有「假定」的內容原文未規定，僅為演示城市的假定值，不是任何城市的規定。",
        "This page is made from the rule files. What is marked assumed is not in the text: it is"
        " assumed for a demo city and is no city's rule.",
    ),
    "invented": Words(
        "本地区及其全部规则均为虚构示例。",
        "本地區及其全部規則均為虛構示例。",
        "This region and all its rules are an invented example.",
    ),
    "silent": Words(
        "原文未规定：{fields}", "原文未規定：{fields}", "The text is silent on: {fields}"
    ),
    "points": Words("假定所回答的问题", "假定所回答的問題", "Questions answered by assumption"),
}
_COLUMNS = (
    Words("项目", "項目", "Item"),
    Words("规定", "規定", "Rule"),
    Words("举例", "舉例", "Example"),
    Words("依据", "依據", "Ground"),
)


def markdown(guide: Page, language: str) -> str:
    """The guide page as Markdown in one language."""
    out = [f"# {guide.title.say(language)}", ""]
    out += [fill(_HEAD["card"], card=guide.card_name).say(language), ""]
    out += [f"> {_HEAD['invented' if guide.invented else 'note'].say(language)}", ""]
    for section in guide.sections:
        out += _section_text(section, language)
    if guide.points:
        out += [f"## {_HEAD['points'].say(language)}", ""]
        out += [f"- {id_}: {question.say(language)}" for id_, question in guide.points]
        out.append("")
    return "\n".join(out)


def _section_text(section: Section, language: str) -> list[str]:
    head = " | ".join(column.say(language) for column in _COLUMNS)
    out = [f"## {section.entry} {section.title.say(language)}", "", f"| {head} |"]
    out.append("|---" * len(_COLUMNS) + "|")
    for item in section.items:
        shown = item.example.say(language) if item.example else ""
        cells = (item.label.say(language), item.words.say(language), shown, _ground(item, language))
        out.append("| " + " | ".join(cells) + " |")
    out.append("")
    if section.silent:
        fields = join(section.silent)
        out += [fill(_HEAD["silent"], fields=fields).say(language), ""]
    return [*out, f"`{section.ref}`", ""]


def _ground(item: Item, language: str) -> str:
    """The phrase of the text, or the mark of an assumption with the point it answers."""
    parts = [f"「{item.cite}」"] if item.cite else []
    if item.source is Source.INFERRED:
        parts.append(term("source", "inferred").say(language))
    if item.marked:
        points = ", ".join(item.readings)
        assumed = term("source", "assumed").say(language)
        parts.append(f"**{assumed}**" + (f" ({points})" if points else ""))
    return " ".join(parts)


def folder(laws: tuple[RegionLaw, ...], at: datetime, workdays: Workdays) -> dict[str, str]:
    """The guide pages of all regions as files: one per language, and an index."""
    made = {}
    index = ["# 各地区办事指南 · Guides of the regions", ""]
    for law in laws:
        guide = page(law, at, workdays)
        for suffix, language in _LANGUAGES.items():
            made[f"{law.id}{suffix}.md"] = markdown(guide, language)
        links = " · ".join(f"[{lang}]({law.id}{suffix}.md)" for suffix, lang in _LANGUAGES.items())
        index.append(f"- {law.id} {law.names.zh_hans} · {law.names.en}: {links}")
    index += ["", f"({china_text(at)})", ""]
    return {**made, "README.md": "\n".join(index)}


_LANGUAGES = {"": "zh-hans", ".zh-hant": "zh-hant", ".en": "en"}
