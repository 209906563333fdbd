"""What no page may carry, read from its sources: the words are whole, nothing is foreign."""

from __future__ import annotations

import re

import pytest

from minka.doors.web import assets, translate
from minka.doors.web.assets import FORBIDDEN, GENERATED, WEB

TEMPLATES = sorted(WEB.glob("**/templates/**/*.html"))
BANNED = {
    "inline style": re.compile(r"\sstyle=|<style\b"),
    "inline script": re.compile(r"<script(?![^>]*\ssrc=)(?![^>]*type=\"application/json\")"),
    "inline handler": re.compile(r"\son[a-z]+=\""),
    "another origin": re.compile(r"(?:href|src|action)=\"(?:https?:)?//"),
}


def test_three_languages_are_whole() -> None:
    """0 missing keys, and every translation fills in the same places as its source."""
    assert translate.main(["--check"]) == 0


@pytest.mark.parametrize("what", BANNED)
def test_templates_are_clean(what: str) -> None:
    """Nothing that the content policy would stop, and nothing from elsewhere."""
    found = [p.name for p in TEMPLATES if BANNED[what].search(p.read_text("utf-8"))]
    assert TEMPLATES
    assert found == []


def test_sheets_are_our_own(built: None) -> None:
    """No other government's face, mark or font in the CSS; the word lists are compiled."""
    for sheet in assets.SHEETS:
        css = (GENERATED / f"{sheet}.css").read_text("utf-8")
        assert len(css) > 2000
        assert [word for word in FORBIDDEN if word in css] == []
    assert list(WEB.glob("locale/*/LC_MESSAGES/django.mo"))


def test_building_again_does_nothing(built: None, capsys: pytest.CaptureFixture[str]) -> None:
    """Set-up is quick when everything is up to date."""
    assert assets.main() == 0
    assert capsys.readouterr().out == "assets: up to date\n"


def test_lock_names_no_address() -> None:
    """The lock file of the browser packages records what, never where from."""
    lock = (assets.FRONTEND / "package-lock.json").read_text("utf-8")
    assert '"integrity"' in lock
    assert '"resolved"' not in lock
    assert "registry" not in lock


@pytest.mark.parametrize(
    ("simplified", "expected"),
    [
        ("账户", "帳戶"),
        ("打印挂失单", "列印掛失單"),
        ("网络信息", "網路資訊"),
        ("退出登录", "退出登入"),
        ("预挂失已受理", "預掛失已受理"),
    ],
)
def test_traditional_words(simplified: str, expected: str) -> None:
    """Traditional Chinese uses the words people there use, not only their characters."""
    assert translate.traditional(simplified) == expected
