"""Every story comes out as it is written, at the desk and at the API."""

from __future__ import annotations

from pathlib import Path

import pytest

from minka.bench.stories import play
from minka.bench.story_house import DOORS, House
from minka.bench.story_text import read_story

STORIES = sorted(Path(__file__).parent.glob("*.story"))


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("file", STORIES, ids=lambda file: file.stem)
def test_story(file: Path, door: str, house: House) -> None:
    """What the story expects is what the desk does, and what the API answers."""
    story = read_story(file.read_text(encoding="utf-8"))
    with house.stage(door) as (office, way):
        differences = play(story, office, way)
    assert not differences, "\n" + "\n".join(map(str, differences))
