"""The citizen's journey in a real browser: three pages, no script needed, nothing axe can find."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from minka.cipher.field import SoftFieldKeys
from minka.desk.office import Office
from minka.law.book import Book
from minka.store.connection import Register
from tests.browser.conftest import Visit
from tests.browser.look import (
    LANGUAGES,
    MODES,
    TARGET_PX,
    TEXT_PX,
    Look,
    Scripts,
    axe_violations,
    sideways_px,
    small_targets,
    small_texts,
)
from tests.browser.server import Live
from tests.desk.town import Resident, invented_number, settle_in

SECRET = "5f" * 32
LOOKS = [Look(language=lang, mode=mode) for lang, mode in itertools.product(LANGUAGES, MODES)]
PATHS = ("", "R1/", "R1/lost/", "R4/lost/", "R1/case/", "R1/found/", "R6/replace/", "R1/freeze/")
MORE_PATHS = ("R1/places/", "R3/guide/", "R3/lost/", "V1/found/", "R2/helper/")


@pytest.fixture(scope="module")
def live_environment() -> dict[str, str]:
    """The server seals with the keys that this test knows."""
    return {"MINKA_FIELD_SECRET": SECRET}


@pytest.fixture(scope="module")
def town(database_url: str, book: Book) -> Iterator[Office]:
    """An office on the live server's register."""
    register = Register(database_url, wait_s=5)
    yield Office(register, lambda: book, SoftFieldKeys(bytes.fromhex(SECRET)))
    register.close()


def fill(page: Page, someone: Resident) -> None:
    """Type the two facts of R1."""
    page.fill("#id_name", someone.name.reveal())
    page.fill("#id_id_number", someone.number.reveal())


def report(page: Page, someone: Resident) -> str:
    """The whole journey from the question to the confirmation; gives the receipt."""
    fill(page, someone)
    page.click("main button[type=submit]")
    assert page.url.endswith("/lost/check/")
    page.click("main button[type=submit]")
    found = re.search(r"/case/(G-[0-9A-Z-]+)/", page.url)
    assert found is not None, page.url
    return found.group(1)


def keep(page: Page, name: str) -> None:
    """Keep a picture where ``MINKA_PICTURES`` says, for a person to look at."""
    folder = os.environ.get("MINKA_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("scripts", list(Scripts))
def test_report_lost_in_three_pages_and_two_fields(
    live: Live, town: Office, visit: Visit, scripts: Scripts
) -> None:
    """A1, B10 (ux goal): 3 pages, 2 typed fields, 2 presses, with and without JavaScript."""
    someone = settle_in(town, bank_id="")
    page = visit(f"{live.url}/R1/lost/", Look(scripts=scripts))
    assert page.locator("main input[type=text]").count() == 2
    receipt = report(page, someone)
    assert receipt in page.inner_text("main")
    again = visit(f"{live.url}/R1/lost/", Look(scripts=scripts))
    fill(again, someone)
    again.click("main button[type=submit]")
    again.click("main button[type=submit]")
    assert receipt in again.url
    assert "already=1" in again.url


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.language}-{look.mode}")
def test_every_page_in_every_look(live: Live, town: Office, visit: Visit, look: Look) -> None:
    """0 axe violations, sizes kept, on every public page in 3 languages x 3 modes."""
    for path in (*PATHS, *MORE_PATHS):
        page = visit(f"{live.url}/{path}", look)
        assert axe_violations(page) == [], path
        assert small_texts(page, TEXT_PX[look.mode]) == [], path
        assert small_targets(page, TARGET_PX[look.mode]) == [], path
        keep(page, f"{path.replace('/', '-') or 'cities'}{look.language}-{look.mode}")


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.language}-{look.mode}")
def test_the_journey_in_every_look(live: Live, town: Office, visit: Visit, look: Look) -> None:
    """The question with an error, the check page, the confirmation: axe, sizes, focus, title."""
    someone = settle_in(town, bank_id="B1")
    page = visit(f"{live.url}/R1/lost/", look)
    page.fill("#id_id_number", "11000019850310123")
    page.click("main button[type=submit]")
    assert page.title().startswith(("错误", "錯誤", "Error"))
    assert "error-summary" in (page.evaluate("document.activeElement.className") or "")
    assert axe_violations(page) == []
    keep(page, f"error-{look.language}-{look.mode}")
    fill(page, someone)
    page.click("main button[type=submit]")
    for name in ("check", "confirmed"):
        assert axe_violations(page) == [], name
        assert small_texts(page, TEXT_PX[look.mode]) == [], name
        assert small_targets(page, TARGET_PX[look.mode]) == [], name
        keep(page, f"{name}-{look.language}-{look.mode}")
        if name == "check":
            page.click("main button[type=submit]")


@pytest.mark.parametrize("mode", ["standard", "elder"])
def test_narrow_screens(live: Live, visit: Visit, mode: str) -> None:
    """320 px without sideways scrolling."""
    for path in (*PATHS, *MORE_PATHS):
        page = visit(f"{live.url}/{path}", Look(mode=mode, width=320, height=700))
        assert sideways_px(page) == 0, path


def test_a_wrong_name_learns_nothing(live: Live, town: Office, visit: Visit) -> None:
    """T13: refused with a sentence, the draft is kept, nothing is said about the register."""
    someone = settle_in(town)
    page = visit(f"{live.url}/R1/lost/", Look())
    page.fill("#id_name", "另一人")
    page.fill("#id_id_number", someone.number.reveal())
    page.click("main button[type=submit]")
    page.click("main button[type=submit]")
    assert "96102" in page.inner_text(".govuk-error-summary")
    assert someone.number.reveal() not in page.url


def test_the_paper_asks_who_you_are(live: Live, town: Office, visit: Visit) -> None:
    """The receipt as PDF opens for the reporter; a stranger must know the last four."""
    someone = settle_in(town)
    page = visit(f"{live.url}/R1/lost/", Look())
    receipt = report(page, someone)
    mine = page.request.get(f"{live.url}/R1/case/{receipt}/paper/")
    assert mine.headers["content-type"] == "application/pdf"
    stranger = visit(f"{live.url}/R1/case/{receipt}/paper/", Look())
    stranger.fill("#id_last4", "0000")
    stranger.click("main button[type=submit]")
    assert stranger.locator(".govuk-error-summary").count() == 1


def test_the_database_is_away(unplugged: Live, visit: Visit) -> None:
    """Bad days: the loss door says so and never a false yes."""
    page = visit(f"{unplugged.url}/R1/lost/", Look())
    page.fill("#id_name", "王某")
    page.fill("#id_id_number", invented_number(901))
    page.click("main button[type=submit]")
    page.click("main button[type=submit]")
    assert "没有办成" in page.inner_text("main")
    assert page.locator(".mk-panel").count() == 0
