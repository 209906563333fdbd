"""The page of the reader service says what the code does (J4, J2)."""

from __future__ import annotations

from pathlib import Path

import pytest

from minka.doors.reader.pages import written
from minka.doors.reader.settings import ReaderSettings, read_settings

ROOT = Path(__file__).parents[2]


def test_the_page_is_as_the_code_has_it() -> None:
    """J4: every function, code and setting stands in the page; write it anew when this fails."""
    assert (ROOT / "docs" / "reader.md").read_text("utf-8") == written()


def test_every_setting_says_what_it_is() -> None:
    """J4: what no source tells is a setting, and is called the bench's."""
    described = {name: field.description for name, field in ReaderSettings.model_fields.items()}
    assert all(described.values())
    assert sum(str(words).startswith("Bench default") for words in described.values()) >= 12


def test_settings_come_from_a_file_and_the_surroundings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """J4: a YAML file over variables; what is misspelt is refused."""
    monkeypatch.setenv("MINKA_READER_DEVICE_NUMBER", "X1")
    monkeypatch.setenv("MINKA_READER_OPEN_PAGES", '["https://his.test"]')
    file = tmp_path / "reader.yaml"
    file.write_text("hold_s: 5\nkey_roots: {PUK: province}\n", "utf-8")
    told = read_settings(file)
    assert (told.device_number, told.open_pages, told.hold_s) == ("X1", ["https://his.test"], 5)
    assert told.key_roots["PUK"] == "province"
    for wrong in ("hold: 5", "open_pages: ['*']", "open_pages: ['his.test']", "- 1"):
        file.write_text(wrong, "utf-8")
        with pytest.raises(ValueError, match=r"\S"):
            read_settings(file)
    for page in ("https://his.test/", "null", "file://", "https://*.test?x", "ftp://his.test"):
        with pytest.raises(ValueError, match=r"\S"):
            ReaderSettings(open_pages=[page])
