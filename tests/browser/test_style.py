"""Every part in every state: axe, sizes, three languages, all modes, narrow screens, no script."""

from __future__ import annotations

import gzip
import itertools

import httpx
import pytest

from tests.browser.conftest import Visit
from tests.browser.look import (
    LANGUAGES,
    MODES,
    TARGET_PX,
    TEXT_PX,
    Look,
    Scripts,
    axe_violations,
    fonts,
    sideways_px,
    small_targets,
    small_texts,
)
from tests.browser.server import Live

PAGES = ("", "home/", "panel/", "staff/", "kiosk/")
LOOKS = [
    Look(language=language, mode=mode) for language, mode in itertools.product(LANGUAGES, MODES)
]


def _kind(path: str, mode: str) -> str:
    return {"staff/": "staff", "kiosk/": "kiosk"}.get(path, mode)


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.language}-{look.mode}")
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(unplugged: Live, visit: Visit, path: str, look: Look) -> None:
    """0 violations of wcag2a to wcag22aa and best practice in 3 languages and 3 modes."""
    assert axe_violations(visit(f"{unplugged.url}/style/{path}", look)) == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("path", PAGES)
def test_sizes(unplugged: Live, visit: Visit, path: str, mode: str) -> None:
    """Texts and targets are as large as the table of modes asks (18/26/30/15, 44/60/60/24 px)."""
    page = visit(f"{unplugged.url}/style/{path}", Look(mode=mode, language="en"))
    kind = _kind(path, mode)
    assert small_texts(page, TEXT_PX[kind]) == []
    assert small_targets(page, TARGET_PX[kind]) == []


@pytest.mark.parametrize("mode", ["standard", "elder"])
@pytest.mark.parametrize("path", PAGES[:4])
def test_320_px_without_sideways(unplugged: Live, visit: Visit, path: str, mode: str) -> None:
    """Nothing scrolls sideways on a 320 px screen, in elder mode neither."""
    for language in ("zh-hans", "en"):
        narrow = Look(language=language, mode=mode, width=320, height=700)
        assert sideways_px(visit(f"{unplugged.url}/style/{path}", narrow)) == 0


def test_without_script(unplugged: Live, visit: Visit) -> None:
    """Language and mode are chosen by plain links, and stay chosen."""
    page = visit(f"{unplugged.url}/style/panel/", Look(scripts=Scripts.OFF))
    page.get_by_role("link", name="English").click()
    assert page.url == f"{unplugged.url}/style/panel/"
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("link", name="Larger text").click()
    page.get_by_role("link", name="High contrast").click()
    assert set((page.locator("html").get_attribute("class") or "").split()) >= {"elder", "contrast"}
    page.get_by_role("link", name="Standard").click()
    assert "elder" not in (page.locator("html").get_attribute("class") or "")


def test_error_summary(unplugged: Live, visit: Visit) -> None:
    """The title says there is an error, the summary has the focus and leads into the field."""
    page = visit(f"{unplugged.url}/style/", Look(language="en"))
    assert page.title().startswith("Error: ")
    focused = "document.activeElement.className"
    assert page.evaluate(focused) == "govuk-error-summary"
    page.locator(".govuk-error-summary a").first.click()
    assert page.evaluate("document.activeElement.id") == "id_name"
    described = page.locator("#id_name").get_attribute("aria-describedby")
    assert described == "id_name_error"
    assert page.locator("#id_name").get_attribute("aria-invalid") == "true"


def test_weight(unplugged: Live) -> None:
    """A citizen page with its sheet and script weighs at most 60 KB, compressed."""
    answer = httpx.get(f"{unplugged.url}/style/panel/", headers={"Accept-Encoding": "identity"})
    needed = [answer.content]
    for tag, end in (('rel="stylesheet" href="', '"'), ('<script src="', '"')):
        addresses = [piece.split(end)[0] for piece in answer.text.split(tag)[1:]]
        needed += [httpx.get(unplugged.url + address).content for address in addresses]
    assert sum(len(gzip.compress(content)) for content in needed) <= 60 * 1024


def test_kiosk_wipes_itself(unplugged: Live, visit: Visit) -> None:
    """60 s without a touch bring a warning, 30 s more wipe the page; a touch keeps it (E10)."""
    page = visit(f"{unplugged.url}/style/kiosk/", Look())
    page.clock.install()
    page.reload()
    page.clock.run_for(59_000)
    assert not page.locator("#idle").is_visible()
    page.clock.run_for(2_000)
    assert page.locator("#idle").is_visible()
    page.locator("#idle button").click()
    assert not page.locator("#idle").is_visible()
    with page.expect_request("**/kiosk/wipe/"):
        page.clock.run_for(91_000)


def test_rare_characters_have_a_font(unplugged: Live, visit: Visit) -> None:
    """Rare characters of names are drawn by a font that has them, not by boxes (E7)."""
    page = visit(f"{unplugged.url}/style/panel/", Look())
    for character in "䶮㼆𬱟𠅤𪚥𫝀":
        page.evaluate(
            "(c) => { document.querySelector('.mk-card__name').textContent = c }", character
        )
        drawn = fonts(page, ".mk-card__name")
        assert any("Noto Sans CJK" in name or "HanaMin" in name for name in drawn), character
