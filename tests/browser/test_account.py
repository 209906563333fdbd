"""The account in a browser: axe, sizes, effort, languages, modes, no JavaScript (G3 to G7)."""

from __future__ import annotations

import itertools
import json
import os
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page

from minka.desk.office import Office
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
from tests.staff import conftest as on_the_register

desk_office, hall = on_the_register.desk_office, on_the_register.hall

from minka.bench.places import place_id  # noqa: E402
from minka.doors.web.kiosk.reader import reading_mac  # noqa: E402
from minka.doors.web.kiosk.terminal import setup_code  # noqa: E402
from minka.kit.clock import wall  # noqa: E402
from minka.store.models import Kiosk  # noqa: E402
from tests.account import conftest as with_books  # noqa: E402  # needs Django set up
from tests.account.books import Books, Holder  # noqa: E402
from tests.staff.desk import session_of  # noqa: E402

books = with_books.books
LOOKS = [Look(language=one, mode=other) for one, other in itertools.product(LANGUAGES, MODES)]


@pytest.fixture(scope="module")
def live_environment(
    desk_office: Office, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """The server seals and signs with the same secrets as the tests do."""
    home = tmp_path_factory.mktemp("signed")
    (home / "secret_key").write_text(str(settings.SECRET_KEY), "ascii")
    return {"MINKA_FIELD_SECRET": "5a" * 32, "MINKA_HOME": str(home)}


def measured(page: Page, kind: str, name: str) -> None:
    """0 axe violations, no small text or target; a picture where ``MINKA_PICTURES`` says."""
    folder = os.environ.get("MINKA_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
    assert axe_violations(page) == [], name
    assert small_texts(page, TEXT_PX[kind]) == [], name
    assert small_targets(page, TARGET_PX[kind]) == [], name


def proved(page: Page, office: Office, holder: Holder) -> None:
    """From the first page to the open account."""
    page.fill("#id_name", holder.someone.name.reveal())
    page.fill("#id_id_number", holder.someone.number.reveal())
    page.click("main button[type=submit]")
    page.fill("#id_code", sent(office, holder.someone))
    page.click("main button[type=submit]")
    assert page.url.endswith("/account/view/")


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.language}-{look.mode}")
def test_the_holders_pages_in_every_look(
    live: Live, books: Books, visit: Visit, look: Look
) -> None:
    """G5, G6, G7: account, one transaction, question and check of a paper, measured."""
    holder = books.holder()
    books.refuse(holder.someone)
    tail = f"{look.language}-{look.mode}"
    page = visit(f"{live.url}/R5/account/", look)
    measured(page, look.mode, f"account-ask-{tail}")
    proved(page, books.office, holder)
    measured(page, look.mode, f"account-view-{tail}")
    page.goto(f"{live.url}/R5/account/use/{holder.visit.ref}/?reason=not_me#question")
    assert page.locator("input[value=not_me]").is_checked()
    measured(page, look.mode, f"account-use-{tail}")
    page.click("#question button[type=submit]")
    assert "/R5/question/Q-" in page.url
    measured(page, look.mode, f"account-question-{tail}")


def test_without_javascript_on_a_narrow_screen(live: Live, books: Books, visit: Visit) -> None:
    """G5: two choices to the account, no script, nothing wider than a telephone."""
    holder = books.holder()
    page = visit(f"{live.url}/R5/", Look(scripts=Scripts.OFF, width=360, height=740))
    page.click("a[href='/R5/account/']")
    proved(page, books.office, holder)
    assert sideways_px(page) == 0
    assert "244.50" in page.inner_text("main")
    with page.expect_download() as given:
        page.click("button[value=csv]")
    assert Path(str(given.value.path())).read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_wrong_code_is_said_at_the_field(live: Live, books: Books, visit: Visit) -> None:
    """G5: the error summary leads to the field."""
    holder = books.holder()
    page = visit(f"{live.url}/R5/account/", Look())
    page.fill("#id_name", holder.someone.name.reveal())
    page.fill("#id_id_number", holder.someone.number.reveal())
    page.click("main button[type=submit]")
    page.fill("#id_code", "000000" if sent(books.office, holder.someone) != "000000" else "1")
    page.click("main button[type=submit]")
    assert page.locator(".govuk-error-summary a[href='#id_code']").count() == 1
    measured(page, "standard", "account-code-wrong")


def at_work(page: Page, live: Live, login: str) -> None:
    """Give the page the session of a member of staff."""
    cookie = {"name": "minka_session", "value": session_of(login), "url": live.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_desks(live: Live, books: Books, visit: Visit, language: str) -> None:
    """G4, G6, G7: balance with papers to tick, one transaction, the queue, the evidence."""
    holder = books.holder()
    page = visit(f"{live.url}/R5/", Look(language=language, width=1366))
    at_work(page, live, books.hall.staff("bank_clerk", "R5", bank_id="BOC"))
    page.goto(f"{live.url}/staff/balance/")
    measured(page, "staff", f"desk-find-{language}")
    page.fill("#id_id_number", holder.someone.number.reveal())
    page.click("main button.govuk-button")
    measured(page, "staff", f"desk-show-{language}")
    page.click("main .mk-table td a")
    page.check("input[value=shares]")
    measured(page, "staff", f"desk-use-{language}")
    page.click("main form button.govuk-button")
    page.goto(f"{live.url}/staff/questions/")
    measured(page, "staff", f"desk-queue-{language}")
    page.click("main .mk-table td a")
    measured(page, "staff", f"desk-evidence-{language}")


def tapped(kiosk_id: str, holder: Holder) -> str:
    """What the reader of a terminal says of the holder's ID card."""
    at, someone = int(wall().timestamp()), holder.someone
    told = (at, someone.number.reveal(), someone.name.reveal())
    mac = reading_mac(kiosk_id, *told)
    return json.dumps({"at": told[0], "number": told[1], "name": told[2], "mac": mac})


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_terminal(live: Live, books: Books, visit: Visit, language: str) -> None:
    """G4: the ID card on the reader, the figure in large print, measured."""
    kiosk_id, holder = f"K-{language}", books.holder()
    Kiosk.objects.create(kiosk_id=kiosk_id, place_id=place_id("R5", "boc_savings_office"))
    look = Look(language=language, height=1000)
    page = visit(f"{live.url}/kiosk/setup/", look)
    page.fill("#id_kiosk", kiosk_id)
    page.fill("#id_code", setup_code(kiosk_id))
    page.click("main form button")
    page.wait_for_url("**/kiosk/")
    page.goto(f"{live.url}/kiosk/balance/")
    page.evaluate(TAP, tapped(kiosk_id, holder))
    page.wait_for_selector(".mk-balance__figure")
    assert "244.50" in page.inner_text("main")
    measured(page, "kiosk", f"kiosk-balance-{language}")


TAP = """(told) => {
  document.querySelector("#reader input[name=reader]").value = told;
  document.getElementById("reader").submit();
}"""
