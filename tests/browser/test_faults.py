"""What goes wrong is explained: what, why, what next, in three languages, and never a false yes."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from minka.doors import settings
from tests.browser.conftest import Visit
from tests.browser.look import LANGUAGES, MODES, Look, axe_violations
from tests.browser.server import Live

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Wrong:
    """A request that must be turned away, and the status that says so."""

    status: int
    method: str = "GET"
    path: str = "/style/"
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


WRONGS = {
    "form in GBK": Wrong(
        400,
        "POST",
        content="a=王".encode("gbk"),
        headers={"Content-Type": "application/x-www-form-urlencoded; charset=gbk"},
    ),
    "percent-encoded GBK": Wrong(400, "POST", content=b"name=%CD%F5", headers=FORM),
    "foreign host": Wrong(400, headers={"Host": "evil.example"}),
    "form without token": Wrong(403, "POST", content=b"a=1", headers=FORM),
    "unknown page": Wrong(404, path="/nothing-here/"),
    "unknown style page": Wrong(404, path="/style/nothing/"),
    "options": Wrong(405, "OPTIONS"),
    "10 MB": Wrong(413, "POST", content=b"a" * 10_000_000, headers=FORM),
    "json to a page": Wrong(
        415, "POST", content=b"{}", headers={"Content-Type": "application/json"}
    ),
    "no content type": Wrong(415, "POST", content=b"x", headers={"Content-Type": ""}),
    "xml": Wrong(415, "POST", content=b"<a/>", headers={"Content-Type": "text/xml"}),
}


def _send(live: Live, wrong: Wrong, more: Mapping[str, str]) -> httpx.Response:
    headers = {**wrong.headers, **more}
    return httpx.request(
        wrong.method, live.url + wrong.path, content=wrong.content, headers=headers, timeout=10
    )


@pytest.mark.parametrize("name", WRONGS)
def test_each_fault_has_its_page(unplugged: Live, name: str) -> None:
    """Status, a whole page with the hotline, and another text in each language."""
    wrong = WRONGS[name]
    texts = set()
    for language in LANGUAGES:
        answer = _send(unplugged, wrong, {"Cookie": f"minka_language={language}"})
        assert answer.status_code == wrong.status
        assert answer.text.count("tel:12333") >= 1
        assert "<h1" in answer.text
        texts.add(answer.text.split("<h1")[1].split("</h1>")[0])
    assert len(texts) == 3


def test_every_method_is_answered_with_a_sentence(unplugged: Live) -> None:
    """No method, known or invented, gets a bare answer or a server fault."""
    for method in ("PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "PROPFIND", "NONSENSE"):
        answer = httpx.request(method, f"{unplugged.url}/style/")
        assert 400 <= answer.status_code < 500, method
        assert "<h1" in answer.text, method


@pytest.mark.parametrize("language", LANGUAGES)
def test_database_away_within_a_second(unplugged: Live, language: str) -> None:
    """503 within a second, the hotline in it, and words that leave no hope of a yes (K8)."""
    cookies = {"minka_session": "a" * 32, "minka_language": language}
    begun = time.monotonic()
    answer = httpx.get(f"{unplugged.url}/staff/account/login/", cookies=cookies, timeout=5)
    assert time.monotonic() - begun < 1
    assert answer.status_code == 503
    assert "tel:12333" in answer.text
    word = {"zh-hans": "请当作没有办成", "zh-hant": "請當作沒有辦成", "en": "treat it as not done"}
    assert word[language] in answer.text
    assert answer.headers["Retry-After"]


def test_programs_get_problem_details(unplugged: Live) -> None:
    """RFC 9457 problem details for programs, with the same sentence."""
    answer = httpx.get(f"{unplugged.url}/api/nothing-here")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == 404
    assert answer.json()["title"]


@pytest.mark.parametrize("mode", MODES)
def test_fault_page_is_accessible(unplugged: Live, visit: Visit, mode: str) -> None:
    """0 axe violations on the page of a fault."""
    assert axe_violations(visit(f"{unplugged.url}/nothing-here/", Look(mode=mode))) == []


def test_policies(unplugged: Live) -> None:
    """Nothing inline, nothing from elsewhere, no frame around us, on pages and faults alike."""
    for path in ("/style/", "/nothing-here/", "/static/web/emblem.svg"):
        headers = httpx.get(unplugged.url + path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in policy


def test_choosing_does_not_lead_away(unplugged: Live) -> None:
    """A choice of language redirects to this host only, whatever the path looks like."""
    for path in ("//evil.example/?lang=en", "/\\evil.example/?lang=en"):
        answer = httpx.get(unplugged.url + path)
        location = answer.headers.get("Location", "/")
        assert location.startswith("/")
        assert not location.startswith(("//", "/\\"))


def test_choices_are_lax_cookies(unplugged: Live) -> None:
    """The chosen language is kept for a year, for this site only; an unknown one is ignored."""
    answer = httpx.get(f"{unplugged.url}/style/?lang=en&x=1")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/style/?x=1"
    cookie = answer.headers["Set-Cookie"]
    assert "minka_language=en" in cookie
    assert "SameSite=Lax" in cookie
    assert httpx.get(f"{unplugged.url}/style/?lang=xx").status_code == 200


def test_secret_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    """The signing key is made once, whole, with mode 0600."""
    given = settings.Settings(home=tmp_path / "new")
    key = given.secret_key()
    path = tmp_path / "new" / "secret_key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [given.secret_key(), path.read_text()] == [key, key]
    assert len(key) >= 64
    assert list(path.parent.iterdir()) == [path]
