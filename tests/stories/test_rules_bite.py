"""A story that cites a rule fails when the rule is changed: one change for each rule it lives."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from minka.bench.mission import rules
from minka.bench.stories import Difference, play
from minka.bench.story_house import House
from minka.bench.story_text import read_story
from minka.law.book import REGIONS, Book, parse
from tests.stories.test_mission import IN_STORIES

HERE = Path(__file__).parent


def _changes() -> list[tuple[str, ...]]:
    """Rule, file, what it says, what it is changed to, and the story that must notice."""
    lines = (HERE / "changes.txt").read_text(encoding="utf-8").splitlines()
    return [tuple(line.split(" | ")) for line in lines if not line.startswith("#")]


def _changed(rule: str, file: str, before: str, after: str) -> Book:
    """The book with one value changed inside one rule."""
    files = {
        str(path.relative_to(REGIONS)): path.read_text(encoding="utf-8")
        for path in [*REGIONS.glob("*/*.yaml"), *REGIONS.glob("statements.yaml")]
    }
    text = files[f"{file}.yaml"]
    start = text.index(f"\n{rule}:") if not text.startswith(f"{rule}:") else 0
    end = text.find("\n\n", start + 1)
    part = text[start : end if end > 0 else len(text)]
    assert before in part, f"{rule} does not say {before}"
    files[f"{file}.yaml"] = text.replace(part, part.replace(before, after), 1)
    return parse(files)


def _played(house: House, story: str) -> list[Difference]:
    told = read_story((HERE / f"{story}.story").read_text(encoding="utf-8"))
    with house.stage() as (office, way):
        return play(told, office, way)


@pytest.mark.parametrize(
    ("rule", "file", "before", "after", "story"), _changes(), ids=[c[0] for c in _changes()]
)
def test_a_story_notices_a_changed_rule(
    rule: str, file: str, before: str, after: str, story: str, house: House
) -> None:
    """The story cites the rule, and comes out otherwise under the changed one."""
    text = (HERE / f"{story}.story").read_text(encoding="utf-8")
    assert rule in text.partition("城市")[0], f"{story} does not cite {rule}"
    changed = replace(house, book=_changed(rule, file, before, after))
    assert _played(changed, story), f"{story} does not notice that {rule} was changed"


def test_every_rule_that_a_story_lives_is_changed_here(book: Book) -> None:
    """No rule about a lost card is left out of the table."""
    lived = {name for name, entry in rules(book).items() if entry.kind in IN_STORIES}
    assert lived - {change[0] for change in _changes()} == set()
