"""Claims and warnings in a browser: axe, sizes, languages, modes, narrow, no script (H5, K8)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.conf import settings
from playwright.sync_api import Page

from minka.desk.lending_watch import follow
from minka.desk.loss import ReportLoss, report_loss
from minka.desk.office import Office
from minka.kit.clock import CHINA
from minka.store.care import begin_coverage
from tests.browser.conftest import Visit
from tests.browser.look import LANGUAGES, Look, Scripts, sideways_px
from tests.browser.server import Live
from tests.browser.test_account import at_work, measured
from tests.desk.test_prove import sent
from tests.desk.town import Resident, request
from tests.staff import conftest as on_the_register

desk_office, hall = on_the_register.desk_office, on_the_register.hall

from tests.claim import ward  # noqa: E402  # needs Django set up by the import above
from tests.staff.desk import Hall  # noqa: E402

LOOKS = [
    *(Look(language=language) for language in LANGUAGES),
    Look(mode="elder"),
    Look(mode="contrast"),
]


@pytest.fixture(scope="module")
def live_environment(
    desk_office: Office, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """The server seals and signs with the same secrets as the tests do."""
    home = tmp_path_factory.mktemp("signed")
    (home / "secret_key").write_text(str(settings.SECRET_KEY), "ascii")
    return {"MINKA_FIELD_SECRET": "5a" * 32, "MINKA_HOME": str(home)}


@pytest.fixture(scope="module", autouse=True)
def _ward(desk_office: Office, database_url: str) -> None:
    ward.build(database_url)


def lost(office: Office, hall: Hall, url: str) -> Resident:
    """A covered resident of R6 with a lost card and a bill he paid himself."""
    found = hall.resident("R6")
    with office.register.act() as connection:
        cover = {"scheme": ward.EMPLOYEES, "psn_type": ward.IN_WORK, "area": ward.AREA}
        begin_coverage(connection, found.person_id, **cover, covered_from=date(2015, 1, 1))
    command = ReportLoss("R6", "hotline", found.number, {"name": found.name})
    assert report_loss(office, request("hotline_agent"), command).accepted
    ward.uploaded(url, found, datetime.now(CHINA), 321_000)
    return found


def proved(page: Page, office: Office, someone: Resident) -> None:
    """Name, number and code, on the way to the claim."""
    page.fill("#id_name", someone.name.reveal())
    page.fill("#id_id_number", someone.number.reveal())
    page.click("main button[type=submit]")
    page.fill("#id_code", sent(office, someone))
    page.click("main button[type=submit]")
    assert page.url.endswith("/reimburse/claim/")


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.language}-{look.mode}")
def test_the_holders_claim_in_every_look(
    live: Live, desk_office: Office, hall: Hall, visit: Visit, look: Look, database_url: str
) -> None:
    """H5: the rule, the filled-in claim, a mistake, the receipt: measured."""
    someone, tail = lost(desk_office, hall, database_url), f"{look.language}-{look.mode}"
    page = visit(f"{live.url}/R6/reimburse/", look)
    measured(page, look.mode, f"claim-rule-{tail}")
    page.click("main a.govuk-button")
    proved(page, desk_office, someone)
    measured(page, look.mode, f"claim-form-{tail}")
    page.click("main form button[type=submit]")
    assert page.locator(".govuk-error-summary a[href='#id_invoice_no']").count() == 1
    measured(page, look.mode, f"claim-wrong-{tail}")
    page.fill("#id_invoice_no", f"B-{tail}")
    page.click("main form button[type=submit]")
    assert "/R6/reimburse/E-" in page.url
    measured(page, look.mode, f"claim-receipt-{tail}")


def test_a_claim_without_javascript_on_a_narrow_screen(
    live: Live, desk_office: Office, hall: Hall, visit: Visit, database_url: str
) -> None:
    """H5: from the home page to the receipt on a telephone."""
    someone = lost(desk_office, hall, database_url)
    page = visit(f"{live.url}/R6/", Look(scripts=Scripts.OFF, width=360, height=740))
    page.click("a[href='/R6/reimburse/']")
    assert sideways_px(page) == 0
    page.click("main a.govuk-button")
    proved(page, desk_office, someone)
    assert sideways_px(page) == 0
    page.fill("#id_invoice_no", "NARROW-1")
    page.click("main form button[type=submit]")
    assert sideways_px(page) == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_desks_of_claims_and_signs(
    live: Live, desk_office: Office, hall: Hall, visit: Visit, language: str, database_url: str
) -> None:
    """H5, K8, T9: queue, review, decision; sign, verdict, suspension: measured."""
    someone = lost(desk_office, hall, database_url)
    invoice = ward.Invoice(f"DESK-{language}", 321_000)
    taken = ward.brought(desk_office, someone, invoice)
    assert taken.accepted, taken
    at = datetime.now(CHINA) - timedelta(seconds=1)
    for nth in range(9):
        ward.settled(database_url, someone, at + timedelta(milliseconds=100 * nth))
    follow(desk_office, behind=timedelta(0), step=timedelta(days=2))
    page = visit(f"{live.url}/R6/", Look(language=language, width=1366))
    at_work(page, live, hall.staff("medical_staff", "R6"))
    page.goto(f"{live.url}/staff/claims/")
    measured(page, "staff", f"desk-claims-{language}")
    page.goto(f"{live.url}/staff/claims/{taken.facts['receipt']}/")
    measured(page, "staff", f"desk-claim-{language}")
    page.check("input[value=resident_id]")
    page.check("input[value=expense_invoice]")
    page.select_option("#id_class_1", "1")
    page.fill("#id_amount_1", "3210.00")
    page.click("form:has(#id_amount_1) button.govuk-button")
    measured(page, "staff", f"desk-claim-reviewed-{language}")
    page.goto(f"{live.url}/staff/lending/")
    measured(page, "staff", f"desk-signs-{language}")
    page.click("main .mk-table td a")
    measured(page, "staff", f"desk-sign-{language}")
    page.check("input[value=confirmed]")
    page.check("input[value=resold]")
    page.click("form:has(input[value=resold]) button.govuk-button")
    assert page.locator("#months").count() == 1
    measured(page, "staff", f"desk-sign-decided-{language}")
