"""Staff log in with a password and a second factor; nobody gets by without a role."""

from __future__ import annotations

import os
import subprocess
import sys

import httpx
import pytest

from tests.browser.conftest import Visit
from tests.browser.look import LANGUAGES, MODES, TARGET_PX, Look, axe_violations, small_targets
from tests.browser.server import Live

MAKE_CLERK = """
import django; django.setup()
from django.contrib.auth.models import User
User.objects.create_user("0312", password="correct horse 1")
"""


@pytest.fixture(scope="module")
def clerk(database_url: str) -> str:
    """The log-in name of a member of staff without a second factor."""
    environment = {
        **os.environ,
        "MINKA_DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "minka.doors.web.settings",
    }
    subprocess.run([sys.executable, "-c", MAKE_CLERK], check=True, env=environment)
    return "0312"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("mode", MODES)
def test_login_page(live: Live, visit: Visit, language: str, mode: str) -> None:
    """0 axe violations, targets large enough, in 3 languages and 3 modes."""
    page = visit(f"{live.url}/staff/account/login/", Look(language=language, mode=mode))
    assert axe_violations(page) == []
    assert small_targets(page, TARGET_PX["staff"]) == []


def test_wrong_password_is_explained(live: Live, visit: Visit, clerk: str) -> None:
    """Wrong name and wrong password get the same sentence, and the summary has the focus."""
    sentences = set()
    for name in (clerk, "9999"):
        page = visit(f"{live.url}/staff/account/login/", Look())
        page.locator("input[name=login]").fill(name)
        page.locator("input[name=password]").fill("wrong")
        page.locator("main form button").first.click()
        page.wait_for_load_state()
        assert page.title().startswith("错误：")
        sentences.add(page.locator(".govuk-error-summary").inner_text())
    assert len(sentences) == 1


def test_second_factor_is_made_with_a_qr_code(live: Live, visit: Visit, clerk: str) -> None:
    """After the password the second factor can be set up, its picture passes the policy."""
    page = visit(f"{live.url}/staff/account/login/?next=/staff/account/2fa/totp/activate/", Look())
    page.locator("input[name=login]").fill(clerk)
    page.locator("input[name=password]").fill("correct horse 1")
    page.locator("main form button").first.click()
    page.wait_for_load_state()
    assert "/2fa/totp/activate/" in page.url
    assert page.locator("img.mk-qr").evaluate("image => image.naturalWidth") > 0
    assert axe_violations(page) == []


def test_nobody_makes_his_own_account(live: Live) -> None:
    """There is no self-registration."""
    answer = httpx.get(f"{live.url}/staff/account/signup/")
    assert answer.status_code in (200, 403, 404)
    assert 'name="password1"' not in answer.text
