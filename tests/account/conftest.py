"""A hall on a fresh register, and people whose accounts have moved."""

from __future__ import annotations

import pytest

from minka.desk.office import Office
from tests.desk.money_town import found_area
from tests.staff import conftest as on_the_register

desk_office, hall = on_the_register.desk_office, on_the_register.hall

from tests.account.books import Books  # noqa: E402  # needs Django set up by the import above
from tests.staff.desk import Hall  # noqa: E402


@pytest.fixture(scope="module")
def books(desk_office: Office, hall: Hall) -> Books:
    """Accounts that have moved, by the acts and rows of the house."""
    found_area(desk_office)
    return Books(desk_office, hall)
