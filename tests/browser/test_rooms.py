"""The other staff rooms in a real browser: axe, sizes and languages on every page, and journeys."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visit
from tests.browser.look import LANGUAGES, Look, axe_violations, small_targets, small_texts
from tests.browser.server import Live

TEXT_PX, TARGET_PX = 15.0, 24.0
FURNISH = """
import json
import django; django.setup()
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from minka.bench import staff
from minka.bench.city import laws_now, seed_people, seed_reference
from minka.bench.people import invent
from minka.doors.office import office
laws = [law for law in laws_now(office()) if law.id in ("R1", "R2", "R4", "R5")]
seed_reference(laws)
seed_people(office(), laws)
staff.open_accounts([post for law in laws for post in staff.posts(law)], "a long password 7")
told = {}
for user in User.objects.all():
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    factors = [{"method": "password", "at": 1}, {"method": "mfa", "at": 2}]
    session["account_authentication_methods"] = factors
    session["account_authentication_methods_user"] = str(user.pk)
    session.create()
    told[user.username] = session.session_key
codes = {law.id: law.administrative_code for law in laws}
numbers = {f"{p.region}-{p.serial}": p.number.reveal() for p in invent(codes)}
office().register.close()
print(json.dumps({"keys": told, "numbers": numbers}))
"""
PAGES = {
    "r4-bank": ("bank/", "documents/", "stock/"),
    "r2-employer": ("employer/",),
    "r5-employer": ("employer/",),
    "r5-medical": ("documents/",),
    "r1-factory": ("factory/",),
    "r1-reviewer": ("review/", "office/", "office/rules/"),
    "r1-data": ("office/", "office/calendar/", "office/kiosks/"),
    "r1-auditor": ("audit/",),
}
"""Pages of each post."""

City = tuple[Live, Mapping[str, str], Mapping[str, str]]


@pytest.fixture(scope="module")
def live_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A home whose secrets the seeding shares."""
    return {"MINKA_HOME": str(tmp_path_factory.mktemp("rooms"))}


@pytest.fixture(scope="module")
def city(live: Live, database_url: str, live_environment: dict[str, str]) -> City:
    """The running server with invented people and staff; sessions by log-in, numbers by person."""
    environment = {
        **os.environ,
        **live_environment,
        "MINKA_DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "minka.doors.web.settings",
    }
    command = [sys.executable, "-c", FURNISH]
    done = subprocess.run(command, check=True, env=environment, capture_output=True, text=True)
    told = json.loads(done.stdout.splitlines()[-1])
    return live, told["keys"], told["numbers"]


def at_desk(city: City, visit: Visit, look: Look, login: str) -> Page:
    """A browser in which a member of staff is logged in with both factors."""
    live, keys, _numbers = city
    page = visit(f"{live.url}/staff/account/login/", look)
    page.context.add_cookies([{"name": "minka_session", "value": keys[login], "url": live.url}])
    return page


def faults(page: Page) -> list[str]:
    """Everything measurable that is wrong with a staff page."""
    small = small_texts(page, TEXT_PX) + small_targets(page, TARGET_PX)
    return [f"{page.url}: {each}" for each in axe_violations(page) + small]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("login", PAGES)
def test_every_room(city: City, visit: Visit, login: str, language: str) -> None:
    """0 axe violations, text at least 15 px, targets at least 24 px, in three languages."""
    page = at_desk(city, visit, Look(language=language), login)
    found = []
    for path in PAGES[login]:
        answer = page.goto(f"{city[0].url}/staff/{path}")
        assert answer is not None
        assert answer.status == 200, path
        found += faults(page)
    assert found == []


def test_high_contrast(city: City, visit: Visit) -> None:
    """The rooms in high contrast."""
    found = []
    for login in ("r4-bank", "r1-reviewer"):
        page = at_desk(city, visit, Look(mode="contrast"), login)
        page.goto(f"{city[0].url}/staff/{PAGES[login][0]}")
        found += faults(page)
    assert found == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_loss_at_the_bank(city: City, visit: Visit, language: str) -> None:
    """F2: number, one tick, one press: stopped, with the notice to print; every page measured."""
    page = at_desk(city, visit, Look(language=language), "r4-bank")
    page.goto(f"{city[0].url}/staff/bank/")
    serial = 1 + LANGUAGES.index(language)
    served = [n for key, n in city[2].items() if key.startswith("R4-")]
    page.locator("#id_id_number").fill(served[serial])
    page.locator("form:has(#id_id_number) button").click()
    page.wait_for_url("**/staff/bank/*/")
    found = faults(page)
    page.locator("form:has(input[value=loss]) button").last.click()
    page.wait_for_selector(".govuk-error-summary")
    found += faults(page)
    page.locator("input[name=p0]").first.check()
    page.locator("form:has(input[value=loss]) button").last.click()
    page.wait_for_selector("a[href*='/G-']")
    assert page.locator("a[href*='/D-']").count() == 1
    found += faults(page)
    assert found == []


def test_an_employer_reports(city: City, visit: Visit) -> None:
    """B9: facts, check, receipt; each page measured, the wrong number named at its field."""
    page = at_desk(city, visit, Look(), "r2-employer")
    page.goto(f"{city[0].url}/staff/employer/")
    page.locator("#id_id_number").fill("123")
    page.locator("form:has(#id_id_number) button").click()
    page.wait_for_selector(".govuk-error-summary")
    assert page.title().startswith("错误：")
    found = faults(page)
    page.locator("#id_id_number").fill(city[2]["R2-1"])
    page.locator("#id_name").fill("李望舒")
    page.locator("form:has(#id_id_number) button").click()
    page.wait_for_url("**/employer/check/")
    found += faults(page)
    assert found == []


def test_reference_data_is_readable(city: City, visit: Visit) -> None:
    """K8: the back office of reference data in our colours: 0 axe violations, forms open too."""
    page = at_desk(city, visit, Look(), "r1-data")
    found = []
    for path in ("admin/", "admin/store/place/", "admin/store/kiosk/"):
        page.goto(f"{city[0].url}/staff/{path}")
        found += [f"{path} {each}" for each in axe_violations(page)]
    assert found == []
    page.goto(f"{city[0].url}/staff/admin/store/place/add/")
    assert page.locator("#id_open_from").is_visible()
