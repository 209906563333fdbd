"""A real Chromium: a named page reads the card, any other page reads nothing (J2, T12)."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.reader.serving import Running, serving
from tests.reader.world import WHICH, Counter

CHROMIUM = Path(os.environ.get("MINKA_CHROMIUM", "/usr/bin/chromium"))
FLAGS = (
    "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
).split()
REBOUND = "--host-resolver-rules=MAP evil.test 127.0.0.1"
"""A page's own name made to point at this machine."""

ASK = """
([url, text]) => new Promise((done) => {
  const socket = new WebSocket(url);
  socket.onopen = () => socket.send(text);
  socket.onmessage = (event) => { done(event.data); socket.close(); };
  socket.onerror = () => done("refused");
})
"""
FETCH = "(url) => fetch(url).then((answer) => answer.text(), () => 'refused')"
POST = """
([url, headers]) => fetch(url, {method: "POST", body: "33\\n", headers})
  .then((answer) => answer.text(), () => "refused")
"""
SCRIPT = """
(url) => new Promise((done) => {
  const script = document.createElement("script");
  script.src = url;
  script.onload = () => done("loaded");
  script.onerror = () => done("refused");
  document.head.append(script);
})
"""


class Blank(BaseHTTPRequestHandler):
    """An empty page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>HIS</title>")

    def log_message(self, *_: Any) -> None:
        """Nothing is printed."""


@contextmanager
def site() -> Iterator[str]:
    """A web site of its own origin."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Blank)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def sites() -> Iterator[tuple[str, str]]:
    """A page that is on the list, and one that is not."""
    with site() as named, site() as strange:
        yield named, strange


@pytest.fixture(scope="module")
def running(sites: tuple[str, str]) -> Iterator[Running]:
    """The service, with the first page on its list."""
    counter = Counter()
    with serving(
        counter.readers, counter.settings, services=counter.services, pages=[sites[0]]
    ) as service:
        yield service


def visit(url: str, *scripts: tuple[str, Any]) -> list[Any]:
    """What scripts answer on a page; the browser has a thread of its own, as others may run."""

    def drive() -> list[Any]:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=CHROMIUM, args=[*FLAGS, REBOUND], headless=True
            )
            page: Page = browser.new_page()
            page.goto(url)
            found = [page.evaluate(script, given) for script, given in scripts]
            browser.close()
            return found

    with ThreadPoolExecutor(1) as hand:
        return hand.submit(drive).result()


def questions(running: Running) -> list[tuple[str, Any]]:
    """A call on every port, as pages would make it."""
    ports = running.ports
    at = partial("http://127.0.0.1:{}/{}".format, ports["http"])
    own, biz, function = (f"ws://127.0.0.1:{ports[n]}" for n in ("own", "bizcode", "function"))
    return [
        (ASK, [own, '{"act":"read","kind":3}']),
        (ASK, [biz, '{"bizcode":"1001","body":{}}']),
        (ASK, [function, '{"func":"iGetCardType","in":["3"]}']),
        (FETCH, at("readCard?iType=3")),
        (POST, [at("driver/iGetCardType"), {}]),
        (POST, [at("driver/iGetCardType"), {"X-Minka-Program": "page"}]),
        (SCRIPT, at("readCard")),
    ]


pytestmark = pytest.mark.browser


def test_a_named_page_reads_the_card(running: Running, sites: tuple[str, str]) -> None:
    """J2: existing pages run unchanged; the library's port stays shut even for them."""
    own, biz, function, http, posted, disguised, script = visit(sites[0], *questions(running))
    assert '"name": "测*"' in own
    assert '"recode": "0"' in biz
    assert '"ret": 0' in function
    assert '"name": "测试甲"' in http
    assert posted == ""  # 403 without a word
    assert (disguised, script) == ("refused", "refused")


def test_a_page_that_is_not_named_reads_nothing(running: Running, sites: tuple[str, str]) -> None:
    """T12: WebSocket, fetch, a simple POST, a preflighted one and a script are all refused."""
    before = running.service.hub.begun
    assert visit(sites[1], *questions(running)) == ["refused"] * 7
    assert running.service.hub.begun == before, "the card was touched"


def test_a_rebound_name_reads_nothing(running: Running, sites: tuple[str, str]) -> None:
    """T12: evil.test points at this machine, so its page is of the service's own origin."""
    url = f"http://evil.test:{running.ports['http']}/readCard"
    (text,) = visit(url, ("() => document.body.innerText", None))
    assert "Host" in text
    assert "测试甲" not in text
    assert WHICH[:32] not in text
