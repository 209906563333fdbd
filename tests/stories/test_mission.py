"""Every mission row and every rule has evidence, and docs/mission.md says which."""

from __future__ import annotations

from pathlib import Path

from minka.bench.mission import ROWS, evidence, page, rules
from minka.bench.story_guide import page as story_page
from minka.bench.story_guide import undescribed
from minka.law.book import Book

IN_STORIES = ("loss", "lapse", "withdraw", "replace", "collect")
"""Kinds of rules that the desks carry out now, and so must be lived through in a story."""


def test_every_mission_row_has_evidence(project: Path) -> None:
    """A promise that nothing tests is no promise."""
    found = evidence(project, list(ROWS))
    assert [row for row in ROWS if not found[row].there()] == []


def test_every_rule_has_evidence_and_what_the_desk_does_has_a_story(
    project: Path, book: Book
) -> None:
    """Each rule of the founding text is cited; a rule about a lost card by a story."""
    known = rules(book)
    found = evidence(project, list(known))
    assert [name for name in known if not found[name].there()] == []
    lived = [name for name, entry in known.items() if entry.kind in IN_STORIES]
    assert [name for name in lived if not found[name].stories] == []


def test_the_page_is_current(project: Path) -> None:
    """docs/mission.md is what `minka docs mission` writes."""
    written = (project / "docs" / "mission.md").read_text(encoding="utf-8")
    assert written == page(project), "run: minka docs mission"


def test_the_words_of_stories_are_explained(project: Path) -> None:
    """docs/stories.md is current and leaves no word out."""
    assert undescribed() == []
    written = (project / "docs" / "stories.md").read_text(encoding="utf-8")
    assert written == story_page(), "run: minka docs stories"
