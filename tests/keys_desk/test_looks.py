"""Pages of keys in a browser: axe, sizes, three languages, elder mode, no JavaScript: ux 6, P13."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterator

import pytest
from django.conf import settings
from playwright.sync_api import Error, Page

from minka.desk.office import Office
from minka.devices.vault_open import start_vault
from minka.doors.vault import vault_settings
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
from tests.keys_desk.test_pages import Team, number_of, opened
from tests.staff import conftest as on_the_register
from tests.staff.desk import Clerk, Hall, session_of

desk_office, hall = on_the_register.desk_office, on_the_register.hall
built, live, chromium, visit = (
    in_a_browser.built,
    in_a_browser.live,
    in_a_browser.chromium,
    in_a_browser.visit,
)
pytestmark = pytest.mark.browser
DAILY = {("zh-hans", "elder"), ("en", "standard")}
LOOKS = [
    pytest.param(
        Look(language=one, mode=other),
        id=f"{one}-{other}",
        marks=[] if (one, other) in DAILY else [pytest.mark.nightly],
    )
    for one, other in itertools.product(LANGUAGES, MODES)
]
"""Every look; two of them on every day."""


@pytest.fixture(scope="module")
def live_environment(desk_office: Office) -> Iterator[dict[str, str]]:
    """The server shares the secrets and the vault of this office."""
    found = vault_settings()
    home = found.folder.parent
    (home / "secret_key").write_text(str(settings.SECRET_KEY), "ascii")
    process = start_vault(found)
    yield {"MINKA_FIELD_SECRET": "5a" * 32, "MINKA_HOME": str(home)}
    process.terminate()
    process.wait(timeout=10)


def sit(live: Live, visit: Visit, login: str, path: str, look: Look) -> Page:
    """A page as somebody sees it who is logged in with two factors."""
    page = visit(f"{live.url}/staff/account/login/", look)
    key = session_of(login)
    page.context.add_cookies([{"name": "minka_session", "value": key, "url": live.url}])
    page.goto(f"{live.url}/staff/{path}")
    return page


def sound(page: Page) -> list[str]:
    """Everything that is wrong with a page as it stands."""
    wrong = axe_violations(page)
    wrong += small_texts(page, TEXT_PX["staff"]) + small_targets(page, TARGET_PX["staff"])
    return wrong + ([f"sideways {sideways_px(page)}"] if sideways_px(page) else [])


@pytest.fixture(scope="module")
def scene(live: Live, hall: Hall) -> tuple[Team, str, str]:
    """A key, a waiting proposal, and a ceremony that has begun; the key's and its number."""
    team = Team(hall)
    asked = {"name": "LOOK1", "version": "1", "algorithm": "sm4", "tier": "city", "purpose": "tac"}
    assert team.keeper.post("keys/new/", asked).status == 200
    assert team.signed().has("LOOK1")
    number = opened(team, "LOOKCER")
    custodian = next(iter(team.custodians.values()))
    sent = custodian.post(f"ceremonies/{number}/", {"do": "enter", "part": secrets.token_hex(16)})
    assert sent.has("您的分量已录入")
    team.keeper.post("keys/new/", {**asked, "name": "LOOK2"})
    shown = team.keeper.get("keys/").text
    key_no = shown.split('">LOOK1 v1')[0].rpartition("/staff/keys/")[2].rstrip("/")
    return team, key_no, number


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_in_every_look(
    live: Live, hall: Hall, visit: Visit, scene: tuple[Team, str, str], look: Look
) -> None:
    """0 axe violations, texts >= 15 px, targets >= 24 px, nothing sideways."""
    team, key_no, number = scene
    keeper, guard = hall.staff("key_keeper"), hall.staff("security_administrator")
    for login, path in (
        (guard, "keys/"),
        (keeper, f"keys/{key_no}/"),
        (keeper, "keys/new/"),
        (keeper, "ceremonies/"),
        (guard, f"ceremonies/{number}/"),
        (login_of(team.witness_no), f"ceremonies/{number}/"),
        (login_of(list(team.custodians)[1]), f"ceremonies/{number}/"),
    ):
        page = sit(live, visit, login, path, look)
        assert page.locator("h1").count() == 1, path
        assert sound(page) == [], path


def login_of(staff_number: str) -> str:
    """The log-in behind a staff number."""
    from minka.store.models import Operator

    return str(Operator.objects.get(staff_number=staff_number).user.username)


def test_a_part_is_entered_without_scripts_and_never_shown(
    live: Live, hall: Hall, visit: Visit
) -> None:
    """P13: a password field, no script needed, nothing of it in page, address or storage after."""
    team = Team(hall)
    number = opened(team, "NOSCRIPT")
    who = next(iter(team.custodians))
    part = secrets.token_hex(16)
    look = Look(scripts=Scripts.OFF)
    page = sit(live, visit, login_of(who), f"ceremonies/{number}/", look)
    field = page.locator("input[type=password]")
    assert field.get_attribute("autocomplete") == "off"
    field.fill(part[:-2])
    page.locator("form:has(input[type=password]) button").click()
    assert page.locator(".govuk-error-summary").count() == 1
    assert part[:-2] not in page.content()
    page.locator("input[type=password]").fill(part)
    page.locator("form:has(input[type=password]) button").click()
    assert page.locator("input[type=password]").count() == 0
    assert part not in page.content() + page.url
    with pytest.raises(Error, match="ERR_CACHE_MISS"):
        page.go_back()
    assert number_of(hall, login_of(who)) == who
    assert isinstance(team.keeper, Clerk)
