"""The terminal in a real browser: touches, sizes, languages, axe, and every journey to its end."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visit
from tests.browser.look import LANGUAGES, Look, Scripts, axe_violations, small_targets, small_texts
from tests.browser.server import Live

TEXT_PX, TARGET_PX = 30.0, 60.0
FURNISH = """
import django; django.setup()
from minka.bench.city import laws_now, seed_people, seed_reference
from minka.doors.office import office
laws = [law for law in laws_now(office()) if law.id in ("R1", "R5")]
seed_reference(laws)
seed_people(office(), laws)
office().register.close()
"""
AT_ONCE = (
    "",
    "lost/",
    "found/",
    "replace/",
    "progress/",
    "papers/",
    "balance/",
    "places/",
    "staff/",
    "ticket/",
)


@pytest.fixture(scope="module")
def live_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A city that pretends to have card readers, whose secrets the seeding shares."""
    home = str(tmp_path_factory.mktemp("city"))
    return {"MINKA_DEMO_READERS": "true", "MINKA_HOME": home}


@pytest.fixture(scope="module")
def city(live: Live, database_url: str, live_environment: dict[str, str]) -> Live:
    """The running server with the invented people and terminals of two regions."""
    environment = {
        **os.environ,
        **live_environment,
        "MINKA_DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "minka.doors.web.settings",
    }
    subprocess.run([sys.executable, "-c", FURNISH], check=True, env=environment)
    return live


def stand_at(city: Live, visit: Visit, look: Look, kiosk: str) -> Page:
    """A screen that has just been made a terminal."""
    page = visit(f"{city.url}/kiosk/setup/", look)
    page.locator(f"form:has(input[value='{kiosk}']) button").click()
    page.wait_for_url("**/kiosk/")
    return page


def faults(page: Page) -> list[str]:
    """Everything measurable that is wrong with a page of the terminal."""
    small = small_texts(page, TEXT_PX) + small_targets(page, TARGET_PX)
    return [f"{page.url}: {each}" for each in axe_violations(page) + small]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_in_every_language(city: Live, visit: Visit, language: str) -> None:
    """0 axe violations, text at least 30 px, targets at least 60 px, on every page."""
    page = stand_at(city, visit, Look(language=language, height=1000), "K-R1-SERVICEPOINT-1")
    found = []
    for path in AT_ONCE:
        page.goto(f"{city.url}/kiosk/{path}")
        found += faults(page)
    page.goto(f"{city.url}/kiosk/lost/")
    page.locator("form:has(input[name=demo]) button").nth(LANGUAGES.index(language)).click()
    page.wait_for_url("**/check/")
    found += faults(page)
    page.locator("form:has(input[name=reason]) button").click()
    page.wait_for_url("**/slip/**")
    found += faults(page)
    for path in ("progress/", "papers/", "lost/"):
        page.goto(f"{city.url}/kiosk/{path}")
        page.locator("form:has(input[name=demo]) button").nth(LANGUAGES.index(language)).click()
        page.wait_for_load_state()
        found += faults(page)
    assert found == []


def test_at_most_four_touches(city: Live, visit: Visit) -> None:
    """A4: from the first tile to the printed slip in four touches, no typing."""
    page = stand_at(city, visit, Look(), "K-R1-SERVICEPOINT-1")
    touches = (
        "a.mk-tile__title[href='/kiosk/lost/']",
        "form:has(input[name=demo]) button >> nth=3",
        "form:has(input[name=reason]) button",
    )
    for touch in touches:
        page.locator(touch).click()
        page.wait_for_load_state()
    with page.context.expect_page() as printed:
        page.locator("a[href^='/kiosk/paper/']").click()
    assert "/kiosk/paper/" in printed.value.url
    assert len(touches) + 1 <= 4


def test_the_barred_hospital(city: Live, visit: Visit) -> None:
    """A5: the refusal of a class one hospital passes every measure and names the telephone."""
    page = stand_at(city, visit, Look(language="en"), "K-R1-HOSPITAL-1")
    page.goto(f"{city.url}/kiosk/lost/")
    assert "96102" in page.locator("main").inner_text()
    assert faults(page) == []


def test_the_pad_types_digits(city: Live, visit: Visit) -> None:
    """The number is typed on the screen; no keyboard and no Chinese is needed."""
    page = stand_at(city, visit, Look(), "K-R1-SERVICEPOINT-1")
    page.goto(f"{city.url}/kiosk/lost/")
    pad = page.locator("#number + .mk-pad")
    for sign in "12X":
        pad.get_by_role("button", name=sign, exact=True).click()
    assert page.locator("#number").input_value() == "12X"
    pad.get_by_role("button").last.click()
    assert page.locator("#number").input_value() == "12"
    assert faults(page) == []


def test_the_reader_speaks_to_the_page(city: Live, visit: Visit) -> None:
    """What the local reader says is sent at once; what it did not sign is not believed."""
    page = stand_at(city, visit, Look(), "K-R1-SERVICEPOINT-1")
    page.goto(f"{city.url}/kiosk/lost/")
    page.evaluate("document.dispatchEvent(new CustomEvent('minka-card', {detail: '{\"at\": 1}'}))")
    page.wait_for_selector(".govuk-error-summary")
    assert faults(page) == []


def test_without_script(city: Live, visit: Visit) -> None:
    """An old terminal without scripts reports a loss all the same."""
    page = stand_at(city, visit, Look(scripts=Scripts.OFF), "K-R1-SERVICEPOINT-2")
    page.locator("a.mk-tile__title[href='/kiosk/lost/']").click()
    page.locator("#number").fill(page.locator("form:has(input[name=demo]) button").count() * "1")
    page.locator("form:has(#number) button").click()
    assert page.locator(".govuk-error-summary").count() == 1
    page.goto(f"{city.url}/kiosk/ticket/")
    page.locator("form:has(input[value=card]) button").click()
    assert page.locator(".mk-panel__number").inner_text().startswith("A")


def test_idle_wipes_the_person(city: Live, visit: Visit) -> None:
    """E10: 60 s and 30 s without a touch, and nobody is on the screen any more."""
    page = stand_at(city, visit, Look(), "K-R1-SERVICEPOINT-1")
    page.goto(f"{city.url}/kiosk/lost/")
    page.locator("form:has(input[name=demo]) button").first.click()
    page.wait_for_load_state()
    page.clock.install()
    page.reload()
    page.clock.run_for(61_000)
    assert page.locator("#idle").is_visible()
    assert axe_violations(page) == []
    page.clock.run_for(31_000)
    page.wait_for_url("**/kiosk/")
    page.goto(f"{city.url}/kiosk/lost/check/")
    assert page.url.endswith("/kiosk/lost/")
