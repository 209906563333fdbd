"""Hotline and counter in a browser: axe, sizes, keyboard, effort, parts in place, no JavaScript."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.conf import settings
from playwright.sync_api import Page

from minka.cards.card import Standing
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
    fonts,
    sideways_px,
    small_targets,
    small_texts,
)
from tests.browser.server import Live
from tests.desk.town import Resident
from tests.staff import conftest as on_the_register
from tests.staff.desk import Hall, session_of

desk_office, hall = on_the_register.desk_office, on_the_register.hall
LOOKS = [Look(language=one, mode=other) for one, other in itertools.product(LANGUAGES, MODES)]


@pytest.fixture(scope="module")
def live_environment(
    desk_office: Office, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """The server seals and signs with the same secrets as the tests do."""
    home = tmp_path_factory.mktemp("signed")
    (home / "secret_key").write_text(str(settings.SECRET_KEY), "ascii")
    return {"MINKA_FIELD_SECRET": "5a" * 32, "MINKA_HOME": str(home)}


@dataclass(slots=True)
class Hand:
    """A hand at a page: it counts every click and every key that is not typed text."""

    page: Page
    presses: int = 0

    def click(self, selector: str) -> None:
        """One click."""
        self.page.locator(selector).first.click()
        self.presses += 1

    def key(self, name: str) -> None:
        """One key."""
        self.page.keyboard.press(name)
        self.presses += 1


Sit = Callable[[str, str, Look], Page]


@pytest.fixture
def sit(live: Live, hall: Hall, visit: Visit) -> Sit:
    """Sit down at a desk, logged in with two factors: ``sit(login, path, look)``."""

    def down(login: str, path: str, look: Look) -> Page:
        page = visit(f"{live.url}/staff/account/login/", look)
        key = session_of(login)
        page.context.add_cookies([{"name": "minka_session", "value": key, "url": live.url}])
        page.goto(f"{live.url}/staff/{path}")
        return page

    return down


def sound(page: Page) -> list[str]:
    """Everything that is wrong with a page as it stands."""
    wrong = axe_violations(page)
    wrong += small_texts(page, TEXT_PX["staff"]) + small_targets(page, TARGET_PX["staff"])
    return wrong + ([f"sideways {sideways_px(page)}"] if sideways_px(page) else [])


def told(page: Page, someone: Resident, name: str = "") -> None:
    """Type what a caller states."""
    page.fill("#id_id_number", someone.number.reveal())
    page.fill("#id_name", name or someone.name.reveal())


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.language}-{look.mode}")
def test_the_hotline_in_every_look(hall: Hall, sit: Sit, look: Look) -> None:
    """0 axe violations, texts >= 15 px, targets >= 24 px, at every step of a call."""
    someone = hall.resident()
    page = sit(hall.staff("hotline_agent"), "hotline/", look)
    assert sound(page) == []
    told(page, someone, "另一人")
    page.keyboard.press("Enter")
    page.wait_for_selector(".sk-mark--bad")
    assert sound(page) == []
    told(page, someone)
    page.keyboard.press("Enter")
    page.wait_for_selector(".sk-then")
    assert sound(page) == []
    page.keyboard.press("Alt+l")
    page.wait_for_selector(".sk-receipt")
    page.locator("form[action*=withdraw] button").click()
    page.wait_for_selector(".sk-route")
    assert sound(page) == []
    page.goto(page.url.replace("hotline", "confirm").split("confirm")[0] + "confirm/")
    assert sound(page) == []


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.language}-{look.mode}")
def test_the_counter_in_every_look(hall: Hall, sit: Sit, look: Look) -> None:
    """0 axe violations and the sizes of staff pages at every step of a formal loss."""
    someone = hall.resident()
    page = sit(clerk_of(hall), "counter/", look)
    assert sound(page) == []
    opened(page, someone)
    assert sound(page) == []
    page.keyboard.press("Alt+k")
    page.wait_for_selector(".sk-act")
    page.locator(".sk-tabs a").nth(1).click()
    page.wait_for_selector("#id_agent_name")
    page.keyboard.press("Alt+l")
    page.wait_for_selector(".govuk-error-summary")
    assert sound(page) == []
    page.locator(".sk-tabs a").first.click()
    page.wait_for_selector(".sk-act")
    for box in page.locator(".sk-act .govuk-checkboxes__input").all():
        box.check()
    page.keyboard.press("Alt+l")
    page.wait_for_selector(".sk-receipt")
    assert sound(page) == []


def clerk_of(hall: Hall) -> str:
    """A clerk at the service point of R1."""
    return hall.staff("counter_clerk", place_id="R1-SERVICEPOINT-1")


def opened(page: Page, someone: Resident) -> None:
    """Read the visitor's card."""
    page.fill("#id_n-id_number", someone.number.reveal())
    page.keyboard.press("Enter")
    page.wait_for_selector(".sk-acts")


@pytest.mark.parametrize("width", [1280, 1024])
def test_nothing_scrolls_sideways(hall: Hall, sit: Sit, width: int) -> None:
    """Three columns at 1280 and at 1024, in the longest language."""
    look = Look(language="en", width=width)
    page = sit(hall.staff("hotline_agent"), "hotline/", look)
    told(page, hall.resident())
    page.keyboard.press("Enter")
    page.wait_for_selector(".sk-then")
    assert sideways_px(page) == 0
    lefts = page.locator(".sk-console > section").evaluate_all(
        "all => all.map(each => each.getBoundingClientRect().top)"
    )
    assert len(set(lefts)) == 1, "three columns side by side"
    page = sit(clerk_of(hall), "counter/", look)
    opened(page, hall.resident())
    assert sideways_px(page) == 0


