"""docs/mission.md: every mission row and every rule, with the stories and tests that cite it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from minka.law.book import Book, read
from minka.law.guide import title
from minka.law.region import Entry

ROWS = (
    *(f"A{n}" for n in range(1, 15)),
    *(f"B{n}" for n in range(1, 12)),
    *(f"C{n}" for n in range(1, 9)),
    *("D1", "D2"),
    *(f"E{n}" for n in range(1, 15)),
    *(f"F{n}" for n in range(1, 5)),
    *(f"G{n}" for n in range(1, 15)),
    *(f"H{n}" for n in range(1, 12)),
    *("I1", "I4", "I5", "I6", "I9", "I10", "J2", "J4", "J5"),
    *(f"K{n}" for n in range(1, 9)),
    *("L1", "L3"),
    *("X1", "X30", "X31", "X32", "X33", "X38", "X39"),
)
"""The mission rows that this stage of Minka promises."""

_DAY = date(2026, 11, 22)
_SHOWN = 5
_OUTSIDE = ("tests/house",)
_KINDS = {".story", ".py", ".txt", ".csv", ".yaml"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where something is cited: stories, and other tests, as paths below the project."""

    stories: tuple[str, ...]
    tests: tuple[str, ...]

    def there(self) -> int:
        """One when anything cites it."""
        return int(bool(self.stories or self.tests))


def project() -> Path:
    """The root of the checkout this package runs from."""
    return Path(__file__).resolve().parents[2]


def rules(book: Book) -> dict[str, Entry]:
    """Every rule of the founding text, by id: invented regions and assumed rules left out."""
    found = {
        entry.id: entry
        for region in book.regions
        for entry in book.on(region, _DAY).entries()
        if not book.on(region, _DAY).invented and entry.kind != "statement"
    }
    return {name: entry for name, entry in found.items() if re.fullmatch(r"[RF]\d\w?-\d\d", name)}


def evidence(root: Path, names: Sequence[str]) -> dict[str, Evidence]:
    """For each id the files below tests/ that hold it."""
    texts = dict(_texts(root))
    return {name: _cited(name, texts) for name in names}


def _texts(root: Path) -> Iterator[tuple[str, str]]:
    for path in sorted((root / "tests").rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.suffix in _KINDS and not name.startswith(_OUTSIDE):
            yield name, _citing(path)


def _citing(path: Path) -> str:
    """The part of a file that cites: docstrings, the head of a story, the whole of data."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".story":
        return "\n".join(line for line in text.splitlines() if line.startswith("引用"))
    if path.suffix != ".py":
        return text
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    found = [node for node in ast.walk(ast.parse(text)) if isinstance(node, holders)]
    return "\n".join(filter(None, map(ast.get_docstring, found)))


def _cited(name: str, texts: Mapping[str, str]) -> Evidence:
    pattern = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")
    found = [path for path, text in texts.items() if pattern.search(text)]
    stories = tuple(path for path in found if path.endswith(".story"))
    return Evidence(stories, tuple(path for path in found if path not in stories))


def page(root: Path) -> str:
    """The page as Markdown."""
    book = read()
    known = rules(book)
    found = evidence(root, [*ROWS, *known])
    by_row = {row: [e.id for e in known.values() if row in e.mission] for row in ROWS}
    lines = [
        "# Mission and evidence",
        "",
        "Written by `minka docs mission`. A row without evidence fails the tests, and so does a",
        "page that is not current. Stories live in `tests/stories`, tests below `tests`.",
        "",
        "## Mission rows",
        "",
        "| row | rules | stories | tests |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {row} | {', '.join(by_row[row]) or '—'} | {_shown(found[row].stories)} |"
        f" {_shown(found[row].tests)} |"
        for row in ROWS
    ]
    lines += [
        "",
        "## Rules of the founding text",
        "",
        "| rule | what | mission | stories | tests |",
    ]
    lines += ["|---|---|---|---|---|"]
    lines += [
        f"| {name} | {title(entry).say('zh-hans')} | {', '.join(entry.mission) or '—'} |"
        f" {_shown(found[name].stories)} | {_shown(found[name].tests)} |"
        for name, entry in known.items()
    ]
    return "\n".join([*lines, ""])


def _shown(paths: tuple[str, ...]) -> str:
    names = [path.removeprefix("tests/").removeprefix("stories/") for path in paths]
    more = f" +{len(names) - _SHOWN}" if len(names) > _SHOWN else ""
    return ", ".join(f"`{name}`" for name in names[:_SHOWN]) + more or "—"
