"""The card beside the file in a browser: counter, terminal and home, measured (I5, L3; axe 0)."""

from __future__ import annotations

import itertools
import json
import os
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page

from minka.bench import chip_city
from minka.bench.places import place_id
from minka.desk.office import Office
from minka.doors.web.kiosk.reader import reading_mac
from minka.doors.web.kiosk.terminal import setup_code
from minka.kit.clock import wall
from minka.store.models import Kiosk
from tests.browser import conftest as in_a_browser
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
from tests.desk.test_prove import sent
from tests.desk.town import Resident
from tests.staff import conftest as on_the_register
from tests.staff.desk import Hall, session_of

pytestmark = pytest.mark.browser
desk_office, hall = on_the_register.desk_office, on_the_register.hall
built, live, chromium = in_a_browser.built, in_a_browser.live, in_a_browser.chromium
visit = in_a_browser.visit

LOOKS = [Look(language=one, mode=other) for one, other in itertools.product(LANGUAGES, MODES)]


@pytest.fixture(scope="module")
def live_environment(
    desk_office: Office, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """The server seals and signs with the same secrets as the tests do."""
    home = tmp_path_factory.mktemp("signed")
    (home / "secret_key").write_text(str(settings.SECRET_KEY), "ascii")
    demo = {"MINKA_DEMO_READERS": "true", "MINKA_HOME": str(home)}
    return {"MINKA_FIELD_SECRET": "5a" * 32, **demo}


@pytest.fixture(scope="module")
def holders(hall: Hall, desk_office: Office, live_environment: dict[str, str]) -> list[Resident]:
    """Residents whose cards lie in the city's virtual readers."""
    made = [hall.resident(born="19660606") for _ in range(len(LOOKS))]
    home = Path(live_environment["MINKA_HOME"])
    assert len(chip_city.make_cards(desk_office, home, most=len(made))) == len(made)
    return made


def measured(page: Page, kind: str, name: str) -> None:
    """0 axe violations, no small text or target; a picture where ``MINKA_PICTURES`` says."""
    folder = os.environ.get("MINKA_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
    assert axe_violations(page) == [], name
    assert small_texts(page, TEXT_PX[kind]) == [], name
    assert small_targets(page, TARGET_PX[kind]) == [], name
    assert sideways_px(page) == 0, name


def at_work(page: Page, live: Live, login: str) -> None:
    """Give the page the session of a member of staff."""
    cookie = {"name": "minka_session", "value": session_of(login), "url": live.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_counter(
    live: Live, hall: Hall, holders: list[Resident], visit: Visit, language: str
) -> None:
    """Reader, both sides, raw bytes one click away, cases: every page measured (I5)."""
    assert holders
    page = visit(f"{live.url}/R1/", Look(language=language, width=1366))
    at_work(page, live, hall.staff("medical_staff"))
    page.goto(f"{live.url}/staff/chip/")
    measured(page, "staff", f"chip-find-{language}")
    page.click("main form:has(.govuk-radios) button.govuk-button >> nth=0")
    page.wait_for_url("**/staff/chip/*/")
    measured(page, "staff", f"chip-show-{language}")
    shown = page.url
    page.goto(f"{shown}record/")
    measured(page, "staff", f"chip-record-{language}")
    page.goto(f"{shown}record/?item=DF03EF06.47")
    measured(page, "staff", f"chip-record-item-{language}")
    page.goto(shown)
    raw = page.locator("main details").first
    assert not raw.locator(".mk-raw").is_visible()
    raw.locator("summary").click()
    assert raw.locator(".mk-raw").is_visible()
    page.goto(f"{live.url}/staff/offline/")
    measured(page, "staff", f"chip-cases-{language}")


def test_without_a_script_by_keyboard(
    live: Live, hall: Hall, holders: list[Resident], visit: Visit
) -> None:
    """No JavaScript: the server's reader does it, and the script's way stays hidden (J2)."""
    assert holders
    page = visit(f"{live.url}/R1/", Look(scripts=Scripts.OFF, width=1366))
    at_work(page, live, hall.staff("counter_clerk", place_id=place_id("R1", "service_point")))
    page.goto(f"{live.url}/staff/chip/")
    assert not page.locator("#own-reader").is_visible()
    page.locator("main .govuk-radios__input").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/staff/chip/*/")
    assert page.locator("main dl").count() > 2


def test_the_local_service_that_is_not_there(
    live: Live, hall: Hall, holders: list[Resident], visit: Visit
) -> None:
    """The script says that the service of this machine does not answer."""
    assert holders
    page = visit(f"{live.url}/R1/", Look(width=1366))
    at_work(page, live, hall.staff("medical_staff"))
    page.goto(f"{live.url}/staff/chip/")
    page.locator("#own-reader-form button").click()
    page.wait_for_function("document.getElementById('own-reader-says').textContent.length > 12")


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.language}-{look.mode}")
def test_the_holder_at_home(
    live: Live, desk_office: Office, holders: list[Resident], visit: Visit, look: Look
) -> None:
    """The last reading for the holder alone, in every look, on a narrow screen too (L3)."""
    someone = holders[LOOKS.index(look)]
    page = visit(f"{live.url}/R1/account/", look)
    page.fill("#id_name", someone.name.reveal())
    page.fill("#id_id_number", someone.number.reveal())
    page.click("main button[type=submit]")
    page.fill("#id_code", sent(desk_office, someone))
    page.click("main button[type=submit]")
    page.click("a[href$='/account/chip/']")
    measured(page, look.mode, f"chip-home-{look.language}-{look.mode}")
    page.set_viewport_size({"width": 320, "height": 700})
    assert sideways_px(page) == 0


TAP = """(told) => {
  document.querySelector("#reader input[name=reader]").value = told;
  document.getElementById("reader").submit();
}"""


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_terminal(live: Live, holders: list[Resident], visit: Visit, language: str) -> None:
    """The ID card opens, the card in the terminal is read and written, in large print (L3, C2)."""
    kiosk_id, someone = f"KC-{language}", holders[LANGUAGES.index(language)]
    Kiosk.objects.create(kiosk_id=kiosk_id, place_id=place_id("R1", "service_point"))
    page = visit(f"{live.url}/kiosk/setup/", Look(language=language, height=1000))
    page.fill("#id_kiosk", kiosk_id)
    page.fill("#id_code", setup_code(kiosk_id))
    page.click("main form button[type=submit], main form:has(#id_code) button")
    page.wait_for_url("**/kiosk/")
    page.goto(f"{live.url}/kiosk/chip/")
    at = int(wall().timestamp())
    told = (at, someone.number.reveal(), someone.name.reveal())
    mac = reading_mac(kiosk_id, *told)
    card = {"at": told[0], "number": told[1], "name": told[2], "mac": mac}
    page.evaluate(TAP, json.dumps(card))
    page.wait_for_selector("main dl")
    assert page.locator("[role=status]").first.inner_text()
    measured(page, "kiosk", f"chip-kiosk-{language}")