def test_a_card_is_stopped_with_two_presses(hall: Hall, sit: Sit) -> None:
    """ux 6: verify and block within 3 presses; the bar and the tags change in place."""
    someone = hall.resident()
    hand = Hand(sit(hall.staff("hotline_agent"), "hotline/", Look()))
    page = hand.page
    assert page.evaluate("document.activeElement.id") == "id_id_number"
    told(page, someone)
    hand.key("Enter")
    page.wait_for_selector(".sk-then")
    before = page.evaluate("performance.getEntriesByType('navigation').length")
    hand.key("Alt+l")
    page.wait_for_selector(".sk-receipt")
    assert hand.presses <= 3
    assert page.evaluate("performance.getEntriesByType('navigation').length") == before
    assert page.locator("#caller .mk-tag--wait").count() == 3, "standing, social and bank tag"
    assert "/staff/hotline/" in page.url
    assert someone.number.reveal() not in page.url
    assert page.evaluate("document.activeElement.className").startswith("sk-receipt")
    view = hall.file(someone).in_hand()
    assert view is not None
    assert view.standing is Standing.PROVISIONAL_LOSS
    page.reload()
    assert page.locator(".sk-receipt__number").inner_text().startswith("G-")


def test_the_button_is_dead_until_the_facts_agree(hall: Hall, sit: Sit) -> None:
    """ux 6: neither a click nor Alt+L stops a card that is not verified."""
    someone = hall.resident()
    page = sit(hall.staff("hotline_agent"), "hotline/", Look())
    told(page, someone, "另一人")
    assert page.locator("[data-key=l]").is_disabled()
    page.keyboard.press("Alt+l")
    page.keyboard.press("Enter")
    page.wait_for_selector(".sk-mark--bad")
    assert page.locator("[data-key=l]").is_disabled()
    assert page.evaluate("document.activeElement.className") == "govuk-error-summary"
    view = hall.file(someone).in_hand()
    assert view is not None
    assert view.standing is Standing.USABLE


def test_a_field_is_shown_in_place(hall: Hall, sit: Sit) -> None:
    """P15: one click, one field; a rare character of the name has a font (E7)."""
    someone = hall.resident(name="王㼆")
    page = sit(hall.staff("hotline_agent"), "hotline/", Look())
    told(page, someone)
    page.keyboard.press("Enter")
    page.wait_for_selector(".sk-then")
    page.locator("#fact-name .sk-reveal").click()
    page.wait_for_selector("#fact-name .sk-fact__value--clear")
    assert page.locator("#fact-name .sk-fact__value").inner_text() == "王㼆"
    drawn = fonts(page, "#fact-name .sk-fact__value")
    assert any("Noto Sans CJK" in name or "HanaMin" in name for name in drawn)


def test_loss_and_replacement_in_six_presses(hall: Hall, sit: Sit) -> None:
    """ux 6: read, open, see the paper, hear the declaration, confirm, print."""
    someone = hall.resident()
    hand = Hand(sit(clerk_of(hall), "counter/", Look()))
    page = hand.page
    page.fill("#id_n-id_number", someone.number.reveal())
    hand.key("Enter")
    page.wait_for_selector(".sk-acts")
    hand.key("Alt+k")
    page.wait_for_selector(".sk-act")
    hand.click("label[for=id_p0]")
    page.wait_for_selector(".sk-paper__items li")
    hand.click("label[for=id_condition]")
    hand.key("Alt+l")
    page.wait_for_selector(".sk-receipt")
    with page.context.expect_page() as opening:
        hand.key("Alt+p")
    assert "/pdf/slip/S-" in opening.value.url
    assert hand.presses <= 6
    view = hall.file(someone).in_hand()
    assert view is not None
    assert view.standing is Standing.FORMAL_LOSS


def test_every_flow_without_javascript(hall: Hall, sit: Sit) -> None:
    """Verify, stop, reveal, and a formal loss with replacement by plain forms."""
    someone, look = hall.resident(), Look(scripts=Scripts.OFF)
    page = sit(hall.staff("hotline_agent"), "hotline/", look)
    told(page, someone)
    page.locator("button[value=check]").click()
    page.wait_for_selector(".sk-then")
    page.locator("#fact-number .sk-reveal").click()
    page.wait_for_load_state()
    assert page.locator(".sk-fact__value").inner_text() == someone.number.reveal()
    page.locator(".govuk-back-link").click()
    page.wait_for_load_state()
    page = sit(hall.staff("hotline_agent"), "hotline/", look)
    told(page, someone)
    page.locator("button[value=check]").click()
    page.locator("button[value=report]").click()
    page.wait_for_selector(".sk-receipt")
    page = sit(clerk_of(hall), "counter/", look)
    page.fill("#id_n-id_number", someone.number.reveal())
    page.locator(".sk-find button").first.click()
    page.get_by_role("link", name="正式挂失并补卡").click()
    page.locator("#id_p0").check()
    page.locator("#id_condition").check()
    page.get_by_role("button", name="确认正式挂失并补卡").click()
    page.wait_for_selector(".sk-receipt")
    assert page.locator(".sk-receipt__number").inner_text().startswith("B-")
