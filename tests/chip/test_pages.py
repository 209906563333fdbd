"""docs/chip.md is what the code says."""

from __future__ import annotations

from pathlib import Path

from minka.chip.filespec import VERSIONS, specification
from minka.chip.pages import written
from tests.house.sources import ROOT


def test_the_page_is_fresh() -> None:
    """``python -m minka.chip.pages docs/chip.md`` was run after the last change."""
    assert Path(ROOT / "docs" / "chip.md").read_text("utf-8") == written()


def test_the_page_names_every_item() -> None:
    """Nobody has to open the table: each item of each version stands on the page."""
    page = written()
    for version in VERSIONS:
        for file in specification(version).files():
            assert all(item.name_zh in page for item in file.items)
            assert all(part.name_zh in page for item in file.items for part in item.parts)
