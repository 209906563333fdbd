"""A live server and a Chromium for page tests, and a guard over what pages ask for."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from minka.doors.web import assets
from tests.browser.look import Look, Scripts
from tests.browser.server import Live, serving

CHROMIUM = Path(os.environ.get("MINKA_CHROMIUM", "/usr/bin/chromium"))
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
).split()

PATIENCE_MS = 15_000

Visit = Callable[[str, Look], Page]


def _end(number: int, frame: object) -> None:
    """A run that is told to end still ends the servers and browsers it started."""
    pytest.exit(f"ended by signal {number}", returncode=1)


if threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGTERM, _end)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder as one that drives a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def built() -> None:
    """Sheets, scripts and word lists as the sources stand now."""
    assert assets.main() == 0


@pytest.fixture(scope="module")
def live_environment() -> dict[str, str]:
    """More ``MINKA_…`` variables for the server; a test module may replace this fixture."""
    return {}


@pytest.fixture(scope="module")
def live(
    built: None,
    database_url: str,
    live_environment: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Live]:
    """A server on a fresh migrated database: ``live.url``."""
    environment = {"MINKA_DATABASE_URL": database_url} | live_environment
    with serving(tmp_path_factory.mktemp("live"), environment) as running:
        yield running


@pytest.fixture(scope="session")
def unplugged(built: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server whose database nobody can reach."""
    environment = {"MINKA_DATABASE_URL": "postgresql://minka@127.0.0.1:9/minka"}
    with serving(tmp_path_factory.mktemp("unplugged"), environment) as running:
        yield running


@pytest.fixture(scope="session")
def chromium(pytestconfig: pytest.Config) -> Browser:
    """One browser for the whole process; without it the tests are skipped, but never in CI.

    Rooms that take these fixtures over have fixtures of their own by that, yet a process can drive
    but one browser: it stands here, and ends with the run.
    """
    if not CHROMIUM.exists():
        sentence = f"{CHROMIUM} is missing: install chromium or set MINKA_CHROMIUM"
        if os.environ.get("CI") == "true":
            pytest.fail(sentence)
        pytest.skip(sentence)
    if not _DRIVEN:
        playwright = sync_playwright().start()
        pytestconfig.add_cleanup(playwright.stop)
        _DRIVEN.append(playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS))
        pytestconfig.add_cleanup(_DRIVEN[0].close)
    return _DRIVEN[0]


_DRIVEN: list[Browser] = []


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Visit]:
    """``visit(address, Look(...))`` opens a page; strange hosts and script faults fail the test."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def go(address: str, look: Look) -> Page:
        context = _context(chromium, address, look)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        _guard(page, urlsplit(address).netloc, wrong)
        page.goto(address)
        return page

    yield go
    for context in contexts:
        context.close()
    assert wrong == []


def _context(browser: Browser, address: str, look: Look) -> BrowserContext:
    context = browser.new_context(
        viewport={"width": look.width, "height": look.height},
        java_script_enabled=look.scripts is Scripts.ON,
        locale="zh-CN",
    )
    parts = urlsplit(address)
    origin = f"{parts.scheme}://{parts.netloc}"
    context.add_cookies(
        [
            {"name": "minka_language", "value": look.language, "url": origin},
            {"name": "minka_mode", "value": look.mode, "url": origin},
        ]
    )
    return context


def _guard(page: Page, host: str, wrong: list[str]) -> None:
    """Note every request to another host, every script fault and every broken policy."""

    def asked(url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != host:
            wrong.append(f"asked {url}")

    page.on("request", lambda request: asked(request.url))
    page.on("pageerror", lambda fault: wrong.append(f"script fault: {fault}"))
    page.on(
        "console",
        lambda line: wrong.append(line.text) if "Content Security Policy" in line.text else None,
    )
