"""Plays story files on a server of their own and reports how each came out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from minka.bench.scratch import migrate, scratch_cluster, the_book
from minka.bench.stories import Difference, play
from minka.bench.story_house import House, database_of, furnished
from minka.bench.story_text import StoryFault, read_story
from minka.store.cluster import create_database

_MIGRATED = "story_tables"


@dataclass(frozen=True, slots=True)
class Played:
    """One story at one door: how it came out."""

    file: str
    door: str
    title: str
    steps: int
    differences: Sequence[Difference] = field(default_factory=tuple)
    fault: str = ""

    def text(self) -> str:
        """The outcome for a person."""
        mark = "✗" if self.differences or self.fault else "✓"
        head = f"{mark} {self.title or self.file}（{self.door}，{self.steps} 步）"
        return "\n".join([head, *map(str, self.differences), *([self.fault] if self.fault else [])])

    def data(self) -> dict[str, Any]:
        """The outcome for a programme."""
        return {
            "file": self.file,
            "door": self.door,
            "title": self.title,
            "steps": self.steps,
            "passed": not self.differences and not self.fault,
            "differences": [
                {"line": d.line, "step": d.text, "expected": d.expected, "found": d.found}
                for d in self.differences
            ],
            "fault": self.fault,
        }


def play_files(files: Sequence[Path], doors: Sequence[str]) -> list[Played]:
    """Play each file at each door, on a fresh register each time."""
    with _house() as house:
        return [_played(house, file, door) for file in files for door in doors]


@contextmanager
def _house() -> Iterator[House]:
    with scratch_cluster({"fsync": "off"}) as cluster:
        url = cluster.url("postgres")
        create_database(url, _MIGRATED)
        migrate(database_of(url, _MIGRATED))
        with furnished(url, _MIGRATED, the_book()) as house:
            yield house


def _played(house: House, file: Path, door: str) -> Played:
    try:
        story = read_story(file.read_text(encoding="utf-8"))
    except StoryFault as why:
        return Played(file.name, door, "", 0, fault=str(why))
    with house.stage(door) as (office, way):
        try:
            found = play(story, office, way)
        except StoryFault as why:
            return Played(file.name, door, story.title, len(story.steps), fault=str(why))
    return Played(file.name, door, story.title, len(story.steps), found)
